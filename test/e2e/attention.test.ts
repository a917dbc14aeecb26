/** What a person keeps away from Claude, by commands typed beside running sessions: it holds within a second, and loses nothing. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { ServerProcess } from '../support/server.ts'
import { met, Sessions } from '../support/sessions.ts'

const CLI = fileURLToPath(new URL('../../server/dist/cli.mjs', import.meta.url))
const sessions = new Sessions()
afterEach(() => sessions.end())

async function pair() {
  const [here, there] = [sessions.home(), sessions.home()]
  // The same port again, when it was off and is back.
  const listen = `127.0.0.1:${await freePort()}`
  const bob = await sessions.start(here, 'bob', { env: { SYM_NODE_NAME: 'bob', SYM_LISTEN: listen, CLAUDE_PLUGIN_ROOT: '/plugin' } })
  const alice = await sessions.start(there, 'alice', { env: { SYM_NODE_NAME: 'alice', SYM_PEERS: listen } })
  await met(alice, bob)
  const type = (...args: readonly string[]) => run(args, here, path.join(here.home, 'bob'))
  return { alice, bob, type }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

function run(args: readonly string[], { home, root }: { home: string; root: string }, cwd: string) {
  const env = { PATH: process.env['PATH'], HOME: home, SYM_STATE_DIR: root, SYM_LISTEN: '127.0.0.1:0', SYM_NODE_NAME: 'bob' }
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, out, err })),
  )
}

const sees = (alice: ServerProcess, pattern: RegExp) => alice.callUntil('sym_peers', {}, (text) => pattern.test(text))

describe('mode', () => {
  it('inbox keeps everything in the inbox, with the reason, and peers see it within a second [R12] [R34] [R125]', async () => {
    const { alice, bob, type } = await pair()
    expect((await type('mode', 'inbox')).out).toMatch(/^Mode is inbox now, in every session of this user/)
    await sees(alice, /bob .* stays in the inbox/)
    await alice.call('sym_send', { focus: 'KEPT-AWAY', to: 'bob' })
    expect(bob.pushes).toEqual([])
    const status = await bob.callUntil('sym_status', {}, (text) => text.includes('1 unread'))
    expect(status).not.toContain('KEPT-AWAY')
    expect(status).toContain('not shown unasked: 1 since mode is inbox')
    const { text } = await bob.call('sym_inbox')
    expect(text).toMatch(/\| KEPT-AWAY/)
    expect(text).toMatch(/Not shown unasked: m[0-9a-f]{16} since mode is inbox\./)
    await type('mode', 'push')
    await sees(alice, /bob .* at its next prompt/)
    await alice.call('sym_send', { focus: 'LET-THROUGH', to: 'bob' })
    await bob.waitForPush(({ content }) => content.includes('LET-THROUGH'))
  })

  it('off takes the session off the network, says so by every tool, and lets it come back with what was sent meanwhile [R125]', async () => {
    const { alice, bob, type } = await pair()
    await type('mode', 'off')
    await alice.callUntil('sym_peers', {}, (text) => /bob .* away/.test(text))
    const off = await bob.call('sym_status')
    expect([off.isError, off.text]).toEqual([true, expect.stringMatching(/^The mesh is off .*sym-mesh-channel mode push/)])
    expect(bob.runFile()).toBeUndefined()
    expect((await alice.call('sym_send', { focus: 'WHILE-OFF', to: 'bob' })).text).toMatch(/bob .* queued/)
    await type('mode', 'push')
    await bob.callUntil('sym_inbox', { all: true }, (text) => text.includes('WHILE-OFF'), 30_000)
  })
})

describe('do not disturb and mutes', () => {
  it('hold back what they name, and nothing else; what was held is shown afterwards [R125]', async () => {
    const { alice, bob, type } = await pair()
    expect((await type('dnd', 'on')).out).toMatch(/^Do not disturb is on now/)
    await sees(alice, /bob .*do-not-disturb, stays in the inbox/)
    await alice.call('sym_send', { focus: 'HELD-BY-DND', to: 'bob' })
    await bob.callUntil('sym_status', {}, (text) => text.includes('not shown unasked: 1 since do not disturb is on'))
    expect(bob.pushes).toEqual([])
    await type('dnd', 'off')
    await bob.waitForPush(({ content }) => content.includes('HELD-BY-DND'))

    expect((await type('mute', 'alice')).out).toMatch(/^Peer [0-9a-f ]{19} is muted now\./)
    await bob.callUntil('sym_status', {}, (text) => /By settings\.json: muted [0-9a-f]{16}/.test(text))
    await alice.call('sym_send', { focus: 'MUTED-WORDS', to: 'bob' })
    await bob.callUntil('sym_status', {}, (text) => text.includes('not shown unasked: 1 since its author is muted'))
    expect((await type('unmute', 'alice')).out).toMatch(/is not muted any more/)
    await bob.waitForPush(({ content }) => content.includes('MUTED-WORDS'))

    await type('mute', 'kind:observation')
    await bob.callUntil('sym_status', {}, (text) => text.includes('muted observation'))
    await alice.call('sym_observe', { focus: 'MUTED-KIND' })
    await alice.call('sym_send', { focus: 'OTHER-KIND', to: 'bob' })
    await bob.waitForPush(({ content }) => content.includes('OTHER-KIND'))
    expect(bob.pushes.some(({ content }) => content.includes('MUTED-KIND'))).toBe(false)
  })

  it('refuse what nobody is, and change nothing then', async () => {
    const { type } = await pair()
    for (const [args, error] of [
      [['mute', 'nobody'], /no peer "nobody" is known here; nothing was changed/],
      [['mute', 'kind:Not A Kind'], /a kind is a word/],
      [['mute', 'group:Bad Group'], /is no group name/],
    ] as const) {
      const ran = await type(...args)
      expect([ran.code, ran.out]).toEqual([1, ''])
      expect(ran.err).toMatch(error)
    }
    expect((await type('mode', 'loud')).code).toBe(2)
    expect((await type('dnd', 'maybe')).code).toBe(2)
    expect(JSON.parse((await type('unmute', 'kind:claim', '--json')).out)).toMatchObject({ list: 'kinds', entry: 'claim' })
  })
})
