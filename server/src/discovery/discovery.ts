/**
 * Who might be there. A candidate is an address to try and never a peer: everything in it may be a lie, and only the
 * handshake proves anything. Three sources implement this interface and pass one contract suite.
 */
import type { Address } from '../transport/connection.ts'

export interface Candidate {
  readonly source: 'lan' | 'machine' | 'static' | 'relay'
  /** Stable while the source tells of the same node at the same place. */
  readonly id: string
  /** What the record claims; undefined where the source does not know. */
  readonly nodeId: string | undefined
  /** Groups that the record claims; undefined where the source does not know. */
  readonly groups: readonly string[] | undefined
  /** By its record, or by the word of a person, a stock node: it is met in its own way, where a group admits any. */
  readonly dialect?: 'stock'
  /** To be tried in this order (IPv4 before global IPv6 before link-local IPv6). Never empty. */
  readonly addresses: readonly Address[]
}

/** What others shall find of us. */
export interface Announcement {
  readonly nodeId: string
  readonly name: string
  readonly publicKey: string
  readonly hostname: string
  /** Open groups that we are in, the current one first. */
  readonly groups: readonly string[]
  /** Private groups, those that are looked for included. */
  readonly hidden?: readonly HiddenService[]
  /** Overrides the service type that follows from the group (SYM_SERVICE_TYPE). */
  readonly serviceType: string | undefined
  /** The group that it overrides it for; the current one when absent. */
  readonly serviceTypeGroup?: string
  /** Port of the one v2 listener. */
  readonly port: number
  /** Where stock nodes may come: the groups that admit them, and the port of their own listener. */
  readonly stock?: { readonly port: number; readonly groups: readonly string[] } | undefined
}

/** Where private groups are announced, among others. */
export const HIDDEN_SERVICE = '_sym._tcp.local'

/** A group whose name is nobody's business: a random instance and a tag that only members can tell from noise. */
export interface HiddenService {
  readonly group: string
  /** What a hello says of it. */
  readonly room: string
  /** What to announce; undefined for a group that is only looked for. */
  readonly instance?: string
  readonly tag?: () => string
  /** Whether a record of others is of this group, or worth a try. */
  readonly accepts: (instance: string, tag: string) => boolean
}

export interface DiscoveryEvents {
  readonly onFound: (candidate: Candidate) => void
  /** The record was withdrawn or ran out. Says nothing about a link that is up. */
  readonly onLost: (id: string) => void
}

/** An open group, and the nodes that were heard to be in it lately, ourselves excepted. */
export interface SeenGroup {
  readonly group: string
  readonly nodeIds: readonly string[]
}

export interface DiscoveryHealth {
  /** One sentence for a person when something is in the way, else undefined. */
  readonly problem: string | undefined
}

export interface Discovery {
  start(announcement: Announcement, events: DiscoveryEvents): Promise<void>
  /** Replaces what is announced (a group was joined). */
  update(announcement: Announcement): void
  /** Tells of every present candidate again and asks the network again (a send reached nobody, a laptop woke). */
  refresh(): void
  health(): DiscoveryHealth
  /** Asks the network which groups there are. A source that cannot ask has none. */
  browse?(): void
  /** Groups that were heard of lately, ours and others. */
  groupsSeen?(): readonly SeenGroup[]
  stop(): Promise<void>
}
