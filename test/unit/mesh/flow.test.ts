import { describe, expect, it } from 'vitest'
import { Guard } from '../../../server/src/base/guard.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import { Flow } from '../../../server/src/mesh/flow.ts'
import type { OutboxMessage } from '../../../server/src/mesh/outbox.ts'
import type { AssertionId } from '../../../server/src/mmp/cmb.ts'
import { parseAssertionId } from '../../../server/src/mmp/signature.ts'
import { FakeClock } from '../../support/fake-clock.ts'

function id(number: number): AssertionId {
  const parsed = parseAssertionId(`asrt-${number.toString(16).padStart(64, '0')}`)
  if (!parsed) throw new Error('no id')
  return parsed
}

function message(number: number): OutboxMessage {
  const at = { createdAt: number, expiresAt: Number.MAX_SAFE_INTEGER }
  return { id: id(number), group: 'default', isDirected: true, tags: [], record: '{}', focus: '', ...at }
}

/** An outbox, a link that can be closed, and a note of all that passed. */
function rig() {
  const clock = new FakeClock()
  const disk: OutboxMessage[] = []
  const transmitted: number[] = []
  const sent: number[] = []
  const held: number[] = []
  const state = { isOpen: true, room: Number.POSITIVE_INFINITY, reads: 0 }
  const numberOf = (which: AssertionId) => Number.parseInt(which.slice(-8), 16)
  const flow = new Flow({
    clock,
    guard: new Guard(silentLog),
    waiting: (limit, except) => {
      state.reads++
      return disk.filter((one) => !except.has(one.id)).slice(0, limit)
    },
    transmit: (one) => {
      if (!state.isOpen || transmitted.length >= state.room) return false
      transmitted.push(one.createdAt)
      return true
    },
    onSent: (ids) => sent.push(...ids.map(numberOf)),
    isUnreceipted: () => false,
    onHeld: (which) => held.push(numberOf(which)),
  })
  const put = (...numbers: number[]) => {
    const fresh = numbers.map(message)
    disk.push(...fresh)
    return fresh
  }
  const offer = (number: number) => {
    for (const one of put(number)) flow.offer(one)
  }
  const receipt = (number: number) => {
    disk.splice(
      disk.findIndex((one) => one.createdAt === number),
      1,
    )
    flow.settled(id(number))
  }
  return { clock, flow, disk, transmitted, sent, held, state, put, offer, receipt }
}

const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index)

describe('what goes to one peer', () => {
  it('goes straight out, and is then noted as sent', () => {
    const { offer, transmitted, sent } = rig()
    offer(1)
    offer(2)
    expect(transmitted).toEqual([1, 2])
    expect(sent).toEqual([1, 2])
  })

  it('is at most a window of unconfirmed messages at once, and goes on in order as receipts come', () => {
    const { flow, put, transmitted, receipt } = rig()
    put(...upTo(200))
    flow.restart()
    expect(transmitted).toEqual(upTo(64))
    for (const number of upTo(200)) receipt(number)
    expect(transmitted).toEqual(upTo(200))
  })

  it('never overtakes what waits already', () => {
    const { flow, put, offer, transmitted, state, receipt } = rig()
    state.isOpen = false
    put(1, 2)
    flow.restart()
    state.isOpen = true
    offer(3)
    expect(transmitted).toEqual([1, 2, 3])
    for (const number of [1, 2, 3]) receipt(number)
    offer(4)
    expect(transmitted).toEqual([1, 2, 3, 4])
  })

  it('stops where the link takes no more, and goes on from there', () => {
    const { flow, put, transmitted, sent, state } = rig()
    put(...upTo(10))
    state.room = 4
    flow.restart()
    expect(sent).toEqual(upTo(4))
    state.room = Number.POSITIVE_INFINITY
    flow.tick()
    expect(transmitted).toEqual(upTo(10))
  })

  it('waits on disk while there is no link, and is not noted as sent', () => {
    const { flow, offer, sent, state, transmitted } = rig()
    state.isOpen = false
    offer(1)
    flow.tick()
    expect(sent).toEqual([])
    state.isOpen = true
    flow.restart()
    expect(transmitted).toEqual([1])
  })

  it('goes out again on another link, for the old one may have lost it', () => {
    const { flow, put, transmitted } = rig()
    put(1, 2)
    flow.restart()
    flow.restart()
    expect(transmitted).toEqual([1, 2, 1, 2])
  })

  it('goes out again without a receipt for ten seconds, not earlier', () => {
    const { flow, offer, clock, transmitted } = rig()
    offer(1)
    clock.advance(10_000)
    flow.tick()
    expect(transmitted).toEqual([1])
    clock.advance(1)
    flow.tick()
    expect(transmitted).toEqual([1, 1])
  })

  it('does not starve behind messages that this peer never confirms', () => {
    const { flow, put, clock, transmitted, receipt } = rig()
    put(...upTo(64))
    flow.restart()
    put(65, 66)
    clock.advance(10_001)
    flow.tick()
    expect(transmitted.slice(64, 66)).toEqual([65, 66])
    receipt(65)
    receipt(66)
    clock.advance(10_001)
    flow.tick()
    for (const number of upTo(64)) expect(transmitted.filter((one) => one === number).length).toBeGreaterThan(1)
  })

  it('asks the disk only when something may wait there', () => {
    const { flow, offer, state, receipt } = rig()
    flow.restart()
    const { reads } = state
    for (const number of upTo(50)) {
      offer(number)
      receipt(number)
      flow.tick()
    }
    expect(state.reads).toBe(reads)
  })

  describe('to a peer that is busy', () => {
    it('is held for the time that it named, and then goes again', () => {
      const { flow, offer, clock, held, transmitted } = rig()
      offer(1)
      flow.hold(id(1), 5_000)
      offer(2)
      expect(held).toEqual([1])
      clock.advance(4_999)
      flow.tick()
      expect(transmitted).toEqual([1])
      clock.advance(1)
      expect(transmitted).toEqual([1, 1, 2])
    })

    it.each([
      [0, 100],
      [-5, 100],
      [86_400_000, 3_600_000],
    ])('with %i ms as its word is held for %i', (said, waits) => {
      const { flow, offer, clock, transmitted } = rig()
      offer(1)
      flow.hold(id(1), said)
      clock.advance(waits - 1)
      flow.tick()
      expect(transmitted).toEqual([1])
      clock.advance(1)
      expect(transmitted).toEqual([1, 1])
    })

    it('waits for one timer, however often it says so', () => {
      const { flow, offer, clock } = rig()
      offer(1)
      for (const _ of upTo(10_000)) flow.hold(undefined, 3_600_000)
      expect(clock.pending).toBe(1)
    })

    it('is sent at once on a new link, and the old word counts no more', () => {
      const { flow, offer, clock, transmitted } = rig()
      offer(1)
      flow.hold(id(1), 60_000)
      flow.restart()
      expect(transmitted).toEqual([1, 1])
      expect(clock.pending).toBe(0)
    })
  })

  it('leaves nothing scheduled when it stops', () => {
    const { flow, offer, clock, transmitted } = rig()
    offer(1)
    flow.hold(id(1), 5_000)
    flow.stop()
    expect(clock.pending).toBe(0)
    flow.tick()
    offer(2)
    expect(transmitted).toEqual([1])
  })
})
