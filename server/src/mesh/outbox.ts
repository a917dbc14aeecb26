/**
 * What we said, until every recipient has it or its time is over. A message is on this disk before its sender is told an
 * id; a recipient's state only ever moves forward, and past `sent` only by the recipient's own signature.
 */
import { LIMITS } from '../base/limits.ts'
import { type Fingerprint, parseFingerprint } from '../identity/ids.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import { type Envelope, readEnvelope } from '../mmp/envelope.ts'
import { parseAssertionId } from '../mmp/signature.ts'
import type { Database, SqlRow, SqlValue } from '../store/database.ts'
import { optionalNumber, parseTags } from './inbox.ts'
import type { MessageState } from './views.ts'

export interface OutboxMessage {
  readonly id: AssertionId
  readonly group: string
  readonly isDirected: boolean
  readonly tags: readonly string[]
  /** The signed record as JSON, ready for a `cmb` frame. */
  readonly record: string
  readonly focus: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly envelope?: Envelope | undefined
}

export interface RecipientState {
  readonly id: AssertionId
  readonly fingerprint: Fingerprint
  readonly state: MessageState
  readonly way: string
  readonly reason: string
  readonly sentAt: number | undefined
  readonly receivedAt: number | undefined
  readonly surfacedAt: number | undefined
  /** Answered, declined, or given up. */
  readonly endedAt: number | undefined
}

/**
 * The order in which a message lives. The last four are ends, and so is `unreceipted`, where nobody gives receipts; what was
 * taken back may have been shown a moment before.
 */
const RANK: Readonly<Record<MessageState, number>> = {
  queued: 0,
  sent: 1,
  unreceipted: 1.5,
  received: 2,
  withdrawn: 3,
  surfaced: 4,
  answered: 5,
  declined: 5,
  expired: 5,
  refused: 5,
}

export class Outbox {
  readonly #db: Database
  /** Rows of the table; undefined when they have to be counted. */
  #rows: number | undefined

  constructor(db: Database) {
    this.#db = db
    db.onRollback(() => {
      this.#rows = undefined
    })
  }

  /** Call inside a write. */
  add(message: OutboxMessage, recipients: readonly Fingerprint[], idempotencyKey: string | undefined): void {
    this.#db.run(
      'INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      message.id,
      message.group,
      message.isDirected ? 1 : 0,
      JSON.stringify(message.tags),
      message.record,
      message.focus,
      message.createdAt,
      message.expiresAt,
      idempotencyKey ?? null,
      message.envelope ? JSON.stringify(message.envelope) : null,
    )
    if (this.#rows !== undefined) this.#rows++
    for (const fingerprint of recipients) {
      const sql = `INSERT INTO recipient (id, fingerprint, state, created_at) VALUES (?, ?, 'queued', ?)`
      this.#db.run(sql, message.id, fingerprint, message.createdAt)
    }
  }

