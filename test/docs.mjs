#!/usr/bin/env node
/** `npm run docs`: writes the tables of the documents from the code (`test/support/doc-tables.ts`), and names what it changed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
// Below the packages, which stay outside of the bundle.
const folder = mkdtempSync(join(ROOT, 'node_modules/.docs-'))
try {
  const outfile = join(folder, 'doc-tables.mjs')
  // The code looks for the repository from its own place, which is not that of the bundle.
  const define = { 'import.meta.dirname': JSON.stringify(join(ROOT, 'test/support')) }
  const options = { bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external', logLevel: 'error' }
  await build({ entryPoints: [join(ROOT, 'test/support/doc-tables.ts')], outfile, define, ...options })
  const { withTables } = await import(pathToFileURL(outfile).href)
  const names = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'))
  for (const name of ['README.md', ...names.map((name) => join('docs', name))]) {
    const text = readFileSync(join(ROOT, name), 'utf8')
    const next = withTables(text)
    if (next === text) continue
    writeFileSync(join(ROOT, name), next)
    console.log(`written: ${name}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
