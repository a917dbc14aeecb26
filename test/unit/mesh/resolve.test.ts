import { describe, expect, it } from 'vitest'
import { type Fingerprint, fingerprintOf, parseFingerprint, shortFingerprint } from '../../../server/src/identity/ids.ts'
import { resolvePeer } from '../../../server/src/mesh/resolve.ts'
import type { PeerView } from '../../../server/src/mesh/views.ts'
import { alice, bob, carol, fingerprint } from '../../support/mesh.ts'

function peer(changes: Partial<PeerView> = {}): PeerView {
  return {
    name: 'bob',
    fingerprint: fingerprint(bob),
    nodeId: bob.nodeId,
    group: 'default',
    trust: 'member',
    held: undefined,
    isPetname: false,
    isHere: true,
    path: 'lan',
    lastSeen: 0,
    reach: undefined,
    ...changes,
  }
}

/** The key of nobody in particular, with a fingerprint that begins as wanted. */
function like(prefix: string): Fingerprint {
  const made = parseFingerprint(prefix.padEnd(64, '0'))
  if (!made) throw new Error('no fingerprint')
  return made
}

const bobs = peer()
const carols = peer({ name: 'carol', fingerprint: fingerprint(carol), nodeId: carol.nodeId })
const peers = [bobs, carols]

describe('whom `to` means', () => {
  const named: readonly (readonly [string, string, PeerView])[] = [
    ['a node id', bob.nodeId, bobs],
    ['a node id in capitals', bob.nodeId.toUpperCase(), bobs],
    ['a whole fingerprint', fingerprint(carol), carols],
    ['an exact name', 'carol', carols],
    ['a name with blanks around it', '  bob ', bobs],
    ['eight digits of a fingerprint', fingerprint(bob).slice(0, 8), bobs],
    ['sixteen digits in four groups, as lists show them', shortFingerprint(fingerprint(carol)), carols],
    ['digits in capitals', fingerprint(carol).slice(0, 16).toUpperCase(), carols],
  ]
  it.each(named)('is found by %s [R22] [R25]', (_, text, wanted) => {
    expect(resolvePeer(text, peers)).toEqual({ kind: 'one', peer: wanted })
  })

  const unknown = [
    '',
    ' ',
    'bo',
    'Bob',
    'bobby',
    fingerprint(bob).slice(0, 7),
    `${fingerprint(bob).slice(0, 16)}f`.replace(/.f$/, 'zz'),
    fingerprint(alice),
    alice.nodeId,
    'undefined',
    '[object Object]',
    '%',
    '__proto__',
  ]
  it.each(unknown)('is nobody for %j [R24]', (text) => {
    expect(resolvePeer(text, peers)).toEqual({ kind: 'none' })
  })

  it('goes by id before name, and by name before prefix [R22]', () => {
    const named = peer({ name: fingerprint(bob), fingerprint: fingerprint(carol), nodeId: carol.nodeId })
    expect(resolvePeer(fingerprint(bob), [named, bobs])).toEqual({ kind: 'one', peer: bobs })
    const prefix = fingerprint(bob).slice(0, 8)
    const posing = peer({ name: prefix, fingerprint: fingerprint(carol), nodeId: carol.nodeId })
    expect(resolvePeer(prefix, [bobs, posing])).toEqual({ kind: 'one', peer: posing })
  })

  it('is never settled silently between two keys, by name or by prefix [R23]', () => {
    const other = peer({ fingerprint: fingerprint(carol), nodeId: carol.nodeId })
    expect(resolvePeer('bob', [bobs, other])).toEqual({ kind: 'several', peers: [bobs, other] })
    const [one, two] = [peer({ fingerprint: like('12345678aa') }), peer({ fingerprint: like('12345678bb') })]
    expect(resolvePeer('12345678', [one, two])).toEqual({ kind: 'several', peers: [one, two] })
    expect(resolvePeer('12345678a', [one, two])).toEqual({ kind: 'one', peer: one })
  })

  it('is one peer when one key is known in two groups, and the group where it is here comes first', () => {
    const away = peer({ group: 'other', isHere: false, path: undefined })
    expect(resolvePeer('bob', [away, bobs])).toEqual({ kind: 'one', peer: bobs })
    expect(resolvePeer('bob', [bobs, away])).toEqual({ kind: 'one', peer: bobs })
  })

  it('is found while away, so that a message can wait for it [R24]', () => {
    const away = peer({ isHere: false, path: undefined })
    expect(resolvePeer(bob.nodeId, [away])).toEqual({ kind: 'one', peer: away })
  })

  it('does not depend on the order in which peers are known', () => {
    expect(fingerprintOf(bob.publicKey)).toBe(fingerprint(bob))
    for (const text of ['bob', bob.nodeId, fingerprint(bob).slice(0, 12)]) {
      expect(resolvePeer(text, [...peers].reverse())).toEqual(resolvePeer(text, peers))
    }
  })
})
