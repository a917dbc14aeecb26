/**
 * A link to one peer in one group: what all parts of the node see of any, and the kind that ours have among each other,
 * with sealed frames over a connection, heartbeat, and the limits on what a peer may send. A link never outlives its seal:
 * the first frame that does not open ends it, because from then on the two sides no longer agree on the sequence.
 */

import { utf8 } from '../base/bytes.ts'
import { type Clock, roughly } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { Scope } from '../base/scope.ts'
import { type Fingerprint, fingerprintOf, type NodeId } from '../identity/ids.ts'
import { type Frame, parseFrame } from '../mmp/frames.ts'
import { decodeJson } from '../mmp/json.ts'
import { createSeal, MAX_SEALED_PLAINTEXT, type Seal } from '../secure/seal.ts'
import type { Session } from '../secure/session.ts'
import type { Connection, ConnectionEvents } from '../transport/connection.ts'
import { FrameLimits } from './frame-limits.ts'
import { Pings } from './pings.ts'
import type { Rates } from './rates.ts'

export interface LinkDeps {
  readonly clock: Clock
  readonly guard: Guard
  readonly log: Log
  readonly rates: Rates
}

export interface LinkEvents {
  readonly onFrame: (link: Link, frame: Frame) => void
  readonly onDown: (link: Link, why: string) => void
  /** Something was refused or ignored; the name goes into the counters. */
  readonly onCount: (name: string) => void
}

export interface Link {
  readonly peer: { readonly nodeId: NodeId; readonly publicKey: Uint8Array; readonly fingerprint: Fingerprint }
  readonly group: string
  readonly kind: Connection['kind']
  readonly openedAt: number
  /** The node that dialed, which decides between two links of opposite directions. */
  readonly dialer: NodeId
  /** To a stock node: nothing on it proves its peer but signed records, and nothing is receipted. */
  readonly isStock: boolean
  readonly isOpen: boolean
  /** Milliseconds since anything was received. */
  readonly silenceMs: number
  /** Why a message cannot go by it, for people; undefined when it can. */
  refusalOf(isDirected: boolean): string | undefined
  /** Queues one frame. False when it was not taken: the link is down, or cannot say it, or the other side reads too slowly. */
  send(frame: Frame): boolean
  /** The same for a frame that was written out already. */
  sendText(frame: string): boolean
  /** Asks whether the other side is still there: closes the link when nothing comes back within `withinMs`. */
  probe(withinMs: number): void
  /** Milliseconds until the other side has answered; undefined when it has not within the time, or the link ends before. */
  roundTrip(withinMs: number): Promise<number | undefined>
  close(why: string, isAbrupt?: boolean): void
}

const LOOK_MS = 1_000

export class SecureLink implements Link {
  readonly isStock = false
  readonly peer: Link['peer']
  readonly group: string
  readonly kind: Connection['kind']
  readonly openedAt: number
  readonly dialer: NodeId
  readonly #connection: Connection
  readonly #seal: Seal
  readonly #deps: LinkDeps
  readonly #events: LinkEvents
  readonly #scope: Scope
  readonly #limits: FrameLimits
  #receivedAt: number
  /** When the outbound queue was last seen empty, or shorter than the time before. */
  #drainedAt: number
  #buffered = 0
  /** When the next look is due, and how to call it off. */
  #lookAt = Number.POSITIVE_INFINITY
  #cancelLook = (): void => {}
  #isDown = false
  readonly #pings: Pings

  constructor(connection: Connection, session: Session, self: NodeId, deps: LinkDeps, events: LinkEvents) {
    const now = deps.clock.monotonic()
    this.peer = { ...session.peer, fingerprint: fingerprintOf(session.peer.publicKey) }
    this.group = session.group
    this.kind = connection.kind
    this.openedAt = now
    this.dialer = connection.direction === 'outbound' ? self : session.peer.nodeId
    this.#connection = connection
    this.#seal = createSeal(session)
    this.#deps = deps
    this.#events = events
    this.#scope = new Scope(deps.clock)
    this.#pings = new Pings(deps.clock, this.#scope, () => this.send({ type: 'ping' }))
    this.#limits = new FrameLimits(deps.rates, now)
    this.#receivedAt = now
    this.#drainedAt = now
    connection.setMaxFrameBytes(LIMITS.frame.maxBytes)
    this.#lookAfter(LIMITS.link.pingAfterMs)
    this.#scope.after(LIMITS.link.rekeyMs, () => this.close('rekey'))
  }

  get isOpen(): boolean {
    return !this.#isDown
  }

  get silenceMs(): number {
    return this.#deps.clock.monotonic() - this.#receivedAt
  }

  /** Handlers for the connection; the handshake hands over to them. */
  readonly sink: ConnectionEvents = {
    onFrame: (payload) => this.#onPayload(payload),
    onClose: (reason) => this.#down(`connection closed: ${reason}`),
  }

  refusalOf(): undefined {}

