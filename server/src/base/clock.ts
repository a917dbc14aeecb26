/**
 * Time and randomness come in from outside, so that every policy can be tested without waiting. This file is the only
 * one that reads the system's clock.
 */
import { randomBytes } from 'node:crypto'

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Wall time, milliseconds since 1970. Goes into records; never used to measure a duration. */
  now(): number
  /** Milliseconds that only grow. For durations and deadlines. */
  monotonic(): number
  /** Calls `fn` once after `delayMs`. Does not keep the process alive. */
  after(delayMs: number, fn: () => void): Timer
}

export type RandomBytes = (length: number) => Uint8Array

export const systemRandom: RandomBytes = (length) => randomBytes(length)

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
}

/** Resolves after `delayMs`, or at once when the signal aborts. */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const timer = clock.after(delayMs, done)
    signal?.addEventListener('abort', done, { once: true })
    function done(): void {
      timer.cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}
