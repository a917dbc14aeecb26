/**
 * Questions on disk: ours with the answers that came, and those of others that wait for our answer. What was said stands
 * in inbox and outbox; here is how far it got. An answer and the end of its question are written in one step, and a
 * question that ended never opens again.
 */
import { type Fingerprint, parseFingerprint } from '../identity/ids.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import { parseAssertionId } from '../mmp/signature.ts'
import type { Database, Migration, SqlRow, SqlValue } from '../store/database.ts'
import { optionalNumber } from './inbox.ts'

export const QUESTION_MIGRATION: Migration = {
  id: 'questions-1',
  sql: `
    CREATE TABLE asked (
      id TEXT PRIMARY KEY,
      room TEXT NOT NULL,
      text TEXT NOT NULL,
      wanted INTEGER NOT NULL,
      wake INTEGER NOT NULL,
      asked_at INTEGER NOT NULL,
      until INTEGER NOT NULL,
      state TEXT NOT NULL DEFAULT 'open',
      ended_at INTEGER,
      reminded INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX asked_open ON asked (asked_at) WHERE state = 'open';

    CREATE TABLE answer (
      id TEXT PRIMARY KEY,
      question TEXT NOT NULL REFERENCES asked (id) ON DELETE CASCADE,
      fingerprint TEXT NOT NULL,
      declined INTEGER NOT NULL,
      at INTEGER NOT NULL,
      UNIQUE (question, fingerprint)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE question (
      id TEXT PRIMARY KEY,
      room TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      asked_at INTEGER NOT NULL,
      until INTEGER NOT NULL,
      state TEXT NOT NULL DEFAULT 'open',
      ended_at INTEGER,
      held INTEGER NOT NULL DEFAULT 0,
      reminded INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX question_open ON question (asked_at) WHERE state = 'open';
  `,
}

/** `closed`: the asker had enough answers of others. */
export const QUESTION_STATES = ['open', 'answered', 'declined', 'cancelled', 'timed-out', 'closed'] as const
export type QuestionState = (typeof QUESTION_STATES)[number]

/** A question of ours. */
export interface Asked {
  readonly id: AssertionId
  readonly group: string
  /** Its beginning, in one line. */
  readonly text: string
  /** Answers that end it. */
  readonly wanted: number
  readonly wake: boolean
  readonly askedAt: number
  readonly until: number
  readonly state: QuestionState
  readonly endedAt: number | undefined
}

export interface Answer {
  readonly id: AssertionId
  readonly question: AssertionId
  readonly from: Fingerprint
  readonly isDecline: boolean
  readonly at: number
}

/** A question of somebody else. */
export interface Question {
  readonly id: AssertionId
  readonly group: string
  readonly from: Fingerprint
  readonly askedAt: number
  readonly until: number
  readonly state: QuestionState
  readonly endedAt: number | undefined
  readonly isHeld: boolean
}

const DUE = `state = 'open' AND reminded = 0 AND asked_at < ?`
/** What Claude was not shown yet needs no reminder: it will be shown. */
const IS_SHOWN = 'EXISTS (SELECT 1 FROM inbox WHERE inbox.id = question.id AND surfaced_at IS NOT NULL)'

export class QuestionBook {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Call inside a write, as every method that changes something. */
  addAsked({ id, group, text, wanted, wake, askedAt, until }: Omit<Asked, 'state' | 'endedAt'>): void {
    const sql = 'INSERT INTO asked (id, room, text, wanted, wake, asked_at, until) VALUES (?, ?, ?, ?, ?, ?, ?)'
    this.#db.run(sql, id, group, text, wanted, wake ? 1 : 0, askedAt, until)
  }

