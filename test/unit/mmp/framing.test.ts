import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../../server/src/base/bytes.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { encodeFrame, FrameDecoder, type FrameResult } from '../../../server/src/mmp/framing.ts'
import { cpuMs } from '../../support/cpu.ts'

const texts = (results: Iterable<FrameResult>) =>
  [...results].map((result) => (result.kind === 'frame' ? Buffer.from(result.payload).toString() : result.rule))
const frame = (text: string) => encodeFrame(utf8(text))

describe('encodeFrame', () => {
  it('puts four big-endian bytes before the payload', () => {
    expect([...frame('abc')]).toEqual([0, 0, 0, 3, 97, 98, 99])
    expect([...encodeFrame(new Uint8Array(0x012c)).subarray(0, 4)]).toEqual([0, 0, 1, 0x2c])
  })

  it('accepts the largest frame and refuses one byte more, and none', () => {
    expect(encodeFrame(new Uint8Array(LIMITS.frame.maxBytes))).toHaveLength(4 + LIMITS.frame.maxBytes)
    expect(() => encodeFrame(new Uint8Array(LIMITS.frame.maxBytes + 1))).toThrow(expect.objectContaining({ code: 'frame-too-large' }))
    expect(() => encodeFrame(new Uint8Array())).toThrow(expect.objectContaining({ code: 'frame-invalid' }))
  })
})

describe('FrameDecoder', () => {
  it('gives all frames of one chunk, and keeps the rest', () => {
    const decoder = new FrameDecoder()
    const stream = concat(frame('one'), frame('two'), frame('three'))
    expect(texts(decoder.push(stream.subarray(0, -2)))).toEqual(['one', 'two'])
    expect(decoder.buffered).toBe(7)
    expect(texts(decoder.push(stream.subarray(-2)))).toEqual(['three'])
    expect(decoder.buffered).toBe(0)
  })

  it('refuses a length of zero, after the frames before it [B2]', () => {
    const decoder = new FrameDecoder()
    expect(texts(decoder.push(concat(frame('one'), new Uint8Array(4), frame('two'))))).toEqual(['one', 'frame-invalid'])
  })

  it('accepts a frame of the limit and refuses one byte more as soon as the length is there', () => {
    const atLimit = new FrameDecoder(8)
    expect(texts(atLimit.push(frame('12345678')))).toEqual(['12345678'])
    expect(texts(new FrameDecoder(8).push(frame('123456789').subarray(0, 4)))).toEqual(['frame-too-large'])
  })

  it('stays failed: what follows is never read as a new length', () => {
    const decoder = new FrameDecoder()
    expect(texts(decoder.push(new Uint8Array(4)))).toEqual(['frame-invalid'])
    expect(texts(decoder.push(frame('later')))).toEqual(['frame-invalid'])
    expect(decoder.buffered).toBe(0)
  })

  it('applies a limit that was raised on one frame to the next frame of the same chunk', () => {
    const decoder = new FrameDecoder(4)
    const seen: string[] = []
    for (const result of decoder.push(concat(frame('ok'), frame('a long one')))) {
      seen.push(...texts([result]))
      decoder.setMaxBytes(100)
    }
    expect(seen).toEqual(['ok', 'a long one'])
  })

  it('keeps frames that the reader left for later', () => {
    const decoder = new FrameDecoder()
    const [first] = decoder.push(concat(frame('one'), frame('two')))
    expect(texts(first ? [first] : [])).toEqual(['one'])
    expect(texts(decoder.push(new Uint8Array()))).toEqual(['two'])
  })

  it('does not change a payload when later bytes arrive', () => {
    const decoder = new FrameDecoder()
    decoder.push(frame('hello').subarray(0, 3))
    const results = [...decoder.push(concat(frame('hello').subarray(3), frame('x').subarray(0, 2)))]
    for (const byte of concat(frame('x').subarray(2), frame('yyyyyyyyyyyyyyyy'))) [...decoder.push(Uint8Array.of(byte))]
    expect(texts(results)).toEqual(['hello'])
  })

  it('holds no memory for a length that was only announced', () => {
    const decoder = new FrameDecoder()
    expect(texts(decoder.push(Uint8Array.of(0, 15, 255, 255)))).toEqual([])
    expect(decoder.buffered).toBe(4)
  })

  it('reads a mebibyte in 64-byte pieces in time that does not stall others [B3]', () => {
    const stream = encodeFrame(new Uint8Array(1_048_000).fill(7))
    const decoder = new FrameDecoder()
    let frames = 0
    const spent = cpuMs(() => {
      for (let at = 0; at < stream.length; at += 64) frames += [...decoder.push(stream.subarray(at, at + 64))].length
    })
    expect(frames).toBe(1)
    // The promise is 50 ms; a slow machine gets some slack.
    expect(spent).toBeLessThan(500)
  })
})
