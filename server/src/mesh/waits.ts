/**
 * Who waits for whom, so that nobody waits for somebody who waits for him. A question tells who waits for its asker, and
 * while a wait goes on the others are told who came to it; so the news runs along a circle of any length and meets
 * itself. What is known is of this group alone, and forgotten when the longest wait is over. Pure: time is passed in.
 */
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { AssertionId } from '../mmp/cmb.ts'

/** Somebody waits for an answer of ours. */
interface Waiting {
  readonly nodes: readonly Fingerprint[]
  readonly group: string
  readonly untilMs: number
}

/** A wait of ours. */
export interface OwnWait {
  readonly question: AssertionId
  readonly group: string
  readonly targets: readonly Fingerprint[]
}

/** Clocks of two nodes do not run alike, and an answer is a while on its way. */
const SLACK_MS = 5_000
const MAX_WAITING = 256

export class Waits {
  readonly #self: Fingerprint
  readonly #theirs = new Map<AssertionId, Waiting>()
  readonly #ours = new Map<AssertionId, OwnWait>()

  constructor(self: Fingerprint) {
    this.#self = self
  }

  /**
   * `asker` waits for our answer, and these wait for the asker. Returns our waits that cannot come to an end any more:
   * they wait for one of these, or one of these waits for us.
   */
  asked(question: AssertionId, asker: Fingerprint, waits: readonly Fingerprint[], group: string, nowMs: number): readonly AssertionId[] {
    const nodes = [...new Set([asker, ...waits])]
    this.#theirs.delete(question)
    this.#theirs.set(question, { nodes, group, untilMs: nowMs + LIMITS.question.waitMs + SLACK_MS })
    const [oldest] = this.#theirs.keys()
    if (this.#theirs.size > MAX_WAITING && oldest !== undefined) this.#theirs.delete(oldest)
    return this.ours(group)
      .filter(({ targets }) => nodes.some((node) => node === this.#self || targets.includes(node)))
      .map((wait) => wait.question)
  }

  /** Somebody who does not wait asks us, and these wait for him: when we are among them, it is for us to answer first. */
  askedBack(waits: readonly Fingerprint[], group: string): readonly AssertionId[] {
    return waits.includes(this.#self) ? this.ours(group).map(({ question }) => question) : []
  }

  /** The question is answered, or over. */
  closed(question: AssertionId): void {
    this.#theirs.delete(question)
  }

  /** Those who wait for us in this group, and who wait for them. */
  waiting(group: string, nowMs: number): readonly Fingerprint[] {
    const live = [...this.#theirs.values()].filter((waiting) => waiting.group === group && waiting.untilMs > nowMs)
    return [...new Set(live.flatMap(({ nodes }) => nodes))].slice(0, LIMITS.envelope.waits)
  }

  /** Of these, who waits for us. When it is all of them, nobody is left who could answer. */
  blockers(targets: readonly Fingerprint[], group: string, nowMs: number): readonly Fingerprint[] {
    const waiting = new Set(this.waiting(group, nowMs))
    return targets.filter((target) => waiting.has(target))
  }

  begin(wait: OwnWait): void {
    this.#ours.set(wait.question, wait)
  }

  end(question: AssertionId): void {
    this.#ours.delete(question)
  }

  ours(group: string): readonly OwnWait[] {
    return [...this.#ours.values()].filter((wait) => wait.group === group)
  }
}
