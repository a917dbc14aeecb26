import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Guard } from '../../../server/src/base/guard.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import { fingerprintOf, type NodeId } from '../../../server/src/identity/ids.ts'
import type { Link } from '../../../server/src/mesh/link.ts'
import { type DialOutcome, Links } from '../../../server/src/mesh/links.ts'
import { DEFAULT_RATES } from '../../../server/src/mesh/rates.ts'
import type { Frame } from '../../../server/src/mmp/frames.ts'
import type { NodeKeys } from '../../../server/src/secure/session.ts'
import { AcceptLimits } from '../../../server/src/transport/accept-limits.ts'
import type { Address, ConnectionKind, Transport } from '../../../server/src/transport/connection.ts'
import { MemoryNetwork } from '../../../server/src/transport/memory.ts'
import { Attacker, Stranger, textOf } from '../../support/attacker.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { alice, bob, carol, fingerprint, keysOf, turns, until } from '../../support/mesh.ts'
import { counting } from '../../vectors/fixtures.ts'

let clock: FakeClock
let network: MemoryNetwork
let sides: Side[]
beforeEach(() => {
  clock = new FakeClock()
  network = new MemoryNetwork({ clock })
  sides = []
})
afterEach(async () => {
  for (const side of sides) await side.links.stop()
})

interface Side {
  readonly keys: NodeKeys
  readonly host: string
  readonly links: Links
  readonly ups: Link[]
  readonly downs: string[]
  readonly frames: Frame[]
  readonly counts: Map<string, number>
  readonly conflicts: string[]
  readonly doubles: string[]
  readonly address: Address
  dial(to: Side, changes?: { nodeId?: NodeId | undefined; group?: string }): Promise<DialOutcome>
}

interface SideOptions {
  readonly pins?: ReadonlyMap<NodeId, Uint8Array>
  readonly hasOtherId?: () => boolean
  readonly blocked?: ReadonlySet<string>
  readonly transport?: (inner: Transport) => Transport
  readonly limits?: AcceptLimits
}

let seed = 1
async function side(host: string, keys: NodeKeys, options: SideOptions = {}): Promise<Side> {
  const {
    blocked = new Set(),
    pins = new Map(),
    hasOtherId = () => false,
    transport = (inner: Transport) => inner,
    limits = new AcceptLimits(clock),
  } = options
  const [ups, downs, frames, conflicts, doubles] = [[] as Link[], [] as string[], [] as Frame[], [] as string[], [] as string[]]
  const counts = new Map<string, number>()
  const links = new Links(
    {
      clock,
      random: counting(seed++ * 31),
      guard: new Guard(silentLog),
      log: silentLog,
      rates: DEFAULT_RATES,
      transport: transport(network.transport(host)),
      acceptLimits: limits,
      keys,
      implementation: { name: 'test', version: '1' },
      roomOf: (group) => group,
      groupOf: (room) => room,
      groups: () => ['default', 'backend'],
      isComing: () => false,
      gate: () => undefined,
      isMember: (group) => group === 'default' || group === 'backend',
      pinnedKeyOf: (nodeId) => pins.get(nodeId),
      hasOtherId,
      isBlocked: (publicKey) => blocked.has(fingerprintOf(publicKey)),
    },
    {
      onUp: (link) => ups.push(link),
      onDown: (_, why) => downs.push(why),
      onFrame: (_, frame) => frames.push(frame),
      onCount: (name) => counts.set(name, (counts.get(name) ?? 0) + 1),
      onKeyConflict: (remote) => conflicts.push(remote),
      onOwnKey: (remote) => doubles.push(remote),
    },
  )
  const { address } = await links.listen({ kind: 'lan', host, port: 7_000 })
  const dial: Side['dial'] = (to, { nodeId, group = 'default' } = {}) =>
    links.dial({ address: to.address, group, nodeId }, new AbortController().signal)
  const made = { keys, host, links, ups, downs, frames, counts, conflicts, doubles, address, dial }
  sides.push(made)
  return made
}

