/**
 * `Database` over a driver: prepared statements, transactions and group commit.
 *
 * Group commit: a commit costs one sync of the disk, however much it holds. All that is queued by `write` within one
 * turn of the event loop goes into one transaction, and nobody is told before the commit is on disk. Pieces run without
 * savepoints, since each would make the full-text index write out what it has gathered; only when one fails are all taken
 * back and run again, each in a savepoint of its own.
 */
import { MeshError } from '../base/errors.ts'
import type { Database, SqlRow, SqlValue } from './database.ts'
import type { Driver, Statement } from './driver.ts'

const CACHED_STATEMENTS = 200

interface Pending {
  /** Runs the work and returns how to tell its caller. */
  readonly perform: () => () => void
  /** The same in a savepoint: a failure is told to its caller alone. */
  readonly performGuarded: () => () => void
  readonly reject: (thrown: unknown) => void
}

export class SqliteDatabase implements Database {
  readonly #driver: Driver
  readonly #statements = new Map<string, Statement>()
  #queue: Pending[] = []
  readonly #rollbackListeners: (() => void)[] = []
  #depth = 0
  #isClosed = false

  constructor(driver: Driver) {
    this.#driver = driver
  }

  exec(sql: string): void {
    this.#assertOpen()
    this.#driver.exec(sql)
  }

  run(sql: string, ...parameters: readonly SqlValue[]): number {
    return this.#use(sql, parameters, (statement) => statement.run(parameters)).rows
  }

  insert(sql: string, ...parameters: readonly SqlValue[]): number | undefined {
    const { rows, lastId } = this.#use(sql, parameters, (statement) => statement.run(parameters))
    return rows > 0 ? lastId : undefined
  }

  get(sql: string, ...parameters: readonly SqlValue[]): SqlRow | undefined {
    return this.all(sql, ...parameters)[0]
  }

  all(sql: string, ...parameters: readonly SqlValue[]): readonly SqlRow[] {
    return this.#use(sql, parameters, (statement) => statement.all(parameters))
  }

  transaction<T>(work: () => T): T {
    this.#assertOpen()
    return this.#depth > 0 ? this.#savepoint(work) : this.#outermost(work)
  }

  write<T>(work: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(closedError())
    return new Promise((resolve, reject) => {
      const perform = () => whenDone(resolve, runToEnd(work))
      const performGuarded = () => {
        try {
          return whenDone(resolve, this.#savepoint(work))
        } catch (thrown) {
          if (thrown instanceof LostTransaction) throw thrown
          return () => reject(thrown)
        }
      }
      this.#queue.push({ perform, performGuarded, reject })
      if (this.#queue.length === 1) setImmediate(() => this.#flush())
    })
  }

  onRollback(listener: () => void): void {
    this.#rollbackListeners.push(listener)
  }

  close(): void {
    if (this.#isClosed) return
    if (this.#depth > 0) throw new MeshError('internal', 'the database cannot be closed inside a transaction')
    this.#flush()
    this.#isClosed = true
    for (const statement of this.#statements.values()) statement.finalize()
    this.#statements.clear()
    this.#driver.close()
  }

  /** Commits what waits and tells the callers in their order; when the commit fails, all of them fail with it. */
  #flush(): void {
    const batch = this.#queue
    this.#queue = []
    if (batch.length === 0) return
    try {
      for (const answer of this.#performAll(batch)) answer()
    } catch (thrown) {
      for (const pending of batch) pending.reject(thrown)
    }
  }

  #performAll(batch: readonly Pending[]): readonly (() => void)[] {
    try {
      return this.#outermost(() => batch.map(({ perform }) => perform()))
    } catch (thrown) {
      // Alone it needs no savepoint: when it fails the whole transaction goes, and that is all it was.
      if (batch.length === 1) throw thrown
      return this.#outermost(() => batch.map(({ performGuarded }) => performGuarded()))
    }
  }

  #outermost<T>(work: () => T): T {
    this.#control('BEGIN IMMEDIATE')
    this.#depth = 1
    try {
      const result = runToEnd(work)
      this.#control('COMMIT')
      return result
    } catch (thrown) {
      this.#tryExec('ROLLBACK')
      this.#tellRollback()
      throw thrown instanceof LostTransaction ? thrown.cause : thrown
    } finally {
      this.#depth = 0
    }
  }

  #savepoint<T>(work: () => T): T {
    const name = `s${this.#depth}`
    this.#control(`SAVEPOINT ${name}`)
    this.#depth++
    try {
      const result = runToEnd(work)
      this.#control(`RELEASE ${name}`)
      return result
    } catch (thrown) {
      if (thrown instanceof LostTransaction) throw thrown
      if (!this.#tryExec(`ROLLBACK TO ${name}`) || !this.#tryExec(`RELEASE ${name}`)) throw new LostTransaction(thrown)
      this.#tellRollback()
      throw thrown
    } finally {
      this.#depth--
    }
  }

  #tellRollback(): void {
    for (const listener of this.#rollbackListeners) listener()
  }

  /** BEGIN and its kin come with every message: prepared once, like any other statement. */
  #control(sql: string): void {
    this.#use(sql, [], (statement) => statement.run([]))
  }

  #tryExec(sql: string): boolean {
    try {
      this.#driver.exec(sql)
      return true
    } catch {
      // SQLite ended the transaction by itself (disk full, I/O error): there is nothing left to undo.
      return false
    }
  }

  #use<T>(sql: string, parameters: readonly SqlValue[], call: (statement: Statement) => T): T {
    this.#assertOpen()
    for (const value of parameters) assertStorable(value)
    const statement = this.#statements.get(sql) ?? this.#driver.prepare(sql)
    this.#statements.delete(sql)
    try {
      const result = call(statement)
      this.#keep(sql, statement)
      return result
    } catch (thrown) {
      // A failed statement would report its old error again when used again.
      statement.finalize()
      throw thrown
    }
  }

  /** The most recently used stay; whoever builds SQL texts without end must not fill the memory. */
  #keep(sql: string, statement: Statement): void {
    this.#statements.set(sql, statement)
    if (this.#statements.size <= CACHED_STATEMENTS) return
    for (const [oldest, old] of this.#statements) {
      this.#statements.delete(oldest)
      old.finalize()
      return
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw closedError()
  }
}

/** Carries the first failure out of a transaction that SQLite has already rolled back as a whole. */
class LostTransaction extends Error {
  override readonly cause: unknown

  constructor(cause: unknown) {
    super('the transaction is gone')
    this.cause = cause
  }
}

function whenDone<T>(resolve: (value: T) => void, value: T): () => void {
  return () => resolve(value)
}

/** Work that goes on after the commit would be outside of it, and nobody would notice. */
function runToEnd<T>(work: () => T): T {
  const result = work()
  if (result instanceof Promise) throw new MeshError('internal', 'the work of a transaction must not be asynchronous')
  return result
}

/** One build would cut a text at U+0000 and lose the rest without a word. */
function assertStorable(value: SqlValue): void {
  if (typeof value !== 'string' || !value.includes('\0')) return
  throw new MeshError('argument-invalid', 'a text with U+0000 cannot be stored; store it as bytes or as JSON')
}

function closedError(): MeshError {
  return new MeshError('closed', 'the store is closed; start again')
}
