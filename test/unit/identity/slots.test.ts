import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../../server/src/base/bytes.ts'
import { systemClock, systemRandom } from '../../../server/src/base/clock.ts'
import { nodeFolder } from '../../../server/src/identity/identity.ts'
import { defaultNodeName, openSlot, recordSession, type Slot } from '../../../server/src/identity/slots.ts'
import { removeShortSockets } from './short-sockets.ts'

let root: string
let slots: Slot[]
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slots-'))
  slots = []
})
afterEach(async () => {
  for (const slot of slots) await slot.lock.release()
  rmSync(root, { recursive: true, force: true })
})

const deps = { clock: systemClock, random: systemRandom, hostname: 'box' }

async function open(sessionId?: string, base = 'claude-box-app'): Promise<Slot> {
  const slot = await openSlot(root, base, sessionId === undefined ? deps : { ...deps, sessionId })
  slots.push(slot)
  return slot
}

const sessionsIn = (name: string) => JSON.parse(readFileSync(path.join(root, 'nodes', name, 'slot.json'), 'utf8')).sessionIds

describe('sessions of one project', () => {
  it('are each a peer with its own key, and the second is told who holds the first [R19 R20]', async () => {
    const first = await open('a')
    const second = await open('b')
    const third = await open('c')
    expect([first, second, third].map((slot) => slot.slotName)).toEqual(['claude-box-app', 'claude-box-app-2', 'claude-box-app-3'])
    expect(new Set([first, second, third].map((slot) => slot.identity.fingerprint)).size).toBe(3)
    expect(first).toMatchObject({ isFirstChoice: true })
    expect(first.heldBy).toBeUndefined()
    expect(second).toMatchObject({ isFirstChoice: false, heldBy: process.pid })
    expect(second.identity.name).toBe('claude-box-app-2')
  })

  it('started at one moment all find a slot of their own [R19]', async () => {
    const many = await Promise.all(Array.from({ length: 8 }, (_, n) => open(`s${n}`)))
    expect(new Set(many.map((slot) => slot.slotName)).size).toBe(8)
  })

  it('without a known session id take the first free slot', async () => {
    expect((await open()).slotName).toBe('claude-box-app')
    expect(existsSync(path.join(root, 'nodes', 'claude-box-app', 'slot.json'))).toBe(false)
  })
})

describe('a session that comes back', () => {
  it('takes the slot it had, although an earlier one is free [R21]', async () => {
    const first = await open('a')
    const second = await open('b')
    const { fingerprint } = second.identity
    await first.lock.release()
    await second.lock.release()
    const again = await open('b')
    expect(again).toMatchObject({ slotName: 'claude-box-app-2', isFirstChoice: true })
    expect(again.identity.fingerprint).toBe(fingerprint)
  })

  it('takes the first free slot when another session has its own [R21]', async () => {
    const first = await open('a')
    await first.lock.release()
    await open('b')
    expect(await open('a')).toMatchObject({ slotName: 'claude-box-app-2', isFirstChoice: false, heldBy: process.pid })
    expect(sessionsIn('claude-box-app')).toEqual(['b', 'a'])
    expect(sessionsIn('claude-box-app-2')).toEqual(['a'])
  })

  it('goes to the slot it used last, of several that know it', async () => {
    for (const session of ['a', 'b']) recordSession(ensured('claude-box-app'), session)
    recordSession(ensured('claude-box-app-3'), 'a')
    expect((await open('a')).slotName).toBe('claude-box-app-3')
  })

  it('is remembered among the last eight [R21]', async () => {
    const slot = await open('s0')
    for (let n = 1; n <= 9; n++) recordSession(slot.identity.folder, `s${n}`)
    recordSession(slot.identity.folder, 's5')
    expect(sessionsIn('claude-box-app')).toEqual(['s5', 's9', 's8', 's7', 's6', 's4', 's3', 's2'])
  })

  it('starts also where the memory of slots is damaged', async () => {
    for (const text of ['', '{', 'null', '{"sessionIds":5}']) {
      writeFileSync(path.join(ensured('claude-box-app'), 'slot.json'), text, { mode: 0o600 })
      const slot = await open('a')
      expect(slot.slotName).toBe('claude-box-app')
      await slot.lock.release()
    }
    expect(sessionsIn('claude-box-app')).toEqual(['a'])
  })

  function ensured(name: string): string {
    const folder = nodeFolder(root, name)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  }
})

describe('a slot', () => {
  it('whose identity is damaged stops the start and is not left locked [R17]', async () => {
    const slot = await open('a')
    await slot.lock.release()
    const file = path.join(slot.identity.folder, 'identity.json')
    const whole = readFileSync(file)
    writeFileSync(file, '{')
    await expect(open('a')).rejects.toMatchObject({ code: 'identity-unreadable' })
    writeFileSync(file, whole)
    expect(await open('a')).toMatchObject({ slotName: 'claude-box-app', isFirstChoice: true })
  })

  it('is one of at most 64', { timeout: 60_000 }, async () => {
    for (let n = 0; n < 64; n++) await open()
    await expect(open()).rejects.toMatchObject({ code: 'identity-locked' })
  })

  it('has a name also where the base fills all of its bytes', async () => {
    const base = 'n'.repeat(64)
    expect((await open('a', base)).slotName).toBe(base)
    expect((await open('b', base)).slotName).toBe(`${'n'.repeat(61)}-2`)
    for (const slot of slots) removeShortSockets(slot.identity.folder)
  })

  it('is refused under a name that leads out of the state folder [B7]', async () => {
    await expect(open('a', '../../x')).rejects.toMatchObject({ code: 'name-invalid' })
  })
})

describe('the default name', () => {
  it.each([
    ['laptop.example.com', 'My App', 'claude-laptop-my-app'],
    ['MacBook-Pro.local', 'sym_mesh.channel', 'claude-macbook-pro-sym-mesh-channel'],
    ['', '///', 'claude-host-project'],
    ['büro', '项目', 'claude-büro-项目'],
  ])('of host %j and project %j is %j [R20]', (host, project, expected) => {
    expect(defaultNodeName(host, project)).toBe(expected)
  })

  it('is cut with a hash, so that two long names stay two', () => {
    const [a, b] = [`${'x'.repeat(80)}a`, `${'x'.repeat(80)}b`].map((project) => defaultNodeName('h', project))
    expect(a).toMatch(/^claude-h-x+-[0-9a-f]{8}$/)
    expect(a).not.toBe(b)
  })

  it('is a node name of its own and in every slot, whatever host and project are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (host, project) => {
        const name = defaultNodeName(host, project)
        expect(utf8(name).length).toBeLessThanOrEqual(61)
        expect(path.basename(nodeFolder('/root', name))).toBe(name)
      }),
    )
  })
})
