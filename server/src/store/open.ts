/**
 * Opens the database of a node, or makes it: the driver that this Node has, a private file, the schema up to date.
 *
 * A file that cannot be read is left exactly as it is (not moved, not rewritten): what is in it may still be saved, and
 * only a person can decide to go on without it.
 */
import { closeSync, constants, fchmodSync, fstatSync, openSync } from 'node:fs'
import path from 'node:path'
import { MeshError, messageOf } from '../base/errors.ts'
import { ensurePrivateFolder, syncPath } from '../base/files.ts'
import type { Database, Migration } from './database.ts'
import type { Driver, DriverName } from './driver.ts'
import { migrate } from './migrations.ts'
import { hasNodeSqlite, openNodeSqlite } from './node-sqlite.ts'
import { SqliteDatabase } from './sqlite.ts'
import { openWasmSqlite } from './wasm-sqlite.ts'

export interface OpenDatabaseOptions {
  /** Default: what this version of Node has. */
  readonly driver?: DriverName
}

/**
 * PRECONDITION: no other process has this file open (a node holds the lock of its identity). `migrations` are all steps
 * of all parts that keep tables in the file, in order.
 */
export async function openDatabase(file: string, migrations: readonly Migration[], options: OpenDatabaseOptions = {}): Promise<Database> {
  ensurePrivateFolder(path.dirname(file))
  try {
    makePrivate(file)
    const driver = await openDriver(file, options.driver ?? defaultDriver())
    return prepared(driver, file, migrations)
  } catch (thrown) {
    throw thrown instanceof MeshError ? thrown : unreadable(file, thrown)
  }
}

export function defaultDriver(nodeVersion: string = process.versions.node): DriverName {
  return hasNodeSqlite(nodeVersion) ? 'node' : 'wasm'
}

function openDriver(file: string, name: DriverName): Promise<Driver> {
  return name === 'node' ? openNodeSqlite(file) : openWasmSqlite(file)
}

function prepared(driver: Driver, file: string, migrations: readonly Migration[]): Database {
  const database = new SqliteDatabase(driver)
  try {
    migrate(database, file, migrations)
    // The log was made by now; a loss of power must not take its name from the folder.
    syncPath(path.dirname(file))
    return database
  } catch (thrown) {
    database.close()
    throw thrown
  }
}

/** Makes the file, or closes it to others, before anything is written. Links are not followed. */
function makePrivate(file: string): void {
  const follow = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW
  const descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT | follow, 0o600)
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error('it is not a file')
    if (process.platform !== 'win32') fchmodSync(descriptor, 0o600)
  } finally {
    closeSync(descriptor)
  }
}

function unreadable(file: string, thrown: unknown): MeshError {
  const message = `${file} cannot be read (${messageOf(thrown)}). It was left as it is: restore a copy, or move it away to start empty`
  return new MeshError('store-unreadable', message, { cause: thrown })
}
