/**
 * Receipts that an author has not acknowledged: kept on disk and repeated on the next link, so that a sender learns what
 * became of its message even when either side died in between (architecture: states, ack). What became certain at once
 * for one author is one receipt.
 */
import * as z from 'zod'
import { LIMITS } from '../base/limits.ts'
import { type Fingerprint, parseFingerprint } from '../identity/ids.ts'
import { receiptItem } from '../mmp/frames.ts'
import type { ReceiptItem } from '../mmp/receipt.ts'
import type { Database, SqlRow } from '../store/database.ts'

export interface OpenReceipt {
  /** Rises with every receipt of this node. */
  readonly seq: number
  readonly fingerprint: Fingerprint
  readonly group: string
  readonly items: readonly ReceiptItem[]
}

/** One item, and whom it is for. */
export interface Told {
  readonly author: Fingerprint
  readonly group: string
  readonly item: ReceiptItem
}

/** Two for each item that the inbox can hold. */
const MAX_OPEN = 2 * LIMITS.inbox.rows
const storedItems = z.array(receiptItem)

export class ReceiptBook {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** The receipts to send: for each author one, and more only when it does not hold all. Call inside a write. */
  add(told: readonly Told[], at: number): readonly OpenReceipt[] {
    const byAuthor = new Map<string, Told[]>()
    for (const one of told) {
      const key = `${one.author} ${one.group}`
      const others = byAuthor.get(key)
      if (others) others.push(one)
      else byAuthor.set(key, [one])
    }
    return [...byAuthor.values()].flatMap(inParts).flatMap((part) => this.#add(part, at) ?? [])
  }

  /** Call inside a write. */
  acknowledge(seq: number, author: Fingerprint): void {
    this.#db.run('DELETE FROM receipt WHERE seq = ? AND fingerprint = ?', seq, author)
  }

  /** Oldest first, those after `afterSeq`. */
  openFor(author: Fingerprint, group: string, afterSeq = 0, limit = MAX_OPEN): readonly OpenReceipt[] {
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

  #add([first, ...others]: readonly Told[], at: number): OpenReceipt | undefined {
    if (!first) return undefined
    const { author, group } = first
    const items = [first, ...others].map(({ item }) => item)
    const sql = 'INSERT INTO receipt (fingerprint, room, items, at) VALUES (?, ?, ?, ?)'
    const seq = this.#db.insert(sql, author, group, JSON.stringify(items), at)
    return seq === undefined ? undefined : { seq, fingerprint: author, group, items }
  }
}

function inParts(told: readonly Told[]): readonly (readonly Told[])[] {
  const size = LIMITS.receipt.items
  return Array.from({ length: Math.ceil(told.length / size) }, (_, part) => told.slice(part * size, (part + 1) * size))
}

function readReceipt(row: SqlRow): OpenReceipt | undefined {
  const fingerprint = parseFingerprint(String(row['fingerprint']))
  const items = storedItems.safeParse(JSON.parse(String(row['items'])))
  if (!fingerprint || !items.success) return undefined
  return { seq: Number(row['seq']), fingerprint, group: String(row['room']), items: items.data }
}
