/**
 * Memory at 1,000, 10,000 and 100,000 items: one durable insert, its words in the index, the worst ranked query, a narrowed one, and opening it, each
 * beside a floor in the same file: an insert without index of words, the count of the same matches, an empty store.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { nowMs, row, skipped } from './measure.mjs'

export const title = 'memory'

const HERE = dirname(fileURLToPath(import.meta.url))
const SIZES = [1_000, 10_000, 100_000]
const AUTHORS = 20
/** Fewer than are indexed without being asked. */
const INDEXED = 150
/** Stands in every item, as the commonest word of a project does. */
const COMMON = 'deploy'

export async function run({ sizes = SIZES, rounds = 9 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sym-memory-'))
  try {
    const parts = await load(folder)
    const empty = await opening(parts, join(folder, 'empty'), rounds)
    const rows = [row(`floor: open an empty store, driver ${parts.defaultDriver()}`, empty)]
    for (const size of sizes) rows.push(...(await atSize(parts, join(folder, `${size}`), size, rounds, empty)))
    return rows
  } catch (error) {
    return [skipped('memory', error.message)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The sources as one file of the temporary folder, since this Node need not read TypeScript. */
export async function load(folder) {
  const src = resolve(HERE, '../../server/src')
  const wasm = createRequire(import.meta.url).resolve('node-sqlite3-wasm')
  const contents = [
    ['memory/memory.ts', 'Memory'],
    ['memory/schema.ts', 'MEMORY_MIGRATIONS'],
    ['mesh/schema.ts', 'MESH_MIGRATIONS'],
    ['mesh/mail-schema.ts', 'MAIL_MIGRATIONS'],
    ['store/open.ts', 'openDatabase, defaultDriver'],
  ].map(([file, names]) => `export { ${names} } from ${JSON.stringify(join(src, file))}`)
  const { outputFiles } = await build({
    stdin: { contents: contents.join('\n'), resolveDir: src },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
    alias: { 'node-sqlite3-wasm': wasm },
    external: [wasm, 'node:sqlite'],
  })
  const file = join(folder, 'parts.mjs')
  writeFileSync(file, outputFiles[0].contents)
  return import(pathToFileURL(file).href)
}

async function atSize(parts, folder, size, rounds, empty) {
  const file = join(folder, 'mesh.db')
  const db = await parts.openDatabase(file, parts.MEMORY_MIGRATIONS)
  const memory = new parts.Memory(db, { rows: size * 2 })
  fill(db, size)
  memory.index()
  db.exec('CREATE TABLE plain (id TEXT PRIMARY KEY, words TEXT) STRICT')
  let next = size
  const insert = await times(rounds * 5, () => db.write(() => memory.keep(kept(next++))))
  const keepMany = () => db.write(() => Array.from({ length: INDEXED }, () => memory.keep(kept(next++))))
  const words = await times(rounds, () => memory.index(), keepMany)
  const plain = await times(rounds * 5, () => db.write(() => db.run('INSERT INTO plain VALUES (?, ?)', `${next++}`, textOf(next))))
  const narrow = { from: [fingerprintOf(3)], since: 1 }
  const worst = await times(rounds, () => memory.search({ text: COMMON, limit: 10, offset: 0 }))
  const narrowed = await times(rounds, () => memory.search({ text: COMMON, limit: 10, offset: 0, ...narrow }))
  const newest = await times(rounds, () => memory.search({ text: '', limit: 10, offset: 0 }))
  const matches = await times(rounds, () => db.get('SELECT count(*) AS n FROM memory_words WHERE memory_words MATCH ?', `"${COMMON}"*`))
  db.close()
  const open = await opening(parts, folder, rounds)
  const at = size.toLocaleString('en')
  return [
    row(`${at} items: one durable insert`, insert, { floor: plain }),
    row(`${at} items: floor, an insert without words`, plain),
    row(`${at} items: the words of ${INDEXED} items, indexed at once`, words),
    row(`${at} items: worst ranked query, first page`, worst, { floor: matches, target: size === 100_000 ? '120 ms, want 60' : undefined }),
    row(`${at} items: the same, of one author`, narrowed),
    row(`${at} items: floor, the count of its matches`, matches),
    row(`${at} items: the newest, first page`, newest),
    row(`${at} items: open, count and anchors`, open, { floor: empty, target: size === 100_000 ? '150 ms, want 20' : undefined }),
  ]
}

/** As a session starts: the file, how much everybody has, and what broadcasts are compared with. */
function opening(parts, folder, rounds) {
  return times(rounds, async () => {
    const db = await parts.openDatabase(join(folder, 'mesh.db'), parts.MEMORY_MIGRATIONS)
    const memory = new parts.Memory(db, { rows: 1_000_000 })
    const found = memory.size + memory.anchorCandidates(48).length
    db.close()
    return found
  })
}

/** The first one warms up and does not count. `before` is not timed. */
async function times(rounds, act, before = () => {}) {
  const values = []
  for (let round = 0; round <= rounds; round++) {
    await before()
    const from = nowMs()
    await act()
    if (round > 0) values.push(nowMs() - from)
  }
  return values
}

/** Lets the memory of a node that is not running hold so many items of others. */
export async function remember(root, name, size) {
  const folder = mkdtempSync(join(tmpdir(), 'sym-parts-'))
  try {
    const parts = await load(folder)
    const steps = [...parts.MESH_MIGRATIONS, ...parts.MAIL_MIGRATIONS, ...parts.MEMORY_MIGRATIONS]
    const db = await parts.openDatabase(join(root, 'nodes', name, 'mesh.db'), steps)
    fill(db, size)
    new parts.Memory(db, { rows: size * 2 }).index()
    db.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fill(db, size) {
  const sql = `INSERT INTO memory (id, key, room, fingerprint, author_name, part, directed, tags, created_at, kept_at, bytes, fields, parents, signature, words)
    VALUES (?, ?, 'default', ?, 'somebody', 'kept', 0, '["observation"]', ?, ?, 700, ?, '[]', '', ?)`
  for (let from = 0; from < size; from += 1_000) {
    db.transaction(() => {
      for (let number = from; number < Math.min(size, from + 1_000); number++) {
        const { cmb, author, keptAt } = kept(number)
        db.run(sql, cmb.id, cmb.key, author, keptAt, keptAt, JSON.stringify(cmb.fields), cmb.fields.focus.text)
      }
    })
  }
}

const SYLLABLES = [
  'pay',
  'ment',
  'or',
  'der',
  'lock',
  'queue',
  'shard',
  'to',
  'ken',
  'mi',
  'gra',
  'tion',
  'cache',
  'in',
  'dex',
  're',
  'lay',
  'node',
  'pool',
  'leak',
]

/** 24 words, three syllables each, the same for the same number. */
function textOf(number) {
  let state = number * 2_654_435_761 + 1
  const random = (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
  const word = () => Array.from({ length: 3 }, () => SYLLABLES[random(SYLLABLES.length)]).join('')
  return [COMMON, ...Array.from({ length: 24 }, word)].join(' ')
}

const hex = (number) => number.toString(16).padStart(64, '0')
const fingerprintOf = (number) => hex((number % AUTHORS) + 1)

function kept(number) {
  const neutral = { text: 'neutral' }
  const fields = {
    focus: { text: textOf(number) },
    issue: neutral,
    intent: neutral,
    motivation: neutral,
    commitment: neutral,
    perspective: neutral,
    mood: neutral,
  }
  const cmb = {
    id: `asrt-${hex(number)}`,
    key: `cmb-${hex(number)}`,
    group: 'default',
    author: { name: 'somebody' },
    fields,
    parents: [],
    signature: '',
    createdAt: number + 1,
  }
  return { cmb, author: fingerprintOf(number), tags: ['observation'], keptAt: number + 1, part: 'kept' }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = process.argv.slice(2).map(Number)
  for (const { metric, value, unit, ratio } of await run(sizes.length > 0 ? { sizes } : {})) {
    console.log(
      metric.padEnd(60),
      value === undefined ? 'skipped' : `${value.toFixed(3)} ${unit}`,
      ratio === undefined ? '' : `${ratio.toFixed(2)}x`,
    )
  }
}
