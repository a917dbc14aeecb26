/**
 * Holds the documents to the code, both ways: what a table names exists, and what exists stands in the table. Prose is
 * held to names alone: a tool, a command, a flag or a variable that is mentioned anywhere must exist.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { VARIABLES } from '../server/src/app/variables.ts'
import { LIMITS } from '../server/src/base/limits.ts'
import { createProgram } from '../server/src/cli/program.ts'
import { TOOL_NAMES } from '../server/src/mcp/tool-names.ts'
import { TOOLS } from '../server/src/mcp/tools.ts'
import { DEFAULT_RATES } from '../server/src/mesh/rates.ts'
import { REFUSAL_REASONS, RELAY_CLOSE } from '../server/src/mmp/relay-frames.ts'
import { cliDeps } from './support/cli.ts'
import { leaves, TABLE_NAMES, usageOf, withTables } from './support/doc-tables.ts'
import { importsOf } from './support/imports.ts'

const ROOT = dirname(import.meta.dirname)
const SRC = join(ROOT, 'server/src')

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const isDocument = (path: string): boolean => path.endsWith('.md')
const under = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter(isDocument)
const documents = [...readdirSync(ROOT).filter(isDocument), ...under('docs')].map((path) => ({ path, text: read(path) }))
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(SRC, path), 'utf8') }))

/** The rows of each table whose header begins with these cells. */
function rows(path: string, ...header: readonly string[]): string[][] {
  const tables = read(path)
    .split(/\n\s*\n/)
    .map((block) =>
      block
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map(cells),
    )
  const found = tables.filter(([head]) => header.every((name, at) => head?.[at] === name))
  expect(found, `${path} has a table | ${header.join(' | ')} |`).not.toEqual([])
  return found.flatMap((table) => table.slice(2))
}

function cells(line: string): string[] {
  return line
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())
}

/** The texts in backticks of a cell. */
const codes = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
const firstCodes = (table: readonly string[][]): string[] => table.flatMap(([cell]) => codes(cell))
const number = (cell = ''): number => Number(cell.replaceAll(',', ''))
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort()

/** Every place of this pattern in the documents that is not in `known`. */
function strangers(pattern: RegExp, known: Iterable<string>): string[] {
  const names = new Set(known)
  return documents.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].flatMap(([whole, name = whole]) => (names.has(name) ? [] : [`${path}: ${name}`])),
  )
}

