/** Stock nodes and real sessions, on the LAN (loopback) and over a relay, in both directions; the policy at a real terminal is in trust.test.ts. */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Forwarder, PublishedRelay } from '../support/other-relays.ts'
import { type RelayProcess, Relays, TOKEN } from '../support/relay.ts'
import type { ServerProcess } from '../support/server.ts'
import { FAST, type Home, inboxOf, met, Sessions } from '../support/sessions.ts'
import { StockNode, type StockOptions } from '../support/stock-node.ts'

const relays = new Relays()
const sessions = new Sessions()
let relay: RelayProcess
const nodes: StockNode[] = []

beforeAll(async () => {
  relay = await relays.start()
})
afterEach(async () => {
  for (const node of nodes.splice(0)) node.close()
  await sessions.end()
})
afterAll(() => relays.end())

function stockNode(name: string, options: StockOptions = {}): StockNode {
  const node = new StockNode(name, options)
  nodes.push(node)
  return node
}

/** As the command line writes it. */
function decide({ root }: Home, policy: string, group = 'default'): void {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const content = { version: 1, groups: { [group]: { policy, at: 1 } }, floor: {}, resets: {} }
  const file = path.join(root, 'stock.json')
  writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

function homeWith(policy?: string): Home {
  const home = sessions.home({ rates: FAST })
  if (policy) decide(home, policy)
  return home
}

const session = (home: Home, name: string, env: Record<string, string> = {}): Promise<ServerProcess> =>
  sessions.start(home, name, { env: { SYM_NODE_NAME: name, ...env } })

const stockPortOf = async (server: ServerProcess): Promise<number> => {
  const { listen } = await server.status()
  return Number(listen.map((text) => /port (\d+) \(stock/.exec(text)?.[1]).find(Boolean))
}

const focuses = async (server: ServerProcess): Promise<readonly string[]> => (await inboxOf(server)).map(({ focus }) => focus)
const isHere = (name: string) => (text: string) => new RegExp(`${name} .*legacy {2}here`).test(text)

/** The session dials by address, or is dialed. */
async function linked(way: 'we dial' | 'they dial', policy: string, options: StockOptions = {}) {
  const node = stockNode('stocky', options)
  const home = homeWith(policy)
  const port = await node.listen()
  const ann = await session(home, 'ann', way === 'we dial' ? { SYM_PEERS: `stock:127.0.0.1:${port}` } : {})
  if (way === 'they dial') await node.dial(await stockPortOf(ann))
  await node.met()
  await ann.callUntil('sym_peers', {}, isHere('stocky'))
  return { node, home, ann }
}

describe.each(['we dial', 'they dial'] as const)('a stock node on the LAN, when %s', (way) => {
  it('is a peer under allow: both hear each other, sealed as it does it, and it is marked everywhere [R174]', async () => {
    const { node, ann } = await linked(way, 'allow')
    const { nodeId } = await ann.status()
    expect(node.peers.get(nodeId)?.hello).toMatchObject({ name: 'ann', room: 'default', group: 'default', lifecycleRole: 'participant' })

    const { text } = await ann.call('sym_send', { to: 'stocky', focus: 'to you alone', body: 'and all of this' })
    expect(text).toMatch(/stocky .*sent.*no receipt: a stock MMP node; it left our encryption/)
    await ann.call('sym_send', { focus: 'to everybody' })
    await node.until(() => node.records.length >= 2, 'both messages')
    expect(node.focuses()).toEqual(['to you alone\n\nand all of this', 'to everybody'])
    expect(node.records.every(({ isVerified, isSealed }) => isVerified && isSealed)).toBe(true)
    expect(node.records[0]?.frame).toMatchObject({ to: node.nodeId, directed: true })

    node.say('from stock to all')
    node.say('from stock to ann', { to: nodeId })
    const push = await ann.waitForPush(({ content }) => content.includes('from stock to ann'))
    expect(push.meta).toMatchObject({ peer: 'stocky', trust: 'legacy', group: 'default' })
    await ann.statusUntil(({ inbox }) => inbox.total === 2, 'both are here')
    expect((await ann.call('sym_inbox', {})).text).toMatch(/message m\w+ from peer stocky \([\w ]+, legacy\)/)
    expect(await focuses(ann)).toEqual(['from stock to all', 'from stock to ann'])
    node.raw({ type: 'ping' })
    await node.until(() => node.pongs > 0, 'a pong')
    expect(node.faults).toEqual([])
    // Nothing of ours but the handshake and records: no presence, profile or receipt.
    expect(new Set(node.frames.map(({ type }) => type))).toEqual(new Set(['handshake', 'cmb']))
  })

  it('under warn is heard in the inbox alone, and gets only what is addressed to it [R174]', async () => {
    const { node, ann, home } = await linked(way, 'warn')
    const { nodeId } = await ann.status()
    const { text } = await ann.call('sym_send', { focus: 'to the group' })
    expect(text).toMatch(/reached no one.*\nNot to stocky/s)
    const asked = await ann.call('sym_ask', { to: 'stocky', question: 'are you there?' })
    expect(asked.isError).toBe(true)
    expect(asked.text).toMatch(/stock MMP node, which knows no questions; nothing was asked/)
    await ann.call('sym_send', { to: 'stocky', focus: 'by name' })
    await node.until(() => node.records.length >= 1, 'what is addressed to it')
    expect(node.focuses()).toEqual(['by name'])
    node.say('a word', { to: nodeId })
    await ann.statusUntil(({ inbox }) => inbox.total === 1, 'it is in the inbox')
    expect((await ann.call('sym_inbox', {})).text).toMatch(/stock MMP node, which this group hears in the inbox only/)
    expect((await ann.call('sym_peers')).text).not.toMatch(/a word/)
    decide(home, 'off')
    await node.until(() => node.peers.size === 0, 'the link is closed')
    expect((await ann.status()).listen.join()).not.toMatch(/stock/)
  })
})

describe('a stock node on the LAN', () => {
  it('meets nobody where no group admits any, which is how it is at first [R174]', async () => {
    const node = stockNode('stocky')
    const ann = await session(homeWith(), 'ann', { SYM_PEERS: `stock:127.0.0.1:${await node.listen()}` })
    expect((await ann.status()).listen.join()).not.toMatch(/stock/)
    const socket = await node.dial(await ann.port())
    await new Promise((resolve) => socket.once('close', resolve))
    expect(node.frames).toEqual([])
    expect((await ann.status()).peersKnown).toBe(0)
  })

  it('that offers no key gets clear text under allow, and under warn nothing', async () => {
    const { node, ann, home } = await linked('they dial', 'warn', { isPlain: true })
    const { text } = await ann.call('sym_send', { to: 'stocky', focus: 'not in clear' })
    expect(text).toMatch(/stocky .*queued.*offers no key to seal for/)
    expect(node.records).toEqual([])
    decide(home, 'allow')
    await node.until(() => node.records.length >= 1, 'the message in clear')
    expect(node.records[0]).toMatchObject({ focus: 'not in clear', isSealed: false, isVerified: true })
  })

  it('is heard once for each thing that it says, also when it says it again on a new link, with its latest words', async () => {
    const { node, ann } = await linked('they dial', 'allow')
    node.say('first')
    await ann.statusUntil(({ inbox }) => inbox.total === 1, 'the first')
    const port = await stockPortOf(ann)
    node.peers.get((await ann.status()).nodeId)?.socket?.destroy()
    await node.until(() => node.peers.size === 0, 'the link is gone')
    await node.dial(port)
    await node.met()
    node.say('second')
    await ann.statusUntil(({ inbox }) => inbox.total === 2, 'the second')
    expect(await focuses(ann)).toEqual(['first', 'second'])
  })

  it.each([
    ['the lower id', '00000000-0000-4000-8000-000000000001', 'theirs'],
    ['the higher id', 'ffffffff-ffff-4fff-8fff-fffffffffff1', 'ours'],
  ])('that is dialed while it dials, with %s, keeps one link and is heard and written to on it', async (_, nodeId, kept) => {
    const node = stockNode('stocky', { nodeId })
    const dialed = await node.listen()
    const ann = await session(homeWith('allow'), 'ann', { SYM_PEERS: `stock:127.0.0.1:${dialed}` })
    await node.met()
    const own = await node.dial(await stockPortOf(ann))
    const isOwnClosed = new Promise((resolve) => own.once('close', () => resolve('ours')))
    const isFirstClosed = new Promise((resolve) => node.accepted[0]?.once('close', () => resolve('theirs')))
    expect(await Promise.race([isOwnClosed, isFirstClosed])).toBe(kept)
    await node.met()
    await ann.callUntil('sym_peers', {}, isHere('stocky'))
    await ann.call('sym_send', { to: 'stocky', focus: 'on the one link' })
    await node.until(() => node.records.some(({ focus }) => focus === 'on the one link'), 'the message')
    node.say('heard on it')
    await ann.statusUntil(({ inbox }) => inbox.total === 1, 'its word')
  })

  it('that dials twice keeps its first link as long as that answers', async () => {
    const { node, ann } = await linked('they dial', 'allow')
    const first = node.peers.get((await ann.status()).nodeId)
    const second = await node.dial(await stockPortOf(ann))
    await new Promise((resolve) => second.once('close', resolve))
    expect(first?.socket?.destroyed).toBe(false)
    first?.send({ type: 'ping' })
    await node.until(() => node.pongs > 0, 'a pong on the first')
  })

  it('is known as one after a restart, and its keys too', async () => {
    const { node, ann, home } = await linked('they dial', 'allow')
    node.say('remember me')
    await ann.statusUntil(({ inbox }) => inbox.total === 1, 'its word')
    await ann.stop()
    const again = await session(home, 'ann')
    expect((await again.call('sym_peers')).text).toMatch(/stocky .*legacy {2}away/)
    const thief = stockNode('thief', { nodeId: node.nodeId })
    const taken = await thief.dial(await stockPortOf(again))
    await new Promise((resolve) => taken.once('close', resolve))
    await node.dial(await stockPortOf(again))
    await again.callUntil('sym_peers', {}, isHere('stocky'))
  })

  it('is not asked for what was said before: it has no frame to answer with', async () => {
    const { ann } = await linked('they dial', 'allow')
    const answer = await ann.ask('catch-up', { limit: 5 })
    expect(answer).toMatchObject({ error: { message: expect.stringMatching(/no member of default is here to be asked/) } })
  })

  it('that has just come gets our latest words to the group, and none that were for somebody', async () => {
    const home = homeWith('allow')
    const ann = await session(home, 'ann')
    const ben = await session(home, 'ben')
    await met(ann, ben)
    for (let n = 0; n < 7; n++) await ann.call('sym_send', { focus: `word ${n}` })
    await ann.call('sym_send', { to: 'ben', focus: 'for ben' })
    const node = stockNode('stocky')
    await node.dial(await stockPortOf(ann))
    await node.until(() => node.records.length >= 5, 'five words')
    expect(node.focuses()).toEqual([2, 3, 4, 5, 6].map((n) => `word ${n}`))
    expect(node.records.every(({ frame, isVerified, isSealed }) => frame._anchor === true && isVerified && isSealed)).toBe(true)
  })

  it('that signs what it has processed is believed that much and no more', async () => {
    const { node, ann } = await linked('they dial', 'allow', { attests: true })
    await ann.call('sym_send', { to: 'stocky', focus: 'did you get it' })
    await node.until(() => node.records.length === 1, 'the message')
    await ann.statusUntil(({ counters }) => (counters['stock-attestation'] ?? 0) > 0, 'the attestation')
    await ann.statusUntil(({ outbox }) => outbox.waiting === 0, 'nothing waits')
  })

  it('cannot be forged: neither signature, word, author nor audience, nor without a signature once it has signed [R174]', async () => {
    const { node, ann } = await linked('they dial', 'allow')
    node.raw({ type: 'message', from: node.nodeId, fromName: 'stocky', content: 'a text', timestamp: Date.now() })
    node.say('unsigned at first', { change: (record) => ({ ...record, metadata: { ...record.metadata, sig: undefined } }) })
    await ann.statusUntil(({ inbox }) => inbox.total === 2, 'both are kept')
    expect((await ann.call('sym_inbox', {})).text).toMatch(/unsigned/)
    node.say('signed')
    await ann.statusUntil(({ inbox }) => inbox.total === 3, 'the signed one')
    const changed = (facts: object) => (record: { metadata: object }) => ({ ...record, metadata: { ...record.metadata, ...facts } })
    node.say('another name', { change: changed({ createdBy: 'somebody-else' }) })
    node.say('another time', { change: changed({ createdTimestamp: Date.now() - 5_000 }) })
    node.say('another room', { change: changed({ room: 'another' }) })
    node.say('another word', { change: (record) => ({ ...record, categories: node.record('changed').categories }) })
    node.say('unsigned now', { change: changed({ sig: undefined }) })
    node.say('last')
    await ann.statusUntil(({ inbox }) => inbox.total === 4, 'the last')
    expect([...(await focuses(ann))].sort()).toEqual(['a text', 'last', 'signed', 'unsigned at first'])
    const { counters } = await ann.status()
    expect(counters).toMatchObject({ 'cmb-bad-signature': 3, 'cmb-address-mismatch': 1, 'cmb-unsigned': 1 })
  })

  it('that sends what ends other nodes ends nothing here, and its next word is heard [A2]', async () => {
    const { node, ann } = await linked('they dial', 'allow')
    const { nodeId } = await ann.status()
    for (const frame of [
      { type: 'message', from: node.nodeId, fromName: 'stocky', content: 5 },
      { type: 'mood', mood: {} },
      { type: 'xmesh-insight', anomaly: 'x', coherence: 'y' },
      { type: 'peer-info', peers: [null] },
      { type: 'cmb', cmb: null },
      { type: 'cmb', cmb: { categories: 'x', metadata: 5, _e2e: {} } },
      { type: 'cmb', cmb: { categories: [], metadata: { sig: 5 } } },
      { type: 'attestation', attestation: { of: 5 } },
      { type: 'handshake', nodeId: 5 },
      { type: 'error', code: 'x' },
      { type: 'of-tomorrow', a: { b: [] } },
    ])
      node.raw(frame)
    node.bytes(Buffer.from('null'), Buffer.from('[]'), Buffer.from('{'), Buffer.from('"x"'))
    node.say('still here', { to: nodeId })
    await ann.statusUntil(({ inbox }) => inbox.total === 1, 'its word')
    expect(await focuses(ann)).toEqual(['still here'])
    expect(node.peers.size).toBe(1)
  })

  it.each([
    ['no id', { nodeId: undefined }],
    ['no key', { publicKey: undefined }],
    ['a key of small order', { publicKey: `AQ${'A'.repeat(41)}` }],
    ['another group', { room: 'another' }],
    ['a private group', { room: 'team:0123456789ab' }],
    ['a sealing key of low order', { e2ePublicKey: `MCowBQYDK2VuAyEA${'A'.repeat(43)}=` }],
    ['no handshake', { type: 'ping' }],
    ['our own handshake', { type: 'client-hello' }],
  ])('that comes with %s is told nothing and let go [A4]', async (_, change) => {
    const ann = await session(homeWith('allow'), 'ann')
    const node = stockNode('stocky', { change })
    const socket = await node.dial(await stockPortOf(ann))
    await new Promise((resolve) => socket.once('close', resolve))
    expect(node.frames).toEqual([])
    expect((await ann.status()).peersKnown).toBe(0)
  })

  it('with the id of another cannot take its place, and one that was secure never comes as stock [R174]', async () => {
    const { node, ann, home } = await linked('they dial', 'allow')
    node.say('it is me')
    await ann.statusUntil(({ inbox }) => inbox.total === 1, 'its word')
    const port = await stockPortOf(ann)
    const thief = stockNode('thief', { nodeId: node.nodeId })
    const taken = await thief.dial(port)
    await new Promise((resolve) => taken.once('close', resolve))
    expect(thief.peers.size).toBe(0)
    const ben = await session(home, 'ben')
    await met(ben)
    await ann.callUntil('sym_peers', {}, (text) => /ben .*member {2}here/.test(text))
    const poser = stockNode('ben', { nodeId: (await ben.status()).nodeId })
    const refused = await poser.dial(port)
    await new Promise((resolve) => refused.once('close', resolve))
    const { problems } = await ann.status()
    expect(problems.join('\n')).toMatch(/came with another key.*stock --reset/)
    expect(problems.join('\n')).toMatch(/proved its key before came as a stock node/)
    const file = path.join(home.root, 'stock.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(file, 'utf8')).floor).toHaveProperty((await ben.status()).nodeId)
    node.say('still me')
    await ann.statusUntil(({ inbox }) => inbox.total === 2, 'its next word')
  })
})

describe('a stock node at a relay', () => {
  const at = (url: string) => ({ SYM_RELAY_URL: url, SYM_RELAY_TOKEN: TOKEN })

  async function talk(node: StockNode, ann: ServerProcess): Promise<void> {
    await ann.callUntil('sym_peers', {}, (text) => /stocky .*legacy {2}here \(relay\)/.test(text))
    const { nodeId } = await ann.status()
    await ann.call('sym_send', { to: 'stocky', focus: 'over the relay' })
    await ann.call('sym_send', { focus: 'to all at it' })
    await node.until(() => node.records.length >= 2, 'both')
    expect(node.records.every(({ isVerified, isSealed }) => isVerified && isSealed)).toBe(true)
    node.say('back to ann', { to: nodeId })
    node.say('back to all')
    await ann.statusUntil(({ inbox }) => inbox.total === 2, 'both are here')
    expect(await focuses(ann)).toEqual(['back to ann', 'back to all'])
    expect(node.faults).toEqual([])
  }

  it.each(['we are there first', 'it is there first'])('is a peer, when %s; the relay reads no word of ours [R174]', async (order) => {
    const forwarder = await Forwarder.to(relay.url)
    sessions.onEnd(() => forwarder.close())
    const node = stockNode('stocky')
    const isFirst = order === 'it is there first'
    if (isFirst) await node.join(relay.url, TOKEN)
    const ann = await session(homeWith('allow'), 'ann', at(forwarder.url))
    if (!isFirst) await node.join(relay.url, TOKEN)
    await talk(node, ann)
    expect(forwarder.seen.join('\n')).not.toMatch(/over the relay|to all at it/)
  })

  it('is one at a relay that knows none of our additions, too', async () => {
    const published = await PublishedRelay.start(TOKEN)
    sessions.onEnd(() => published.close())
    const node = stockNode('stocky')
    await node.join(published.url, TOKEN)
    await talk(node, await session(homeWith('allow'), 'ann', at(published.url)))
  })

  it('that offers no key gets nothing in clear, whatever the policy', async () => {
    const node = stockNode('stocky', { isPlain: true })
    await node.join(relay.url, TOKEN)
    const ann = await session(homeWith('allow'), 'ann', at(relay.url))
    await ann.callUntil('sym_peers', {}, isHere('stocky'))
    expect((await ann.call('sym_send', { to: 'stocky', focus: 'no' })).text).toMatch(/queued.*offers no key/)
    expect(node.records).toEqual([])
  })

  it('meets nobody where no group admits any', async () => {
    const node = stockNode('stocky')
    await node.join(relay.url, TOKEN)
    const [ann, ben] = [await session(homeWith(), 'ann', at(relay.url)), await session(homeWith(), 'ben', at(relay.url))]
    await met(ann, ben)
    expect((await ann.status()).peersKnown).toBe(1)
    expect(node.peers.size).toBe(0)
  })
})
