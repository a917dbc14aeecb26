/**
 * Which open groups nodes of ours announce on the network. Everything that is multicast is overheard anyway; of it only
 * records count that look like ours in every part (the type is a group's, the instance is a node id, the text says the
 * same id and our port), so printers and other services never appear. A name is no more than a name: nothing is dialed
 * for it. Bounded in groups and nodes; the one not heard of for longest is forgotten first. Time is passed in.
 */
import { LIMITS } from '../base/limits.ts'
import { parseNodeId } from '../identity/ids.ts'
import { parseGroupName } from '../mmp/group.ts'
import type { SeenGroup } from './discovery.ts'
import { type DnsRecord, portOf, ttlOf } from './record.ts'

const MAX_RECORDS = 256
/** More in one group are counted as so many. */
const MAX_NODES = 64

export class SeenGroups {
  readonly #groups = new Map<string, Map<string, number>>()

  hear(records: readonly DnsRecord[], ownNodeId: string, nowMs: number): void {
    const bounded = records.slice(0, MAX_RECORDS)
    for (const pointer of bounded) {
      const group = pointer.type === 'PTR' ? groupOfService(pointer.name) : undefined
      const nodeId = typeof pointer.data === 'string' ? parseNodeId(pointer.data.split('.')[0] ?? '') : undefined
      if (group === undefined || nodeId === undefined || nodeId === ownNodeId.toLowerCase()) continue
      if (pointer.ttl === 0) this.#forget(group, nodeId)
      else this.#note(group, nodeId, nowMs + lifeOf(String(pointer.data), nodeId, bounded))
    }
  }

  all(nowMs: number): readonly SeenGroup[] {
    for (const [group, nodes] of this.#groups) {
      for (const [nodeId, untilMs] of nodes) if (untilMs <= nowMs) this.#forget(group, nodeId)
    }
    return [...this.#groups].map(([group, nodes]) => ({ group, nodeIds: [...nodes.keys()] }))
  }

  #note(group: string, nodeId: string, untilMs: number): void {
    if (Number.isNaN(untilMs)) return
    const nodes = this.#groups.get(group) ?? new Map<string, number>()
    if (nodes.size >= MAX_NODES && !nodes.has(nodeId)) return
    nodes.set(nodeId, untilMs)
    // Back to the end of the map: its order is the order of last hearing.
    this.#groups.delete(group)
    this.#groups.set(group, nodes)
    const [oldest] = this.#groups.keys()
    if (this.#groups.size > LIMITS.group.listed && oldest !== undefined) this.#groups.delete(oldest)
  }

  #forget(group: string, nodeId: string): void {
    const nodes = this.#groups.get(group)
    nodes?.delete(nodeId)
    if (nodes?.size === 0) this.#groups.delete(group)
  }
}

/** `_backend-team._tcp.local` → `backend-team`; undefined where no group could be called so. */
function groupOfService(name: string): string | undefined {
  const label = /^_([a-z0-9-]{1,62})\._tcp\.local$/.exec(name.toLowerCase())?.[1]
  return label === 'sym' ? 'default' : label && parseGroupName(label)
}

/** For how long the records of this instance are good; NaN when they are not those of a node of ours. */
function lifeOf(instance: string, nodeId: string, records: readonly DnsRecord[]): number {
  const text = records.find((one) => one.type === 'TXT' && one.name.toLowerCase() === instance.toLowerCase())
  return text !== undefined && typeof portOf(text.data, nodeId) === 'number' ? ttlOf(text) : Number.NaN
}
