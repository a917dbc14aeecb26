/**
 * Whether pushes arrive in this session. The host never answers one, so each push shows its message under an id with a
 * random suffix of its own, which no peer can guess and no other way repeats: the model naming such an id is the proof.
 */
import { toHex } from '../base/bytes.ts'
import type { RandomBytes } from '../base/clock.ts'

const MAX_SUFFIXES = 1_000

export class PushProof {
  readonly #random: RandomBytes
  /** Suffixed ids that were shown by a push. */
  readonly #suffixed = new Set<string>()
  #isProven = false

  constructor(random: RandomBytes) {
    this.#random = random
  }

  get isProven(): boolean {
    return this.#isProven
  }

  /** The id under which the next push of this item shows it. */
  idFor(id: string): string {
    return `${id}.${toHex(this.#random(3))}`
  }

  /** This one was pushed. */
  remember(suffixed: string): void {
    this.#suffixed.add(suffixed)
    const [oldest] = this.#suffixed
    if (this.#suffixed.size > MAX_SUFFIXES && oldest !== undefined) this.#suffixed.delete(oldest)
  }

  /** True when these ids, named by the model, are the first proof. */
  isProvenBy(ids: readonly string[]): boolean {
    if (this.#isProven || !ids.some((id) => this.#suffixed.has(id))) return false
    this.#isProven = true
    return true
  }

  /** An id without its suffix. */
  static plain(id: string): string {
    return /^(m[0-9a-f]{16})\.[0-9a-f]{6}$/.exec(id)?.[1] ?? id
  }
}
