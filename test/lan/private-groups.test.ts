/** A private group and two open ones on one LAN: who sees whom, what a listener sees, and what a removed member reads. */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hasTerminal, runCommand } from '../support/cli-run.ts'
import { Lab, whyNoLab } from '../support/lan-lab/lab.ts'
import { type ServerProcess, startServer, temporaryHome } from '../support/server.ts'

const why = whyNoLab() ?? (hasTerminal ? undefined : 'the program "script" is missing')
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function lan(hosts: number) {
  const { home, remove } = temporaryHome()
  const lab = new Lab(hosts)
  cleanups.push(remove, () => lab.down())
  const place = (host: number, name: string) => {
    const own = path.join(home, name)
    mkdirSync(own, { recursive: true })
    return { home: own, root: path.join(own, 'state'), prefix: lab.prefix(host), env: { SYM_NODE_NAME: name } }
  }
  const session = async (host: number, name: string, env: Record<string, string> = {}): Promise<ServerProcess> => {
    const { home: own, root, prefix } = place(host, name)
    const server = await startServer({ root, cwd: own, env: { SYM_NODE_NAME: name, ...env }, prefix })
    cleanups.push(() => server.kill())
    return server
  }
  const command = (host: number, name: string, args: readonly string[], typed?: readonly string[]) =>
    runCommand(place(host, name), '.', args, typed)
  return { lab, session, command }
}

/** All multicast packets of a host as text, until the test ends. */
function listener(lab: Lab, host: number): () => string {
  const script = `
    const dgram = require('node:dgram')
    const os = require('node:os')
    const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true })
    socket.on('message', (bytes) => process.stdout.write(bytes.toString('latin1') + '\\n'))
    socket.bind(5353, () => {
      for (const list of Object.values(os.networkInterfaces())) for (const one of list) if (one.family === 'IPv4' && !one.internal) socket.addMembership('224.0.0.251', one.address)
    })`
  const [command = '', ...words] = [...lab.prefix(host), process.execPath, '-e', script]
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  cleanups.push(() => child.kill('SIGKILL'))
  let heard = ''
  child.stdout.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
  return () => heard
}

const here = (server: ServerProcess, peers: number, deadlineMs = 30_000) =>
  server.callUntil('sym_peers', { here: true }, (text) => text.startsWith(`${peers} here`), deadlineMs)

describe.skipIf(why !== undefined)(`private groups on a LAN${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  it('meet by themselves, are not seen by open groups nor by a listener, and a removed member reads nothing new [R92] [R96] [C9]', async () => {
    const { lab, session, command } = lan(4)
    const heard = listener(lab, 4)
    const [alice, bob, carol] = await Promise.all([session(1, 'alice'), session(2, 'bob'), session(3, 'carol')])
    const outsiders = await Promise.all([session(4, 'dave', { SYM_GROUP: 'frontend' }), session(4, 'eve', { SYM_GROUP: 'ops' })])
    const invite = await command(1, 'alice', ['invite', 'secret-plans', '--private', '--uses', '2', '--yes'])
    expect(invite.err).toContain('secret-plans')
    const link = invite.out.trim()
    for (const [host, name] of [
      [2, 'bob'],
      [3, 'carol'],
    ] as const) {
      const joined = await command(host, name, ['join', link, '--yes'])
      expect(joined).toMatchObject({ code: 0, out: expect.stringContaining('In group secret-plans:') })
    }
    await Promise.all([alice, bob, carol].map((server) => here(server, 2)))
    const { text: sent } = await alice.call('sym_observe', { focus: 'only members read this' })
    for (const name of ['bob', 'carol']) expect(sent).toMatch(new RegExp(`${name} .*(sent|received|surfaced)`))
    await alice.statusUntil(({ outbox }) => outbox.waiting === 0, 'both have it', 30_000)
    for (const server of outsiders) expect((await server.call('sym_peers')).text).toMatch(/^No peers/)

    const removed = await command(1, 'alice', ['remove', 'carol'], ['y'])
    expect(removed.out).toContain('is out of secret-plans')
    await Promise.all([here(alice, 1), here(bob, 1)])
    expect((await bob.call('sym_observe', { focus: 'carol reads this no more' })).text).toMatch(/alice .*(received|surfaced)/)
    await carol.callUntil('sym_status', {}, (text) => /removed you/.test(text), 30_000)
    expect((await carol.call('sym_inbox', { all: true })).text).not.toContain('no more')

    expect(heard()).toContain('_sym')
    expect(heard()).not.toMatch(/secret-plans/)
    // Its records name neither a session nor its key; those of its members in open groups are gone by then.
    const hidden = heard().match(/p[0-9a-f]{32}/g) ?? []
    expect(new Set(hidden).size).toBeGreaterThanOrEqual(3)
  }, 180_000)
})
