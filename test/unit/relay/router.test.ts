import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprintOf, type NodeId } from '../../../server/src/identity/ids.ts'
import { hintOf } from '../../../server/src/mmp/relay-pass.ts'
import { relayGroupOf } from '../../../server/src/mmp/relay-proof.ts'
import { COMMON_ROOM, type RelayRoom, relayRoomOf } from '../../../server/src/mmp/relay-room.ts'
import { DEFAULT_RELAY_LIMITS } from '../../../server/src/relay/limits.ts'
import { LocalRouter } from '../../../server/src/relay/local-router.ts'
import { MemberBook } from '../../../server/src/relay/member-book.ts'
import type { RelayMember } from '../../../server/src/relay/router.ts'
import { RELAY_MIGRATIONS } from '../../../server/src/relay/schema.ts'
import type { NodeKeys } from '../../../server/src/secure/session.ts'
import type { Database } from '../../../server/src/store/database.ts'
import { openDatabase } from '../../../server/src/store/open.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { alice, bob, carol, keysOf } from '../../support/mesh.ts'

const [one, two] = [relayGroupOf('one'), relayGroupOf('two')]
const DAY_MS = 86_400_000
let folder = ''
let db: Database
let clock: FakeClock
let router: LocalRouter

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sym-router-'))
  clock = new FakeClock()
  db = await openDatabase(path.join(folder, 'relay.db'), RELAY_MIGRATIONS)
  router = fresh()
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

function fresh(limits: object = {}): LocalRouter {
  const all = { ...DEFAULT_RELAY_LIMITS, perGroup: 3, knownPerGroup: 2, ...limits }
  return new LocalRouter({ clock, limits: all, book: new MemberBook(db, clock, all) })
}

interface Fake extends RelayMember {
  readonly got: string[]
  readonly ends: string[]
  mails: number
}

const COMMON: ReadonlySet<RelayRoom> = new Set([COMMON_ROOM])

function member({ nodeId, publicKey }: { nodeId: NodeId; publicKey: Uint8Array }, isProven = true, rooms = COMMON): Fake {
  const fake: Fake = {
    nodeId,
    name: 'x',
    facts: `"nodeId":"${nodeId}"`,
    proven: isProven ? { publicKey, fingerprint: fingerprintOf(publicKey) } : undefined,
    isGuest: false,
    rooms,
    since: clock.monotonic(),
    got: [],
    ends: [],
    mails: 0,
    deliver: (frame) => void fake.got.push(frame.subarray(2).toString()),
    onMail: () => void fake.mails++,
    replaced: (by) => void fake.ends.push(by),
    hold: () => () => {},
  }
  return fake
}

const guest = (keys: NodeKeys): Fake => ({ ...member(keys), isGuest: true })
const stock = (keys: NodeKeys): Fake => member(keys, false)

describe('an id', () => {
  it('that a key proved is refused to everybody else, while its owner is away and after a restart [A3] [R108]', async () => {
    const owner = member(alice)
    await router.join(one, owner)
    router.leave(one, owner)
    router = fresh()
    expect(await router.join(one, stock(alice))).toEqual({ kind: 'refused', why: 'id-taken' })
    expect(await router.join(one, member({ ...bob, nodeId: alice.nodeId }))).toEqual({ kind: 'refused', why: 'id-taken' })
    expect((await router.join(one, member(alice))).kind).toBe('joined')
    // In another group it says nothing.
    expect((await router.join(two, stock(alice))).kind).toBe('joined')
  })

  it('goes to whoever proves its key, from one who holds it without', async () => {
    const squatter = stock(alice)
    await router.join(one, squatter)
    expect((await router.join(one, member(alice))).kind).toBe('joined')
    expect(squatter.ends).toEqual(['same-id'])
  })

  it('of two without a key stays with the older for five seconds, then goes to the newer', async () => {
    const old = stock(alice)
    await router.join(one, old)
    clock.advance(4_999)
    expect(await router.join(one, stock(alice))).toEqual({ kind: 'refused', why: 'duplicate' })
    clock.advance(1)
    expect((await router.join(one, stock(alice))).kind).toBe('joined')
    expect(old.ends).toEqual(['same-id'])
  })

  it('is free again when its key has not come for a month, or has come under another id', async () => {
    const owner = member(alice)
    await router.join(one, owner)
    router.leave(one, owner)
    clock.advance(31 * DAY_MS)
    await router.expire()
    expect((await router.join(one, stock(alice))).kind).toBe('joined')
    const moved = member({ ...bob, nodeId: carol.nodeId })
    await router.join(one, member(bob))
    await router.join(one, moved)
    expect(await router.knows(one, fingerprintOf(bob.publicKey))).toBe(true)
    expect(router.others(one, moved).map(({ nodeId }) => nodeId)).toEqual([alice.nodeId])
  })

  it('cannot be washed out of a full book by newcomers', async () => {
    for (const keys of [alice, bob]) {
      const owner = member(keys)
      await router.join(one, owner)
      router.leave(one, owner)
    }
    const late = keysOf('018f47a0-7b21-7abc-8def-0000000000f1', 0x51)
    expect((await router.join(one, member(late))).kind).toBe('joined')
    expect(await router.knows(one, fingerprintOf(late.publicKey))).toBe(false)
    expect(await router.join(one, stock(alice))).toEqual({ kind: 'refused', why: 'id-taken' })
  })
})

