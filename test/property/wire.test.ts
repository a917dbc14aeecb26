/** Properties of everything that is read from the wire: framing, JSON, addresses, records, handshake and seal. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../server/src/base/bytes.ts'
import { addressOf, parseCmbKey } from '../../server/src/mmp/address.ts'
import { buildCat7, parseCat7 } from '../../server/src/mmp/cat7.ts'
import { FIELD_NAMES } from '../../server/src/mmp/cmb.ts'
import { parseFrame } from '../../server/src/mmp/frames.ts'
import { encodeFrame, FrameDecoder } from '../../server/src/mmp/framing.ts'
import { decodeJson, encodeJson } from '../../server/src/mmp/json.ts'
import { decodeRecord, encodeRecord, mintCmb } from '../../server/src/mmp/record.ts'
import { createClientHandshake, createServerHandshake } from '../../server/src/secure/handshake.ts'
import { createSeal } from '../../server/src/secure/seal.ts'
import { alice, bob, clientOptions, runHandshake, serverOptions, sessions } from '../vectors/fixtures.ts'

const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength })
const text = fc.string({ unit: 'binary', maxLength: 80 })
const field = fc.option(text, { nil: undefined })
const scale = fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: undefined })
const input = fc.record({
  focus: field,
  issue: field,
  intent: field,
  motivation: field,
  commitment: field,
  perspective: field,
  mood: fc.record({ text: field, valence: scale, arousal: scale }),
})
const both = sessions()

/** The payloads that a decoder gives for a stream cut at these places. */
function decode(stream: Uint8Array, cuts: readonly number[]): string[] {
  const decoder = new FrameDecoder(64)
  const places = [...new Set([0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length])].sort((a, b) => a - b)
  const out: string[] = []
  places.forEach((place, at) => {
    for (const result of decoder.push(stream.subarray(place, places[at + 1] ?? place))) {
      out.push(result.kind === 'frame' ? Buffer.from(result.payload).toString('hex') : result.rule)
      if (result.kind === 'failed') break
    }
  })
  return out
}

/** A failure is repeated on each later chunk: once is enough to compare. */
const untilFailure = (results: string[]) => results.slice(0, results.findIndex((result) => result.startsWith('frame-')) + 1 || undefined)

describe('framing', () => {
  const payloads = fc.array(bytes(64, 1), { maxLength: 8 })

  it('gives back what was framed, however the stream is cut', () => {
    fc.assert(
      fc.property(payloads, fc.array(fc.nat(), { maxLength: 20 }), (list, cuts) => {
        const expected = list.map((payload) => Buffer.from(payload).toString('hex'))
        expect(decode(concat(...list.map(encodeFrame)), cuts)).toEqual(expected)
      }),
    )
  })

  it('gives byte by byte what it gives at once, for any bytes', () => {
    const noise = fc.array(
      fc.oneof(
        bytes(12),
        bytes(70, 1).map((payload) => concat(Uint8Array.of(0, 0, 0, payload.length), payload)),
      ),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(noise, (parts) => {
        const stream = concat(...parts)
        const each = Array.from({ length: stream.length }, (_, at) => at)
        expect(untilFailure(decode(stream, each))).toEqual(untilFailure(decode(stream, [])))
      }),
    )
  })

  it('gives for every prefix of a stream a prefix of its frames', () => {
    const stream = concat(...['one', 'two', 'three'].map((word) => encodeFrame(utf8(word))))
    const all = decode(stream, [])
    for (let length = 0; length <= stream.length; length++) {
      const some = decode(stream.subarray(0, length), [])
      expect(some).toEqual(all.slice(0, some.length))
    }
  })
})

describe('JSON', () => {
  const safe = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }).map((value) => encodeJson({ type: 'x', value }))

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(safe, (encoded) => {
        const decoded = decodeJson(encoded)
        // A member named like a prototype is dropped; everything else comes back.
        const isPlain = !/__proto__|constructor|prototype/.test(Buffer.from(encoded).toString())
        if (decoded.kind === 'ok' && isPlain) expect(encodeJson(decoded.value)).toEqual(encoded)
        expect(decoded.kind).toBe('ok')
      }),
    )
  })

  it('never throws, and accepts nothing that JSON.parse refuses', () => {
    const damaged = fc
      .tuple(safe, fc.nat(), fc.nat(255))
      .map(([encoded, at, byte]) => encoded.map((old, index) => (index === at % encoded.length ? byte : old)))
    fc.assert(
      fc.property(fc.oneof(bytes(200), damaged), (any) => {
        const decoded = decodeJson(any)
        if (decoded.kind === 'ok') expect(() => JSON.parse(Buffer.from(any).toString())).not.toThrow()
        if (decoded.kind === 'ok') parseFrame(decoded.value)
      }),
    )
  })
})

describe('addresses', () => {
  it('are equal exactly when the seven texts are, in NFC', () => {
    const close = fc.constantFrom('a', 'b', 'ab', '', 'e\u0301', 'é', '1:a', '\u212b', 'Å', 'neutral')
    const seven = fc.record(Object.fromEntries(FIELD_NAMES.map((name) => [name, close])))
    fc.assert(
      fc.property(seven, seven, (one, other) => {
        const [a, b] = [buildCat7(one), buildCat7(other)]
        const isSame = FIELD_NAMES.every((name) => a[name].text.normalize('NFC') === b[name].text.normalize('NFC'))
        expect(addressOf(a).key === addressOf(b).key).toBe(isSame)
      }),
    )
  })

  it('survive the wire: fields that were built parse to themselves', () => {
    fc.assert(
      fc.property(input, (fields) => {
        const built = buildCat7(fields)
        const decoded = decodeJson(encodeJson({ type: 'x', ...built }))
        expect(decoded.kind === 'ok' && parseCat7(decoded.value)).toEqual({ kind: 'ok', fields: JSON.parse(JSON.stringify(built)) })
      }),
    )
  })
})

