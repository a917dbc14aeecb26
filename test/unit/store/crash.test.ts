import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DriverName } from '../../../server/src/store/driver.ts'
import { hasNodeSqlite } from '../../../server/src/store/node-sqlite.ts'
import { openDatabase } from '../../../server/src/store/open.ts'
import { type Bundled, bundled } from './bundled.ts'
import { ROWS } from './rows.ts'

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 20)
const HAS_NODE = hasNodeSqlite(process.versions.node)

let program: Bundled
let folder: string

beforeAll(async () => {
  program = await bundled(new URL('./writer.ts', import.meta.url))
  folder = mkdtempSync(path.join(tmpdir(), 'crash-'))
})
afterAll(() => {
  program.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** Starts the writer, kills it once it has acknowledged `after` rows, and returns the last number it acknowledged. */
async function writeAndKill(file: string, driver: DriverName, first: number, after: number): Promise<number> {
  const child = spawn(process.execPath, [program.file, file, driver, String(first)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  const errors: string[] = []
  let output = ''
  let isKilled = false
  child.stderr.on('data', (chunk) => errors.push(String(chunk)))
  for await (const chunk of child.stdout) {
    output += String(chunk)
    if (isKilled || output.split('\n').length <= after) continue
    isKilled = true
    child.kill('SIGKILL')
  }
  await exited
  expect(errors.join('')).not.toMatch(/Error/)
  return Math.max(first - 1, ...output.split('\n').slice(0, -1).map(Number))
}

async function assertWhole(file: string, driver: DriverName, acknowledged: number): Promise<number> {
  const database = await openDatabase(file, [ROWS], { driver })
  try {
    const found = database.all('SELECT id FROM rows ORDER BY id').map((row) => Number(row['id']))
    expect(database.get('PRAGMA integrity_check')?.['integrity_check']).toBe('ok')
    expect(found).toEqual(Array.from({ length: found.length }, (_, id) => id))
    expect(found.length).toBeGreaterThan(acknowledged)
    return found.length
  } finally {
    database.close()
  }
}

async function killRepeatedly(rounds: number, writerOf: (round: number) => DriverName, readerOf: (round: number) => DriverName) {
  const file = path.join(folder, `${writerOf(0)}-${readerOf(0)}.db`)
  let next = 0
  for (let round = 0; round < rounds; round++) {
    const after = 1 + Math.floor(Math.random() * 60)
    const last = await writeAndKill(file, writerOf(round), next, after)
    next = await assertWhole(file, readerOf(round), last)
  }
}

describe('a store whose process is killed while it writes', () => {
  it('has lost nothing that was acknowledged and opens without help: wasm [B5]', { timeout: 120_000 }, () =>
    killRepeatedly(
      ROUNDS,
      () => 'wasm',
      () => 'wasm',
    ),
  )

  it.skipIf(!HAS_NODE)('has lost nothing that was acknowledged and opens without help: node [B5]', { timeout: 120_000 }, () =>
    killRepeatedly(
      ROUNDS,
      () => 'node',
      () => 'node',
    ),
  )

  it.skipIf(!HAS_NODE)('can be opened by the other driver, log and all', { timeout: 120_000 }, () =>
    killRepeatedly(
      10,
      (round) => (round % 2 === 0 ? 'node' : 'wasm'),
      (round) => (round % 2 === 0 ? 'wasm' : 'node'),
    ),
  )
})