const bothLinked = (a: Side, b: Side) => until(() => a.links.all().length === 1 && b.links.all().length === 1, 'one link on both sides')
const dialerOf = ({ links }: Side) => links.all().map(({ dialer }) => dialer)

/** The transport with another kind of path, as if it were a socket. */
function ofKind(kind: ConnectionKind): (inner: Transport) => Transport {
  const as = <T extends object>(connection: T): T =>
    new Proxy(connection, {
      get(target, member) {
        if (member === 'kind') return kind
        const value: unknown = Reflect.get(target, member, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return (inner) => ({
    listen: (at, onConnection) => inner.listen(at, (connection) => onConnection(as(connection))),
    dial: async (to, signal) => as(await inner.dial(to, signal)),
  })
}

describe('a link', () => {
  it('comes up on both sides after the handshake, under the proven key [R18]', async () => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    expect(await a.dial(b)).toEqual({ kind: 'linked', nodeId: bob.nodeId })
    await bothLinked(a, b)
    expect(a.ups[0]).toMatchObject({ group: 'default', dialer: alice.nodeId, peer: { nodeId: bob.nodeId, fingerprint: fingerprint(bob) } })
    expect(b.ups[0]).toMatchObject({ group: 'default', dialer: alice.nodeId, peer: { nodeId: alice.nodeId } })
    expect(a.links.best(fingerprint(bob), 'default')).toBe(a.ups[0])
    expect(a.links.isLinked(bob.nodeId, 'backend')).toBe(false)
  })

  it('is one per group', async () => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    await a.dial(b)
    await a.dial(b, { group: 'backend' })
    expect(a.links.all().map(({ group }) => group)).toEqual(['default', 'backend'])
    expect(a.downs).toEqual([])
  })

  it('carries frames that came in the same read as the end of the handshake', async () => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    const dialed = a.dial(b)
    await dialed
    a.ups[0]?.send({ type: 'error', code: 'early' })
    await until(() => b.frames.length === 1, 'the frame')
    expect(b.frames).toEqual([{ type: 'error', code: 'early' }])
  })

  it('answers a ping by itself and hands neither on', async () => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    await a.dial(b)
    await bothLinked(a, b)
    clock.advance(3_000)
    a.ups[0]?.send({ type: 'ping' })
    await until(() => a.ups[0]?.silenceMs === 0, 'the pong')
    expect([a.frames, b.frames]).toEqual([[], []])
  })
})

describe('two links to one peer', () => {
  it.each([
    [alice, bob],
    [bob, alice],
  ])('dialed at the same moment from both sides become one, that of the lower id, on both sides [R32]', async (first, second) => {
    const [a, b] = [await side('a', first), await side('b', second)]
    await Promise.all([a.dial(b), b.dial(a)])
    await until(() => a.ups.length + a.downs.length > 0 && b.ups.length > 0, 'both dials')
    await turns(10)
    await bothLinked(a, b)
    expect([dialerOf(a), dialerOf(b)]).toEqual([[alice.nodeId], [alice.nodeId]])
    expect(a.links.all()[0]?.send({ type: 'error', code: 'alive' })).toBe(true)
    await until(() => b.frames.length === 1, 'a frame on the link that stayed')
  })

  it.each([0, 1, 50, 400, 2_500])('become one also when the second dial comes %i ms later', async (laterMs) => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      await one.dial(other)
      clock.advance(laterMs)
    }
    await turns(10)
    await bothLinked(a, b)
    expect(dialerOf(a)).toEqual(dialerOf(b))
  })

  it('dialed by one side alone: the newest stays, for its dialer has lost the other [R32]', async () => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    await a.dial(b)
    await bothLinked(a, b)
    const old = b.links.all()[0]
    await a.dial(b)
    await turns(10)
    await bothLinked(a, b)
    expect(b.links.all()[0]).not.toBe(old)
    expect(old?.isOpen).toBe(false)
    expect(b.downs).toEqual(['double link'])
  })

  it('of which the old one is dead without knowing it: the new one stays, also against the lower id', async () => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    await a.dial(b)
    await bothLinked(a, b)
    clock.advance(4_000)
    await b.dial(a)
    await turns(10)
    await bothLinked(a, b)
    expect([dialerOf(a), dialerOf(b)]).toEqual([[bob.nodeId], [bob.nodeId]])
  })

  it('of different kinds both stay, and the better path is used', async () => {
    const b = await side('b', bob)
    const [lan, machine] = [ofKind('lan')(network.transport('a')), ofKind('machine')(network.transport('a'))]
    const kinds = [lan, machine]
    const a = await side('a', alice, {
      transport: (inner) => ({ ...inner, dial: (to, signal) => (kinds.shift() ?? inner).dial(to, signal) }),
    })
    await a.dial(b)
    clock.advance(5_000)
    await a.dial(b)
    expect(a.links.all().map(({ kind }) => kind)).toEqual(['lan', 'machine'])
    expect(a.links.best(fingerprint(bob), 'default')?.kind).toBe('machine')
    a.links
      .all()
      .find(({ kind }) => kind === 'machine')
      ?.close('test')
    expect(a.links.best(fingerprint(bob), 'default')?.kind).toBe('lan')
  })
})

