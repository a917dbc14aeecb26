/** The command line as a person and as a program use it: beside a running session, and without one. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type ServerProcess, startServer, temporaryHome } from '../support/server.ts'

const CLI = fileURLToPath(new URL('../../server/dist/cli.mjs', import.meta.url))
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function machine() {
  const { home, root, remove } = temporaryHome()
  cleanups.push(remove)
  const folder = (name: string): string => {
    mkdirSync(path.join(home, name), { recursive: true })
    return path.join(home, name)
  }
  const env = { PATH: process.env['PATH'], HOME: home, SYM_STATE_DIR: root, SYM_LISTEN: '127.0.0.1:0' }
  const start = (project: string, args: readonly string[], more: Record<string, string> = {}) =>
    spawn(process.execPath, [CLI, ...args], { cwd: folder(project), env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] })
  const run = (project: string, args: readonly string[], more: Record<string, string> = {}): Promise<Ran> =>
    new Promise((resolve) => {
      const child = start(project, args, more)
      const ran = { out: '', err: '' }
      child.stdout.on('data', (chunk) => (ran.out += chunk))
      child.stderr.on('data', (chunk) => (ran.err += chunk))
      child.on('close', (code) => resolve({ code, ...ran }))
    })
  const session = async (name: string): Promise<ServerProcess> => {
    const server = await startServer({ root, cwd: folder(name), env: { SYM_LISTEN: '127.0.0.1:0' } })
    cleanups.push(() => server.kill())
    return server
  }
  return { root, run, start, session }
}

const json = (text: string): Record<string, unknown> => JSON.parse(text)

describe('the demo', () => {
  it('shows the main job step by step, ends by itself and leaves nothing behind', async () => {
    const { root, run } = machine()
    const { code, out, err } = await run('anywhere', ['demo'], { TMPDIR: path.dirname(root) })
    expect(err).toBe('')
    expect(code).toBe(0)
    for (const step of [
      'client-hello',
      'server-hello',
      'client-finish',
      'mesh-opaque-v1-frame',
      'alice received',
      'alice surfaced by hook',
    ])
      expect(out).toContain(step)
    expect(out).toMatch(/\[begin ([0-9a-f]{16})\]\n {3}\| the login test fails.*\n {3}\[end \1\]/)
    expect(out).toContain("bob's words in clear: nowhere")
    expect(existsSync(root)).toBe(false)
    expect(readdirSync(path.dirname(root)).filter((name) => name.startsWith('sym-temporary-'))).toEqual([])
  })
})

describe('beside a running session', () => {
  it('speaks and listens as that session', async () => {
    const { run, session } = machine()
    const a = await session('a')
    const b = await session('b')
    await a.callUntil('sym_peers', { here: true }, (text) => /-b /.test(text))
    const name = /claude-\S+-b/.exec((await a.call('sym_peers')).text)?.[0] ?? ''

    const status = await run('a', ['status', '--json'])
    expect(json(status.out)).toMatchObject({ name: name.replace(/-b$/, '-a'), peersHere: 1 })
    expect((await run('a', ['status'])).out).toMatch(/^Running session, process \d+/)
    expect((await run('a', ['peers'])).out).toContain(`${name}  `)

    const sent = await run('a', ['send', 'hello from the shell', '--to', name, '--body', 'long', '--json'])
    expect(json(sent.out)).toMatchObject({
      isDirected: true,
      recipients: [{ peer: name, state: expect.stringMatching(/received|surfaced/) }],
    })
    await b.waitForPush(({ content }) => content.includes('| hello from the shell'))
    const observed = await run('a', ['observe', 'tests are red', '--intent', 'bisecting', '--kind', 'finding'])
    expect(observed).toMatchObject({ code: 0, err: '' })
    expect(observed.out).toMatch(/^m[0-9a-f]{16} to group default\n {2}claude-\S+-b .*(received|surfaced)/)

    const inbox = await run('b', ['inbox', '--unread'])
    expect(inbox.out).toMatch(/unread\n {4}focus: tests are red\n {4}intent: bisecting/)
    expect(inbox.out).toMatch(/ {4}focus: hello from the shell\n {4}body: long/)
    expect(JSON.parse((await run('b', ['inbox', '--limit', '1', '--json'])).out)).toHaveLength(1)
    // Looking marked nothing: the session still has both to show.
    expect((await b.call('sym_inbox')).text).toContain('tests are red')
  })

  it('shows live what is said and who comes, one JSON value a line, until it is ended', async () => {
    const { start, session } = machine()
    const a = await session('a')
    const watching = start('a', ['watch', '--json'])
    cleanups.push(() => watching.kill('SIGKILL'))
    const events: Record<string, unknown>[] = []
    const lines = createInterface({ input: watching.stdout })
    const seen = new Promise<void>((resolve) =>
      lines.on('line', (line) => {
        events.push(json(line))
        if (events.some(({ kind }) => kind === 'arrived')) resolve()
      }),
    )
    const b = await session('b')
    await b.callUntil('sym_peers', { here: true }, (text) => /-a /.test(text))
    // The watcher may still be starting: what is said is said until it is seen.
    const speaking = setInterval(() => void b.call('sym_send', { focus: 'look here' }), 300)
    await seen.finally(() => clearInterval(speaking))
    expect(events.find(({ kind }) => kind === 'arrived')).toMatchObject({ item: { fields: { focus: { text: 'look here' } } } })
    watching.kill('SIGINT')
    expect(await new Promise((resolve) => watching.once('exit', resolve))).toBe(0)
    await a.stop()
  })
})

describe('without a session', () => {
  it('is the node itself for as long as it takes, and a message waits on disk for whoever comes back [R70]', async () => {
    const { run, session } = machine()
    const b = await session('b')
    const status = await run('a', ['status'])
    expect(status.out).toMatch(/^No session of this project is running/)
    const met = await run('a', ['peers', '--json'])
    const [peer] = JSON.parse(met.out) as { name: string; isHere: boolean }[]
    expect(peer).toMatchObject({ isHere: true })
    await b.stop()
    const sent = await run('a', ['send', 'for later', '--to', peer?.name ?? ''])
    expect(sent.out).toMatch(/queued, away; sent when it is back/)
    // The next session of this project has the outbox of that node, and sends it when the peer is back.
    await session('a')
    const again = await session('b')
    await again.waitForPush(({ content }) => content.includes('| for later'))
  })
})

describe('what is not understood', () => {
  it.each([
    [['statsu'], 2, /unknown command 'statsu'[\s\S]*Did you mean status/],
    [['inbox', '--limit', '0'], 2, /--limit.*whole number from 1 to 500/],
    [['inbox', '--unraed'], 2, /unknown option '--unraed'[\s\S]*--unread/],
    [['send'], 2, /missing required argument 'text'/],
    [['observe', 'x', '--kind', 'gossip'], 2, /Allowed choices are context/],
    [['send', 'hi', '--to', 'nobody-of-that-name'], 1, /"nobody-of-that-name": no peer has this name.*nothing was sent/],
    [['status', '--node', 'no-such-node'], 1, /no running session has a node named "no-such-node"/],
  ])('%j ends with %i and says why', async (args, code, why) => {
    const { run } = machine()
    const ran = await run('a', args)
    expect(ran.err).toMatch(why)
    expect(ran).toMatchObject({ code, out: '' })
    expect(ran.err).not.toMatch(/\n\s+at /)
  })

  it('tells all wrong settings at once, and shows no stack unless SYM_DEBUG is set', async () => {
    const { run } = machine()
    const wrong = { SYM_GROUP: 'Not A Group', SYM_PEERS: 'nowhere', SYM_LISTEN: 'x' }
    const { code, err } = await run('a', ['status'], wrong)
    expect(code).toBe(1)
    for (const name of Object.keys(wrong)) expect(err).toMatch(new RegExp(`${name}: `))
    expect((await run('a', ['status'], { ...wrong, SYM_DEBUG: '1' })).err).toMatch(/\n\s+at /)
  })
})
