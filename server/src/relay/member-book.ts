/**
 * Which key proved itself for which id, per group, on disk: an id that somebody owns is still theirs when they are away
 * and when the relay was restarted. A full book takes nobody new in, and forgets nobody for it: else a newcomer could
 * wash out the ids of those who are away.
 */
import type { Clock } from '../base/clock.ts'
import { type Fingerprint, fingerprintOf, type NodeId } from '../identity/ids.ts'
import type { RelayGroup } from '../mmp/relay-proof.ts'
import type { Database } from '../store/database.ts'
import type { RelayLimits } from './limits.ts'

const DAY_MS = 86_400_000

export class MemberBook {
  readonly #db: Database
  readonly #clock: Clock
  readonly #limits: RelayLimits

  constructor(db: Database, clock: Clock, limits: RelayLimits) {
    this.#db = db
    this.#clock = clock
    this.#limits = limits
  }

  /** The key that owns this id, if one does. */
  ownerOf(group: RelayGroup, nodeId: NodeId): Uint8Array | undefined {
    const key = this.#db.get('SELECT public_key FROM known WHERE room = ? AND node_id = ?', group, nodeId)?.['public_key']
    return key instanceof Uint8Array ? key : undefined
  }

  knows(group: RelayGroup, fingerprint: Fingerprint): boolean {
    return this.#db.get('SELECT 1 AS one FROM known WHERE room = ? AND fingerprint = ? LIMIT 1', group, fingerprint) !== undefined
  }

  /** Notes that the holder of this key came; resolves when it is on disk. One key has one id: the newest. */
  async note(group: RelayGroup, nodeId: NodeId, publicKey: Uint8Array): Promise<void> {
    const fingerprint = fingerprintOf(publicKey)
    await this.#db.write(() => {
      this.#db.run('DELETE FROM known WHERE room = ? AND fingerprint = ? AND node_id <> ?', group, fingerprint, nodeId)
      if (this.ownerOf(group, nodeId) === undefined && this.#isFull(group)) return
      this.#db.run(
        'INSERT INTO known VALUES (?, ?, ?, ?, ?) ON CONFLICT (room, node_id) DO UPDATE SET seen_at = excluded.seen_at',
        group,
        nodeId,
        publicKey,
        fingerprint,
        this.#clock.now(),
      )
    })
  }

  async expire(): Promise<void> {
    const since = this.#clock.now() - this.#limits.knownDays * DAY_MS
    await this.#db.write(() => this.#db.run('DELETE FROM known WHERE seen_at < ?', since))
  }

  #isFull(group: RelayGroup): boolean {
    return Number(this.#db.get('SELECT count(*) AS n FROM known WHERE room = ?', group)?.['n']) >= this.#limits.knownPerGroup
  }
}
