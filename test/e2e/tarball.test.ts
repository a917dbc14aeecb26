/** What `npm install -g` brings: the packed package, installed without a network into a folder of its own, by a fresh user. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')
const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'sym-tarball-')))
const [home, prefix, project] = ['home', 'prefix', 'project'].map((name) => path.join(folder, name)) as [string, string, string]
const program = process.platform === 'win32' ? path.join(prefix, 'sym-mesh-channel.cmd') : path.join(prefix, 'bin/sym-mesh-channel')
const env = { PATH: process.env['PATH'], HOME: home, npm_config_cache: path.join(folder, 'cache'), npm_config_update_notifier: 'false' }

function npm(...args: readonly string[]): string {
  return execFileSync('npm', args, {
    cwd: ROOT,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
}

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: project,
    env: { ...env, SYM_LISTEN: '127.0.0.1:0' },
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  return { code: status, out: stdout, err: stderr }
}

let packed: readonly string[] = []

beforeAll(() => {
  for (const name of [home, prefix, project]) mkdirSync(name)
  const [made] = JSON.parse(npm('pack', '--json', '--ignore-scripts', '--pack-destination', folder)) as [
    { filename: string; files: { path: string }[] },
  ]
  packed = made.files.map((file) => file.path)
  npm('install', '--global', '--offline', '--no-audit', '--no-fund', '--prefix', prefix, path.join(folder, made.filename))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the package', () => {
  it('holds what a user runs and reads, and nothing of how it is made [R2]', () => {
    for (const name of [
      'server/dist/cli.mjs',
      'server/dist/server.mjs',
      'server/dist/hook.mjs',
      'hooks/hooks.json',
      '.claude-plugin/plugin.json',
      'README.md',
      'LICENSE',
      'docs/COMMANDS.md',
      'docs/watch.svg',
    ])
      expect(packed).toContain(name)
    expect(packed.filter((name) => /^(?:test|node_modules|\.ci)\//.test(name))).toEqual([])
  })

  it('installed alone touches no file of the user, and runs without any other package [R2]', () => {
    expect(readdirSync(home).filter((name) => name !== '.npm')).toEqual([])
    expect(existsSync(path.join(prefix, 'lib/node_modules/sym-mesh-channel/node_modules'))).toBe(false)
    const { code, out } = run('version')
    expect(code).toBe(0)
    expect(out).toMatch(/^sym-mesh-channel \d+\.\d+\.\d+ on Node/)
    expect(out).toMatch(/^Installed {3}npm, in /m)
    expect(out).toMatch(/^To upgrade {2}npm install -g sym-mesh-channel@latest$/m)
    expect(readdirSync(home).filter((name) => name !== '.npm')).toEqual([])
  })

  it('init writes server and hooks that name the installed files, with its proof; doctor is content; uninstall leaves nothing [R2] [R7] [R13]', () => {
    const done = run('init', '--yes')
    expect(done).toMatchObject({ code: 0, err: '' })
    expect(done.out).toMatch(/^ok A message between two nodes/m)
    const entry = JSON.parse(readFileSync(path.join(home, '.claude.json'), 'utf8')).mcpServers['claude-sym-mesh']
    expect(realpathSync(entry.args[0])).toBe(path.join(prefix, 'lib/node_modules/sym-mesh-channel/server/dist/server.mjs'))
    expect(JSON.parse(run('doctor', '--json').out)).toMatchObject({ health: 'healthy' })
    expect(run('uninstall', '--yes').code).toBe(0)
    expect(readFileSync(path.join(home, '.claude.json'), 'utf8')).not.toContain('sym-mesh')
    expect(readFileSync(path.join(home, '.claude/settings.json'), 'utf8')).not.toContain('hook.mjs')
  })
})
