/**
 * How fast one member may speak, and what happens when it does not listen. Whoever sends to a member that reads slowly
 * waits; a member that reads nothing for some seconds, or for whom too much waits, is cut off. So what the relay holds
 * for one member has a bound, and no message that it took is thrown away to keep it.
 */
import type { Duplex } from 'node:stream'
import { TokenBucket } from '../base/bucket.ts'
import type { Clock } from '../base/clock.ts'
import type { RelayLimits } from './limits.ts'
import { type Flusher, Outbound } from './outbound.ts'
import type { RelayMember } from './router.ts'

export interface PressureDeps {
  readonly clock: Clock
  readonly limits: RelayLimits
  readonly flusher: Flusher
  readonly socket: Duplex
  /** Stops and starts what this member says. */
  readonly reader: { pause(): void; resume(): void }
}

export class Pressure {
  readonly #deps: PressureDeps
  readonly #outbound: Outbound
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket
  /** Members that wait until this one has read. */
  #waiting: Map<RelayMember, () => void> | undefined
  #holds = 0
  #drainedAt: number
  #lastBuffered = 0

  constructor(deps: PressureDeps) {
    const { limits } = deps
    const now = deps.clock.monotonic()
    this.#deps = deps
    this.#outbound = new Outbound(deps.socket, deps.flusher)
    this.#messages = new TokenBucket(limits.messagesBurst, limits.messagesPerSecond, now)
    this.#bytes = new TokenBucket(limits.bytesBurst, limits.bytesPerSecond, now)
    this.#drainedAt = now
  }

  get isHeld(): boolean {
    return this.#holds > 0
  }

  /** Whether more may be sent that can wait elsewhere. */
  get isLow(): boolean {
    return this.#outbound.buffered < this.#softCap
  }

  send(frame: Buffer): void {
    this.#outbound.send(frame)
  }

  /** Sends what another member said; that one waits while too much is waiting here. */
  deliver(frame: Buffer, from: RelayMember | undefined): 'sent' | 'held' | 'too-much' {
    this.#outbound.send(frame)
    const { buffered } = this.#outbound
    if (buffered > this.#deps.limits.outboundBytes) return 'too-much'
    if (from === undefined || buffered <= this.#softCap || this.#waiting?.has(from)) return 'sent'
    this.#waiting ??= new Map()
    this.#waiting.set(from, from.hold())
    return 'held'
  }

  /** Not read any more until the returned function is called. */
  hold(): () => void {
    this.#holds++
    if (this.#holds === 1) this.#deps.reader.pause()
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      this.#holds--
      if (this.#holds === 0) this.#deps.reader.resume()
    }
  }

  /** Above its rate a member is not cut off: it is not read until its bucket is level again. */
  spend(bytes: number): 'within' | 'throttled' {
    const { clock } = this.#deps
    const now = clock.monotonic()
    this.#messages.spend(now, 1)
    this.#bytes.spend(now, bytes)
    const waitMs = Math.max(this.#messages.waitMs(now, 0), this.#bytes.waitMs(now, 0))
    if (waitMs === 0) return 'within'
    clock.after(waitMs, this.hold())
    return 'throttled'
  }

  onDrain(): void {
    this.#drainedAt = this.#deps.clock.monotonic()
    this.release()
  }

  /** To be called every second or so: whether it reads nothing of what waits for it. */
  isStuck(): boolean {
    const now = this.#deps.clock.monotonic()
    const { buffered } = this.#outbound
    if (buffered === 0 || buffered < this.#lastBuffered) this.#drainedAt = now
    if (this.isLow) this.release()
    this.#lastBuffered = buffered
    return now - this.#drainedAt > this.#deps.limits.stuckMs
  }

  /** Lets go on who waits. */
  release(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) for (const release of waiting.values()) release()
  }

  end(): void {
    this.release()
    this.#outbound.end()
  }

  get #softCap(): number {
    return this.#deps.limits.outboundBytes / 4
  }
}
