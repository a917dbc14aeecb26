/**
 * What every driver of the store must do. Run by one short file per driver; where a driver is not available, the
 * suite is skipped with the reason in its title.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MeshError } from '../../server/src/base/errors.ts'
import type { Database, Migration, SqlRow, SqlValue } from '../../server/src/store/database.ts'
import type { DriverName } from '../../server/src/store/driver.ts'
import { openDatabase } from '../../server/src/store/open.ts'

const ITEMS: Migration = { id: 'items-1', sql: 'CREATE TABLE items (id INTEGER PRIMARY KEY, text TEXT, size REAL, bytes BLOB) STRICT' }
const SEARCH: Migration = { id: 'search-1', sql: 'CREATE VIRTUAL TABLE search USING fts5(text)' }

export function databaseContract(driver: DriverName, unavailable?: string): void {
  const title = `the ${driver} driver${unavailable === undefined ? '' : ` (skipped: ${unavailable})`}`
  describe.skipIf(unavailable !== undefined)(title, () => {
    let folder: string
    let opened: Database[]
    const file = () => path.join(folder, 'mesh.db')
    const open = async (migrations: readonly Migration[] = [ITEMS]) => {
      const database = await openDatabase(file(), migrations, { driver })
      opened.push(database)
      return database
    }
    const add = (database: Database, id: number) => database.run('INSERT INTO items (id, text) VALUES (?, ?)', id, `item ${id}`)
    const ids = (database: Database) => database.all('SELECT id FROM items ORDER BY id').map((row) => row['id'])

    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'store-'))
      opened = []
    })
    afterEach(() => {
      for (const database of opened) database.close()
      rmSync(folder, { recursive: true, force: true })
    })

    describe('statements', () => {
      it('gives back every kind of value as it was stored', async () => {
        const database = await open([{ id: 'any', sql: 'CREATE TABLE box (value ANY)' }])
        const roundTrip = (value: SqlValue) => {
          database.run('DELETE FROM box')
          database.run('INSERT INTO box VALUES (?)', value)
          return database.get('SELECT value FROM box')?.['value']
        }
        for (const value of [null, 0, -1, 2 ** 31, Number.MAX_SAFE_INTEGER, -(2 ** 40), 1.5, '', 'ä漢😀', new Uint8Array()]) {
          expect(roundTrip(value)).toEqual(value)
        }
        const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'))
        fc.assert(
          fc.property(fc.oneof(text, fc.uint8Array(), fc.maxSafeInteger()), (value) => {
            expect(roundTrip(value)).toEqual(value)
          }),
          { numRuns: 60 },
        )
      })

      it('stores whole numbers as integers and others as reals', async () => {
        const database = await open([])
        expect(row(database.get('SELECT typeof(?) AS a, typeof(?) AS b', 1e15, 0.5))).toEqual({ a: 'integer', b: 'real' })
      })

      it('refuses a text with U+0000 instead of cutting it', async () => {
        const database = await open()
        expect(() => database.run('INSERT INTO items (text) VALUES (?)', 'a\0b')).toThrow(MeshError)
      })

      it('refuses to read an integer that a number cannot hold', async () => {
        const database = await open([])
        expect(() => database.get('SELECT 9007199254740993 AS large')).toThrow()
      })

      it('tells how many rows were changed', async () => {
        const database = await open()
        expect(add(database, 1)).toBe(1)
        add(database, 2)
        expect(database.run('UPDATE items SET size = ?', 2)).toBe(2)
        expect(database.run('DELETE FROM items WHERE id > ?', 5)).toBe(0)
      })

      it('tells the rowid of what was inserted, and nothing when a conflict left it out', async () => {
        const database = await open()
        const insert = (id: number) => database.insert('INSERT INTO items (id) VALUES (?) ON CONFLICT DO NOTHING', id)
        expect([insert(7), insert(7), insert(9)]).toEqual([7, undefined, 9])
      })

      it('gives undefined for no row, and the rows that a statement returns', async () => {
        const database = await open()
        expect(database.get('SELECT * FROM items')).toBeUndefined()
        expect(row(database.get('INSERT INTO items (text) VALUES (?) RETURNING id', 'x'))).toEqual({ id: 1 })
      })

      it('can use a statement again after it failed', async () => {
        const database = await open()
        add(database, 1)
        expect(() => add(database, 1)).toThrow()
        expect(add(database, 2)).toBe(1)
        expect(ids(database)).toEqual([1, 2])
      })

      it('survives more statements than it keeps prepared', async () => {
        const database = await open()
        for (let n = 0; n < 500; n++) expect(database.get(`SELECT ${n} AS n`)?.['n']).toBe(n)
        expect(database.get('SELECT 0 AS n')?.['n']).toBe(0)
      })

      it('checks foreign keys', async () => {
        const database = await open([ITEMS, { id: 'tags', sql: 'CREATE TABLE tags (item INTEGER NOT NULL REFERENCES items)' }])
        expect(() => database.run('INSERT INTO tags VALUES (?)', 9)).toThrow(/FOREIGN KEY/)
      })

      it('ranks a full-text search by BM25', async () => {
        const database = await open([SEARCH])
        for (const text of ['the relay is down', 'relay relay relay', 'lunch at noon']) database.run('INSERT INTO search VALUES (?)', text)
        const found = database.all('SELECT text FROM search WHERE search MATCH ? ORDER BY bm25(search)', 'relay')
        expect(found.map((each) => each['text'])).toEqual(['relay relay relay', 'the relay is down'])
      })
    })

    describe('transactions', () => {
      it('keep all or nothing', async () => {
        const database = await open()
        expect(() =>
          database.transaction(() => {
            add(database, 1)
            add(database, 1)
          }),
        ).toThrow()
        expect(ids(database)).toEqual([])
        expect(database.transaction(() => add(database, 2))).toBe(1)
      })

      it('join an outer one, and an inner failure that is handled undoes only the inner one', async () => {
        const database = await open()
        database.transaction(() => {
          add(database, 1)
          expect(() => database.transaction(() => failAfter(add(database, 2)))).toThrow('on purpose')
          database.transaction(() => add(database, 3))
        })
        expect(ids(database)).toEqual([1, 3])
        expect(() =>
          database.transaction(() => {
            database.transaction(() => add(database, 4))
            failAfter()
          }),
        ).toThrow('on purpose')
        expect(ids(database)).toEqual([1, 3])
      })

      it('refuse work that is not done when they commit', async () => {
        const database = await open()
        expect(() => database.transaction(async () => add(database, 1))).toThrow(/asynchronous/)
        expect(ids(database)).toEqual([])
      })
    })

    describe('group commit', () => {
      it('keeps the order and resolves to the result of each work', async () => {
        const database = await open()
        const results = Array.from({ length: 20 }, (_, n) =>
          database.write(() => {
            add(database, n)
            return n
          }),
        )
        expect(ids(database)).toEqual([])
        expect(await Promise.all(results)).toEqual(Array.from({ length: 20 }, (_, n) => n))
        expect(database.all('SELECT id FROM items ORDER BY rowid')).toHaveLength(20)
      })

      it('rolls back a failing work alone', async () => {
        const database = await open()
        const results = await Promise.allSettled([
          database.write(() => add(database, 1)),
          database.write(() => failAfter(add(database, 2))),
          database.write(() => database.transaction(() => add(database, 3))),
        ])
        expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
        expect(ids(database)).toEqual([1, 3])
      })

      it('tells of each roll back those who count in memory, and a work that runs again gives the answer of its last run', async () => {
        const database = await open()
        let rollbacks = 0
        let rows = 0
        database.onRollback(() => {
          rollbacks++
          rows = 0
        })
        const count = (id: number) =>
          database.write(() => {
            add(database, id)
            return ++rows
          })
        const fail = () => database.write(() => failAfter(add(database, 3)))
        const results = await Promise.allSettled([count(1), count(2), fail(), count(4)])
        expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([1, 2, 'failed', 1])
        expect(rollbacks).toBe(2)
        expect(ids(database)).toEqual([1, 2, 4])
        expect(() => database.transaction(() => failAfter(add(database, 5)))).toThrow()
        expect(rollbacks).toBe(3)
        await count(6)
        expect(rollbacks).toBe(3)
      })

      it('fails the whole batch when a work ends the transaction, and goes on with the next one', async () => {
        const database = await open()
        const results = await Promise.allSettled([
          database.write(() => add(database, 1)),
          database.write(() => {
            database.exec('ROLLBACK')
            failAfter()
          }),
        ])
        expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
        expect(ids(database)).toEqual([])
        await database.write(() => add(database, 2))
        expect(ids(database)).toEqual([2])
      })

      it('takes work that is queued while another batch runs', async () => {
        const database = await open()
        const inner: Promise<number>[] = []
        await database.write(() => inner.push(database.write(() => add(database, 1))))
        await Promise.all(inner)
        expect(ids(database)).toEqual([1])
      })

      it('commits what waits at close', async () => {
        const database = await open()
        const written = database.write(() => add(database, 7))
        database.close()
        await written
        expect(ids(await open())).toEqual([7])
      })
    })

    describe('the file', () => {
      it('can be closed twice, and nothing works after it', async () => {
        const database = await open()
        database.close()
        database.close()
        expect(() => database.get('SELECT 1')).toThrow(/closed/)
        await expect(database.write(() => 1)).rejects.toMatchObject({ code: 'closed' })
      })

      it.skipIf(process.platform === 'win32')('is private, with all that stands beside it [B4]', async () => {
        writeFileSync(file(), '', { mode: 0o644 })
        const database = await open()
        add(database, 1)
        for (const suffix of ['', '-wal']) expect(statSync(file() + suffix).mode & 0o777).toBe(0o600)
      })

      it('holds what was written, also with the lock folder of a killed process beside it', async () => {
        const first = await open()
        add(first, 1)
        first.close()
        mkdirSync(`${file()}.lock`)
        expect(ids(await open())).toEqual([1])
      })

      it.each([
        ['garbage', Buffer.from('this is not a database '.repeat(400))],
        ['a few bytes', Buffer.from('SQLite format 3')],
      ])('that holds %s is refused with its path and a remedy, and is not touched [B5]', async (_, content) => {
        writeFileSync(file(), content)
        const failure = await open().catch((thrown: unknown) => thrown)
        expect(failure).toMatchObject({ code: 'store-unreadable' })
        expect(String(failure)).toContain(file())
        expect(String(failure)).toMatch(/move it away/)
        expect(readFileSync(file())).toEqual(content)
      })

      it('that is a folder or a link is refused', async () => {
        mkdirSync(file())
        await expect(open()).rejects.toMatchObject({ code: 'store-unreadable' })
        rmSync(file(), { recursive: true })
        symlinkSync(path.join(folder, 'elsewhere'), file())
        await expect(open()).rejects.toMatchObject({ code: 'store-unreadable' })
      })
    })

    describe('migrations', () => {
      it('run once, in order', async () => {
        const seed = { id: 'seed', sql: "INSERT INTO items (text) VALUES ('a')" }
        const first = await open([ITEMS, seed])
        first.close()
        expect(ids(await open([ITEMS, seed]))).toEqual([1])
      })

      it('copy a file that holds data before they change it', async () => {
        const first = await open()
        add(first, 1)
        first.close()
        const second = await open([ITEMS, { id: 'drop-1', sql: 'DROP TABLE items' }, SEARCH])
        expect(second.get("SELECT 1 AS one FROM sqlite_schema WHERE name = 'items'")).toBeUndefined()
        const copy = await openDatabase(`${file()}.before-drop-1`, [ITEMS], { driver })
        opened.push(copy)
        expect(ids(copy)).toEqual([1])
        expect(() => statSync(`${file()}.before-items-1`)).toThrow(/ENOENT/)
      })

      it('leave the file as it was when one of them fails', async () => {
        const first = await open()
        add(first, 1)
        first.close()
        const failing = [ITEMS, SEARCH, { id: 'bad', sql: 'CREATE TABLE more (id); INSERT INTO nowhere VALUES (1)' }]
        await expect(open(failing)).rejects.toMatchObject({ code: 'store-unreadable' })
        const again = await open()
        expect(ids(again)).toEqual([1])
        expect(again.all("SELECT name FROM sqlite_schema WHERE name IN ('search', 'more')")).toEqual([])
      })

      it('of a newer version are not undone: the file is refused', async () => {
        const newer = await open([ITEMS, SEARCH])
        newer.close()
        await expect(open()).rejects.toThrow(/newer version \(it has search-1\)/)
      })

      it('with one id used twice are a mistake', async () => {
        await expect(open([ITEMS, ITEMS])).rejects.toMatchObject({ code: 'internal' })
      })
    })
  })
}

function failAfter(_done?: unknown): never {
  throw new Error('on purpose')
}

/** A plain copy: one driver makes rows without a prototype. */
function row(found: SqlRow | undefined): SqlRow {
  return { ...found }
}