describe('records', () => {
  const minted = fc
    .record({
      fields: input,
      to: fc.constantFrom(undefined, bob.nodeId),
      parents: fc.array(
        fc
          .constantFrom('aa', 'bb', 'c0')
          .map((byte) => parseCmbKey(`cmb-${byte.repeat(32)}`))
          .filter((key) => key !== undefined),
        { maxLength: 4 },
      ),
      data: fc.option(bytes(100), { nil: undefined }),
      createdAt: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    })
    .map(({ fields, data, ...rest }) =>
      mintCmb({
        ...rest,
        fields: buildCat7(fields),
        group: 'default',
        application: data && { mediaType: 'text/plain', schema: 'a', bytes: data },
        author: { nodeId: alice.nodeId, name: 'alice' },
        sign: alice.sign,
      }),
    )

  it('come back as they were minted', () => {
    fc.assert(
      fc.property(minted, (cmb) => {
        const decoded = decodeRecord(JSON.parse(JSON.stringify(encodeRecord(cmb))), alice.publicKey)
        const plain = (value: unknown) =>
          JSON.parse(
            JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? [...part] : part?.type === 'Buffer' ? part.data : part)),
          )
        expect(decoded.kind === 'ok' && plain(decoded.cmb)).toEqual(plain(cmb))
      }),
    )
  })

  it('verify for one key and under no other', () => {
    fc.assert(
      fc.property(minted, (cmb) => decodeRecord(encodeRecord(cmb), bob.publicKey).kind === 'rejected'),
      { numRuns: 20 },
    )
  })
})

describe('the handshake', () => {
  const { clientHello, serverStep, clientStep } = runHandshake()
  const serverHello = serverStep.kind === 'continue' ? serverStep.send : new Uint8Array()
  const clientFinish = (clientStep?.kind === 'done' && clientStep.send) || new Uint8Array()

  it.each([
    ['client-hello', 0, clientHello],
    ['server-hello', 1, serverHello],
    ['client-finish', 2, clientFinish],
  ] as const)('fails when any byte of %s is flipped [A7]', (_, place, frame) => {
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const flipped = frame.map((byte, index) => (index === at ? byte ^ mask : byte))
        const run = runHandshake(undefined, undefined, (sent, index) => (index === place ? flipped : sent))
        const isFinished = run.clientStep?.kind === 'done' && run.finishStep?.kind === 'done'
        expect(isFinished).toBe(false)
      }),
      { numRuns: 150 },
    )
  })

  it('never throws and never finishes on frames of any order or content', () => {
    const frames = fc.array(fc.oneof(fc.constantFrom(clientHello, serverHello, clientFinish), bytes(60)), { maxLength: 5 })
    const [otherHello] = [createClientHandshake(clientOptions({ keys: bob })).start()]
    fc.assert(
      fc.property(frames, (list) => {
        const server = createServerHandshake(serverOptions({ random: (length) => new Uint8Array(length).fill(77) }))
        const client = createClientHandshake(clientOptions({ random: (length) => new Uint8Array(length).fill(78) }))
        for (const frame of [...list, otherHello]) {
          expect(server.receive(frame).kind).not.toBe('done')
          expect(client.receive(frame).kind).not.toBe('done')
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('the seal', () => {
  it('opens to what was sealed and never shows it [B19]', () => {
    fc.assert(
      fc.property(fc.array(bytes(300, 12), { minLength: 1, maxLength: 5 }), (list) => {
        const [client, server] = [createSeal(both.client), createSeal(both.server)]
        for (const plaintext of list) {
          const frame = client.seal(plaintext)
          const sealed = Buffer.from(JSON.parse(Buffer.from(frame).toString()).sealed, 'base64url')
          expect(sealed.includes(Buffer.from(plaintext))).toBe(false)
          expect(Buffer.from(frame).includes(Buffer.from(plaintext))).toBe(false)
          const opened = server.open(frame)
          expect(opened.kind === 'ok' && Buffer.compare(opened.plaintext, plaintext)).toBe(0)
        }
      }),
    )
  })

  it('does not open after a flip of any byte [B12]', () => {
    const frame = createSeal(both.client).seal(utf8('{"type":"ping"}'))
    for (let at = 0; at < frame.length; at++) {
      for (const mask of [1, 0x80]) {
        const flipped = frame.map((byte, index) => (index === at ? byte ^ mask : byte))
        expect(createSeal(both.server).open(flipped).kind, `byte ${at}`).toBe('rejected')
      }
    }
  })

  it('opens a prefix of what was sent, for any order in which frames arrive [B12]', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 12 }), (order) => {
        const [client, server] = [createSeal(both.client), createSeal(both.server)]
        const frames = Array.from({ length: 6 }, (_, n) => client.seal(utf8(`${n}`)))
        const opened = order.flatMap((n) => {
          const result = server.open(frames[n] ?? new Uint8Array())
          return result.kind === 'ok' ? [Number(Buffer.from(result.plaintext).toString())] : []
        })
        const inOrder = order.findIndex((n, at) => n !== at)
        expect(opened).toEqual(order.slice(0, inOrder === -1 ? order.length : inOrder))
      }),
    )
  })
})
