/**
 * The relay beside a bare `ws` forwarder in the same run: processor time per delivery to a whole group and to one, memory
 * per connection, memory under a reader that stops, items stored a second; and what the way over a relay adds for two
 * sessions. The load comes from this process, which is not measured; it reads frames without parsing them.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import WebSocket from 'ws'
import { latencies } from './latency.mjs'
import {
  cpuMs,
  floorProgram,
  hasSubject,
  jsonProcess,
  median,
  nodeHome,
  nowMs,
  residentMb,
  row,
  skipped,
  sleep,
  subjectProgram,
  withLimit,
} from './measure.mjs'
import { strangersPair } from './pair.mjs'

export const title = 'relay'
const GROUPS = 20
const CONNECTIONS = 8_000
const WARM_ROUNDS = 40
const tokenOf = (group) => `a-token-for-the-bench-${group}`
const RAISED = [
  'perGroup',
  'queueBytes',
  'connections',
  'unauthenticated',
  'unauthenticatedPerAddress',
  'messagesPerSecond',
  'messagesBurst',
]
const BYTES = ['bytesPerSecond', 'bytesBurst']
const idOf = (n) => `018f47a0-7b21-7abc-8def-${String(n).padStart(12, '0')}`
const payload = { type: 'x', sealed: 'A'.repeat(300) }

export async function run({ messages = 1_000 } = {}) {
  if (!hasSubject('relay.mjs')) return [skipped('relay', 'no relay.mjs')]
  const rows = []
  for (const clients of [100, 1_000]) {
    const count = Math.max(20, Math.round((messages * 100) / clients))
    const floor = await measured(startFloor, (server) => fanOut(server, clients, count))
    const relay = await measured(startRelay, (server) => fanOut(server, clients, count))
    rows.push(...pair(`fan-out to ${clients}`, floor, relay, clients === 100 ? '0.4x, want 0.25x' : '0.4x, want 0.2x'))
  }
  const floor = await measured(startFloor, (server) => oneToOne(server, 100, messages))
  const relay = await measured(startRelay, (server) => oneToOne(server, 100, messages))
  rows.push(...pair('one to one, 100 clients', floor, relay, '0.85x, want 0.7x'))
  const bare = await measured(startFloor, (server) => idle(server, CONNECTIONS))
  const idling = await measured(startRelay, (server) => idle(server, CONNECTIONS))
  rows.push({ metric: 'floor: memory per idle connection', value: bare, unit: 'KB', n: CONNECTIONS })
  rows.push({
    metric: 'relay: memory per idle connection',
    value: idling,
    unit: 'KB',
    ratio: idling / bare,
    target: '15 KB, want 10',
    n: CONNECTIONS,
  })
  const growth = await measured(startRelay, stopped)
  rows.push({ metric: 'relay: growth under one reader that stops', value: growth, unit: 'MB', target: '16 MB, want 4', n: 1 })
  const stored = await measured(startRelay, storing)
  rows.push({
    metric: 'relay: items stored, each synced before its answer, 64 in flight',
    value: stored.perSecond,
    unit: '/s',
    n: stored.n,
  })
  rows.push({ metric: 'relay: processor per item stored', value: stored.cpu, unit: 'µs', n: stored.n })
  return hasSubject('server.mjs') ? [...rows, ...(await ways())] : rows
}

/** The same two sessions with an address of each other, and with nothing but a relay, in turns. */
async function ways() {
  const [direct, relayed] = [[], []]
  for (let i = 0; i < 3; i++) {
    const port = 20_000 + Math.floor(Math.random() * 20_000)
    direct.push(...(await latencies(await strangersPair([{ SYM_LISTEN: `127.0.0.1:${port}` }, { SYM_PEERS: `127.0.0.1:${port}` }]))))
    relayed.push(...(await measured(startRelay, ({ url }) => overRelay(url))))
  }
  return [
    row('one way, two sessions, by an address', direct),
    row('one way, the same two by a relay', relayed, { floor: direct }),
    { metric: 'one way, what the relay adds', value: median(relayed) - median(direct), unit: 'ms', n: relayed.length },
  ]
}

