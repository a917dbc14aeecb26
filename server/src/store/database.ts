/**
 * The one interface to SQLite that the rest of the system sees. Two drivers stand behind it (`node:sqlite` where Node
 * has it, a WASM build elsewhere) and pass one contract suite. Calls are synchronous: a statement on a local file takes
 * less time than a turn of the event loop.
 */
export type SqlValue = null | number | string | Uint8Array
export type SqlRow = Readonly<Record<string, SqlValue>>

export interface Database {
  /** Runs statements without parameters and without a result (schema). */
  exec(sql: string): void
  /** Runs one statement; resolves to the number of rows changed. */
  run(sql: string, ...parameters: readonly SqlValue[]): number
  /** Runs one INSERT of one row; resolves to its rowid, or undefined when a conflict left it out. */
  insert(sql: string, ...parameters: readonly SqlValue[]): number | undefined
  /** The first row, or undefined. */
  get(sql: string, ...parameters: readonly SqlValue[]): SqlRow | undefined
  all(sql: string, ...parameters: readonly SqlValue[]): readonly SqlRow[]
  /** All or nothing, durable when it returns. Nested calls join the outer one. */
  transaction<T>(work: () => T): T
  /**
   * Runs `work` in the next group commit, together with what else is waiting, and resolves once it is durable. A
   * failing `work` rolls back alone. Order is kept. `work` runs a second time when another one of its commit failed, after
   * all that the first run wrote was taken back: beside the database it must change nothing that a second run would double.
   */
  write<T>(work: () => T): Promise<T>
  /** Called after each roll back, also of a part: who counts rows in memory has to count them anew. */
  onRollback(listener: () => void): void
  /** Commits what waits and closes. Idempotent. */
  close(): void
}

/** A step of a schema. Steps run once, in order, in one transaction, after a copy of the file was made. */
export interface Migration {
  /** Unique and never changed once released, e.g. `mesh-1`. */
  readonly id: string
  readonly sql: string
}
