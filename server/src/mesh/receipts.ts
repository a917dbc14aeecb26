/**
 * Receipts that an author has not acknowledged: kept on disk and repeated on the next link, so that a sender learns what
 * became of its message even when either side died in between (architecture: states, ack).
 */
import { LIMITS } from '../base/limits.ts'
import { type Fingerprint, parseFingerprint } from '../identity/ids.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import { parseAssertionId } from '../mmp/signature.ts'
import type { Database, SqlRow } from '../store/database.ts'

export interface ReceiptState {
  readonly of: AssertionId
  readonly state: 'received' | 'surfaced'
  /** How it reached Claude; empty before. */
  readonly way: string
  readonly at: number
  /** Rises with every receipt of this node: of two, the later one counts. */
  readonly seq: number
  readonly fingerprint: Fingerprint
  readonly group: string
}

/** Two for each item that the inbox can hold. */
const MAX_OPEN = 2 * LIMITS.inbox.rows

export class ReceiptBook {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** The receipt to send: a new one, or the same as before while the author has not acknowledged it. Call inside a write. */
  add(
    of: AssertionId,
    state: ReceiptState['state'],
    way: string,
    at: number,
    fingerprint: Fingerprint,
    group: string,
  ): ReceiptState | undefined {
    const sql = 'INSERT INTO receipt (of, state, way, at, fingerprint, room) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *'
    const added = this.#db.get(sql, of, state, way, at, fingerprint, group)
    return readReceipt(added ?? this.#db.get('SELECT * FROM receipt WHERE of = ? AND state = ?', of, state))
  }

  /** Call inside a write. */
  acknowledge(of: AssertionId, state: string, author: Fingerprint): void {
    this.#db.run('DELETE FROM receipt WHERE of = ? AND state = ? AND fingerprint = ?', of, state, author)
  }

  /** Oldest first, those after `afterSeq`. */
  openFor(author: Fingerprint, group: string, afterSeq = 0, limit = MAX_OPEN): readonly ReceiptState[] {
    const sql = 'SELECT * FROM receipt WHERE fingerprint = ? AND room = ? AND seq > ? ORDER BY seq LIMIT ?'
    return this.#db.all(sql, author, group, afterSeq, limit).flatMap((row) => readReceipt(row) ?? [])
  }

  /**
   * Takes out what no author will ask for any more, and the oldest above the limit: an author that never acknowledges
   * must not fill the disk. Who missed `received` gets it again for a copy. Call inside a write.
   */
  prune(now: number): void {
    this.#db.run('DELETE FROM receipt WHERE at < ?', now - LIMITS.cmb.pastMs)
    this.#db.run('DELETE FROM receipt WHERE seq <= (SELECT seq FROM receipt ORDER BY seq DESC LIMIT 1 OFFSET ?)', MAX_OPEN)
  }
}

function readReceipt(row: SqlRow | undefined): ReceiptState | undefined {
  const of = parseAssertionId(String(row?.['of']))
  const fingerprint = parseFingerprint(String(row?.['fingerprint']))
  if (!row || !of || !fingerprint) return undefined
  return {
    of,
    fingerprint,
    state: row['state'] === 'surfaced' ? 'surfaced' : 'received',
    way: String(row['way']),
    at: Number(row['at']),
    seq: Number(row['seq']),
    group: String(row['room']),
  }
}
