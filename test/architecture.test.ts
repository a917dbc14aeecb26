/**
 * Holds the tree to its shape: which folder may import which, which folder may touch which package or ambient thing, and
 * one version everywhere. A failure names the file, what it does, and the rule.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { blank, type Import, importsOf } from './support/imports.ts'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const SRC = join(ROOT, 'server/src')

/** Imports point one way: each folder may import what stands below it. */
const LEAVES = ['base', 'store', 'local']
const PROTOCOL = [...LEAVES, 'identity', 'mmp']
const EDGES = ['secure', 'transport', 'discovery', 'memory']
const ALLOWED: Record<string, readonly string[]> = {
  base: [],
  store: ['base'],
  local: ['base'],
  identity: LEAVES,
  mmp: [...LEAVES, 'identity'],
  secure: PROTOCOL,
  transport: PROTOCOL,
  discovery: PROTOCOL,
  memory: PROTOCOL,
  mesh: [...PROTOCOL, ...EDGES],
  mcp: [...PROTOCOL, ...EDGES, 'mesh'],
  cli: [...PROTOCOL, ...EDGES, 'mesh', 'install', 'doctor'],
  hook: ['base', 'local', 'install'],
  install: ['base'],
  doctor: ['base', 'install'],
  relay: ['base', 'store', 'identity', 'mmp', 'secure'],
  app: [...PROTOCOL, ...EDGES, 'mesh', 'mcp', 'cli', 'install', 'doctor', 'relay'],
  // The shell of the MCP server answers before anything else is loaded, so its entry point starts it directly.
  bin: ['base', 'app', 'mcp', 'cli', 'hook', 'relay'],
}

/** Types alone may cross between siblings here: an address that discovery finds is one that a transport dials. */
const TYPES_ALLOWED: Record<string, readonly string[]> = { discovery: ['transport'] }

/** Who may import a package. What stands in none of these rows is a decision record first. */
const PACKAGES: Record<string, readonly string[]> = {
  '@modelcontextprotocol/sdk': ['mcp'],
  'bonjour-service': ['discovery'],
  commander: ['cli'],
  'jsonc-parser': ['install'],
  'node-sqlite3-wasm': ['store'],
  'node:sqlite': ['store'],
  tweetnacl: ['secure'],
  ws: ['transport', 'relay'],
  zod: Object.keys(ALLOWED).filter((folder) => folder !== 'hook'),
}

/** Files that may start a process; each needs a reason here. */
const MAY_START_PROCESSES: readonly string[] = [
  // `claude --version` for the doctor, and `launch`.
  'app/programs.ts',
]

