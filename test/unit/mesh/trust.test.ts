/** What a person decides about keys, in whole nodes: at once, durable, silent toward the other side. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { newNodeId } from '../../../server/src/identity/ids.ts'
import { sharedValue } from '../../../server/src/identity/shared-file.ts'
import { parseAllowlist } from '../../../server/src/mesh/allowlist.ts'
import {
  admit,
  block,
  dropPetname,
  forgetTrust,
  givePetname,
  NO_TRUST,
  pinName,
  setFloor,
  type TrustContent,
  verify,
} from '../../../server/src/mesh/trust-file.ts'
import { Attacker } from '../../support/attacker.ts'
import { alice, bob, carol, cmbOf, fingerprint, keysOf, Lab, PORT, type TestNode, turns, until } from '../../support/mesh.ts'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

const [alicesKey, bobsKey, carolsKey] = [fingerprint(alice), fingerprint(bob), fingerprint(carol)]
const NOW = 1_750_000_000_000

/** A user's decisions, and how to make one. */
function decisions() {
  const trust = sharedValue<TrustContent>(NO_TRUST)
  return { trust, decide: (update: (content: TrustContent) => TrustContent) => trust.change(update) }
}

const face = (node: TestNode, other: TestNode) => node.node.peers().find((peer) => peer.fingerprint === other.node.fingerprint)

describe('a block', () => {
  it('ends the link at once and is silent: the other sees somebody who is away [R158]', async () => {
    const { trust, decide } = decisions()
    const [a, b] = [await lab.start('alice'), await lab.start('bob', { trust })]
    await lab.meet(a, b)
    await decide((content) => block(content, alicesKey, NOW))
    await until(() => !a.knows('bob') && !b.knows('alice'), 'the link is gone')
    expect(face(b, a)).toMatchObject({ trust: 'blocked', isHere: false })
    const sent = await lab.during(a.say('still there?', { to: 'bob' }))
    expect(sent.recipients[0]).toMatchObject({ state: 'queued', reason: expect.stringContaining('away') })
    await lab.pass(60_000)
    expect(b.focuses()).toEqual([])
    expect((await lab.during(b.say('to all'))).recipients).toEqual([])
  })

  it('taken back brings the peer back, and what it said meanwhile arrives', async () => {
    const { trust, decide } = decisions()
    await decide((content) => block(content, alicesKey, NOW))
    const [a, b] = [await lab.start('alice'), await lab.start('bob', { trust })]
    lab.introduce(a, b)
    await lab.pass(5_000)
    expect(b.node.peers()).toEqual([])
    await decide((content) => forgetTrust(content, alicesKey, NOW))
    await lab.during(lab.linked(a, b))
    expect((await a.say('hello', { to: 'bob' })).recipients[0]?.state).toBe('received')
  })

  it('puts what waits in the inbox out of sight, and back when it is taken back', async () => {
    const { trust, decide } = decisions()
    const [a, b] = [await lab.start('alice'), await lab.start('bob', { trust })]
    await lab.meet(a, b)
    await a.say('persuasive words')
    expect(b.node.unsurfaced(10)).toHaveLength(1)
    await decide((content) => block(content, alicesKey, NOW))
    await until(() => b.focuses().length === 0, 'out of sight')
    expect([b.node.unsurfaced(10), b.node.status().inbox.unread]).toEqual([[], 0])
    await decide((content) => forgetTrust(content, alicesKey, NOW))
    await until(() => b.focuses().length === 1, 'in sight')
    await until(() => b.node.unsurfaced(10).length === 1, 'to be shown')
  })
})

describe('a verified key', () => {
  it('is shown as such in lists and with its words, in this node and after a restart [R26]', async () => {
    const { trust, decide } = decisions()
    const [a, b] = [await lab.start('alice'), await lab.start('bob', { trust })]
    await lab.meet(a, b)
    await decide((content) => verify(content, alicesKey, NOW))
    await a.say('it is me')
    expect(face(b, a)?.trust).toBe('verified')
    expect(b.inbox()[0]?.from.trust).toBe('verified')
    await b.stop()
    const again = await lab.start('bob', { trust })
    expect(face(again, a)?.trust).toBe('verified')
  })

  it('is what a group may demand: words of others wait until it is [R97]', async () => {
    const { trust, decide } = decisions()
    await decide((content) => setFloor(content, 'default', 'verified'))
    const [a, b] = [await lab.start('alice'), await lab.start('bob', { trust })]
    await lab.meet(a, b)
    expect((await a.say('not compared yet')).recipients[0]?.state).toBe('received')
    expect([b.node.unsurfaced(10), b.inbox()[0]?.held]).toEqual([[], expect.stringContaining('verify')])
    await decide((content) => verify(content, alicesKey, NOW))
    await until(() => b.node.unsurfaced(10).length === 1, 'let go')
    expect(b.events.filter(({ kind }) => kind === 'arrived')).toHaveLength(1)
  })
})

