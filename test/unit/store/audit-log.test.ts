import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fc, it as prop } from '@fast-check/vitest'
import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { AuditLog, readAudit, verifyAudit } from '../../../server/src/store/audit-log.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function open(folder = mkdtempSync(path.join(tmpdir(), 'sym-audit-')), clock = new FakeClock()) {
  folders.push(folder)
  const failures: unknown[] = []
  const log = new AuditLog(folder, clock, (thrown) => failures.push(thrown))
  return { folder, clock, log, failures, file: path.join(folder, 'audit.log') }
}

async function written(count: number) {
  const place = open()
  for (let n = 1; n <= count; n++) {
    place.log.note('link-up', { peer: 'p', n })
    await place.clock.advance(1_000)
  }
  await place.log.stop()
  return place
}

describe('the account of events', () => {
  it('is written a moment later, private, and is whole [R151]', async () => {
    const { log, clock, folder, file } = open()
    log.note('start', { pid: 1 })
    log.note('link-up', { peer: 'abc', kind: 'lan' })
    expect(readdirSync(folder)).toEqual([])
    await clock.advance(500)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readAudit(folder).map(({ seq, what, facts }) => [seq, what, facts])).toEqual([
      [1, 'start', { pid: 1 }],
      [2, 'link-up', { peer: 'abc', kind: 'lan' }],
    ])
    expect(verifyAudit(folder)).toMatchObject({ kind: 'whole', entries: 2 })
    await log.stop()
  })

  it('goes on where it stood, also after a crash in the middle of a line [R151]', async () => {
    const { folder, file } = await written(3)
    appendFileSync(file, 'half a li')
    const again = open(folder)
    again.log.note('start', { pid: 2 })
    await again.log.stop()
    expect(readAudit(folder).map(({ what }) => what)).toEqual(['link-up', 'link-up', 'link-up', 'cut', 'start'])
    expect(verifyAudit(folder)).toMatchObject({ kind: 'whole', entries: 5 })
  })

  const TAMPERED: readonly (readonly [string, (lines: string[]) => string[], number, string])[] = [
    ['a changed word', ([a = '', b = '', ...rest]) => [a, b.replace('"n":2', '"n":9'), ...rest], 2, 'was changed'],
    ['a line taken out', ([a = '', , ...rest]) => [a, ...rest], 2, 'entry 2 is missing'],
    ['two lines in the other order', ([a = '', b = '', ...rest]) => [b, a, ...rest], 1, 'is missing'],
    ['a line put in between', ([a = '', b = '', ...rest]) => [a, b, b, ...rest], 3, 'is missing'],
    ['words that are no entry', ([a = '', ...rest]) => [a, 'hello', ...rest], 2, 'no entry'],
    ['an empty line', ([a = '', ...rest]) => [a, '', ...rest], 2, 'no entry'],
  ]
  it.each(TAMPERED)('shows %s [R151]', async (_what, tamper, line, why) => {
    const { folder, file } = await written(4)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    writeFileSync(file, `${tamper(lines).join('\n')}\n`)
    expect(verifyAudit(folder)).toMatchObject({ kind: 'broken', line, why: expect.stringContaining(why) })
  })

  prop.prop([fc.nat(), fc.integer({ min: 1, max: 255 })])('shows any changed byte [R151]', async (at, by) => {
    const { folder, file } = await written(3)
    const bytes = readFileSync(file)
    const index = at % bytes.length
    bytes[index] = (bytes[index] ?? 0) ^ by
    writeFileSync(file, bytes)
    expect(verifyAudit(folder).kind).toBe('broken')
  })

  it('keeps so many files of so many bytes, and the chain goes on through them [R151]', async () => {
    const { log, clock, folder } = open()
    const long = 'x'.repeat(60_000)
    for (let n = 0; n < 600; n++) {
      log.note('groups', { joined: long })
      await clock.advance(1_000)
    }
    await log.stop()
    const names = readdirSync(folder)
    expect(names.sort()).toEqual(['audit.log', 'audit.log.1', 'audit.log.2', 'audit.log.3', 'audit.log.4'])
    for (const name of names) expect(statSync(path.join(folder, name)).size).toBeLessThanOrEqual(LIMITS.audit.fileBytes)
    expect(verifyAudit(folder)).toMatchObject({ kind: 'whole', entries: 600 })
  })

  it('counts a flood in place of writing it', async () => {
    const { log, clock, folder } = open()
    for (let n = 0; n < 1_000; n++) log.note('cmb-refused', { rule: 'bad-signature' })
    await clock.advance(1_000)
    log.note('link-down', {})
    await log.stop()
    const entries = readAudit(folder)
    expect(entries).toHaveLength(LIMITS.audit.perSecond + 1)
    expect(entries.at(-1)?.facts).toEqual({ dropped: 1_000 - LIMITS.audit.perSecond })
  })

  it('tells of a disk that does not take it, and lives on', async () => {
    const { log, clock, folder, failures } = open()
    rmSync(folder, { recursive: true })
    log.note('start', {})
    await clock.advance(500)
    expect(failures).toHaveLength(1)
    await log.stop()
    log.note('after', {})
    await clock.advance(10_000)
    expect(failures).toHaveLength(1)
  })
})
