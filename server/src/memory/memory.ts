/**
 * What was kept: every admitted CMB, our own and those of peers, findable by its words. The inbox forgets what was read;
 * memory forgets what is older than the person wants, else the oldest when it is full, and never lets one peer take more
 * than its share. What was not found relevant is kept as well, to be found and for nothing else.
 */
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { AssertionId, Cmb } from '../mmp/cmb.ts'
import type { Envelope } from '../mmp/envelope.ts'
import type { Database, SqlRow, SqlValue } from '../store/database.ts'
import type { Candidate, Part } from './anchors.ts'
import { type MemoryItem, readCandidate, readItem, wordsOf } from './items.ts'
import { type MemoryQuery, statementOf } from './query.ts'
import { Quota } from './quota.ts'

export interface Kept {
  readonly cmb: Cmb
  readonly author: Fingerprint
  readonly tags: readonly string[]
  readonly keptAt: number
  readonly part: Part
  readonly envelope?: Envelope | undefined
}

/** How much and how long, where the person says so. */
export interface Retention {
  readonly days?: number | undefined
  readonly megabytes?: number | undefined
  /** No setting: more than the table of limits has, to measure. */
  readonly rows?: number | undefined
}

/** What a row costs beside its texts. */
const ROW_BYTES = 512
/** Rows that are forgotten at once; the rest with the next look. */
const FORGOTTEN_AT_ONCE = 1_000
const MAX_THREAD = 500
/** For the past of a group, which is asked for by others: of a large memory the rest is too long ago. */
const LOOKED_THROUGH = 10_000
/** Rows whose words wait to be indexed: to index many at once costs half of what one by one costs. */
const INDEXED_AT_ONCE = 200

export class Memory {
  readonly #db: Database
  readonly #quota: Quota
  readonly #retention: Retention
  #tell: (candidate: Candidate | undefined) => void = () => {}
  /** Rows that were kept since the words of all were indexed; at the start some may have been left over. */
  #unindexed = 1

  constructor(db: Database, retention: Retention = {}) {
    this.#db = db
    this.#retention = retention
    const megabytes = retention.megabytes ?? Number.POSITIVE_INFINITY
    const { rows = LIMITS.memory.rows } = retention
    this.#quota = new Quota(db, 'memory', { ...LIMITS.memory, rows, bytes: Math.min(LIMITS.memory.bytes, megabytes * 1_048_576) })
    db.onRollback(() => {
      this.#unindexed++
      this.#tell(undefined)
    })
  }

  get size(): number {
    return this.#quota.rows
  }

  /** Hears of everything that is kept; of `undefined` when something was forgotten or taken back. */
  onKept(listener: (candidate: Candidate | undefined) => void): void {
    this.#tell = listener
  }

