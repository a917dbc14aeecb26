import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type InitOptions, type InstallContext, type Plan, planInit, planUninstall } from '../../../server/src/install/install.ts'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function machine() {
  const home = mkdtempSync(path.join(tmpdir(), 'sym-init-'))
  folders.push(home)
  const project = path.join(home, 'proj')
  mkdirSync(project)
  const context: InstallContext = {
    hostFolder: path.join(home, '.claude'),
    userServers: path.join(home, '.claude.json'),
    project,
    packageRoot: ROOT,
    now: () => new Date('2026-01-02T03:04:05Z'),
  }
  const file = (name: string): string => path.join(home, name)
  const write = (name: string, value: unknown): void => {
    mkdirSync(path.dirname(file(name)), { recursive: true })
    writeFileSync(file(name), JSON.stringify(value, null, 2))
  }
  const read = (name: string): Record<string, Record<string, unknown[]>> => JSON.parse(readFileSync(file(name), 'utf8'))
  const init = (options: Partial<InitOptions> = {}): Plan =>
    planInit({ scope: 'user', group: undefined, name: undefined, isForced: false, ...options }, context)
  return { home, context, file, write, read, init }
}

const apply = (plan: Plan): Plan => {
  for (const step of plan.steps) step.apply()
  return plan
}
const server = path.join(ROOT, 'server/dist/server.mjs')
const gone = '/no/such/place/server/dist/server.mjs'
const entry = (program: string, env: object = {}) => ({
  mcpServers: { other: { command: 'x' }, 'claude-sym-mesh': { type: 'stdio', command: 'node', args: [program], env } },
})
const entryOf = (value: Record<string, Record<string, unknown>>) => value['mcpServers']?.['claude-sym-mesh']

