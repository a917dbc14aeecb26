/**
 * The embedded queue: one SQLite file. Puts of one turn of the event loop share one commit and one sync; nobody is told
 * before it is done. Each item carries a digest, so that a disk that rots is noticed here and not by the recipient.
 *
 * Which sender left how much with whom must be known to bound it, and must not be readable on the disk: the pair is
 * kept as a keyed hash under a secret of this process alone. After a restart that one count begins anew; the limits per
 * recipient, group and store do not.
 */
import { createHmac } from 'node:crypto'
import { sha256, utf8 } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Database, SqlRow, SqlValue } from '../store/database.ts'
import type { RelayLimits } from './limits.ts'
import type { Mailbox, NewItem, PutOutcome, QueueUsage, RelayQueue, StoredItem } from './queue.ts'

export interface SqliteQueueDeps {
  readonly db: Database
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
  readonly limits: RelayLimits
}

const DIGEST_BYTES = 16
/** Deleted in one commit; the rest waits for the next round, so that a full store never stops the relay. */
const EXPIRE_AT_ONCE = 1_000

export class SqliteQueue implements RelayQueue {
  readonly #deps: SqliteQueueDeps
  readonly #secret: Uint8Array
  /** Bytes per group, and in all. */
  readonly #groups = new Map<string, number>()
  #total: { items: number; bytes: number } = { items: 0, bytes: 0 }
  #isHealthy = true
  #isMiscounted = false

  constructor(deps: SqliteQueueDeps) {
    this.#deps = deps
    this.#secret = deps.random(32)
    this.#recount()
    // Also when another write of the same commit fails: ours runs a second time then, and counts a second time.
    deps.db.onRollback(() => {
      this.#isMiscounted = true
    })
  }

  /** Whether the last write reached the disk. */
  get isHealthy(): boolean {
    return this.#isHealthy
  }

