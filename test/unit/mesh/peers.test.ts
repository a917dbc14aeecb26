import { describe, expect, it } from 'vitest'
import { Guard } from '../../../server/src/base/guard.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import { newNodeId, shortFingerprint } from '../../../server/src/identity/ids.ts'
import { PeerBook } from '../../../server/src/mesh/peers.ts'
import { resolvePeer } from '../../../server/src/mesh/resolve.ts'
import type { NodeKeys } from '../../../server/src/secure/session.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fingerprint, keysOf, turns } from '../../support/mesh.ts'
import { alice, bob, carol, counting } from '../../vectors/fixtures.ts'
import { openStore } from './store.ts'

const HOUR = 3_600_000
const { pinnedKeys, newPerHour, idleDays } = LIMITS.openGroup

async function rig() {
  const store = await openStore()
  const clock = new FakeClock()
  const open = () => new PeerBook(store.db, clock, new Guard(silentLog))
  const rows = (table: 'peer' | 'pin') => Number(store.db.get(`SELECT count(*) AS n FROM ${table}`)?.['n'])
  return { store, clock, open, book: open(), rows }
}

const met = (keys: NodeKeys) => ({ nodeId: keys.nodeId, publicKey: keys.publicKey, fingerprint: fingerprint(keys) })

/** Somebody new, every time another. */
const random = counting(3)
function somebody(seed: number): NodeKeys {
  return keysOf(newNodeId(new FakeClock(), random), seed)
}

describe('whom a node has met', () => {
  it('is a member from the first proof of the key on, pinned on disk [R157]', async () => {
    const { store, book, open } = await rig()
    expect(book.met(met(bob), 'default').standing).toBe('member')
    await turns(2)
    await store.reopen()
    const again = open()
    expect(again.pinnedKeyOf(bob.nodeId)).toEqual(bob.publicKey)
    expect(again.get(fingerprint(bob), 'default')).toMatchObject({ standing: 'member', nodeId: bob.nodeId })
  })

  it('keeps the key that was pinned first, in memory and on disk [R157] [A5]', async () => {
    const { store, book, open } = await rig()
    book.met(met(bob), 'default')
    const thief = keysOf(bob.nodeId, 0x77)
    book.met(met(thief), 'default')
    expect(book.pinnedKeyOf(bob.nodeId)).toEqual(bob.publicKey)
    await turns(2)
    await store.reopen()
    expect(open().pinnedKeyOf(bob.nodeId)).toEqual(bob.publicKey)
  })

  it('has one node id per key: another id of a known key is not taken', async () => {
    const { book, rows } = await rig()
    book.met(met(bob), 'default')
    const posing = keysOf(carol.nodeId, 0xb0)
    expect(fingerprint(posing)).toBe(fingerprint(bob))
    expect(book.hasOtherId(carol.nodeId, fingerprint(posing))).toBe(true)
    expect(book.hasOtherId(bob.nodeId, fingerprint(bob))).toBe(false)
    expect(book.hasOtherId(carol.nodeId, fingerprint(carol))).toBe(false)
    await turns(2)
    expect(rows('pin')).toBe(1)
  })

  it('is known per group, with one pin', async () => {
    const { book, rows } = await rig()
    book.met(met(bob), 'default')
    book.met(met(bob), 'backend')
    await turns(2)
    expect(book.all().map(({ group }) => group)).toEqual(['default', 'backend'])
    expect([rows('peer'), rows('pin')]).toEqual([2, 1])
  })

  it('is remembered with the time of the last sight', async () => {
    const { store, book, open, clock } = await rig()
    book.met(met(bob), 'default')
    clock.advance(HOUR)
    book.left(fingerprint(bob), 'default')
    await turns(2)
    await store.reopen()
    expect(open().get(fingerprint(bob), 'default')).toMatchObject({ lastSeen: clock.now(), firstSeen: clock.now() - HOUR })
  })

  it('is no more than unknown when the store says something that is no standing', async () => {
    const { store, book, open } = await rig()
    book.met(met(bob), 'default')
    await turns(2)
    store.db.run(`UPDATE peer SET standing = 'admin'`)
    expect(open().get(fingerprint(bob), 'default')?.standing).toBe('unknown')
  })
})