describe('before the handshake is done', () => {
  it('the deadline of five seconds counts from the accept, and no byte puts it off [B2] [A4]', async () => {
    const b = await side('b', bob)
    const stranger = await Stranger.connect(network.transport('x'), b.address)
    await turns(2)
    clock.advance(4_999)
    await turns(2)
    expect(stranger.isClosed).toBe(false)
    clock.advance(1)
    await stranger.closed()
    expect(b.counts.get('handshake-timeout')).toBe(1)
    expect(stranger.frames).toEqual([])
  })

  it('the deadline stands after a valid hello too', async () => {
    const b = await side('b', bob)
    const { createClientHandshake } = await import('../../../server/src/secure/handshake.ts')
    const hello = createClientHandshake({ keys: carol, group: 'default', implementation: { name: 'x', version: '1' }, random: counting(9) })
    const stranger = await Stranger.connect(network.transport('x'), b.address)
    clock.advance(3_000)
    stranger.send(hello.start())
    await stranger.until(() => stranger.frames.length === 1, 'the server-hello')
    clock.advance(2_000)
    await stranger.closed()
    expect(b.links.all()).toEqual([])
  })

  const openings: readonly (readonly [string, Uint8Array | Record<string, unknown>, string])[] = [
    ['bytes that are no JSON', new TextEncoder().encode('GET / HTTP/1.1'), 'handshake-bad-json'],
    ['a frame of a legacy node', { type: 'handshake', nodeId: alice.nodeId, name: 'x', publicKey: '' }, 'handshake-unexpected-type'],
    ['a plain message', { type: 'cmb', timestamp: 1, cmb: { categories: {}, metadata: {} } }, 'handshake-unexpected-type'],
    [
      'the end of a handshake without a beginning',
      { type: 'client-finish', transcriptHash: '', proof: '', keyConfirmation: '' },
      'handshake-unexpected-type',
    ],
    ['a ping', { type: 'ping' }, 'handshake-unexpected-type'],
  ]
  it.each(openings)('%s gets silence and the end [A4] [R164]', async (_, frame, counter) => {
    const b = await side('b', bob)
    const stranger = await Stranger.connect(network.transport('x'), b.address)
    stranger.send(frame)
    await stranger.closed()
    expect(stranger.frames).toEqual([])
    expect([...b.counts]).toEqual([[counter, 1]])
  })

  it('a hello for a group that we are not in learns nothing, not even that we are here', async () => {
    const b = await side('b', bob)
    await expect(
      Attacker.connect({ transport: network.transport('x'), address: b.address, keys: carol, group: 'secret-group' }),
    ).rejects.toThrow('closed')
    expect(b.counts.get('handshake-wrong-group')).toBe(1)
  })

  it('the hello of the server tells no name and nothing of what it knows', async () => {
    const b = await side('b', bob)
    const attacker = await Attacker.connect({ transport: network.transport('x'), address: b.address, keys: carol })
    const text = textOf(attacker.stranger.frames.slice(0, 1))
    expect(JSON.parse(text)).toMatchObject({ name: bob.nodeId.slice(0, 8), room: 'default' })
  })
})

