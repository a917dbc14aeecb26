/**
 * Ends conversations that nobody has a part in. Every message says how many led to it and over which nodes; what went on
 * too long without a person is kept in the inbox and not shown, so that nobody answers it. A node counts its own
 * automatic words as well, so that it ends also with peers that lie about theirs.
 *
 * Invariant: between two human turns a session says a bounded number of things by itself, whatever peers send; nothing
 * but `humanTurn` resets a counter. Pure: time is passed in.
 */
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import { isAlike, type Sketch, sketchOf } from './sketch.ts'

/** Why an arrival is not shown. */
export type LoopRule = 'hops' | 'circle' | 'thread' | 'same' | 'pair'
/** Why something is not sent. */
export type LoopRefusal = 'same' | 'pair' | 'hour' | 'turn'

/** A message that Claude was shown, as far as it can lead to another. */
export interface Cause {
  readonly from: Fingerprint
  readonly group: string
  readonly thread: AssertionId
  readonly hop: number
  readonly chain: readonly Fingerprint[]
}

export interface SpeechFacts {
  readonly hop: number
  readonly auto: boolean
  readonly chain: readonly Fingerprint[]
  readonly thread: AssertionId | undefined
}

/** `person`: typed at a terminal. `program`: run by a person or a system, outside the model's shell. */
export type Origin = 'model' | 'person' | 'program'

export interface Speech {
  readonly group: string
  /** Undefined for the group. */
  readonly to: Fingerprint | undefined
  /** An observation answers nobody: it begins a chain of its own. */
  readonly isObservation: boolean
  /** Who speaks: only what the model says can be led to by what it was shown. */
  readonly origin: Origin
  /** The message that is being answered; else what was shown last counts. */
  readonly cause?: Cause | undefined
}

export interface Heard {
  readonly id: AssertionId
  readonly from: Fingerprint
  readonly text: string
  readonly thread: AssertionId
  readonly hop: number
  readonly isAuto: boolean
  readonly chain: readonly Fingerprint[]
  /** The answer to an open question of ours. */
  readonly isExpected: boolean
}

export interface OpenPair {
  readonly peer: Fingerprint
  readonly rule: string
  readonly untilMs: number
}

/** What was counted, by its message: what is judged a second time, since it could not be kept, counts once. */
interface Counted {
  readonly id: AssertionId
  readonly atMs: number
}
interface KnownText {
  readonly id: AssertionId
  readonly sketch: Sketch
}

const HOUR_MS = 3_600_000
const MAX_PEERS = 256
const MAX_THREADS = 512

export class LoopBreaker {
  readonly #self: Fingerprint
  readonly #shown = new Map<Fingerprint, Cause>()
  #shownLast: Cause | undefined
  /** When the last automatic sends were. */
  #said: number[] = []
  #saidInTurn = 0
  readonly #threads = new Map<AssertionId, readonly Counted[]>()
  #texts: readonly KnownText[] = []
  readonly #pairs = new Map<Fingerprint, OpenPair>()

  constructor(self: Fingerprint) {
    this.#self = self
  }

