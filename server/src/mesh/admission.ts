/**
 * Who is let in, for the node: each peer that was met with the trust that counts for it now, and what happens when that
 * changes. Words that wait for a decision are let go by it, and words of a key that was blocked are out of sight.
 */
import type { Clock } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { Audit } from '../store/audit-log.ts'
import type { Database } from '../store/database.ts'
import { type AccessInput, describeHold, type Hold, isHold, type Verdict } from './access.ts'
import type { Allowlist } from './allowlist.ts'
import type { Inbox } from './inbox.ts'
import type { PeerBook, PeerRecord } from './peers.ts'
import { type ContactRequest, ContactRequests } from './requests.ts'
import type { StockPolicy } from './stock-file.ts'
import { TrustBook } from './trust.ts'
import type { TrustSource } from './trust-file.ts'

export interface AdmissionDeps {
  readonly clock: Clock
  readonly guard: Guard
  readonly db: Database
  readonly peers: PeerBook
  readonly inbox: Inbox
  readonly trust: TrustSource
  readonly allowlist: Allowlist | undefined
  readonly membershipOf: (key: Fingerprint, group: string) => AccessInput['membership']
  /** What a group admits of stock nodes. */
  readonly stockPolicyOf: (group: string) => StockPolicy
  readonly audit: Audit
  readonly userOf: (key: Fingerprint, group: string) => Fingerprint | undefined
}

export type Author = Pick<PeerRecord, 'fingerprint' | 'group'>

export interface AdmissionEvents {
  /** Something is decided anew: links of blocked keys are to be closed, and what these authors said can be shown. */
  readonly onDecided: (letGo: readonly Author[]) => void
}

export class Admission {
  readonly requests: ContactRequests
  readonly #deps: AdmissionDeps
  readonly #events: AdmissionEvents
  readonly #trust: TrustBook

  constructor(deps: AdmissionDeps, events: AdmissionEvents) {
    this.#deps = deps
    this.#events = events
    this.requests = new ContactRequests(deps.db)
    const { clock, guard, trust: source, allowlist, membershipOf, userOf, audit } = deps
    this.#trust = new TrustBook({
      clock,
      guard,
      source,
      allowlist,
      membershipOf,
      userOf,
      audit,
      onChange: () => guard.run('reconsider', () => this.reconsider()),
    })
  }

  verdictOf({ fingerprint, group }: Author): Verdict {
    const peer = this.#deps.peers.get(fingerprint, group)
    const stock = peer?.isStock ? this.#deps.stockPolicyOf(group) : undefined
    return this.#trust.verdictOf({ fingerprint, group, standing: peer?.standing ?? 'unknown', stock })
  }

  isBlocked(fingerprint: Fingerprint): boolean {
    return this.#trust.isBlocked(fingerprint)
  }

  /** What lists and the fence show of a key beside its words. */
  faceOf({ fingerprint, group, name }: Pick<PeerRecord, 'fingerprint' | 'group' | 'name'>): {
    readonly name: string
    readonly isPetname: boolean
    readonly trust: Verdict['trust']
    readonly held: string | undefined
  } {
    const { trust, access } = this.verdictOf({ fingerprint, group })
    const isPetname = this.#trust.petnameOf(fingerprint) !== undefined
    return {
      name: this.#trust.nameOf(fingerprint, name),
      isPetname,
      trust,
      held: access.kind === 'pending' ? describeHold(access.reason) : undefined,
    }
  }

  /** A proven key said its name. */
  named(fingerprint: Fingerprint, name: string): void {
    this.#trust.named(fingerprint, name)
  }

  /** Strangers that wait for a decision. */
  pending(): readonly ContactRequest[] {
    return this.requests.list().filter(({ fingerprint, group }) => this.#holdOf({ fingerprint, group }) === 'stranger')
  }

  problems(): readonly string[] {
    return this.#trust.problems()
  }

  notes(): readonly string[] {
    const count = this.pending().length
    const requests = count === 0 ? [] : [`${count} unknown keys ask to be let in: sym-mesh-channel trust requests`]
    return [...this.#trust.notes(), ...requests]
  }

  /** Brings what waits in the inbox in line with what is decided now. */
  async reconsider(): Promise<void> {
    const { inbox, db } = this.#deps
    const changed = inbox.waiting().filter((author) => this.#isStale(author))
    if (changed.length > 0) {
      await db.write(() => {
        for (const author of changed) inbox.hold(author, author.held, this.#holdOf(author))
      })
    }
    this.#events.onDecided(changed.filter((author) => this.#holdOf(author) === undefined))
  }

  stop(): void {
    this.#trust.stop()
  }

  /** What is held for another reason stays so, unless its author is to be out of sight. */
  #isStale(author: Author & { readonly held: string | undefined }): boolean {
    const hold = this.#holdOf(author)
    const isOurs = author.held === undefined || isHold(author.held) || hold === 'blocked' || hold === 'not-a-member'
    return isOurs && author.held !== hold
  }

  #holdOf(author: Author): Hold | undefined {
    const { access } = this.verdictOf(author)
    return access.kind === 'admitted' ? undefined : access.reason
  }
}
