/**
 * The SQLite that Node brings along (22.13 and later). Loaded only when asked for: older versions do not have it.
 *
 * The journal is a write-ahead log, synced at every commit. The lock is SQLite's own, so that a person can look into
 * the file with other tools while the node runs.
 */
import type { SqlValue } from './database.ts'
import { type Driver, PRAGMAS } from './driver.ts'

/** `fullfsync` has a meaning on macOS alone, where a plain fsync leaves the data in the cache of the disk. */
const NODE_PRAGMAS = ['busy_timeout=2000', 'journal_mode=WAL', 'fullfsync=ON', ...PRAGMAS]

/** Whether this version of Node has `node:sqlite` without a flag. */
export function hasNodeSqlite(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 13)
}

export async function openNodeSqlite(file: string): Promise<Driver> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(file)
  try {
    for (const pragma of NODE_PRAGMAS) database.exec(`PRAGMA ${pragma}`)
  } catch (thrown) {
    database.close()
    throw thrown
  }
  return {
    name: 'node',
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        run(parameters) {
          const { changes, lastInsertRowid } = statement.run(...parameters.map(toBinding))
          return { rows: Number(changes), lastId: Number(lastInsertRowid) }
        },
        all: (parameters) => statement.all(...parameters.map(toBinding)),
        // Node finalises it when it is collected, and the rest at close.
        finalize() {},
      }
    },
    close: () => database.close(),
  }
}

/** Node binds every number as REAL; whole ones are integers in the other build, and here too by way of a bigint. */
function toBinding(value: SqlValue): Exclude<SqlValue, number> | number | bigint {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
}
