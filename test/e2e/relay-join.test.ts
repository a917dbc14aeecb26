/** A link that carries a relay, between users who share nothing: no state folder, no network, no configured relay. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type RelayProcess, Relays } from '../support/relay.ts'
import { type ServerProcess, startServer, temporaryHome } from '../support/server.ts'

const dist = (name: string): string => fileURLToPath(new URL(`../../server/dist/${name}`, import.meta.url))
const CANARY = 'canary-token-of-the-team'
const DEADLINE_MS = 30_000
const relays = new Relays()
const cleanups: (() => unknown)[] = []
let relay: RelayProcess

beforeAll(async () => {
  relay = await relays.start({ tokens: [CANARY] })
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})
afterAll(() => relays.end())

/** One person with a machine of their own, and everything that was ever said to them. */
function person(name: string) {
  const { home, root, remove } = temporaryHome()
  cleanups.push(remove)
  const cwd = path.join(home, name)
  mkdirSync(cwd, { recursive: true })
  const said: string[] = []
  const base = { SYM_LISTEN: '127.0.0.1:0', SYM_NODE_NAME: name }
  const plugin = { CLAUDE_PLUGIN_ROOT: '/plugin' }
  const settings = path.join(root, 'settings.json')
  const start = async (env: Record<string, string> = plugin): Promise<ServerProcess> => {
    const server = await startServer({ root, cwd, env: { ...base, CLAUDE_CODE_SESSION_ID: name, ...env } })
    cleanups.push(async () => {
      said.push(server.stderr.join('\n'))
      await server.kill()
    })
    await server.call('sym_status')
    return server
  }
  const run = (file: string, args: readonly string[], env: Record<string, string>, input: string): Promise<string> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [dist(file), ...args], {
        cwd,
        env: { PATH: process.env['PATH'], HOME: home, SYM_STATE_DIR: root, ...env },
      })
      let out = ''
      child.stdout.on('data', (chunk) => (out += chunk))
      child.stderr.on('data', (chunk) => (out += chunk))
      child.stdin.on('error', () => {})
      child.stdin.end(input)
      child.on('close', () => {
        said.push(out)
        resolve(out)
      })
    })
  const call = async (server: ServerProcess, tool: string, input: object) => {
    const result = await server.call(tool, input)
    said.push(result.text)
    return result
  }
  return {
    said,
    settings,
    start,
    call,
    join: (server: ServerProcess, input: object) => call(server, 'sym_join_group', input),
    types: (prompt: string) =>
      run(
        'hook.mjs',
        ['UserPromptSubmit'],
        { ...plugin, CLAUDE_CODE_SESSION_ID: name },
        JSON.stringify({ session_id: name, hook_event_name: 'UserPromptSubmit', prompt }),
      ),
    cli: (...args: string[]) => run('cli.mjs', args, base, ''),
    own: () => JSON.parse(readFileSync(settings, 'utf8')),
    /** The token is in the file of the settings, and nowhere in what was said. */
    async isSilent(server: ServerProcess) {
      said.push((await server.call('sym_status')).text, JSON.stringify(await server.status()), server.stderr.join('\n'))
      expect(said.join('\n')).not.toContain(CANARY)
      const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(
        (file) => file.isFile() && file.name !== 'settings.json',
      )
      for (const file of files)
        expect(readFileSync(path.join(file.parentPath, file.name), 'latin1').includes(CANARY), file.name).toBe(false)
    },
  }
}

const linkTo = (url: string, token: string = CANARY) => `sym://team/ops?relay=${encodeURIComponent(url)}&token=${token}`
const groupOf = async (server: ServerProcess): Promise<string> => /^Group (\S+)/.exec((await server.call('sym_group_info')).text)?.[1] ?? ''
const meets = (server: ServerProcess) => server.statusUntil(({ peersHere }) => peersHere === 1, 'the other is here', DEADLINE_MS)
const isAsBefore = async (server: ServerProcess, settings: string) => {
  expect(await groupOf(server)).toBe('default')
  expect((await server.status()).relays).toEqual([])
  expect(existsSync(settings)).toBe(false)
}

