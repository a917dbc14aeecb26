/** A person decides at a terminal, and running sessions obey: real bundles, a real pseudo terminal. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type Home, met, Sessions } from '../support/sessions.ts'

const CLI = fileURLToPath(new URL('../../server/dist/cli.mjs', import.meta.url))
const hasPty = process.platform === 'linux' && spawnSync('script', ['--version'], { stdio: 'ignore' }).status === 0

const sessions = new Sessions()
afterEach(() => sessions.end())

interface Ran {
  readonly code: number | null
  readonly text: string
}

/** What is typed, each after its question. */
function run(
  { home, root }: Home,
  project: string,
  args: readonly string[],
  typed: readonly string[] | undefined,
  env: Record<string, string> = {},
): Promise<Ran> {
  const cwd = path.join(home, project)
  mkdirSync(cwd, { recursive: true })
  const line = [process.execPath, CLI, ...args].map((word) => `'${word}'`).join(' ')
  const [command, words] = typed ? ['script', ['-qec', line, '/dev/null']] : [process.execPath, [CLI, ...args]]
  const variables = { PATH: process.env['PATH'], HOME: home, SYM_STATE_DIR: root, SYM_LISTEN: '127.0.0.1:0', TERM: 'dumb', ...env }
  const child = spawn(command, words, { cwd, env: variables, stdio: ['pipe', 'pipe', 'pipe'] })
  const left = [...(typed ?? [])]
  let text = ''
  return new Promise((resolve) => {
    const hear = (chunk: Buffer): void => {
      text += chunk.toString()
      const isAsked = /(?:\[y\/N\] |: )$/.test(text)
      const answer = isAsked ? left.shift() : undefined
      if (answer !== undefined) child.stdin.write(`${answer}\n`)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('close', (code) => resolve({ code, text }))
  })
}

describe.skipIf(!hasPty)('a decision at a terminal', () => {
  it('opens a group to stock nodes in the running session, tells it as long as it is so, and closes it again [R174]', async () => {
    const home = sessions.home()
    const a = await sessions.start(home, 'alpha')
    const stock = (policy: string, env = {}) => run(home, 'alpha', ['stock', 'default', policy], ['y'], env)
    expect(await stock('allow', { CLAUDECODE: '1' })).toMatchObject({ code: 1, text: expect.stringContaining('nothing was changed') })
    expect((await a.status()).listen.join()).not.toContain('stock')
    expect((await stock('allow')).text).toMatch(/prove no key[\s\S]*default: allow/)
    await a.statusUntil(({ listen }) => /port \d+ \(stock nodes\)/.test(listen.join()), 'the listener is open')
    expect((await a.call('sym_status')).text).toMatch(/Stock MMP nodes are peers.*stock default off ends that/)
    expect((await run(home, 'alpha', ['stock'], undefined)).text).toMatch(/default {2}allow/)
    expect((await stock('off')).code).toBe(0)
    await a.statusUntil(({ listen }) => !listen.join().includes('stock'), 'the listener is closed')
  })

  it('counts at once in the running session, and outlives it [R158] [R26]', async () => {
    const home = sessions.home()
    const [a, b] = [await sessions.start(home, 'alpha'), await sessions.start(home, 'beta')]
    await met(a, b)
    const { fingerprint, name } = await b.status()
    const blocked = await run(home, 'alpha', ['block', name], ['y'])
    expect(blocked).toMatchObject({ code: 0, text: expect.stringContaining('is blocked') })
    await a.callUntil('sym_peers', {}, (text) => /blocked {2}away/.test(text))
    await b.callUntil('sym_peers', {}, (text) => /away/.test(text) && !/blocked/.test(text))
    const file = path.join(home.root, 'trust.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(file, 'utf8')).keys[fingerprint]).toMatchObject({ trust: 'blocked' })

    expect((await run(home, 'alpha', ['unblock', fingerprint.slice(0, 12)], ['y'])).code).toBe(0)
    await a.callUntil('sym_peers', { here: true }, (text) => text.startsWith('1 here'), 30_000)
    expect((await run(home, 'alpha', ['verify', name], ['y'])).text).toMatch(/yours[\s\S]*theirs/)
    await a.callUntil('sym_peers', {}, (text) => /verified {2}here/.test(text))
    await a.stop()
    const again = await sessions.start(home, 'alpha')
    await again.callUntil('sym_peers', {}, (text) => /verified {2}/.test(text))
  })

  it('is refused in the shell of a model and without a terminal [R160] [C1]', async () => {
    const home = sessions.home()
    await sessions.start(home, 'alpha')
    const inside = await run(home, 'alpha', ['trust', 'somebody'], ['y'], { CLAUDECODE: '1' })
    expect(inside).toMatchObject({ code: 1, text: expect.stringContaining('nothing was changed') })
    expect(await run(home, 'alpha', ['trust', 'somebody'], undefined)).toMatchObject({
      code: 1,
      text: expect.stringContaining('no terminal'),
    })
  })

  it('cannot be made while the file is broken, which is told and left as it is', async () => {
    const home = sessions.home()
    mkdirSync(home.root, { recursive: true, mode: 0o700 })
    writeFileSync(path.join(home.root, 'trust.json'), '{ "keys": ', { mode: 0o600 })
    const [a, b] = [await sessions.start(home, 'alpha'), await sessions.start(home, 'beta')]
    await met(a, b)
    expect((await a.call('sym_status')).text).toMatch(/Problem: .*trust\.json cannot be used/)
    expect((await run(home, 'alpha', ['block', (await b.status()).name], ['y'])).text).toContain('left as it is')
    expect(readFileSync(path.join(home.root, 'trust.json'), 'utf8')).toBe('{ "keys": ')
  })
})

describe.skipIf(!hasPty)('an identity', () => {
  it('goes to another home under a passphrase, and is the same there [R27]', async () => {
    const [from, to] = [sessions.home(), sessions.home()]
    const a = await sessions.start(from, 'alpha')
    const { fingerprint, name } = await a.status()
    const user = JSON.stringify({ version: 1, seed: Buffer.alloc(32, 7).toString('base64url') })
    writeFileSync(path.join(from.root, 'user.json'), user, { mode: 0o600 })
    const file = path.join(from.home, 'key.vault')
    const passphrase = 'correct horse battery'
    const out = await run(from, 'alpha', ['identity', 'export', '--file', file], [passphrase, passphrase])
    expect(out.code).toBe(0)
    expect(out.text).not.toContain('horse')
    expect(readFileSync(file, 'utf8')).not.toContain('privateKey')
    const come = await run(to, 'alpha', ['identity', 'import', '--file', file], [passphrase])
    expect(come).toMatchObject({
      code: 0,
      text: expect.stringMatching(new RegExp(`SYM_NODE_NAME=${name}.*Your own key, for private groups, is here too`, 's')),
    })
    expect(JSON.parse(readFileSync(path.join(to.root, 'user.json'), 'utf8'))).toEqual(JSON.parse(user))
    expect(readFileSync(path.join(to.root, 'nodes', name, 'identity.json'), 'utf8')).not.toContain('"user"')
    await a.stop()
    const there = await sessions.start(to, 'alpha', { env: { SYM_NODE_NAME: name } })
    expect((await there.status()).fingerprint).toBe(fingerprint)
    expect((await run(to, 'beta', ['identity', 'import', '--file', file], [passphrase])).text).toContain('in use by process')
  })
})
