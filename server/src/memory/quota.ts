/**
 * How much of a table each author has, in rows and in bytes, against a limit for all and a share for one. The figures are
 * kept in memory, because they are asked for with every message, and counted anew after a roll back.
 */
import type { Database } from '../store/database.ts'

export interface QuotaLimits {
  readonly rows: number
  readonly bytes: number
  /** What one author may have of both, as a part of 1. */
  readonly peerShare: number
}

interface Use {
  rows: number
  bytes: number
}

export class Quota {
  readonly #db: Database
  readonly #table: 'inbox' | 'memory'
  readonly #limits: QuotaLimits
  readonly #byAuthor = new Map<string, Use>()
  #all: Use = { rows: 0, bytes: 0 }
  #isStale = true

  constructor(db: Database, table: 'inbox' | 'memory', limits: QuotaLimits) {
    this.#db = db
    this.#table = table
    this.#limits = limits
    db.onRollback(() => {
      this.#isStale = true
    })
  }

  get rows(): number {
    this.#refresh()
    return this.#all.rows
  }

  get bytes(): number {
    this.#refresh()
    return this.#all.bytes
  }

  count(author: string, rows: number, bytes: number): void {
    // What has still to be read will be found there.
    if (!this.#isStale) this.#add(author, rows, bytes)
  }

  #refresh(): void {
    if (!this.#isStale) return
    this.#byAuthor.clear()
    this.#all = { rows: 0, bytes: 0 }
    const sql = `SELECT fingerprint, count(*) AS n, sum(bytes) AS b FROM ${this.#table} GROUP BY fingerprint`
    for (const row of this.#db.all(sql)) this.#add(String(row['fingerprint']), Number(row['n']), Number(row['b']))
    this.#isStale = false
  }

  #add(author: string, rows: number, bytes: number): void {
    const own = this.#byAuthor.get(author) ?? { rows: 0, bytes: 0 }
    for (const use of [own, this.#all]) {
      use.rows += rows
      use.bytes += bytes
    }
    if (own.rows > 0) this.#byAuthor.set(author, own)
    else this.#byAuthor.delete(author)
  }

  /** Whether one more row of this size is above the share of its author. */
  isAboveShare(author: string, bytes: number): boolean {
    this.#refresh()
    const { rows, peerShare } = this.#limits
    return isAbove(this.#byAuthor.get(author), rows * peerShare, this.#limits.bytes * peerShare, bytes)
  }

  /** Whether one more row of this size is above the limit for all. */
  isFull(bytes: number): boolean {
    this.#refresh()
    return isAbove(this.#all, this.#limits.rows, this.#limits.bytes, bytes)
  }
}

function isAbove(use: Use | undefined, rows: number, bytes: number, more: number): boolean {
  return use !== undefined && (use.rows + 1 > rows || use.bytes + more > bytes)
}
