import { describe, expect, it } from 'vitest'
import { Guard } from '../../../server/src/base/guard.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import type { Candidate } from '../../../server/src/discovery/discovery.ts'
import type { NodeId } from '../../../server/src/identity/ids.ts'
import { Dialer } from '../../../server/src/mesh/dialer.ts'
import type { DialOutcome, DialTarget } from '../../../server/src/mesh/links.ts'
import type { Address } from '../../../server/src/transport/connection.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { alice, bob, carol, turns } from '../../support/mesh.ts'

const UNREACHABLE: DialOutcome = { kind: 'failed', rule: 'unreachable: nothing listens' }

/** The node under test is bob: alice has a lower id, carol a higher one. */
function rig(groups: readonly string[] = ['default']) {
  const clock = new FakeClock()
  const dials: (DialTarget & { atMs: number })[] = []
  const linked = new Set<string>()
  const world = { answer: (_target: DialTarget): DialOutcome | Promise<DialOutcome> => UNREACHABLE }
  const dialer = new Dialer({
    clock,
    random: (length) => new Uint8Array(length),
    guard: new Guard(silentLog),
    self: bob.nodeId,
    groups: () => groups,
    dial: async (target) => {
      dials.push({ ...target, atMs: clock.monotonic() })
      const outcome = await world.answer(target)
      if (outcome.kind === 'linked') linked.add(`${outcome.nodeId} ${target.group} ${target.address.kind}`)
      return outcome
    },
    isLinked: (nodeId, group, kind) => linked.has(`${nodeId} ${group} ${kind}`),
  })
  const pass = async (ms: number, step = 100) => {
    for (let left = ms; left > 0; left -= step) {
      clock.advance(Math.min(step, left))
      await turns(1)
    }
  }
  const times = () => dials.map(({ atMs }) => atMs)
  return { clock, dialer, dials, linked, world, pass, times }
}

const lan = (host: string, port = 4_000): Address => ({ kind: 'lan', host, port })

function candidate(changes: Partial<Candidate> = {}): Candidate {
  return { source: 'lan', id: 'one', nodeId: carol.nodeId, groups: ['default'], addresses: [lan('10.0.0.1')], ...changes }
}

const answers = (nodeId: NodeId) => (): DialOutcome => ({ kind: 'linked', nodeId })

describe('who dials', () => {
  it.each([
    ['a node with a higher id is dialed at once', carol.nodeId, 0],
    ['a node with a lower id has two seconds to dial us', alice.nodeId, 2_000],
    ['an address without an id is dialed at once', undefined, 0],
  ])('%s [R32]', async (_, nodeId, atMs) => {
    const { dialer, world, pass, times } = rig()
    world.answer = answers(nodeId ?? carol.nodeId)
    dialer.found(candidate({ nodeId }))
    await pass(5_000)
    expect(times()).toEqual([atMs])
  })

  it('never dials itself', async () => {
    const { dialer, pass, dials } = rig()
    dialer.found(candidate({ nodeId: bob.nodeId.toUpperCase() }))
    await pass(5_000)
    expect(dials).toEqual([])
  })

  it('does not dial who has dialed us meanwhile', async () => {
    const { dialer, linked, pass, dials } = rig()
    dialer.found(candidate({ nodeId: alice.nodeId }))
    linked.add(`${alice.nodeId} default lan`)
    await pass(5_000)
    expect(dials).toEqual([])
  })

  it('needs no LAN link beside the socket of the same machine', async () => {
    const { dialer, linked, pass, dials } = rig()
    linked.add(`${carol.nodeId} default machine`)
    dialer.found(candidate())
    await pass(5_000)
    expect(dials).toEqual([])
  })

  it('dials for the groups that both are in, and for no other', async () => {
    const { dialer, world, pass, dials } = rig(['default', 'backend'])
    world.answer = answers(carol.nodeId)
    dialer.found(candidate({ groups: ['backend', 'elsewhere'] }))
    dialer.found(candidate({ id: 'two', nodeId: undefined, groups: undefined, addresses: [lan('10.0.0.2')] }))
    await pass(1_000)
    expect(dials.map(({ group, address }) => [group, address.kind === 'lan' && address.host])).toEqual([
      ['backend', '10.0.0.1'],
      ['default', '10.0.0.2'],
      ['backend', '10.0.0.2'],
    ])
  })

  it('tries all addresses in their order until one answers [R32]', async () => {
    const { dialer, world, pass, dials } = rig()
    const addresses = [lan('10.0.0.1'), lan('10.0.0.2'), lan('fe80::1')]
    world.answer = ({ address }) => (address === addresses[1] ? answers(carol.nodeId)() : UNREACHABLE)
    dialer.found(candidate({ addresses }))
    await pass(1_000)
    expect(dials.map(({ address }) => address)).toEqual(addresses.slice(0, 2))
  })

  it('asks the node that it means by its id, also one that has proven itself without a claim', async () => {
    const { dialer, linked, world, pass, dials } = rig()
    world.answer = answers(carol.nodeId)
    dialer.found(candidate({ nodeId: undefined }))
    await pass(100)
    linked.clear()
    dialer.linkDown(carol.nodeId)
    await pass(2_000)
    expect(dials.map(({ nodeId }) => nodeId)).toEqual([undefined, carol.nodeId])
  })
})

