/** Changes one of the files around groups and trust until it is killed; prints the number of each change once it is made. */
import path from 'node:path'
import { forgetKeptRelay, keepRelay } from '../../../server/src/app/kept-relay.ts'
import { readSettings } from '../../../server/src/app/settings.ts'
import { systemClock, systemRandom } from '../../../server/src/base/clock.ts'
import { parseFingerprint } from '../../../server/src/identity/ids.ts'
import { openUserKey } from '../../../server/src/identity/user-key.ts'
import { groupShelf } from '../../../server/src/mesh/group-shelf.ts'
import { makeInvite, takeInvite } from '../../../server/src/mesh/private-invites.ts'
import { givePetname, trustFile } from '../../../server/src/mesh/trust-file.ts'
import { parseInviteLink } from '../../../server/src/mmp/invite-link.ts'
import { parseRelayUrl } from '../../../server/src/mmp/relay-url.ts'
import { readInvite } from '../../../server/src/secure/invite.ts'

const deps = { clock: systemClock, random: systemRandom }
const [what = '', root = ''] = process.argv.slice(2)
const key = parseFingerprint('ab'.repeat(32))
const relay = parseRelayUrl('wss://relay.example.com')
const alive = setInterval(() => {}, 1_000)

const changes: Record<string, (count: number) => Promise<unknown>> = {
  trust: async (count) => {
    if (key) await trustFile(path.join(root, 'trust.json'), deps).change((content) => givePetname(content, key, `n-${count}`, Date.now()))
  },
  invites: async () => {
    const shelf = groupShelf(path.join(root, 'groups'), deps)
    await makeInvite({ shelf, user: await openUserKey(root, deps), now: Date.now(), random: systemRandom }, 'team', {
      uses: 1,
      lifeMs: 1,
      relay: 'none',
    })
  },
  joining: async (count) => {
    const maker = {
      shelf: groupShelf(path.join(root, 'theirs'), deps),
      user: await openUserKey(root, deps),
      now: Date.now(),
      random: systemRandom,
    }
    const { link } = await makeInvite(maker, `team-${count}`, { uses: 1, lifeMs: 60_000, relay: 'none' })
    const parsed = parseInviteLink(link)
    const verdict = parsed.kind === 'ok' && parsed.link.kind === 'private' ? readInvite(parsed.link.payload, Date.now()) : undefined
    if (verdict?.kind !== 'ok') throw new Error('no invite')
    await takeInvite(groupShelf(path.join(root, 'groups'), deps), verdict.invite, Date.now())
  },
  settings: async (count) => {
    const settings = readSettings({ SYM_STATE_DIR: root, HOME: root }, root)
    if (relay.kind === 'ok' && count % 2 === 0) keepRelay(settings, { url: relay.url, token: undefined })
    else forgetKeptRelay(root)
  },
}
for (let count = 1; count <= 200; count++) {
  await changes[what]?.(count)
  process.stdout.write(`${count}\n`)
}
clearInterval(alive)