async function overRelay(url) {
  const env = { SYM_RELAY_URL: url, SYM_RELAY_TOKEN: tokenOf(0) }
  return latencies(await strangersPair([env, env]))
}

function pair(name, floor, relay, target) {
  return [
    { metric: `floor: ${name}, processor per delivery`, value: floor.cpu, unit: 'µs', n: floor.n },
    { metric: `relay: ${name}, processor per delivery`, value: relay.cpu, unit: 'µs', ratio: relay.cpu / floor.cpu, target, n: relay.n },
    {
      metric: `relay: ${name}, deliveries per second`,
      value: relay.perSecond,
      unit: '/s',
      ratio: relay.perSecond / floor.perSecond,
      n: relay.n,
    },
  ]
}

async function measured(start, work) {
  const server = await start()
  try {
    return await withLimit(work(server), 'end of the load', 120_000)
  } finally {
    for (const client of server.clients) client.terminate()
    await server.close()
  }
}

function startFloor() {
  const home = nodeHome()
  return started([floorProgram('forwarder.mjs')], home)
}

function startRelay() {
  const home = nodeHome()
  const tokens = join(home.folder, 'tokens')
  writeFileSync(tokens, Array.from({ length: GROUPS }, (_, n) => tokenOf(n)).join('\n'))
  const limits = [...RAISED.map((name) => `${name}=1000000`), ...BYTES.map((name) => `${name}=10000000000`)].flatMap((limit) => [
    '--limit',
    limit,
  ])
  const state = join(home.folder, 'relay')
  return started(
    [subjectProgram('relay.mjs'), '--json', '--listen', '127.0.0.1:0', '--state', state, '--tokens-file', tokens, ...limits],
    home,
  )
}

async function started(args, home) {
  let tell
  const ready = new Promise((done) => {
    tell = done
  })
  const child = jsonProcess(args, { ...home, received: tell })
  const { url } = await withLimit(ready, 'address')
  const close = async () => {
    await child.kill()
    home.close()
  }
  return { url, pid: child.child.pid, clients: [], close }
}

function joinOne(server, n, onMessage, group) {
  return new Promise((done, fail) => {
    const socket = new WebSocket(server.url, { perMessageDeflate: false, skipUTF8Validation: true })
    server.clients.push(socket)
    socket.once('error', fail)
    socket.once('open', () => socket.send(JSON.stringify({ type: 'relay-auth', nodeId: idOf(n), name: `n${n}`, token: tokenOf(group) })))
    socket.once('message', () => {
      // Presence and pings are short; what is counted is not.
      socket.on('message', (data) =>
        data.length > 300 ? onMessage?.() : data.includes('relay-ping') && socket.send('{"type":"relay-pong"}'),
      )
      done(socket)
    })
  })
}

/** `groupOf` spreads them over several groups. */
async function joinAll(server, count, onMessage, groupOf = () => 0) {
  const sockets = []
  for (let n = 0; n < count; n += 50) {
    const batch = Array.from({ length: Math.min(50, count - n) }, (_, i) => joinOne(server, n + i, onMessage, groupOf(n + i)))
    sockets.push(...(await Promise.all(batch)))
  }
  await sleep(300)
  return sockets
}

async function load(server, total, send) {
  const before = cpuMs(server.pid)
  const at = nowMs()
  await send()
  return { cpu: ((cpuMs(server.pid) - before) * 1_000) / total, perSecond: total / ((nowMs() - at) / 1_000), n: total }
}

function counter(total) {
  let left = total
  let tell
  const all = new Promise((done) => {
    tell = done
  })
  return { all, count: () => --left === 0 && tell() }
}

