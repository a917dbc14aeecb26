/**
 * Brings the schema of a file up to date: the steps that the file has not seen, in order, in one transaction, after a
 * copy of the file was made. So an update that fails, or that a person regrets, costs nothing.
 */
import { chmodSync, constants, copyFileSync, renameSync } from 'node:fs'
import { MeshError } from '../base/errors.ts'
import { syncPath } from '../base/files.ts'
import type { Database, Migration } from './database.ts'

/** Throws `store-unreadable` when the file has steps that this version does not know. */
export function migrate(database: Database, file: string, migrations: readonly Migration[]): void {
  assertUnique(migrations)
  const applied = appliedSteps(database)
  assertKnown(applied, migrations, file)
  const pending = migrations.filter((step) => !applied.has(step.id))
  const [first] = pending
  if (first === undefined) return
  if (hasTables(database)) copyAside(database, file, first.id)
  database.transaction(() => {
    database.exec('CREATE TABLE IF NOT EXISTS migrations (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID')
    for (const step of pending) {
      database.exec(step.sql)
      database.run('INSERT INTO migrations (id) VALUES (?)', step.id)
    }
  })
}

function appliedSteps(database: Database): ReadonlySet<string> {
  const table = database.get("SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'")
  if (table === undefined) return new Set()
  return new Set(database.all('SELECT id FROM migrations').map((row) => String(row['id'])))
}

function assertKnown(applied: ReadonlySet<string>, migrations: readonly Migration[], file: string): void {
  const known = new Set(migrations.map((step) => step.id))
  const unknown = [...applied].filter((id) => !known.has(id))
  if (unknown.length === 0) return
  throw new MeshError(
    'store-unreadable',
    `${file} was written by a newer version (it has ${unknown.join(', ')}); update this program, or move the file away to start empty`,
  )
}

function hasTables(database: Database): boolean {
  return database.get('SELECT 1 AS one FROM sqlite_schema LIMIT 1') !== undefined
}

/** What is only in the log is brought into the file first, so that the copy is complete by itself. */
function copyAside(database: Database, file: string, id: string): void {
  if (database.get('PRAGMA wal_checkpoint(TRUNCATE)')?.['busy'] !== 0) {
    throw new MeshError('store-unreadable', `${file} is open in another program; close that one and start again`, { retryable: true })
  }
  const temporary = `${file}.before-${id}.tmp`
  copyFileSync(file, temporary, constants.COPYFILE_FICLONE)
  chmodSync(temporary, 0o600)
  syncPath(temporary)
  renameSync(temporary, `${file}.before-${id}`)
}

function assertUnique(migrations: readonly Migration[]): void {
  const ids = migrations.map((step) => step.id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw new MeshError('internal', `migration ${twice} is listed twice`)
}