  /**
   * Makes room for one more; false when the limit is reached by messages that still wait. What every recipient has goes
   * first, the oldest. Call inside a write.
   */
  makeRoom(): boolean {
    if (this.#size() < LIMITS.outbox.rows) return true
    const isWaiting = `SELECT 1 FROM recipient WHERE recipient.id = outbox.id AND state IN ('queued', 'sent')`
    const done = `SELECT id FROM outbox WHERE NOT EXISTS (${isWaiting}) ORDER BY created_at LIMIT 100`
    return this.#forget(`id IN (${done})`) > 0
  }

  byIdempotencyKey(key: string): OutboxMessage | undefined {
    return readMessage(this.#db.get('SELECT * FROM outbox WHERE idempotency_key = ?', key))
  }

  get(id: AssertionId): OutboxMessage | undefined {
    return readMessage(this.#db.get('SELECT * FROM outbox WHERE id = ?', id))
  }

  byPrefix(prefix: string): readonly OutboxMessage[] {
    const rows = this.#db.all('SELECT * FROM outbox WHERE id >= ? AND id < ? LIMIT 2', prefix, `${prefix}~`)
    return rows.flatMap((row) => readMessage(row) ?? [])
  }

  /** What is not through: still waiting, or ended without having arrived. Newest first. */
  unfinished(limit: number): readonly OutboxMessage[] {
    const isOpen = `SELECT id FROM recipient WHERE state IN ('queued', 'sent', 'expired', 'refused')`
    const rows = this.#db.all(`SELECT * FROM outbox WHERE id IN (${isOpen}) ORDER BY created_at DESC LIMIT ?`, limit)
    return rows.flatMap((row) => readMessage(row) ?? [])
  }

  /** Ends a message for those that it did not reach; how many those were. Call inside a write. */
  drop(id: AssertionId): number {
    const sql = `UPDATE recipient SET state = 'expired', reason = 'dropped here' WHERE id = ? AND state IN ('queued', 'sent')`
    return this.#db.run(sql, id)
  }

  /** The newest of `among` messages to the group, without those that go to this peer anyway, questions, and what was for a tag. */
  saidLately(group: string, except: Fingerprint, among: number): readonly OutboxMessage[] {
    const isRecipient = 'EXISTS (SELECT 1 FROM recipient WHERE recipient.id = outbox.id AND fingerprint = ?)'
    const sql = `SELECT * FROM (SELECT *, ${isRecipient} AS gone FROM outbox WHERE room = ? AND directed = 0 ORDER BY created_at DESC LIMIT ?) WHERE gone = 0`
    const isForAll = ({ tags }: OutboxMessage) => !tags.some((tag) => tag.startsWith('#') || tag === 'question')
    return this.#db
      .all(sql, except, group, among)
      .flatMap((row) => readMessage(row) ?? [])
      .filter(isForAll)
  }

  recipients(id: AssertionId): readonly RecipientState[] {
    return this.#db.all('SELECT * FROM recipient WHERE id = ? ORDER BY fingerprint', id).flatMap((row) => readRecipient(row) ?? [])
  }

  /** Oldest first: what this peer in this group has not confirmed yet, without those in `except`. */
  waitingFor(fingerprint: Fingerprint, group: string, limit: number, except: ReadonlySet<string>): readonly OutboxMessage[] {
    const rows = this.#db.all(
      `SELECT outbox.* FROM recipient JOIN outbox USING (id)
       WHERE fingerprint = ? AND state IN ('queued', 'sent') AND room = ? ORDER BY recipient.created_at LIMIT ?`,
      fingerprint,
      group,
      limit + except.size,
    )
    return rows
      .flatMap((row) => readMessage(row) ?? [])
      .filter(({ id }) => !except.has(id))
      .slice(0, limit)
  }

  /** Moves a recipient forward; false when it stands there or further already. Call inside a write. */
  advance(id: AssertionId, fingerprint: Fingerprint, state: MessageState, at: number, way = '', reason = ''): boolean {
    const { sql, hasTime } = ADVANCE[state]
    return this.#db.run(sql, state, way, way, reason, ...(hasTime ? [Math.trunc(at)] : []), id, fingerprint) > 0
  }

  /** Why it still waits ("busy"); the state stays, and what waits no longer needs no reason. Call inside a write. */
  note(id: AssertionId, fingerprint: Fingerprint, reason: string): void {
    const sql = `UPDATE recipient SET reason = ? WHERE id = ? AND fingerprint = ? AND state IN ('queued', 'sent')`
    this.#db.run(sql, reason, id, fingerprint)
  }

  /** Ends what nobody fetched in time; returns the ids. Messages long past their end are taken out. Call inside a write. */
  expire(now: number, keptMs: number): readonly AssertionId[] {
    const rows = this.#db.all(
      // The cross join makes the planner begin with the few that are over.
      `SELECT DISTINCT id FROM outbox CROSS JOIN recipient USING (id) WHERE expires_at < ? AND state IN ('queued', 'sent')`,
      now,
    )
    for (const row of rows) {
      this.#db.run(`UPDATE recipient SET state = 'expired' WHERE id = ? AND state IN ('queued', 'sent')`, row['id'] ?? '')
    }
    this.#forget('expires_at < ?', now - keptMs)
    return rows.flatMap((row) => parseAssertionId(String(row['id'])) ?? [])
  }

  waitingCount(): number {
    return Number(this.#db.get(`SELECT count(*) AS n FROM recipient WHERE state IN ('queued', 'sent')`)?.['n'] ?? 0)
  }

  /** Copies that wait for peers of this group. */
  waitingIn(group: string): number {
    const sql = `SELECT count(*) AS n FROM recipient JOIN outbox USING (id) WHERE state IN ('queued', 'sent') AND room = ?`
    return Number(this.#db.get(sql, group)?.['n'] ?? 0)
  }

  #forget(condition: string, ...parameters: readonly SqlValue[]): number {
    const gone = this.#db.run(`DELETE FROM outbox WHERE ${condition}`, ...parameters)
    if (this.#rows !== undefined) this.#rows -= gone
    return gone
  }

  #size(): number {
    this.#rows ??= Number(this.#db.get('SELECT count(*) AS n FROM outbox')?.['n'] ?? 0)
    return this.#rows
  }
}

/** One text for each state, so that each is prepared once. */
const ADVANCE: Readonly<Record<MessageState, Advance>> = {
  queued: advanceTo('queued'),
  sent: advanceTo('sent'),
  unreceipted: advanceTo('unreceipted'),
  received: advanceTo('received'),
  withdrawn: advanceTo('withdrawn'),
  surfaced: advanceTo('surfaced'),
  answered: advanceTo('answered'),
  declined: advanceTo('declined'),
  expired: advanceTo('expired'),
  refused: advanceTo('refused'),
}

interface Advance {
  readonly sql: string
  readonly hasTime: boolean
}

function advanceTo(state: MessageState): Advance {
  const lower = Object.entries(RANK).flatMap(([name, rank]) => (rank < RANK[state] ? [`'${name}'`] : []))
  const time = timeColumn(state)
  const setTime = time ? `, ${time} = coalesce(${time}, ?)` : ''
  const sql = `UPDATE recipient SET state = ?, way = CASE ? WHEN '' THEN way ELSE ? END, reason = ?${setTime}
    WHERE id = ? AND fingerprint = ? AND state IN (${lower.join(', ')})`
  return { sql, hasTime: time !== undefined }
}

function timeColumn(state: MessageState): string | undefined {
  const columns: Partial<Record<MessageState, string>> = {
    sent: 'sent_at',
    unreceipted: 'sent_at',
    received: 'received_at',
    surfaced: 'surfaced_at',
    answered: 'ended_at',
    declined: 'ended_at',
    expired: 'ended_at',
  }
  return columns[state]
}

function parseState(value: SqlValue | undefined): MessageState | undefined {
  return Object.keys(RANK).find((state): state is MessageState => state === value)
}

function readMessage(row: SqlRow | undefined): OutboxMessage | undefined {
  const id = parseAssertionId(String(row?.['id']))
  if (!row || !id) return undefined
  return {
    id,
    group: String(row['room']),
    isDirected: row['directed'] === 1,
    tags: parseTags(String(row['tags'])),
    record: String(row['record']),
    focus: String(row['focus']),
    createdAt: Number(row['created_at']),
    expiresAt: Number(row['expires_at']),
    envelope: readEnvelope(row['envelope']),
  }
}

function readRecipient(row: SqlRow): RecipientState | undefined {
  const fingerprint = parseFingerprint(String(row['fingerprint']))
  const state = parseState(row['state'])
  const id = parseAssertionId(String(row['id']))
  if (!id || !fingerprint || !state) return undefined
  return {
    id,
    fingerprint,
    state,
    way: String(row['way']),
    reason: String(row['reason']),
    sentAt: optionalNumber(row['sent_at']),
    receivedAt: optionalNumber(row['received_at']),
    surfacedAt: optionalNumber(row['surfaced_at']),
    endedAt: optionalNumber(row['ended_at']),
  }
}
