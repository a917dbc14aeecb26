/** Why a session is not at its relay: each close code and each way to fail has its own sentence and its own next step, and ends nothing else. */
import { cpSync } from 'node:fs'
import net from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { RELAY_CLOSE } from '../../server/src/mmp/relay-frames.ts'
import { bob } from '../support/mesh.ts'
import { PublishedRelay } from '../support/other-relays.ts'
import { ProvenClient, type RelayProcess, Relays, StockClient, TOKEN } from '../support/relay.ts'
import type { ServerProcess } from '../support/server.ts'
import { FAST, type Home, Sessions } from '../support/sessions.ts'

const relays = new Relays()
const sessions = new Sessions()
let relay: RelayProcess

beforeAll(async () => {
  relay = await relays.start()
})
afterEach(() => sessions.end())
afterAll(() => relays.end())

async function session(name: string, url: string | undefined, home: Home = sessions.home({ rates: FAST })): Promise<ServerProcess> {
  const at = url === undefined ? {} : { SYM_RELAY_URL: url, SYM_RELAY_TOKEN: TOKEN }
  return sessions.start(home, name, { env: { SYM_NODE_NAME: name, ...at } })
}

const isIn = (server: ServerProcess) => server.statusUntil(({ relays: [one] }) => one?.state === 'in', 'connected', 60_000)
const told = (server: ServerProcess, words: RegExp) => server.callUntil('sym_status', {}, (text) => words.test(text), 60_000)

const AGAIN = 'It is tried again by itself'
const STOPS = '"sym-mesh-channel reconnect" tries it again'
const CODES: readonly (readonly [name: keyof typeof RELAY_CLOSE, sentence: string, next: string])[] = [
  ['shutdown', 'the connection ended', AGAIN],
  ['tooLarge', 'the connection ended', AGAIN],
  ['internal', 'the connection ended', AGAIN],
  ['authTimeout', 'it does not answer', AGAIN],
  ['authInvalid', 'it does not accept how this node authenticates', STOPS],
  ['tokenInvalid', 'it refuses the token; check SYM_RELAY_TOKEN', STOPS],
  ['replaced', 'another connection holds the id of this node', STOPS],
  ['heartbeat', 'the connection ended', AGAIN],
  ['duplicate', 'another connection holds the id of this node', STOPS],
  ['proofInvalid', 'it does not accept how this node authenticates', STOPS],
  ['overLimit', 'it is over a limit', AGAIN],
  ['superseded', 'the key of this node is connected from elsewhere; one of the two should end', AGAIN],
  ['idTaken', 'another key owns the id of this node there; ask who runs it', STOPS],
]

describe('a close code', () => {
  it('of each kind is told by sym_status with its next step; who is to stop stops, and the session lives on [R108] [R111]', async () => {
    expect(CODES.map(([name]) => name)).toEqual(Object.keys(RELAY_CLOSE))
    const other = await PublishedRelay.start(TOKEN)
    relays.onEnd(() => other.close())
    const ann = await session('ann', other.url)
    const ben = await sessions.start(sessions.home({ rates: FAST }), 'ben', { env: { SYM_PEERS: `127.0.0.1:${await ann.port()}` } })
    await ben.statusUntil(({ peersHere }) => peersHere === 1, 'they meet without the relay')
    for (const [name, sentence, next] of CODES) {
      await isIn(ann)
      const { accepted } = other
      other.closeAll(RELAY_CLOSE[name])
      const { relays: health, problems } = await ann.statusUntil(({ relays: [one] }) => one?.state !== 'in', `${name} is noticed`)
      expect(problems.join('\n'), name).toContain(`: ${sentence}. ${next}.`)
      expect(health[0]?.state, name).toBe(next === STOPS ? 'stopped' : 'waiting')
      if (next === STOPS) {
        // Longer than the first pause of those that are tried again.
        await new Promise((resolve) => setTimeout(resolve, 1_300))
        expect(other.accepted, name).toBe(accepted)
      }
      await ann.ask('reconnect')
    }
    await isIn(ann)
    const { peersHere, counters } = await ann.status()
    expect([peersHere, Object.keys(counters).filter((name) => name.startsWith('bug-'))]).toEqual([1, []])
  })

  it('is no end of it when the relay only asks who we are: it is told again on the same connection [R109]', async () => {
    const other = await PublishedRelay.start(TOKEN)
    relays.onEnd(() => other.close())
    const ann = await session('ann', other.url)
    await isIn(ann)
    const answered = other.accepted
    other.say('{"type":"relay-reauth"}')
    while (other.accepted === answered) await new Promise((resolve) => setTimeout(resolve, 20))
    expect((await ann.status()).relays).toMatchObject([{ state: 'in' }])
  })
})

describe('a relay that', () => {
  it('resets the connection is behind something that blocks it [R111]', async () => {
    const wall = net.createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1')
    relays.onEnd(() => wall.close())
    await new Promise((resolve) => (wall.listening ? resolve(undefined) : wall.once('listening', resolve)))
    for (const scheme of ['ws', 'wss']) {
      const ann = await session('ann', `${scheme}://127.0.0.1:${Object(wall.address()).port}`)
      await told(ann, /it cannot be reached; a firewall, a proxy or the network is in the way\. It is tried again by itself/)
    }
  })

  it('is full says so in its own words, and lets us in when there is room [R111] [R112]', async () => {
    const full = await relays.start({ args: ['--limit', 'perGroup=1'] })
    const first = await StockClient.join(full.url, '018f47a0-7b21-7abc-8def-000000000101', 'first')
    const ann = await session('ann', full.url)
    await told(ann, /it is over a limit \("the group is full"\)\. It is tried again by itself/)
    await first.end()
    await isIn(ann)
    await full.kill()
  })

  it('knows our id under another key refuses us, and only a person has it tried again [R108] [R111] [A3]', async () => {
    const home = sessions.home({ rates: FAST })
    const before = await session('ann', undefined, home)
    const { nodeId } = await before.status()
    await before.stop()
    const thief = await ProvenClient.prove(relay.url, { ...bob, nodeId: nodeId as typeof bob.nodeId })
    const ann = await session('ann', relay.url, home)
    await told(ann, /another key owns the id of this node there; ask who runs it \("this node id belongs to another key"\).*reconnect/)
    await thief.settled()
    await thief.end()
  })

  it('meets the same key twice keeps the newer connection; the older session is told, lives, and comes back when it is alone [R108]', async () => {
    const home = sessions.home({ rates: FAST })
    const ann = await session('ann', relay.url, home)
    await isIn(ann)
    const copy = sessions.home()
    cpSync(home.root, copy.root, { recursive: true, filter: (file) => !/[/\\]run([/\\]|$)|lock|\.sock/.test(file) })
    const twin = await session('ann', relay.url, copy)
    expect((await twin.status()).fingerprint).toBe((await ann.status()).fingerprint)
    await isIn(twin)
    await told(ann, /the key of this node is connected from elsewhere; one of the two should end.*It is tried again by itself/)
    expect((await twin.status()).relays).toMatchObject([{ state: 'in' }])
    await twin.stop()
    await ann.ask('reconnect')
    await isIn(ann)
  })
})
