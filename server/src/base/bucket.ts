/** A token bucket: holds `burst` tokens, refills at `perSecond`. Time is passed in, so that it needs no timer. */
export class TokenBucket {
  readonly #burst: number
  readonly #perSecond: number
  #tokens: number
  #at: number

  constructor(burst: number, perSecond: number, nowMs: number) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#tokens = burst
    this.#at = nowMs
  }

  /** Takes `cost` tokens if they are there. */
  take(nowMs: number, cost = 1): boolean {
    this.#refill(nowMs)
    if (this.#tokens < cost) return false
    this.#tokens -= cost
    return true
  }

  /** Takes `cost` tokens in any case; the balance may become negative, which delays what follows. */
  spend(nowMs: number, cost: number): void {
    this.#refill(nowMs)
    this.#tokens -= cost
  }

  /** Tokens at hand; negative when overspent. */
  available(nowMs: number): number {
    this.#refill(nowMs)
    return this.#tokens
  }

  /** Milliseconds until `cost` tokens are there; 0 when they are, Infinity when they never will be. */
  waitMs(nowMs: number, cost = 1): number {
    this.#refill(nowMs)
    if (cost > this.#burst) return Number.POSITIVE_INFINITY
    return this.#tokens >= cost ? 0 : Math.ceil(((cost - this.#tokens) / this.#perSecond) * 1000)
  }

  get isFull(): boolean {
    return this.#tokens >= this.#burst
  }

  #refill(nowMs: number): void {
    // A clock that went back must not freeze the bucket.
    const elapsed = Math.max(0, nowMs - this.#at)
    this.#at = nowMs
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsed / 1000) * this.#perSecond)
  }
}
