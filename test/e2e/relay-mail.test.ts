/** Mail for those who are away: two sessions that are never up at the same time once they have met. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Forwarder, PublishedRelay } from '../support/other-relays.ts'
import { type RelayProcess, Relays, TOKEN } from '../support/relay.ts'
import type { ServerProcess } from '../support/server.ts'
import { FAST, type Home, inboxOf, met, Sessions, seeded } from '../support/sessions.ts'

const relays = new Relays()
const sessions = new Sessions()
let relay: RelayProcess
let homes: { ann: Home; ben: Home }

beforeEach(async () => {
  relay = await relays.start()
  homes = { ann: sessions.home({ rates: FAST }), ben: sessions.home({ rates: FAST }) }
})
afterEach(() => sessions.end())
afterAll(() => relays.end())

function session(name: 'ann' | 'ben', url = relay.url): Promise<ServerProcess> {
  return sessions.start(homes[name], name, { env: { SYM_NODE_NAME: name, SYM_RELAY_URL: url, SYM_RELAY_TOKEN: TOKEN } })
}

const focuses = async (server: ServerProcess): Promise<readonly string[]> => (await inboxOf(server)).map(({ focus }) => focus)

/** They meet, and then ben goes. */
async function apart(url = relay.url): Promise<ServerProcess> {
  const [ann, ben] = [await session('ann', url), await session('ben', url)]
  await met(ann, ben)
  await ann.callUntil('sym_peers', {}, (text) => text.includes('ben'))
  await ben.kill()
  await ann.statusUntil(({ peersHere }) => peersHere === 0, 'ben is away')
  return ann
}

describe('a message to somebody who is away', () => {
  it('waits at the relay, arrives without its author, and the receipt travels back the same way [R71] [R69]', async () => {
    const ann = await apart()
    const { text } = await ann.call('sym_send', { to: 'ben', focus: 'for when you are back', body: 'all of it' })
    expect(text).toMatch(/ben .*queued - waits at the relay/)
    await ann.kill()
    const ben = await session('ben')
    await ben.statusUntil(({ inbox }) => inbox.total === 1, 'it arrived')
    expect(await focuses(ben)).toEqual(['for when you are back'])
    await ben.callUntil('sym_inbox', {}, (inbox) => inbox.includes('for when you are back'))
    // Its own receipt lies at the relay; then it goes too.
    await until(async () => ((await relay.metrics()).get('queue_items') ?? 0) >= 1)
    await ben.kill()
    const again = await session('ann')
    await again.statusUntil(({ outbox }) => outbox.waiting === 0, 'the receipt came')
    await until(async () => ((await relay.metrics()).get('queue_items') ?? 0) === 0)
  })

  it('to the group does the same for each member', async () => {
    const ann = await apart()
    expect((await ann.call('sym_observe', { focus: 'for the group' })).text).toMatch(/ben .*queued - waits at the relay/)
    await ann.kill()
    const ben = await session('ben')
    await ben.statusUntil(({ inbox }) => inbox.total === 1, 'it arrived')
  })

  it('said while the relay was away is left there when it comes back', async () => {
    const ann = await apart()
    await relay.kill()
    await ann.statusUntil(({ relays: [one] }) => one?.state !== 'in', 'the relay is away')
    expect((await ann.call('sym_send', { to: 'ben', focus: 'later' })).text).toMatch(/ben .*queued - away/)
    relay = await relays.start({ state: relay.state, port: relay.port })
    await until(async () => ((await relay.metrics()).get('queue_items') ?? 0) === 1)
    await ann.kill()
    const ben = await session('ben')
    await ben.statusUntil(({ inbox }) => inbox.total === 1, 'it arrived')
  })

  it('arrives once though it comes twice, by the relay and by a link [R106]', async () => {
    const ann = await apart()
    for (let n = 0; n < 5; n++) await ann.call('sym_send', { to: 'ben', focus: `m${n}` })
    const ben = await session('ben')
    await met(ann, ben)
    await ann.statusUntil(({ outbox }) => outbox.waiting === 0, 'all is received')
    await until(async () => ((await relay.metrics()).get('queue_items') ?? 0) === 0)
    expect([...(await focuses(ben))].sort()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4'])
  })

  it('is told when the relay keeps no more, and arrives all the same when both are here', async () => {
    await relay.kill()
    relay = await relays.start({ args: ['--limit', 'queueItems=2'] })
    const ann = await apart()
    const answers: string[] = []
    for (let n = 0; n < 4; n++) answers.push((await ann.call('sym_send', { to: 'ben', focus: `m${n}` })).text)
    expect(answers.map((text) => /queued - (\S+ \S+ \S+)/.exec(text)?.[1])).toEqual([
      'waits at the',
      'waits at the',
      'the relay keeps',
      'away; sent when',
    ])
    const ben = await session('ben')
    await ann.statusUntil(({ outbox }) => outbox.waiting === 0, 'all is received')
    expect([...(await focuses(ben))].sort()).toEqual(['m0', 'm1', 'm2', 'm3'])
  })

  it('is neither lost nor doubled when relay and sessions are killed at random [R113] [B5]', async () => {
    const random = seeded(7)
    let ann = await apart()
    const sent: string[] = []
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 8; n++) {
        const { text } = await ann.call('sym_send', { to: 'ben', focus: `r${round}-${n}` })
        expect(text).toMatch(/queued|received|surfaced|sent/)
        sent.push(`r${round}-${n}`)
      }
      if (random() < 0.6) {
        await relay.kill()
        relay = await relays.start({ state: relay.state, port: relay.port })
      }
      await ann.kill()
      const ben = await session('ben')
      await new Promise((resolve) => setTimeout(resolve, 500 * random()))
      await ben.kill()
      ann = await session('ann')
    }
    const ben = await session('ben')
    await ann.statusUntil(({ outbox }) => outbox.waiting === 0, 'all is received', 90_000)
    expect([...(await focuses(ben))].sort()).toEqual(sent.sort())
  }, 240_000)
})