describe('a group', () => {
  it('is told who comes and goes; who takes its own place was never gone [R110]', async () => {
    const [a, b] = [member(alice), stock(bob)]
    expect(await router.join(one, a)).toEqual({ kind: 'joined' })
    expect(await router.join(one, b)).toEqual({ kind: 'joined' })
    expect(router.others(one, b)).toEqual([a])
    await router.join(two, member(carol))
    const again = member(alice)
    await router.join(one, again)
    expect(a.ends).toEqual(['same-key'])
    // The old connection closes after it was replaced: that is no leave.
    router.leave(one, a)
    router.leave(one, again)
    expect(a.got).toEqual([`{"type":"relay-peer-joined","nodeId":"${bob.nodeId}"}`])
    const about = `"nodeId":"${alice.nodeId}"`
    expect(b.got).toEqual([`{"type":"relay-peer-joined",${about}}`, `{"type":"relay-peer-left",${about}}`])
  })

  it('takes no more than its limit, and one who comes back is no more', async () => {
    const many = [0x41, 0x42, 0x43].map((seed, n) => keysOf(`018f47a0-7b21-7abc-8def-00000000020${n}`, seed))
    for (const keys of many) await router.join(one, member(keys))
    expect(await router.join(one, member(alice))).toEqual({ kind: 'refused', why: 'group-full' })
    expect((await router.join(one, member(many[0] ?? alice))).kind).toBe('joined')
    expect((await router.join(two, member(alice))).kind).toBe('joined')
  })

  it('gets what is sent to it, or to one; never the sender, never another group [R103]', async () => {
    const [a, b, c, foreign] = [member(alice), stock(bob), member(carol), member(carol)]
    for (const joining of [a, b, c]) await router.join(one, joining)
    await router.join(two, foreign)
    for (const each of [a, b, c, foreign]) each.got.length = 0
    const frame = Buffer.from('..hi')
    expect([
      router.send(one, a, undefined, frame),
      router.send(one, a, bob.nodeId, frame),
      router.send(one, a, alice.nodeId, frame),
    ]).toEqual([2, 1, 0])
    expect(router.send(two, foreign, bob.nodeId, frame)).toBe(0)
    expect([a.got, b.got, c.got, foreign.got]).toEqual([[], ['hi', 'hi'], ['hi'], []])
  })

  it('wakes the member with this key, in this group alone', async () => {
    const [a, other] = [member(alice), member(alice)]
    await router.join(one, a)
    await router.join(two, other)
    router.wake(one, fingerprintOf(alice.publicKey))
    router.wake(one, fingerprintOf(bob.publicKey))
    expect([a.mails, other.mails]).toEqual([1, 0])
  })

  it('leaves nothing behind when the last one goes', async () => {
    const a = stock(alice)
    await router.join(one, a)
    expect(router.groups).toBe(1)
    router.leave(one, a)
    expect(router.groups).toBe(0)
  })
})

