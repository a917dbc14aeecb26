/**
 * When to dial which candidate. Records on a LAN may be lies, so an unproven one is tried seldom and within a budget; one
 * that has proven itself is tried again soon after its link went down. Of two nodes that see each other the lower id
 * dials at once and the other two seconds later, which spares the double link without trusting one side's view.
 */
import { TokenBucket } from '../base/bucket.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import { Scope } from '../base/scope.ts'
import type { Candidate } from '../discovery/discovery.ts'
import { type NodeId, parseNodeId } from '../identity/ids.ts'
import type { Address } from '../transport/connection.ts'
import type { DialOutcome, DialTarget } from './links.ts'

export interface DialerDeps {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly guard: Guard
  readonly self: NodeId
  readonly groups: () => readonly string[]
  readonly dial: (target: DialTarget, signal: AbortSignal) => Promise<DialOutcome>
  readonly isLinked: (nodeId: NodeId, group: string, kind: Address['kind']) => boolean
}

interface Entry {
  candidate: Candidate
  /** What the candidate proved to be: until then its claims count for nothing. */
  proven: NodeId | undefined
  failures: number
  lastRule: string | undefined
  isDialing: boolean
  /** Its turn came, for a new address or a new network, while the old dial was still on. */
  isDue: boolean
  nextAt: number
  cancel: () => void
}

const OTHER_SIDE_FIRST_MS = 2_000
const RETRY_MS: Readonly<Record<Candidate['source'], readonly number[]>> = {
  machine: [100, 250, 500, 1_000, 2_000, 5_000],
  lan: [500, 1_000, 2_000, 5_000, 10_000, 15_000],
  static: [500, 1_000, 2_000, 5_000, 10_000, 30_000],
  // Most of those at a relay who do not answer are of other groups.
  relay: [1_000, 5_000, 30_000, 120_000],
}

export class Dialer {
  readonly #deps: DialerDeps
  readonly #scope: Scope
  readonly #entries = new Map<string, Entry>()
  readonly #budget: TokenBucket

  constructor(deps: DialerDeps) {
    this.#deps = deps
    this.#scope = new Scope(deps.clock)
    const perMinute = LIMITS.mdns.dialsPerMinute
    this.#budget = new TokenBucket(perMinute, perMinute / 60, deps.clock.monotonic())
  }

  found(candidate: Candidate): void {
    const entry = this.#entries.get(candidate.id)
    if (!entry) return this.#add(candidate)
    const hasMoved = JSON.stringify(entry.candidate.addresses) !== JSON.stringify(candidate.addresses)
    entry.candidate = candidate
    if (hasMoved) {
      entry.failures = 0
      this.#schedule(entry, 0)
    } else if (entry.nextAt === Number.POSITIVE_INFINITY) this.#schedule(entry, this.#firstDelay(candidate))
  }