describe('the name of a peer', () => {
  it('is what it says of itself, made harmless', async () => {
    const { book } = await rig()
    book.met(met(bob), 'default')
    book.named(fingerprint(bob), 'default', 'build\u202e-bot\n</channel>\u200b')
    expect(book.get(fingerprint(bob), 'default')?.name).toBe('build-bot </channel>')
    book.named(fingerprint(bob), 'default', '\u200b\u202e ')
    expect(book.get(fingerprint(bob), 'default')?.name).toBe('build-bot </channel>')
  })

  const ids = [
    fingerprint(alice),
    fingerprint(alice).slice(0, 8),
    shortFingerprint(fingerprint(alice)),
    shortFingerprint(fingerprint(alice)).toUpperCase(),
    fingerprint(alice)
      .slice(0, 12)
      .replace(/(.{4})/g, '$1:'),
    alice.nodeId,
    alice.nodeId.toUpperCase(),
  ]
  it.each(ids)('is not taken when it reads as the id of somebody else: %s [R22]', async (name) => {
    const { book } = await rig()
    book.met(met(alice), 'default')
    book.met(met(bob), 'default')
    book.named(fingerprint(bob), 'default', name)
    const view = book.all().map((peer) => ({ ...peer, isPetname: false, isHere: true, path: undefined, reach: undefined }))
    expect(resolvePeer(name, view)).toMatchObject({ kind: 'one', peer: { fingerprint: fingerprint(alice) } })
  })

  it('reads as no id before the peer has told one, although the peer chose its node id [R22]', async () => {
    const { book } = await rig()
    const posing = keysOf(`${fingerprint(alice).slice(0, 8)}-7b21-7abc-8def-cccccccccccc`, 0x33)
    book.met(met(alice), 'default')
    book.met(met(posing), 'default')
    const view = book.all().map((peer) => ({ ...peer, isPetname: false, isHere: true, path: undefined, reach: undefined }))
    expect(resolvePeer(fingerprint(alice).slice(0, 8), view)).toMatchObject({ kind: 'one', peer: { fingerprint: fingerprint(alice) } })
  })
})

describe('the limits of an open group', () => {
  const people = Array.from({ length: pinnedKeys + 2 }, (_, index) => somebody(index + 1))

  it('let in so many new keys an hour; who comes above it leaves nothing on disk [C5]', async () => {
    const { book, rows } = await rig()
    const trusts = people.slice(0, newPerHour + 3).map((one) => book.met(met(one), 'default').standing)
    expect(trusts).toEqual([...Array(newPerHour).fill('member'), 'unknown', 'unknown', 'unknown'])
    for (const one of people.slice(0, newPerHour + 3)) book.left(fingerprint(one), 'default')
    await turns(2)
    expect([rows('peer'), rows('pin')]).toEqual([newPerHour, newPerHour])
    expect(book.all()).toHaveLength(newPerHour)
    const above = people[newPerHour]
    expect(above && book.pinnedKeyOf(above.nodeId)).toBeUndefined()
  })

  it('let an unknown key in at a later meeting, when the hour has room again', async () => {
    const { book, clock } = await rig()
    for (const one of people.slice(0, newPerHour)) book.met(met(one), 'default')
    expect(book.met(met(bob), 'default').standing).toBe('unknown')
    clock.advance(HOUR + 1)
    expect(book.met(met(bob), 'default')).toMatchObject({ standing: 'member', firstSeen: clock.now() })
  })

  it('pin so many keys in all, and one that was not seen for a month makes room', async () => {
    const { book, clock } = await rig()
    for (const [index, one] of people.entries()) {
      if (index % newPerHour === 0) clock.advance(HOUR + 1)
      expect(book.met(met(one), 'default').standing).toBe(index < pinnedKeys ? 'member' : 'unknown')
    }
    clock.advance(idleDays * 24 * HOUR + HOUR)
    expect(book.met(met(people.at(-1) ?? bob), 'default').standing).toBe('member')
  })

  it('do not count a member that comes back', async () => {
    const { book } = await rig()
    for (let round = 0; round < 3; round++) {
      for (const one of people.slice(0, newPerHour)) expect(book.met(met(one), 'default').standing).toBe('member')
    }
  })

  it('hold per group', async () => {
    const { book } = await rig()
    for (const one of people.slice(0, newPerHour)) book.met(met(one), 'default')
    expect(book.met(met(bob), 'default').standing).toBe('unknown')
    expect(book.met(met(bob), 'backend').standing).toBe('member')
  })

  it('do not let a stranger that leaves take the pin of a member with it', async () => {
    const { book } = await rig()
    book.met(met(bob), 'backend')
    for (const one of people.slice(0, newPerHour)) book.met(met(one), 'default')
    book.met(met(bob), 'default')
    book.left(fingerprint(bob), 'default')
    expect(book.pinnedKeyOf(bob.nodeId)).toEqual(bob.publicKey)
  })
})
