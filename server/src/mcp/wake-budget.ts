/** How often peers may wake a session: a minute, an hour and a day, all at once. Pure: time is passed in. */
import { TokenBucket } from '../base/bucket.ts'

export interface WakeRates {
  readonly wakesPerMinute: number
  readonly wakesPerHour: number
  readonly wakesPerDay: number
}

const MINUTE_S = 60
const HOUR_S = 3_600
const DAY_S = 86_400

export class WakeBudget {
  readonly #buckets: readonly TokenBucket[]
  #spent = 0

  constructor(rates: WakeRates, nowMs: number) {
    const bucket = (most: number, seconds: number) => new TokenBucket(most, most / seconds, nowMs)
    this.#buckets = [bucket(rates.wakesPerMinute, MINUTE_S), bucket(rates.wakesPerHour, HOUR_S), bucket(rates.wakesPerDay, DAY_S)]
  }

  /** Milliseconds until one more wake is allowed; 0: now. */
  waitMs(nowMs: number): number {
    return Math.max(...this.#buckets.map((bucket) => bucket.waitMs(nowMs)))
  }

  spend(nowMs: number): void {
    this.#spent++
    for (const bucket of this.#buckets) bucket.spend(nowMs, 1)
  }

  counters(nowMs: number): { readonly wakes: number; readonly wakesLeft: number } {
    const left = Math.min(...this.#buckets.map((bucket) => bucket.available(nowMs)))
    return { wakes: this.#spent, wakesLeft: Math.max(0, Math.floor(left)) }
  }
}
