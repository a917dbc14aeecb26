/**
 * The build on a miniature of our programs: what it changes in the SDK must not change what the SDK does, and what is
 * imported lazily must not run before.
 */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildBundles, differences, writeBundles } from '../server/build.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

const SERVER = `
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
const server = new Server({ name: 'miniature', version: '0' }, { capabilities: { tools: {} } })
server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [] }))
server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
  const before = (globalThis as any).ran ?? 'nothing'
  const { report } = await import('../part.ts')
  return { content: [{ type: 'text', text: [params.name, before, await report()].join(' ') }] }
})
await server.connect(new StdioServerTransport())
`
const PART = `
import { Bonjour } from 'bonjour-service'
import * as z from 'zod'
;(globalThis as any).ran = 'part'
export async function report() {
  const { default: sqlite, Database } = await import('node-sqlite3-wasm')
  const db = new Database(':memory:')
  const row = db.get('select 6 * 7 as answer')
  db.close()
  return [typeof Bonjour, z.object({ a: z.string() }).safeParse({ a: 1 }).success, sqlite.Database === Database, row.answer].join(' ')
}
`
const CLI = `#!/usr/bin/env node
import { Command } from 'commander'
await new Command('miniature').action(() => process.stdout.write('ran\\n')).parseAsync()
`

let folder = ''
let dist = ''
let files = new Map<string, Buffer>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sym-build-'))
  dist = join(folder, 'dist')
  mkdirSync(join(folder, 'bin'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'bin/server.ts'), SERVER)
  writeFileSync(join(folder, 'bin/cli.ts'), CLI)
  writeFileSync(join(folder, 'part.ts'), PART)
  files = await buildBundles({ entries: join(folder, 'bin') })
  writeBundles(dist, files)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a built program with lines on stdin until it wrote as many lines as wanted. */
function linesOf(program: string, input: readonly object[], wanted: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(dist, program)], { stdio: ['pipe', 'pipe', 'pipe'], cwd: tmpdir() })
    let [out, err] = ['', '']
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString()
    })
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (out.split('\n').length > wanted) child.kill()
    })
    child.on('close', () => (err === '' ? resolve(out.trim().split('\n')) : reject(new Error(err))))
    for (const message of input) child.stdin.write(`${JSON.stringify(message)}\n`)
  })
}

const request = (id: number, method: string, params: object = {}) => ({ jsonrpc: '2.0', id, method, params })
const initialize = request(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '0' } })

describe('the built server', () => {
  it('speaks the protocol as the SDK does', async () => {
    const bad = request(4, 'tools/call', { name: 7 })
    const sent = [initialize, request(2, 'ping'), request(3, 'tools/list'), bad, request(5, 'no/such')]
    const answers = (await linesOf('server.mjs', sent, 5)).map((line): { id: number; result?: object; error?: { code: number } } =>
      JSON.parse(line),
    )
    const byId = new Map(answers.map((answer) => [answer.id, answer]))
    expect(byId.get(1)?.result).toMatchObject({ protocolVersion: '2025-06-18', serverInfo: { name: 'miniature' } })
    expect(byId.get(2)?.result).toEqual({})
    expect(byId.get(3)?.result).toEqual({ tools: [] })
    expect(byId.get(4)?.error).toBeDefined()
    expect(byId.get(5)?.error?.code).toBe(-32601)
  })

  it('runs a lazy part when it is asked for, not before, and finds the WASM store beside it', async () => {
    const [, answer] = await linesOf('server.mjs', [initialize, request(2, 'tools/call', { name: 'go' })], 2)
    expect(answer).toContain('go nothing function false true 42')
  })

  it('keeps what is lazy out of the file that the start reads', () => {
    expect([...files.keys()]).toContain('server.part.mjs')
    expect(files.get('server.mjs')?.toString()).not.toContain('bonjour')
    for (const [name, bytes] of files)
      if (name.startsWith('server')) expect(bytes.toString(), name).not.toMatch(/node_modules\/ajv\/|locales\/de\./)
  })
})

describe('the build', () => {
  it('writes the same bytes again, with no path of this machine in them', async () => {
    const again = await buildBundles({ entries: join(folder, 'bin') })
    expect([...again.keys()]).toEqual([...files.keys()])
    for (const [name, bytes] of again) expect(bytes.equals(files.get(name) ?? Buffer.alloc(0)), name).toBe(true)
    for (const [name, bytes] of files) expect(bytes.includes(ROOT), name).toBe(false)
  })

  it('makes programs that run, once', async () => {
    expect(await linesOf('cli.mjs', [], 1)).toEqual(['ran'])
    expect(
      files
        .get('cli.mjs')
        ?.toString()
        .match(/^#!.*$/gm),
    ).toEqual(['#!/usr/bin/env node'])
  })

  it('names each package and its licence', () => {
    const text = files.get('THIRD-PARTY-LICENSES.txt')?.toString() ?? ''
    for (const name of ['@modelcontextprotocol/sdk', 'bonjour-service', 'commander', 'node-sqlite3-wasm', 'zod']) {
      expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(\\w+\\)$`, 'm'))
    }
  })

  it('notices what differs, is missing, is left over or lost its mode', () => {
    const copy = join(folder, 'copy')
    writeBundles(copy, files)
    expect(differences(copy, files)).toEqual([])
    writeFileSync(join(copy, 'server.mjs'), 'changed')
    rmSync(join(copy, 'server.part.mjs'))
    writeFileSync(join(copy, 'old.mjs'), '')
    if (process.platform !== 'win32') chmodSync(join(copy, 'cli.mjs'), 0o644)
    const expected = ['server.mjs (differs)', 'server.part.mjs (missing)', 'old.mjs (not built from any source)']
    expect(differences(copy, files)).toEqual(expect.arrayContaining(expected))
    if (process.platform !== 'win32') expect(differences(copy, files)).toContain('cli.mjs (not executable)')
  })
})
