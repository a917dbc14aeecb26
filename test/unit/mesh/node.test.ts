import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { Attacker } from '../../support/attacker.ts'
import {
  alice,
  bob,
  carol,
  cmbOf,
  fingerprint,
  keysOf,
  Lab,
  ManualDiscovery,
  PORT,
  type TestNode,
  turns,
  until,
} from '../../support/mesh.ts'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

function attack(victim: TestNode, keys = carol, host = 'mallory'): Promise<Attacker> {
  return Attacker.connect({ transport: lab.network.transport(host), address: { kind: 'lan', host: victim.host, port: PORT }, keys })
}

describe('two nodes', () => {
  it('meet over an address that one of them knows, and tell their names under the seal [R33]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    expect(a.node.peers()).toMatchObject([{ name: 'bob', trust: 'member', isHere: true, path: 'memory' }])
    expect(a.node.groups()).toMatchObject([{ name: 'default', isCurrent: true, members: [{ name: 'bob' }] }])
    expect(b.node.status()).toMatchObject({ peersHere: 1, peersKnown: 1, problems: [] })
  })

  it('meet although one of them has not looked around yet', async () => {
    class Slow extends ManualDiscovery {
      override async start(...args: Parameters<ManualDiscovery['start']>): Promise<void> {
        await super.start(...args)
        await new Promise<never>(() => {})
      }
    }
    const [a, b] = [await lab.start('alice', { discovery: new Slow() }), await lab.start('bob')]
    await lab.meet(a, b)
    expect((await a.say('hello', { to: 'bob' })).recipients[0]?.state).toBe('received')
  })

  it('of different groups do not meet', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob', { groups: ['backend'] })]
    lab.introduce(a, b)
    await lab.pass(40_000)
    expect([a.node.peers(), b.node.peers()]).toEqual([[], []])
    expect(b.node.status().counters['handshake-wrong-group']).toBeGreaterThan(0)
  })

  it('that both know the other have one link, and say hello and goodbye once [R32]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    lab.introduce(a, b)
    lab.introduce(b, a)
    await lab.linked(a, b)
    await lab.pass(60_000)
    expect(a.knows('bob') && b.knows('alice')).toBe(true)
    await b.stop()
    await until(() => !a.knows('bob'), 'bob is away')
    const kinds = a.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('peer-'))
    expect(kinds.at(-1)).toBe('peer-away')
    expect(kinds.filter((kind) => kind === 'peer-away').length).toBeLessThanOrEqual(2)
  })

  it('find each other again after a break, by themselves', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    lab.network.reset('bob')
    await until(() => !a.knows('bob'), 'the break')
    await lab.during(lab.linked(a, b))
    expect(a.node.status().peersKnown).toBe(1)
  })

  it('tell how a message reaches their Claude, and tell it again when it changes', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    b.node.setReach('next-prompt')
    await lab.meet(a, b)
    expect(a.node.peers()[0]?.reach).toBe('next-prompt')
    b.node.setReach('push')
    await until(() => a.node.peers()[0]?.reach === 'push', 'the news')
  })
})

describe('an alarm', () => {
  it('stands in the status when somebody shows another key for a known node, and the true one is not disturbed [A5] [R157]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    const thief = keysOf(alice.nodeId, 0x66)
    for (let attempt = 0; attempt < 3; attempt++) await expect(attack(b, thief)).rejects.toThrow()
    expect(b.node.status().problems).toEqual([expect.stringMatching(/mallory showed another key.*refused/)])
    expect(b.node.peers()).toMatchObject([{ fingerprint: fingerprint(alice), isHere: true }])
    expect((await a.say('still me', { to: 'bob' })).recipients[0]?.state).toBe('received')
  })

  it('is raised by no more than sixteen addresses, however many try', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    for (let host = 0; host < 40; host++) {
      await expect(attack(b, keysOf(alice.nodeId, 0x66), `host-${host}`)).rejects.toThrow()
      lab.clock.advance(100)
    }
    expect(b.node.status().problems.length).toBe(16)
  })
})

