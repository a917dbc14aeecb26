import { describe, expect, it } from 'vitest'
import { concat, tagged, toBase64Url, utf8 } from '../../../server/src/base/bytes.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { encrypt } from '../../../server/src/secure/aead.ts'
import { createSeal, MAX_SEALED_PLAINTEXT, paddedSize, type Seal } from '../../../server/src/secure/seal.ts'
import { sessions } from '../../vectors/fixtures.ts'

const both = sessions()
const pair = (): [Seal, Seal] => [createSeal(both.client), createSeal(both.server)]
const message = (n: number) => utf8(JSON.stringify({ type: 'ping', n }))
const ruleOf = (seal: Seal, frame: Uint8Array) => {
  const opened = seal.open(frame)
  return opened.kind === 'ok' ? Buffer.from(opened.plaintext).toString() : opened.rule
}
const json = (frame: Uint8Array) => JSON.parse(Buffer.from(frame).toString())

/** A frame with any plaintext, sealed with the real key: what a hostile member could send. */
function sealed(plaintext: Uint8Array, sequence = 0): Uint8Array {
  const aad = tagged('mesh-opaque-v1\n', both.client.sessionId, 'client-to-server', `${sequence}`)
  const bytes = encrypt(both.client.sendKey, sequence, aad, plaintext)
  return utf8(JSON.stringify({ type: 'mesh-opaque-v1-frame', sequence: `${sequence}`, sealed: toBase64Url(bytes) }))
}

