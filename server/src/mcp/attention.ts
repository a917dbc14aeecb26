/**
 * What a person lets through to Claude unasked: the mode, do not disturb, mutes, and what may wake an idle session. One
 * pure question, `whyWithheld`, asked for each item by every way; whatever it withholds stays in the inbox, with the reason.
 * Nothing of a peer decides here: an item's own words are compared with the person's lists and change nothing.
 */
import type { SurfaceItem } from './fence.ts'

/** `inbox`: nothing is shown unasked. `off`: the node is not there at all. */
export const MODES = ['push', 'inbox', 'off'] as const
export type Mode = (typeof MODES)[number]

/** Which arrivals may wake an idle session: those to this session, all that are shown anyway, none. */
export const WAKE_WISHES = ['directed', 'all', 'off'] as const
export type WakeWish = (typeof WAKE_WISHES)[number]

export interface Mutes {
  /** Fingerprints, or their first digits. */
  readonly peers: readonly string[]
  /** `message`, `observation`, or the tag of an observation. */
  readonly kinds: readonly string[]
  readonly groups: readonly string[]
}

export interface Attention {
  readonly mode: Mode
  readonly isDoNotDisturb: boolean
  readonly mutes: Mutes
  readonly wake: WakeWish
}

export const USUAL_ATTENTION: Attention = {
  mode: 'push',
  isDoNotDisturb: false,
  mutes: { peers: [], kinds: [], groups: [] },
  wake: 'directed',
}

/** Whether a line of ours may name this peer to Claude unasked. */
export function mayBeNamed(peer: { readonly fingerprint: string; readonly group: string }, attention: Attention): boolean {
  const { mode, isDoNotDisturb, mutes } = attention
  if (mode !== 'push' || isDoNotDisturb || mutes.groups.includes(peer.group)) return false
  return !mutes.peers.some((start) => peer.fingerprint.startsWith(start))
}

/** Why this item is not shown unasked, in words for the reader; undefined: it may be. */
export function whyWithheld(item: SurfaceItem, { mode, isDoNotDisturb, mutes }: Attention): string | undefined {
  if (item.from.trust === 'unknown') return 'its key is not admitted to the group'
  if (mode !== 'push') return `mode is ${mode}`
  if (mutes.peers.some((start) => item.from.fingerprint.startsWith(start))) return 'its author is muted'
  const muted = mutes.kinds.find((kind) => kind === item.kind || item.tags?.includes(kind))
  if (muted !== undefined) return `kind ${muted} is muted`
  if (mutes.groups.includes(item.group)) return `group ${item.group} is muted`
  return isDoNotDisturb && !item.isUrgent ? 'do not disturb is on' : undefined
}