  /** Keeps a CMB; the same id twice is kept once. Call inside a write. */
  keep({ cmb, author, tags, keptAt, part, envelope }: Kept): void {
    const fields = JSON.stringify(cmb.fields)
    const body = cmb.application?.bytes ?? null
    const words = wordsOf(cmb, body)
    const bytes = Buffer.byteLength(fields) + (body?.length ?? 0) + Buffer.byteLength(words) + ROW_BYTES
    this.#makeRoom(author, bytes)
    const kept = this.#db.run(
      `INSERT OR IGNORE INTO memory (id, key, room, fingerprint, author_name, part, thread, reply_to, directed, tags, created_at, kept_at,
         bytes, fields, body, parents, signature, words)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      cmb.id,
      cmb.key,
      cmb.group,
      author,
      cmb.author.name,
      part,
      envelope?.thread ?? null,
      envelope?.replyTo ?? null,
      cmb.to === undefined ? 0 : 1,
      JSON.stringify(tags),
      cmb.createdAt,
      keptAt,
      bytes,
      fields,
      body,
      JSON.stringify(cmb.parents),
      cmb.signature,
      words,
    )
    if (kept === 0) return
    this.#unindexed++
    if (this.#unindexed > INDEXED_AT_ONCE) this.#index()
    this.#quota.count(author, 1, bytes)
    this.#tell({ id: cmb.id, fingerprint: author, part, fields: cmb.fields, keptAt })
  }

  /** Whether `index` has something to do, as far as it is known. */
  get isBehind(): boolean {
    return this.#unindexed > 0
  }

  /** Makes the words of what was kept findable; a search does so first, and pays for it. */
  index(): void {
    if (this.isBehind) this.#db.transaction(() => this.#index())
  }

  /** Ranked by BM25, or newest first for an empty text. */
  search(query: MemoryQuery): readonly MemoryItem[] {
    if (query.text !== '') this.index()
    const { sql, parameters } = statementOf(query)
    return this.#items(sql, ...parameters)
  }

  get(id: AssertionId): MemoryItem | undefined {
    return this.#items('SELECT * FROM memory WHERE id = ?', id)[0]
  }

  /** Items whose id begins with this; at most two, enough to tell "one" from "several". */
  byPrefix(prefix: string): readonly MemoryItem[] {
    return this.#items('SELECT * FROM memory WHERE id >= ? AND id < ? LIMIT 2', prefix, `${prefix}~`)
  }

  /** The items with these words, oldest first: the first one is the earliest that was kept. */
  byKey(key: string): readonly MemoryItem[] {
    return this.#items('SELECT * FROM memory WHERE key = ? ORDER BY seq LIMIT 8', key)
  }

  /** A conversation from its first message on, as far as it is here. */
  thread(first: AssertionId): readonly MemoryItem[] {
    return this.#items('SELECT * FROM memory WHERE id = ? OR thread = ? ORDER BY created_at, seq LIMIT ?', first, first, MAX_THREAD)
  }

  /** The bytes beside the fields as they came. */
  besideOf(id: AssertionId): Uint8Array | undefined {
    const body = this.#db.get('SELECT body FROM memory WHERE id = ?', id)?.['body']
    return body instanceof Uint8Array ? body : undefined
  }

  /** What was said to a group since then, by its authors' clocks, newest first; of the rows that were kept last. */
  saidTo(group: string, since: number, limit: number): readonly MemoryItem[] {
    const sql =
      'SELECT * FROM memory WHERE seq > (SELECT max(seq) FROM memory) - ? AND room = ? AND directed = 0 AND created_at >= ? ORDER BY seq DESC LIMIT ?'
    return [...this.#items(sql, LOOKED_THROUGH, group, since, limit)].sort((a, b) => b.createdAt - a.createdAt)
  }

  isBy(id: AssertionId, author: Fingerprint): boolean {
    return this.#has('SELECT 1 AS hit FROM memory WHERE id = ? AND fingerprint = ?', id, author)
  }

  hasSpokenIn(thread: AssertionId, author: Fingerprint): boolean {
    return (
      this.isBy(thread, author) || this.#has('SELECT 1 AS hit FROM memory WHERE thread = ? AND fingerprint = ? LIMIT 1', thread, author)
    )
  }

  hasKey(key: string): boolean {
    return this.#has('SELECT 1 AS hit FROM memory WHERE key = ? LIMIT 1', key)
  }

  hasKeyBy(key: string, author: Fingerprint): boolean {
    return this.#has('SELECT 1 AS hit FROM memory WHERE key = ? AND fingerprint = ? LIMIT 1', key, author)
  }

  /** The newest of those that broadcasts may be compared with. */
  anchorCandidates(limit: number): readonly Candidate[] {
    const sql = `SELECT id, fingerprint, part, fields, kept_at FROM memory
      WHERE part IN ('own', 'trusted', 'earned') ORDER BY seq DESC LIMIT ?`
    return this.#db.all(sql, limit).flatMap((row) => readCandidate(row) ?? [])
  }

  /** Forgets one item, whoever said it. Call inside a write. */
  forget(id: AssertionId): boolean {
    return this.#forget('id = ?', id, 1) > 0
  }

  /** Forgets what is older than the person wants it kept. Call inside a write. */
  prune(now: number): void {
    const { days } = this.#retention
    // Only the oldest are looked at: they were kept in this order.
    const oldest = `seq IN (SELECT seq FROM memory ORDER BY seq LIMIT ${FORGOTTEN_AT_ONCE}) AND kept_at < ?`
    if (days !== undefined) this.#forget(oldest, now - days * 86_400_000, FORGOTTEN_AT_ONCE)
  }

  /** Who has more than a share forgets its own; only a memory that is full forgets what others said. */
  #makeRoom(author: Fingerprint, bytes: number): void {
    while (this.#quota.isAboveShare(author, bytes)) if (this.#forget('fingerprint = ?', author, 100) === 0) break
    while (this.#quota.isFull(bytes)) if (this.#forget('TRUE = ?', 1, 100) === 0) break
  }

  /** The oldest go, many at a time, so that a full memory does not pay for every insert. */
  #forget(condition: string, parameter: SqlValue, limit: number): number {
    const rows = this.#db.all(`SELECT seq, fingerprint, bytes FROM memory WHERE ${condition} ORDER BY seq LIMIT ?`, parameter, limit)
    for (const row of rows) {
      this.#db.run('DELETE FROM memory WHERE seq = ?', row['seq'] ?? 0)
      this.#quota.count(String(row['fingerprint']), -1, -Number(row['bytes']))
    }
    if (rows.length > 0) this.#tell(undefined)
    return rows.length
  }

  /** Numbers are never used again, so what is above the last one was not indexed. */
  #index(): void {
    const last = this.#db.get('SELECT max(seq) AS seq FROM memory')?.['seq'] ?? 0
    this.#db.run('INSERT INTO memory_words (rowid, words) SELECT seq, words FROM memory WHERE seq > (SELECT upto FROM memory_indexed)')
    this.#db.run('UPDATE memory_indexed SET upto = max(upto, ?)', last)
    this.#unindexed = 0
  }

  #has(sql: string, ...parameters: readonly SqlValue[]): boolean {
    return this.#db.get(sql, ...parameters) !== undefined
  }

  #items(sql: string, ...parameters: readonly SqlValue[]): readonly MemoryItem[] {
    return this.#db.all(sql, ...parameters).flatMap((row: SqlRow) => readItem(row) ?? [])
  }
}
