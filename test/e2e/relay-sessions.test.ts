/** Sessions that share nothing but a relay: each has a home of its own and listens on loopback alone. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Forwarder, PublishedRelay } from '../support/other-relays.ts'
import { OTHER_TOKEN, type RelayProcess, Relays, StockClient, TOKEN } from '../support/relay.ts'
import type { ServerProcess } from '../support/server.ts'
import { FAST, type Home, inboxOf, met, Sessions, seeded } from '../support/sessions.ts'

const relays = new Relays()
const sessions = new Sessions()
let relay: RelayProcess

beforeAll(async () => {
  relay = await relays.start()
})
afterEach(() => sessions.end())
afterAll(() => relays.end())

const at = (url: string, token = TOKEN) => ({ SYM_RELAY_URL: url, SYM_RELAY_TOKEN: token })

async function session(
  name: string,
  env: Record<string, string> = at(relay.url),
  home: Home = sessions.home({ rates: FAST }),
): Promise<ServerProcess> {
  return sessions.start(home, name, { env: { SYM_NODE_NAME: name, ...env } })
}

const focuses = async (server: ServerProcess): Promise<readonly string[]> => (await inboxOf(server)).map(({ focus }) => focus)

describe('two sessions with nothing but a relay between them', () => {
  it('meet, talk and get receipts [R106]', async () => {
    const [ann, ben] = [await session('ann'), await session('ben')]
    await met(ann, ben)
    const { text } = await ann.call('sym_send', { to: 'ben', focus: 'over the relay' })
    expect(text).toMatch(/ben .* (received|surfaced)/)
    expect(await focuses(ben)).toEqual(['over the relay'])
    expect((await ben.call('sym_peers')).text).toMatch(/ann .*here \(relay\)/)
    expect((await ben.call('sym_status')).text).toMatch(/Relay: 127\.0\.0\.1:\d+, connected, 1 others there/)
  })

  it('with different tokens, or in different groups, do not meet [R103]', async () => {
    const ann = await session('ann')
    const ben = await session('ben', at(relay.url, OTHER_TOKEN))
    const cay = await session('cay', { ...at(relay.url), SYM_GROUP: 'another-group' })
    const dan = await session('dan')
    await ann.statusUntil(({ peersHere }) => peersHere === 1, 'dan is here')
    for (const server of [ben, cay]) expect((await server.status()).peersKnown).toBe(0)
    expect((await dan.status()).peersKnown).toBe(1)
  })

  it('go on when it is killed and comes back: all that was said arrives once, in order [R107] [R113]', async () => {
    const state = relays.folder()
    let own = await relays.start({ state })
    const [ann, ben] = [await session('ann', at(own.url)), await session('ben', at(own.url))]
    await met(ann, ben)
    const random = seeded(11)
    const total = 120
    for (let n = 0; n < total; n++) {
      await ann.ask('send', { fields: { focus: `m${n}` }, to: 'ben', tags: ['message'] })
      if (random() > 0.03) continue
      await own.kill()
      own = await relays.start({ state, port: own.port })
    }
    await ann.statusUntil(({ outbox }) => outbox.waiting === 0, 'all is received', 90_000)
    expect([...(await focuses(ben))].sort()).toEqual(Array.from({ length: total }, (_, n) => `m${n}`).sort())
    await own.kill()
  }, 180_000)

  it('use a better path when there is one, are one peer on both, and lose nothing with either [R106]', async () => {
    const own = await relays.start()
    const ann = await session('ann', at(own.url))
    const ben = await session('ben', { ...at(own.url), SYM_PEERS: `127.0.0.1:${await ann.port()}` })
    await met(ann, ben)
    await ben.callUntil('sym_peers', {}, (text) => /ann .*here \(lan\)/.test(text))
    await ann.call('sym_send', { to: 'ben', focus: 'on both' })
    expect((await ben.status()).peersKnown).toBe(1)
    const before = (await own.metrics()).get('messages_total') ?? 0
    for (let n = 0; n < 10; n++) await ann.call('sym_send', { to: 'ben', focus: `direct ${n}` })
    // What there is of traffic at the relay are pings of a link that is not used.
    expect(((await own.metrics()).get('messages_total') ?? 0) - before).toBeLessThan(5)
    await own.kill()
    const { text } = await ann.call('sym_send', { to: 'ben', focus: 'without it' })
    expect(text).toMatch(/ben .* (received|surfaced)/)
    expect(await focuses(ben)).toEqual(['on both', ...Array.from({ length: 10 }, (_, n) => `direct ${n}`), 'without it'])
  })

  it('begin anew at once when one of them is killed and starts again', async () => {
    const home = sessions.home({ rates: FAST })
    const [ann, ben] = [await session('ann'), await session('ben', at(relay.url), home)]
    await met(ann, ben)
    await ben.kill()
    await ann.statusUntil(({ peersHere }) => peersHere === 0, 'ben is away')
    expect((await ann.call('sym_send', { to: 'ben', focus: 'while away' })).text).toMatch(/queued/)
    const again = await session('ben', at(relay.url), home)
    await met(ann, again)
    await again.statusUntil(({ inbox }) => inbox.total === 1, 'it arrived')
  })
})

describe('what the relay sees', () => {
  it('is no word, no name and no group of a message, on the wire and on its disk [R104] [A7]', async () => {
    const tap = await Forwarder.to(relay.url)
    relays.onEnd(() => tap.close())
    const [ann, ben] = [await session('canary-ann', at(tap.url)), await session('canary-ben', at(tap.url))]
    await met(ann, ben)
    await ann.call('sym_send', { to: 'canary-ben', focus: 'canary-focus', body: 'canary-body' })
    await ben.call('sym_observe', { focus: 'canary-observation', mood: 'canary-mood' })
    await ann.statusUntil(({ inbox }) => inbox.total === 1, 'the observation')
    const seen = tap.seen.join('\n')
    expect(seen).toContain('mesh-opaque-v1-frame')
    expect(seen).not.toContain('canary')
    const files = readdirSync(relay.state, { withFileTypes: true }).filter((entry) => entry.isFile())
    const disk = files.map(({ name }) => readFileSync(path.join(relay.state, name)).toString('latin1'))
    expect(disk.join('\n')).not.toContain('canary')
  })

  it('cannot be changed, doubled, or swapped: the link ends and the words arrive once [B12] [B19]', async () => {
    const seen = { frames: 0, spoilt: 0, doubled: 0 }
    const tap = await Forwarder.to(relay.url, (text) => {
      // Every tenth sealed frame is spoilt, every seventh sent twice.
      if (!text.includes('mesh-opaque-v1-frame')) return [text]
      seen.frames++
      const [isSpoilt, isDoubled] = [seen.frames % 10 === 9, seen.frames % 7 === 6]
      if (isSpoilt) seen.spoilt++
      else if (isDoubled) seen.doubled++
      const sent = isSpoilt ? text.replace(/"sealed":"..../, '"sealed":"AAAA') : text
      return isDoubled && !isSpoilt ? [sent, sent] : [sent]
    })
    relays.onEnd(() => tap.close())
    const [ann, ben] = [await session('ann', at(tap.url)), await session('ben', at(tap.url))]
    await met(ann, ben)
    // Where the link has ended the words go on as mail, so how many frames it carries is not ours to say.
    const words: string[] = []
    while (words.length < 9 || (seen.spoilt + seen.doubled === 0 && words.length < 25)) {
      words.push(`m${words.length}`)
      await ann.call('sym_send', { to: 'ben', focus: words.at(-1) })
    }
    await ann.statusUntil(({ outbox }) => outbox.waiting === 0, 'all is received', 90_000)
    expect([...(await focuses(ben))].sort()).toEqual([...words].sort())
    expect(seen.spoilt + seen.doubled).toBeGreaterThan(0)
  }, 180_000)
})

describe('a relay of another make', () => {
  it('that knows only the published protocol carries our sessions too', async () => {
    const other = await PublishedRelay.start(TOKEN)
    relays.onEnd(() => other.close())
    const [ann, ben] = [await session('ann', at(other.url)), await session('ben', at(other.url))]
    await met(ann, ben)
    expect((await ann.call('sym_send', { to: 'ben', focus: 'over another relay' })).text).toMatch(/ben .* (received|surfaced)/)
    expect((await ann.call('sym_status')).text).toContain('it keeps no mail')
  })

  it('that says that we were replaced is obeyed: no new attempt, the session lives, one command tries again', async () => {
    const other = await PublishedRelay.start(TOKEN)
    relays.onEnd(() => other.close())
    const ann = await session('ann', at(other.url))
    await ann.statusUntil(({ relays: [one] }) => one?.state === 'in', 'connected')
    other.closeAll(4004)
    await ann.statusUntil(({ relays: [one] }) => one?.state === 'stopped', 'given up')
    expect((await ann.call('sym_status')).text).toMatch(/another connection holds the id of this node.*reconnect/)
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(other.accepted).toBe(1)
    await ann.ask('reconnect')
    await ann.statusUntil(({ relays: [one] }) => one?.state === 'in', 'connected again')
  })

  it('that sends nonsense ends nothing [A2] [A15]', async () => {
    const other = await PublishedRelay.start(TOKEN)
    relays.onEnd(() => other.close())
    const [ann, ben] = [await session('ann', at(other.url)), await session('ben', at(other.url))]
    await met(ann, ben)
    const nodeId = (await ben.status()).nodeId
    const payloads = [
      'null',
      '7',
      '[]',
      '{"type":"message","content":7}',
      '{"type":"mood","mood":{}}',
      '{"type":"peer-info","peers":[null]}',
    ]
    const links = ['{"type":"mesh-link-v1","link":"AAAAAAAAAAAAAAAA","frame":{"type":"client-hello"}}', '{"type":"mesh-link-v1","link":7}']
    const forged = '{"type":"cmb","timestamp":1,"cmb":{"categories":{},"metadata":{}}}'
    other.say('null', '[]', '{"type":7}', '{"type":"relay-peers","peers":7}', '{"type":"relay-mail","id":"x","sealed":"AAAA"}')
    for (const payload of [...payloads, ...links, forged]) other.say(`{"from":"${nodeId}","fromName":"ben","payload":${payload}}`)
    expect((await ann.call('sym_send', { to: 'ben', focus: 'still here' })).text).toMatch(/ben .* (received|surfaced)/)
    const { counters } = await ann.status()
    expect(Object.keys(counters).filter((name) => name.startsWith('bug-'))).toEqual([])
    expect(await focuses(ann)).toEqual([])
  })
})

describe('sym_status', () => {
  const problem = async (env: Record<string, string>, words: RegExp): Promise<void> => {
    const server = await session('ann', env)
    await server.callUntil('sym_status', {}, (text) => words.test(text), 30_000)
  }

  it('tells a wrong token, and asks no more [R111]', () =>
    problem(at(relay.url, 'not-the-token-of-it'), /refuses the token; check SYM_RELAY_TOKEN.*reconnect/))
  it('tells that nothing listens [R111]', () => problem(at('ws://127.0.0.1:9'), /nothing listens there.*tried again by itself/))
  it('tells a name that does not resolve [R111]', () => problem(at('wss://relay.invalid'), /its name cannot be resolved/))

  it('tells what is no relay, and what does not answer [R111]', async () => {
    const page = http.createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
    const silent = net.createServer(() => {}).listen(0, '127.0.0.1')
    relays.onEnd(() => [page.close(), silent.close()])
    await Promise.all([page, silent].map((server) => server.listening || new Promise((resolve) => server.once('listening', resolve))))
    const portOf = (server: net.Server): number => Number(Object(server.address()).port)
    await problem(at(`ws://127.0.0.1:${portOf(page)}`), /no relay, or a proxy/)
    await problem(at(`ws://127.0.0.1:${portOf(silent)}`), /does not answer|cannot be reached/)
  })

  it('tells a certificate that is not accepted [R111]', async () => {
    const folder = relays.folder()
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
    execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
    const own = await relays.start({ args: ['--cert', cert, '--key', key] })
    const url = own.url.replace('127.0.0.1', 'localhost')
    await problem(at(url), /TLS certificate is not accepted/)
    const trusting = await session('ben', { ...at(url), NODE_EXTRA_CA_CERTS: cert })
    await trusting.statusUntil(({ relays: [one] }) => one?.state === 'in', 'connected over TLS')
    await own.kill()
  })

  it('never shows the token, and a relay that may not be is a setting that is wrong [B8] [R172]', async () => {
    const server = await session('ann')
    await server.statusUntil(({ relays: [one] }) => one?.state === 'in', 'connected')
    expect(`${JSON.stringify(await server.status())}${(await server.call('sym_status')).text}`).not.toContain(TOKEN)
    for (const url of ['ws://relay.example', 'https://relay.example', 'wss://user:secret-word@relay.example']) {
      const { text } = await (await session('ben', at(url))).call('sym_status')
      expect(text).toContain('SYM_RELAY_URL')
      expect(text).not.toContain('secret-word')
    }
  })

  it('takes the relay of the plugin option, and of settings.json [R9] [R172]', async () => {
    const option = await session('ann', { CLAUDE_PLUGIN_OPTION_RELAY_URL: relay.url, CLAUDE_PLUGIN_OPTION_RELAY_TOKEN: TOKEN })
    const file = await session('ben', {}, sessions.home({ rates: FAST, relay: { url: relay.url, token: TOKEN } }))
    await met(option, file)
    expect((await option.call('sym_status')).text).toContain('relay from plugin option relay_url')
  })
})

describe('a node of another kind at our relay', () => {
  it('sees no session of ours, reaches none, and disturbs nobody', async () => {
    const stock = await StockClient.join(relay.url, '018f47a0-7b21-7abc-8def-000000000101', 'stock')
    const other = await StockClient.join(relay.url, '018f47a0-7b21-7abc-8def-000000000102', 'other')
    const [ann, ben] = [await session('ann'), await session('ben')]
    await met(ann, ben)
    for (const to of [(await ann.status()).nodeId, undefined])
      stock.send({ to, payload: { type: 'handshake', nodeId: '018f47a0-7b21-7abc-8def-000000000101', name: 'stock', version: '0.2.3' } })
    expect((await ann.call('sym_send', { to: 'ben', focus: 'not for it' })).text).toMatch(/ben .* (received|surfaced)/)
    expect((await other.next(({ from }) => from !== undefined)).from).toBe('018f47a0-7b21-7abc-8def-000000000101')
    await stock.settled()
    expect(stock.seen.map(({ type }) => type)).toEqual(['relay-peers', 'relay-peer-joined', 'relay-pong'])
    await Promise.all([stock.end(), other.end()])
  })
})

describe('groups at one relay, with one token', () => {
  it('do not see each other there, follow a change of the group, and their names pass through no relay [R103] [R104]', async () => {
    const tap = await Forwarder.to(relay.url)
    relays.onEnd(() => tap.close())
    const [ann, ben, cay] = [
      await session('ann', { ...at(tap.url), SYM_GROUP: 'canary-one' }),
      await session('ben', { ...at(tap.url), SYM_GROUP: 'canary-two' }),
      await session('cay', { ...at(tap.url), SYM_GROUP: 'canary-one' }),
    ]
    await met(ann, cay)
    const othersOf = async (server: ServerProcess) => (await server.status()).relays.map(({ peers }) => peers)
    expect([await othersOf(ann), await othersOf(ben), await othersOf(cay)]).toEqual([[1], [0], [1]])
    await cay.ask('join', { group: 'canary-two' })
    await met(ben, cay)
    await ann.statusUntil(({ peersHere, relays: [one] }) => peersHere === 0 && one?.peers === 0, 'cay is gone from there')
    expect(tap.seen.join('\n')).toContain('client-hello')
    expect(tap.seen.join('\n')).not.toContain('canary')
  })
})