  /** A person typed something to this session. */
  humanTurn(): void {
    this.#shownLast = undefined
    this.#said = []
    this.#saidInTurn = 0
    for (const counted of [this.#shown, this.#threads, this.#pairs]) counted.clear()
  }

  /** Claude was, or may have been, shown this. */
  surfaced(cause: Cause): void {
    this.#shownLast = cause
    keep(this.#shown, cause.from, cause, MAX_PEERS)
  }

  /** What goes with something that is said now. */
  factsOf(speech: Speech): SpeechFacts {
    const cause = speech.cause ?? this.#causeOf(speech.to)
    const isRoot = speech.origin !== 'model' || !this.#shownLast
    if (isRoot || speech.isObservation || !cause) {
      return { hop: 0, auto: !isRoot, chain: [this.#self], thread: speech.cause?.thread }
    }
    // No other group learns who is in this one; the number tells them nothing.
    const before = cause.group === speech.group ? cause.chain : []
    const isSameTalk = speech.cause !== undefined || (cause.from === speech.to && cause.group === speech.group)
    return {
      hop: Math.min(cause.hop + 1, LIMITS.envelope.hops),
      auto: true,
      chain: [...before, this.#self].slice(-LIMITS.envelope.chain),
      thread: isSameTalk ? cause.thread : undefined,
    }
  }

  /** Why this may not be sent; undefined when it may. `isAnswer`: to a question, where short answers are alike. */
  refusal(text: string, { auto }: SpeechFacts, to: Fingerprint | undefined, isAnswer: boolean, nowMs: number): LoopRefusal | undefined {
    if (!auto) return undefined
    if (this.#saidInTurn >= LIMITS.loop.sendsPerTurn) return 'turn'
    if (this.#saidWithin(nowMs) >= LIMITS.loop.sendsPerHour) return 'hour'
    if (isAnswer) return undefined
    if (to !== undefined && this.#openPair(to, nowMs)) return 'pair'
    return this.#isKnownText(sketchOf(text)) ? 'same' : undefined
  }

  /** It was sent. */
  said(id: AssertionId, text: string, { auto, thread }: SpeechFacts, nowMs: number): void {
    if (!auto) return
    this.#said = [...this.#said, nowMs].slice(-LIMITS.loop.sendsPerHour)
    this.#saidInTurn++
    this.#countThread(thread ?? id, id, nowMs)
    this.#remember(id, sketchOf(text))
  }

  /** Why an arrival is not shown; undefined when it may be. */
  judge(heard: Heard, nowMs: number): LoopRule | undefined {
    const sketch = sketchOf(heard.text)
    const rule = heard.isExpected ? undefined : this.#ruleAgainst(heard, sketch, nowMs)
    if (heard.isAuto) {
      this.#countThread(heard.thread, heard.id, nowMs)
      this.#remember(heard.id, sketch)
    }
    // Alike words alone may be two builds that both went well: not shown twice, and no reason to stop hearing each other.
    if (rule !== undefined && rule !== 'pair' && rule !== 'same') this.open(heard.from, rule, nowMs)
    return rule
  }

  /** Opens the breaker for a peer, by a rule of ours or by its own word; false when it is open already. */
  open(peer: Fingerprint, rule: string, nowMs: number): boolean {
    if (this.#openPair(peer, nowMs)) return false
    keep(this.#pairs, peer, { peer, rule, untilMs: nowMs + LIMITS.loop.pairOpenMs }, MAX_PEERS)
    return true
  }

  openPairs(nowMs: number): readonly OpenPair[] {
    return [...this.#pairs.values()].filter(({ untilMs }) => untilMs > nowMs)
  }

  /** Whether what is said now counts as said by itself. */
  get isAutomatic(): boolean {
    return this.#shownLast !== undefined
  }

  /** Automatic sends of the last hour, and since a person last typed. */
  counters(nowMs: number): { readonly lastHour: number; readonly thisTurn: number } {
    return { lastHour: this.#saidWithin(nowMs), thisTurn: this.#saidInTurn }
  }

  /** The longer of two stories: a stranger's fresh word in between must not make an old conversation young. */
  #causeOf(to: Fingerprint | undefined): Cause | undefined {
    const theirs = to === undefined ? undefined : this.#shown.get(to)
    if (!theirs || !this.#shownLast) return this.#shownLast
    return theirs.hop >= this.#shownLast.hop ? theirs : this.#shownLast
  }

  #ruleAgainst({ id, from, isAuto, hop, chain, thread }: Heard, sketch: Sketch, nowMs: number): LoopRule | undefined {
    if (isAuto && this.#openPair(from, nowMs)) return 'pair'
    if (hop >= LIMITS.loop.holdHops) return 'hops'
    // Just before the author we stand in every direct answer.
    if (chain.some((node, at) => node === this.#self && at !== chain.length - 2)) return 'circle'
    if (!isAuto) return undefined
    if (this.#inThread(thread, id, nowMs) >= LIMITS.loop.threadSends) return 'thread'
    return this.#isKnownText(sketch, id) ? 'same' : undefined
  }

  #openPair(peer: Fingerprint, nowMs: number): OpenPair | undefined {
    const pair = this.#pairs.get(peer)
    return pair && pair.untilMs > nowMs ? pair : undefined
  }

  #saidWithin(nowMs: number): number {
    return this.#said.filter((at) => at > nowMs - HOUR_MS).length
  }

  #inThread(thread: AssertionId, except: AssertionId, nowMs: number): number {
    const since = nowMs - LIMITS.loop.threadWindowMs
    return (this.#threads.get(thread) ?? []).filter(({ id, atMs }) => id !== except && atMs > since).length
  }

  #countThread(thread: AssertionId, id: AssertionId, nowMs: number): void {
    const others = (this.#threads.get(thread) ?? []).filter((counted) => counted.id !== id)
    keep(this.#threads, thread, [...others, { id, atMs: nowMs }].slice(-LIMITS.loop.threadSends), MAX_THREADS)
  }

  #isKnownText(sketch: Sketch, except?: AssertionId): boolean {
    return this.#texts.some((known) => known.id !== except && isAlike(known.sketch, sketch))
  }

  #remember(id: AssertionId, sketch: Sketch): void {
    this.#texts = [...this.#texts.filter((known) => known.id !== id), { id, sketch }].slice(-LIMITS.loop.sameWindow)
  }
}

/** Newest last; the oldest makes room. */
function keep<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}
