/**
 * Receipts that an author has not acknowledged: kept on disk and repeated on the next link, so that a sender learns what
 * became of its message even when either side died in between (architecture: states, ack).
 */
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

export class ReceiptBook {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Undefined when this receipt is already waiting for its acknowledgement. Call inside a write. */
  add(
    of: AssertionId,
    state: ReceiptState['state'],
    way: string,
    at: number,
    fingerprint: Fingerprint,
    group: string,
  ): ReceiptState | undefined {
    this.#db.run(
      'INSERT OR IGNORE INTO receipt (of, state, way, at, fingerprint, room) VALUES (?, ?, ?, ?, ?, ?)',
      of,
      state,
      way,
      at,
      fingerprint,
      group,
    )
    return readReceipt(this.#db.get('SELECT * FROM receipt WHERE of = ? AND state = ?', of, state))
  }

  /** Call inside a write. */
  acknowledge(of: AssertionId, state: string, author: Fingerprint): void {
    this.#db.run('DELETE FROM receipt WHERE of = ? AND state = ? AND fingerprint = ?', of, state, author)
  }

  openFor(author: Fingerprint, group: string): readonly ReceiptState[] {
    const rows = this.#db.all('SELECT * FROM receipt WHERE fingerprint = ? AND room = ? ORDER BY seq LIMIT 1000', author, group)
    return rows.flatMap((row) => readReceipt(row) ?? [])
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
