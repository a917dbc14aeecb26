/**
 * The session is the process that started us; when it is gone there is nobody to serve. Nearly always stdin ends with it,
 * but another process may hold the pipe open, and then only this notices. Systems that give an orphan a new parent show
 * it by the parent's id, the others by its death.
 */
import type { Clock } from '../base/clock.ts'
import { Scope } from '../base/scope.ts'
import { isAlive } from '../identity/process.ts'

export interface ParentWatch {
  readonly clock: Clock
  readonly parentPid: number
  /** The id of the parent as the system tells it now. */
  readonly currentParentPid: () => number
  readonly onGone: () => void
}

const LOOK_MS = 5_000

/** Returns the function that ends it. */
export function watchParent({ clock, parentPid, currentParentPid, onGone }: ParentWatch): () => Promise<void> {
  const scope = new Scope(clock)
  scope.every(LOOK_MS, () => {
    if (currentParentPid() === parentPid && isAlive(parentPid)) return
    void scope.stop()
    onGone()
  })
  return () => scope.stop()
}