describe('who may connect', () => {
  it('is limited to four half-open connections per address, and the place comes back', async () => {
    const b = await side('b', bob)
    const strangers: Stranger[] = []
    for (let number = 0; number < LIMITS.accept.halfOpenPerAddress + 2; number++)
      strangers.push(await Stranger.connect(network.transport('x'), b.address))
    await until(() => strangers.filter(({ isClosed }) => isClosed).length === 2, 'two are refused')
    expect(b.counts.get('accept-half-open-address')).toBe(2)
    strangers[0]?.close()
    await turns(5)
    const next = await Stranger.connect(network.transport('x'), b.address)
    await turns(5)
    expect(next.isClosed).toBe(false)
  })

  it('is limited to so many links, and the place comes back when one goes', async () => {
    const limits = new AcceptLimits(clock)
    const slots = Array.from({ length: LIMITS.accept.lanLinks - 1 }, (_, index) => {
      if (index % 40 === 0) clock.advance(1_000)
      const verdict = limits.admit(`10.0.${index >> 8}.${index & 255}`)
      if (verdict.kind === 'refused') throw new Error(verdict.reason)
      verdict.slot.authenticated()
      return verdict.slot
    })
    clock.advance(1_000)
    const b = await side('b', bob, { limits })
    const [a, c] = [await side('a', alice), await side('c', carol)]
    expect((await a.dial(b)).kind).toBe('linked')
    await bothLinked(a, b)
    expect((await c.dial(b)).kind).toBe('failed')
    a.links.all()[0]?.close('test')
    await until(() => b.links.all().length === 0, 'the link is gone')
    expect((await c.dial(b)).kind).toBe('linked')
    slots[0]?.release()
  })

  it('must show the key that is pinned for its id: refused, told, and nothing before it is disturbed [A5] [R157]', async () => {
    const pins = new Map([[alice.nodeId, alice.publicKey]])
    const b = await side('b', bob, { pins })
    const a = await side('a', alice)
    await a.dial(b)
    await bothLinked(a, b)
    const thief = keysOf(alice.nodeId, 0x66)
    await expect(Attacker.connect({ transport: network.transport('x'), address: b.address, keys: thief })).rejects.toThrow('closed')
    expect(b.conflicts).toEqual(['x'])
    expect(b.links.all().map(({ peer }) => peer.fingerprint)).toEqual([fingerprint(alice)])
  })

  it('must be who was dialed: another node in its place is left before we prove ourselves', async () => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    expect(await a.dial(b, { nodeId: carol.nodeId })).toEqual({ kind: 'failed', rule: 'wrong-node' })
    await turns(5)
    expect(b.links.all()).toEqual([])
  })

  it('must show its pinned key also when we dial it: a thief at its address hears nothing but a hello [A13]', async () => {
    const thief = await side('b', keysOf(bob.nodeId, 0x66))
    const a = await side('a', alice, { pins: new Map([[bob.nodeId, bob.publicKey]]) })
    expect(await a.dial(thief, { nodeId: bob.nodeId })).toEqual({ kind: 'failed', rule: 'pinned-key-mismatch' })
    expect(a.conflicts).toEqual(['b'])
    expect(thief.ups).toEqual([])
  })

  it('that is blocked sees a connection that closes, whoever dials, and no proof of ours [R158]', async () => {
    const b = await side('b', bob, { blocked: new Set([fingerprint(alice)]) })
    const a = await side('a', alice)
    const x = await Stranger.connect(network.transport('x'), b.address)
    x.close()
    expect(await a.dial(b)).toEqual({ kind: 'failed', rule: 'closed: remote' })
    expect(await b.dial(a, { nodeId: alice.nodeId })).toEqual({ kind: 'failed', rule: 'blocked' })
    await turns(5)
    expect([a.ups, b.ups]).toEqual([[], []])
  })

  it('with our own key is told, and our own hello that comes back is not [R27]', async () => {
    const [b, copy] = [await side('b', bob), await side('copy', bob)]
    expect((await copy.dial(b)).kind).toBe('failed')
    expect((await b.dial(b)).kind).toBe('failed')
    expect(b.doubles).toEqual(['copy'])
  })

  it('cannot come under a second node id with a key that is known', async () => {
    const b = await side('b', bob, { hasOtherId: () => true })
    const a = await side('a', alice)
    await a.dial(b)
    await until(() => b.counts.get('handshake-other-node-id') === 1, 'refused')
    expect(b.ups).toEqual([])
    expect(b.conflicts).toEqual([])
  })
})

