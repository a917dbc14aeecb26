/** How many CMBs each peer may still send: a minute's rate with a burst, and a day's allowance. What is above is told `busy`. */
import { TokenBucket } from '../base/bucket.ts'
import type { Clock } from '../base/clock.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { Rates } from './rates.ts'

interface Buckets {
  readonly minute: TokenBucket
  readonly day: TokenBucket
}

const MAX_PEERS = 1_024

export class CmbRates {
  readonly #clock: Clock
  readonly #rates: Rates
  readonly #peers = new Map<Fingerprint, Buckets>()

  constructor(clock: Clock, rates: Rates) {
    this.#clock = clock
    this.#rates = rates
  }

  /** Counts one CMB; milliseconds until this peer may send it, 0 when it may now. */
  take(fingerprint: Fingerprint): number {
    const now = this.#clock.monotonic()
    const { minute, day } = this.#peers.get(fingerprint) ?? this.#newBuckets(fingerprint, now)
    const waitMs = Math.max(minute.waitMs(now), day.waitMs(now))
    if (waitMs > 0) return waitMs
    minute.spend(now, 1)
    day.spend(now, 1)
    return 0
  }

  #newBuckets(fingerprint: Fingerprint, now: number): Buckets {
    const { cmbsBurst, cmbsPerMinute, cmbsPerDay } = this.#rates
    const buckets = {
      minute: new TokenBucket(cmbsBurst, cmbsPerMinute / 60, now),
      day: new TokenBucket(cmbsPerDay, cmbsPerDay / 86_400, now),
    }
    // Keys are cheap for a stranger: the oldest entry makes room, which at worst gives it a fresh bucket.
    if (this.#peers.size >= MAX_PEERS) this.#peers.delete(this.#peers.keys().next().value ?? fingerprint)
    this.#peers.set(fingerprint, buckets)
    return buckets
  }
}
