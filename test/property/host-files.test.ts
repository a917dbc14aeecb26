/**
 * Files of the host in every shape that people and programs leave them: comments, byte order marks, line ends of Windows,
 * tabs, commas at the end, names twice, half files, links, no rights. Ours goes in and out; all else stays.
 */
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { parse } from 'jsonc-parser'
import { afterAll, describe, expect } from 'vitest'
import { editHooks, editServerEntry, hooksFor } from '../../server/src/install/entries.ts'
import { type Edit, editHostFile, type JsonObject, readHostFile } from '../../server/src/install/host-file.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sym-host-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const HOOKS = hooksFor(
  '/opt/sym-mesh-channel',
  JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../hooks/hooks.json'), 'utf8')),
)
const PROGRAM = '/opt/sym-mesh-channel/server/dist/server.mjs'
const ours = (content: JsonObject): readonly Edit[] => [editServerEntry(PROGRAM, { A: 'b' }), ...editHooks(content, HOOKS)]
const out = (content: JsonObject): readonly Edit[] => [
  { path: ['mcpServers', 'claude-sym-mesh'], value: undefined },
  ...editHooks(content, {}),
]

const name = fc.oneof(fc.constantFrom('theme', 'env', 'permissions', 'statusLine', 'a.b', 'ünï', '日本', ''), fc.string({ maxLength: 12 }))
const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
)
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('any'), { maxLength: 4 }), fc.dictionary(name, tie('any'), { maxKeys: 4 })),
})).any
const handler = fc.record({ type: fc.constant('command'), command: fc.constantFrom('echo hi', 'node /x/other.mjs') })
const settings = fc.record(
  {
    others: fc.dictionary(name, value, { maxKeys: 5 }),
    mcpServers: fc.dictionary(
      fc.constantFrom('github', 'db', 'x'),
      fc.record({ command: fc.string({ maxLength: 9 }), args: fc.array(fc.string({ maxLength: 9 }), { maxLength: 3 }) }),
      { maxKeys: 3 },
    ),
    hooks: fc.dictionary(
      fc.constantFrom('Stop', 'PreToolUse', 'UserPromptSubmit'),
      fc.array(fc.record({ matcher: fc.constant(''), hooks: fc.array(handler, { minLength: 1, maxLength: 2 }) }), {
        minLength: 1,
        maxLength: 2,
      }),
      { maxKeys: 3 },
    ),
  },
  { requiredKeys: ['others'] },
)
const layout = fc.record({
  indent: fc.constantFrom<string | number>(0, 2, 4, '\t'),
  isWindows: fc.boolean(),
  hasMark: fc.boolean(),
  comment: fc.constantFrom('', '// kept by hand', '/* two\n lines */'),
  hasComma: fc.boolean(),
})

interface Shape {
  readonly others: object
  readonly mcpServers?: object
  readonly hooks?: object
}

function textOf(
  { others, ...rest }: Shape,
  {
    indent,
    isWindows,
    hasMark,
    comment,
    hasComma,
  }: { indent: string | number; isWindows: boolean; hasMark: boolean; comment: string; hasComma: boolean },
): string {
  const clean = Object.fromEntries(Object.entries(others).filter(([key]) => !['mcpServers', 'hooks', '__proto__'].includes(key)))
  const json = JSON.stringify({ ...clean, ...rest }, null, indent)
  const end = hasComma && json.length > 2 ? json.replace(/\s*\}$/, (close) => `,${close}`) : json
  const whole = `${comment === '' ? '' : `${comment}\n`}${end.replace(/^\{/, comment === '' ? '{' : `{ ${comment}\n`)}\n`
  return `${hasMark ? '\ufeff' : ''}${isWindows ? whole.replace(/\r?\n/g, '\r\n') : whole}`
}

const contentOf = (file: string): unknown => parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''), [], { allowTrailingComma: true })
let next = 0
const freshFile = (): string => path.join(folder, `${++next}.json`)