describe('how often', () => {
  it.each([
    ['machine', [100, 250, 500, 1_000, 2_000, 5_000, 5_000]],
    ['static', [500, 1_000, 2_000, 5_000, 10_000, 30_000, 30_000]],
    ['lan', [30_000, 30_000, 30_000]],
  ] as const)('a candidate of kind %s that does not answer is tried again later and later', async (source, waits) => {
    const { dialer, pass, times } = rig()
    dialer.found(candidate({ source }))
    const step = 50
    await pass(
      waits.reduce((sum, wait) => sum + wait + step, step),
      step,
    )
    const intervals = times()
      .map((at, index) => at - (times()[index - 1] ?? at))
      .slice(1)
    // A dial takes one step of the test, hence the second bound.
    for (const [index, wait] of waits.entries()) {
      expect(intervals[index]).toBeGreaterThanOrEqual(wait)
      expect(intervals[index]).toBeLessThanOrEqual(wait + step)
    }
  })

  it('strangers on the LAN are dialed ten times a minute, however many there are [A13]', async () => {
    const { dialer, pass, times } = rig()
    for (let number = 0; number < LIMITS.mdns.candidates; number++) {
      dialer.found(candidate({ id: `fake-${number}`, addresses: [lan('10.0.0.9', 2_000 + number)] }))
    }
    await pass(180_000, 500)
    const minutes = [0, 1, 2].map((minute) => times().filter((at) => at >= minute * 60_000 && at < (minute + 1) * 60_000).length)
    expect(minutes[0]).toBeLessThanOrEqual(2 * LIMITS.mdns.dialsPerMinute)
    for (const count of minutes.slice(1)) expect(count).toBeLessThanOrEqual(LIMITS.mdns.dialsPerMinute + 1)
  })

  it('sessions of this machine and addresses that a person named do not wait for the budget of strangers', async () => {
    const { dialer, pass, dials } = rig()
    for (let number = 0; number < 50; number++)
      dialer.found(candidate({ id: `fake-${number}`, addresses: [lan('10.0.0.9', 2_000 + number)] }))
    await pass(1_000)
    dialer.found(candidate({ source: 'machine', id: 'm', addresses: [{ kind: 'machine', path: '/run/m' }] }))
    dialer.found(candidate({ source: 'static', id: 's', nodeId: undefined, addresses: [lan('10.0.0.3')] }))
    await pass(100)
    expect(dials.slice(-2).map(({ address }) => address.kind)).toEqual(['machine', 'lan'])
  })

  it('who has proven itself is tried again soon after its link went down, and does not wait for the budget', async () => {
    const { dialer, linked, world, pass, times, clock } = rig()
    world.answer = answers(carol.nodeId)
    dialer.found(candidate())
    await pass(60_000, 1_000)
    linked.clear()
    world.answer = () => UNREACHABLE
    dialer.linkDown(carol.nodeId)
    const start = clock.monotonic()
    await pass(4_000, 50)
    expect(
      times()
        .slice(1)
        .map((at) => at - start),
    ).toEqual([250, 750, 1_750, 3_750])
  })

  it('the same record again does not shorten the wait', async () => {
    const { dialer, pass, times } = rig()
    for (let second = 0; second < 25; second++) {
      dialer.found(candidate())
      await pass(1_000)
    }
    expect(times()).toEqual([0])
  })

  it('a candidate is not dialed twice at once', async () => {
    const { dialer, world, pass, dials } = rig()
    let answer: (outcome: DialOutcome) => void = () => {}
    world.answer = () => new Promise((resolve) => (answer = resolve))
    dialer.found(candidate())
    await pass(100)
    dialer.retryAll()
    dialer.linkDown(carol.nodeId)
    await pass(5_000)
    expect(dials).toHaveLength(1)
    answer({ kind: 'linked', nodeId: carol.nodeId })
    await pass(100)
  })
})

