/** A file that several processes change: real files, real locks. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { systemClock, systemRandom } from '../../../server/src/base/clock.ts'
import { sharedFile } from '../../../server/src/identity/shared-file.ts'
import { type Bundle, bundle } from '../../support/bundle.ts'

const schema = z.strictObject({ words: z.array(z.string()) })
const deps = { clock: systemClock, random: systemRandom }

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sym-shared-'))
  file = path.join(folder, 'state', 'words.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

const open = () => sharedFile({ file, schema, empty: { words: [] }, ...deps })
const add = (word: string) => (value: { words: string[] }) => ({ words: [...value.words, word] })

describe('a shared file', () => {
  it('that is not there has the empty value, and is private from its first change on', async () => {
    expect(open().read()).toEqual({ kind: 'ok', value: { words: [] } })
    await open().change(add('one'))
    expect(open().read()).toEqual({ kind: 'ok', value: { words: ['one'] } })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('loses no word of many writers at once', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, at) => open().change(add(`${at}`))))
    const state = open().read()
    expect(state.kind === 'ok' && [...state.value.words].sort()).toEqual(Array.from({ length: 12 }, (_, at) => `${at}`).sort())
  })

  it.each([
    ['half a file', '{ "words": ["o'],
    ['another shape', '{ "words": "one" }'],
    ['a member that nobody knows', '{ "words": [], "more": 1 }'],
    ['nothing at all', ''],
  ])('with %s in it is told, and no change replaces it', async (_, text) => {
    await open().change(add('one'))
    writeFileSync(file, text)
    expect(open().read()).toMatchObject({ kind: 'broken', problem: expect.stringContaining(file) })
    await expect(open().change(add('two'))).rejects.toMatchObject({ code: 'store-unreadable' })
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it.skipIf(process.platform === 'win32')('that others may read, or that is a link, is not believed', async () => {
    await open().change(add('one'))
    chmodSync(file, 0o644)
    expect(open().read()).toMatchObject({ kind: 'broken', problem: expect.stringContaining('chmod 600') })
    rmSync(file)
    symlinkSync('/etc/hostname', file)
    expect(open().read()).toMatchObject({ kind: 'broken' })
  })

  it('tells of a change by somebody else, and of nothing after its end', async () => {
    const shared = open()
    await shared.change(add('one'))
    let told = 0
    const isTold = new Promise<void>((resolve) => {
      shared.watch(() => {
        told++
        resolve()
      })
    })
    await open().change(add('two'))
    await isTold
    expect(told).toBe(1)
  })
})

describe('a writer that is killed', () => {
  let script: Bundle
  beforeEach(async () => {
    script = await bundle(path.join(import.meta.dirname, 'word-writer.ts'))
  })
  afterEach(() => script.remove())

  it('at any moment leaves the content before or after a change, and the lock to the next [P6]', async () => {
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, [script.file, file], { stdio: ['ignore', 'pipe', 'inherit'] })
      let written = ''
      const started = new Promise((resolve) => child.stdout.once('data', resolve))
      child.stdout.on('data', (chunk) => (written += chunk))
      const gone = new Promise((resolve) => child.once('close', resolve))
      await started
      const turns = round * 3
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
      child.kill('SIGKILL')
      await gone
      const state = open().read()
      const words = state.kind === 'ok' ? state.value.words : []
      const confirmed = written.trim().split('\n')
      // What was confirmed is there; of the rest at most the one change that was on its way.
      expect(words.slice(-confirmed.length - 1).join(' ')).toContain(confirmed.at(-1))
      await open().change(add(`after-${round}`))
    }
  })
})
