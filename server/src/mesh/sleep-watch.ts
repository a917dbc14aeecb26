/** Notices that the machine slept: some systems stop the one clock meanwhile, some the other, and a timer is late by that. */
import type { Clock } from '../base/clock.ts'
import type { Scope } from '../base/scope.ts'

const LOOK_MS = 5_000
/** A clock that went this much further than the timer means that the machine slept. */
const SLEPT_MS = 5_000

/** Calls `onWoken` within some seconds after each sleep. */
export function watchSleep(scope: Scope, clock: Clock, onWoken: () => void): void {
  let [wall, monotonic] = [clock.now(), clock.monotonic()]
  scope.every(LOOK_MS, () => {
    const slept = Math.max(clock.now() - wall, clock.monotonic() - monotonic) - LOOK_MS
    wall = clock.now()
    monotonic = clock.monotonic()
    if (slept >= SLEPT_MS) onWoken()
  })
}
