#!/usr/bin/env node
/**
 * Builds `server/dist` from the entry points in `server/src/bin`: readable ES modules, the WASM store beside them, and
 * the licences of what they contain. Users run these files without a build step, so they are committed, and anybody can
 * show that they are what the source builds: the output depends on source and lockfile alone, never on the folder, the
 * machine or the time.
 *
 *     node server/build.mjs            writes server/dist
 *     node server/build.mjs --check    writes nothing; exit 1 and a list when server/dist is not what the source builds
 *
 * Measured on Node 20, spawn → `initialize`, against a bare JSON-RPC echo on the same Node and machine, best of 25:
 *   2.69x  the SDK's low-level server as it comes, 613 KB
 *   2.31x  without its validator
 *   1.96x  with schemas made on first use, and in files of its own what is imported lazily
 *   1.84x  with the global `process`: `sdkThatStartsQuickly` below
 *   1.15x  with the first answer from a file without the SDK (mcp/introduction.ts)
 * Of what the SDK costs zod is 0.2x and 300 KB of text 0.1x. Left out because they did not pay: minifying (and nobody could review
 * it), one file instead of two, zod without `new Function`, zod without JSON schemas, a larger young generation.
 * Splitting is not only faster. Without it the bundler turns `import()` into deferred functions and then forgets to call
 * those of packages that declare themselves free of side effects: zod died with "Class2 is not a constructor".
 * `import { z } from 'zod'` would drag in 575 KB of translations, `import * as z from 'zod'` does not; the architecture
 * test holds us to it.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build as esbuild } from 'esbuild'

const ROOT = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))))
const WASM_STORE = 'sqlite-wasm.mjs'
const WASM_BINARY = 'node-sqlite3-wasm.wasm'
const LICENSES = 'THIRD-PARTY-LICENSES.txt'
const EXECUTABLE = new Set(['cli.mjs', 'relay.mjs'])
const SHEBANG = '#!/usr/bin/env node\n'
const FOOTER = `\n/*! Licences of the third-party code in this file: ${LICENSES} */\n`

/** CommonJS inside an ES module calls `require` for Node's own modules; without this it dies with "Dynamic require of "os"". */
const REQUIRE_BANNER = `import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url)
`
/** The WASM package looks for its .wasm file in `__dirname`, which an ES module does not have. */
const DIRNAME_BANNER = `import { fileURLToPath as __fileURLToPath } from 'node:url'
const __filename = __fileURLToPath(import.meta.url)
const __dirname = __fileURLToPath(new URL('.', import.meta.url))
`

/** The WASM store is a file of its own, which a Node with `node:sqlite` never reads. */
const wasmStoreBeside = {
  name: 'wasm-store-beside',
  setup(build) {
    build.onResolve({ filter: /^node-sqlite3-wasm$/ }, () => ({ path: `./${WASM_STORE}`, external: true }))
  },
}

/**
 * The SDK as it comes spends the start on things that a server like ours never asks for. Three changes to its files, each
 * without effect on what it does:
 * - the validator of answers to elicitations (ajv and what it needs, half of the bytes) is left out;
 * - the schema of everything in the protocol is made when first asked for and not when loaded: `XSchema` becomes
 *   `$XSchema()` in the SDK's own files, and what nobody asks for leaves the bundle;
 * - `process` is the global: importing it as a module reads every property of it, opening streams and reports.
 */
const sdkThatStartsQuickly = {
  name: 'sdk-that-starts-quickly',
  setup(build) {
    build.onLoad({ filter: /[\\/]sdk[\\/]dist[\\/]esm[\\/].*\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
      if (/[\\/]validation[\\/]ajv-provider\.js$/.test(path)) return { contents: NO_VALIDATOR }
      if (/[\\/]esm[\\/]types\.js$/.test(path)) return { contents: madeOnFirstUse(source, path) }
      return { contents: askingOnUse(source).replace("import process from 'node:process';", '') }
    })
  },
}

const NO_VALIDATOR = `export class AjvJsonSchemaValidator {
    getValidator() { throw new Error('this server validates no JSON schema'); }
}
`
const SCHEMA_NAME = /\b[A-Z]\w*Schema\b/g
const asCallOf = (names) => (name) => (names.has(name) ? `$${name}()` : name)

function askingOnUse(source) {
  const [statement, imported] = /^import \{([^}]*)\} from '[./]*\/types\.js';$/m.exec(source) ?? []
  if (statement === undefined) return source
  const body = source.replace(statement, '').replace(SCHEMA_NAME, asCallOf(new Set(imported.match(SCHEMA_NAME))))
  return statement.replace(SCHEMA_NAME, '$$$&') + body
}

function madeOnFirstUse(source, path) {
  const names = new Set([...source.matchAll(/^(?:export )?const ([A-Z]\w*Schema) = (?:z\.|[A-Z]\w*Schema\b)/gm)].map((match) => match[1]))
  if (names.size < 100) throw new Error(`${path}: only ${names.size} schemas recognised; the SDK has changed its form`)
  const declaration = /^(?:export )?const \$(\w+)\(\) = ([\s\S]*?);\n(?=[^\s})\]]|$)/gm
  const lazy = source.replace(SCHEMA_NAME, asCallOf(names)).replace(declaration, (_all, name, expression) => {
    names.delete(name)
    return `export const $${name} = /* @__PURE__ */ once(() => ${expression});\nexport const ${name} = /* @__PURE__ */ $${name}();\n`
  })
  if (names.size > 0) throw new Error(`${path}: cannot follow the declaration of ${[...names].join(', ')}`)
  return `${lazy}\nfunction once(make) { let made; return () => (made ??= make()); }\n`
}

/** Builds everything in memory. Returns a map from file name to bytes. */
export async function buildBundles({ root = ROOT, entries = join(root, 'server/src/bin') } = {}) {
  const names = readdirSync(entries).filter((name) => name.endsWith('.ts'))
  const builds = names.map((name) => bundle(root, join(entries, name), name.replace(/\.ts$/, '')))
  const results = (await Promise.all([...builds, wasmStore(root)])).flat()
  const files = new Map(results.map(({ name, text }) => [name, Buffer.from(text)]))
  files.set(WASM_BINARY, readFileSync(join(root, 'node_modules/node-sqlite3-wasm/dist', WASM_BINARY)))
  files.set(LICENSES, Buffer.from(licenses(root, results)))
  for (const [name, bytes] of files) if (bytes.includes(root + sep)) throw new Error(`${name} contains the path of this checkout`)
  // Comments name the files that a bundle was made of: with dependencies elsewhere they would differ from machine to machine.
  for (const [name, bytes] of files)
    if (/^\/\/ \.\.\/.*node_modules\//m.test(bytes.toString('latin1')))
      throw new Error(`${name} was made with a node_modules outside of this checkout`)
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** `server.ts` becomes `server.mjs`, and each part that it imports lazily a file `server.<part>.mjs` beside it. */
async function bundle(root, entry, name) {
  const plugins = [wasmStoreBeside, sdkThatStartsQuickly]
  const options = { entryPoints: { [name]: entry }, splitting: true, chunkNames: `${name}.[name]-[hash]`, plugins }
  return withStableNames(await run(root, options), name).map((file) => ({ ...file, text: finish(file) }))
}

async function wasmStore(root) {
  const contents = `import sqlite from 'node-sqlite3-wasm'