/** Things that are reached without an import: the code (comments and strings blanked), and where they may stand. */
const AMBIENT = [
  {
    what: 'process.env',
    pattern: /\bprocess\s*\??\.\s*env\b|\bprocess\s*\[|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/,
    where: /^(?:app|bin)\//,
  },
  {
    what: 'the system clock',
    pattern: /\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)|\bperformance\s*\.\s*now\b/,
    where: /^base\/clock\.ts$/,
  },
  { what: 'Math.random', pattern: /\bMath\s*\.\s*random\b/, where: /^base\/clock\.ts$/ },
  { what: 'code from text', pattern: /(?<![\w$.])eval\s*\(|\bnew\s+Function\b|\bFunction\s*\(/, where: /^$/ },
  { what: 'console', pattern: /\bconsole\s*\./, where: /^(?:cli|bin)\// },
] as const

interface SourceFile {
  readonly path: string
  readonly folder: string
  readonly text: string
  readonly imports: readonly Import[]
}

const files: readonly SourceFile[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8')
    return { path, folder: path.split('/')[0] ?? '', text, imports: importsOf(text) }
  })

function faults(rule: (file: SourceFile, entry: Import) => string | undefined): string[] {
  return files.flatMap((file) =>
    file.imports.flatMap((entry) => {
      const fault = rule(file, entry)
      return fault === undefined ? [] : [`server/src/${file.path} imports '${entry.specifier}': ${fault}`]
    }),
  )
}

const isOurs = (specifier: string) => specifier.startsWith('.')
const packageOf = (specifier: string) =>
  (specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]) ?? ''
const target = (file: SourceFile, specifier: string) => posix.join(posix.dirname(file.path), specifier)

describe('imports of our own folders', () => {
  it('point one way', () => {
    const wrong = faults((file, { specifier, kind }) => {
      if (!isOurs(specifier)) return undefined
      const to = target(file, specifier).split('/')[0] ?? ''
      const allowed = [...(ALLOWED[file.folder] ?? []), ...(kind === 'type' ? (TYPES_ALLOWED[file.folder] ?? []) : [])]
      return to === file.folder || allowed.includes(to)
        ? undefined
        : `${file.folder} may import only ${allowed.join(', ') || 'nothing of ours'}`
    })
    expect(wrong).toEqual([])
  })

  it('name files that exist, with their ending, inside server/src', () => {
    const wrong = faults((file, { specifier }) => {
      if (!isOurs(specifier)) return undefined
      return existsSync(join(SRC, target(file, specifier))) && !target(file, specifier).startsWith('..')
        ? undefined
        : 'there is no such file'
    })
    expect(wrong).toEqual([])
  })

  it('leave no folder without a rule', () => {
    expect(
      files
        .filter(({ folder }) => !(folder in ALLOWED))
        .map(({ path }) => `server/src/${path} is in a folder that the table does not know`),
    ).toEqual([])
  })
})

describe('imports of packages', () => {
  it('stand only in the folders that own them', () => {
    const wrong = faults((file, { specifier }) => {
      const name = specifier === 'node:sqlite' ? specifier : packageOf(specifier)
      if (isOurs(specifier) || (specifier.startsWith('node:') && !(name in PACKAGES))) return undefined
      const owners = PACKAGES[name]
      if (owners === undefined) return 'not a dependency that has been decided on, or a module of Node without "node:"'
      return owners.includes(file.folder) ? undefined : `only ${owners.join(', ')} may import it`
    })
    expect(wrong).toEqual([])
  })

  it('take zod as a namespace, which keeps 575 KB of translations out of the bundles', () => {
    const wrong = faults((_file, { specifier, statement, kind }) => {
      const isNamespace = kind === 'type' || /^import \* as \w+ from$/.test(statement)
      return packageOf(specifier) !== 'zod' || isNamespace ? undefined : `write "import * as z from 'zod'"`
    })
    expect(wrong).toEqual([])
  })

  it('load SQLite lazily, so that a Node that has it never reads the other one', () => {
    const wrong = faults((_file, { specifier, kind }) => {
      return /^(?:node:sqlite|node-sqlite3-wasm)$/.test(specifier) && kind === 'static' ? 'write "await import(…)"' : undefined
    })
    expect(wrong).toEqual([])
  })

  it('start no process', () => {
    const wrong = faults((file, { specifier }) => {
      const starts = /^(?:node:)?(?:child_process|cluster|worker_threads|vm)$/.test(specifier)
      return starts && !MAY_START_PROCESSES.includes(file.path) ? 'no process is started and no other code is run' : undefined
    })
    expect(wrong).toEqual([])
  })

  it('have nothing computed: each import names its file', () => {
    const wrong = files
      .filter(({ text }) => /\b(?:import|require)\s*\(\s*[^\s'"`)]/.test(blank(text).code))
      .map(({ path }) => `server/src/${path}`)
    expect(wrong).toEqual([])
  })
})

describe('ambient things', () => {
  it.each(AMBIENT)('$what stands only where it belongs', ({ pattern, where }) => {
    const wrong = files.filter(({ path, text }) => !where.test(path) && pattern.test(blank(text).code))
    expect(wrong.map(({ path }) => `server/src/${path} (allowed: ${where.source === '^$' ? 'nowhere' : where.source})`)).toEqual([])
  })
})

describe('versions', () => {
  const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
  const manifest: { version: string; engines: { node: string }; dependencies?: object } = JSON.parse(read('package.json'))

  it('are equal in package, plugin and source', () => {
    const plugin: { version: string } = JSON.parse(read('.claude-plugin/plugin.json'))
    expect(plugin.version).toBe(manifest.version)
    expect(/VERSION = '([^']+)'/.exec(read('server/src/app/version.ts'))?.[1]).toBe(manifest.version)
  })

  it('of tools are exact, and users install no packages', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> }
    expect(Object.entries(devDependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
    expect(manifest.dependencies).toBeUndefined()
    expect(existsSync(join(ROOT, 'package-lock.json')), 'with an npm lockfile the client would install packages').toBe(false)
  })
})

describe('the scanner of imports', () => {
  it('sees each form of import', () => {
    const source = `import a from 'a'
import { b,
  c } from "./b.ts"
import type { D } from './d.ts'
export * from './e.ts'
import './f.ts'
const g = await import('./g.ts'); require('h')`
    const seen = importsOf(source).map(({ specifier, kind }) => `${kind} ${specifier}`)
    expect(seen).toEqual(['static a', 'static ./b.ts', 'type ./d.ts', 'static ./e.ts', 'static ./f.ts', 'lazy ./g.ts', 'lazy h'])
  })

  it('takes no text or comment for an import', () => {
    const source = `// import x from 'x'\n/* import('y') */\nconst s = "import z from 'z'"\nconst t = \`import('u')\`\nconst r = /import 'v'/`
    expect(importsOf(source)).toEqual([])
  })

  it('finds what hides in a template', () => {
    expect(blank(`const a = \`\${process.env.X}\``).code).toContain('process.env')
  })
})
