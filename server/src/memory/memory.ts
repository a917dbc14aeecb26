/**
 * What was kept: every admitted CMB, our own and those of peers, findable by its words. The inbox forgets what was read;
 * memory forgets the oldest only when it is full, and never lets one peer take more than its share.
 */
import { fromUtf8 } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'
import { type Fingerprint, parseFingerprint } from '../identity/ids.ts'
import { parseCat7 } from '../mmp/cat7.ts'
import { type AssertionId, type Cat7, type Cmb, FIELD_NAMES, NEUTRAL } from '../mmp/cmb.ts'
import { parseAssertionId } from '../mmp/signature.ts'
import type { Database, Migration, SqlRow, SqlValue } from '../store/database.ts'
import { Quota } from './quota.ts'

export const MEMORY_MIGRATIONS: readonly Migration[] = [
  {
    id: 'memory-1',
    sql: `
      CREATE TABLE memory (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        key TEXT NOT NULL,
        room TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        author_name TEXT NOT NULL,
        tags TEXT NOT NULL,
        fields TEXT NOT NULL,
        body BLOB,
        parents TEXT NOT NULL,
        signature TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        kept_at INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        words TEXT NOT NULL
      ) STRICT;
      -- With the size, so that a start adds up what each author has without reading what they said.
      CREATE INDEX memory_author ON memory (fingerprint, seq, bytes);
      CREATE VIRTUAL TABLE memory_words USING fts5 (words, content='memory', content_rowid='seq', tokenize='porter unicode61');
      CREATE TRIGGER memory_kept AFTER INSERT ON memory BEGIN
        INSERT INTO memory_words (rowid, words) VALUES (new.seq, new.words);
      END;
      CREATE TRIGGER memory_forgotten AFTER DELETE ON memory BEGIN
        INSERT INTO memory_words (memory_words, rowid, words) VALUES ('delete', old.seq, old.words);
      END;
    `,
  },
]

export interface MemoryItem {
  readonly seq: number
  readonly id: AssertionId
  readonly group: string
  readonly fingerprint: Fingerprint
  readonly authorName: string
  readonly tags: readonly string[]
  readonly fields: Cat7
  readonly body: string | undefined
  readonly createdAt: number
}

export interface MemoryQuery {
  /** Words; ranked by relevance. Empty: the newest. */
  readonly text: string
  readonly limit: number
  readonly offset: number
}

/** What a row costs beside its texts. */
const ROW_BYTES = 512

/** Ranked before the rows are read: of thousands that match only a page is wanted. Of equal ones the newest comes first. */
const FOUND = `
  SELECT memory.* FROM (
    SELECT rowid AS seq, rank FROM memory_words WHERE memory_words MATCH ? ORDER BY rank, rowid DESC LIMIT ? OFFSET ?
  ) AS found JOIN memory USING (seq) ORDER BY found.rank, seq DESC`

export class Memory {
  readonly #db: Database
  readonly #quota: Quota

  constructor(db: Database) {
    this.#db = db
    this.#quota = new Quota(db, 'memory', LIMITS.memory)
  }

  get size(): number {
    return this.#quota.rows
  }

  /** Keeps a CMB; the same id twice is kept once. Call inside a write. */
  keep(cmb: Cmb, author: Fingerprint, tags: readonly string[], keptAt: number): void {
    const fields = JSON.stringify(cmb.fields)
    const body = cmb.application?.bytes ?? null
    const words = wordsOf(cmb, body)
    const bytes = Buffer.byteLength(fields) + (body?.length ?? 0) + Buffer.byteLength(words) + ROW_BYTES
    this.#makeRoom(author, bytes)
    const kept = this.#db.run(
      `INSERT OR IGNORE INTO memory (id, key, room, fingerprint, author_name, tags, fields, body, parents, signature, created_at, kept_at, bytes, words)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      cmb.id,
      cmb.key,
      cmb.group,
      author,
      cmb.author.name,
      JSON.stringify(tags),
      fields,
      body,
      JSON.stringify(cmb.parents),
      cmb.signature,
      cmb.createdAt,
      keptAt,
      bytes,
      words,
    )
    if (kept > 0) this.#quota.count(author, 1, bytes)
  }

  /** Ranked by BM25, or newest first for an empty text. */
  search({ text, limit, offset }: MemoryQuery): readonly MemoryItem[] {
    const match = toMatch(text)
    const rows = match
      ? this.#db.all(FOUND, match, limit, offset)
      : this.#db.all('SELECT * FROM memory ORDER BY seq DESC LIMIT ? OFFSET ?', limit, offset)
    return rows.flatMap((row) => readItem(row) ?? [])
  }

  get(id: AssertionId): MemoryItem | undefined {
    return readItem(this.#db.get('SELECT * FROM memory WHERE id = ?', id))
  }

  /** Items whose id begins with this; at most two, enough to tell "one" from "several". */
  byPrefix(prefix: string): readonly MemoryItem[] {
    const rows = this.#db.all('SELECT * FROM memory WHERE id >= ? AND id < ? LIMIT 2', prefix, `${prefix}~`)
    return rows.flatMap((row) => readItem(row) ?? [])
  }

  /** Who has more than a share forgets its own; only a memory that is full forgets what others said. */
  #makeRoom(author: Fingerprint, bytes: number): void {
    while (this.#quota.isAboveShare(author, bytes)) if (this.#forget('WHERE fingerprint = ?', author) === 0) break
    while (this.#quota.isFull(bytes)) if (this.#forget('WHERE TRUE = ?', 1) === 0) break
  }

  /** The oldest go, a hundred at a time, so that a full memory does not pay for every insert. */
  #forget(where: string, parameter: SqlValue): number {
    const rows = this.#db.all(`SELECT seq, fingerprint, bytes FROM memory ${where} ORDER BY seq LIMIT 100`, parameter)
    for (const row of rows) {
      this.#db.run('DELETE FROM memory WHERE seq = ?', row['seq'] ?? 0)
      this.#quota.count(String(row['fingerprint']), -1, -Number(row['bytes']))
    }
    return rows.length
  }
}

function wordsOf(cmb: Cmb, body: Uint8Array | null): string {
  const texts = FIELD_NAMES.map((name) => cmb.fields[name].text).filter((text) => text !== NEUTRAL)
  const bodyText = body ? (fromUtf8(body) ?? '') : ''
  // The store takes no U+0000 in a text; here it would only part words.
  return [...texts, bodyText, cmb.author.name].join('\n').replaceAll('\0', ' ')
}

/** The person's words as one FTS5 expression: every word quoted, so that no text is a syntax error, and a beginning is enough. */
function toMatch(text: string): string | undefined {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? []
  return words.length === 0
    ? undefined
    : words
        .slice(0, 32)
        .map((word) => `"${word}"*`)
        .join(' ')
}

function readItem(row: SqlRow | undefined): MemoryItem | undefined {
  if (!row) return undefined
  const id = parseAssertionId(String(row['id']))
  const fingerprint = parseFingerprint(String(row['fingerprint']))
  const fields = parseCat7(JSON.parse(String(row['fields'])))
  if (!id || !fingerprint || fields.kind !== 'ok') return undefined
  const body = row['body']
  const tags: unknown = JSON.parse(String(row['tags']))
  return {
    seq: Number(row['seq']),
    id,
    fingerprint,
    group: String(row['room']),
    authorName: String(row['author_name']),
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    fields: fields.fields,
    body: body instanceof Uint8Array ? fromUtf8(body) : undefined,
    createdAt: Number(row['created_at']),
  }
}
