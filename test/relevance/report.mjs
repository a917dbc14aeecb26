/**
 * Measures the judges of relevance and writes the figures into docs/RELEVANCE.md:
 *
 *     node test/relevance/report.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

const folder = import.meta.dirname
const page = path.resolve(folder, '../../docs/RELEVANCE.md')

const { outputFiles } = await build({
  entryPoints: [path.join(folder, 'report.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
})
const source = Buffer.from(outputFiles[0].contents).toString('base64')
const { compare, withFigures } = await import(`data:text/javascript;base64,${source}`)

writeFileSync(page, withFigures(readFileSync(page, 'utf8'), compare(folder)))
process.stdout.write(`${page} is written\n`)