describe('our own address', () => {
  it('is recognised when we dial it, and said so at once', async () => {
    const a = await side('a', alice)
    expect(await a.dial(a)).toEqual({ kind: 'failed', rule: 'own-key' })
    expect(a.ups).toEqual([])
  })
})

describe('a link that falls silent', () => {
  it('is asked after five seconds and closed after fifteen', async () => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    await a.dial(b)
    await bothLinked(a, b)
    network.cut('b')
    for (let second = 0; second < 15; second++) clock.advance(1_000)
    expect(a.downs).toEqual([])
    clock.advance(1_000)
    expect(a.downs).toEqual(['silent'])
  })

  it('stays while the other side answers', async () => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    await a.dial(b)
    await bothLinked(a, b)
    for (let second = 0; second < 60; second++) {
      clock.advance(1_000)
      await turns(2)
    }
    expect([a.downs, b.downs]).toEqual([[], []])
  })

  it('knows how long an answer takes, each to its own question, and says when none comes [R100]', async () => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    await a.dial(b)
    await until(() => a.links.all().length === 1, 'the link')
    const [link] = a.links.all()
    const both = Promise.all([link?.roundTrip(5_000), link?.roundTrip(5_000)])
    await turns(5)
    expect(await both).toEqual([0, 0])
    network.cut('b')
    const lost = link?.roundTrip(2_000)
    const ended = link?.roundTrip(60_000)
    clock.advance(2_000)
    expect(await lost).toBeUndefined()
    link?.close('over')
    expect(await ended).toBeUndefined()
    expect(await link?.roundTrip(1_000)).toBeUndefined()
  })

  it('is found dead within the time of a probe, and one that answers stays', async () => {
    const [a, b, c] = [await side('a', alice), await side('b', bob), await side('c', carol)]
    await a.dial(b)
    await a.dial(c)
    await until(() => a.links.all().length === 2, 'two links')
    clock.advance(1_000)
    network.cut('b')
    for (const link of a.links.all()) link.probe(2_500)
    await turns(5)
    clock.advance(2_500)
    expect(a.links.all().map(({ peer }) => peer.nodeId)).toEqual([carol.nodeId])
    expect(a.downs).toEqual(['no answer'])
  })
})

