/** A question to memory as SQL: words, ranked, and what narrows them. Nothing that was typed becomes part of a statement. */
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { SqlValue } from '../store/database.ts'

export interface MemoryQuery {
  /** Words; ranked by relevance. Empty: the newest. */
  readonly text: string
  readonly limit: number
  readonly offset: number
  /** Authors; any where absent. */
  readonly from?: readonly Fingerprint[] | undefined
  readonly group?: string | undefined
  /** A tag: `message`, `observation`, `decision`, … */
  readonly kind?: string | undefined
  /** Kept at this time (ms) or later. */
  readonly since?: number | undefined
  /** Kept before this time. */
  readonly until?: number | undefined
}

export interface Statement {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

const MAX_WORDS = 32

export function statementOf(query: MemoryQuery): Statement {
  const match = toMatch(query.text)
  return match === undefined ? newest(query) : ranked(match, query)
}

/**
 * Ranked before the rows are read: of thousands that match only a page is wanted. Of equal ones the newest comes first. To
 * rank one item costs far more than to find it, and what nearly all items have tells them little apart: of very many the
 * newest are ranked.
 */
function ranked(match: string, { from, ...query }: MemoryQuery): Statement {
  const { conditions, parameters } = narrowing(query)
  const joined = conditions.length === 0 ? '' : 'JOIN memory AS m ON m.seq = memory_words.rowid'
  // An index tells what an author said without a look at the rows. The sign keeps it from being searched word by word.
  const authors = from && `+memory_words.rowid IN (SELECT seq FROM memory WHERE fingerprint IN (${marksOf(from)}))`
  const where = ['memory_words MATCH ?', ...(authors === undefined ? [] : [authors]), ...conditions].join(' AND ')
  const matching = `SELECT memory_words.rowid AS seq, memory_words.rank AS place FROM memory_words ${joined} WHERE ${where}
    ORDER BY memory_words.rowid DESC LIMIT ${LIMITS.memory.ranked}`
  const found = `SELECT seq, place FROM (${matching}) ORDER BY place, seq DESC LIMIT ? OFFSET ?`
  return {
    sql: `SELECT memory.* FROM (${found}) AS found JOIN memory USING (seq) ORDER BY found.place, seq DESC`,
    parameters: [match, ...(from ?? []), ...parameters, query.limit, query.offset],
  }
}

function newest(query: MemoryQuery): Statement {
  const { conditions, parameters } = narrowing(query)
  const where = ['TRUE', ...conditions].join(' AND ')
  return {
    sql: `SELECT m.* FROM memory AS m WHERE ${where} ORDER BY m.seq DESC LIMIT ? OFFSET ?`,
    parameters: [...parameters, query.limit, query.offset],
  }
}

function narrowing({ from, group, kind, since, until }: MemoryQuery): { conditions: readonly string[]; parameters: readonly SqlValue[] } {
  const parts: readonly (readonly [string, readonly SqlValue[]] | undefined)[] = [
    from && [`m.fingerprint IN (${marksOf(from)})`, from],
    group === undefined ? undefined : ['m.room = ?', [group]],
    kind === undefined ? undefined : ['instr(m.tags, ?) > 0', [JSON.stringify(kind)]],
    since === undefined ? undefined : ['m.kept_at >= ?', [since]],
    until === undefined ? undefined : ['m.kept_at < ?', [until]],
  ]
  const given = parts.filter((part) => part !== undefined)
  return { conditions: given.map(([sql]) => sql), parameters: given.flatMap(([, values]) => values) }
}

function marksOf(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ')
}

/** The person's words as one FTS5 expression: every word quoted, so that no text is a syntax error, and a beginning is enough. */
function toMatch(text: string): string | undefined {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? []
  const quoted = words.slice(0, MAX_WORDS).map((word) => `"${word}"*`)
  return quoted.length === 0 ? undefined : quoted.join(' ')
}
