/**
 * What broadcasts are compared with: the latest of what this node said itself or what verified peers said, and a few
 * blocks of others that were found to belong to it. A block of an unverified peer becomes an anchor only after it was
 * compared with words that strangers did not choose, and nobody but this node and verified peers has more than two places:
 * otherwise whoever speaks first and most decides what is heard.
 */
import type { Clock } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { AssertionId, Cat7 } from '../mmp/cmb.ts'
import type { FieldVectors } from '../mmp/svaf.ts'
import type { Encoder } from './encoder.ts'
import { rootsOf } from './features.ts'
import { pathsIn, spokenText } from './interests.ts'

/** What a remembered block is to the judge. `aside`: not accepted, kept only to be found. */
export const PARTS = ['own', 'trusted', 'earned', 'kept', 'aside'] as const
export type Part = (typeof PARTS)[number]

export interface Candidate {
  readonly id: AssertionId
  readonly fingerprint: Fingerprint
  readonly part: Part
  readonly fields: Cat7
  readonly keptAt: number
}

export interface HeldAnchor {
  readonly id: AssertionId
  readonly fingerprint: Fingerprint
  readonly isOurs: boolean
  readonly keptAt: number
  readonly vectors: FieldVectors
  readonly paths: ReadonlySet<string>
}

export interface AnchorsDeps {
  readonly encoder: Encoder
  readonly clock: Clock
  /** Newest first: at least those that may be anchors. */
  readonly latest: (limit: number) => readonly Candidate[]
}

/** "Thanks, will do" is no ground to judge others by. */
const MIN_WORDS = 4
/** Of the newest so many are looked at for those that have a place. */
const LOOKED_AT = (LIMITS.anchors.own + LIMITS.anchors.others) * 4

export class Anchors {
  readonly #deps: AnchorsDeps
  /** Newest first; undefined until they were read. */
  #held: readonly HeldAnchor[] | undefined
  /** Kept since then, oldest first, and not looked at: a session that sends and is told nothing compares nothing. */
  #fresh: Candidate[] = []

  constructor(deps: AnchorsDeps) {
    this.#deps = deps
  }

  get held(): readonly HeldAnchor[] {
    this.#held ??= this.#read()
    for (const candidate of this.#fresh.splice(0)) this.#held = this.#with(candidate, this.#held)
    return this.#held
  }

  /** Own words and those of verified peers: with fewer than a few of them nothing can be judged. */
  get grounds(): number {
    return this.held.filter(({ isOurs }) => isOurs).length
  }

  add(candidate: Candidate): void {
    // What was never read will be found there.
    if (this.#held === undefined) return
    this.#fresh.push(candidate)
    if (this.#fresh.length > LOOKED_AT) this.forget()
  }

  /** After a roll back, or when something was forgotten: they are read anew. */
  forget(): void {
    this.#held = undefined
    this.#fresh = []
  }

  #read(): readonly HeldAnchor[] {
    const candidates = this.#deps.latest(LOOKED_AT).filter(mayBeAnchor)
    return choose(candidates.map((candidate) => this.#encode(candidate)))
  }

  #with(candidate: Candidate, held: readonly HeldAnchor[]): readonly HeldAnchor[] {
    if (!mayBeAnchor(candidate) || held.some(({ id }) => id === candidate.id)) return held
    return choose([this.#encode(candidate), ...held])
  }

  #encode({ id, fingerprint, part, fields, keptAt }: Candidate): HeldAnchor {
    const isOurs = part === 'own' || part === 'trusted'
    return { id, fingerprint, isOurs, keptAt, vectors: this.#deps.encoder.encode(fields), paths: pathsIn(spokenText(fields)) }
  }
}

function mayBeAnchor({ part, fields }: Candidate): boolean {
  return part !== 'kept' && part !== 'aside' && rootsOf(spokenText(fields)).size >= MIN_WORDS
}

/** The newest that have a place, newest first. */
function choose(anchors: readonly HeldAnchor[]): readonly HeldAnchor[] {
  const taken = new Map<string, number>()
  return anchors.filter(({ isOurs, fingerprint }) => {
    const [all, one] = isOurs ? ['ours', 'ours'] : ['others', fingerprint]
    const [ofAll, ofOne] = [taken.get(all) ?? 0, taken.get(one) ?? 0]
    const hasRoom = isOurs ? ofAll < LIMITS.anchors.own : ofAll < LIMITS.anchors.others && ofOne < LIMITS.anchors.perPeer
    if (hasRoom) for (const key of new Set([all, one])) taken.set(key, (taken.get(key) ?? 0) + 1)
    return hasRoom
  })
}