async function fanOut(server, clients, messages) {
  const total = (clients - 1) * messages
  const { all, count } = counter(total)
  const sockets = await joinAll(server, clients, count)
  const text = JSON.stringify({ payload })
  return load(server, total, async () => {
    for (let n = 0; n < messages; n++) {
      sockets[0].send(text)
      // In bursts, as a busy group speaks; the load must not be one block of memory.
      if (n % 10 === 9) await sleep(1)
    }
    await all
  })
}

async function oneToOne(server, clients, messages) {
  const rounds = Math.round(messages / 5)
  const total = clients * rounds
  let counted = counter(clients * WARM_ROUNDS)
  const sockets = await joinAll(server, clients, () => counted.count())
  const speak = async (times) => {
    for (let n = 0; n < times; n++) {
      for (const [i, socket] of sockets.entries()) socket.send(JSON.stringify({ to: idOf((i + 1) % clients), payload }))
      if (n % 5 === 4) await sleep(1)
    }
    await counted.all
  }
  // A relay runs for weeks: what its first second costs is not the question.
  await speak(WARM_ROUNDS)
  counted = counter(total)
  return load(server, total, () => speak(rounds))
}

async function idle(server, clients) {
  const before = residentMb(server.pid)
  await joinAll(server, clients, undefined, (n) => n % GROUPS)
  await sleep(1_500)
  return ((residentMb(server.pid) - before) * 1_024) / clients
}

/** One member leaves mail for others, who are away, within the limits as they are by default. */
async function storing(server, recipients = 40, each = 100) {
  const items = recipients * each
  const away = Array.from({ length: recipients }, (_, n) => identity(n + 2))
  for (const one of away) (await prove(server, one)).close()
  let left = items
  let sent = 0
  const socket = await prove(server, identity(1))
  const sealed = 'A'.repeat(1_400)
  const put = () => {
    const to = away[sent % recipients].fingerprint
    socket.send(JSON.stringify({ type: 'relay-put', id: `m${sent++}`, to, sealed }))
  }
  return load(
    server,
    items,
    () =>
      new Promise((done, fail) => {
        socket.on('message', (data) => {
          if (data.includes('relay-refused')) fail(new Error(String(data)))
          if (!data.includes('relay-stored')) return
          if (sent < items) put()
          if (--left === 0) done()
        })
        for (let n = 0; n < 64; n++) put()
      }),
  )
}

function identity(n) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const fingerprint = createHash('sha256').update('mesh-id-v1').update(raw).digest('hex')
  return { nodeId: idOf(n), privateKey, publicKey: raw.toString('base64url'), fingerprint }
}

/** Comes in with a key (PROTOCOL 12.1). */
function prove(server, { nodeId, privateKey, publicKey }) {
  const token = tokenOf(0)
  const group = createHash('sha256').update('mesh-relay-group-v1\n').update(token).digest('hex')
  return new Promise((done, fail) => {
    const socket = new WebSocket(server.url, { perMessageDeflate: false })
    server.clients.push(socket)
    socket.once('error', fail)
    socket.once('open', () => socket.send(JSON.stringify({ type: 'relay-auth', nodeId, name: 'bench', token, publicKey, proof: 'v1' })))
    socket.once('message', (challenge) => {
      const { nonce, relayId } = JSON.parse(challenge)
      const signed = `mesh-relay-proof-v1\n${[relayId, nonce, group, nodeId].map((part) => `${part.length}:${part}`).join('')}`
      socket.send(JSON.stringify({ type: 'relay-proof', sig: sign(null, Buffer.from(signed), privateKey).toString('base64url') }))
      socket.once('message', () => done(socket))
    })
  })
}

async function stopped(server) {
  const [sender, victim] = await joinAll(server, 2)
  const before = residentMb(server.pid)
  victim.pause()
  const text = JSON.stringify({ to: idOf(1), payload: { ...payload, sealed: 'A'.repeat(60_000) } })
  for (let n = 0; n < 5_000; n++) sender.send(text)
  let highest = 0
  for (let n = 0; n < 40; n++) {
    await sleep(100)
    highest = Math.max(highest, residentMb(server.pid) - before)
  }
  return highest
}
