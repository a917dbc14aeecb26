import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemRandom } from '../../server/src/base/clock.ts'
import { silentLog } from '../../server/src/base/log.ts'
import { fingerprintOf } from '../../server/src/identity/ids.ts'
import { relayGroupOf } from '../../server/src/mmp/relay-proof.ts'
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from '../../server/src/relay/limits.ts'
import { RELAY_MIGRATIONS } from '../../server/src/relay/schema.ts'
import { SqliteQueue } from '../../server/src/relay/sqlite-queue.ts'
import type { Database } from '../../server/src/store/database.ts'
import { openDatabase } from '../../server/src/store/open.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { alice, bob } from '../support/mesh.ts'
import { relayQueueContract } from './relay-queue.ts'

async function open(limits: RelayLimits, clock: FakeClock) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sym-queue-'))
  const file = path.join(folder, 'relay.db')
  let db: Database
  const fresh = async (): Promise<SqliteQueue> => {
    db = await openDatabase(file, RELAY_MIGRATIONS)
    return new SqliteQueue({ db, clock, random: systemRandom, log: silentLog, limits })
  }
  const queue = await fresh()
  return {
    queue,
    file,
    database: () => db,
    reopen: () => {
      db.close()
      return fresh()
    },
    close: () => {
      db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

relayQueueContract('SQLite', open)

describe('the SQLite queue', () => {
  const box = { group: relayGroupOf('one'), recipient: fingerprintOf(bob.publicKey) }
  const sender = fingerprintOf(alice.publicKey)

  it('on a full disk refuses, says so in its health, and goes on when there is room [B5]', async () => {
    const { queue, database, close } = await open(DEFAULT_RELAY_LIMITS, new FakeClock())
    const put = (id: string) => queue.put({ ...box, id, sealed: new Uint8Array(50_000), ttlMs: 1_000_000, sender })
    expect(await put('m1')).toMatchObject({ kind: 'stored' })
    const pages = Number(database().get('PRAGMA page_count')?.['page_count'])
    database().exec(`PRAGMA max_page_count = ${pages}`)
    expect(await put('m2')).toEqual({ kind: 'refused', reason: 'store-failed' })
    expect(queue.isHealthy).toBe(false)
    expect(queue.usage()).toEqual({ items: 1, bytes: 50_000 })
    database().exec(`PRAGMA max_page_count = ${pages + 100}`)
    expect(await put('m2')).toMatchObject({ kind: 'stored' })
    expect(queue.isHealthy).toBe(true)
    expect((await queue.next(box, 0, 9)).map(({ id }) => id)).toEqual(['m1', 'm2'])
    close()
  })

  it('counts what it holds once, also when another write of the same commit failed', async () => {
    const { queue, database, close } = await open(DEFAULT_RELAY_LIMITS, new FakeClock())
    const put = queue.put({ ...box, id: 'm1', sealed: new Uint8Array(9), ttlMs: 1_000, sender })
    const failing = database().write(() => {
      throw new Error('another one')
    })
    await expect(failing).rejects.toThrow('another one')
    expect(await put).toMatchObject({ kind: 'stored' })
    expect(queue.usage()).toEqual({ items: 1, bytes: 9 })
    close()
  })

  it('delivers nothing that was damaged on the disk', async () => {
    const { queue, database, close } = await open(DEFAULT_RELAY_LIMITS, new FakeClock())
    for (const id of ['m1', 'm2']) await queue.put({ ...box, id, sealed: new Uint8Array(9), ttlMs: 1_000, sender })
    database().run("UPDATE item SET sealed = x'01' WHERE id = 'm1'")
    expect((await queue.next(box, 0, 9)).map(({ id }) => id)).toEqual(['m2'])
    close()
  })

  it('writes no sender to the disk: neither its fingerprint nor its key [R104]', async () => {
    const { queue, file, close, database } = await open(DEFAULT_RELAY_LIMITS, new FakeClock())
    await queue.put({ ...box, id: 'm1', sealed: new Uint8Array(9), ttlMs: 1_000, sender })
    database().get('PRAGMA wal_checkpoint(TRUNCATE)')
    const bytes = readFileSync(file)
    expect(bytes.includes(box.recipient)).toBe(true)
    expect(bytes.includes(sender)).toBe(false)
    expect(bytes.includes(Buffer.from(sender, 'hex'))).toBe(false)
    expect(bytes.includes(Buffer.from(alice.publicKey))).toBe(false)
    close()
  })
})
