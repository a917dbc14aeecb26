/** A real store in a temporary folder, for the parts of the node that keep tables. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach } from 'vitest'
import { MEMORY_MIGRATIONS } from '../../../server/src/memory/schema.ts'
import { MESH_MIGRATIONS } from '../../../server/src/mesh/schema.ts'
import type { Database } from '../../../server/src/store/database.ts'
import { openDatabase } from '../../../server/src/store/open.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

export interface TestStore {
  db: Database
  /** Closes and opens it again, as a new process would. */
  reopen(): Promise<void>
}

export async function openStore(): Promise<TestStore> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sym-store-'))
  const file = path.join(folder, 'mesh.db')
  const open = () => openDatabase(file, [...MESH_MIGRATIONS, ...MEMORY_MIGRATIONS])
  const store: TestStore = {
    db: await open(),
    reopen: async () => {
      store.db.close()
      store.db = await open()
    },
  }
  cleanups.push(() => {
    store.db.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return store
}