describe('init', () => {
  it('plans first, and writes nothing before the plan is carried out [R2]', () => {
    const { home, init } = machine()
    const { steps } = init()
    expect(steps.map(({ file }) => path.basename(file))).toEqual(['.claude.json', 'settings.json'])
    expect(readdirSync(home)).toEqual(['proj'])
  })

  it('registers the server and every hook of the plugin, for the user [R2] [R3]', () => {
    const { init, read, write } = machine()
    write('.claude/settings.json', { model: 'opus', hooks: { Stop: [{ hooks: [{ type: 'command', command: 'mine' }] }] } })
    apply(init({ group: 'backend-team', name: 'alice' }))
    expect(entryOf(read('.claude.json'))).toEqual({
      type: 'stdio',
      command: 'node',
      args: [server],
      env: { SYM_NODE_NAME: 'alice', CLAUDE_PLUGIN_OPTION_GROUP: 'backend-team' },
    })
    const settings = read('.claude/settings.json')
    const plugin = JSON.parse(readFileSync(path.join(ROOT, 'hooks/hooks.json'), 'utf8')).hooks
    expect(Object.keys(settings['hooks'] ?? {}).sort()).toEqual(Object.keys(plugin).sort())
    const text = JSON.stringify(settings)
    expect(text).not.toContain('CLAUDE_PLUGIN_ROOT')
    expect(text).toContain(`${ROOT}/server/dist/hook.mjs`)
    expect(settings).toMatchObject({ model: 'opus' })
    expect(settings['hooks']?.['Stop']?.[0]).toEqual({ hooks: [{ type: 'command', command: 'mine' }] })
  })

  it('for a project writes .mcp.json and the local settings, and keeps what others have there [R3]', () => {
    const { home, init, read, write } = machine()
    write('proj/.mcp.json', { mcpServers: { other: { command: 'x' } } })
    write('proj/.claude/settings.local.json', { enabledMcpjsonServers: ['other'], permissions: { allow: ['Bash(ls)'] } })
    apply(init({ scope: 'project' }))
    expect(read('proj/.mcp.json')).toMatchObject({ mcpServers: { other: { command: 'x' }, 'claude-sym-mesh': { args: [server] } } })
    expect(read('proj/.claude/settings.local.json')).toMatchObject({
      enabledMcpjsonServers: ['other', 'claude-sym-mesh'],
      permissions: { allow: ['Bash(ls)'] },
    })
    expect(existsSync(path.join(home, '.claude.json'))).toBe(false)
  })

  it('leaves an entry alone that works, and says how to replace it [R4]', () => {
    const { init, read, write, file } = machine()
    const elsewhere = file('elsewhere/server/dist/server.mjs')
    write('elsewhere/server/dist/server.mjs', '')
    write('.claude.json', entry(elsewhere))
    const plan = init()
    expect(plan.live).toContain(elsewhere)
    expect(plan.steps).toEqual([])
    apply(init({ isForced: true }))
    expect(entryOf(read('.claude.json'))).toMatchObject({ args: [server] })
    apply(init({ isForced: true }))
    expect(init().live).toContain(server)
  })

  it('heals a stale entry in every scope, keeping name, group and relay [R4]', () => {
    const { init, read, write } = machine()
    const env = { SYM_NODE_NAME: 'bob', SYM_RELAY_URL: 'wss://r.example', CLAUDE_PLUGIN_OPTION_GROUP: 'old-team' }
    write('.claude.json', entry(gone, env))
    write('proj/.mcp.json', entry(gone, { CLAUDE_PLUGIN_OPTION_GROUP: 'proj-team' }))
    apply(init({ name: 'carol', group: 'new-team' }))
    expect(entryOf(read('.claude.json'))).toMatchObject({ args: [server], env })
    expect(entryOf(read('proj/.mcp.json'))).toMatchObject({ args: [server], env: { CLAUDE_PLUGIN_OPTION_GROUP: 'proj-team' } })
    expect(read('.claude.json')).toMatchObject({ mcpServers: { other: { command: 'x' } } })
  })

  it('a group on the command line wins with --force; default always leads back [R5]', () => {
    const { init, read } = machine()
    apply(init({ group: 'first' }))
    expect(init({ group: 'second' }).live).toBeDefined()
    apply(init({ group: 'second', isForced: true }))
    expect(entryOf(read('.claude.json'))).toMatchObject({ env: { CLAUDE_PLUGIN_OPTION_GROUP: 'second' } })
    apply(init({ group: 'default' }))
    expect(entryOf(read('.claude.json'))).toMatchObject({ env: {} })
  })

  it('adds hooks that are missing beside a live entry of its own', () => {
    const { init, read, write } = machine()
    write('.claude.json', entry(server))
    apply(init())
    expect(read('.claude/settings.json')['hooks']).toBeDefined()
  })

  it('does not touch an entry of another form under our name [R4]', () => {
    const { init, write, home } = machine()
    write('.claude.json', { mcpServers: { 'claude-sym-mesh': { command: 'bun', args: ['other.ts'] } } })
    expect(init().live).toContain('somebody else')
    expect(readdirSync(home).sort()).toEqual(['.claude.json', 'proj'])
  })

  it('refuses beside the plugin: every session would be two nodes', () => {
    const { init, write } = machine()
    write('.claude/settings.json', { enabledPlugins: { 'sym-mesh-channel@sym-mesh-channel': true } })
    expect(() => init()).toThrow(/installed already.*claude plugin uninstall/s)
  })
})

describe('uninstall', () => {
  it('takes out exactly what init added [R7]', () => {
    const { context, init, read, write } = machine()
    const servers = { numStartups: 3, mcpServers: { other: { command: 'x' } } }
    const settings = { model: 'opus', hooks: { Stop: [{ matcher: '', hooks: [{ type: 'command', command: 'mine' }] }] } }
    const local = { enabledMcpjsonServers: ['other'] }
    write('.claude.json', servers)
    write('.claude/settings.json', settings)
    write('proj/.claude/settings.local.json', local)
    apply(init())
    apply(init({ scope: 'project' }))
    apply(planUninstall('user', context))
    apply(planUninstall('project', context))
    expect(read('.claude.json')).toEqual(servers)
    expect(read('.claude/settings.json')).toEqual(settings)
    expect(read('proj/.claude/settings.local.json')).toEqual(local)
    expect(read('proj/.mcp.json')).toEqual({})
  })

  it('leaves an entry of another form under our name, and has nothing to do where nothing is', () => {
    const { context, write, read } = machine()
    expect(planUninstall('user', context).steps).toEqual([])
    const other = { mcpServers: { 'claude-sym-mesh': { command: 'bun' } } }
    write('.claude.json', other)
    apply(planUninstall('user', context))
    expect(read('.claude.json')).toEqual(other)
  })
})
