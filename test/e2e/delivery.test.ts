import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isAlive } from '../../server/src/identity/process.ts'
import { MEMORY_MIGRATIONS } from '../../server/src/memory/schema.ts'
import { MAIL_MIGRATIONS } from '../../server/src/mesh/mail-schema.ts'
import { MESH_MIGRATIONS } from '../../server/src/mesh/schema.ts'
import { openDatabase } from '../../server/src/store/open.ts'
import { BUNDLE, type ServerProcess } from '../support/server.ts'
import { FAST, inboxOf, met, runNames, Sessions, seeded } from '../support/sessions.ts'

const sessions = new Sessions()
afterEach(() => sessions.end())

const TOOL_CALLS: readonly (readonly [string, object])[] = [
  ['sym_status', {}],
  ['sym_peers', {}],
  ['sym_group_info', {}],
  ['sym_inbox', {}],
  ['sym_recall', {}],
  ['sym_fetch', { id: 'm0123456789abcdef' }],
  ['sym_send', { focus: 'x' }],
  ['sym_observe', { focus: 'x' }],
]
/** A variable as a host passes it on that does not know it. */
const UNEXPANDED = ['$', '{SYM_GROUP}'].join('')
const idIn = (text: string): string => /\bm[0-9a-f]{16}\b/.exec(text)?.[0] ?? ''

describe('a peer that is away', () => {
  it('gets what was sent meanwhile when its session starts again, exactly once [R70] [R21]', async () => {
    const home = sessions.home()
    const [a, b] = await Promise.all([sessions.start(home, 'alpha'), sessions.start(home, 'beta')])
    await met(a, b)
    const { name, fingerprint } = await b.status()
    expect(await b.stop()).toBe(0)
    await a.callUntil('sym_peers', {}, (text) => text.includes('0 here, 1 away'))
    const sent = await a.call('sym_send', { to: name, focus: 'read this when you are back' })
    expect(sent.text).toContain('queued - away')
    const back = await sessions.start(home, 'beta')
    expect(await back.status()).toMatchObject({ name, fingerprint })
    await a.callUntil('sym_fetch', { id: idIn(sent.text) }, (text) => / received| surfaced/.test(text))
    expect((await inboxOf(back)).map(({ focus }) => focus)).toEqual(['read this when you are back'])
    await back.waitForPush(({ content }) => content.includes('read this when you are back'))
    expect(back.pushes.filter(({ content }) => content.includes('read this when you are back'))).toHaveLength(1)
  })
})

describe('what was pushed', () => {
  it('and not read is unread after a kill, and is not pushed again by itself [R72] [B16]', async () => {
    const home = sessions.home()
    const [a, b] = await Promise.all([sessions.start(home, 'alpha'), sessions.start(home, 'beta')])
    await met(a, b)
    await a.call('sym_send', { focus: 'pushed before the kill' })
    await b.waitForPush(({ content }) => content.includes('pushed before the kill'))
    await b.kill()
    const back = sessions.spawn(home, 'beta')
    await back.initialize()
    // The first result of a tool brings what is unread.
    expect((await back.call('sym_status')).text).toContain('| pushed before the kill')
    await met(a, back)
    await a.call('sym_send', { focus: 'pushed after it' })
    await back.waitForPush(({ content }) => content.includes('pushed after it'))
    expect(back.pushes.filter(({ content }) => content.includes('pushed before the kill'))).toEqual([])
  })
})

describe('the same key of the caller', () => {
  it('sends nothing again after restarts of both sides [R49]', async () => {
    const home = sessions.home()
    const [a, b] = await Promise.all([sessions.start(home, 'alpha'), sessions.start(home, 'beta')])
    await met(a, b)
    const first = await a.call('sym_send', { focus: 'deployed', key: 'deploy-42' })
    expect(first.text).toMatch(/received|surfaced/)
    await Promise.all([a.kill(), b.stop()])
    const [a2, b2] = await Promise.all([sessions.start(home, 'alpha'), sessions.start(home, 'beta')])
    await met(a2, b2)
    const again = await a2.call('sym_send', { focus: 'deployed', key: 'deploy-42' })
    expect(again.text).toContain(`Sent before with this key: ${idIn(first.text)}`)
    expect((await inboxOf(b2)).map(({ focus }) => focus)).toEqual(['deployed'])
  })
})

