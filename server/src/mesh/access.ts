/**
 * Who may speak at all. One pure decision, asked once per CMB and before anything of it is kept; relevance comes later
 * and is no security. In an open group a key that completed the handshake is a member, within the limits of the table:
 * so many pinned, so many new ones an hour (threat model 3).
 */
import { LIMITS } from '../base/limits.ts'
import type { Trust } from './views.ts'

export type Access =
  | { readonly kind: 'admitted' }
  /** Into the inbox, never unasked into the context, never into memory. */
  | { readonly kind: 'pending'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }

export function decideAccess(trust: Trust): Access {
  switch (trust) {
    case 'blocked':
      return { kind: 'refused', reason: 'blocked' }
    case 'unknown':
      return { kind: 'pending', reason: 'more keys joined this group than its limits let in unasked' }
    case 'member':
    case 'verified':
      return { kind: 'admitted' }
  }
}

export interface OpenGroupCensus {
  /** Pinned members seen within the idle time. */
  readonly pinned: number
  /** Keys pinned within the last hour. */
  readonly newLastHour: number
}

/** The trust of a key that has just proven itself in an open group for the first time. */
export function trustOfNewcomer(census: OpenGroupCensus): Trust {
  const hasRoom = census.pinned < LIMITS.openGroup.pinnedKeys
  const isWithinRate = census.newLastHour < LIMITS.openGroup.newPerHour
  return hasRoom && isWithinRate ? 'member' : 'unknown'
}