describe('a seal', () => {
  it('opens in order what the other end sealed, in both directions', () => {
    const [client, server] = pair()
    for (let n = 0; n < 5; n++) {
      expect(ruleOf(server, client.seal(message(n)))).toBe(`{"type":"ping","n":${n}}`)
      expect(ruleOf(client, server.seal(message(n)))).toBe(`{"type":"ping","n":${n}}`)
    }
  })

  it('shows a type, a sequence and bytes, and nothing else [B19]', () => {
    const [client] = pair()
    client.seal(message(0))
    expect(json(client.seal(message(1)))).toEqual({ type: 'mesh-opaque-v1-frame', sequence: '1', sealed: expect.any(String) })
  })

  it.each([
    [0, 64],
    [60, 64],
    [61, 256],
    [252, 256],
    [253, 1_024],
    [1_020, 1_024],
    [1_021, 4_096],
    [4_092, 4_096],
    [4_093, 8_192],
    [8_188, 8_192],
    [8_189, 12_288],
  ])('pads %d bytes to %d [B19]', (length, padded) => {
    expect(paddedSize(4 + length)).toBe(padded)
    const [client, server] = pair()
    const frame = client.seal(new Uint8Array(length).fill(0x61))
    expect(Buffer.from(json(frame).sealed, 'base64url')).toHaveLength(padded + 16)
    expect(ruleOf(server, frame)).toBe('a'.repeat(length))
  })

  it('takes the largest plaintext within one frame and refuses one byte more', () => {
    const [client, server] = pair()
    const frame = client.seal(new Uint8Array(MAX_SEALED_PLAINTEXT).fill(0x61))
    expect(frame.length).toBeLessThanOrEqual(LIMITS.frame.maxBytes)
    expect(frame.length + 5_462).toBeGreaterThan(LIMITS.frame.maxBytes)
    expect(server.open(frame)).toMatchObject({ kind: 'ok' })
    expect(() => client.seal(new Uint8Array(MAX_SEALED_PLAINTEXT + 1))).toThrow(expect.objectContaining({ code: 'frame-too-large' }))
  })

  it('goes on after a frame that was too large: no sequence is used up', () => {
    const [client, server] = pair()
    expect(() => client.seal(new Uint8Array(MAX_SEALED_PLAINTEXT + 1))).toThrow()
    expect(ruleOf(server, client.seal(message(1)))).toContain('"n":1')
  })

  it('refuses a replay, a gap, a frame of the other direction and one of another session [B12]', () => {
    const frames = (seal: Seal) => [seal.seal(message(0)), seal.seal(message(1))] as const
    const [first, second] = frames(pair()[0])
    const replayed = pair()[1]
    expect([ruleOf(replayed, first), ruleOf(replayed, first)]).toEqual(['{"type":"ping","n":0}', 'bad-sequence'])
    expect(ruleOf(pair()[1], second)).toBe('bad-sequence')
    expect(ruleOf(pair()[0], first)).toBe('bad-seal')
    expect(ruleOf(createSeal({ ...both.server, sessionId: 'ab'.repeat(16) }), first)).toBe('bad-seal')
  })

  it('refuses a sequence that is not spelled as its decimal', () => {
    for (const sequence of [0, '00', '0 ', '+0', '', '-0', '0.0', '١']) {
      const frame = utf8(JSON.stringify({ ...json(pair()[0].seal(message(0))), sequence }))
      expect(['bad-sequence', 'bad-frame'], JSON.stringify(sequence)).toContain(ruleOf(pair()[1], frame))
    }
  })

  it('is closed for good by the first frame that does not open', () => {
    const [client, server] = pair()
    const good = client.seal(message(0))
    expect(ruleOf(server, utf8('{}'))).toBe('bad-frame')
    expect(ruleOf(server, good)).toBe('closed')
  })

  it.each([
    ['null', 'null'],
    ['another type', '{"type":"ping"}'],
    ['no sequence', '{"type":"mesh-opaque-v1-frame","sealed":""}'],
    ['no sealed', '{"type":"mesh-opaque-v1-frame","sequence":"0"}'],
    ['sealed of a wrong type', '{"type":"mesh-opaque-v1-frame","sequence":"0","sealed":[]}'],
    ['sealed that is no base64url', '{"type":"mesh-opaque-v1-frame","sequence":"0","sealed":"a+/="}'],
  ])('refuses %s', (_, text) => {
    expect(ruleOf(pair()[1], utf8(text))).toBe('bad-frame')
  })

  it('refuses sealed bytes that are shorter than a tag', () => {
    for (const length of [0, 1, 15, 16]) {
      const frame = utf8(JSON.stringify({ type: 'mesh-opaque-v1-frame', sequence: '0', sealed: toBase64Url(new Uint8Array(length)) }))
      expect(ruleOf(pair()[1], frame)).toBe('bad-seal')
    }
  })

  it('refuses padding that is not all zeros, too long, too short, or a length that leaves the frame', () => {
    const plaintext = (length: number, size: number) => {
      const bytes = new Uint8Array(size)
      new DataView(bytes.buffer).setUint32(0, length)
      return bytes
    }
    expect(ruleOf(pair()[1], sealed(plaintext(10, 64)))).toBe('\0'.repeat(10))
    const dirty = plaintext(10, 64)
    dirty[63] = 1
    const bad = [
      dirty,
      plaintext(10, 256),
      plaintext(61, 64),
      plaintext(10, 14),
      plaintext(0xffffffff, 64),
      new Uint8Array(3),
      new Uint8Array(),
    ]
    for (const bytes of bad) expect(ruleOf(pair()[1], sealed(bytes)), `${bytes.length}`).toBe('bad-padding')
    expect(ruleOf(pair()[1], sealed(concat(plaintext(4, 64), Uint8Array.of(0))))).toBe('bad-padding')
  })

  it('counts what each direction carried', () => {
    const [client, server] = pair()
    server.open(client.seal(message(0)))
    server.open(client.seal(new Uint8Array(100)))
    expect(client.counters()).toEqual({ framesSent: 2, bytesSent: 64 + 256, framesReceived: 0, bytesReceived: 0 })
    expect(server.counters()).toEqual({ framesSent: 0, bytesSent: 0, framesReceived: 2, bytesReceived: 64 + 256 })
    expect(client.isWornOut).toBe(false)
  })
})