describe('a file of the host', () => {
  test.prop([settings, layout], { numRuns: 150 })(
    'takes ours in and gives it back, and keeps all else: members, comments, mark, line ends [R6] [R7]',
    (shape, style) => {
      const file = freshFile()
      const text = textOf(shape as Shape, style)
      writeFileSync(file, text)
      const before = contentOf(file) as JsonObject
      expect(editHostFile(file, ours).kind).toBe('changed')
      const written = readFileSync(file, 'utf8')
      const during = contentOf(file) as Record<string, Record<string, unknown>>
      expect(during['mcpServers']?.['claude-sym-mesh']).toMatchObject({ args: [PROGRAM] })
      for (const [key, member] of Object.entries(before)) if (key !== 'mcpServers' && key !== 'hooks') expect(during[key]).toEqual(member)
      expect(during['mcpServers']).toMatchObject((before['mcpServers'] as object | undefined) ?? {})
      expect(written.startsWith('\ufeff')).toBe(style.hasMark)
      if (style.comment !== '')
        expect(written.split(style.comment.split('\n')[0] ?? '').length).toBe(text.split(style.comment.split('\n')[0] ?? '').length)
      // Again is nothing to do.
      expect(editHostFile(file, ours).kind).toBe('unchanged')
      editHostFile(file, out)
      const after = contentOf(file) as JsonObject
      const { mcpServers: left, hooks: leftHooks, ...rest } = after
      const { mcpServers: had, hooks: hadHooks, ...kept } = before
      expect(rest).toEqual(kept)
      expect(left ?? {}).toEqual(had ?? {})
      expect(leftHooks ?? {}).toEqual(hadHooks ?? {})
    },
  )

  test.prop([settings, layout, fc.nat(), fc.uint8Array({ maxLength: 6 })], { numRuns: 150 })(
    'that was cut, mixed with other bytes or damaged is understood as it is or left byte for byte, and nothing stands beside it [R6]',
    (shape, style, at, noise) => {
      const file = freshFile()
      const bytes = Buffer.from(textOf(shape as Shape, style))
      const place = bytes.length === 0 ? 0 : at % bytes.length
      const damaged = at % 2 === 0 ? bytes.subarray(0, place) : Buffer.concat([bytes.subarray(0, place), noise, bytes.subarray(place)])
      writeFileSync(file, damaged)
      try {
        editHostFile(file, ours)
        expect((contentOf(file) as Record<string, object>)['mcpServers']).toHaveProperty('claude-sym-mesh')
      } catch (thrown) {
        expect((thrown as { code: string }).code).toBe('host-file')
        expect(readFileSync(file).equals(damaged)).toBe(true)
      }
      expect(readdirSync(folder).filter((other) => other.startsWith(`${path.basename(file)}.`))).toEqual([])
    },
  )

  test.prop([settings, layout], { numRuns: 40 })('behind a link is changed where it lies, and the link stays [R6]', (shape, style) => {
    const [file, link] = [freshFile(), `${freshFile()}-link`]
    writeFileSync(file, textOf(shape as Shape, style))
    symlinkSync(file, link)
    editHostFile(link, ours)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readHostFile(file).content).toHaveProperty('mcpServers')
    expect(existsSync(`${link}.tmp`)).toBe(false)
  })

  test.prop([settings, layout, fc.integer({ min: 1, max: 3 })], { numRuns: 60 })(
    'that somebody else writes at the same moment keeps what they wrote, and takes ours too [R6]',
    (shape, style, times) => {
      const file = freshFile()
      writeFileSync(file, textOf(shape as Shape, style))
      let asked = 0
      editHostFile(file, (content) => {
        // The other one is quicker, for the first attempts.
        if (asked++ < times) writeFileSync(file, JSON.stringify({ ...content, theirs: asked }))
        return ours(content)
      })
      expect(contentOf(file)).toMatchObject({ theirs: times, mcpServers: { 'claude-sym-mesh': {} } })
    },
  )
})
