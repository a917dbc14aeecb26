/**
 * The candidates that are present on the LAN: sightings (one node, by one packet source, on one interface) joined into
 * one candidate per node and interface. What one source says never removes what another said of the same node, so a
 * forged record adds an address to be tried in vain and does not replace the honest one. Bounded: the candidate not
 * heard of for longest goes first. Time is passed in.
 */
import { LIMITS } from '../base/limits.ts'
import type { Candidate } from './discovery.ts'
import { type LanAddress, rank, type Sighting } from './record.ts'

/** Sources per candidate: both address families of an honest node, and room for two more. */
const MAX_SOURCES = 4

interface Source {
  readonly addresses: readonly LanAddress[]
  /** Until when each was promised to be true. */
  readonly groups: ReadonlyMap<string, number>
}

interface Entry {
  readonly nodeId: string
  readonly via: string
  readonly dialect: Candidate['dialect']
  readonly sources: Map<string, Source>
  told: string
}

/** What changed and must be told. */
export interface Change {
  readonly found: readonly Candidate[]
  readonly lost: readonly string[]
}

const NOTHING: Change = { found: [], lost: [] }

export class CandidateTable {
  readonly #entries = new Map<string, Entry>()

  see(sighting: Sighting, nowMs: number): Change {
    const { nodeId, via, dialect } = sighting
    const id = idOf(nodeId, via, dialect)
    const entry = this.#entries.get(id) ?? { nodeId, via, dialect, sources: new Map<string, Source>(), told: '' }
    const before = entry.sources.get(sighting.from)
    if (before === undefined && entry.sources.size >= MAX_SOURCES) return NOTHING
    const groups = new Map(before?.groups).set(sighting.group, nowMs + sighting.ttlMs)
    entry.sources.set(sighting.from, { addresses: sighting.addresses, groups })
    // Back to the end of the map: its order is the order of last hearing.
    this.#entries.delete(id)
    this.#entries.set(id, entry)
    const lost = this.#evict()
    return { ...this.#tell(id, entry), lost }
  }

  /** A goodbye counts only for what its own source had said. */
  withdraw(nodeId: string, via: string, from: string, group: string): Change {
    const [one, other] = [
      this.#withdraw(idOf(nodeId, via, undefined), from, group),
      this.#withdraw(idOf(nodeId, via, 'stock'), from, group),
    ]
    return { found: [...one.found, ...other.found], lost: [...one.lost, ...other.lost] }
  }

  #withdraw(id: string, from: string, group: string): Change {
    const entry = this.#entries.get(id)
    const source = entry?.sources.get(from)
    if (entry === undefined || source === undefined) return NOTHING
    const groups = new Map(source.groups)
    groups.delete(group)
    entry.sources.set(from, { ...source, groups })
    return this.#settle(id, entry)
  }

  expire(nowMs: number): Change {
    return this.#each((entry) => {
      for (const [from, source] of entry.sources) {
        const groups = new Map([...source.groups].filter(([, untilMs]) => untilMs > nowMs))
        if (groups.size < source.groups.size) entry.sources.set(from, { ...source, groups })
      }
    })
  }

  /** Forgets what was heard on interfaces that are gone, and groups that we left. */
  keepOnly(interfaces: ReadonlySet<string>, ourGroups: ReadonlySet<string>): Change {
    return this.#each((entry) => {
      for (const [from, source] of entry.sources) {
        const isHere = interfaces.has(entry.via)
        const groups = new Map([...source.groups].filter(([group]) => isHere && ourGroups.has(group)))
        if (groups.size < source.groups.size) entry.sources.set(from, { ...source, groups })
      }
    })
  }

  all(): readonly Candidate[] {
    return [...this.#entries].map(([id, entry]) => candidateOf(id, entry))
  }

  #each(edit: (entry: Entry) => void): Change {
    const changes = [...this.#entries].map(([id, entry]) => {
      edit(entry)
      return this.#settle(id, entry)
    })
    return { found: changes.flatMap(({ found }) => found), lost: changes.flatMap(({ lost }) => lost) }
  }

  /** Drops sources that say nothing any more, and the candidate with its last one. */
  #settle(id: string, entry: Entry): Change {
    for (const [from, { groups }] of entry.sources) if (groups.size === 0) entry.sources.delete(from)
    if (entry.sources.size > 0) return this.#tell(id, entry)
    this.#entries.delete(id)
    return { found: [], lost: [id] }
  }

  #tell(id: string, entry: Entry): Change {
    const candidate = candidateOf(id, entry)
    const said = JSON.stringify(candidate)
    if (said === entry.told) return NOTHING
    entry.told = said
    return { found: [candidate], lost: [] }
  }

  #evict(): readonly string[] {
    const tooMany = Math.max(0, this.#entries.size - LIMITS.mdns.candidates)
    const oldest = [...this.#entries.keys()].slice(0, tooMany)
    for (const id of oldest) this.#entries.delete(id)
    return oldest
  }
}

/** A node of ours and a stock node of one id are two candidates: the record is a claim in both cases. */
function idOf(nodeId: string, via: string, dialect: Candidate['dialect']): string {
  return `lan:${dialect === undefined ? '' : `${dialect}:`}${nodeId}@${via}`
}

function candidateOf(id: string, entry: Entry): Candidate {
  const sources = [...entry.sources.values()]
  const groups = [...new Set(sources.flatMap((source) => [...source.groups.keys()]))].sort()
  const dialect = entry.dialect === undefined ? {} : { dialect: entry.dialect }
  return { source: 'lan', id, nodeId: entry.nodeId, groups, addresses: joined(sources), ...dialect }
}

/** Within one rank the source that was heard first stays first: a later lie cannot push the honest address back. */
function joined(sources: readonly Source[]): readonly LanAddress[] {
  const byPlace = new Map(sources.flatMap(({ addresses }) => addresses).map((one) => [`${one.host} ${one.port}`, one] as const))
  return [...byPlace.values()].sort((a, b) => rank(a.host) - rank(b.host))
}
