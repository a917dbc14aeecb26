/** A private group whose people share no network: the invite leads over the relay of its maker, and holds no token of it. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasTerminal, type Ran, runCommand } from '../support/cli-run.ts'
import { type RelayProcess, Relays } from '../support/relay.ts'
import type { ServerProcess } from '../support/server.ts'
import { type Home, Sessions } from '../support/sessions.ts'

const CANARY = 'canary-token-of-the-team'
const DEADLINE_MS = 60_000
const relays = new Relays()
const sessions = new Sessions()
let relay: RelayProcess

beforeAll(async () => {
  relay = await relays.start({ tokens: [CANARY] })
})
afterEach(() => sessions.end())
afterAll(() => relays.end())

const said: string[] = []
const run = async (
  home: Home,
  project: string,
  args: readonly string[],
  env: Record<string, string> = {},
  typed?: string[],
): Promise<Ran> => {
  const ran = await runCommand({ ...home, env: { SYM_LISTEN: '127.0.0.1:0', ...env } }, project, args, typed)
  said.push(ran.out, ran.err)
  return ran
}
const meets = (server: ServerProcess) => server.statusUntil(({ peersHere }) => peersHere === 1, 'the other is here', DEADLINE_MS)
const groupFile = ({ root }: Home): string => {
  const [name = ''] = readdirSync(path.join(root, 'groups')).filter((file) => file.endsWith('.json'))
  return path.join(root, 'groups', name)
}
const groupOf = async (server: ServerProcess): Promise<string> => /^Group (\S+)/.exec((await server.call('sym_group_info')).text)?.[1] ?? ''
const isSilent = async (...servers: readonly ServerProcess[]) => {
  for (const server of servers)
    said.push((await server.call('sym_status')).text, JSON.stringify(await server.status()), server.stderr.join('\n'))
  expect(said.join('\n')).not.toContain(CANARY)
}

/** Alice has configured the relay; nobody else knows its token. */
async function scene(url = relay.url) {
  const [alice, bob] = [sessions.home(), sessions.home()]
  const a = await sessions.start(alice, 'api', { env: { SYM_RELAY_URL: url, SYM_RELAY_TOKEN: CANARY } })
  await a.statusUntil(({ relays: [one] }) => one?.state === 'in', 'alice is at the relay', DEADLINE_MS)
  const invited = await run(alice, 'api', ['invite', 'backend-team', '--private', '--yes'])
  if (invited.code !== 0) throw new Error(invited.err)
  return { alice, bob, a, link: invited.out.trim(), value: await groupOf(a) }
}

describe('a private group over a relay', () => {
  it('is joined by the link alone, and found by the relay in the next session too; its token is said to nobody [R93] [R90] [B8]', async () => {
    const { alice, bob, a, link, value } = await scene()
    expect(Buffer.from(link.replace('sym://join#v1.', ''), 'base64url').toString('latin1')).not.toContain(CANARY)
    let b = await sessions.start(bob, 'web')
    const joined = await run(bob, 'web', ['join', link, '--yes'])
    expect(joined).toMatchObject({ code: 0, out: expect.stringContaining(`In group ${value}`) })
    expect(joined.out).toMatch(/Invited by .*\nGood until .*\nReached {8}by the relay 127\.0\.0\.1:\d+, which this node connects to/)
    await Promise.all([meets(a), meets(b)])
    expect((await b.call('sym_send', { focus: 'over the relay of the invite' })).text).toMatch(/received|surfaced/)
    expect((await a.call('sym_inbox')).text).toContain('over the relay of the invite')
    expect((await b.status()).relays).toMatchObject([{ state: 'in', takesMail: true }])

    // The token came with the certificate, under the seal, and lies with it.
    expect(statSync(groupFile(bob)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(groupFile(bob), 'utf8'))).toMatchObject({ relay: { url: `${relay.url}/`, token: CANARY } })
    await isSilent(a, b)

    await b.stop()
    b = await sessions.start(bob, 'web', { env: { SYM_GROUP: value } })
    await Promise.all([meets(a), meets(b)])
    const elsewhere = await sessions.start(bob, 'docs', { env: { SYM_GROUP: 'default' } })
    expect((await elsewhere.status()).relays).toEqual([])

    if (hasTerminal) {
      const removed = await run(alice, 'api', ['remove', (await b.status()).name], {}, ['y'])
      expect(removed.out).toContain('is out of')
      await b.callUntil('sym_status', {}, (text) => /removed you/.test(text), DEADLINE_MS)
    }
    expect((await run(bob, 'web', ['leave', '--relay'])).out).toMatch(/is forgotten/)
    expect(readFileSync(groupFile(bob), 'utf8')).not.toContain(CANARY)
    await isSilent(a, b)
  }, 240_000)

  it('lets in nobody by a link that was used or revoked, over the relay either [R95]', async () => {
    const { alice, bob, link } = await scene()
    await sessions.start(bob, 'web')
    const id = /^([0-9a-f]{16})/m.exec((await run(alice, 'api', ['invites'])).out)?.[1] ?? ''
    expect((await run(alice, 'api', ['revoke', id])).code).toBe(0)
    expect(await run(bob, 'web', ['join', link, '--yes'])).toMatchObject({ code: 1, err: expect.stringContaining('revoked') })
    await isSilent()
  }, 120_000)

  it('says which of the two is in the way: the relay, or that the inviter is not there; and what was kept is tried again [R95]', async () => {
    const own = await relays.start({ tokens: [CANARY] })
    const { bob, a, link } = await scene(own.url)
    await sessions.start(bob, 'web')
    await a.stop()
    const alone = await run(bob, 'web', ['join', link, '--yes'])
    expect(alone).toMatchObject({ code: 1, err: expect.stringMatching(/not in yet: .* at the relay of the invite/) })
    await own.kill()
    const dead = await run(bob, 'web', ['join', link, '--yes'])
    expect(dead).toMatchObject({ code: 1, err: expect.stringMatching(/not in yet: .*The relay 127\.0\.0\.1:\d+ .*nothing listens there/) })
    await isSilent()
  }, 240_000)

  it('is made without the relay where that is wanted, and for no relay that this node is not at [R93]', async () => {
    const { alice, bob } = await scene()
    const local = await run(alice, 'api', ['invite', 'backend-team', '--private', '--relay', 'none', '--yes'])
    await sessions.start(bob, 'web')
    // Said without asking, so that nothing is waited for.
    const shown = await run(bob, 'web', ['join', local.out.trim()], { CLAUDECODE: '1' })
    expect(shown.out).toMatch(/Reached {8}on this machine and network\n/)
    const other = await run(alice, 'api', ['invite', 'backend-team', '--private', '--relay', 'wss://relay.example.com', '--yes'])
    expect(other).toMatchObject({ code: 1, err: expect.stringContaining('not at that relay') })
  }, 120_000)
})