describe('rooms of one token', () => {
  const [red, blue] = [relayRoomOf('red'), relayRoomOf('private:00112233445566778899aabbccddeeff')]
  const inRooms = (keys: NodeKeys, ...rooms: RelayRoom[]): Fake => member(keys, true, new Set(rooms))
  const about = (type: 'joined' | 'left', { nodeId }: NodeKeys): string => `{"type":"relay-peer-${type}","nodeId":"${nodeId}"}`

  it('do not hear of each other, and nothing that is said in one reaches the other [R103]', async () => {
    const [a, b, c] = [inRooms(alice, red), inRooms(bob, blue), inRooms(carol)]
    for (const joining of [a, b, c]) await router.join(one, joining)
    const frame = Buffer.from('..hi')
    expect([a, b, c].map((each) => router.others(one, each))).toEqual([[], [], []])
    expect([
      router.send(one, a, undefined, frame),
      router.send(one, a, bob.nodeId, frame),
      router.send(one, b, carol.nodeId, frame),
    ]).toEqual([0, 0, 0])
    for (const leaving of [a, b, c]) router.leave(one, leaving)
    expect([a.got, b.got, c.got]).toEqual([[], [], []])
  })

  it('share who is in both of them, once; who names none is in a room of its own kind', async () => {
    router = fresh({ perGroup: 9 })
    const plain = stock(keysOf('018f47a0-7b21-7abc-8def-0000000000f1', 0x51))
    const [a, b, c] = [inRooms(alice, red, blue), inRooms(bob, blue, red), inRooms(carol, COMMON_ROOM)]
    for (const joining of [plain, a, b, c]) await router.join(one, joining)
    expect(a.got).toEqual([about('joined', bob)])
    expect(plain.got).toEqual([about('joined', carol)])
    expect(router.send(one, b, undefined, Buffer.from('..hi'))).toBe(1)
    expect(router.send(one, c, undefined, Buffer.from('..hi'))).toBe(1)
  })

  it('are changed while a member is here: who loses sight of it hears that it left, who gains it that it came', async () => {
    const [a, b, c] = [inRooms(alice, red), inRooms(bob, red), inRooms(carol, blue)]
    for (const joining of [a, b, c]) await router.join(one, joining)
    a.got.length = 0
    router.move(one, b, new Set([blue]))
    router.move(one, b, new Set([blue]))
    expect([a.got, c.got, b.got]).toEqual([[about('left', bob)], [about('joined', bob)], []])
    expect(router.send(one, b, carol.nodeId, Buffer.from('..hi'))).toBe(1)
    // A connection that was replaced moves nobody.
    const again = inRooms(bob, red)
    await router.join(one, again)
    expect([a.got.at(-1), c.got.at(-1)]).toEqual([about('joined', bob), about('left', bob)])
    router.move(one, b, new Set([blue]))
    expect(c.got.at(-1)).toBe(about('left', bob))
  })
})

describe('a guest', () => {
  it('takes one of few places, owns no id, takes no id of others, and comes in by its key later', async () => {
    router = fresh({ guestsPerGroup: 1 })
    await router.join(one, stock(alice))
    expect(await router.join(one, guest({ ...bob, nodeId: alice.nodeId }))).toEqual({ kind: 'refused', why: 'id-taken' })
    const visitor = guest(bob)
    expect((await router.join(one, visitor)).kind).toBe('joined')
    expect(await router.join(one, guest(carol))).toEqual({ kind: 'refused', why: 'group-full' })
    expect(await router.knows(one, fingerprintOf(bob.publicKey))).toBe(false)
    expect((await router.join(one, member(bob))).kind).toBe('joined')
    expect(visitor.ends).toEqual(['same-key'])
    expect(await router.knows(one, fingerprintOf(bob.publicKey))).toBe(true)
    expect((await router.join(one, guest(carol))).kind).toBe('joined')
  })

  it('finds the group by its hint while somebody is there', async () => {
    const owner = member(alice)
    expect(router.groupOf(hintOf(one))).toBeUndefined()
    await router.join(one, owner)
    expect(router.groupOf(hintOf(one))).toBe(one)
    router.leave(one, owner)
    expect(router.groupOf(hintOf(one))).toBeUndefined()
  })
})