describe('a candidate that changes', () => {
  it('is dialed at once at its new address', async () => {
    const { dialer, pass, dials } = rig()
    dialer.found(candidate())
    await pass(1_000)
    dialer.found(candidate({ addresses: [lan('10.0.0.2')] }))
    await pass(200)
    expect(dials.map(({ address }) => address)).toEqual([lan('10.0.0.1'), lan('10.0.0.2')])
  })

  it('is dialed at its new address as soon as the old one has failed, when it moved during the dial', async () => {
    const { dialer, world, pass, dials } = rig()
    let answer: (outcome: DialOutcome) => void = () => {}
    world.answer = () => new Promise((resolve) => (answer = resolve))
    dialer.found(candidate())
    await pass(100)
    dialer.found(candidate({ addresses: [lan('10.0.0.2')] }))
    await pass(1_000)
    answer(UNREACHABLE)
    await pass(500)
    expect(dials.map(({ address }) => address)).toEqual([lan('10.0.0.1'), lan('10.0.0.2')])
  })

  it('is forgotten when its record is withdrawn; an address that a person named is not', async () => {
    const { dialer, pass, dials } = rig()
    dialer.found(candidate())
    dialer.found(candidate({ source: 'static', id: 'two', nodeId: undefined, addresses: [lan('10.0.0.2')] }))
    await pass(100)
    dialer.lost('one')
    dialer.lost('two')
    await pass(40_000, 1_000)
    expect(dials.filter(({ address }) => address.kind === 'lan' && address.host === '10.0.0.1')).toHaveLength(1)
    expect(dials.filter(({ address }) => address.kind === 'lan' && address.host === '10.0.0.2').length).toBeGreaterThan(3)
  })

  it('is another node now at an address that a person named: whoever answers is taken', async () => {
    const { dialer, linked, world, pass } = rig()
    world.answer = answers(carol.nodeId)
    dialer.found(candidate({ source: 'static', nodeId: undefined, groups: undefined }))
    await pass(100)
    linked.clear()
    world.answer = ({ nodeId }) =>
      nodeId === undefined || nodeId === alice.nodeId ? answers(alice.nodeId)() : { kind: 'failed', rule: 'wrong-node' }
    dialer.linkDown(carol.nodeId)
    await pass(30_000)
    expect([...linked]).toEqual([`${alice.nodeId} default lan`])
  })

  it('is our own address: it is not tried again', async () => {
    const { dialer, world, pass, dials } = rig()
    world.answer = () => ({ kind: 'failed', rule: 'own-key' })
    dialer.found(candidate({ source: 'static', nodeId: undefined, groups: undefined }))
    await pass(60_000, 1_000)
    expect(dials).toHaveLength(1)
  })
})

describe('the end', () => {
  it('leaves nothing scheduled, also while a dial runs', async () => {
    const { clock, dialer, world, pass, dials } = rig()
    let answer: (outcome: DialOutcome) => void = () => {}
    world.answer = () => new Promise((resolve) => (answer = resolve))
    dialer.found(candidate())
    dialer.found(candidate({ id: 'two', nodeId: alice.nodeId }))
    await pass(100)
    await dialer.stop()
    answer(UNREACHABLE)
    await pass(60_000, 1_000)
    expect(clock.pending).toBe(0)
    expect(dials).toHaveLength(1)
  })

  it('says why what is known is not linked', async () => {
    const { dialer, pass } = rig()
    dialer.found(candidate())
    await pass(100)
    expect(dialer.failures()).toEqual([{ address: '10.0.0.1:4000', rule: 'unreachable: nothing listens' }])
  })
})