describe('kill -9', () => {
  const ROUNDS = Number(process.env['SYM_TEST_ROUNDS'] ?? 15)

  /** Sends as fast as answers come, until the sender is gone; what was answered is acknowledged. */
  async function stream(a: ServerProcess, to: string, round: number, acknowledged: Set<string>): Promise<void> {
    for (let number = 0; ; number++) {
      const focus = `round ${round} note ${number}`
      const answer = await a.ask('send', { fields: { focus }, to, tags: ['message'] }, 5_000).catch(() => undefined)
      if (!answer || !('ok' in answer)) return
      acknowledged.add(focus)
    }
  }

  async function integrity(home: { root: string }): Promise<readonly string[]> {
    const results: string[] = []
    for (const name of readdirSync(path.join(home.root, 'nodes'))) {
      const db = await openDatabase(path.join(home.root, 'nodes', name, 'mesh.db'), [
        ...MESH_MIGRATIONS,
        ...MEMORY_MIGRATIONS,
        ...MAIL_MIGRATIONS,
      ])
      results.push(...db.all('PRAGMA integrity_check').map((row) => String(row['integrity_check'])))
      results.push(...db.all('PRAGMA foreign_key_check').map((row) => JSON.stringify(row)))
      db.close()
    }
    return results
  }

  it('of either side at random moments loses nothing that was acknowledged and doubles nothing [B5] [R50] [R70]', async () => {
    const seed = Number(process.env['SYM_TEST_SEED'] ?? Date.now() % 1_000_000)
    const random = seeded(seed)
    const home = sessions.home({ rates: FAST })
    const acknowledged = new Set<string>()
    let a = await sessions.start(home, 'alpha')
    let b = await sessions.start(home, 'beta')
    await met(a, b)
    const names = [(await a.status()).name, (await b.status()).name]
    for (let round = 0; round < ROUNDS; round++) {
      const sending = stream(a, names[1] ?? '', round, acknowledged)
      const doomed = random() < 0.5 ? a : b
      // The moment is the point here: a kill at any instant of the stream.
      await new Promise((resolve) => setTimeout(resolve, 20 + random() * 300))
      await doomed.kill()
      if (doomed === b) b = await sessions.start(home, 'beta')
      await a.kill()
      await sending
      a = await sessions.start(home, 'alpha')
      expect([(await a.status()).name, (await b.status()).name], `seed ${seed}`).toEqual(names)
      await met(a, b)
    }
    await a.statusUntil(({ outbox }) => outbox.waiting === 0, `all are received (seed ${seed})`, 30_000)
    const focuses = (await inboxOf(b)).map(({ focus }) => focus)
    expect(acknowledged.size, `seed ${seed}`).toBeGreaterThan(ROUNDS)
    expect(
      [...acknowledged].filter((focus) => !focuses.includes(focus)),
      `lost, seed ${seed}`,
    ).toEqual([])
    expect(
      focuses.filter((focus, index) => focuses.indexOf(focus) !== index),
      `doubled, seed ${seed}`,
    ).toEqual([])
    await Promise.all([a.stop(), b.stop()])
    expect(await integrity(home)).toEqual(['ok', 'ok'])
  })
})

describe('a name that another session holds', () => {
  it('leads to the next slot, which says who holds it and works [R19]', async () => {
    const home = sessions.home()
    const env = { SYM_NODE_NAME: 'builder' }
    const first = await sessions.start(home, 'alpha', { env })
    const second = await sessions.start(home, 'alpha', { env })
    const status = await second.call('sym_status')
    expect(status.text).toContain('This node: builder-2')
    expect(status.text).toContain(`the name builder is held by process ${first.child.pid}`)
    await met(first, second)
    expect((await second.call('sym_send', { to: 'builder', focus: 'hello' })).text).toMatch(/received|surfaced/)
  })
})