describe('what a proven peer may send', () => {
  async function hostile() {
    const b = await side('b', bob)
    const attacker = await Attacker.connect({ transport: network.transport('x'), address: b.address, keys: carol })
    await until(() => b.links.all().length === 1, 'the link')
    return { b, attacker }
  }

  it('unknown frame types are counted and ignored, and the link ends at twice the rate [R61]', async () => {
    const { b, attacker } = await hostile()
    attacker.send({ type: 'xmesh-insight', anything: [null] })
    attacker.send({ type: 'toString' })
    attacker.send({ type: '__proto__' })
    await attacker.sync()
    expect(b.counts.get('unknown-frame')).toBe(3)
    expect(b.frames).toEqual([])
    for (let number = 0; number < 2 * LIMITS.unknownFrames.perMinute + 50; number++) {
      attacker.send({ type: `unknown-${number}` })
      if (number % 40 === 0) clock.advance(800)
      await turns(1)
    }
    await until(() => b.downs.length === 1, 'the end')
    expect(b.downs).toEqual(['too many unknown frames'])
  })

  it('bad frames are dropped, and the link ends after twenty in ten seconds [A2]', async () => {
    const { b, attacker } = await hostile()
    const bad = ['null', '[]', '1', '"x"', '{}', '{"type":1}', '{"type":"cmb"', `${'['.repeat(400_000)}`, '{"type":"cmb","cmb":null}']
    for (const text of bad) attacker.sendSealed(text)
    await attacker.sync()
    expect(b.downs).toEqual([])
    for (let number = 0; number < LIMITS.json.badFrames; number++) attacker.sendSealed('null')
    await until(() => b.downs.length === 1, 'the end')
    expect(b.downs).toEqual(['too many bad frames'])
    expect(b.frames).toEqual([])
  })

  it('a frame that does not open ends the link, so nothing is replayed or spliced [B12]', async () => {
    const { b, attacker } = await hostile()
    const frame = attacker.seal.seal(new TextEncoder().encode('{"type":"error","code":"once"}'))
    attacker.stranger.send(frame)
    attacker.stranger.send(frame)
    await attacker.stranger.closed()
    expect(b.frames).toHaveLength(1)
    expect(b.counts.get('seal-bad-sequence')).toBe(1)
  })

  it('a plain frame after the handshake ends the link', async () => {
    const { b, attacker } = await hostile()
    attacker.stranger.send({ type: 'cmb', timestamp: 1, cmb: { categories: {}, metadata: {} } })
    await attacker.stranger.closed()
    expect(b.frames).toEqual([])
  })

  it('above the rate is not read until the bucket is level, and nothing of it is lost', async () => {
    const { b, attacker } = await hostile()
    const count = LIMITS.link.framesBurst + 100
    for (let number = 0; number < count; number++) attacker.send({ type: 'error', code: number })
    await turns(5)
    expect(b.frames.length).toBeLessThan(count)
    expect(b.counts.get('throttled')).toBeGreaterThan(0)
    for (let step = 0; step < 100 && b.frames.length < count; step++) {
      clock.advance(100)
      await turns(1)
    }
    expect(b.frames.map((frame) => (frame.type === 'error' ? frame.code : -1))).toEqual(Array.from({ length: count }, (_, index) => index))
  })
})

describe('a peer that does not read', () => {
  async function deaf() {
    const b = await side('b', bob)
    const attacker = await Attacker.connect({ transport: network.transport('x'), address: b.address, keys: carol })
    await until(() => b.links.all().length === 1, 'the link')
    attacker.stranger.pause()
    return { b, attacker, link: b.links.all()[0] }
  }

  it('costs no more than the outbound cap, and a frame that was not taken tears no hole', async () => {
    const { link } = await deaf()
    const summary = 'x'.repeat(1_000)
    let taken = 0
    while (taken < 10_000 && link?.send({ type: 'mesh-opaque-v1-presence', seq: taken, summary })) taken++
    expect(taken).toBeLessThan(10_000)
    expect(link?.isOpen).toBe(true)
  })

  it('is left when its queue only grows, although it still speaks [A11]', async () => {
    const { b, attacker } = await deaf()
    for (let second = 0; second < 18 && b.downs.length === 0; second++) {
      for (let ping = 0; ping < 5; ping++) attacker.send({ type: 'ping' })
      await turns(2)
      clock.advance(1_000)
    }
    expect(b.downs).toEqual(['does not read'])
  })

  it('stays when it reads slowly', async () => {
    const { b, attacker } = await deaf()
    for (let second = 0; second < 40; second++) {
      for (let ping = 0; ping < 5; ping++) attacker.send({ type: 'ping' })
      await turns(2)
      if (second % 5 === 4) {
        attacker.stranger.resume()
        await turns(2)
        attacker.stranger.pause()
      }
      clock.advance(1_000)
    }
    expect(b.downs).toEqual([])
  })
})

describe('the end', () => {
  it('closes every link and every half-open connection, and leaves no timer', async () => {
    const [a, b] = [await side('a', alice), await side('b', bob)]
    await a.dial(b)
    await bothLinked(a, b)
    const stranger = await Stranger.connect(network.transport('x'), b.address)
    await turns(2)
    await b.links.stop()
    await stranger.closed()
    await until(() => a.links.all().length === 0, 'the other side hears of it')
    await a.links.stop()
    expect(clock.pending).toBe(0)
    expect(await a.dial(b)).toMatchObject({ kind: 'failed' })
  })
})
