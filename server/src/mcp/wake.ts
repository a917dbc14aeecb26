/**
 * Whether and when an arrival wakes this session. A wake costs a turn that nobody asked for, so it is for what was said to
 * this session, from a key that is admitted, when Claude is idle, or has worked without a sign of life for so long that
 * no hook can be expected soon. Where pushes are proven they wake by themselves. Pure: time and state are passed in.
 */
import { assertNever } from '../base/errors.ts'
import type { WakeWish } from './attention.ts'
import type { SurfaceItem } from './fence.ts'

/** What the hooks have told: before the first report a session counts as idle, since it began no turn. */
export type Turn = { readonly state: 'idle' } | { readonly state: 'working'; readonly lastEventMs: number }

export interface WakeView {
  readonly turn: Turn
  /** The push that was made may arrive after all, so it gets the first seconds. */
  readonly mayBePushed: boolean
  /** Since when something waits that may wake. */
  readonly sinceMs: number
}

/** A burst becomes one wake. */
export const GATHER_MS = 300
export const AFTER_PUSH_MS = 5_000
export const SILENT_MS = 60_000
/** The oldest client whose background hooks are known to wake. An older one may wait for the hook instead. */
const OLDEST_CLIENT = [2, 1, 197] as const

/** Whether this item is reason enough, once it may be shown at all. */
export function mayWake(item: SurfaceItem, wish: WakeWish): boolean {
  if (item.mayWake === false || item.from.trust === 'unknown') return false
  switch (wish) {
    case 'off':
      return false
    case 'all':
      return true
    case 'directed':
      // A question to the group is one to each; so is the answer to one of ours.
      return item.isDirected || item.kind === 'question' || item.kind === 'answer'
    default:
      return assertNever(wish)
  }
}

/** When the wake is due, on the clock of the view. */
export function wakeDueMs({ turn, mayBePushed, sinceMs }: WakeView): number {
  if (turn.state === 'idle') return sinceMs + (mayBePushed ? AFTER_PUSH_MS : GATHER_MS)
  return Math.max(sinceMs, turn.lastEventMs) + SILENT_MS
}

/** Whether a background hook of this host wakes: told by its name and version, and no for any that is not known. */
export function hostWakes(host: { readonly name: string; readonly version: string } | undefined): boolean {
  if (host?.name !== 'claude-code') return false
  const parts = /^(\d+)\.(\d+)\.(\d+)/.exec(host.version)?.slice(1).map(Number)
  if (parts === undefined) return false
  const at = OLDEST_CLIENT.findIndex((part, index) => parts[index] !== part)
  return at < 0 || (parts[at] ?? 0) > (OLDEST_CLIENT[at] ?? 0)
}
