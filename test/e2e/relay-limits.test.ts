/** What a relay does at its bounds: full disk, slow readers, frames of any size, thousands of connections from one address. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { LIMITS } from '../../server/src/base/limits.ts'
import { alice, bob } from '../support/mesh.ts'
import { ProvenClient, RawClient, type RelayProcess, Relays, StockClient, TOKEN } from '../support/relay.ts'

const relays = new Relays()
afterAll(() => relays.end())
const clients: RawClient[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()))
})

const idOf = (n: number): string => `018f47a0-7b21-7abc-8def-${String(n).padStart(12, '0')}`
const raised = (...names: string[]): readonly string[] => names.flatMap((name) => ['--limit', `${name}=1000000000`])

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50))
}

async function healthOf({ url }: RelayProcess): Promise<number> {
  return (await fetch(`${url.replace('ws:', 'http:')}/health`)).status
}

describe.skipIf(process.platform !== 'linux')('a disk that is full', () => {
  const FILE_KB = 600
  /** Files may not grow beyond this: what the system answers then is an error at each write, as on a full disk. */
  const prefix = ['sh', '-c', `trap '' XFSZ; ulimit -S -f ${FILE_KB * 2}; exec "$@"`, 'sh']
  const limits = raised('pairItems', 'queueItems', 'messagesPerSecond', 'messagesBurst')

  it('is told to who stores and to who watches; nothing that was acknowledged is lost, and it goes on when there is room [B5] [R105] [R112]', async () => {
    const state = relays.folder()
    const full = await relays.start({ state, prefix, args: limits })
    await (await ProvenClient.prove(full.url, bob)).end()
    const a = await ProvenClient.prove(full.url, alice)
    const stored: string[] = []
    let refusal: { reason?: string } | undefined
    for (let n = 0; refusal === undefined && n < 500; n++) {
      const answer = await a.put(bob, `m${n}`, Buffer.alloc(8_000, n))
      if (answer.type === 'relay-stored') stored.push(answer.id)
      else refusal = answer
    }
    expect(refusal).toMatchObject({ reason: 'store-failed' })
    expect(stored.length).toBeGreaterThan(10)
    expect(await healthOf(full)).toBe(503)
    // It still passes on what needs no disk.
    const c = await StockClient.join(full.url, idOf(1), 'cay')
    a.send({ payload: { n: 1 } })
    await c.next(({ payload }) => payload?.n === 1)
    await c.end()

    execFileSync('prlimit', ['--pid', String(full.child.pid), '--fsize=unlimited:'])
    expect(await a.put(bob, 'later', Buffer.alloc(8_000))).toMatchObject({ type: 'relay-stored' })
    expect(await healthOf(full)).toBe(200)
    expect(full.stderr.join('\n')).toContain('an item could not be stored')
    await full.kill()

    const again = await relays.start({ state, args: limits })
    const b = await ProvenClient.prove(again.url, bob)
    await b.next(({ id }) => id === 'later')
    await b.settled()
    expect(b.mail.map(({ id }) => id)).toEqual([...stored, 'later'])
    await until(async () => (await again.metrics()).get('queue_items') === 0)
    expect((await again.metrics()).get('bugs_total')).toBe(0)
    await again.kill()
  })

  it('that is still full when it starts again keeps what it has', async () => {
    const state = relays.folder()
    const first = await relays.start({ state, prefix, args: limits })
    await (await ProvenClient.prove(first.url, bob)).end()
    const a = await ProvenClient.prove(first.url, alice)
    const stored: string[] = []
    for (let n = 0; n < 500; n++) {
      const answer = await a.put(bob, `m${n}`, Buffer.alloc(8_000, n))
      if (answer.type !== 'relay-stored') break
      stored.push(answer.id)
    }
    await first.kill()
    const again = await relays.start({ state, prefix, args: limits })
    const b = new ProvenClient(again.url)
    b.takes = false
    await b.opened()
    await b.auth(bob)
    await b.next(({ id }) => id === stored[Math.min(stored.length, LIMITS.relay.mailWindow) - 1])
    expect(b.mail.map(({ id }) => id)).toEqual(stored.slice(0, LIMITS.relay.mailWindow))
    expect(again.child.exitCode).toBeNull()
    await b.end()
    await again.kill()
  })
})

