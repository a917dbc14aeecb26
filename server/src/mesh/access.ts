/**
 * Who may speak at all: one pure decision over a small input, asked for each CMB before anything of it is kept, and again
 * whenever somebody's standing changes; relevance comes later and is no security. Whatever is not clearly allowed waits
 * in the inbox for a person.
 */
import { LIMITS } from '../base/limits.ts'
import type { StockPolicy } from './stock-file.ts'
import type { Trust } from './views.ts'

/** What the group's own rules say of a key: within the limits of an open group or above them (threat model 3). */
export type Standing = 'member' | 'unknown'

export interface AccessInput {
  readonly standing: Standing
  /** What a person decided about the key. */
  readonly decision: 'none' | 'admitted' | 'verified' | 'blocked'
  /** Whether the key stands in SYM_ALLOWED_PEERS. */
  readonly listing: 'no-list' | 'listed' | 'not-listed'
  /** Private groups alone ask for one; `none`: it has shown no valid certificate. */
  readonly membership: 'open' | 'proven' | 'none'
  /** Of a stock node: what the group admits; undefined for all others. */
  readonly stock?: StockPolicy | undefined
  /** What the group demands of those who reach Claude. */
  readonly floor: 'member' | 'verified'
  /** False while the file of the decisions cannot be read: a block that we cannot see must not fall away. */
  readonly isReadable: boolean
}

/** Why words wait in the inbox: read when asked for, never shown unasked, never kept in memory. */
export type HoldReason = 'stranger' | 'not-listed' | 'not-verified' | 'undecided' | 'stock-warn'
export type RefuseReason = 'blocked' | 'not-a-member' | 'stock-off'
/** How an item waits for a decision about its author; what was refused later is out of sight. */
export const HOLDS = ['stranger', 'not-listed', 'not-verified', 'undecided', 'blocked', 'not-a-member', 'stock-warn', 'stock-off'] as const
export type Hold = (typeof HOLDS)[number]

/** Items are held for other reasons too, which decisions about keys do not touch. */
export function isHold(reason: string | undefined): reason is Hold {
  return HOLDS.some((hold) => hold === reason)
}

export type Access =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'pending'; readonly reason: HoldReason }
  | { readonly kind: 'refused'; readonly reason: RefuseReason }

export interface Verdict {
  readonly trust: Trust
  readonly access: Access
}

export function decideAccess(input: AccessInput): Verdict {
  const { decision, listing, membership, floor, isReadable } = input
  if (decision === 'blocked') return { trust: 'blocked', access: { kind: 'refused', reason: 'blocked' } }
  if (membership === 'none') return { trust: 'unknown', access: { kind: 'refused', reason: 'not-a-member' } }
  const trust = input.stock === undefined ? trustOf(input) : 'legacy'
  const hold = (reason: HoldReason): Verdict => ({ trust, access: { kind: 'pending', reason } })
  if (!isReadable) return hold('undecided')
  if (input.stock === 'off') return { trust, access: { kind: 'refused', reason: 'stock-off' } }
  if (input.stock === 'warn') return hold('stock-warn')
  if (trust === 'unknown') return hold('stranger')
  if (listing === 'not-listed') return hold('not-listed')
  if (floor === 'verified' && trust !== 'verified') return hold('not-verified')
  return { trust, access: { kind: 'admitted' } }
}

/** A person's word counts more than the limits of an open group, and so do a listed name and a certificate. */
function trustOf({ standing, decision, listing, membership }: AccessInput): Trust {
  if (decision === 'verified') return 'verified'
  const isVouchedFor = decision === 'admitted' || listing === 'listed' || membership === 'proven'
  return isVouchedFor ? 'member' : standing
}

/** For lists: why words of this peer are not shown to Claude by themselves. */
export function describeHold(reason: Hold): string {
  switch (reason) {
    case 'stranger':
      return 'more keys came than this group lets in unasked; a person decides: sym-mesh-channel trust requests'
    case 'not-listed':
      return 'not in SYM_ALLOWED_PEERS'
    case 'not-verified':
      return 'this group asks for compared words: sym-mesh-channel verify'
    case 'undecided':
      return 'trust.json cannot be read, so nobody is let in'
    case 'blocked':
      return 'blocked'
    case 'not-a-member':
      return 'no member of this group'
    case 'stock-warn':
      return 'a stock MMP node, which this group hears in the inbox only'
    case 'stock-off':
      return 'a stock MMP node, and this group admits none now'
  }
}

export interface OpenGroupCensus {
  /** Pinned members seen within the idle time. */
  readonly pinned: number
  /** Keys pinned within the last hour. */
  readonly newLastHour: number
}

/** The standing of a key that has just proven itself in an open group for the first time. */
export function standingOfNewcomer(census: OpenGroupCensus): Standing {
  const hasRoom = census.pinned < LIMITS.openGroup.pinnedKeys
  const isWithinRate = census.newLastHour < LIMITS.openGroup.newPerHour
  return hasRoom && isWithinRate ? 'member' : 'unknown'
}
