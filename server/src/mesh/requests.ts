/**
 * Contact requests: keys above the limits of an open group are strangers, and what they say waits in the inbox until a
 * person decides, or a week is over. Many keys are cheap to make, so all strangers together have a small share.
 */
import { LIMITS } from '../base/limits.ts'
import { type Fingerprint, parseFingerprint } from '../identity/ids.ts'
import type { Database } from '../store/database.ts'

export interface ContactRequest {
  readonly fingerprint: Fingerprint
  readonly group: string
  /** The name that it gave itself. */
  readonly name: string
  readonly messages: number
  readonly firstAt: number
  readonly lastAt: number
  /** Then the oldest of it is dropped, decided or not. */
  readonly until: number
}

export class ContactRequests {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Whether one more message of this stranger is kept. */
  hasRoom(fingerprint: Fingerprint): boolean {
    const { keys, messagesPerKey } = LIMITS.requests
    const own = Number(this.#db.get(`SELECT count(*) AS n FROM inbox WHERE held = 'stranger' AND fingerprint = ?`, fingerprint)?.['n'])
    if (own > 0) return own < messagesPerKey
    return Number(this.#db.get(`SELECT count(DISTINCT fingerprint) AS n FROM inbox WHERE held = 'stranger'`)?.['n']) < keys
  }

  /** Latest first. */
  list(): readonly ContactRequest[] {
    const sql = `SELECT fingerprint, room, count(*) AS messages, min(received_at) AS first_at, max(received_at) AS last_at, author_name
      FROM inbox WHERE held = 'stranger' GROUP BY fingerprint, room ORDER BY last_at DESC`
    return this.#db.all(sql).flatMap((row) => {
      const fingerprint = parseFingerprint(String(row['fingerprint']))
      const firstAt = Number(row['first_at'])
      const until = firstAt + LIMITS.requests.keptMs
      const facts = { group: String(row['room']), name: String(row['author_name']), messages: Number(row['messages']) }
      return fingerprint ? [{ fingerprint, ...facts, firstAt, lastAt: Number(row['last_at']), until }] : []
    })
  }
}
