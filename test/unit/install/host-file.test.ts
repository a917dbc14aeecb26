import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fc, it as prop } from '@fast-check/vitest'
import { afterEach, describe, expect, it } from 'vitest'
import { MeshError } from '../../../server/src/base/errors.ts'
import { type Edit, editHostFile, readHostFile } from '../../../server/src/install/host-file.ts'

const NOW = new Date('2026-01-02T03:04:05.678Z')
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function place(): { folder: string; file: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'sym-host-'))
  folders.push(folder)
  return { folder, file: path.join(folder, 'settings.json') }
}

const set =
  (value: unknown, ...names: [string, ...string[]]): (() => readonly Edit[]) =>
  () => [{ path: names, value }]

function refusal(run: () => unknown): string {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof MeshError && thrown.code === 'host-file') return thrown.message
    throw thrown
  }
  throw new Error('it was not refused')
}

describe('an edit of a file of the host', () => {
  it('touches the member alone: comments, order, indent, numbers stay [R6]', () => {
    const { file } = place()
    const before = '{\n\t// mine\n\t"big": 12345678901234567890,\n\t"10": 1, "2": 1.0,\n\t"list": [1, 2,],\n}\n'
    writeFileSync(file, before)
    editHostFile(file, set('x', 'group'), NOW)
    const after = readFileSync(file, 'utf8')
    for (const kept of ['// mine', '12345678901234567890', '"10": 1, "2": 1.0']) expect(after).toContain(kept)
    expect(readHostFile(file).content).toMatchObject({ group: 'x' })
  })

  it('keeps a byte order mark, the line ends of Windows, the mode, and a backup of what was there [R6]', () => {
    const { file } = place()
    writeFileSync(file, '\ufeff{\r\n  "a": 1\r\n}\r\n', { mode: 0o640 })
    const edited = editHostFile(file, set(2, 'b'), NOW)
    const after = readFileSync(file, 'utf8')
    expect(after.startsWith('\ufeff{\r\n')).toBe(true)
    expect(after.replaceAll('\r\n', '')).not.toContain('\n')
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(edited).toEqual({ kind: 'changed', file, backup: `${file}.bak-20260102T030405678Z` })
    expect(readFileSync(`${file}.bak-20260102T030405678Z`, 'utf8')).toBe('\ufeff{\r\n  "a": 1\r\n}\r\n')
  })

  it('follows a link to the file that it names, and leaves the link', () => {
    const { folder, file } = place()
    const real = path.join(folder, 'real.json')
    writeFileSync(real, '{}')
    symlinkSync(real, file)
    editHostFile(file, set(true, 'on'), NOW)
    expect(lstatSync(file).isSymbolicLink()).toBe(true)
    expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual({ on: true })
  })

  it('makes a missing file with its folder, and an empty one into an object', () => {
    const { folder } = place()
    const fresh = path.join(folder, 'new/settings.json')
    expect(editHostFile(fresh, set(1, 'a', 'b'), NOW)).toMatchObject({ kind: 'changed', backup: undefined })
    expect(JSON.parse(readFileSync(fresh, 'utf8'))).toEqual({ a: { b: 1 } })
    const empty = path.join(folder, 'empty.json')
    writeFileSync(empty, '  \n')
    editHostFile(empty, set(1, 'a'), NOW)
    expect(JSON.parse(readFileSync(empty, 'utf8'))).toEqual({ a: 1 })
  })

  it('says that nothing changed, and writes nothing then', () => {
    const { folder, file } = place()
    writeFileSync(file, '{"a": 1}')
    expect(editHostFile(file, set(1, 'a'), NOW)).toEqual({ kind: 'unchanged' })
    expect(editHostFile(file, () => [], NOW)).toEqual({ kind: 'unchanged' })
    expect(editHostFile(path.join(folder, 'none.json'), () => [], NOW)).toEqual({ kind: 'unchanged' })
    expect(readdirSync(folder)).toEqual(['settings.json'])
  })

  it('begins anew when the host wrote meanwhile, and keeps what the host wrote', () => {
    const { file } = place()
    writeFileSync(file, '{"host": 1}')
    const rounds = { n: 0 }
    editHostFile(
      file,
      () => {
        if (++rounds.n === 1) writeFileSync(file, '{"host": 2}')
        return [{ path: ['ours'], value: true }]
      },
      NOW,
    )
    expect(rounds.n).toBe(2)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ host: 2, ours: true })
  })

  it('gives up on a file that never rests, and leaves it to the other [R6]', () => {
    const { file } = place()
    writeFileSync(file, '{}')
    const rounds = { n: 0 }
    const wild = (): readonly Edit[] => {
      writeFileSync(file, JSON.stringify({ host: ++rounds.n }))
      return [{ path: ['ours'], value: true }]
    }
    expect(refusal(() => editHostFile(file, wild, NOW))).toContain('again and again')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ host: rounds.n })
  })

  const BROKEN: readonly (readonly [string, string | Buffer, string])[] = [
    ['half a file', '{"a": [1, 2', 'no valid JSON near character'],
    ['two values', '{} {}', 'no valid JSON'],
    ['an array', '[1]', 'does not hold a JSON object'],
    ['a text', '"x"', 'does not hold a JSON object'],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'is not UTF-8'],
    ['UTF-16', Buffer.from('\ufeff{"a": 1}', 'utf16le'), 'is not UTF-8'],
    ['a name twice', '{"ours": 1, "ours": {"x": 1}}', 'a name twice'],
  ]
  it.each(BROKEN)('leaves %s byte for byte as it is [R6]', (_what, content, why) => {
    const { folder, file } = place()
    writeFileSync(file, content)
    expect(refusal(() => editHostFile(file, set(true, 'ours', 'y'), NOW))).toContain(why)
    expect(readFileSync(file)).toEqual(Buffer.from(content))
    expect(readdirSync(folder)).toEqual(['settings.json'])
  })

  it('leaves a read-only file, a folder and a link that leads nowhere [R6]', () => {
    const { folder, file } = place()
    writeFileSync(file, '{}')
    chmodSync(file, 0o444)
    expect(refusal(() => editHostFile(file, set(1, 'a'), NOW))).toContain('read-only')
    const dir = path.join(folder, 'dir')
    mkdirSync(dir)
    expect(refusal(() => editHostFile(dir, set(1, 'a'), NOW))).toContain('is not a file')
    const dangling = path.join(folder, 'dangling')
    symlinkSync(path.join(folder, 'nowhere'), dangling)
    expect(refusal(() => editHostFile(dangling, set(1, 'a'), NOW))).toContain('leads nowhere')
    expect(readFileSync(file, 'utf8')).toBe('{}')
  })

  it('edits a file of many megabytes', () => {
    const { file } = place()
    const projects = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`/home/u/p${n}`, { history: ['x'.repeat(2_000)] }]))
    writeFileSync(file, JSON.stringify({ projects }, null, 2))
    editHostFile(file, set({ command: 'node' }, 'mcpServers', 'x'), NOW)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ projects, mcpServers: { x: { command: 'node' } } })
  })

  prop.prop([
    fc.object({ maxDepth: 3 }),
    fc.array(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
    fc.jsonValue(),
    fc.constantFrom(0, 2, 4, '\t'),
  ])('any object, any member, any value: set, and taken out again [R6]', (object, names, given, indent) => {
    const { file } = place()
    // Through JSON, which has no negative zero.
    const [plain, value] = JSON.parse(JSON.stringify([object, given]))
    writeFileSync(file, JSON.stringify(plain, null, indent))
    const [first = 'x', ...rest] = names
    const outcome = attempt(() => editHostFile(file, set(value, first, ...rest), NOW))
    if (outcome !== undefined) expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(plain)
    else expect(names.reduce<unknown>((current, name) => Object(current)[name], readHostFile(file).content)).toEqual(value)
  })
})

/** A shape that cannot be edited (an array on the way) is refused; anything else that is thrown is a bug. */
function attempt(run: () => unknown): MeshError | undefined {
  try {
    run()
    return undefined
  } catch (thrown) {
    if (thrown instanceof MeshError && thrown.code === 'host-file') return thrown
    throw thrown
  }
}
