/**
 * SQLite as WebAssembly, for a Node without its own. A megabyte of code that a newer Node never loads, hence the import
 * inside a function.
 *
 * This build has no shared memory and locks by making the folder `<file>.lock`. With the exclusive locking mode the lock
 * is taken once, and the write-ahead log works without shared memory: three times faster than a rollback journal, and
 * the same file format as the other build, so that a user can go back and forth between two versions of Node.
 *
 * The folder outlives a `kill -9` and would bar the next start for ever. PRECONDITION: the caller is the only process
 * that opens this file (a node holds its identity's lock), so one that is found at open is stale and is removed.
 */
import { rmdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { MeshError, systemCode } from '../base/errors.ts'
import type { SqlRow, SqlValue } from './database.ts'
import { type Driver, PRAGMAS, type Statement } from './driver.ts'

const WASM_PRAGMAS = ['locking_mode=EXCLUSIVE', 'journal_mode=WAL', ...PRAGMAS]

type Module = typeof import('node-sqlite3-wasm')
type WasmDatabase = InstanceType<Module['Database']>
type WasmStatement = ReturnType<WasmDatabase['prepare']>

export async function openWasmSqlite(file: string): Promise<Driver> {
  const { Database } = await loadModule()
  removeStaleLock(`${file}.lock`)
  const database = new Database(file)
  try {
    for (const pragma of WASM_PRAGMAS) database.exec(`PRAGMA ${pragma}`)
  } catch (thrown) {
    database.close()
    throw thrown
  }
  return {
    name: 'wasm',
    exec: (sql) => database.exec(sql),
    prepare: (sql) => wrap(database.prepare(sql)),
    close: () => database.close(),
  }
}

/**
 * The optimising compiler takes 50 MB for this one module (measured: 117 MB resident against 66), and its code pays only
 * after thousands of statements; a node runs a few a minute. Functions are compiled simply, when they are first called.
 */
const WASM_FLAGS = ['--liftoff-only', '--wasm-lazy-compilation']

async function loadModule(): Promise<Module> {
  for (const flag of WASM_FLAGS) setFlagsFromString(flag)
  const module: Module & { readonly default?: Module } = await import('node-sqlite3-wasm')
  return module.default ?? module
}

function wrap(statement: WasmStatement): Statement {
  return {
    run(parameters) {
      const { changes, lastInsertRowid } = statement.run([...parameters])
      return { rows: changes, lastId: Number(lastInsertRowid) }
    },
    // To the end, also where one row is wanted: a statement stopped half way keeps its read lock.
    all: (parameters) => statement.all([...parameters]).map(toRow),
    finalize() {
      try {
        statement.finalize()
      } catch {
        // It repeats the error of the last run, which was reported then.
      }
    },
  }
}

function toRow(result: Readonly<Record<string, unknown>>): SqlRow {
  if (isRow(result)) return result
  throw new MeshError('internal', 'a stored integer is larger than 2^53; store it as text')
}

function isRow(result: Readonly<Record<string, unknown>>): result is SqlRow {
  for (const column in result) if (!isValue(result[column])) return false
  return true
}

function isValue(value: unknown): value is SqlValue {
  return value === null || typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array
}

function removeStaleLock(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw thrown
  }
}
