/** What a shell is given: completions that the shell itself accepts, the status line, and the outbox. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { startServer, temporaryHome } from '../support/server.ts'

const CLI = fileURLToPath(new URL('../../server/dist/cli.mjs', import.meta.url))
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function machine() {
  const { home, root, remove } = temporaryHome()
  cleanups.push(remove)
  const project = path.join(home, 'proj')
  mkdirSync(project)
  const env = { PATH: process.env['PATH'], HOME: home, SYM_STATE_DIR: root, SYM_LISTEN: '127.0.0.1:0' }
  const run = (args: readonly string[], input = '') =>
    spawnSync(process.execPath, [CLI, ...args], { cwd: project, env, input, encoding: 'utf8' })
  const session = async (name: string, more: Record<string, string> = {}) => {
    const folder = path.join(home, name)
    mkdirSync(folder, { recursive: true })
    const server = await startServer({ root, cwd: folder, env: { SYM_LISTEN: '127.0.0.1:0', ...more } })
    cleanups.push(() => server.kill())
    await server.call('sym_status')
    return server
  }
  return { root, run, session }
}

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined

describe('completions', () => {
  it('complete commands, options and fixed words in bash', () => {
    const { stdout, status } = machine().run(['completions', 'bash'])
    expect(status).toBe(0)
    const complete = (...words: string[]): string => {
      const typed = words.map((word) => `'${word}'`).join(' ')
      const script = `${stdout}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _sym_mesh_channel; echo "\${COMPREPLY[@]}"`
      const ran = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
      expect(ran.stderr).toBe('')
      return ran.stdout.trim()
    }
    expect(complete('sym-mesh-channel', 'obs')).toBe('observe')
    expect(complete('sym-mesh-channel', 'inbox', '--un')).toBe('--unread')
    expect(complete('sym-mesh-channel', 'observe', 'deci')).toBe('decision')
    expect(complete('sym-mesh-channel', 'nothing', '')).toBe('')
  })

  it.each(['zsh', 'fish'])('%s: every command is named, and the shell finds no fault where it is there', (shell) => {
    const { run } = machine()
    const { stdout } = run(['completions', shell])
    for (const name of ['demo', 'status', 'send', 'inbox', 'doctor', 'completions']) expect(stdout).toContain(name)
    if (has(shell)) expect(spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })

  it('refuse a shell that they do not know, and name those they do', () => {
    expect(machine().run(['completions', 'tcsh'])).toMatchObject({ status: 2, stderr: expect.stringContaining('bash, zsh, fish') })
  })
})

describe('the status line', () => {
  it('tells who is here and what is unread, of the session that the host names, else of the project [R149]', async () => {
    const { run, session } = machine()
    expect(run(['statusline'], '{}').stdout).toBe('mesh off\n')
    await session('proj')
    const bob = await session('other', { CLAUDE_CODE_SESSION_ID: 'session-of-bob', SYM_NODE_NAME: 'bob' })
    await bob.callUntil('sym_peers', {}, (text) => text.includes('1 here'))
    expect(run(['statusline'], '{"session_id": "unknown"}').stdout).toBe('mesh default: 1 here of 1, 0 unread\n')
    expect(run(['statusline'], '{"session_id": "session-of-bob"}').stdout).toBe('mesh default: 1 here of 1, 0 unread\n')
    await bob.call('sym_send', {
      focus: 'hello',
      to: (await bob.call('sym_peers')).text.match(/claude-\S+proj\S*/)?.[0]?.replace(/"/g, '') ?? '',
    })
    expect(run(['statusline']).stdout).toBe('mesh default: 1 here of 1, 1 unread\n')
    expect(run(['statusline'], '{"session_id": "session-of-bob"}').stdout).toContain('0 unread')
    expect(run(['statusline'], 'no JSON').status).toBe(0)
  })
})

describe('the outbox', () => {
  it('lists what waits and for whom, sends again, and gives up [R70] [R73]', async () => {
    const { run, session } = machine()
    const alice = await session('proj')
    const bob = await session('other', { SYM_NODE_NAME: 'bob' })
    await alice.callUntil('sym_peers', {}, (text) => text.includes('bob'))
    expect(run(['outbox']).stdout).toBe('Nothing waits, and nothing failed.\n')
    await bob.kill()
    await alice.callUntil('sym_peers', {}, (text) => text.includes('away'))
    const { text } = await alice.call('sym_send', { focus: 'are you there?', to: 'bob' })
    const id = /m[0-9a-f]{16}/.exec(text)?.[0] ?? ''
    expect(run(['outbox']).stdout).toMatch(new RegExp(`^${id} {2}are you there\\? {2}\\(kept until .* UTC\\)\n {2}bob .* queued, away`))
    expect(run(['outbox', 'retry'])).toMatchObject({ status: 0, stdout: expect.stringContaining(id) })
    expect(run(['outbox', 'drop'])).toMatchObject({ status: 1, stderr: expect.stringContaining('needs the id') })
    expect(run(['outbox', 'drop', 'm0000000000000000'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('nothing was dropped'),
    })
    expect(run(['outbox', 'drop', id]).stdout).toBe('Given up for 1 peer.\n')
    expect(run(['outbox', 'drop', id]).stdout).toContain('nothing to drop')
    const [dropped] = JSON.parse(run(['outbox', '--json']).stdout)
    expect(dropped).toMatchObject({ focus: 'are you there?', recipients: [{ peer: 'bob', state: 'expired', reason: 'dropped here' }] })
    const again = await session('other', { SYM_NODE_NAME: 'bob' })
    await again.callUntil('sym_peers', {}, (list) => list.includes('1 here'))
    expect((await again.call('sym_inbox')).text).toContain('Nothing unread')
  })
})

describe('the account of events', () => {
  it('tells of links and what was shown, never of words, and verify finds a changed line [R151]', async () => {
    const { run, session, root } = machine()
    const alice = await session('proj')
    const bob = await session('other', { SYM_NODE_NAME: 'bob' })
    await alice.callUntil('sym_peers', {}, (text) => text.includes('bob'))
    await bob.callUntil('sym_peers', {}, (text) => text.includes('1 here'))
    await bob.call('sym_send', { focus: 'SECRET-WORD of the day' })
    await alice.callUntil('sym_inbox', { all: true }, (text) => text.includes('SECRET-WORD'))
    await bob.kill()
    await alice.callUntil('sym_peers', {}, (text) => text.includes('away'))
    await alice.kill('SIGTERM')
    const { stdout } = run(['log'])
    for (const what of ['start', 'key-pinned', 'link-up', 'surfaced', 'link-down']) expect(stdout).toContain(`  ${what}  `)
    const name = readdirSync(path.join(root, 'nodes')).find((one) => one.includes('proj')) ?? ''
    const file = path.join(root, 'nodes', name, 'audit.log')
    expect(readFileSync(file, 'utf8')).not.toContain('SECRET-WORD')
    expect(run(['log', 'verify'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Whole: \d+ entries/) })
    expect(
      run(['log', 'export'])
        .stdout.trim()
        .split('\n')
        .map((line) => JSON.parse(line).what)[0],
    ).toBe('start')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"what":"link-up"', '"what":"link-ok"'))
    expect(run(['log', 'verify'])).toMatchObject({ status: 1, stdout: expect.stringMatching(/^Broken: .*audit\.log, line \d+/) })
    expect(run(['log', 'verify', '--node', 'nobody']).stdout).toMatch(/^Whole: 0 entries/)
  })
})
