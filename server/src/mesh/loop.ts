/**
 * What ends conversations that nobody wanted: two agents that thank each other, a circle of three, a paraphraser. Every
 * message carries its thread, how many automatic steps led to it, and the nodes that took them; a message is automatic
 * unless a person of this session spoke since the last arrival, and nothing that a peer sends can change that. Pure:
 * time is passed in.
 */
import type { Fingerprint } from '../identity/ids.ts'
import type { AssertionId } from '../mmp/cmb.ts'

/** Travels inside the seal beside each record. */
export interface Trail {
  /** The first message of the conversation; undefined for a first message. */
  readonly thread: AssertionId | undefined
  /** Automatic steps that led here; 0 when a person started it. */
  readonly hop: number
  /** No person of the author's session spoke since its last arrival. */
  readonly isAuto: boolean
  /** The nodes that took the automatic steps, oldest first, the author last. */
  readonly chain: readonly Fingerprint[]
}

export type OutboundVerdict = { readonly kind: 'send'; readonly trail: Trail } | { readonly kind: 'suppress'; readonly reason: string }

export type InboundVerdict =
  | { readonly kind: 'surface' }
  /** Kept for the person; Claude does not see it unasked. `opens`: the breaker of this pair opened just now. */
  | { readonly kind: 'inbox-only'; readonly reason: string; readonly opens: boolean }

export interface Heard {
  readonly id: AssertionId
  readonly trail: Trail
}

export const LOOP_LIMITS = {
  hops: 4,
  autoPerThread: 6,
  threadWindowMs: 600_000,
  autoPerHour: 30,
  similarWithin: 20,
  openMs: 600_000,
} as const

const HOUR_MS = 3_600_000
const SIMILAR = 0.8
const MAX_THREADS = 1_000
const MAX_CHAIN = 16

export class LoopBreaker {
  readonly #self: Fingerprint
  readonly #autoSends: number[] = []
  readonly #threads = new Map<string, number[]>()
  readonly #said: { readonly audience: string; readonly sketch: ReadonlySet<string> }[] = []
  readonly #openUntil = new Map<Fingerprint, number>()
  /** What arrived last, by author and over all, since a person spoke. */
  readonly #lastFrom = new Map<Fingerprint, Heard>()
  #last: Heard | undefined

  constructor(self: Fingerprint) {
    this.#self = self
  }

  /** A person typed: what is said from now on is theirs, until something arrives. */
  humanTurn(): void {
    this.#last = undefined
    this.#lastFrom.clear()
    this.#autoSends.length = 0
    this.#said.length = 0
  }

  /** Something of a peer came into the context: what is said next may be an answer to it. */
  heard(from: Fingerprint, heard: Heard): void {
    this.#last = heard
    this.#lastFrom.set(from, heard)
  }

  /** Decides over a message of ours, and counts it when it goes out. `to` is undefined for the group. */
  outbound(text: string, to: Fingerprint | undefined, answers: Heard | undefined, now: number): OutboundVerdict {
    const cause = answers ?? (to === undefined ? this.#last : (this.#lastFrom.get(to) ?? this.#last))
    const isAuto = this.#last !== undefined
    const trail: Trail = {
      thread: cause?.trail.thread ?? cause?.id,
      hop: isAuto && cause ? cause.trail.hop + 1 : 0,
      isAuto,
      chain: isAuto && cause ? [...cause.trail.chain, this.#self].slice(-MAX_CHAIN) : [this.#self],
    }
    if (!isAuto) return { kind: 'send', trail }
    const reason = this.#whySuppressed(text, to ?? 'group', now)
    if (reason !== undefined) return { kind: 'suppress', reason }
    this.#autoSends.push(now)
    return { kind: 'send', trail }
  }

  /** Decides whether an arrival may reach Claude by itself. An expected answer always may. */
  inbound(from: Fingerprint, id: AssertionId, trail: Trail, isExpected: boolean, now: number): InboundVerdict {
    if (isExpected || !trail.isAuto) return { kind: 'surface' }
    const reason = this.#whyHeld(from, trail.thread ?? id, trail, now)
    if (reason === undefined) return { kind: 'surface' }
    const opens = !this.#isOpen(from, now)
    if (opens) this.#openUntil.set(from, now + LOOP_LIMITS.openMs)
    return { kind: 'inbox-only', reason, opens }
  }

  /** Peers with whom the breaker is open now. */
  open(now: number): readonly Fingerprint[] {
    for (const [peer, until] of this.#openUntil) if (until <= now) this.#openUntil.delete(peer)
    return [...this.#openUntil.keys()]
  }

  #whySuppressed(text: string, audience: string, now: number): string | undefined {
    prune(this.#autoSends, now - HOUR_MS)
    if (this.#autoSends.length >= LOOP_LIMITS.autoPerHour) {
      return `${LOOP_LIMITS.autoPerHour} messages went out within an hour without a word of the user; the next one waits for the user`
    }
    const sketch = sketchOf(text)
    if (this.#said.some((said) => said.audience === audience && likeness(said.sketch, sketch) >= SIMILAR)) {
      return 'nearly the same was said to them shortly before'
    }
    this.#said.push({ audience, sketch })
    if (this.#said.length > LOOP_LIMITS.similarWithin) this.#said.shift()
    return undefined
  }

  #whyHeld(from: Fingerprint, thread: AssertionId, trail: Trail, now: number): string | undefined {
    if (this.#isOpen(from, now)) return 'the loop breaker with this peer is open'
    if (trail.hop >= LOOP_LIMITS.hops) return `it is ${trail.hop} automatic steps away from a person`
    // A direct answer names us just before its author; anywhere else it went round in a circle.
    const isCircle = trail.chain.slice(0, -2).includes(this.#self)
    if (isCircle) return 'it came round in a circle of sessions'
    const times = this.#threads.get(thread) ?? []
    prune(times, now - LOOP_LIMITS.threadWindowMs)
    times.push(now)
    this.#threads.delete(thread)
    this.#threads.set(thread, times)
    if (this.#threads.size > MAX_THREADS) this.#threads.delete(this.#threads.keys().next().value ?? thread)
    return times.length > LOOP_LIMITS.autoPerThread
      ? `more than ${LOOP_LIMITS.autoPerThread} automatic messages in this thread within ten minutes`
      : undefined
  }

  #isOpen(peer: Fingerprint, now: number): boolean {
    return (this.#openUntil.get(peer) ?? 0) > now
  }
}

function prune(times: number[], oldest: number): void {
  while (times.length > 0 && (times[0] ?? 0) < oldest) times.shift()
}

/** Four-letter pieces of the text without case, marks and numbers: what stays alike when words are shuffled a little. */
function sketchOf(text: string): ReadonlySet<string> {
  const plain = text
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, ' ')
    .trim()
  const pieces = new Set<string>([plain.slice(0, 4)])
  for (let at = 1; at + 4 <= Math.min(plain.length, 4_000); at++) pieces.add(plain.slice(at, at + 4))
  return pieces
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0
  for (const piece of a) if (b.has(piece)) shared++
  return shared / (a.size + b.size - shared)
}
