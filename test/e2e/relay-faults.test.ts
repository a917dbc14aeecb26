/** Sessions and a relay with a bad network between them: what was acknowledged arrives once, nobody ends, and nobody is told what is not so. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FaultProxy, type Faults } from '../support/fault-proxy.ts'
import { type RelayProcess, Relays, TOKEN } from '../support/relay.ts'
import type { ServerProcess } from '../support/server.ts'
import { FAST, inboxOf, met, Sessions, seeded } from '../support/sessions.ts'

const relays = new Relays()
const sessions = new Sessions()
let relay: RelayProcess
let proxy: FaultProxy

beforeEach(async () => {
  relay = await relays.start()
  proxy = await FaultProxy.to(relay.url)
  relays.onEnd(() => proxy.close())
})
afterEach(async () => {
  await sessions.end()
  await relays.end()
})

function session(name: string, url = proxy.url): Promise<ServerProcess> {
  const env = { SYM_NODE_NAME: name, SYM_RELAY_URL: url, SYM_RELAY_TOKEN: TOKEN }
  return sessions.start(sessions.home({ rates: FAST }), name, { env })
}

const focuses = async (server: ServerProcess): Promise<readonly string[]> => (await inboxOf(server)).map(({ focus }) => focus).sort()

/** All that were sent, and no session nor the relay has met a fault of its own. */
async function allArrived(sent: readonly string[], from: ServerProcess, to: ServerProcess): Promise<void> {
  await from.statusUntil(({ outbox }) => outbox.waiting === 0, 'all is received', 90_000)
  expect(await focuses(to)).toEqual([...sent].sort())
  for (const server of [from, to]) {
    expect(server.child.exitCode).toBeNull()
    expect(Object.keys((await server.status()).counters).filter((name) => name.startsWith('bug-'))).toEqual([])
  }
  expect(relay.child.exitCode).toBeNull()
  expect((await relay.metrics()).get('bugs_total')).toBe(0)
}

/** What the sender is told while it is sent is never more than what is so: who says received has it. */
async function say(server: ServerProcess, to: ServerProcess, name: string, focus: string): Promise<void> {
  const { text, isError } = await server.call('sym_send', { to: name, focus, body: 'x'.repeat(200) })
  expect(isError, text).toBe(false)
  if (/ (received|surfaced)/.test(text)) expect(await focuses(to)).toContain(focus)
  else expect(text).toMatch(/queued|sent/)
}

const random = seeded(23)
const FAULTS: readonly (readonly [name: string, messages: number, Faults])[] = [
  ['is slow to answer', 10, { delayMs: () => 120 }],
  ['lets connections overtake each other', 15, { delayMs: () => random() * 200 }],
  ['passes single bytes and pieces', 25, { pieceBytes: () => 1 + Math.floor(random() * 40) }],
  ['carries 20 KB a second', 10, { bytesPerSecond: 20_000, pieceBytes: () => 500 }],
  ['loses a message now and then', 60, { loses: () => random() < 0.04 }],
]

describe('a network that', () => {
  it.each(FAULTS)('%s does not make us lose or double a word [R106] [R107]', async (_name, messages, faults) => {
    const [ann, ben] = [await session('ann'), await session('ben')]
    await met(ann, ben)
    proxy.faults = faults
    const sent = Array.from({ length: messages }, (_, n) => `m${n}`)
    for (const focus of sent) await say(ann, ben, 'ben', focus)
    proxy.faults = {}
    if (faults.loses) expect(proxy.lost).toBeGreaterThan(0)
    await allArrived(sent, ann, ben)
  })

  it('cuts every connection again and again does not either, and the sessions come back [R107]', async () => {
    const [ann, ben] = [await session('ann'), await session('ben')]
    await met(ann, ben)
    const sent = Array.from({ length: 60 }, (_, n) => `m${n}`)
    for (const [n, focus] of sent.entries()) {
      if (n % 12 === 5) proxy.cut()
      await say(ann, ben, 'ben', focus)
    }
    await allArrived(sent, ann, ben)
    expect(proxy.accepted).toBeGreaterThan(2)
  })

  it('goes silent without a word is noticed at both ends; what was said meanwhile arrives [R107] [R71]', async () => {
    const [ann, ben] = [await session('ann', relay.url), await session('ben')]
    await met(ann, ben)
    await ann.callUntil('sym_peers', {}, (text) => text.includes('ben'))
    proxy.freeze()
    const sent = ['into the silence', 'a second time']
    for (const focus of sent) {
      const { text } = await ann.call('sym_send', { to: 'ben', focus })
      // Nobody knows yet; it is on our disk, and nobody says that it arrived.
      expect(text).toMatch(/ben .*(queued|sent)/)
      expect(text).not.toMatch(/received|surfaced/)
    }
    await ann.statusUntil(({ peersHere }) => peersHere === 0, 'the relay says that ben is gone', 60_000)
    expect((await ann.call('sym_send', { to: 'ben', focus: 'while away' })).text).toMatch(/ben .*queued/)
    await ben.statusUntil(({ relays: [one] }) => one?.state !== 'in', 'ben knows that its relay is silent', 120_000)
    expect((await ben.call('sym_status')).text).toMatch(/Relay .*: it does not answer\. It is tried again by itself/)
    await met(ann, ben)
    await allArrived([...sent, 'while away'], ann, ben)
  }, 240_000)
})
