/** How much one peer may send on one link: frames and bytes by which reading is slowed, and frames that make no sense. */
import { TokenBucket } from '../base/bucket.ts'
import { LIMITS } from '../base/limits.ts'
import type { Rates } from './rates.ts'

export class FrameLimits {
  readonly #frames: TokenBucket
  readonly #bytes: TokenBucket
  readonly #unknown: TokenBucket
  readonly #bad: TokenBucket

  constructor(rates: Rates, now: number) {
    this.#frames = new TokenBucket(rates.linkFramesBurst, rates.linkFramesPerSecond, now)
    this.#bytes = new TokenBucket(rates.linkBytesBurst, rates.linkBytesPerSecond, now)
    this.#unknown = new TokenBucket(LIMITS.unknownFrames.perMinute * 2, LIMITS.unknownFrames.perMinute / 60, now)
    this.#bad = new TokenBucket(LIMITS.json.badFrames, LIMITS.json.badFrames / (LIMITS.json.badFramesWindowMs / 1000), now)
  }

  /** A frame of this size came; for how many milliseconds nothing more is to be read. */
  spend(now: number, bytes: number): number {
    this.#frames.spend(now, 1)
    this.#bytes.spend(now, bytes)
    return Math.max(this.#frames.waitMs(now, 0), this.#bytes.waitMs(now, 0))
  }

  /** False when there were too many of them. */
  takeOdd(now: number, isUnknown: boolean): boolean {
    return (isUnknown ? this.#unknown : this.#bad).take(now)
  }
}
