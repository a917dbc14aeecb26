import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../server/src/base/bytes.ts'
import { fingerprintOf } from '../../../server/src/identity/ids.ts'
import { announcePrekey, readLetter, verifyPrekey, writeLetter } from '../../../server/src/mmp/letter.ts'
import { alice, bob, carol } from '../../support/mesh.ts'

const facts = { from: alice.nodeId, group: 'default', counter: 7, at: 1_750_000_000_000, frame: '{"type":"cmb","x":"\\u00e9 \\" }"}' }
const toBob = fingerprintOf(bob.publicKey)
const bytes = writeLetter(facts, toBob, alice)

describe('a letter', () => {
  it('is read as it was written, byte for byte', () => {
    const letter = readLetter(bytes, toBob)
    expect(letter).toMatchObject(facts)
    expect(Buffer.compare(letter?.publicKey ?? new Uint8Array(), alice.publicKey)).toBe(0)
  })

  it('is for its recipient alone [B12]', () => {
    expect(readLetter(bytes, fingerprintOf(carol.publicKey))).toBeUndefined()
  })

  it.each([
    ['from', bob.nodeId],
    ['group', 'other'],
    ['counter', 8],
    ['at', 1],
    ['payload', '{}'],
    ['publicKey', Buffer.from(bob.publicKey).toString('base64url')],
    ['v', 2],
  ])('with another %s is none', (member, value) => {
    const changed = { ...JSON.parse(Buffer.from(bytes).toString()), [member]: value }
    expect(readLetter(utf8(JSON.stringify(changed)), toBob)).toBeUndefined()
  })

  it('may hold the longest frame that a message makes', () => {
    const long = { ...facts, frame: JSON.stringify({ type: 'cmb', text: '"'.repeat(80_000) }) }
    expect(readLetter(writeLetter(long, toBob, alice), toBob)?.frame).toBe(long.frame)
  })

  test.prop([fc.uint8Array({ maxLength: 200 })])('of any bytes is none', (any) => {
    expect(readLetter(any, toBob)).toBeUndefined()
  })
})

describe('an announced prekey', () => {
  const key = new Uint8Array(32).fill(9)
  const announced = announcePrekey(key, 1_000, alice.nodeId, (message) => alice.sign(message))

  it('counts with the signature of its owner, for this node, key and time', () => {
    expect(verifyPrekey(announced, alice.nodeId, alice.publicKey)).toEqual(Buffer.from(key))
    expect(verifyPrekey(announced, alice.nodeId, bob.publicKey)).toBeUndefined()
    expect(verifyPrekey(announced, bob.nodeId, alice.publicKey)).toBeUndefined()
    expect(verifyPrekey({ ...announced, until: 1_001 }, alice.nodeId, alice.publicKey)).toBeUndefined()
    expect(verifyPrekey({ ...announced, key: Buffer.alloc(32).toString('base64url') }, alice.nodeId, alice.publicKey)).toBeUndefined()
    expect(verifyPrekey({ ...announced, sig: 'x' }, alice.nodeId, alice.publicKey)).toBeUndefined()
  })
})
