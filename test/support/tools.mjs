/**
 * Programs that some tests need and that are no dependencies of ours: the real Claude Code client in an old and a new
 * version, and a newer Node. They live in a cache folder outside the repository (`SYM_TEST_TOOLS` moves it) and are
 * installed by `npm test`. Nothing here throws for a missing tool: its tests are skipped and say why.
 */
import { spawn } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'

const INSTALL_LIMIT_MS = 300_000

/** The clients that the plugin is measured on: the oldest that we promise to work with, and a recent one. */
export const CLIENTS = [
  { name: 'old', version: '2.1.197' },
  { name: 'new', version: '2.1.329' },
].map((client) => ({
  ...client,
  folder: `claude-${client.version}`,
  spec: `@anthropic-ai/claude-code@${client.version}`,
  program: 'claude',
}))

/** For the store's second driver, which needs a Node that has `node:sqlite`. */
export const NODE_24 = { name: 'node-24', folder: 'node-24', spec: 'node@24', program: 'node' }

/** Per user: in a shared folder for temporary files, somebody else could have put programs there first. */
export function toolsFolder(env = process.env) {
  return resolve(env['SYM_TEST_TOOLS'] || join(tmpdir(), `sym-mesh-channel-test-tools-${userInfo().username}`))
}

export function toolPath(tool) {
  const windows = process.platform === 'win32' ? '.cmd' : ''
  return join(toolsFolder(), tool.folder, 'node_modules', '.bin', tool.program + windows)
}

/** The clients at hand: the one that `CC_BIN` names and no other, else those in the cache. */
export function availableClients(env = process.env) {
  const named = env['CC_BIN']
  if (named) return existsSync(named) ? [{ name: 'CC_BIN', version: 'given', bin: resolve(named) }] : []
  return CLIENTS.map((client) => ({ name: client.name, version: client.version, bin: toolPath(client) })).filter(({ bin }) =>
    existsSync(bin),
  )
}

export function availableNode24(env = process.env) {
  const path = env['SYM_TEST_NODE24'] || toolPath(NODE_24)
  return existsSync(path) ? resolve(path) : undefined
}

/** Puts a tool into the cache. Resolves to undefined when it is there, else to the reason why not. */
export async function installTool(tool) {
  if (existsSync(toolPath(tool))) return undefined
  const folder = join(toolsFolder(), tool.folder)
  try {
    ownFolder(toolsFolder())
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    return `${toolsFolder()} cannot be used: ${error.message}`
  }
  const args = [
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--ignore-scripts=false',
    '--prefix',
    folder,
    tool.spec,
  ]
  const failure = await runNpm(args, folder)
  return existsSync(toolPath(tool)) ? undefined : `npm could not install ${tool.spec}${failure ? ` (${failure})` : ''}`
}

function ownFolder(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  const mine = typeof process.getuid !== 'function' || found.uid === process.getuid()
  if (!found.isDirectory() || !mine) throw new Error('it belongs to somebody else')
}

function runNpm(args, cwd) {
  return new Promise((done) => {
    const windows = process.platform === 'win32'
    const child = spawn(windows ? 'npm.cmd' : 'npm', args, {
      cwd,
      shell: windows,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: INSTALL_LIMIT_MS,
    })
    let text = ''
    child.stderr.on('data', (chunk) => {
      text += chunk
    })
    child.on('error', (error) => done(error.message))
    child.on('close', (code) => done(code === 0 ? '' : (/npm error (.*)/.exec(text)?.[1] ?? `exit ${code}`)))
  })
}