  /** Sealed. */
  send(frame: Frame): boolean {
    return this.sendText(JSON.stringify(frame))
  }

  sendText(frame: string): boolean {
    if (this.#isDown) return false
    const plaintext = utf8(frame)
    if (plaintext.length > MAX_SEALED_PLAINTEXT) return false
    // The cap is asked before sealing: a sealed frame that was not sent would tear a hole into the sequence.
    const { buffered } = this.#connection
    if (buffered > LIMITS.link.outboundBytes - 2 * plaintext.length - 8_192) return false
    if (buffered > 0) this.#lookAfter(LOOK_MS)
    if (!this.#connection.send(this.#seal.seal(plaintext))) {
      this.close('outbound cap')
      return false
    }
    if (this.#seal.isWornOut) this.close('rekey')
    return true
  }

  roundTrip(withinMs: number): Promise<number | undefined> {
    return this.#pings.roundTrip(withinMs)
  }

  probe(withinMs: number): void {
    const asked = this.#deps.clock.monotonic()
    if (!this.#pings.ask()) return
    this.#scope.after(withinMs, () => {
      if (this.#receivedAt < asked) this.close('no answer', true)
    })
  }

  close(why: string, isAbrupt = false): void {
    if (this.#isDown) return
    this.#connection.close(isAbrupt)
    this.#down(why)
  }

  #onPayload(payload: Uint8Array): void {
    if (this.#isDown) return
    this.#receivedAt = this.#deps.clock.monotonic()
    const opened = this.#seal.open(payload)
    if (opened.kind === 'rejected') {
      this.#events.onCount(`seal-${opened.rule}`)
      this.close(`seal: ${opened.rule}`, true)
      return
    }
    this.#throttle(payload.length)
    const frame = this.#parse(opened.plaintext)
    if (frame) this.#route(frame)
  }

  #parse(plaintext: Uint8Array): Frame | undefined {
    const json = decodeJson(plaintext)
    const parsed = json.kind === 'ok' ? parseFrame(json.value) : json
    if (parsed.kind === 'ok') return parsed.frame
    const isUnknown = parsed.kind === 'unknown'
    this.#events.onCount(isUnknown ? 'unknown-frame' : `bad-frame-${parsed.rule}`)
    if (!this.#limits.takeOdd(this.#deps.clock.monotonic(), isUnknown))
      this.close(isUnknown ? 'too many unknown frames' : 'too many bad frames', true)
    return undefined
  }

  #route(frame: Frame): void {
    if (frame.type === 'ping') this.send({ type: 'pong' })
    else if (frame.type === 'pong') this.#pings.answered()
    else this.#events.onFrame(this, frame)
  }

  /** A peer above its rate is not cut off: we stop reading until its bucket is level again, and TCP holds it back. */
  #throttle(bytes: number): void {
    const waitMs = this.#limits.spend(this.#deps.clock.monotonic(), bytes)
    if (waitMs === 0) return
    this.#events.onCount('throttled')
    this.#connection.pause()
    this.#scope.after(waitMs, () => this.#connection.resume())
  }

  /** An idle link is looked at when its silence is due, one that is silent or has a queue every second. */
  #lookAfter(delayMs: number): void {
    const at = this.#deps.clock.monotonic() + delayMs
    if (at >= this.#lookAt) return
    this.#cancelLook()
    this.#lookAt = at
    this.#cancelLook = this.#scope.after(roughly(this.#deps.clock, delayMs), () =>
      this.#deps.guard.run('link-heartbeat', () => this.#look()),
    )
  }

  #look(): void {
    this.#lookAt = Number.POSITIVE_INFINITY
    this.#beat()
    if (this.#isDown) return
    this.#lookAfter(this.#buffered > 0 ? LOOK_MS : Math.max(LOOK_MS, LIMITS.link.pingAfterMs * this.#pace - this.silenceMs))
  }

  #beat(): void {
    const silence = this.silenceMs
    if (silence > LIMITS.link.closeAfterMs * this.#pace) this.close('silent', true)
    else if (this.#isStuck()) this.close('does not read', true)
    else if (silence > LIMITS.link.pingAfterMs * this.#pace) this.#pings.ask()
  }

  /** A relay says who has gone, and a hundred peers share one connection to it: there it is asked less often. */
  get #pace(): number {
    return this.kind === 'relay' ? LIMITS.link.relayPace : 1
  }

  /** A peer that asks and never reads would fill the outbound queue of every link that it has. */
  #isStuck(): boolean {
    const now = this.#deps.clock.monotonic()
    const { buffered } = this.#connection
    if (this.#buffered === 0 || buffered < this.#buffered) this.#drainedAt = now
    this.#buffered = buffered
    return now - this.#drainedAt > LIMITS.link.closeAfterMs
  }

  #down(why: string): void {
    if (this.#isDown) return
    this.#isDown = true
    void this.#scope.stop()
    this.#events.onDown(this, why)
  }
}