describe('a link that carries a relay', () => {
  it('brings two users together by the typed command, here and in the next session, and its token is seen nowhere [B8]', async () => {
    const [ann, ben] = [person('ann'), person('ben')]
    const a = await ann.start({ SYM_RELAY_URL: relay.url, SYM_RELAY_TOKEN: CANARY })
    const made = (await a.call('sym_invite_create', { group: 'ops', relay: relay.url, token: CANARY })).text
    const link = made.split('\n')[0] ?? ''
    expect(made).toMatch(/Joined ops/)

    let b = await ben.start()
    const info = (await ben.call(b, 'sym_invite_info', { link })).text
    expect(info).toMatch(/the relay 127\.0\.0\.1:\d+\..*joining connects this node to it/)
    expect(await ben.join(b, { link })).toMatchObject({
      isError: true,
      text: expect.stringMatching(/neither this link nor its relay was typed/),
    })
    await isAsBefore(b, ben.settings)

    await ben.types(`/mesh-join ${link}`)
    const handle = /invite:[0-9a-f]{16}/.exec(info)?.[0]
    const joined = await ben.join(b, { link: handle })
    expect(joined.text).toMatch(/^Joined ops .*Left default.*\nConnected to the relay 127\.0\.0\.1:\d+/)
    expect(joined.text).toMatch(/The next sessions start in ops too .* Relay and token/)
    await Promise.all([meets(a), meets(b)])
    expect((await b.call('sym_send', { focus: 'over your relay', to: 'ann' })).text).toMatch(/ann .*(received|surfaced)/)
    expect((await a.call('sym_inbox')).text).toContain('over your relay')
    expect(ben.own()).toEqual({ group: 'ops', relay: { url: `${relay.url}/`, token: CANARY, fromLink: true } })
    expect(statSync(ben.settings).mode & 0o777).toBe(0o600)
    await ben.isSilent(b)

    await b.kill()
    b = await ben.start()
    expect(await groupOf(b)).toBe('ops')
    await meets(b)
    await ben.types('/mesh-join default')
    expect((await ben.join(b, { group: 'default' })).text).toMatch(/^Joined default/)
    expect((await b.status()).relays).toMatchObject([{ state: 'in' }])
    expect(ben.own()).toMatchObject({ group: 'default', relay: { fromLink: true } })
    expect(await ben.cli('leave', '--relay')).toMatch(/^Relay 127\.0\.0\.1:\d+ is forgotten, here and for the next sessions/)
    expect((await b.status()).relays).toEqual([])
    expect(ben.own()).toEqual({ group: 'default' })
    expect(await ben.cli('leave', '--relay')).toMatch(/No link brought a relay/)
    await ben.isSilent(b)
  }, 120_000)

  it('is refused, with nothing changed and a reason of its own, when the relay does not let us in [B8]', async () => {
    const silent = net.createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    cleanups.push(() => silent.close())
    const address = silent.address()
    const silentPort = typeof address === 'object' ? address?.port : undefined
    const dead = await relays.start({ tokens: [CANARY] })
    await dead.kill()
    const ben = person('ben')
    const b = await ben.start()
    for (const [link, why] of [
      [linkTo(relay.url, `${CANARY}-not`), /refuses the token of the link/],
      [`sym://team/ops?relay=${encodeURIComponent(relay.url)}`, /wants a token, and the link has none/],
      [linkTo(dead.url), /nothing listens there/],
      [linkTo(`ws://127.0.0.1:${silentPort}`), /did not answer in time/],
      [linkTo('wss://169.254.169.254'), /private network/],
      [linkTo('wss://127.0.0.1:9'), /private network/],
      [linkTo('ws://relay.example.com'), /not encrypted/],
    ] as const) {
      await ben.types(`/mesh-join ${link}`)
      const { text, isError } = await ben.join(b, { link })
      expect(text).toMatch(why)
      expect(text).toMatch(/nothing was changed/i)
      expect(isError).toBe(true)
      await isAsBefore(b, ben.settings)
    }
    await ben.isSilent(b)
  }, 120_000)

  it('is joined for this session with keep and ephemeral, and by the command line', async () => {
    const ben = person('ben')
    const b = await ben.start()
    const link = linkTo(relay.url)
    expect(await ben.cli('join', linkTo(relay.url, `${CANARY}-not`), '--yes')).toMatch(/refuses the token/)
    await isAsBefore(b, ben.settings)
    await ben.types(`/mesh-join ${link}`)
    expect((await ben.join(b, { link, keep: true })).text).toMatch(/Still in default too[\s\S]*For this session only/)
    expect((await b.status()).relays).toMatchObject([{ state: 'in' }])
    expect(existsSync(ben.settings)).toBe(false)
    expect((await ben.join(b, { link, ephemeral: true })).text).toMatch(/For this session only/)
    expect(existsSync(ben.settings)).toBe(false)
    expect(await ben.cli('leave', '--relay')).toMatch(/is forgotten/)
    expect(await ben.cli('join', link, '--yes')).toMatch(
      /^In group ops.*\nConnected to the relay 127\.0\.0\.1:\d+.*\nThe next sessions start in ops too/,
    )
    expect(ben.own()).toMatchObject({ group: 'ops', relay: { fromLink: true, token: CANARY } })
    await ben.isSilent(b)
  }, 120_000)

  it('takes no place of a relay that was configured, and its relay is shown no token of another', async () => {
    const ben = person('ben')
    mkdirSync(path.dirname(ben.settings), { recursive: true })
    const byHand = { relay: { url: 'ws://127.0.0.1:9', token: 'by-hand' } }
    writeFileSync(ben.settings, JSON.stringify(byHand), { mode: 0o600 })
    const b = await ben.start()
    const link = linkTo(relay.url)
    await ben.types(`/mesh-join ${link}`)
    expect((await ben.join(b, { link })).text).toMatch(/For this session only, because its relay cannot be written down: .*by hand/)
    expect(ben.own()).toEqual(byHand)
    await b.kill()

    // The link had no token: the relay asks for one, and SYM_RELAY_TOKEN belongs to another relay.
    writeFileSync(ben.settings, JSON.stringify({ relay: { url: relay.url, fromLink: true } }), { mode: 0o600 })
    const next = await ben.start({ CLAUDE_PLUGIN_ROOT: '/plugin', SYM_RELAY_TOKEN: CANARY })
    await next.statusUntil(({ relays: [one] }) => one?.state === 'stopped', 'the relay refuses it', DEADLINE_MS)
    await ben.isSilent(next)
  }, 60_000)
})
