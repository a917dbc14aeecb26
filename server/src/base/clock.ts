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
  /**
   * A delay of about `delayMs` that ends on a beat which all of this process shares, so that what need not be exact
   * happens together: an idle process wakes once for all of it. At most a beat longer. Absent: no beat.
   */
  onBeat?(delayMs: number): number
}

/** `delayMs`, on the beat where the clock has one. */
export function roughly(clock: Clock, delayMs: number): number {
  return clock.onBeat?.(delayMs) ?? delayMs
}

export type RandomBytes = (length: number) => Uint8Array

export const systemRandom: RandomBytes = (length) => randomBytes(length)

const BEAT_MS = 1_000
/** A timer that was late by a moment must not put off its next one by a beat. */
const SLACK_MS = 100

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
  onBeat(delayMs) {
    const now = performance.now()
    return Math.ceil(Math.ceil((now + delayMs - SLACK_MS) / BEAT_MS) * BEAT_MS - now)
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
