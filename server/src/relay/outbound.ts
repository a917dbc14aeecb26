/**
 * What goes out on one socket. A message is framed once however many receive it, and all that is sent within one turn of
 * the event loop leaves each socket in one write. There is no compression, which would cost far more memory and time than
 * the network, and sealed bytes do not shrink.
 *
 * Invariant: what waits here and in the socket is counted, so that whoever sends can be made to wait.
 */
import type { Duplex } from 'node:stream'

const FIN_TEXT = 0x81
const LENGTH_16 = 126
const LENGTH_64 = 127
/** Up to here copying together is cheaper than a system call with many parts. */
const JOIN_BYTES = 65_536

/** A whole text message as a server sends it: not masked, not compressed, in one frame (RFC 6455, 5.2). */
export function textFrame(text: string): Buffer {
  const { frame, head } = emptyFrame(Buffer.byteLength(text))
  frame.write(text, head)
  return frame
}

/** The same of three parts, the middle one as it came from the wire. */
export function wrappedFrame(before: string, middle: Uint8Array, after: string): Buffer {
  const start = Buffer.byteLength(before)
  const bytes = start + middle.length + after.length
  const { frame, head } = emptyFrame(bytes)
  frame.write(before, head)
  frame.set(middle, head + start)
  frame.write(after, head + start + middle.length, 'latin1')
  return frame
}

function emptyFrame(bytes: number): { readonly frame: Buffer; readonly head: number } {
  const head = bytes < LENGTH_16 ? 2 : bytes < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + bytes)
  frame[0] = FIN_TEXT
  if (head === 2) frame[1] = bytes
  else if (head === 4) frame.writeUInt16BE(bytes, frame.writeUInt8(LENGTH_16, 1))
  else frame.writeBigUInt64BE(BigInt(bytes), frame.writeUInt8(LENGTH_64, 1))
  return { frame, head }
}

/** Writes what waits on many sockets at the end of the turn. */
export class Flusher {
  #dirty: Outbound[] = []

  add(outbound: Outbound): void {
    this.#dirty.push(outbound)
    if (this.#dirty.length === 1) setImmediate(() => this.flush())
  }

  flush(): void {
    const dirty = this.#dirty
    this.#dirty = []
    for (const outbound of dirty) outbound.flush()
  }
}

export class Outbound {
  readonly #socket: Duplex
  readonly #flusher: Flusher
  #waiting: Buffer[] = []
  #bytes = 0
  #isEnded = false

  constructor(socket: Duplex, flusher: Flusher) {
    this.#socket = socket
    this.#flusher = flusher
  }

  /** Bytes that the system has not taken yet. */
  get buffered(): number {
    return this.#bytes + this.#socket.writableLength
  }

  send(frame: Buffer): void {
    if (this.#isEnded) return
    this.#waiting.push(frame)
    this.#bytes += frame.length
    if (this.#waiting.length === 1) this.#flusher.add(this)
  }

  flush(): void {
    const waiting = this.#waiting
    const bytes = this.#bytes
    this.#waiting = []
    this.#bytes = 0
    if (this.#isEnded || waiting.length === 0 || !this.#socket.writable) return
    if (bytes <= JOIN_BYTES) this.#socket.write(waiting.length === 1 ? waiting[0] : Buffer.concat(waiting, bytes))
    else this.#writeParts(waiting)
  }

  /** Nothing may follow the close frame: what waits goes first, what comes later is dropped. */
  end(): void {
    this.flush()
    this.#isEnded = true
  }

  #writeParts(parts: readonly Buffer[]): void {
    this.#socket.cork()
    for (const part of parts) this.#socket.write(part)
    this.#socket.uncork()
  }
}
