import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { AcceptLimits, type AcceptSlot } from '../../../server/src/transport/accept-limits.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const { accept, handshake } = LIMITS

describe('limits for accepts', () => {
  let clock: FakeClock
  let limits: AcceptLimits

  beforeEach(() => {
    clock = new FakeClock()
    limits = new AcceptLimits(clock)
  })

  const admit = (remote: string): AcceptSlot => {
    const verdict = limits.admit(remote)
    if (verdict.kind === 'refused') throw new Error(verdict.reason)
    return verdict.slot
  }
  const reason = (remote: string) => {
    const verdict = limits.admit(remote)
    return verdict.kind === 'refused' ? verdict.reason : 'admitted'
  }
  const host = (n: number) => `10.0.${n >> 8}.${n & 255}`

  it('admits as many half-open connections per address as the limit says, and not one more', () => {
    const slots = Array.from({ length: accept.halfOpenPerAddress }, () => admit('10.0.0.1'))
    expect(reason('10.0.0.1')).toBe('half-open-address')
    expect(reason('10.0.0.2')).toBe('admitted')
    slots[0]?.release()
    expect(reason('10.0.0.1')).toBe('admitted')
  })

  it('admits as many half-open connections overall as the limit says, and not one more', () => {
    for (let n = 0; n < accept.halfOpen; n++) {
      clock.advance(100)
      admit(host(n))
    }
    expect(reason('10.9.9.9')).toBe('half-open')
  })

  it('refuses a handshake above the burst of its address until a token is back', () => {
    for (let n = 0; n < handshake.perAddressBurst; n++) admit('10.0.0.1').release()
    expect(reason('10.0.0.1')).toBe('rate-address')
    clock.advance(60_000 / handshake.perAddressPerMinute)
    expect(reason('10.0.0.1')).toBe('admitted')
    expect(reason('10.0.0.1')).toBe('rate-address')
  })

  it('refuses handshakes above the overall rate whoever they come from', () => {
    for (let n = 0; n < handshake.perSecond; n++) admit(host(n)).release()
    expect(reason('10.9.9.9')).toBe('rate')
    clock.advance(1_000 / handshake.perSecond)
    expect(reason('10.9.9.9')).toBe('admitted')
  })

  it('keeps as many links as the limit says, and frees a half-open place with each', () => {
    for (let n = 0; n < accept.lanLinks; n++) {
      clock.advance(100)
      expect(admit(host(n)).authenticated()).toBe(true)
    }
    expect(limits.counts()).toMatchObject({ halfOpen: 0, links: accept.lanLinks })
    expect(reason('10.9.9.9')).toBe('links')
    for (let n = accept.lanLinks; n < accept.links; n++) {
      clock.advance(100)
      expect(admit('local').authenticated()).toBe(true)
    }
    expect(reason('local')).toBe('links')
  })

  it('lets no link through that was half-open when the last place went', () => {
    const late = admit('10.9.9.9')
    for (let n = 0; n < accept.lanLinks; n++) {
      clock.advance(100)
      admit(host(n)).authenticated()
    }
    expect(late.authenticated()).toBe(false)
    late.release()
    expect(limits.counts()).toMatchObject({ halfOpen: 0, links: accept.lanLinks })
  })

  it('does not hold the sessions of this machine to the limits for one stranger', () => {
    for (let n = 0; n < handshake.perSecond; n++) admit('local')
    expect(reason('local')).toBe('rate')
  })

  it('forgets addresses that have been quiet, so that the table stays small', () => {
    for (let n = 0; n < 10_000; n++) {
      clock.advance(1_000)
      admit(`10.1.${n >> 8}.${n & 255}`).release()
    }
    expect(limits.counts().addresses).toBeLessThanOrEqual(4_096)
  })

  it('counts back to zero whatever the order of events', () => {
    const step = fc.record({ remote: fc.integer({ min: 0, max: 5 }), act: fc.constantFrom('admit', 'authenticate', 'release', 'wait') })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const time = new FakeClock()
        const policy = new AcceptLimits(time)
        const slots: AcceptSlot[] = []
        for (const { remote, act } of steps) {
          const verdict = act === 'admit' ? policy.admit(host(remote)) : undefined
          if (verdict?.kind === 'admitted') slots.push(verdict.slot)
          if (act === 'authenticate') slots[remote]?.authenticated()
          if (act === 'release') slots[remote]?.release()
          if (act === 'wait') time.advance(500)
          const { halfOpen, links } = policy.counts()
          expect(halfOpen).toBeGreaterThanOrEqual(0)
          expect(halfOpen).toBeLessThanOrEqual(accept.halfOpen)
          expect(links).toBeGreaterThanOrEqual(0)
        }
        for (const slot of slots) slot.release()
        expect(policy.counts()).toMatchObject({ halfOpen: 0, links: 0 })
      }),
    )
  })
})