describe('a relay that claims to keep mail, and says nothing or sends what nobody wrote', () => {
  const limits = Object.fromEntries(
    ['messageBytes', 'messagesPerSecond', 'bytesPerSecond', 'itemBytes', 'queueItems', 'queueBytes', 'pairItems', 'ttlMs'].map((name) => [
      name,
      1e6,
    ]),
  )

  it('holds up nobody and ends nothing: the original waits here, and goes by the next link [A15]', async () => {
    const other = await PublishedRelay.start(TOKEN, limits)
    relays.onEnd(() => other.close())
    const ann = await apart(other.url)
    // A call is given half the time that is allowed for the relay's answer.
    expect((await ann.call('sym_send', { to: 'ben', focus: 'never stored' })).text).toMatch(/ben .*queued - away/)
    const big = Buffer.alloc(400_000, 1).toString('base64url')
    for (const sealed of ['AQAA', Buffer.alloc(300, 1).toString('base64url'), big])
      other.say(JSON.stringify({ type: 'relay-mail', id: 'x', sealed }))
    const fits = ({ counters }: { counters: Readonly<Record<string, number>> }) =>
      counters['mail-unopened'] === 2 && counters['mail-too-large'] === 1
    await ann.statusUntil(fits, 'all three are dropped')
    const ben = await session('ben', other.url)
    await ann.statusUntil(({ outbox }) => outbox.waiting === 0, 'it was received by the link')
    expect(await focuses(ben)).toEqual(['never stored'])
  })
})

describe('what the relay keeps', () => {
  it('shows no word, no name, no group and no sender, on the wire and on its disk [R104]', async () => {
    const tap = await Forwarder.to(relay.url)
    relays.onEnd(() => tap.close())
    const ann = await apart(tap.url)
    const { nodeId, fingerprint } = await ann.status()
    tap.seen.length = 0
    await ann.call('sym_send', { to: 'ben', focus: 'canary-focus', body: 'canary-body' })
    const put = tap.seen.find((text) => text.includes('relay-put')) ?? ''
    expect(put).not.toBe('')
    for (const word of ['canary', nodeId, fingerprint, 'ann', 'default']) expect(put).not.toContain(word)
    const sealed = Buffer.from(JSON.parse(put).sealed, 'base64url')
    for (const word of ['canary', nodeId, fingerprint, 'default', 'cmb']) expect(sealed.includes(word)).toBe(false)
    await relay.kill('SIGTERM')
    const files = readdirSync(relay.state, { withFileTypes: true }).filter((entry) => entry.isFile())
    const disk = Buffer.concat(files.map(({ name }) => readFileSync(path.join(relay.state, name))))
    // A long item is cut into pages.
    expect(disk.includes(sealed.subarray(0, 64))).toBe(true)
    for (const word of ['canary', TOKEN]) expect(disk.includes(word)).toBe(false)
  })

  it('cannot be changed, repeated, or given to another: nothing of it arrives twice or wrongly [B12]', async () => {
    let kept = ''
    const tap = await Forwarder.to(relay.url, (text) => {
      if (text.includes('relay-put')) kept = text
      return [text]
    })
    relays.onEnd(() => tap.close())
    const ann = await apart(tap.url)
    await ann.call('sym_send', { to: 'ben', focus: 'once' })
    // The same again under other ids, spoilt, and to its own author.
    const item = JSON.parse(kept)
    const spoilt = `${item.sealed.slice(0, -8)}AAAAAAAA`
    for (const [id, changes] of Object.entries({ again: {}, spoilt: { sealed: spoilt }, back: { to: (await ann.status()).fingerprint } })) {
      tap.toRelay(JSON.stringify({ ...item, id, ...changes }))
    }
    await ann.statusUntil(({ counters }) => (counters['mail-unopened'] ?? 0) === 1, 'its own mail came back and did not open')
    await ann.kill()
    const ben = await session('ben')
    await ben.statusUntil(
      ({ counters }) => (counters['mail-unopened'] ?? 0) === 1 && (counters['mail-seen'] ?? 0) === 1,
      'the others are dropped',
    )
    expect(await focuses(ben)).toEqual(['once'])
    await until(async () => ((await relay.metrics()).get('queue_items') ?? 0) <= 2)
  })
})

/** Asks again until it holds; the test's own deadline ends it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50))
}
