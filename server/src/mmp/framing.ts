/**
 * Frames on a byte stream (MMP 3.1): a 4-byte big-endian length, then that many bytes. A length of zero or above the
 * limit ends the stream for good: going on would read payload as lengths.
 *
 * Invariant: how the stream was cut into chunks changes neither the frames nor the order of the cost, and memory
 * follows what arrived, never what a length announced.
 */
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'

const PREFIX_BYTES = 4

export type FrameRule = 'frame-invalid' | 'frame-too-large'
export type FrameResult = { readonly kind: 'frame'; readonly payload: Uint8Array } | { readonly kind: 'failed'; readonly rule: FrameRule }

/** The payload with its length before it. */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  if (payload.length === 0) throw new MeshError('frame-invalid', 'a frame cannot be empty')
  if (payload.length > LIMITS.frame.maxBytes) {
    throw new MeshError('frame-too-large', `a frame of ${payload.length} bytes is over the limit of ${LIMITS.frame.maxBytes}`)
  }
  const frame = new Uint8Array(PREFIX_BYTES + payload.length)
  new DataView(frame.buffer).setUint32(0, payload.length)
  frame.set(payload, PREFIX_BYTES)
  return frame
}

/**
 * Turns chunks into payloads. The result of `push` is read lazily: a limit that was raised on one frame holds for the
 * next one, also when both came in one chunk. Payloads may be views of a chunk, so a chunk must not be written to.
 */
export class FrameDecoder {
  #maxBytes: number
  #buffer: Uint8Array = new Uint8Array()
  #start = 0
  #end = 0
  #isOwnBuffer = false
  #failure: FrameRule | undefined

  constructor(maxBytes: number = LIMITS.frame.maxBytes) {
    this.#maxBytes = maxBytes
  }

  /** The largest payload accepted from now on. */
  setMaxBytes(bytes: number): void {
    this.#maxBytes = bytes
  }

  /** Bytes held that are no whole frame yet. */
  get buffered(): number {
    return this.#end - this.#start
  }

  /** The frames that are whole now; a failure comes last and again on every later call. */
  push(chunk: Uint8Array): Iterable<FrameResult> {
    if (this.#failure === undefined) this.#append(chunk)
    return this.#drain()
  }

  *#drain(): Generator<FrameResult, void, undefined> {
    for (let step = this.#next(); step !== undefined; step = this.#next()) {
      yield step
      if (step.kind === 'failed') return
    }
  }

  #next(): FrameResult | undefined {
    if (this.#failure !== undefined) return { kind: 'failed', rule: this.#failure }
    if (this.buffered < PREFIX_BYTES) return undefined
    const length = new DataView(this.#buffer.buffer, this.#buffer.byteOffset).getUint32(this.#start)
    if (length === 0) return this.#fail('frame-invalid')
    if (length > this.#maxBytes) return this.#fail('frame-too-large')
    if (this.buffered < PREFIX_BYTES + length) return undefined
    const from = this.#start + PREFIX_BYTES
    this.#start = from + length
    return { kind: 'frame', payload: this.#buffer.subarray(from, this.#start) }
  }

  #fail(rule: FrameRule): FrameResult {
    this.#failure = rule
    this.#buffer = new Uint8Array()
    this.#start = this.#end = 0
    return { kind: 'failed', rule }
  }

  /**
   * A chunk that finds nothing waiting is used in place. Otherwise bytes are gathered in a buffer that doubles; what was
   * written is never written again, so that payloads can be views of it.
   */
  #append(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    if (this.buffered === 0) this.#adopt(chunk)
    else this.#gather(chunk)
  }

  #gather(chunk: Uint8Array): void {
    if (!this.#isOwnBuffer || this.#end + chunk.length > this.#buffer.length) this.#grow(chunk.length)
    this.#buffer.set(chunk, this.#end)
    this.#end += chunk.length
  }

  #adopt(chunk: Uint8Array): void {
    this.#buffer = chunk
    this.#start = 0
    this.#end = chunk.length
    this.#isOwnBuffer = false
  }

  #grow(more: number): void {
    const held = this.buffered
    const larger = new Uint8Array(2 * (held + more))
    larger.set(this.#buffer.subarray(this.#start, this.#end))
    this.#buffer = larger
    this.#start = 0
    this.#end = held
    this.#isOwnBuffer = true
  }
}