describe('a reader', () => {
  const limits = raised('messagesPerSecond', 'messagesBurst', 'bytesPerSecond', 'bytesBurst')

  it('that reads slowly gets all of it in order, holds its sender, and costs a few megabytes [A11] [R112]', async () => {
    const relay = await relays.start({ args: limits })
    const [sender, slow] = [await StockClient.join(relay.url, idOf(1), 'ann'), await StockClient.join(relay.url, idOf(2), 'ben')]
    const before = await relay.residentMb()
    const total = 1_500
    const text = 'y'.repeat(50_000)
    for (let n = 0; n < total; n++) sender.send({ to: idOf(2), payload: { n, text } })
    let highest = 0
    const got = (): number => slow.seen.filter(({ payload }) => payload).length
    while (got() < total) {
      slow.ws.pause()
      highest = Math.max(highest, (await relay.residentMb()) - before)
      await new Promise((resolve) => setTimeout(resolve, 30))
      slow.ws.resume()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(slow.seen.flatMap(({ payload }) => payload?.n ?? [])).toEqual(Array.from({ length: total }, (_, n) => n))
    expect((await relay.metrics()).get('held_total')).toBeGreaterThan(0)
    expect((await relay.metrics()).get('cut_total')).toBe(0)
    expect(highest).toBeLessThan(48)
    await Promise.all([sender.end(), slow.end()])
    await relay.kill()
  })

  it('that is paused within its time is not cut; one that does not come back is, and may come again [A11]', async () => {
    const relay = await relays.start({ args: [...limits, '--limit', 'stuckMs=8000'] })
    const [sender, paused] = [await StockClient.join(relay.url, idOf(1), 'ann'), await StockClient.join(relay.url, idOf(2), 'ben')]
    const text = 'y'.repeat(50_000)
    let sent = 0
    const count = async (name: string): Promise<number> => (await relay.metrics()).get(name) ?? 0
    // How much the system takes before anybody waits is its own affair; what the sender has left is enough to wait with.
    const offerUntil = async (isDone: () => Promise<boolean>): Promise<void> => {
      while (!(await isDone()))
        if (sender.ws.bufferedAmount < 10_000_000) for (let n = 0; n < 100; n++) sender.send({ to: idOf(2), payload: { n: sent++, text } })
    }
    paused.ws.pause()
    await offerUntil(async () => (await count('held_total')) > 0)
    paused.ws.resume()
    await paused.next(({ payload }) => payload?.n === sent - 1)
    expect(await count('cut_total')).toBe(0)
    paused.ws.pause()
    await offerUntil(async () => (await count('cut_total')) === 1)
    paused.ws.resume()
    // It has a second to read the goodbye behind all that waits.
    expect([4008, 1006]).toContain((await paused.closed).code)
    // Its sender goes on.
    await sender.settled()
    const again = await StockClient.join(relay.url, idOf(2), 'ben')
    sender.send({ to: idOf(2), payload: { n: 'again' } })
    await again.next(({ payload }) => payload?.n === 'again')
    await Promise.all([sender.end(), again.end()])
    await relay.kill()
  })
})

describe('a frame', () => {
  const EDGES = [0, 1, 124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537]

  it('of any size up to the limit goes through as it is, whole or in pieces; above it 1009, and nobody else feels it [A11]', async () => {
    const relay = await relays.start({ args: raised('bytesPerSecond', 'bytesBurst') })
    const b = await StockClient.join(relay.url, idOf(2), 'ben')
    const a = await StockClient.join(relay.url, idOf(1), 'ann')
    const frame = (bytes: number): string => {
      const empty = JSON.stringify({ to: idOf(2), payload: { sealed: '' } })
      return JSON.stringify({ to: idOf(2), payload: { sealed: 'x'.repeat(Math.max(0, bytes - empty.length)) } })
    }
    const sizes = [...EDGES, LIMITS.relay.messageBytes - 8_192]
    for (const [n, bytes] of sizes.entries()) {
      const text = frame(bytes)
      a.send(text)
      const whole = await b.next(({ payload }) => payload)
      // The same in pieces, empty ones among them.
      const cuts = [0, 0, 1, Math.floor(text.length / 2), text.length]
      for (let i = 1; i < cuts.length; i++) a.ws.send(text.slice(cuts[i - 1], cuts[i]), { fin: i === cuts.length - 1 })
      const pieces = await b.next(({ payload }) => payload)
      expect([whole.payload, pieces.payload], `size ${n}`).toEqual([JSON.parse(text).payload, JSON.parse(text).payload])
    }
    a.ws.ping(Buffer.alloc(125))
    a.send('{"payload":{}}')
    await b.next(({ payload }) => payload)
    // Each under an id of its own: the relay may see the end of a connection after its client did.
    for (const [n, bytes] of [LIMITS.relay.messageBytes + 1, 2 * LIMITS.relay.messageBytes].entries()) {
      const large = await StockClient.join(relay.url, idOf(3 + n), 'cay')
      large.send(`{"payload":{"sealed":"${'x'.repeat(bytes)}"}}`)
      expect((await large.closed).code).toBe(1009)
    }
    const pieces = await StockClient.join(relay.url, idOf(5), 'cay')
    for (let n = 0; n < 40; n++) pieces.ws.send('x'.repeat(65_536), { fin: false })
    expect((await pieces.closed).code).toBe(1009)
    await a.settled()
    await b.settled()
    await Promise.all([a.end(), b.end()])
    expect((await relay.metrics()).get('bugs_total')).toBe(0)
    await relay.kill()
  })

  it('of any size before authentication is an answer with a code, or the end of the connection, and no memory [A11]', async () => {
    const relay = await relays.start({ args: raised('unauthenticatedPerAddress') })
    const before = await relay.residentMb()
    const bound = LIMITS.relay.bytesBefore
    for (const bytes of [2, ...EDGES.slice(2), bound - 200, bound + 200, LIMITS.relay.messageBytes + 1, 30_000_000]) {
      const client = await new RawClient(relay.url).opened()
      client.ws.send(`{"x":"${'x'.repeat(Math.max(0, bytes - 8))}"}`, () => {})
      const { code } = await client.closed
      expect(bytes < bound ? [4002] : [1006, 4002], `size ${bytes}`).toContain(code)
    }
    // A message that never ends.
    const endless = await new RawClient(relay.url).opened()
    for (let n = 0; n < 100; n++) endless.ws.send('x'.repeat(1_000), { fin: false }, () => {})
    expect((await endless.closed).code).toBe(1006)
    // Bytes that are no WebSocket at all.
    for (const junk of [Buffer.alloc(100_000), Buffer.from('GET / HTTP/1.1\r\n'.padEnd(90_000, 'x')), Buffer.from('\x16\x03\x01')]) {
      const socket = net.connect(relay.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(junk)
      await new Promise((resolve) => socket.once('close', resolve).resume())
    }
    const client = await StockClient.join(relay.url, idOf(1), 'ann')
    await client.settled()
    await client.end()
    expect((await relay.residentMb()) - before).toBeLessThan(32)
    expect((await relay.metrics()).get('bugs_total')).toBe(0)
    await relay.kill()
  })
})

describe('ten thousand connections from one address', () => {
  const BATCH = 250
  /** As many as this process may have: it has as many ends as the relay. */
  const count = Math.min(10_000, descriptors() - 1_000)

  it('that say nothing: few are held, the others are reset, and who is in goes on [A11]', async () => {
    const relay = await relays.start({ args: ['--limit', 'authMs=60000'] })
    const [a, b] = [await StockClient.join(relay.url, idOf(1), 'ann'), await StockClient.join(relay.url, idOf(2), 'ben')]
    const before = await relay.residentMb()
    const held = LIMITS.relay.unauthenticatedPerAddress
    const sockets: net.Socket[] = []
    let closed = 0
    // Fewer at once than a listener's backlog: what overflows there the relay never hears of.
    for (let n = 0; n < count; n += BATCH) {
      for (let i = 0; i < BATCH; i++) {
        const socket = net.connect(relay.port, '127.0.0.1')
        socket.on('error', () => {})
        socket.on('close', () => closed++)
        sockets.push(socket)
      }
      a.send({ to: idOf(2), payload: { n } })
      await b.next(({ payload }) => payload?.n === n)
      await until(async () => closed >= sockets.length - held)
    }
    const metrics = await relay.metrics()
    expect([metrics.get('waiting'), metrics.get('refused_address_total')]).toEqual([held, sockets.length - held])
    expect((await relay.residentMb()) - before).toBeLessThan(48)
    for (const socket of sockets) socket.destroy()
    await until(async () => (await relay.metrics()).get('waiting') === 0)
    await (await StockClient.join(relay.url, idOf(3), 'cay')).end()
    await Promise.all([a.end(), b.end()])
    await relay.kill()
  }, 240_000)

  it('that all came in: each is served, memory stays in proportion, one more is refused and the rest live [A11] [R112]', async () => {
    const PER_GROUP = 250
    const tokens = Array.from({ length: Math.ceil(count / PER_GROUP) }, (_, n) => `a-token-for-the-load-${n}`)
    const relay = await relays.start({ tokens, args: ['--limit', `connections=${count}`] })
    const before = await relay.residentMb()
    const members = await joinMany(relay.url, count, (n) => tokens[Math.floor(n / PER_GROUP)] ?? TOKEN)
    const metrics = await relay.metrics()
    expect([metrics.get('joined_total'), metrics.get('connections'), metrics.get('auth_failed_total')]).toEqual([count, count, 0])
    expect(((await relay.residentMb()) - before) / count).toBeLessThan(0.04)
    await expect(new RawClient(relay.url).opened()).rejects.toThrow()
    const [first, neighbour, stranger] = [members[0], members[1], members[PER_GROUP]]
    const heard = [neighbour, stranger].map((socket) => hear(socket, 'to all of the group'))
    first?.send(JSON.stringify({ payload: { text: 'to all of the group' } }))
    await heard[0]?.said
    members.at(-1)?.terminate()
    await until(async () => (await relay.metrics()).get('connections') === count - 1)
    const late = await StockClient.join(relay.url, idOf(count + 1), 'late', tokens.at(-1))
    await late.settled()
    expect(heard[1]?.isHeard()).toBe(false)
    expect((await relay.metrics()).get('bugs_total')).toBe(0)
    for (const socket of members) socket.terminate()
    await late.end()
    await relay.kill()
  }, 240_000)
})

function descriptors(): number {
  try {
    return Number(/Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 4_096)
  } catch {
    // No Linux: what other systems allow by default.
    return 4_096
  }
}

/** Members that answer pings and look at nothing else. At most as many at once as one address may have waiting. */
async function joinMany(url: string, count: number, tokenOf: (n: number) => string): Promise<readonly WebSocket[]> {
  const sockets: WebSocket[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true })
      sockets[n] = socket
      await new Promise((resolve, reject) => {
        socket.once('error', reject)
        socket.once('open', () => socket.send(JSON.stringify({ type: 'relay-auth', nodeId: idOf(n), name: 'x', token: tokenOf(n) })))
        socket.once('message', resolve)
      })
      socket.on('error', () => {})
      socket.on('message', (data: Buffer) => void (data.length === 21 && socket.send('{"type":"relay-pong"}')))
    }
  }
  await Promise.all(Array.from({ length: LIMITS.relay.unauthenticatedPerAddress - 1 }, worker))
  return sockets
}

function hear(socket: WebSocket | undefined, text: string): { readonly said: Promise<void>; isHeard(): boolean } {
  let isHeard = false
  const said = new Promise<void>((resolve) => {
    socket?.on('message', (data: Buffer) => {
      if (!data.includes(text)) return
      isHeard = true
      resolve()
    })
  })
  return { said, isHeard: () => isHeard }
}