  async put(item: NewItem): Promise<PutOutcome> {
    if (item.sealed.length > this.#deps.limits.itemBytes) return { kind: 'refused', reason: 'too-large' }
    try {
      return await this.#counted(() => this.#insert(item))
    } catch (thrown) {
      this.#deps.log.error('an item could not be stored', { error: messageOf(thrown) })
      return { kind: 'refused', reason: 'store-failed' }
    }
  }

  async next({ group, recipient }: Mailbox, seq: number, limit: number): Promise<readonly StoredItem[]> {
    const rows = this.#deps.db.all(
      'SELECT seq, id, digest, sealed FROM item WHERE room = ? AND recipient = ? AND seq > ? AND expires_at > ? ORDER BY seq LIMIT ?',
      group,
      recipient,
      seq,
      this.#deps.clock.now(),
      limit,
    )
    return rows.flatMap((row) => this.#read(row) ?? [])
  }

  async ack({ group, recipient }: Mailbox, ids: readonly string[]): Promise<void> {
    const where = 'room = ? AND recipient = ? AND id = ?'
    await this.#counted(() => {
      for (const id of ids) this.#remove(where, group, recipient, id)
    })
  }

  expire(): Promise<number> {
    const where = 'seq IN (SELECT seq FROM item WHERE expires_at <= ? LIMIT ?)'
    return this.#counted(() => this.#remove(where, this.#deps.clock.now(), EXPIRE_AT_ONCE))
  }

  usage(mailbox?: Mailbox): QueueUsage {
    if (this.#isMiscounted) this.#recount()
    return mailbox === undefined ? this.#total : this.#sum('room = ? AND recipient = ?', mailbox.group, mailbox.recipient)
  }

  #insert(item: NewItem): PutOutcome {
    const { db, clock, limits } = this.#deps
    const { group, recipient, id, sealed } = item
    const digest = digestOf(sealed)
    const known = db.get('SELECT digest, expires_at FROM item WHERE room = ? AND recipient = ? AND id = ?', group, recipient, id)
    if (known) {
      const isSame = known['digest'] instanceof Uint8Array && Buffer.compare(known['digest'], digest) === 0
      return isSame ? { kind: 'stored', expiresAt: Number(known['expires_at']) } : { kind: 'refused', reason: 'id-used' }
    }
    const pair = this.#pairOf(item)
    if (!this.#hasRoom(item, pair)) return { kind: 'refused', reason: 'queue-full' }
    const expiresAt = clock.now() + Math.min(item.ttlMs, limits.ttlMs)
    const columns = '(room, recipient, id, bytes, expires_at, pair, digest, sealed)'
    db.run(
      `INSERT INTO item ${columns} VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      group,
      recipient,
      id,
      sealed.length,
      expiresAt,
      pair,
      digest,
      sealed,
    )
    this.#add(group, 1, sealed.length)
    return { kind: 'stored', expiresAt }
  }

  #hasRoom({ group, recipient, sealed }: NewItem, pair: Uint8Array): boolean {
    const { limits, db } = this.#deps
    const box = this.usage({ group, recipient })
    const ofPair = Number(db.get('SELECT count(*) AS n FROM item WHERE pair = ?', pair)?.['n'])
    return (
      box.items < limits.queueItems &&
      box.bytes + sealed.length <= limits.queueBytes &&
      ofPair < limits.pairItems &&
      (this.#groups.get(group) ?? 0) + sealed.length <= limits.groupBytes &&
      this.#total.bytes + sealed.length <= limits.storeBytes
    )
  }

  #read(row: SqlRow): StoredItem | undefined {
    const { seq, id, digest, sealed } = row
    const isWhole = sealed instanceof Uint8Array && digest instanceof Uint8Array && Buffer.compare(digestOf(sealed), digest) === 0
    if (isWhole) return { seq: Number(seq), id: String(id), sealed }
    this.#deps.log.error('a stored item is damaged and is not delivered', { seq: Number(seq) })
    return undefined
  }

  /** Names both ends under a secret, so that equal pairs are equal and nothing else can be learned from it. */
  #pairOf({ group, recipient, sender }: NewItem): Uint8Array {
    const text = `${group} ${sender} ${recipient}`
    return createHmac('sha256', this.#secret).update(utf8(text)).digest().subarray(0, DIGEST_BYTES)
  }

  #sum(where: string, ...parameters: readonly string[]): QueueUsage {
    const row = this.#deps.db.get(`SELECT count(*) AS items, coalesce(sum(bytes), 0) AS bytes FROM item WHERE ${where}`, ...parameters)
    return { items: Number(row?.['items']), bytes: Number(row?.['bytes']) }
  }

  #remove(where: string, ...parameters: readonly SqlValue[]): number {
    const gone = this.#deps.db.all(`DELETE FROM item WHERE ${where} RETURNING room, bytes`, ...parameters)
    for (const { room, bytes } of gone) this.#add(String(room), -1, -Number(bytes))
    return gone.length
  }

  #add(group: string, items: number, bytes: number): void {
    this.#groups.set(group, (this.#groups.get(group) ?? 0) + bytes)
    if (this.#groups.get(group) === 0) this.#groups.delete(group)
    this.#total = { items: this.#total.items + items, bytes: this.#total.bytes + bytes }
  }

  #recount(): void {
    this.#total = this.#sum('1 = 1')
    this.#groups.clear()
    for (const row of this.#deps.db.all('SELECT room, sum(bytes) AS bytes FROM item GROUP BY room')) {
      this.#groups.set(String(row['room']), Number(row['bytes']))
    }
    this.#isMiscounted = false
  }

  /** A write that was rolled back has been counted all the same. */
  async #counted<T>(work: () => T): Promise<T> {
    try {
      const result = await this.#deps.db.write(work)
      this.#isHealthy = true
      return result
    } catch (thrown) {
      this.#isHealthy = false
      this.#isMiscounted = true
      throw thrown
    }
  }
}

function digestOf(sealed: Uint8Array): Uint8Array {
  return sha256(sealed).subarray(0, DIGEST_BYTES)
}
