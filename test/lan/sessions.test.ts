/** Real sessions on hosts of one LAN: real bundles, real multicast, real cables. Nothing is configured unless a test says so. */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Lab, whyNoLab } from '../support/lan-lab/lab.ts'
import { type ServerProcess, startServer, temporaryHome } from '../support/server.ts'

const why = whyNoLab()
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function lan(hosts: number) {
  const { home, remove } = temporaryHome()
  const lab = new Lab(hosts)
  cleanups.push(remove, () => lab.down())
  const session = async (host: number, name: string, env: Record<string, string> = {}): Promise<ServerProcess> => {
    const own = path.join(home, name)
    mkdirSync(own, { recursive: true })
    const server = await startServer({
      root: path.join(own, 'state'),
      cwd: own,
      env: { SYM_NODE_NAME: name, ...env },
      prefix: lab.prefix(host),
    })
    cleanups.push(() => server.kill())
    return server
  }
  return { lab, session }
}

const here = (server: ServerProcess, peers: number, deadlineMs?: number) =>
  server.callUntil('sym_peers', { here: true }, (text) => text.startsWith(`${peers} here`), deadlineMs)

describe.skipIf(why !== undefined)(`sessions on a LAN${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  it('meet by themselves and hear each other, three of them [R31] [R34]', async () => {
    const { session } = lan(3)
    const [alice, bob, carol] = await Promise.all([session(1, 'alice'), session(2, 'bob'), session(3, 'carol')])
    if (!alice || !bob || !carol) throw new Error('not started')
    await Promise.all([alice, bob, carol].map((server) => here(server, 2)))
    const { text } = await alice.call('sym_observe', { focus: 'the lab is open' })
    expect(text).toMatch(/bob .* (received|surfaced)/)
    expect(text).toMatch(/carol .* (received|surfaced)/)
    for (const server of [bob, carol]) {
      const push = await server.waitForPush(({ content }) => content.includes('| the lab is open'))
      expect(push.meta).toMatchObject({ peer: 'alice', trust: 'member', group: 'default' })
    }
    const peers = await bob.call('sym_peers')
    expect(peers.text.match(/^ {2}alice/gm)).toHaveLength(1) // one peer, though it is seen over IPv4 and IPv6
    expect(peers.text).toMatch(/alice .*here \(lan\)/)
  })

  it('are not of one group: they neither meet nor hear each other [R87]', async () => {
    const { session } = lan(2)
    const [alice, bob, carol] = await Promise.all([
      session(1, 'alice', { SYM_GROUP: 'backend-team' }),
      session(2, 'bob', { SYM_GROUP: 'a-group-with-a-name-longer-than-fifteen' }),
      session(2, 'carol', { SYM_GROUP: 'a-group-with-a-name-longer-than-fifteen' }),
    ])
    if (!alice || !bob || !carol) throw new Error('not started')
    await here(bob, 1)
    expect((await alice.call('sym_observe', { focus: 'only for us' })).text).toMatch(/reached no one/)
    expect((await alice.call('sym_peers')).text).toMatch(/^No peers/)
  })

  it('join, switch and leave groups while they run, and the others see it within seconds [R89] [R91] [R92] [R41]', async () => {
    const { session } = lan(3)
    const [alice, bob, carol] = await Promise.all([
      session(1, 'alice', { SYM_GROUP: 'backend-team' }),
      session(2, 'bob'),
      session(3, 'carol'),
    ])
    if (!alice || !bob || !carol) throw new Error('not started')
    const peers = (server: ServerProcess, count: number) =>
      server.statusUntil((status) => status.peersHere === count, `${count} here`, 20_000)
    await Promise.all([alice, bob, carol].map((server) => server.call('sym_status')))
    await Promise.all([peers(bob, 1), peers(carol, 1)])
    await alice.statusUntil(
      ({ problems }) => problems.some((line) => /Nobody of group backend-team.*"default"/.test(line)),
      'told of the others',
      30_000,
    )
    const nearby = (await alice.call('sym_groups_discover')).text
    expect(nearby).toMatch(/backend-team {2}nobody else here {2}\(current\)\n {2}default {2}2 nodes/)

    expect((await bob.call('sym_join_group', { link: 'sym://group/backend-team' })).text).toMatch(/Joined backend-team .*Left default/)
    await Promise.all([peers(alice, 1), peers(bob, 1), peers(carol, 0)])
    await alice.call('sym_observe', { focus: 'only for the team' })
    await bob.statusUntil(({ inbox }) => inbox.total === 1, 'bob hears the team')
    expect((await carol.status()).inbox.total).toBe(0)

    await carol.ask('join', { group: 'backend-team', keep: true })
    await Promise.all([peers(alice, 2), peers(carol, 2)])
    await bob.ask('join', { group: 'default' })
    await Promise.all([peers(alice, 1), peers(bob, 1), peers(carol, 2)])
    await carol.ask('leave', { group: 'backend-team' })
    await Promise.all([peers(alice, 0), peers(bob, 1), peers(carol, 1)])
  }, 120_000)

  it('lose the cable and get it back: what was said meanwhile arrives once, in order [R32] [R70]', async () => {
    const { lab, session } = lan(2)
    const [alice, bob] = await Promise.all([session(1, 'alice'), session(2, 'bob')])
    await Promise.all([here(alice, 1), here(bob, 1)])
    lab.cut(2)
    await alice.call('sym_send', { focus: 'first while away', to: 'bob' })
    await alice.callUntil('sym_peers', {}, (text) => /bob .*away/.test(text), 30_000)
    expect((await alice.call('sym_send', { focus: 'second while away', to: 'bob' })).text).toMatch(/queued.*away/)
    lab.heal(2)
    await bob.waitForPush(({ content }) => content.includes('second while away'), 45_000)
    const heard = bob.pushes.map(({ content }) => /\| (\w+) while away/.exec(content)?.[1]).filter(Boolean)
    expect(heard).toEqual(['first', 'second'])
    await alice.callUntil('sym_peers', {}, (text) => /bob .*here/.test(text), 30_000)
  }, 120_000)

  it('ask, lose the cable between question and answer, and have the answer when it is back [R62] [R65] [R70]', async () => {
    const { lab, session } = lan(2)
    const [alice, bob] = await Promise.all([session(1, 'alice'), session(2, 'bob')])
    await Promise.all([here(alice, 1), here(bob, 1)])
    const asked = (await alice.call('sym_ask', { to: 'bob', question: 'which branch is deployed?', wait: 0 })).text
    const ticket = /\bm[0-9a-f]{16}\b/.exec(asked)?.[0] ?? ''
    await bob.waitForPush(({ content }) => content.includes('which branch is deployed?'))
    lab.cut(2)
    await bob.callUntil('sym_peers', {}, (text) => /alice .*away/.test(text), 30_000)
    const reply = await bob.call('sym_reply', { id: ticket, answer: 'the release branch' })
    expect(reply.text).toMatch(/alice .*queued/)
    await alice.callUntil('sym_peers', {}, (text) => /bob .*away/.test(text), 30_000)
    expect((await alice.call('sym_ask', { ticket, wait: 0 })).text).not.toContain('release branch')
    // The call waits while the cable is put back.
    const waiting = alice.begin('sym_ask', { ticket, wait: 50 })
    lab.heal(2)
    const first = (await waiting.result).text
    const answer = first.includes('release branch')
      ? first
      : await alice.callUntil('sym_ask', { ticket, wait: 5 }, (text) => text.includes('release branch'), 45_000)
    expect(answer).toMatch(/\| the release branch/)
    const status = (await alice.call('sym_inbox', { all: true })).text
    expect(status.match(/\| the release branch/g) ?? []).toHaveLength(1)
  }, 120_000)

  it('notice a peer that went silent without a word, and find it again [R32]', async () => {
    const { lab, session } = lan(2)
    const [alice, bob] = await Promise.all([session(1, 'alice'), session(2, 'bob')])
    await Promise.all([here(alice, 1), here(bob, 1)])
    lab.silence(2)
    await alice.callUntil('sym_peers', {}, (text) => /bob .*away/.test(text), 30_000)
    lab.unsilence(2)
    await alice.callUntil('sym_peers', {}, (text) => /bob .*here/.test(text), 45_000)
    expect((await bob.call('sym_send', { focus: 'back', to: 'alice' })).text).toMatch(/received|surfaced/)
  }, 120_000)

  it('are told what to do where multicast does not pass, and meet by host:port [R33]', async () => {
    const { lab, session } = lan(2)
    for (const host of [1, 2]) lab.exec(host, 'ip', 'link', 'set', 'eth0', 'multicast', 'off')
    for (const host of [1, 2]) lab.exec(host, 'ip', 'route', 'del', '224.0.0.0/4', 'dev', 'eth0')
    const bob = await session(2, 'bob', { SYM_LISTEN: '0.0.0.0:7342' })
    expect((await bob.call('sym_status')).text).toMatch(/0 here.*multicast.*SYM_PEERS=host:port/)
    const address = /inet (10\.77\.\d+\.2)/.exec(lab.exec(2, 'ip', '-4', 'addr', 'show', 'eth0'))?.[1]
    const alice = await session(1, 'alice', { SYM_PEERS: `${address}:7342` })
    await here(alice, 1)
    await bob.callUntil('sym_peers', {}, (text) => /alice .*here \(lan\)/.test(text))
    expect((await bob.call('sym_send', { focus: 'over the wire', to: 'alice' })).text).toMatch(/received|surfaced/)
  })
})
