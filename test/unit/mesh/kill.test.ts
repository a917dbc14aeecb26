/**
 * The files around groups and trust under kill -9: at any moment the state before a change or the one after it, nothing
 * that was confirmed is gone, and an invite that two sessions of its maker redeem at once lets in as many as it says.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, systemRandom } from '../../../server/src/base/clock.ts'
import { fingerprintOf } from '../../../server/src/identity/ids.ts'
import { signerFromSeed } from '../../../server/src/identity/keys.ts'
import { openUserKey, userKeyOf } from '../../../server/src/identity/user-key.ts'
import { addInvite, membersOf, newGroup } from '../../../server/src/mesh/group-file.ts'
import { groupShelf } from '../../../server/src/mesh/group-shelf.ts'
import { trustFile } from '../../../server/src/mesh/trust-file.ts'
import { parseGroupName } from '../../../server/src/mmp/group.ts'
import { type Bundle, bundle } from '../../support/bundle.ts'

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 6)
const deps = { clock: systemClock, random: systemRandom }
let changer: Bundle
let redeemer: Bundle
let root: string
beforeAll(async () => {
  changer = await bundle(path.join(import.meta.dirname, 'changer.ts'))
  redeemer = await bundle(path.join(import.meta.dirname, 'redeemer.ts'))
})
afterAll(async () => {
  await changer.remove()
  await redeemer.remove()
})
beforeEach(() => {
  root = path.join(mkdtempSync(path.join(tmpdir(), 'sym-kill-')), 'state')
  mkdirSync(root, { mode: 0o700 })
})
afterEach(() => rmSync(path.dirname(root), { recursive: true, force: true, maxRetries: 5 }))

function start(
  file: string,
  args: readonly string[],
): { readonly child: ChildProcess; lines(): readonly string[]; readonly gone: Promise<unknown> } {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return { child, lines: () => said.split('\n').slice(0, -1), gone: once(child, 'close') }
}

/** Kills it some turns of the loop after its first word; the number of the last change that it confirmed. */
async function changeAndKill(what: string, turns: number): Promise<number> {
  const run = start(changer.file, [what, root])
  await once(run.child.stdout ?? run.child, 'data')
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
  run.child.kill('SIGKILL')
  await run.gone
  return Number(run.lines().at(-1))
}

const files = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.json'))

describe('kill -9 while it writes', { timeout: 180_000 }, () => {
  it('trust.json: the last confirmed decision stands, or the one behind it [P6]', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const confirmed = await changeAndKill('trust', round * 3)
      const state = trustFile(path.join(root, 'trust.json'), deps).read()
      const [entry] = state.kind === 'ok' ? Object.values(state.value.keys) : []
      expect([`n-${confirmed}`, `n-${confirmed + 1}`]).toContain(entry?.petname)
      expect(statSync(path.join(root, 'trust.json')).mode & 0o777).toBe(0o600)
    }
  })

  it('the group of an owner and the key of the person: no invite and no key is lost [P6] [B5]', async () => {
    let made = 0
    for (let round = 0; round < ROUNDS; round++) {
      made += await changeAndKill('invites', round * 3)
      const { groups, problems } = groupShelf(path.join(root, 'groups'), deps).read()
      expect(problems).toEqual([])
      expect(groups.length).toBe(1)
      // Each was over at once, so that the number of open ones stays small; they are kept all the same.
      const found = groups[0]?.content.owner?.invites.length ?? 0
      expect([made, made + 1]).toContain(found)
      made = found
      expect(groups[0]?.content.owner?.members[0]?.user).toBe((await openUserKey(root, deps)).fingerprint)
    }
  })

  it('groups that are being joined: whole, or not there [P6]', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const before = groupShelf(path.join(root, 'groups'), deps).read().groups.length
      const taken = await changeAndKill('joining', round)
      const { groups, problems } = groupShelf(path.join(root, 'groups'), deps).read()
      expect(problems).toEqual([])
      expect([before + taken, before + taken + 1]).toContain(groups.length)
      expect(groups.every(({ content }) => content.joining !== undefined)).toBe(true)
      // The shelf shows so many at most.
      rmSync(path.join(root, 'groups'), { recursive: true })
      rmSync(path.join(root, 'theirs'), { recursive: true })
    }
  })

  it('settings.json with the relay of a link: with it or without it, and never half [P6]', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await changeAndKill('settings', round * 3)
      const file = path.join(root, 'settings.json')
      if (!files(root).includes('settings.json')) continue
      const own: unknown = JSON.parse(readFileSync(file, 'utf8'))
      expect([{}, { relay: { url: 'wss://relay.example.com/', fromLink: true } }]).toContainEqual(own)
    }
  })
})

describe('two sessions of one inviter', { timeout: 180_000 }, () => {
  const owner = userKeyOf(Buffer.alloc(32, 1).toString('base64url'))
  const people = [2, 3, 4, 5]
  const keyOf = (person: number): Uint8Array => signerFromSeed(new Uint8Array(32).fill(person)).publicKey

  it('let in as many as the invite says, each with one certificate, whoever of them is killed when [C7] [R93]', async () => {
    const label = parseGroupName('team')
    if (label === undefined) throw new Error('no label')
    for (let round = 0; round < ROUNDS; round++) {
      const uses = (round % 3) + 1
      const made = addInvite(
        newGroup(label, owner, Date.now(), systemRandom),
        { uses, lifeMs: 600_000, relay: undefined },
        owner,
        Date.now(),
        systemRandom,
      )
      const folder = path.join(root, `groups-${round}`)
      await groupShelf(folder, deps).put(made.content, (known) => known)
      const line = (at: number): string[] => people.map((_, index) => String(people[(index + at) % people.length]))
      const run = (at: number) => start(redeemer.file, [folder, made.entry.id, ...line(at), ...line(at)])
      const both = [run(round), run(round + 2)]
      const [victim, other] = round % 2 === 0 ? both : [...both].reverse()
      if (victim === undefined || other === undefined) throw new Error('no process')
      await once(victim.child.stdout ?? victim.child, 'data')
      for (let turn = 0; turn < round * 2; turn++) await new Promise((resolve) => setImmediate(resolve))
      victim.child.kill('SIGKILL')
      await Promise.all([victim.gone, other.gone])
      // It comes back and is asked by everybody again.
      const again = run(round + 1)
      await again.gone

      const [entry] = groupShelf(folder, deps).read().groups
      const redeemed = entry?.content.owner?.invites[0]?.redeemed ?? []
      const given = [...victim.lines(), ...other.lines(), ...again.lines()]
        .map((text) => text.split(' '))
        .filter(([, certificate]) => certificate !== '-')
      expect(redeemed.length).toBe(uses)
      expect(new Set(redeemed.map(({ user }) => user)).size).toBe(uses)
      for (const [person, certificate] of given)
        expect(redeemed).toContainEqual(expect.objectContaining({ user: fingerprintOf(keyOf(Number(person))), certificate }))
      expect(again.lines().filter((text) => !text.endsWith(' -')).length).toBe(uses * 2)
      expect(entry && membersOf(entry.content).length).toBe(uses + 1)
    }
  })
})