describe('a petname', () => {
  it('stands in the place of what a key calls itself, and finds it', async () => {
    const { trust, decide } = decisions()
    const [a, b] = [await lab.start('alice'), await lab.start('bob', { trust })]
    await lab.meet(a, b)
    await decide((content) => givePetname(content, alicesKey, 'anna', NOW))
    expect(face(b, a)).toMatchObject({ name: 'anna', isPetname: true })
    await a.say('hi')
    expect(b.inbox()[0]?.from.name).toBe('anna')
    expect((await b.say('hi anna', { to: 'anna' })).recipients[0]?.peer).toBe('anna')
  })

  it('of one key is no name that another can take [A6]', async () => {
    const { trust, decide } = decisions()
    await decide((content) => givePetname(content, alicesKey, 'anna', NOW))
    const [b, c] = [await lab.start('bob', { trust }), await lab.start('carol', { called: 'anna' })]
    lab.introduce(b, c)
    await until(() => b.node.peers().some(({ isHere }) => isHere), 'linked')
    await turns(5)
    expect(face(b, c)?.name).toBe(`node-${carolsKey.slice(0, 8)}`)
    await expect(b.say('for anna alone', { to: 'anna' })).rejects.toMatchObject({ code: 'peer-unknown' })
  })

  it.each(['', 'a\nb', 'x'.repeat(65), alicesKey, alicesKey.slice(0, 8), alice.nodeId, '\u202ename'])('is not %j', (name) => {
    expect(() => givePetname(NO_TRUST, bobsKey, name, NOW)).toThrow(/petname/)
  })

  it('belongs to one key', () => {
    const content = givePetname(NO_TRUST, alicesKey, 'anna', NOW)
    expect(() => givePetname(content, bobsKey, 'anna', NOW)).toThrow(/already/)
    expect(givePetname(dropPetname(content, alicesKey, NOW), bobsKey, 'anna', NOW).keys).toEqual({
      [bobsKey]: { petname: 'anna', changedAt: NOW },
    })
  })
})

describe('SYM_ALLOWED_PEERS', () => {
  it('lets a name speak for the first key that proves itself under it, and tells which [R158] [A6]', async () => {
    const { trust } = decisions()
    const [a, b] = [await lab.start('alice'), await lab.start('bob', { trust, allowedPeers: 'alice' })]
    expect(b.node.status().notes).toEqual([expect.stringContaining('alice (not met yet)')])
    await lab.meet(a, b)
    await until(() => b.node.status().notes.some((note) => /alice is [0-9a-f]{4} /.test(note)), 'told')
    await a.say('listed')
    expect(b.node.unsurfaced(10)).toHaveLength(1)
  })

  it('keeps a second key under that name from the model, says so, and others too', async () => {
    const { trust, decide } = decisions()
    await decide((content) => pinName(content, 'alice', alicesKey, NOW))
    const [b, c] = [await lab.start('bob', { trust, allowedPeers: 'alice' }), await lab.start('carol', { called: 'alice' })]
    await lab.meet(b, c)
    await c.say('I am alice')
    expect(b.focuses()).toEqual(['I am alice'])
    expect(b.node.unsurfaced(10)).toEqual([])
    expect(b.node.peers()[0]).toMatchObject({ held: expect.stringContaining('SYM_ALLOWED_PEERS') })
    expect(b.node.status().problems).toEqual([expect.stringMatching(/second key .*alice/)])
    const read = trust.read()
    expect(read.kind === 'ok' && read.value.pinnedNames['alice']?.key).toBe(alicesKey)
  })

  it('takes a fingerprint, and a petname before the name that a key gave itself', async () => {
    const { trust, decide } = decisions()
    await decide((content) => givePetname(content, carolsKey, 'alice', NOW))
    const b = await lab.start('bob', { trust, allowedPeers: `alice, ${bobsKey.slice(0, 16)}` })
    const [a, c] = [await lab.start('alice'), await lab.start('carol')]
    lab.introduce(c, b)
    lab.introduce(a, b)
    await until(() => b.node.peers().filter(({ isHere }) => isHere).length === 2, 'both are here')
    await c.say('listed by petname')
    await a.say('not listed')
    await until(() => b.focuses().length === 2, 'both arrived')
    expect(b.node.unsurfaced(10).map(({ fields }) => fields.focus.text)).toEqual(['listed by petname'])
  })

  it.each(['12345678', 'a'.repeat(65), 'bad\u0007name', Array(80).fill('x').join()])('is not %j', (text) => {
    expect(() => parseAllowlist(text)).toThrow()
  })

  it('is none where it is empty', () => {
    expect([parseAllowlist(''), parseAllowlist(' , ')]).toEqual([undefined, undefined])
  })
})

