/** A clock that stands still until a test moves it. Timers fire in the order of their time, within `advance`. */
import type { Clock, Timer } from '../../server/src/base/clock.ts'

interface Pending {
  readonly atMs: number
  readonly fn: () => void
}

export class FakeClock implements Clock {
  #nowMs: number
  #monotonicMs = 0
  #pending: Pending[] = []

  constructor(nowMs = 1_750_000_000_000) {
    this.#nowMs = nowMs
  }

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#monotonicMs
  }

  after(delayMs: number, fn: () => void): Timer {
    const pending = { atMs: this.#monotonicMs + Math.max(0, delayMs), fn }
    this.#pending.push(pending)
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== pending)
      },
    }
  }

  /** How many timers wait; none may be left after a component stopped. */
  get pending(): number {
    return this.#pending.length
  }

  advance(ms: number): void {
    const untilMs = this.#monotonicMs + ms
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#move(next.atMs)
      next.fn()
    }
    this.#move(untilMs)
  }

  /** The machine sleeps: wall time passes, nothing else does. */
  sleep(ms: number): void {
    this.#nowMs += ms
  }

  #next(untilMs: number): Pending | undefined {
    const due = this.#pending.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
    this.#pending = this.#pending.filter((other) => other !== due)
    return due
  }

  #move(toMs: number): void {
    this.#nowMs += toMs - this.#monotonicMs
    this.#monotonicMs = toMs
  }
}
