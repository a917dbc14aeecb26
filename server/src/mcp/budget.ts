/**
 * How much of the context peers may use, whichever way their words arrive: token buckets per peer and over all, and a
 * day's allowance per peer. Members of an open group whose words were not compared have half of everything, and all of
 * them together half of the whole, so that strangers cannot use up what known peers need. What does not fit is not lost:
 * it waits, and one line per peer says how much. Pure: time is passed in.
 */
import { TokenBucket } from '../base/bucket.ts'
import { LIMITS } from '../base/limits.ts'
import { formatTokens, nameOf, type SurfaceItem, tokensOf } from './fence.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Peers remembered before those that used nothing lately are forgotten. */
const MAX_PEERS = 512
/** Peers named in one overflow text; the others are counted. */
const MAX_NOTES = 5

export interface BudgetCounters {
  readonly shownItems: number
  readonly shownTokens: number
  /** What all peers together may still use now. */
  readonly itemsLeft: number
  readonly tokensLeft: number
}

/** How much of the table's figures holds: 1 unless a person changed it. Moves every bucket alike. */
export interface BudgetShare {
  readonly items: number
  readonly tokens: number
}

const USUAL_SHARE: BudgetShare = { items: 1, tokens: 1 }
const times = ({ items, tokens }: BudgetShare, factor: number): BudgetShare => ({ items: items * factor, tokens: tokens * factor })

export class ContextBudget {
  readonly #all: Pair
  readonly #unverified: Pair
  readonly #peers = new Map<string, PeerBudget>()
  readonly #share: BudgetShare
  #shownItems = 0
  #shownTokens = 0

  constructor(nowMs: number, share: BudgetShare = USUAL_SHARE) {
    this.#share = share
    this.#all = new Pair(LIMITS.context.overall, share, nowMs)
    this.#unverified = new Pair(LIMITS.context.overall, times(share, LIMITS.context.unverifiedShare), nowMs)
  }

