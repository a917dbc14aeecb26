/**
 * What goes to one peer, and how much of it at once. A window of unconfirmed messages keeps a peer that comes back to a
 * thousand waiting ones from being flooded; what gets no receipt in time goes out again, since the recipient knows a copy
 * by its id, but behind the others, so that what it never confirms holds up nothing.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import type { OutboxMessage } from './outbox.ts'

export interface FlowDeps {
  readonly clock: Clock
  readonly guard: Guard
  /** The oldest messages that wait for this peer, from disk. */
  readonly waiting: (limit: number, except: ReadonlySet<AssertionId>) => readonly OutboxMessage[]
  /** False when there is no link, or it takes no more now. */
  readonly transmit: (message: OutboxMessage) => boolean
  readonly onSent: (ids: readonly AssertionId[]) => void
  readonly onHeld: (id: AssertionId, reason: string) => void
  /** No receipt came in time: true where none was to come, so that it is not sent again. */
  readonly isUnreceipted: (id: AssertionId) => boolean
}

const WINDOW = 64
const NO_RECEIPT_MS = 10_000

export class Flow {
  readonly #deps: FlowDeps
  readonly #inFlight = new Map<AssertionId, number>()
  /** Sent on this link, and no receipt came in time. */
  readonly #late = new Set<AssertionId>()
  /** There may be messages on disk that this window has not seen: only then is the disk asked. */
  #isBehind = true
  #isStopped = false
  #heldUntil = 0
  #wake: Timer | undefined

  constructor(deps: FlowDeps) {
    this.#deps = deps
  }

  /** A new message: straight out when nothing waits before it. */
  offer(message: OutboxMessage): void {
    const isDirect = !this.#isBehind && this.#room > 0
    if (isDirect && this.#transmit(message)) this.#deps.onSent([message.id])
    else {
      this.#isBehind = true
      this.#pump()
    }
  }

  isInFlight(id: AssertionId): boolean {
    return this.#inFlight.has(id)
  }

  /** The recipient has it. */
  settled(id: AssertionId): void {
    this.#late.delete(id)
    if (this.#inFlight.delete(id) && this.#isBehind && this.#inFlight.size <= WINDOW / 2) this.#pump()
  }

  /** The recipient is busy: nothing goes out for a while, and this message goes again. */
  hold(id: AssertionId | undefined, retryAfterMs: number): void {
    const waitMs = Math.min(Math.max(retryAfterMs, 100), 3_600_000)
    this.#heldUntil = this.#deps.clock.monotonic() + waitMs
    this.#isBehind = true
    if (id !== undefined && this.#inFlight.delete(id)) this.#deps.onHeld(id, 'the recipient is busy; sent again later')
    this.#wake?.cancel()
    this.#wake = this.#deps.clock.after(waitMs, () => this.#deps.guard.run('flow', () => this.tick()))
  }

  /** The link is another one now: what was in flight on the old one may be lost. */
  restart(): void {
    this.#inFlight.clear()
    this.#late.clear()
    this.#wake?.cancel()
    this.#heldUntil = 0
    this.#isBehind = true
    this.#pump()
  }

  tick(): void {
    const overdue = this.#deps.clock.monotonic() - NO_RECEIPT_MS
    for (const [id, sentAt] of this.#inFlight) {
      if (sentAt >= overdue) continue
      this.#inFlight.delete(id)
      if (this.#deps.isUnreceipted(id)) continue
      this.#late.add(id)
      this.#isBehind = true
    }
    if (this.#isBehind) this.#pump()
  }

  /** For good: nothing goes out any more. */
  stop(): void {
    this.#isStopped = true
    this.#wake?.cancel()
  }

  get #room(): number {
    const isHeld = this.#deps.clock.monotonic() < this.#heldUntil
    return isHeld || this.#isStopped ? 0 : WINDOW - this.#inFlight.size
  }

  #pump(): void {
    const room = this.#room
    if (room <= 0) return
    const batch = this.#next(room)
    const stopped = batch.findIndex((message) => !this.#transmit(message))
    const sent = (stopped < 0 ? batch : batch.slice(0, stopped)).map(({ id }) => id)
    if (sent.length > 0) this.#deps.onSent(sent)
    this.#isBehind = stopped >= 0 || batch.length === room
  }

  /** First what was not tried on this link; what is late fills up the rest. */
  #next(room: number): readonly OutboxMessage[] {
    const fresh = this.#deps.waiting(room, new Set([...this.#inFlight.keys(), ...this.#late]))
    if (fresh.length === room || this.#late.size === 0) return fresh
    const again = this.#deps.waiting(room - fresh.length, new Set([...this.#inFlight.keys(), ...fresh.map(({ id }) => id)]))
    return [...fresh, ...again]
  }

  #transmit(message: OutboxMessage): boolean {
    if (!this.#deps.transmit(message)) return false
    this.#late.delete(message.id)
    this.#inFlight.set(message.id, this.#deps.clock.monotonic())
    return true
  }
}