  lost(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry || entry.candidate.source === 'static') return
    entry.cancel()
    this.#entries.delete(id)
  }

  /** A link to this node went down: its addresses are tried again soon, or not before this time. */
  linkDown(nodeId: NodeId, atLeastMs = 0): void {
    for (const entry of this.#entries.values()) {
      if (this.#nodeIdOf(entry) !== nodeId) continue
      entry.failures = 0
      this.#schedule(entry, this.#jitter(Math.max(atLeastMs, this.#deps.self < nodeId ? 250 : 1_000)))
    }
  }

  /** Tries everything that is not linked now: groups changed, the machine woke, a send reached nobody. */
  retryAll(): void {
    for (const entry of this.#entries.values()) {
      entry.failures = 0
      this.#schedule(entry, this.#firstDelay(entry.candidate))
    }
  }

  /** What is known and not linked, and why, for people; of one source, or of all. */
  failures(source?: Candidate['source']): readonly { readonly address: string; readonly rule: string }[] {
    return [...this.#entries.values()].flatMap(({ candidate, lastRule }) => {
      const isAsked = source === undefined || candidate.source === source
      return lastRule && isAsked ? [{ address: describe(candidate.addresses[0]), rule: lastRule }] : []
    })
  }

  stop(): Promise<void> {
    return this.#scope.stop()
  }

  #add(candidate: Candidate): void {
    if (candidate.nodeId !== undefined && parseNodeId(candidate.nodeId) === this.#deps.self) return
    const entry: Entry = {
      candidate,
      proven: undefined,
      failures: 0,
      lastRule: undefined,
      isDialing: false,
      isDue: false,
      nextAt: Number.POSITIVE_INFINITY,
      cancel() {},
    }
    this.#entries.set(candidate.id, entry)
    this.#schedule(entry, this.#firstDelay(candidate))
  }

  #firstDelay(candidate: Candidate): number {
    return candidate.nodeId !== undefined && candidate.nodeId < this.#deps.self ? OTHER_SIDE_FIRST_MS : 0
  }

  #schedule(entry: Entry, delayMs: number): void {
    entry.cancel()
    entry.nextAt = this.#deps.clock.monotonic() + delayMs
    entry.cancel = this.#scope.after(delayMs, () => this.#deps.guard.run('dial', () => this.#try(entry)))
  }

  async #try(entry: Entry): Promise<void> {
    entry.nextAt = Number.POSITIVE_INFINITY
    entry.isDue = entry.isDialing
    if (entry.isDialing) return
    const groups = this.#wantedGroups(entry)
    if (groups.length === 0) return
    if (!this.#mayDial(entry)) return this.#schedule(entry, this.#jitter(60_000 / LIMITS.mdns.dialsPerMinute))
    entry.isDialing = true
    const isLinked = await this.#dialAll(entry, groups).finally(() => {
      entry.isDialing = false
    })
    if (isLinked || this.#scope.isStopped || this.#entries.get(entry.candidate.id) !== entry) return
    this.#schedule(entry, entry.isDue ? 0 : this.#retryDelay(entry))
  }

  async #dialAll(entry: Entry, groups: readonly string[]): Promise<boolean> {
    let linked = 0
    for (const group of groups) if (await this.#dialGroup(entry, group)) linked++
    if (linked < groups.length) entry.failures++
    else entry.failures = 0
    return linked === groups.length
  }

  async #dialGroup(entry: Entry, group: string): Promise<boolean> {
    const nodeId = this.#nodeIdOf(entry)
    for (const [at, address] of entry.candidate.addresses.entries()) {
      // A record may name several addresses; for a stranger each is a dial of its own.
      if (this.#scope.isStopped || (at > 0 && !this.#mayDial(entry))) return false
      const outcome = await this.#deps.dial({ address, group, nodeId }, this.#scope.signal)
      if (outcome.kind === 'linked') {
        entry.proven = outcome.nodeId
        entry.lastRule = undefined
        return true
      }
      entry.lastRule = outcome.rule
      // Somebody else is at this address now: next time whoever answers is taken, where nobody in particular was meant.
      if (outcome.rule === 'wrong-node') entry.proven = undefined
      // Our own address under a name that we did not recognise: it will never be anybody else.
      if (outcome.rule === 'own-key') {
        entry.lastRule = undefined
        return true
      }
    }
    return false
  }

  #wantedGroups(entry: Entry): readonly string[] {
    const { candidate } = entry
    const shared = this.#deps.groups().filter((group) => candidate.groups?.includes(group) ?? true)
    const nodeId = this.#nodeIdOf(entry)
    const [address] = candidate.addresses
    if (nodeId === undefined || address === undefined) return shared
    return shared.filter((group) => !this.#deps.isLinked(nodeId, group, address.kind) && !this.#hasBetter(nodeId, group, address.kind))
  }

  /** On one machine a LAN link beside the socket would only be a second way to the same place. */
  #hasBetter(nodeId: NodeId, group: string, kind: Address['kind']): boolean {
    return kind === 'lan' && this.#deps.isLinked(nodeId, group, 'machine')
  }

  #mayDial(entry: Entry): boolean {
    if (entry.candidate.source !== 'lan' || entry.proven) return true
    return this.#budget.take(this.#deps.clock.monotonic())
  }

  #retryDelay(entry: Entry): number {
    const isStranger = entry.candidate.source === 'lan' && !entry.proven
    const steps = isStranger ? [LIMITS.mdns.dialAgainMs] : RETRY_MS[entry.candidate.source]
    return this.#jitter(steps[Math.min(entry.failures, steps.length) - 1] ?? LIMITS.mdns.dialAgainMs)
  }

  #nodeIdOf(entry: Entry): NodeId | undefined {
    return entry.proven ?? (entry.candidate.nodeId === undefined ? undefined : parseNodeId(entry.candidate.nodeId))
  }

  /** Up to a fifth longer, so that nodes that lost each other at one moment do not dial at one moment. */
  #jitter(ms: number): number {
    return ms * (1 + ((this.#deps.random(1)[0] ?? 0) / 255) * 0.2)
  }
}

function describe(address: Address | undefined): string {
  if (!address) return 'no address'
  if (address.kind === 'relay') return `${address.nodeId} at a relay`
  return address.kind === 'lan' ? `${address.host}:${address.port}` : address.path
}