describe('a start that cannot be', () => {
  async function everyToolSays(server: ServerProcess, ...words: readonly (string | RegExp)[]): Promise<void> {
    for (const [name, input] of TOOL_CALLS) {
      const { text, isError } = await server.call(name, input)
      expect(isError, name).toBe(true)
      for (const word of words) expect(text, name).toMatch(word)
    }
  }

  /** A node that has lived, and its folder. */
  async function lived(home: { home: string; root: string }): Promise<string> {
    const server = await sessions.start(home, 'alpha')
    const { name } = await server.status()
    await server.stop()
    return path.join(home.root, 'nodes', name)
  }

  it.each([
    ['garbage', (file: string) => writeFileSync(file, 'not json {', { mode: 0o600 })],
    ['nothing', (file: string) => writeFileSync(file, '', { mode: 0o600 })],
    ['half of itself', (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
  ])('for identity.json with %s in it: each tool names the file and what to do, and the file stays [R17]', async (_, spoil) => {
    const home = sessions.home()
    const file = path.join(await lived(home), 'identity.json')
    spoil(file)
    const before = readFileSync(file)
    const server = await sessions.start(home, 'alpha')
    await everyToolSays(server, file, /Restore it from a copy, or move it away/)
    expect(await server.stop()).toBe(0)
    expect(readFileSync(file)).toEqual(before)
  })

  it('for a broken mesh.db: each tool names the file and what to do, and the file stays [R17]', async () => {
    const home = sessions.home()
    const file = path.join(await lived(home), 'mesh.db')
    const garbage = Buffer.concat([Buffer.alloc(4_096, 'no database '), readFileSync(file).subarray(4_096)])
    writeFileSync(file, garbage)
    const server = await sessions.start(home, 'alpha')
    await everyToolSays(server, file, /restore a copy, or move it away/)
    expect(await server.stop()).toBe(0)
    expect(readFileSync(file)).toEqual(garbage)
  })

  it('for a state folder that cannot be made: each tool names the path', async () => {
    const home = sessions.home()
    const blocked = path.join(home.home, 'a-file')
    writeFileSync(blocked, '')
    const server = await sessions.start({ ...home, root: path.join(blocked, 'state') }, 'alpha')
    await everyToolSays(server, blocked)
    expect(await server.stop()).toBe(0)
    expect(readFileSync(blocked, 'utf8')).toBe('')
  })

  it.runIf(process.platform === 'linux')('for a state folder on a disk that takes no writes: each tool names the path', async () => {
    const server = await sessions.start({ ...sessions.home(), root: '/sys/sym-state' }, 'alpha')
    await everyToolSays(server, '/sys/sym-state')
    expect(await server.stop()).toBe(0)
  })

  it('tells all faults of the settings at once, each with its source [R172]', async () => {
    const home = sessions.home()
    mkdirSync(path.join(home.home, 'alpha'))
    const file = path.join(home.home, 'alpha', '.sym-mesh.json')
    writeFileSync(file, '{"nmae": "typo", "group": "backend"}')
    const env = { SYM_GROUP: 'Bad Group', SYM_PEERS: 'nohost', SYM_SERVICE_TYPE: 'sym', SYM_LISTEN: 'everywhere', SYM_NODE_NAME: '../../x' }
    const server = await sessions.start(home, 'alpha', { env })
    const faults = [
      /SYM_GROUP: "Bad Group"/,
      /SYM_PEERS.*"nohost"/,
      /SYM_SERVICE_TYPE: "sym"/,
      /SYM_LISTEN: "everywhere"/,
      /SYM_NODE_NAME: "..\/..\/x"/,
    ]
    await everyToolSays(server, ...faults, file, 'unknown nmae')
    expect(await server.stop()).toBe(0)
    expect(existsSync(path.join(home.root, 'nodes'))).toBe(false)
  })
})

describe('the end of a session', () => {
  const endings: readonly (readonly [string, (server: ServerProcess) => Promise<number | string>])[] = [
    ['the end of stdin', (server) => server.stop()],
    ['SIGTERM', (server) => server.kill('SIGTERM')],
    ['SIGINT', (server) => server.kill('SIGINT')],
    ['SIGHUP', (server) => server.kill('SIGHUP')],
  ]
  it.each(endings)('by %s: exit 0 within seconds, nothing left in the run folder, and the peers see it leave [R40]', async (_, end) => {
    const home = sessions.home()
    const [a, b] = await Promise.all([sessions.start(home, 'alpha'), sessions.start(home, 'beta')])
    await met(a, b)
    // Something waits, so that there is a door file to take away too.
    await b.call('sym_send', { focus: 'before you go' })
    const own = String(a.child.pid)
    expect(runNames(home.root).some((name) => name.includes(`-${own}.`))).toBe(true)
    const started = Date.now()
    expect(await end(a)).toBe(0)
    expect(Date.now() - started).toBeLessThan(4_000)
    expect(runNames(home.root).filter((name) => name.includes(`-${own}.`))).toEqual([])
    await b.callUntil('sym_peers', {}, (text) => text.includes('0 here, 1 away'))
    expect(await b.stop()).toBe(0)
    expect(runNames(home.root)).toEqual([])
    // The name of a lock outlives its holder on purpose: nobody listens there, and it counts the generations.
    const files = readdirSync(home.root, { recursive: true, encoding: 'utf8' }).filter((name) => !/lock\.\d+\.sock$/.test(name))
    const left = files.filter((name) => /\.(sock|lock|pid|tmp|door)$/.test(name))
    expect(left).toEqual([])
  })

  it('in the middle of the start leaves nothing either [R40]', async () => {
    const home = sessions.home()
    const server = sessions.spawn(home, 'alpha')
    expect(await server.stop()).toBe(0)
    expect(runNames(home.root)).toEqual([])
  })

  it('whose host was killed: the server goes by itself, and leaves nothing [R40]', async () => {
    const home = sessions.home()
    const cwd = path.join(home.home, 'alpha')
    mkdirSync(cwd)
    const host = `
      const { spawn } = require('node:child_process')
      const child = spawn(process.execPath, [${JSON.stringify(BUNDLE)}], { stdio: ['pipe', 'pipe', 'inherit'] })
      child.stdin.write(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'sym_status', arguments: {} } }) + '\\n')
      child.stdout.once('data', () => console.log(child.pid))`
    const env = { PATH: process.env['PATH'], HOME: home.home, SYM_STATE_DIR: home.root, SYM_LISTEN: '127.0.0.1:0' }
    const wrapper = spawn(process.execPath, ['-e', host], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    sessions.onEnd(() => wrapper.kill('SIGKILL'))
    const pid = await new Promise<number>((resolve) => wrapper.stdout.once('data', (line: Buffer) => resolve(Number(line.toString()))))
    expect(runNames(home.root).length).toBeGreaterThan(0)
    // Both processes hold this pipe: it ends when the last of them is gone.
    const bothGone = new Promise((resolve) => wrapper.stderr.resume().once('end', resolve))
    wrapper.kill('SIGKILL')
    await bothGone
    expect(pid).toBeGreaterThan(0)
    expect(runNames(home.root)).toEqual([])
  })

  it('whose host was killed while somebody else holds its pipes: the server leaves all the same, seen by the peers within 10 s [R39] [R40]', async () => {
    const home = sessions.home()
    const peer = await sessions.start(home, 'beta')
    const cwd = path.join(home.home, 'alpha')
    mkdirSync(cwd)
    // A third process has the other end of the server's stdin, so it does not end with the host.
    const host = `
      const { spawn } = require('node:child_process')
      const server = spawn(process.execPath, [${JSON.stringify(BUNDLE)}], { stdio: ['pipe', 'pipe', 'inherit'] })
      const holder = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: ['ignore', server.stdin, 'ignore'] })
      holder.once('spawn', () => console.log(holder.pid))`
    const env = { PATH: process.env['PATH'], HOME: home.home, SYM_STATE_DIR: home.root, SYM_LISTEN: '127.0.0.1:0' }
    const wrapper = spawn(process.execPath, ['-e', host], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    sessions.onEnd(() => wrapper.kill('SIGKILL'))
    const holder = await new Promise<number>((resolve) => wrapper.stdout.once('data', (line: Buffer) => resolve(Number(line.toString()))))
    sessions.onEnd(() => process.kill(holder, 'SIGKILL'))
    const bothGone = new Promise((resolve) => wrapper.stderr.resume().once('end', resolve))
    await peer.callUntil('sym_peers', {}, (text) => text.includes('1 here'))
    wrapper.kill('SIGKILL')
    const killed = Date.now()
    await peer.callUntil('sym_peers', {}, (text) => text.includes('0 here, 1 away'), 20_000)
    expect(Date.now() - killed).toBeLessThan(10_000)
    await bothGone
    expect(isAlive(holder)).toBe(true)
    expect(runNames(home.root).filter((name) => !name.includes(`-${peer.child.pid}.`))).toEqual([])
  })
})

describe('every documented variable is read', () => {
  const group = 'sym_group_info'
  const table: readonly (readonly [string, Record<string, string>, string, string | RegExp])[] = [
    ['SYM_NODE_NAME', { SYM_NODE_NAME: 'builder' }, 'sym_status', /This node: builder .*name from SYM_NODE_NAME/s],
    ['SYM_GROUP', { SYM_GROUP: 'backend-team' }, group, 'Group backend-team (open'],
    ['SYM_SERVICE_TYPE', { SYM_SERVICE_TYPE: '_custom._tcp' }, group, 'announced as _custom._tcp'],
    ['SYM_PEERS', { SYM_PEERS: '127.0.0.1:9,peer.example:7342' }, 'sym_status', 'peers 127.0.0.1:9,peer.example:7342 from SYM_PEERS'],
    ['SYM_LISTEN', { SYM_LISTEN: '127.0.0.3:0' }, 'sym_status', /Listening: .*127\.0\.0\.3:\d+/],
    ['SYM_RELAY_URL', { SYM_RELAY_URL: 'wss://relay.invalid' }, 'sym_status', /Relay: relay\.invalid.*relay from SYM_RELAY_URL/s],
    [
      'SYM_RELAY_TOKEN',
      { SYM_RELAY_URL: 'ws://127.0.0.1:9', SYM_RELAY_TOKEN: 'secret-token' },
      'sym_status',
      /Relay: 127\.0\.0\.1:9.*with the token from SYM_RELAY_TOKEN/s,
    ],
    [
      'SYM_RELAY_TOKEN without a relay',
      { SYM_RELAY_TOKEN: 'secret-token' },
      'sym_status',
      /Note: SYM_RELAY_TOKEN is set and there is no relay/,
    ],
    ['SYM_ALLOWED_PEERS', { SYM_ALLOWED_PEERS: 'alice' }, 'sym_status', 'SYM_ALLOWED_PEERS: only these reach Claude: alice (not met yet)'],
    ['the plugin option for the group', { CLAUDE_PLUGIN_OPTION_GROUP: 'frontend' }, group, 'Group frontend (open'],
    ['an empty SYM_GROUP, which is none', { SYM_GROUP: '' }, group, 'Group default (open'],
    ['an unexpanded SYM_GROUP, which is none', { SYM_GROUP: UNEXPANDED }, group, 'Group default (open'],
    ['SYM_GROUP before the plugin option', { SYM_GROUP: 'mine', CLAUDE_PLUGIN_OPTION_GROUP: 'theirs' }, group, 'Group mine (open'],
  ]
  it.skipIf(process.platform === 'darwin').each(table)('%s [R10] [R172]', async (name, env, tool, expected) => {
    const server = await sessions.start(sessions.home(), 'alpha', { env })
    const { text } = await server.call(tool)
    expect(text).toMatch(expected)
    if (name.startsWith('SYM_RELAY_TOKEN')) expect(text + server.stderr.join()).not.toContain('secret-token')
  })

  it('SYM_STATE_DIR, where all of the state is then, and nothing at its usual place [R10] [R172]', async () => {
    const home = sessions.home()
    const server = await sessions.start(home, 'alpha')
    expect((await server.call('sym_status')).text).toContain(`state in ${home.root} (SYM_STATE_DIR)`)
    expect(existsSync(path.join(home.root, 'nodes'))).toBe(true)
    expect(existsSync(path.join(home.home, '.sym'))).toBe(false)
  })

  it('SYM_DEBUG: with it the log tells of links, without it it is silent, and neither holds the words of a message [R10] [R172]', async () => {
    const home = sessions.home()
    const loud = await sessions.start(home, 'alpha', { env: { SYM_DEBUG: '1' } })
    const quiet = await sessions.start(home, 'beta')
    await met(loud, quiet)
    await quiet.call('sym_send', { focus: 'canary-of-the-log' })
    await loud.waitForPush(({ content }) => content.includes('canary-of-the-log'))
    expect(loud.stderr.join('\n')).toContain('link up')
    expect(quiet.stderr).toEqual([])
    expect(loud.stderr.join('\n')).not.toContain('canary-of-the-log')
  })

  it('.sym-mesh.json of the project: its name and its group [R10]', async () => {
    const home = sessions.home()
    mkdirSync(path.join(home.home, 'alpha'))
    writeFileSync(path.join(home.home, 'alpha', '.sym-mesh.json'), '{"name": "shop", "group": "team-shop"}')
    const server = await sessions.start(home, 'alpha')
    const { text } = await server.call('sym_status')
    expect(text).toMatch(/This node: claude-.*-shop /)
    expect(text).toContain('Group: team-shop')
  })
})

describe('groups and addresses', () => {
  it('sessions of two groups on one machine do not meet, those of one do [R10]', async () => {
    const home = sessions.home()
    const [a, b] = await Promise.all(['alpha', 'beta'].map((project) => sessions.start(home, project, { env: { SYM_GROUP: 'red' } })))
    const c = await sessions.start(home, 'gamma', { env: { SYM_GROUP: 'blue' } })
    if (!a || !b) throw new Error('no servers')
    await met(a, b)
    const said = await c.call('sym_observe', { focus: 'for the blue alone' })
    expect(said.text).toContain('reached no one')
    expect([(await c.status()).peersKnown, (await a.status()).peersKnown]).toEqual([0, 1])
    expect([...(await inboxOf(a)), ...(await inboxOf(b))]).toEqual([])
  })

  it('SYM_PEERS connects two nodes that share nothing but an address [R33] [R10]', async () => {
    const a = await sessions.start(sessions.home(), 'alpha')
    const b = await sessions.start(sessions.home(), 'beta', { env: { SYM_PEERS: `127.0.0.1:${await a.port()}` } })
    await met(a, b)
    expect((await b.call('sym_send', { to: (await a.status()).name, focus: 'over tcp' })).text).toMatch(/received|surfaced/)
    expect((await a.call('sym_peers')).text).toContain('here (lan)')
  })

  it('a fixed port that another session takes over leads to that one then [R33]', async () => {
    const home = sessions.home()
    const first = await sessions.start(sessions.home(), 'first')
    const port = await first.port()
    const a = await sessions.start(home, 'alpha', { env: { SYM_PEERS: `127.0.0.1:${port}` } })
    await met(a, first)
    await first.stop()
    const second = await sessions.start(sessions.home(), 'second', { env: { SYM_LISTEN: `127.0.0.1:${port}` } })
    await met(a, second)
    expect((await a.status()).peersKnown).toBe(2)
  })
})

describe('what a caller gets wrong', () => {
  const shared = new Sessions()
  let a: ServerProcess
  let names: readonly string[]
  beforeAll(async () => {
    a = await shared.start(shared.home(), 'alpha')
    const env = { SYM_PEERS: `127.0.0.1:${await a.port()}`, SYM_NODE_NAME: 'twin' }
    const twins = await Promise.all(['one', 'two'].map((project) => shared.start(shared.home(), project, { env })))
    names = await Promise.all(twins.map(async (twin) => (await twin.status()).fingerprint))
    await a.callUntil('sym_peers', {}, (text) => (text.match(/twin/g) ?? []).length === 2)
  })
  afterAll(() => shared.end())

  const wrong: readonly (readonly [string, string, object, readonly (string | RegExp)[]])[] = [
    ['a word for another', 'sym_send', { to_id: 'bob', focus: 'x' }, ['unknown `to_id`, did you mean `to`?', 'focus (required)']],
    ['nothing', 'sym_send', {}, ['focus is missing', /Accepted: focus \(required\), issue/]],
    ['an empty text', 'sym_send', { focus: '' }, ['focus: it is empty']],
    ['a number for a text', 'sym_send', { focus: 5 }, [/focus: text is expected/]],
    ['null', 'sym_send', { focus: null }, ['focus']],
    ['an object for a name', 'sym_send', { focus: 'x', to: { name: 'bob' } }, ['to:']],
    ['an empty name', 'sym_send', { focus: 'x', to: '' }, ['to: it is empty']],
    ['a mood beyond its scale', 'sym_observe', { focus: 'x', mood: { text: 'y', valence: 3 } }, ['mood']],
    ['a kind that is none', 'sym_observe', { focus: 'x', kind: 'rumour' }, [/kind: .*blocker/]],
    ['too many items', 'sym_inbox', { limit: 5_000 }, ['limit:', '50']],
    ['an id that is none', 'sym_fetch', { id: 'm0000000000000000' }, ['no item', 'sym_recall']],
    ['arguments where there are none', 'sym_status', { verbose: true }, ['unknown `verbose`', 'takes no arguments']],
    ['a tool that is none', 'sym_sned', {}, ['there is no tool "sym_sned"', 'sym_send']],
  ]
  it.each(wrong)('%s is refused by name, with what is accepted [R48]', async (_, tool, input, words) => {
    const { text, isError } = await a.call(tool, input)
    expect(isError).toBe(true)
    for (const word of words) expect(text).toMatch(word)
    expect(text).not.toContain('undefined')
  })

  const long: readonly (readonly [string, object, readonly string[]])[] = [
    ['a body', { focus: 'x', body: 'y'.repeat(16_385) }, ['body', '16385', '16384']],
    ['a body of characters that take several bytes', { focus: 'x', body: '世'.repeat(6_000) }, ['body', '18000 bytes', '16384']],
    ['a focus', { focus: 'y'.repeat(8_193) }, ['focus', '8193 bytes', '8192', 'body']],
    ['a field', { focus: 'x', issue: 'é'.repeat(8_000) }, ['issue', '16000 bytes', '8192']],
    ['a name', { focus: 'x', to: 'y'.repeat(65) }, ['to', '64']],
    [
      'all fields together',
      Object.fromEntries(['focus', 'issue', 'intent', 'motivation', 'commitment'].map((name) => [name, 'z'.repeat(8_000)])),
      ['40', '32768'],
    ],
  ]
  it.each(long)('%s that is too long is refused with its size and the limit, and nothing is sent [R167]', async (_, input, words) => {
    const { waiting } = (await a.status()).outbox
    const { text, isError } = await a.call('sym_send', input)
    expect(isError).toBe(true)
    for (const word of words) expect(text).toContain(word)
    expect((await a.status()).outbox.waiting).toBe(waiting)
  })

  it('what is exactly as long as allowed arrives byte for byte [R167] [R46]', async () => {
    const body = `${'世'.repeat(5_461)}!`
    const sent = await a.call('sym_send', { to: names[0]?.slice(0, 16), focus: 'f'.repeat(8_192), body })
    expect(sent.isError, sent.text).toBe(false)
    expect(sent.text).toMatch(/received|surfaced/)
  })

  it('a name that two peers have: both are listed with their fingerprints, ready to paste, and nothing is sent [R23] [R25]', async () => {
    const { items } = (await a.status()).memory
    const { text, isError } = await a.call('sym_send', { to: 'twin', focus: 'which?' })
    expect(isError).toBe(true)
    expect(text).toContain('nothing was sent')
    const shown = names.map((fingerprint) => (fingerprint.slice(0, 16).match(/.{4}/g) ?? []).join(' '))
    for (const fingerprint of shown) expect(text).toContain(fingerprint)
    expect((await a.status()).memory.items).toBe(items)
    const pasted = await a.call('sym_send', { to: shown[1], focus: 'you' })
    expect(pasted.text).toMatch(/received|surfaced/)
  })

  it('a name that nobody has: it says so, names sym_peers, and nothing is sent [R24]', async () => {
    const { text, isError } = await a.call('sym_send', { to: 'nobody', focus: 'x' })
    expect(isError).toBe(true)
    expect(text).toMatch(/"nobody": no peer.*nothing was sent.*sym_peers/s)
    expect((await a.call('sym_send', { to: (await a.status()).name, focus: 'x' })).text).toContain('this node itself')
  })
})