  /** Takes room for one item of `tokens` from every bucket that it counts against, or from none. */
  take(item: SurfaceItem, tokens: number, nowMs: number): boolean {
    const isHalf = hasHalfShare(item)
    const buckets = [this.#all, this.#peer(item.from.fingerprint, isHalf, nowMs), ...(isHalf ? [this.#unverified] : [])]
    if (!buckets.every((bucket) => bucket.has(tokens, nowMs))) return false
    for (const bucket of buckets) bucket.spend(tokens, nowMs)
    this.#shownItems++
    this.#shownTokens += tokens
    return true
  }

  counters(nowMs: number): BudgetCounters {
    const { items, tokens } = this.#all.left(nowMs)
    return { shownItems: this.#shownItems, shownTokens: this.#shownTokens, itemsLeft: items, tokensLeft: tokens }
  }

  #peer(fingerprint: string, isHalf: boolean, nowMs: number): PeerBudget {
    // A peer whose words were compared starts anew with the full share.
    const key = `${fingerprint}${isHalf ? '/half' : ''}`
    const known = this.#peers.get(key)
    if (known) return known
    if (this.#peers.size >= MAX_PEERS) this.#forgetIdle(nowMs)
    const fresh = new PeerBudget(times(this.#share, isHalf ? LIMITS.context.unverifiedShare : 1), nowMs)
    this.#peers.set(key, fresh)
    return fresh
  }

  #forgetIdle(nowMs: number): void {
    for (const [key, peer] of this.#peers) if (peer.isUnused(nowMs)) this.#peers.delete(key)
  }
}

/** Anyone who knows an open group's name is a member; the id of a private group has a colon, an open name never. */
export function hasHalfShare(item: SurfaceItem): boolean {
  return item.from.trust !== 'verified' && !item.group.includes(':')
}

/**
 * The lines about what waits. A peer's line comes at most once a minute and only when its number changed: a flood must
 * not become a flood of lines about it.
 */
export class OverflowNotes {
  readonly #told = new Map<string, { readonly count: number; readonly atMs: number }>()

  /** Lines that are due now about `held`; saying them is remembered. */
  take(held: readonly SurfaceItem[], nowMs: number): readonly string[] {
    const waiting = byPeer(held)
    for (const peer of this.#told.keys()) if (!waiting.has(peer)) this.#told.delete(peer)
    const due = [...waiting].filter(([peer, items]) => this.#isDue(peer, items.length, nowMs))
    for (const [peer, items] of due) this.#told.set(peer, { count: items.length, atMs: nowMs })
    return overflowLines(due.map(([, items]) => items))
  }

  #isDue(peer: string, count: number, nowMs: number): boolean {
    const told = this.#told.get(peer)
    return told === undefined || (told.count !== count && nowMs - told.atMs >= MINUTE_MS)
  }
}

function overflowLines(groups: readonly (readonly SurfaceItem[])[]): readonly string[] {
  const biggest = [...groups].sort((a, b) => b.length - a.length)
  const others = biggest.slice(MAX_NOTES)
  const lines = biggest
    .slice(0, MAX_NOTES)
    .map((items) => `${items.length} more from ${nameOf(items[0]?.from.petname ?? '')}, ${sizeOf(items)}, sym_inbox`)
  if (others.length === 0) return lines
  return [...lines, `${others.flat().length} more from ${others.length} other peers, ${sizeOf(others.flat())}, sym_inbox`]
}

function sizeOf(items: readonly SurfaceItem[]): string {
  return formatTokens(items.reduce((sum, item) => sum + tokensOf(item), 0))
}

function byPeer(items: readonly SurfaceItem[]): ReadonlyMap<string, readonly SurfaceItem[]> {
  const groups = new Map<string, SurfaceItem[]>()
  for (const item of items) {
    const group = groups.get(item.from.fingerprint)
    if (group) group.push(item)
    else groups.set(item.from.fingerprint, [item])
  }
  return groups
}

interface Rates {
  readonly itemsPerMinute: number
  readonly itemsBurst: number
  readonly tokensPerMinute: number
  readonly tokensBurst: number
}

/** A bucket of items and one of tokens that are used together. */
class Pair {
  readonly #items: TokenBucket
  readonly #tokens: TokenBucket

  constructor(rates: Rates, { items, tokens }: BudgetShare, nowMs: number) {
    this.#items = new TokenBucket(rates.itemsBurst * items, (rates.itemsPerMinute * items) / 60, nowMs)
    this.#tokens = new TokenBucket(rates.tokensBurst * tokens, (rates.tokensPerMinute * tokens) / 60, nowMs)
  }

  has(tokens: number, nowMs: number): boolean {
    return this.#items.available(nowMs) >= 1 && this.#tokens.available(nowMs) >= tokens
  }

  spend(tokens: number, nowMs: number): void {
    this.#items.spend(nowMs, 1)
    this.#tokens.spend(nowMs, tokens)
  }

  left(nowMs: number): { items: number; tokens: number } {
    return { items: Math.floor(this.#items.available(nowMs)), tokens: Math.floor(this.#tokens.available(nowMs)) }
  }

  isFull(nowMs: number): boolean {
    this.#items.available(nowMs)
    this.#tokens.available(nowMs)
    return this.#items.isFull && this.#tokens.isFull
  }
}

class PeerBudget {
  readonly #rates: Pair
  readonly #tokensPerDay: number
  #dayStartMs: number
  #usedToday = 0

  constructor(share: BudgetShare, nowMs: number) {
    this.#rates = new Pair(LIMITS.context.perPeer, share, nowMs)
    this.#tokensPerDay = LIMITS.context.perPeer.tokensPerDay * share.tokens
    this.#dayStartMs = nowMs
  }

  has(tokens: number, nowMs: number): boolean {
    this.#turnDay(nowMs)
    return this.#usedToday + tokens <= this.#tokensPerDay && this.#rates.has(tokens, nowMs)
  }

  spend(tokens: number, nowMs: number): void {
    this.#usedToday += tokens
    this.#rates.spend(tokens, nowMs)
  }

  isUnused(nowMs: number): boolean {
    this.#turnDay(nowMs)
    return this.#usedToday === 0 && this.#rates.isFull(nowMs)
  }

  /** The day starts with the first use after the last one ended. */
  #turnDay(nowMs: number): void {
    if (nowMs - this.#dayStartMs < DAY_MS) return
    this.#dayStartMs = nowMs
    this.#usedToday = 0
  }
}