describe('the tables that are made from the code', () => {
  const generated = documents.filter(({ text }) => text.includes('<!-- generated') || text.includes('`frame.maxBytes`'))
  it.each(generated)('are in $path as the code says; otherwise run: npm run docs [R15] [R172]', ({ text }) => {
    expect(text).toBe(withTables(text))
  })

  it('are all there, each once', () => {
    const made = documents.flatMap(({ text }) => [...text.matchAll(/<!-- generated: ([\w-]+);/g)].map((match) => match[1] ?? ''))
    expect([...made].sort()).toEqual([...TABLE_NAMES].sort())
  })

  it('name each variable that is read, and no other [R172]', () => {
    expect(sorted(Object.keys(VARIABLES))).toEqual(sorted(variablesRead()))
  })

  it('name only options that some code reads [R172]', () => {
    const code = sources
      .filter(({ path }) => /^(?:cli|app)\//.test(path))
      .map(({ text }) => text.replace(/\.(?:option|addOption)\([^\n]*/g, ''))
    const unread = program().commands.flatMap((command) =>
      command.options
        .filter((option) => !code.some((text) => new RegExp(`\\b${option.attributeName()}\\b`).test(text)))
        .map(({ long }) => `${command.name()} ${long}`),
    )
    expect(unread).toEqual([])
  })
})

describe('the lists of commands, tools and settings', () => {
  it('lists the tools that exist [R134]', () => {
    expect(sorted(firstCodes(rows('docs/COMMANDS.md', 'tool')))).toEqual(sorted(TOOL_NAMES))
    expect(sorted(TOOLS.map(({ name }) => name))).toEqual(sorted(TOOL_NAMES))
  })

  it('lists the slash commands that exist [R135]', () => {
    const files = readdirSync(join(ROOT, 'commands')).map((file) => `/${file.replace(/\.md$/, '')}`)
    const listed = rows('docs/COMMANDS.md', 'command', 'what it does').flatMap(([cell]) => codes(cell))
    expect(sorted(listed.filter((name) => name.startsWith('/')))).toEqual(sorted(files))
  })

  it('lists the shell commands with their arguments and options', () => {
    const listed = rows('docs/COMMANDS.md', 'command', 'what it does', 'options').map(([name, , options]) =>
      [codes(name)[0], ...sorted(codes(options))].join(' '),
    )
    const real = program().commands.map((command) => [usageOf(command), ...sorted(command.options.map(({ long }) => long ?? ''))].join(' '))
    expect(sorted(listed)).toEqual(sorted(real))
  })

  it('lists the variables that are read, each of them and no other [R172]', () => {
    expect(sorted(firstCodes(rows('docs/SETTINGS.md', 'variable')))).toEqual(sorted(variablesRead()))
  })

  it('lists the keys of project file and settings file', () => {
    const text = read('server/src/app/settings.ts')
    const keysOf = (schema: string) =>
      [
        ...(new RegExp(`const ${schema} = z\\.strictObject\\(\\{([\\s\\S]*?)\\n?\\}\\)\\n`).exec(text)?.[1] ?? '').matchAll(
          /(?:^|[\s{])(\w+): z\./g,
        ),
      ].map((match) => match[1] ?? '')
    const table = rows('docs/SETTINGS.md', 'setting')
    expect(sorted(table.flatMap((row) => codes(row[2])))).toEqual(sorted(keysOf('projectFile')))
    expect(sorted(table.flatMap((row) => codes(row[4]).slice(0, 1)))).toEqual(sorted(keysOf('settingsFile')))
  })

  it('names the hooks that are registered [R130]', () => {
    const { hooks }: { hooks: object } = JSON.parse(read('hooks/hooks.json'))
    const listed = codes(
      rows('docs/DATA.md', 'what', 'for')
        .map(([cell]) => cell)
        .find((cell) => cell?.startsWith('hooks')),
    )
    expect(sorted(listed)).toEqual(sorted(Object.keys(hooks)))
  })

  it('gives the commands of install and proof word for word', () => {
    const { name }: { name: string } = JSON.parse(read('.claude-plugin/marketplace.json'))
    const text = read('README.md')
    for (const line of [
      `/plugin install sym-mesh-channel@${name}`,
      `claude plugin marketplace add sym-mesh/sym-mesh-channel && claude plugin install sym-mesh-channel@${name}`,
      'node server/dist/cli.mjs demo',
      'npm test',
    ]) {
      expect(text).toContain(`\n    ${line}\n`)
    }
    expect(existsSync(join(ROOT, 'server/dist/cli.mjs'))).toBe(true)
  })

  it('begins with the README of a product: short, with a picture made from the program, install in one line, and links', () => {
    const text = read('README.md')
    expect(text.length).toBeLessThan(9_000)
    const picture = read('docs/watch.svg')
    expect(text).toContain('](docs/watch.svg)')
    for (const words of ['read-only; q or Ctrl-C ends', 'claude-laptop-web', 'has seen m']) expect(picture).toContain(words)
    for (const name of ['GUIDE', 'COMMANDS', 'SETTINGS', 'RELAY', 'TROUBLESHOOTING', 'FAQ', 'DATA', 'THREAT-MODEL', 'LIMITS'])
      expect(text).toContain(`](docs/${name}.md)`)
  })
})

describe('LIMITS.md', () => {
  const path = 'docs/LIMITS.md'

  it('has each limit with its value [R167]', () => {
    const listed = rows(path, 'name', 'value', 'unit').map(([name, value]) => [codes(name)[0], number(value)])
    expect(listed).toEqual(leaves(LIMITS))
  })

  it('says of each limit that nothing enforces that it is not enforced, and of no other', () => {
    const said = rows(path, 'name', 'value', 'unit').filter((row) => row[3]?.includes('not enforced yet'))
    // Two frames of the next limit are what is counted.
    const unused = leaves(LIMITS)
      .map(([name]) => name)
      .filter((name) => !isUsed(name) && name !== 'handshake.bytesBefore')
    expect(said.map(([name]) => codes(name)[0])).toEqual(unused)
  })

  it('has the other numbers as they stand in their files', () => {
    for (const [name, value, file] of rows(path, 'name', 'value', 'file')) {
      const text = readFileSync(join(SRC, codes(file)[0] ?? ''), 'utf8')
      const found = new RegExp(`const ${codes(name)[0]} = ([\\d_]+)\\b`).exec(text)?.[1]
      expect(Number(found?.replaceAll('_', '')), `${name} in ${file}`).toBe(number(value))
    }
  })

  it('has each rate with its default, and says which have no effect', () => {
    const table = rows(path, 'name', 'default', 'effect')
    expect(table.map(([name, value]) => [codes(name)[0], number(value)])).toEqual(Object.entries(DEFAULT_RATES))
    const users = sources.filter((source) => source.path !== 'mesh/rates.ts').map(({ text }) => text.replaceAll('settings.rates', 'rates'))
    const isRead = (name: string) =>
      users.some((text) =>
        new RegExp(
          `\\brates\\.${name}\\b|\\{[^{}]*\\b${name}\\b[^{}]*\\} = [\\w.#]*\\brates\\b|\\{[^{}]*\\b${name}\\b[^{}]*\\} = this\\.#deps\\.rates`,
        ).test(text),
      )
    const without = table.filter((row) => row[2]?.startsWith('none yet')).flatMap(([name]) => codes(name))
    expect(without).toEqual(Object.keys(DEFAULT_RATES).filter((name) => !isRead(name)))
  })
})

describe('PROTOCOL.md', () => {
  const path = 'docs/PROTOCOL.md'
  const text = read(path)
  const union = (file: string, name: string) =>
    wordsIn(new RegExp(`export type ${name} =([\\s\\S]*?)(?=\\n\\n|\\nexport|$)`).exec(readFileSync(join(SRC, file), 'utf8'))?.[1])
  const listAfter = (title: string) => codes(new RegExp(`\\*\\*${title}\\*\\*:([\\s\\S]*?)\\n\\n`).exec(text)?.[1])

  it('lists the inner frames that exist', () => {
    const schemas = /const SCHEMAS = \{([\s\S]*?)\} as const/.exec(readFileSync(join(SRC, 'mmp/frames.ts'), 'utf8'))?.[1] ?? ''
    const real = [...schemas.matchAll(/^\s*'?([a-z0-9-]+)'?[,:]/gm)].map((match) => match[1] ?? '')
    expect(firstCodes(rows(path, 'type', 'members'))).toEqual(real)
  })

  it('lists the codes of errors', () => {
    expect(firstCodes(rows(path, 'code', 'meaning'))).toEqual(union('base/errors.ts', 'MeshErrorCode'))
  })

  it('says of each code without a use that it is reserved, and of no other', () => {
    const reserved = rows(path, 'code', 'meaning').filter((row) => row[1]?.startsWith('reserved'))
    const users = sources.filter((source) => source.path !== 'base/errors.ts')
    const isUsed = (code: string) => users.some((source) => new RegExp(`(?:MeshError|failure)\\(\\s*'${code}'`).test(source.text))
    expect(firstCodes(reserved)).toEqual(union('base/errors.ts', 'MeshErrorCode').filter((code) => !isUsed(code)))
  })

  it.each([
    ['Handshake rules', 'secure/session.ts', 'HandshakeRule', []],
    ['Seal rules', 'secure/seal.ts', 'SealRule', []],
    ['JSON rules', 'mmp/json.ts', 'JsonRule', []],
    ['Record rules', 'mmp/record.ts', 'RecordRule', union('mmp/cat7.ts', 'Cat7Rule')],
    ['Invite rules', 'mmp/invite-link.ts', 'LinkRule', union('mmp/relay-url.ts', 'RelayRule')],
    ['Accept rules', 'transport/accept-limits.ts', 'RefusalReason', []],
  ] as const)('lists the %s', (title, file, name, more) => {
    expect(sorted(listAfter(title))).toEqual(sorted([...more, ...union(file, name)]))
  })

  it('lists the close codes and refusals of a relay [R108]', () => {
    const codesListed = rows(path, 'close code', 'why').map(([code]) => number(code))
    expect(codesListed).toEqual(Object.values(RELAY_CLOSE).sort((a, b) => a - b))
    expect(listAfter('Refusal reasons')).toEqual(REFUSAL_REASONS)
  })

  it('names only limits that exist', () => {
    const names = new Set(leaves(LIMITS).map(([name]) => name))
    const groups = new RegExp(`^(?:${Object.keys(LIMITS).join('|')})\\.[A-Za-z.]+$`)
    expect(codes(text).filter((code) => groups.test(code) && !names.has(code))).toEqual([])
  })
})

describe('RELAY.md', () => {
  it('lists the options, variables and keys that a relay reads, each and no other [R172]', () => {
    const table = rows('docs/RELAY.md', 'option', 'environment', 'in the file')
    const relay = program().commands.find((command) => command.name() === 'relay')
    const options = relay?.options.map(({ long }) => long ?? '').filter((long) => long !== '--config')
    expect(sorted(firstCodes(table))).toEqual(sorted(options ?? []))
    const text = read('server/src/app/relay-settings.ts')
    const variables = [...text.matchAll(/variable\('([A-Z_]+)'\)/g)].map((match) => match[1] ?? '')
    expect(sorted(table.flatMap((row) => codes(row[1])))).toEqual(sorted(variables.filter((name) => name !== 'SYM_RELAY_CONFIG')))
    const keys = [...(/const relayFile = z\.strictObject\(\{([\s\S]*?)\n\}\)/.exec(text)?.[1] ?? '').matchAll(/^ {2}(\w+): z/gm)]
    expect(sorted(table.flatMap((row) => codes(row[2])))).toEqual(sorted(keys.map((match) => match[1] ?? '')))
  })
})

describe('ARCHITECTURE.md', () => {
  const table = rows('docs/ARCHITECTURE.md', 'folder', 'what it is', 'may import')
  const folders = table.map(([folder]) => codes(folder)[0] ?? '')

  it('has the folders of the source', () => {
    expect(sorted(folders)).toEqual(sorted(sources.map(({ path }) => path.split('/')[0] ?? '')))
  })

  it('allows each import that there is', () => {
    const allowed = new Map(table.map(([, , cell = ''], at) => [folders[at], allowedBy(cell, folders.slice(0, at))]))
    const wrong = sources.flatMap(({ path, text }) => {
      const from = path.split('/')[0] ?? ''
      const to = importsOf(text)
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => posix.join(posix.dirname(path), specifier).split('/')[0] ?? '')
      return to.filter((folder) => folder !== from && !allowed.get(from)?.has(folder)).map((folder) => `${path} imports ${folder}`)
    })
    expect(wrong).toEqual([])
  })

  it('names functions and files that exist', () => {
    const all = sources.map(({ text }) => text).join('\n')
    const named = [...rows('docs/ARCHITECTURE.md', 'step', 'code')].flatMap((row) => codes(row[1]))
    const isThere = (code: string) =>
      code.split('.').every((name) => new RegExp(`[\\s.]${name.replace('#', '\\#')}\\b`).test(all)) || existsSync(join(SRC, code))
    expect(named.filter((code) => !isThere(code))).toEqual([])
  })
})

describe('PERFORMANCE.md', () => {
  it('has each gate of the benchmarks, and no other', () => {
    const benches = readdirSync(join(ROOT, 'test/bench')).filter((file) => file.endsWith('.mjs'))
    const gates = benches.flatMap((file) => [...read(`test/bench/${file}`).matchAll(/'([^'\n]+, want [^'\n]+)'/g)].map((match) => match[1]))
    const listed = rows('docs/PERFORMANCE.md', 'what', 'measured', 'gate').map((row) => row[2])
    expect(listed.sort()).toEqual(gates.sort())
  })
})

describe('THREAT-MODEL.md', () => {
  it('has every attack that a test cites', () => {
    const listed = new Set(rows('docs/THREAT-MODEL.md', 'id', 'attack').map(([id]) => id))
    const tests = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
    const cited = tests.flatMap((path) =>
      [...readFileSync(join(import.meta.dirname, path), 'utf8').matchAll(/\[((?:[A-Z]\d+(?:,\s*)?)+)\]['"`]/g)].flatMap(
        (match) => match[1]?.split(/,\s*/) ?? [],
      ),
    )
    expect(sorted(cited.filter((id) => /^[ABC]/.test(id) && !listed.has(id)))).toEqual([])
  })
})

describe('every document', () => {
  it('names only tools, slash commands and variables that exist', () => {
    expect(strangers(/\bsym_[a-z_]+/g, TOOL_NAMES)).toEqual([])
    const commands = readdirSync(join(ROOT, 'commands')).map((file) => `/${file.replace(/\.md$/, '')}`)
    expect(strangers(/(?<![\w-])(\/mesh-[a-z]+)\b/g, commands)).toEqual([])
    expect(strangers(/\b(?:SYM|CLAUDE)_[A-Z_]+/g, [...variablesRead(), 'SYM_TEST_TOOLS', 'SYM_LOAD_MESSAGES'])).toEqual([])
  })

  it('names only flags that exist', () => {
    const ours = program().commands.flatMap((command) => command.options.map(({ long }) => long ?? ''))
    expect(strangers(/(?<![\w-])(--[a-z][a-z-]+)/g, [...ours, ...FLAGS_OF_OTHERS])).toEqual([])
  })

  it('has links that lead somewhere', () => {
    const dead = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => match[1] ?? '')
        .filter((link) => !leads(path, link))
        .map((link) => `${path}: ${link}`),
    )
    expect(dead).toEqual([])
  })

  it('speaks of the product alone', () => {
    expect(documents.flatMap(({ path, text }) => (text.match(FORBIDDEN) ?? []).map((word) => `${path}: ${word}`))).toEqual([])
  })

  it('that is a decision record has its four parts, and stands in the list', () => {
    const list = read('docs/adr/README.md')
    for (const { path, text } of documents.filter((one) => /^docs\/adr\/\d/.test(one.path))) {
      expect(
        [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]),
        path,
      ).toEqual(['Context', 'Decision', 'Consequences', 'What would change our mind'])
      expect(list).toContain(`](${posix.basename(path)})`)
    }
  })
})

/** Flags of Claude Code, of our build and of `npm test`. */
const FLAGS_OF_OTHERS = ['--dangerously-load-development-channels', '--config', '--check', '--only', '--help']
const FORBIDDEN = /npmjs\S*|registry\.\S+|yarnpkg\S*|\/work\/\S*|\bTODO\b|\bFIXME\b|\bsub-?issue\b|coding agent|pull request #\d+/gi

function program() {
  return createProgram(cliDeps())
}

/** What the source reads of the environment, whichever of its three ways it uses. */
function variablesRead(): string[] {
  const pattern = /(?:\bvariable\(|\benv\[)'([A-Z_]+)'/g
  return sorted(sources.flatMap(({ text }) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')))
}

/** Named with its group (`frame.maxBytes`), or its group is handed over whole (`LIMITS.context.overall,`). */
function isUsed(name: string): boolean {
  const parts = name.split('.')
  const group = parts.slice(0, -1).join('\\.')
  const direct = new RegExp(`\\b${parts.slice(-2).join('\\.')}\\b`)
  const whole = new RegExp(`\\bLIMITS\\.${group}\\b(?!\\.)`)
  return sources.some(({ path, text }) => path !== 'base/limits.ts' && (direct.test(text) || (group !== '' && whole.test(text))))
}

function wordsIn(text = ''): string[] {
  return [...text.replace(/\/\/.*$/gm, '').matchAll(/'([^']+)'/g)].map((match) => match[1] ?? '')
}

function allowedBy(cell: string, above: readonly string[]): Set<string> {
  if (!cell.startsWith('all above')) return new Set(codes(cell))
  const except = codes(cell)
  return new Set(above.filter((folder) => !except.includes(folder)))
}

function leads(from: string, link: string): boolean {
  if (/^https?:/.test(link)) return true
  const [file = '', anchor] = link.split('#')
  const target = file === '' ? from : posix.join(posix.dirname(from), file)
  if (!existsSync(join(ROOT, target))) return false
  return anchor === undefined || anchorsOf(read(target)).includes(anchor)
}

/** As the host of the repository makes them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
