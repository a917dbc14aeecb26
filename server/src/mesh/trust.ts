/**
 * How far each key is trusted now: joins what this user decided (`trust.json`), the list of allowed peers, the group's
 * rules and its certificates into the one decision of `access.ts`. What changes by the hand of a person, in whichever
 * process, counts here within moments.
 *
 * Invariant: while the decisions cannot be read, the last ones that could be stay in force; with none, nobody gets in.
 */
import type { Clock } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { type Fingerprint, parseFingerprint, shortFingerprint } from '../identity/ids.ts'
import type { SharedState } from '../identity/shared-file.ts'
import type { Audit } from '../store/audit-log.ts'
import { type AccessInput, decideAccess, type Standing, type Verdict } from './access.ts'
import { type Allowlist, listsKey } from './allowlist.ts'
import { trustNotes } from './decision-notes.ts'
import { entryOf, NO_TRUST, pinName, type TrustContent, type TrustSource } from './trust-file.ts'

export interface TrustDeps {
  readonly source: TrustSource
  readonly clock: Clock
  readonly guard: Guard
  readonly allowlist: Allowlist | undefined
  readonly membershipOf: (key: Fingerprint, group: string) => AccessInput['membership']
  /** The person behind a session's key, where a private group has proven it. */
  readonly userOf: (key: Fingerprint, group: string) => Fingerprint | undefined
  readonly audit: Audit
  /** Somebody's standing may be another now. */
  readonly onChange: () => void
}

export interface Candidate {
  readonly fingerprint: Fingerprint
  readonly group: string
  readonly standing: Standing
  readonly stock?: AccessInput['stock']
}

export class TrustBook {
  readonly #deps: TrustDeps
  readonly #unwatch: () => void
  /** Listed names under which another key than the pinned one showed up. */
  readonly #refusedNames = new Map<string, Fingerprint>()
  #content: TrustContent = NO_TRUST
  #petnames: ReadonlyMap<string, Fingerprint> = new Map()
  #isReadable = false
  #problem: string | undefined

  constructor(deps: TrustDeps) {
    this.#deps = deps
    this.#take(deps.source.read())
    this.#unwatch = deps.source.watch(() => deps.guard.run('trust', () => this.#reload()))
  }

  verdictOf({ fingerprint, group, standing, stock }: Candidate): Verdict {
    return decideAccess({
      standing,
      stock,
      decision: this.#decisionOf(fingerprint, group),
      listing: this.#listingOf(fingerprint),
      membership: this.#deps.membershipOf(fingerprint, group),
      floor: this.#content.groups[group]?.floor ?? 'member',
      isReadable: this.#isReadable,
    })
  }

  isBlocked(key: Fingerprint): boolean {
    return entryOf(this.#content, key)?.trust === 'blocked'
  }

  petnameOf(key: Fingerprint): string | undefined {
    return entryOf(this.#content, key)?.petname
  }

  /** The name to show for a key. A wire name that is the petname of another key would pass for its holder. */
  nameOf(key: Fingerprint, wireName: string): string {
    const petname = this.petnameOf(key)
    if (petname !== undefined) return petname
    return this.#petnames.has(wireName) ? `node-${key.slice(0, 8)}` : wireName
  }

  /** A proven key said its name: a listed name that is nobody's yet is its own from now on. */
  named(key: Fingerprint, wireName: string): void {
    const { allowlist, source, clock, guard } = this.#deps
    if (!allowlist?.names.has(wireName) || !this.#isReadable || this.isBlocked(key)) return
    const holder = this.#holderOf(wireName)
    if (holder !== undefined && this.#listingOf(key) === 'not-listed') this.#refusedNames.set(wireName, key)
    if (holder !== undefined) return
    guard.run('trust-pin', async () => {
      await source.change((content) => pinName(content, wireName, key, clock.now()))
      this.#reload()
    })
  }

  problems(): readonly string[] {
    const refused = [...this.#refusedNames].map(([name, key]) => {
      const holder = this.#holderOf(name)
      return `A second key (${shortFingerprint(key)}) calls itself ${JSON.stringify(name)}, which SYM_ALLOWED_PEERS lists for ${holder ? shortFingerprint(holder) : 'another'}; its words wait in the inbox. If its owner has a new key: sym-mesh-channel petname <fingerprint> ${name}`
    })
    return [...(this.#problem === undefined ? [] : [this.#problem]), ...refused]
  }

  /** Facts that the user is told: which key a listed name stands for, and who has not shown up. */
  notes(): readonly string[] {
    const { allowlist } = this.#deps
    if (!allowlist) return []
    const names = [...allowlist.names].map((name) => {
      const holder = this.#holderOf(name)
      return holder === undefined ? `${name} (not met yet)` : `${name} is ${shortFingerprint(holder)}`
    })
    const all = [...names, ...allowlist.prefixes.map((prefix) => prefix.slice(0, 16))]
    return [`SYM_ALLOWED_PEERS: only these reach Claude: ${all.join(', ')}`]
  }

  stop(): void {
    this.#unwatch()
  }

  #reload(): void {
    const [content, isReadable] = [this.#content, this.#isReadable]
    this.#take(this.#deps.source.read())
    for (const { what, facts } of trustNotes(content, this.#content)) this.#deps.audit.note(what, facts)
    if (this.#content !== content || this.#isReadable !== isReadable) this.#deps.onChange()
  }

  #take(state: SharedState<TrustContent>): void {
    this.#problem = state.kind === 'broken' ? state.problem : undefined
    if (state.kind === 'broken') return
    this.#content = state.value
    this.#petnames = petnamesOf(state.value)
    this.#isReadable = true
  }

  #decisionOf(key: Fingerprint, group: string): AccessInput['decision'] {
    const entry = entryOf(this.#content, key)
    const person = this.#deps.userOf(key, group)
    // Of the session and of its person the word against them counts first.
    const words = [entry?.trust, person && entryOf(this.#content, person)?.trust]
    if (words.includes('blocked')) return 'blocked'
    if (words.includes('verified')) return 'verified'
    const admitted = entry?.admitted?.[group]
    const isOver = admitted?.until !== undefined && admitted.until <= this.#deps.clock.now()
    return admitted && !isOver ? 'admitted' : 'none'
  }

  #listingOf(key: Fingerprint): AccessInput['listing'] {
    const { allowlist } = this.#deps
    if (!allowlist) return 'no-list'
    const isListed = listsKey(allowlist, key) || [...allowlist.names].some((name) => this.#holderOf(name) === key)
    return isListed ? 'listed' : 'not-listed'
  }

  /** The user's own name for a key counts before the name that a key gave itself. */
  #holderOf(name: string): Fingerprint | undefined {
    return this.#petnames.get(name) ?? this.#content.pinnedNames[name]?.key
  }
}

function petnamesOf({ keys }: TrustContent): ReadonlyMap<string, Fingerprint> {
  const named = Object.entries(keys).flatMap(([text, { petname }]) => {
    const key = parseFingerprint(text)
    return key === undefined || petname === undefined ? [] : [[petname, key] as const]
  })
  return new Map(named)
}
