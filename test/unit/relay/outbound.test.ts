import { Duplex } from 'node:stream'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as ws from 'ws'
import { Flusher, Outbound, textFrame, wrappedFrame } from '../../../server/src/relay/outbound.ts'

/** A socket that keeps each write, and takes nothing while `isStuck`. */
class Sink extends Duplex {
  readonly writes: Buffer[] = []
  isStuck = false
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk)
    if (!this.isStuck) done()
  }
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk)))
    if (!this.isStuck) done()
  }
}

describe('a text frame', () => {
  // The package exports it without saying so in its types.
  const { Receiver } = ws as unknown as { Receiver: new (options: object) => NodeJS.WritableStream }

  test.prop(
    [
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 120, max: 130 }).map((n) => 'x'.repeat(n)),
        fc.integer({ min: 65_530, max: 65_540 }).map((n) => 'é'.repeat(n / 2)),
      ),
    ],
    { numRuns: 60 },
  )('is read as the same text by the library that clients use', async (text) => {
    const receiver = new Receiver({ isServer: false })
    const read = new Promise((resolve) => receiver.on('message', (data: Buffer) => resolve(data.toString())))
    receiver.write(textFrame(text))
    expect(await read).toBe(text)
    // The same in three parts is the same frame.
    expect(wrappedFrame(`é${text}`, Buffer.from(text), '}').equals(textFrame(`é${text}${text}}`))).toBe(true)
  })
})

describe('what goes out', () => {
  it('in one turn leaves in one write, in order, and nothing follows the end', async () => {
    const [sink, flusher] = [new Sink(), new Flusher()]
    const outbound = new Outbound(sink, flusher)
    for (const text of ['one', 'two', 'three']) outbound.send(textFrame(text))
    expect(sink.writes).toEqual([])
    expect(outbound.buffered).toBe(17)
    await new Promise((resolve) => setImmediate(resolve))
    outbound.send(textFrame('four'))
    outbound.end()
    outbound.send(textFrame('five'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(
      sink.writes.map((bytes) =>
        bytes
          .toString('latin1')
          .replace(/[^a-z]+/g, ' ')
          .trim(),
      ),
    ).toEqual(['one two three', 'four'])
    expect(outbound.buffered).toBe(0)
  })

  it('is counted while the socket does not take it, however large', async () => {
    const [sink, flusher] = [new Sink(), new Flusher()]
    sink.isStuck = true
    const outbound = new Outbound(sink, flusher)
    const frame = textFrame('x'.repeat(50_000))
    for (let n = 0; n < 4; n++) outbound.send(frame)
    await new Promise((resolve) => setImmediate(resolve))
    expect(outbound.buffered).toBe(4 * frame.length)
  })
})
