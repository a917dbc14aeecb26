/** The doctor on a machine that is really broken, and `launch` with a client that writes down how it was started. */
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { machine as installed } from '../support/machine.ts'
import { startServer } from '../support/server.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function machine() {
  const made = installed()
  cleanups.push(made.remove)
  return made
}

describe('doctor', () => {
  it('says that nothing is installed; after init, that all is well; and each in its exit code [R147]', async () => {
    const { run, doctor } = machine()
    expect(await doctor()).toMatchObject({ code: 4, health: 'broken', ids: ['not-installed'] })
    expect((await run(['init', '--yes'])).code).toBe(0)
    expect(await doctor()).toMatchObject({ code: 0, health: 'healthy', ids: [] })
    const { out } = await run(['doctor'])
    expect(out).toMatch(/^healthy: 0 problems, 0 warnings$/m)
  })

  it('names what is broken on a real disk, and --fix mends what is safe [R147]', async () => {
    const { home, root, run, doctor, write } = machine()
    await run(['init', '--yes'])
    const identity = path.join(root, 'nodes/alice/identity.json')
    const server = await startServer({ root, cwd: home, env: { SYM_NODE_NAME: 'alice', SYM_LISTEN: '127.0.0.1:0' } })
    await server.call('sym_status')
    await server.kill()
    const good = readFileSync(identity)
    chmodSync(identity, 0o644)
    expect(await doctor()).toMatchObject({ code: 4, ids: ['mode-open'] })
    expect(await doctor({}, ['--fix'])).toMatchObject({ code: 0, ids: [] })
    expect(statSync(identity).mode & 0o777).toBe(0o600)
    writeFileSync(identity, 'half a fi')
    expect(await doctor()).toMatchObject({ ids: ['file-broken'] })
    writeFileSync(identity, good)
    write(
      '.claude.json',
      readFileSync(path.join(home, '.claude.json'), 'utf8').replaceAll('/server/dist/server.mjs', '/gone/server/dist/server.mjs'),
    )
    const moved = await doctor()
    expect(moved).toMatchObject({ code: 4, ids: ['entry-stale', 'not-installed'] })
    await run(['init', '--yes'])
    expect((await doctor()).ids).toEqual([])
    write('.claude/settings.json', '{"enabledPlugins": {"sym-mesh-channel@sym-mesh-channel": true}}')
    expect((await doctor()).ids).toEqual(['installed-twice'])
    write('.claude/settings.json', '{"half": ')
    expect((await doctor()).ids).toEqual(['host-file'])
  })

  it('sees running sessions, the group of each, and a wrong setting [R9] [R98]', async () => {
    const { home, root, run, doctor } = machine()
    await run(['init', '--yes'])
    const server = await startServer({ root, cwd: home, env: { SYM_NODE_NAME: 'alice', SYM_GROUP: 'other', SYM_LISTEN: '127.0.0.1:0' } })
    cleanups.push(() => server.kill())
    await server.call('sym_status')
    const found = await doctor()
    expect(found.ids).toEqual(['group-mismatch'])
    expect(found.findings.find(({ id }) => id === 'session')?.what).toContain('Session alice: in other')
    expect((await doctor({ env: { SYM_GROUP: 'A B' } })).ids).toEqual(['settings-invalid'])
  })

  it('does not take the record of a dead server for a session', async () => {
    const { home, root, run, doctor } = machine()
    await run(['init', '--yes'])
    const server = await startServer({ root, cwd: home, env: { SYM_NODE_NAME: 'alice', SYM_LISTEN: '127.0.0.1:0' } })
    await server.call('sym_status')
    await server.kill()
    const found = await doctor()
    expect(found.ids).toEqual([])
    expect(found.findings.map(({ id }) => id)).toContain('no-session')
  })
})

describe('the mode of one session', () => {
  it('counts for it whatever the file of the person says, and a wrong one is told [R14]', async () => {
    const { home, root, run } = machine()
    const session = async (name: string, mode: string) => {
      const server = await startServer({ root, cwd: home, env: { SYM_NODE_NAME: name, SYM_MODE: mode, SYM_LISTEN: '127.0.0.1:0' } })
      cleanups.push(() => server.kill())
      return (await server.call('sym_status')).text
    }
    await run(['mode', 'off'])
    expect(await session('ann', 'inbox')).toContain('since mode is inbox')
    await run(['mode', 'push'])
    expect(await session('ben', 'off')).toMatch(/off/)
    expect(await session('eva', 'loud')).toContain('SYM_MODE: "loud" is no mode')
  })
})

describe('launch', () => {
  it('starts Claude Code with the flag of an entry or of the plugin, passes the rest on, and gives its exit code [R14]', async () => {
    const { home, run, write } = machine()
    const args = () => readFileSync(path.join(home, 'args'), 'utf8').trim().split('\n')
    const none = await run(['launch'])
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('not installed') })
    await run(['init', '--yes'])
    expect((await run(['launch', '--', '--continue', 'a b'])).code).toBe(7)
    expect(args()).toEqual(['--dangerously-load-development-channels', 'server:claude-sym-mesh', '--continue', 'a b'])
    await run(['launch', '--mode', 'push'])
    expect(args()[0]).toBe('--dangerously-load-development-channels')
    await run(['launch', '--mode', 'inbox', 'a'])
    expect(args()).toEqual(['a'])
    expect(readFileSync(path.join(home, 'mode'), 'utf8').trim()).toBe('inbox')
    await run(['uninstall', '--yes'])
    write('.claude/settings.json', '{"enabledPlugins": {"sym-mesh-channel@mine": true}}')
    await run(['launch'])
    expect(args()).toEqual(['--dangerously-load-development-channels', 'plugin:sym-mesh-channel@mine'])
    rmSync(path.join(home, 'bin/claude'))
    expect(await run(['launch'])).toMatchObject({ code: 1, err: expect.stringContaining('no claude on the PATH') })
  })
})