describe('strangers', () => {
  it('that come and go with ever new keys leave nothing behind: no row, no state, no timer [R173]', async () => {
    const b = await lab.start('bob')
    for (let number = 0; number < 60; number++) {
      const one = await attack(
        b,
        keysOf(`018f47a0-7b21-7abc-8def-${(number + 4096).toString(16).padStart(12, '0')}`, number + 1),
        `host-${number}`,
      )
      one.send({ type: 'mesh-opaque-v1-profile', name: `stranger ${number}`, features: [], reach: 'push' })
      one.send({ type: 'mesh-opaque-v1-busy', retryAfterMs: 3_600_000 })
      await one.sync()
      one.stranger.close()
      await turns(3)
      lab.clock.advance(1_000)
    }
    await until(() => b.node.status().peersHere === 0, 'all are gone')
    expect(b.node.peers()).toHaveLength(LIMITS.openGroup.newPerHour)
    expect(Number(b.db.get('SELECT count(*) AS n FROM peer')?.['n'])).toBe(LIMITS.openGroup.newPerHour)
    const timers = lab.clock.pending
    expect(timers).toBeLessThan(10)
  })

  it('with one key under ever new node ids get one place', async () => {
    const b = await lab.start('bob')
    await (await attack(b)).sync()
    for (let number = 0; number < 5; number++) {
      const keys = keysOf(`018f47a0-7b21-7abc-8def-${(number + 4096).toString(16).padStart(12, '0')}`, 0xc4)
      expect(fingerprint(keys)).toBe(fingerprint(carol))
      const one = await attack(b, keys)
      await one.stranger.closed()
    }
    await turns(5)
    expect(b.node.peers().map(({ nodeId }) => nodeId)).toEqual([carol.nodeId])
    expect(Number(b.db.get('SELECT count(*) AS n FROM pin')?.['n'])).toBe(1)
    expect(b.node.status().counters['handshake-other-node-id']).toBe(5)
  })
})

describe('after a sleep', () => {
  it('every link is asked, the dead ones are closed, and the network is looked at anew', async () => {
    const [a, b, c] = [await lab.start('alice'), await lab.start('bob'), await lab.start('carol')]
    await lab.meet(a, b)
    await lab.meet(a, c)
    lab.network.cut('bob')
    lab.clock.sleep(3_600_000)
    await lab.pass(5_000)
    expect(a.discovery.refreshes).toBe(1)
    await lab.pass(2_500)
    expect([a.knows('bob'), a.knows('carol')]).toEqual([false, true])
    lab.network.heal('bob')
    await lab.during(lab.linked(a, b))
  })

  it('of less than a few seconds nothing is done', async () => {
    const a = await lab.start('alice')
    lab.clock.sleep(3_000)
    await lab.pass(5_000)
    expect(a.discovery.refreshes).toBe(0)
  })

  it('a clock that is set back does no harm', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    lab.clock.sleep(-7_200_000)
    await lab.pass(30_000)
    expect(a.knows('bob')).toBe(true)
    expect((await a.say('still', { to: 'bob' })).recipients[0]?.state).toBe('received')
  })
})

describe('what was shown under an id', () => {
  it('is found by it, with m, without, in full, and not by what two share [R25]', async () => {
    const b = await lab.start('bob')
    const attacker = await attack(b)
    const cmb = cmbOf(carol, 'find me', { createdAt: lab.clock.now() })
    attacker.sendCmb(cmb)
    await until(() => b.inbox().length === 1, 'it arrives')
    const digits = cmb.id.slice(5)
    for (const text of [`m${digits.slice(0, 16)}`, digits.slice(0, 8), cmb.id, ` M${digits.slice(0, 12)} `])
      expect(b.node.fetch(text)?.id).toBe(cmb.id)
    for (const text of ['', 'm', 'm1234567', `m${digits.slice(0, 7)}`, 'mffffffff', "m' OR 1=1", digits.slice(0, 15).concat('g')])
      expect(b.node.fetch(text)).toBeUndefined()
    const twin = `${cmb.id.slice(0, 20)}${'0'.repeat(49)}`
    b.db.run(
      `INSERT INTO inbox SELECT 999, ?, room, fingerprint, author_name, directed, tags, fields, body, created_at, received_at, bytes, held, surfaced_at, way, pushed_at, envelope, judgement, quiet, mention FROM inbox`,
      twin,
    )
    expect(b.node.fetch(digits.slice(0, 8))).toBeUndefined()
    expect(b.node.fetch(cmb.id)?.id).toBe(cmb.id)
  })
})

describe('the end', () => {
  it('tells the peers, leaves no timer, and nothing happens after it [R40]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob', { rates: { cmbsBurst: 1 } })]
    await lab.meet(a, b)
    const sends = Promise.all([1, 2, 3].map((number) => a.say(`note ${number}`, { to: 'bob' })))
    await lab.during(sends)
    await a.stop()
    await until(() => !b.knows('alice'), 'bob hears of it')
    await b.stop()
    expect(lab.clock.pending).toBe(0)
    lab.clock.advance(3_600_000)
    expect([...a.guard.counts(), ...b.guard.counts()]).toEqual([])
  })

  it('does not keep a send waiting', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    lab.network.cut('bob')
    const sending = a.say('to the silent', { to: 'bob' })
    await turns(5)
    await a.node.stop()
    expect((await sending).recipients[0]?.state).toMatch(/queued|sent/)
    await a.stop()
  })
})

describe('what bob knows of alice', () => {
  it('is under her key, not her name', async () => {
    const b = await lab.start('bob')
    const a = await lab.start('alice', { called: 'somebody else' })
    await lab.meet(a, b)
    expect(b.node.peers()).toMatchObject([{ fingerprint: fingerprint(alice), name: 'somebody else' }])
    expect(bob.nodeId).toBe(b.node.status().nodeId)
  })
})
