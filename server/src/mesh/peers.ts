/**
 * Who was met: pins of keys, and what is known of each peer per group. A node id is pinned to the key that first proved
 * it; another key for it is a hard stop, never an overwrite (R157).
 */
import type { Clock } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import { oneLine } from '../base/text.ts'
import { type Fingerprint, type NodeId, parseFingerprint, parseFingerprintPrefix, parseNodeId } from '../identity/ids.ts'
import { isPrivateValue } from '../mmp/group.ts'
import type { Database, SqlRow, SqlValue } from '../store/database.ts'
import { type Standing, standingOfNewcomer } from './access.ts'

export interface PeerRecord {
  readonly fingerprint: Fingerprint
  readonly group: string
  readonly nodeId: NodeId
  readonly name: string
  /** What the rules of the group say; what a person decided stands in `trust.json`. */
  readonly standing: Standing
  readonly firstSeen: number
  readonly lastSeen: number
  /** It asked to be left out of lists, also while it is away. */
  readonly isHidden: boolean
  /** A stock node: its key is a claim until it has signed something, and it stands in no limit of the others. */
  readonly isStock: boolean
}

/** A key that proved itself in a handshake. */
export interface Pin {
  readonly nodeId: NodeId
  readonly publicKey: Uint8Array
  readonly at: number
}

export class PeerBook {
  readonly #db: Database
  readonly #clock: Clock
  readonly #guard: Guard
  readonly #peers = new Map<string, PeerRecord>()
  readonly #pins = new Map<NodeId, Pin>()

  constructor(db: Database, clock: Clock, guard: Guard) {
    this.#db = db
    this.#clock = clock
    this.#guard = guard
    for (const row of db.all('SELECT * FROM peer')) this.#remember(readPeer(row))
    for (const row of db.all('SELECT * FROM pin')) {
      const nodeId = parseNodeId(String(row['node_id']))
      const publicKey = row['public_key']
      if (nodeId && publicKey instanceof Uint8Array) this.#pins.set(nodeId, { nodeId, publicKey, at: Number(row['pinned_at']) })
    }
  }

  pinnedKeyOf(nodeId: NodeId): Uint8Array | undefined {
    return this.#pins.get(nodeId)?.publicKey
  }

  pins(): readonly Pin[] {
    return [...this.#pins.values()]
  }

  /** Whether this key is known under another node id: one key has one id, or it could take the ids of those to come. */
  hasOtherId(nodeId: NodeId, fingerprint: Fingerprint): boolean {
    return this.all().some((peer) => peer.fingerprint === fingerprint && peer.nodeId !== nodeId && !peer.isStock)
  }

  get(fingerprint: Fingerprint, group: string): PeerRecord | undefined {
    return this.#peers.get(keyOf(fingerprint, group))
  }

  all(): readonly PeerRecord[] {
    return [...this.#peers.values()]
  }

  /**
   * Notes a link to a stock node. Nothing is pinned here (`stock-book.ts`), and nothing written until it has signed
   * something; what is known of the same key as a secure node stays as it is.
   */
  metStock(peer: { nodeId: NodeId; fingerprint: Fingerprint }, group: string, hasSigned: boolean): void {
    const now = this.#clock.now()
    const known = this.get(peer.fingerprint, group)
    const standing = hasSigned || (known?.isStock && known.standing === 'member') ? 'member' : 'unknown'
    const name = known?.name ?? `node-${peer.nodeId.slice(0, 8)}`
    const { fingerprint, nodeId } = peer
    this.#save({
      fingerprint,
      nodeId,
      group,
      name,
      standing,
      firstSeen: known?.firstSeen ?? now,
      lastSeen: now,
      isHidden: false,
      isStock: true,
    })
  }

