/** One script of the tests with all that it imports as one file in a temporary folder, so that plain Node can run it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'

export interface Bundle {
  readonly file: string
  remove(): void
}

/** Packages written for `require` need one in an ES module. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

export async function bundle(entry: string): Promise<Bundle> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sym-bundle-'))
  const file = path.join(folder, 'script.mjs')
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: BANNER },
    logLevel: 'silent',
  })
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
