/**
 * Tests that kill processes need programs to kill, and Node 20 runs no TypeScript: a bundle of one entry file, in a
 * temporary folder with our packages in reach.
 */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export interface Bundled {
  readonly file: string
  remove(): void
}

export async function bundled(entry: URL): Promise<Bundled> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bundled-'))
  const file = path.join(folder, 'program.mjs')
  symlinkSync(fileURLToPath(new URL('../../../node_modules', import.meta.url)), path.join(folder, 'node_modules'))
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['node-sqlite3-wasm'],
    logLevel: 'silent',
  })
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