  /** Notes an authenticated meeting; pins the key the first time. Durable with the next group commit. */
  met(peer: { nodeId: NodeId; publicKey: Uint8Array; fingerprint: Fingerprint }, group: string): PeerRecord {
    const now = this.#clock.now()
    const known = this.get(peer.fingerprint, group)
    // Above the limits a key is `unknown` until there is room again, so it is asked anew at each meeting.
    // Into a private group nobody comes without a certificate, so the limits for strangers are not for them.
    const isKnown = (known?.standing === 'member' && !known.isStock) || isPrivateValue(group)
    const standing = isKnown ? 'member' : standingOfNewcomer(this.#census(group, now, known))
    const record: PeerRecord = {
      fingerprint: peer.fingerprint,
      group,
      nodeId: peer.nodeId,
      name: known?.name ?? `node-${peer.nodeId.slice(0, 8)}`,
      standing,
      firstSeen: known?.standing === standing ? known.firstSeen : now,
      lastSeen: now,
      isHidden: known?.isHidden ?? false,
      isStock: false,
    }
    this.#pin(peer.nodeId, peer.publicKey, record)
    this.#save(record)
    return record
  }

  /** A link went down. A key above the limits leaves nothing behind, or strangers could fill the disk. */
  left(fingerprint: Fingerprint, group: string): void {
    const known = this.get(fingerprint, group)
    if (known?.standing !== 'unknown') return this.seen(fingerprint, group)
    this.#peers.delete(keyOf(fingerprint, group))
    if (!known.isStock && !this.all().some((peer) => peer.nodeId === known.nodeId)) this.#pins.delete(known.nodeId)
  }

  /** The peer's own name for itself: a suggestion, made harmless. One that reads as an id would catch what is meant for its owner. */
  named(fingerprint: Fingerprint, group: string, name: string): void {
    const known = this.get(fingerprint, group)
    const clean = oneLine(name, LIMITS.name.maxBytes)
    if (known && clean !== '' && clean !== known.name && !readsAsId(clean)) this.#save({ ...known, name: clean })
  }

  /** Its own wish, by its last word; written when the peer leaves, so that changing one's mind costs no disk. */
  hidden(fingerprint: Fingerprint, group: string, isHidden: boolean): void {
    const known = this.get(fingerprint, group)
    if (known) this.#remember({ ...known, isHidden })
  }

  seen(fingerprint: Fingerprint, group: string): void {
    const known = this.get(fingerprint, group)
    if (known) this.#save({ ...known, lastSeen: this.#clock.now() })
  }

  #census(group: string, now: number, except: PeerRecord | undefined): { pinned: number; newLastHour: number } {
    const idleSince = now - LIMITS.openGroup.idleDays * 86_400_000
    const members = this.all().filter((peer) => isMember(peer) && peer.group === group && peer !== except)
    return {
      pinned: members.filter((peer) => peer.lastSeen > idleSince).length,
      newLastHour: members.filter((peer) => peer.firstSeen > now - 3_600_000).length,
    }
  }

  #pin(nodeId: NodeId, publicKey: Uint8Array, { standing, lastSeen }: PeerRecord): void {
    if (!this.#pins.has(nodeId)) this.#pins.set(nodeId, { nodeId, publicKey, at: lastSeen })
    if (standing === 'unknown') return
    this.#write('INSERT OR IGNORE INTO pin VALUES (?, ?, ?)', nodeId, publicKey, lastSeen)
  }

  #save(peer: PeerRecord): void {
    this.#remember(peer)
    if (peer.standing === 'unknown') return
    this.#write(
      `INSERT INTO peer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (fingerprint, room)
       DO UPDATE SET node_id = excluded.node_id, name = excluded.name, standing = excluded.standing,
         first_seen = excluded.first_seen, last_seen = excluded.last_seen, hidden = excluded.hidden, stock = excluded.stock`,
      peer.fingerprint,
      peer.group,
      peer.nodeId,
      peer.name,
      peer.standing,
      peer.firstSeen,
      peer.lastSeen,
      Number(peer.isHidden),
      Number(peer.isStock),
    )
  }

  #write(sql: string, ...parameters: readonly SqlValue[]): void {
    this.#guard.run('peer-book', () => this.#db.write(() => this.#db.run(sql, ...parameters)))
  }

  #remember(peer: PeerRecord | undefined): void {
    if (peer) this.#peers.set(keyOf(peer.fingerprint, peer.group), peer)
  }
}

const isMember = (peer: PeerRecord): boolean => peer.standing === 'member' && !peer.isStock

const keyOf = (fingerprint: Fingerprint, group: string): string => `${fingerprint} ${group}`

function readsAsId(name: string): boolean {
  return parseFingerprintPrefix(name) !== undefined || parseNodeId(name) !== undefined
}

function readPeer(row: SqlRow): PeerRecord | undefined {
  const fingerprint = parseFingerprint(String(row['fingerprint']))
  const nodeId = parseNodeId(String(row['node_id']))
  if (!fingerprint || !nodeId) return undefined
  return {
    fingerprint,
    nodeId,
    group: String(row['room']),
    name: String(row['name']),
    standing: row['standing'] === 'member' ? 'member' : 'unknown',
    firstSeen: Number(row['first_seen']),
    lastSeen: Number(row['last_seen']),
    isHidden: Number(row['hidden']) === 1,
    isStock: Number(row['stock']) === 1,
  }
}
