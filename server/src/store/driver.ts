/**
 * What a SQLite build has to offer. The rest (transactions, group commit, migrations, errors) is written once above it,
 * so that the two builds cannot differ in anything but speed.
 */
import type { SqlRow, SqlValue } from './database.ts'

export type DriverName = 'node' | 'wasm'

export interface Driver {
  readonly name: DriverName
  exec(sql: string): void
  prepare(sql: string): Statement
  /** Every statement was finalised before. */
  close(): void
}

export interface Changed {
  readonly rows: number
  /** The rowid of the last row that was inserted, be it by this statement or an earlier one. */
  readonly lastId: number
}

export interface Statement {
  /** What an INSERT, UPDATE or DELETE did; without meaning for other statements. */
  run(parameters: readonly SqlValue[]): Changed
  /** All rows. The statement is at rest afterwards and holds no lock. */
  all(parameters: readonly SqlValue[]): readonly SqlRow[]
  /** Never throws: called after failures too. */
  finalize(): void
}

/** Settings of both builds. The journal mode is set by each, since one of them needs a step before it. */
export const PRAGMAS = ['synchronous=FULL', 'foreign_keys=ON', 'journal_size_limit=8388608'] as const
