/**
 * How a message would reach this session's Claude now: one word that is told to every peer, and the sentence that status
 * and lists make of it. Nothing is assumed: `push` only where pushes are proven, `wake` only while a waiter is there.
 */
import type { Attention } from './attention.ts'
import type { PushState } from './door.ts'

/** What the host and its hooks make possible at this moment. */
export interface HookState {
  /** The plugin's hooks came with this server. */
  readonly hasHooks: boolean
  /** A background hook waits to wake the session. */
  readonly isArmed: boolean
}

/** The words on the wire. A peer of another version may say others. */
const PHRASES: Readonly<Record<string, string>> = {
  push: 'reaches Claude by push',
  wake: 'reaches Claude, and wakes it when idle',
  'next-prompt': 'reaches Claude at its next prompt, tool use or end of turn',
  'tool-result': 'reaches Claude with its next mesh tool call',
  'inbox-only': 'stays in the inbox until Claude looks',
}

export function reachOf({ isProven }: PushState, { hasHooks, isArmed }: HookState, { mode, isDoNotDisturb }: Attention): string {
  if (mode !== 'push' || isDoNotDisturb) return 'inbox-only'
  if (isProven) return 'push'
  if (isArmed) return 'wake'
  return hasHooks ? 'next-prompt' : 'tool-result'
}

/** For a list; a word that we do not know is not repeated, since a peer chose it. */
export function describeReach(reach: string | undefined): string {
  return (reach === undefined ? undefined : Object.hasOwn(PHRASES, reach) ? PHRASES[reach] : undefined) ?? 'way to its Claude not told'
}