describe('strangers above the limits of an open group', () => {
  const { newPerHour } = LIMITS.openGroup
  const someone = (seed: number) =>
    keysOf(
      newNodeId(lab.clock, (length) => new Uint8Array(length).fill(seed)),
      seed,
    )

  async function flood(b: TestNode): Promise<void> {
    for (let seed = 1; seed <= newPerHour; seed++) await (await attack(b, seed)).stranger.close()
  }
  function attack(b: TestNode, seed: number): Promise<Attacker> {
    const transport = lab.network.transport(`host-${seed}`)
    return Attacker.connect({ transport, address: { kind: 'lan', host: b.host, port: PORT }, keys: someone(seed) })
  }

  it('wait, are listed, and are let in once by a person; what they had said is shown then [R99] [C5]', async () => {
    const { trust, decide } = decisions()
    const b = await lab.start('bob', { trust, rates: { handshakesPerAddressPerMinute: 1_000 } })
    await flood(b)
    const stranger = await attack(b, 200)
    const key = fingerprint(stranger.keys)
    stranger.sendCmb(cmbOf(stranger.keys, 'may I come in?'))
    await until(() => b.node.requests().length === 1, 'the request')
    expect(b.node.requests()[0]).toMatchObject({ fingerprint: key, messages: 1, name: 'somebody' })
    expect([b.node.unsurfaced(10), b.node.status().notes]).toEqual([[], [expect.stringContaining('trust requests')]])
    await decide((content) => admit(content, key, 'default', NOW))
    await until(() => b.node.unsurfaced(10).length === 1, 'let in')
    expect([b.node.requests(), b.node.peers().find((peer) => peer.fingerprint === key)?.trust]).toEqual([[], 'member'])
  })

  it('keep a small part of the inbox, and not for long', async () => {
    const b = await lab.start('bob')
    await flood(b)
    const stranger = await attack(b, 201)
    for (let count = 0; count < LIMITS.requests.messagesPerKey + 5; count++) {
      stranger.sendCmb(cmbOf(stranger.keys, `knock ${count}`, { createdAt: NOW + count }))
    }
    await until(() => stranger.told('mesh-opaque-v1-busy').length === 5, 'busy')
    expect(b.node.requests()[0]?.messages).toBe(LIMITS.requests.messagesPerKey)
    await lab.pass(LIMITS.requests.keptMs + 120_000, 40_000_000)
    await until(() => b.node.requests().length === 0, 'over')
    expect(b.inbox()).toEqual([])
  }, 60_000)

  it('that were let in for some days are strangers again after them', async () => {
    const { trust, decide } = decisions()
    const b = await lab.start('bob', { trust })
    await flood(b)
    const stranger = await attack(b, 202)
    const key = fingerprint(stranger.keys)
    await decide((content) => admit(content, key, 'default', NOW, NOW + 86_400_000))
    const trustOf = () => b.node.peers().find((peer) => peer.fingerprint === key)?.trust
    expect(trustOf()).toBe('member')
    lab.clock.sleep(86_400_001)
    expect(trustOf()).toBe('unknown')
  })
})

describe('decisions that cannot be read', () => {
  it('let nobody in, are told, and what waits is shown when they can be read again', async () => {
    let isBroken = true
    const listeners: (() => void)[] = []
    const trust = {
      read: () =>
        isBroken ? ({ kind: 'broken', problem: 'trust.json cannot be used' } as const) : ({ kind: 'ok', value: NO_TRUST } as const),
      change: () => Promise.reject(new Error('broken')),
      watch: (listener: () => void) => {
        listeners.push(listener)
        return () => {}
      },
    }
    const [a, b] = [await lab.start('alice'), await lab.start('bob', { trust })]
    await lab.meet(a, b)
    await a.say('anybody?')
    expect([b.node.unsurfaced(10), b.node.status().problems]).toEqual([[], ['trust.json cannot be used']])
    isBroken = false
    for (const listener of listeners) listener()
    await until(() => b.node.unsurfaced(10).length === 1, 'shown')
    expect(b.node.status().problems).toEqual([])
  })
})
