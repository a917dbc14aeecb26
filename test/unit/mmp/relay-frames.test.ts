import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../server/src/base/bytes.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { decodeObject } from '../../../server/src/mmp/json.ts'
import { parseClientFrame, parseServerFrame } from '../../../server/src/mmp/relay-frames.ts'
import { relayGroupOf, relayProofPayload, verifyRelayProof } from '../../../server/src/mmp/relay-proof.ts'
import { alice, bob } from '../../support/mesh.ts'

const nodeId = alice.nodeId
const key = Buffer.from(alice.publicKey).toString('base64url')

describe('a frame to the relay', () => {
  it.each([
    [
      { type: 'relay-auth', nodeId: nodeId.toUpperCase(), name: 'ann', token: 't', wakeChannel: { platform: 'apns' } },
      { type: 'relay-auth', nodeId, name: 'ann', token: 't' },
    ],
    [
      { to: nodeId, payload: { type: 'x' }, more: 1 },
      { type: 'envelope', to: nodeId, payload: { type: 'x' } },
    ],
    [{ payload: {} }, { type: 'envelope', payload: {} }],
    [
      { type: 'relay-taken', ids: ['a'] },
      { type: 'relay-taken', ids: ['a'] },
    ],
    [
      { type: 'relay-rooms', rooms: ['common', 'A'.repeat(22)] },
      { type: 'relay-rooms', rooms: ['common', 'A'.repeat(22)] },
    ],
  ])('%j is read', (wire, frame) => {
    expect(parseClientFrame(wire)).toEqual(frame)
  })

  it.each([
    {},
    { type: 'envelope', payload: {} },
    { type: 'relay-auth', nodeId: 'x', name: 'ann' },
    { type: 'relay-auth', nodeId, name: 'a\nb' },
    { type: 'relay-auth', nodeId, name: 'ann', publicKey: `${key}=` },
    { type: 'relay-auth', nodeId, name: 'ann', proof: 'v2' },
    { type: 'relay-auth', nodeId, name: 'ann', token: 'x'.repeat(1_025) },
    { to: 7, payload: {} },
    { payload: [] },
    { payload: null },
    { type: 'relay-put', id: 'a b', to: '0'.repeat(64), sealed: 'AAAA' },
    { type: 'relay-put', id: 'a', to: nodeId, sealed: 'AAAA' },
    { type: 'relay-put', id: 'a', to: '0'.repeat(64), sealed: 'AA==' },
    { type: 'relay-taken', ids: [] },
    { type: 'relay-taken', ids: Array.from({ length: LIMITS.relay.mailWindow + 1 }, (_, n) => `m${n}`) },
    { type: 'relay-rooms' },
    { type: 'relay-rooms', rooms: ['default'] },
    { type: 'relay-rooms', rooms: Array.from({ length: LIMITS.relayRooms + 1 }, (_, n) => `${n}`.padStart(22, 'A')) },
    { type: 'constructor' },
    { type: 'relay-peers', peers: [] },
  ])('%j is none', (wire) => {
    expect(parseClientFrame(wire)).toBeUndefined()
  })
})

describe('a frame from the relay', () => {
  it('with entries that make no sense keeps the others, up to a whole group', () => {
    const odd = [null, 7, { nodeId: 'x', name: 'y' }, { nodeId, name: 'ann', offline: true, publicKey: key }, { nodeId, name: 7 }]
    const frame = parseServerFrame({ type: 'relay-peers', peers: odd })
    expect(frame).toEqual({ type: 'relay-peers', peers: [{ nodeId, name: 'ann', offline: true, publicKey: expect.anything() }] })
    const many = parseServerFrame({ type: 'relay-peers', peers: Array.from({ length: 400 }, () => ({ nodeId, name: 'ann' })) })
    expect(many?.type === 'relay-peers' && many.peers.length).toBe(LIMITS.relay.perGroup)
  })

  test.prop([
    fc.dictionary(fc.string(), fc.jsonValue()),
    fc.constantFrom('relay-peers', 'relay-mail', 'relay-challenge', 'relay-refused', undefined),
  ])('of any shape is a frame or none, and never a throw', (value, type) => {
    for (const parse of [parseServerFrame, parseClientFrame]) expect(typeof parse({ ...value, type })).toMatch(/object|undefined/)
  })
})

describe('our sealed frame as the payload of an envelope', () => {
  it('may be as long as a frame, and other strings may not', () => {
    const of = (member: string, length: number) =>
      decodeObject(utf8(JSON.stringify({ to: nodeId, payload: { type: 'x', [member]: 'A'.repeat(length) } })))
    expect(of('sealed', 900_000).kind).toBe('ok')
    expect(of('other', 900_000)).toEqual({ kind: 'rejected', rule: 'string-too-long' })
  })
})

describe('a proof', () => {
  const facts = { relayId: 'r1', nonce: new Uint8Array(32).fill(1), group: relayGroupOf('one'), nodeId }
  const signature = alice.sign(relayProofPayload(facts))

  it('holds for this relay, nonce, group, id and key, and for no other [C8]', () => {
    expect(verifyRelayProof(facts, alice.publicKey, signature)).toBe(true)
    const others = [{ relayId: 'r2' }, { nonce: new Uint8Array(32) }, { group: relayGroupOf('two') }, { nodeId: bob.nodeId }]
    for (const other of others) expect(verifyRelayProof({ ...facts, ...other }, alice.publicKey, signature)).toBe(false)
    expect(verifyRelayProof(facts, bob.publicKey, signature)).toBe(false)
  })
})
