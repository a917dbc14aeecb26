/**
 * A `Connection` over a byte stream of the system: a TCP socket, a unix socket or a Windows pipe.
 *
 * Invariants: nothing is read before `start`, so a stranger costs no memory before somebody cares; frames come out one
 * by one, so that a limit raised, a pause or a close inside `onFrame` holds for the very next frame; `onClose` comes
 * exactly once and last.
 */
import type { Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import { encodeFrame, FrameDecoder } from '../mmp/framing.ts'
import type { CloseReason, Connection, ConnectionEvents, ConnectionKind } from './connection.ts'

export interface StreamDeps {
  readonly clock: Clock
  readonly guard: Guard
}

export interface StreamOptions {
  readonly kind: Extract<ConnectionKind, 'machine' | 'lan'>
  readonly direction: 'inbound' | 'outbound'
  readonly remote: string
}

/** How long what was sent may take to leave after `close()`. */
const FLUSH_MS = 2_000
/** The first probe of TCP keep-alive: a laptop that was closed is noticed although nobody writes. */
const KEEP_ALIVE_MS = 1_000
const PREFIX_BYTES = 4
const NOTHING = new Uint8Array()

export class StreamConnection implements Connection {
  readonly kind: ConnectionKind
  readonly direction: 'inbound' | 'outbound'
  readonly remote: string
  readonly #socket: Socket
  readonly #deps: StreamDeps
  readonly #decoder = new FrameDecoder(LIMITS.handshake.frameBytes)
  #events: ConnectionEvents | undefined
  #isPaused = false
  #isDelivering = false
  #isCorked = false
  /** The stream ended by itself; what had arrived is still delivered. */
  #isEnded = false
  #reason: CloseReason | undefined
  #isTold = false

  /** The socket must not have been read from, and must be paused. */
  constructor(socket: Socket, options: StreamOptions, deps: StreamDeps) {
    this.kind = options.kind
    this.direction = options.direction
    this.remote = options.remote
    this.#socket = socket
    this.#deps = deps
    if (options.kind === 'lan') socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS)
    // Every error is followed by 'close', which is all that we need to know.
    socket.on('error', () => {})
    socket.once('close', () => {
      this.#isEnded = true
      this.#deliver(NOTHING)
    })
  }

  start(events: ConnectionEvents): void {
    if (this.#events !== undefined) throw new MeshError('internal', 'a connection was started twice')
    this.#events = events
    this.#socket.on('data', (chunk: Buffer) => this.#deliver(chunk))
    // Frames begin after the caller has finished what it was doing, never inside `start`.
    queueMicrotask(() => this.#continue())
  }

  get buffered(): number {
    return this.#socket.writableLength
  }

  send(payload: Uint8Array): boolean {
    const bytes = payload.length + PREFIX_BYTES
    const isOver = this.#reason !== undefined || !this.#socket.writable
    if (isOver || this.buffered + bytes > LIMITS.link.outboundBytes) return false
    this.#cork()
    this.#socket.write(encodeFrame(payload))
    return true
  }

  pause(): void {
    this.#isPaused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#isPaused = false
    queueMicrotask(() => this.#continue())
  }

  setMaxFrameBytes(bytes: number): void {
    this.#decoder.setMaxBytes(bytes)
  }

  close(isAbrupt = false): void {
    this.#finish('local', isAbrupt)
  }

  #continue(): void {
    this.#tell()
    if (this.#events === undefined || this.#isPaused) return
    this.#deliver(NOTHING)
    if (!this.#isPaused && this.#reason === undefined) this.#socket.resume()
  }

  /** Hands out what is whole. Also runs for no new bytes: after a pause, and when the stream has ended. */
  #deliver(chunk: Uint8Array): void {
    if (this.#reason !== undefined) return
    const frames = this.#decoder.push(chunk)
    // `onFrame` may resume or close: the loop that runs already goes on, a second one would disturb the order.
    if (this.#isDelivering || this.#isPaused || this.#events === undefined) return
    this.#isDelivering = true
    for (const result of frames) {
      if (result.kind === 'failed') this.#finish(result.rule, true)
      else this.#hand(result.payload)
      if (this.#isPaused || this.#reason !== undefined) break
    }
    this.#isDelivering = false
    if (this.#isEnded && !this.#isPaused) this.#finish('remote', true)
  }

  #hand(payload: Uint8Array): void {
    this.#deps.guard.run('frame', () => this.#events?.onFrame(payload))
  }

  /** All frames of one tick leave in one system call. */
  #cork(): void {
    if (this.#isCorked) return
    this.#isCorked = true
    this.#socket.cork()
    process.nextTick(() => {
      this.#isCorked = false
      this.#socket.uncork()
    })
  }

  #finish(reason: CloseReason, isAbrupt: boolean): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    if (isAbrupt) this.#break()
    else this.#flush()
    queueMicrotask(() => this.#tell())
  }

  #tell(): void {
    if (this.#isTold || this.#reason === undefined || this.#events === undefined) return
    this.#isTold = true
    const reason = this.#reason
    this.#deps.guard.run('close', () => this.#events?.onClose(reason))
  }

  /** A reset says at once that there is nothing more to come and keeps no state here; only TCP has it. */
  #break(): void {
    if (this.kind === 'lan' && !this.#isEnded) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
  }

  #flush(): void {
    const timer = this.#deps.clock.after(FLUSH_MS, () => this.#socket.destroy())
    this.#socket.once('close', () => timer.cancel())
    this.#socket.end()
    // What the other side still sends is read and thrown away: unread bytes would turn our last words into a reset.
    this.#socket.removeAllListeners('data')
    this.#socket.resume()
  }
}