  asked(id: AssertionId): Asked | undefined {
    return readAsked(this.#db.get('SELECT * FROM asked WHERE id = ?', id))
  }

  askedByPrefix(prefix: string): readonly Asked[] {
    return this.#all('SELECT * FROM asked WHERE id >= ? AND id < ? LIMIT 2', readAsked, prefix, `${prefix}~`)
  }

  /** Oldest first. */
  openAsked(): readonly Asked[] {
    return this.#all(`SELECT * FROM asked WHERE state = 'open' ORDER BY asked_at`, readAsked)
  }

  /** Of this group, ended before their time: those who were asked may not know. */
  closedEarly(group: string, now: number): readonly Asked[] {
    const sql = `SELECT * FROM asked WHERE state IN ('answered', 'cancelled') AND room = ? AND until > ? ORDER BY ended_at DESC LIMIT 64`
    return this.#all(sql, readAsked, group, now)
  }

  /** False when this peer has answered before. */
  addAnswer({ id, question, from, isDecline, at }: Answer): boolean {
    const sql = 'INSERT OR IGNORE INTO answer (id, question, fingerprint, declined, at) VALUES (?, ?, ?, ?, ?)'
    return this.#db.run(sql, id, question, from, isDecline ? 1 : 0, at) > 0
  }

  answers(question: AssertionId): readonly Answer[] {
    return this.#all('SELECT * FROM answer WHERE question = ? ORDER BY at', readAnswer, question)
  }

  /** Which question this message answers. */
  answer(id: AssertionId): Answer | undefined {
    return readAnswer(this.#db.get('SELECT * FROM answer WHERE id = ?', id))
  }

  endAsked(id: AssertionId, state: QuestionState, at: number): boolean {
    return this.#db.run(`UPDATE asked SET state = ?, ended_at = ? WHERE id = ? AND state = 'open'`, state, at, id) > 0
  }

  addQuestion({ id, group, from, askedAt, until }: Omit<Question, 'state' | 'isHeld' | 'endedAt'>): void {
    const sql = 'INSERT OR IGNORE INTO question (id, room, fingerprint, asked_at, until) VALUES (?, ?, ?, ?, ?)'
    this.#db.run(sql, id, group, from, askedAt, until)
  }

  question(id: AssertionId): Question | undefined {
    return readQuestion(this.#db.get('SELECT * FROM question WHERE id = ?', id))
  }

  questionsByPrefix(prefix: string): readonly Question[] {
    return this.#all('SELECT * FROM question WHERE id >= ? AND id < ? LIMIT 2', readQuestion, prefix, `${prefix}~`)
  }

  /** Oldest first. */
  openQuestions(): readonly Question[] {
    return this.#all(`SELECT * FROM question WHERE state = 'open' ORDER BY asked_at`, readQuestion)
  }

  openOf(from: Fingerprint): number {
    const sql = `SELECT count(*) AS n FROM question WHERE state = 'open' AND fingerprint = ?`
    return Number(this.#db.get(sql, from)?.['n'] ?? 0)
  }

  endQuestion(id: AssertionId, state: QuestionState, at: number): boolean {
    return this.#db.run(`UPDATE question SET state = ?, ended_at = ? WHERE id = ? AND state = 'open'`, state, at, id) > 0
  }

  markHeld(id: AssertionId): void {
    this.#db.run('UPDATE question SET held = 1 WHERE id = ?', id)
  }

  /** Open for longer than this, and not yet reminded of; they are now. */
  takeReminders(before: number): { readonly asked: readonly Asked[]; readonly questions: readonly Question[] } {
    return {
      asked: this.#all(`UPDATE asked SET reminded = 1 WHERE ${DUE} RETURNING *`, readAsked, before),
      questions: this.#all(`UPDATE question SET reminded = 1 WHERE ${DUE} AND ${IS_SHOWN} RETURNING *`, readQuestion, before),
    }
  }

  /** Whether something is due: asked often, so without a write. */
  hasReminders(before: number): boolean {
    const sql = `SELECT 1 AS hit FROM asked WHERE ${DUE} UNION ALL SELECT 1 FROM question WHERE ${DUE} AND ${IS_SHOWN} LIMIT 1`
    return this.#db.get(sql, before, before) !== undefined
  }

  /** Whether `expire` has something to do: an idle node writes nothing. */
  hasOver(now: number, keptMs: number): boolean {
    const isOver = `(state = 'open' AND until < ?) OR until < ?`
    const sql = `SELECT 1 AS hit FROM asked WHERE ${isOver} UNION ALL SELECT 1 FROM question WHERE ${isOver} LIMIT 1`
    return this.#db.get(sql, now, now - keptMs, now, now - keptMs) !== undefined
  }

  /** Ends what is over; returns our questions among them. What ended long ago is forgotten. */
  expire(now: number, keptMs: number): readonly Asked[] {
    this.#db.run(`UPDATE question SET state = 'timed-out', ended_at = until WHERE state = 'open' AND until < ?`, now)
    this.#db.run('DELETE FROM question WHERE until < ?', now - keptMs)
    this.#db.run('DELETE FROM answer WHERE question IN (SELECT id FROM asked WHERE until < ?)', now - keptMs)
    this.#db.run('DELETE FROM asked WHERE until < ?', now - keptMs)
    return this.#all(
      `UPDATE asked SET state = 'timed-out', ended_at = until WHERE state = 'open' AND until < ? RETURNING *`,
      readAsked,
      now,
    )
  }

  #all<T>(sql: string, read: (row: SqlRow) => T | undefined, ...parameters: readonly SqlValue[]): readonly T[] {
    return this.#db.all(sql, ...parameters).flatMap((row) => read(row) ?? [])
  }
}

function readAsked(row: SqlRow | undefined): Asked | undefined {
  const id = parseAssertionId(String(row?.['id']))
  const state = readState(row?.['state'])
  if (!row || !id || !state) return undefined
  return {
    id,
    state,
    group: String(row['room']),
    text: String(row['text']),
    wanted: Number(row['wanted']),
    wake: row['wake'] === 1,
    askedAt: Number(row['asked_at']),
    until: Number(row['until']),
    endedAt: optionalNumber(row['ended_at']),
  }
}

function readAnswer(row: SqlRow | undefined): Answer | undefined {
  const id = parseAssertionId(String(row?.['id']))
  const question = parseAssertionId(String(row?.['question']))
  const from = parseFingerprint(String(row?.['fingerprint']))
  if (!row || !id || !question || !from) return undefined
  return { id, question, from, isDecline: row['declined'] === 1, at: Number(row['at']) }
}

function readQuestion(row: SqlRow | undefined): Question | undefined {
  const id = parseAssertionId(String(row?.['id']))
  const from = parseFingerprint(String(row?.['fingerprint']))
  const state = readState(row?.['state'])
  if (!row || !id || !from || !state) return undefined
  return {
    id,
    from,
    state,
    group: String(row['room']),
    askedAt: Number(row['asked_at']),
    until: Number(row['until']),
    endedAt: optionalNumber(row['ended_at']),
    isHeld: row['held'] === 1,
  }
}

function readState(value: SqlValue | undefined): QuestionState | undefined {
  return QUESTION_STATES.find((state) => state === value)
}