export const { Database, SQLite3Error } = sqlite
export default sqlite
`
  const files = await run(root, { stdin: { contents, resolveDir: root, sourcefile: 'sqlite-wasm' } })
  return files.map((file) => ({ ...file, name: WASM_STORE, text: REQUIRE_BANNER + DIRNAME_BANNER + file.text + FOOTER }))
}

async function run(root, options) {
  const { outputFiles, metafile } = await esbuild({
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    charset: 'ascii',
    minify: false,
    legalComments: 'external',
    // `ws` looks for native helpers; nothing native runs in our processes.
    define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
    // Its `main` is a form that hides its parts from the bundler.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    logLevel: 'warning',
    metafile: true,
    write: false,
    outdir: join(root, 'server/dist'),
    outExtension: { '.js': '.mjs' },
    ...options,
  })
  const noticesOf = ({ path }) => outputFiles.find((file) => file.path === `${path}.LEGAL.txt`)?.text ?? ''
  return outputFiles
    .filter(({ path }) => path.endsWith('.mjs'))
    .map((file) => {
      const { inputs, entryPoint } = metafile.outputs[relative(root, file.path).split(sep).join('/')]
      const used = Object.keys(inputs).filter((path) => inputs[path].bytesInOutput > 0)
      return { name: basename(file.path), text: file.text, notices: noticesOf(file), inputs: used.sort(), entryPoint }
    })
}

/** The bundler names parts by a hash of their content; a reviewer wants the same part under the same name in each release. */
function withStableNames(files, bundleName) {
  const names = new Map()
  const ordered = files.toSorted((a, b) => (a.inputs.join() < b.inputs.join() ? -1 : 1))
  for (const { name, entryPoint } of ordered) {
    const own = entryPoint === undefined ? 'shared' : basename(entryPoint, '.ts')
    const part = own === bundleName ? basename(dirname(entryPoint)) : own
    const base = name === `${bundleName}.mjs` ? bundleName : `${bundleName}.${part}`
    const taken = [...names.values()].filter((other) => other === `${base}.mjs` || other.startsWith(`${base}-`)).length
    names.set(name, `${base}${taken === 0 ? '' : `-${taken + 1}`}.mjs`)
  }
  const rename = (text) => [...names].reduce((all, [from, to]) => all.replaceAll(`"./${from}"`, `"./${to}"`), text)
  return files.map((file) => ({ ...file, name: names.get(file.name), text: rename(file.text) }))
}

function finish({ name, text }) {
  const shebang = EXECUTABLE.has(name) ? SHEBANG : ''
  const banner = text.includes('typeof require') ? REQUIRE_BANNER : ''
  return shebang + banner + text.replace(/^#!.*\n/, '') + FOOTER
}

/** Name, version and licence text of every package that has code in a bundle, then the notices from its comments. */
function licenses(root, results) {
  const folders = new Set(results.flatMap(({ inputs }) => inputs.map((path) => thirdPartyFolder(root, path))).filter(Boolean))
  const packages = [...folders].map((folder) => ({ folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
  packages.sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1))
  const rule = '='.repeat(80)
  const sections = packages.map((p) => `${rule}\n${p.name} ${p.version} (${p.license})\n${rule}\n\n${licenseText(p.folder)}\n`)
  const notices = [...new Set(results.map(({ notices }) => notices.trim()).filter(Boolean))]
  const tail = notices.length > 0 ? [`${rule}\nNotices from source comments\n${rule}\n\n${notices.join('\n\n')}\n`] : []
  return ['The bundles in this folder contain code of these packages.\n', ...sections, ...tail].join('\n')
}

/** The folder of the package that `path` belongs to; undefined for our own files. */
function thirdPartyFolder(root, path) {
  const [, head, name] = /^(.*node_modules\/)((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? []
  return head === undefined ? undefined : join(root, head, name)
}

function licenseText(folder) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(name))
  if (file === undefined) return 'The package carries no licence text; the name above is what it declares.'
  return readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()
}

/** Names of the files in which `folder` is not exactly `files`: changed, missing, left over, or not executable. */
export function differences(folder, files) {
  const present = existsSync(folder) ? readdirSync(folder) : []
  const leftOver = present.filter((name) => !files.has(name)).map((name) => `${name} (not built from any source)`)
  const changed = [...files].flatMap(([name, bytes]) => {
    const path = join(folder, name)
    if (!existsSync(path)) return [`${name} (missing)`]
    if (!readFileSync(path).equals(bytes)) return [`${name} (differs)`]
    const mustRun = EXECUTABLE.has(name) && process.platform !== 'win32'
    return mustRun && (statSync(path).mode & 0o111) === 0 ? [`${name} (not executable)`] : []
  })
  return [...changed, ...leftOver]
}

export function writeBundles(folder, files) {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name), { recursive: true })
  for (const [name, bytes] of files) {
    writeFileSync(join(folder, name), bytes)
    chmodSync(join(folder, name), EXECUTABLE.has(name) ? 0o755 : 0o644)
  }
}

async function main(args) {
  const unknown = args.filter((arg) => arg !== '--check')
  if (unknown.length > 0) throw new Error(`unknown argument ${unknown[0]}; there is only --check`)
  const dist = join(ROOT, 'server/dist')
  const files = await buildBundles()
  if (!args.includes('--check')) {
    writeBundles(dist, files)
    for (const [name, bytes] of files) console.log(`${String(Math.ceil(bytes.length / 1024)).padStart(6)} KB  ${name}`)
    return
  }
  const different = differences(dist, files)
  if (different.length === 0) return console.log(`server/dist is what the source builds (${files.size} files)`)
  console.error(`server/dist is not what the source builds; run "node server/build.mjs":\n  ${different.join('\n  ')}`)
  process.exitCode = 1
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(resolve(process.argv[1]))).href) await main(process.argv.slice(2))
