/**
 * Which groups admit stock nodes now, and which nodes never count as one: the person's file joined with the pins of this
 * node. What cannot be read admits nobody. What is changed at the command line counts here within moments.
 */
import type { Clock } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { fingerprintOf, type NodeId } from '../identity/ids.ts'
import type { Audit } from '../store/audit-log.ts'
import type { Pin } from './peers.ts'
import {
  admitsAny,
  isFloored,
  NO_STOCK,
  policyOf,
  raiseFloor,
  resetAtOf,
  type StockContent,
  type StockPolicy,
  type StockSource,
} from './stock-file.ts'

export interface StockPoliciesDeps {
  readonly source: StockSource
  readonly clock: Clock
  readonly guard: Guard
  readonly audit: Audit
  /** Nodes that proved themselves to this node. */
  readonly pins: () => readonly Pin[]
  readonly groups: () => readonly string[]
  readonly onChange: () => void
}

export class StockPolicies {
  readonly #deps: StockPoliciesDeps
  readonly #unwatch: () => void
  #content: StockContent = NO_STOCK
  #problem: string | undefined

  constructor(deps: StockPoliciesDeps) {
    this.#deps = deps
    this.#take()
    this.#unwatch = deps.source.watch(() => deps.guard.run('stock', () => this.#reload()))
  }

  of(group: string): StockPolicy {
    return policyOf(this.#content, group)
  }

  /** The groups of ours that admit stock nodes. */
  admitting(): readonly string[] {
    return this.#deps.groups().filter((group) => this.of(group) !== 'off')
  }

  /** Whether this node or this key was ever secure. */
  isFloored(nodeId: NodeId, publicKey?: Uint8Array): boolean {
    const own = this.#deps.pins().some((pin) => {
      const isIt = pin.nodeId === nodeId || (publicKey !== undefined && Buffer.from(pin.publicKey).equals(publicKey))
      return isIt && pin.at > resetAtOf(this.#content, pin.nodeId)
    })
    return own || isFloored(this.#content, nodeId, publicKey && fingerprintOf(publicKey))
  }

  resetAt(nodeId: NodeId): number {
    return resetAtOf(this.#content, nodeId)
  }

  /** A node proved itself: where stock nodes may come, the other sessions of this user are to know. */
  async secured(): Promise<void> {
    if (!admitsAny(this.#content)) return
    const nodes = this.#deps.pins().map(({ nodeId, publicKey, at }) => ({ nodeId, key: fingerprintOf(publicKey), at }))
    if (raiseFloor(this.#content, nodes) === this.#content) return
    this.#content = await this.#deps.source.change((content) => raiseFloor(content, nodes))
  }

  problems(): readonly string[] {
    return this.#problem === undefined ? [] : [`${this.#problem}. Until then no stock node is let in`]
  }

  /** Told as long as it is so: nobody is to be surprised by it. */
  notes(): readonly string[] {
    return this.admitting().map((group) => {
      const policy = this.of(group)
      const what = policy === 'allow' ? 'are peers, and hear what is said to the group' : 'are heard in the inbox only'
      return `Stock MMP nodes ${what} in ${group} (policy ${policy}); they prove no key on the link. sym-mesh-channel stock ${group} off ends that`
    })
  }

  stop(): void {
    this.#unwatch()
  }

  #reload(): void {
    const before = this.#content
    this.#take()
    if (this.#content === before) return
    const changed = this.#deps.groups().filter((group) => policyOf(before, group) !== this.of(group))
    for (const group of changed) this.#deps.audit.note('stock-policy', { group, from: policyOf(before, group), to: this.of(group) })
    this.#deps.guard.run('stock-floor', () => this.secured())
    if (changed.length > 0) this.#deps.onChange()
  }

  #take(): void {
    const state = this.#deps.source.read()
    this.#problem = state.kind === 'broken' ? state.problem : undefined
    this.#content = state.kind === 'broken' ? { ...NO_STOCK, floor: this.#content.floor, resets: this.#content.resets } : state.value
  }
}
