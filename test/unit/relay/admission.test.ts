import { describe, expect, it } from 'vitest'
import { relayGroupOf } from '../../../server/src/mmp/relay-proof.ts'
import { Admission, clientAddress, networkOf, Tokens } from '../../../server/src/relay/admission.ts'
import { DEFAULT_RELAY_LIMITS } from '../../../server/src/relay/limits.ts'

describe('tokens', () => {
  it('lead to a group each, and a wrong or missing one to none [R103]', () => {
    const tokens = new Tokens(['one', 'two'])
    expect(tokens.groupFor('one')).toBe(relayGroupOf('one'))
    expect(tokens.groupFor('two')).not.toBe(tokens.groupFor('one'))
    for (const wrong of ['', 'onE', 'one ', 'three', undefined]) expect(tokens.groupFor(wrong)).toBeUndefined()
  })

  it('that are not asked for still keep groups apart', () => {
    const open = new Tokens([])
    expect(open.groupFor('one')).not.toBe(open.groupFor('two'))
    expect(open.groupFor(undefined)).toBe(open.groupFor(''))
  })
})

describe('places before authentication', () => {
  const limits = { ...DEFAULT_RELAY_LIMITS, unauthenticated: 5, unauthenticatedPerAddress: 2 }

  it('are few per address and in all, and free again once', () => {
    const admission = new Admission(limits)
    const first = admission.enter('192.0.2.1')
    expect(admission.enter('::ffff:192.0.2.1')).toBeDefined()
    expect(admission.enter('192.0.2.1')).toBeUndefined()
    first?.free()
    first?.free()
    expect(admission.waiting).toBe(1)
    expect(admission.enter('192.0.2.1')).toBeDefined()
    expect(admission.enter('192.0.2.1')).toBeUndefined()
    for (const address of ['192.0.2.2', '192.0.2.3', '192.0.2.4']) expect(admission.enter(address)).toBeDefined()
    expect(admission.enter('192.0.2.5')).toBeUndefined()
  })

  it('count a whole /64 of IPv6 as one address', () => {
    expect(networkOf('2001:DB8:0:1::5')).toBe(networkOf('2001:db8:0:1:ffff:1:2:3'))
    expect(networkOf('2001:db8:0:1::5')).not.toBe(networkOf('2001:db8:0:2::5'))
    expect(networkOf('fe80::1%eth0')).toBe(networkOf('fe80::2%eth1'))
    expect(networkOf('::1')).toBe('0:0:0:0')
  })
})

describe('the address behind a proxy', () => {
  const proxies = new Set(['10.0.0.1', '10.0.0.2'])

  it.each([
    ['192.0.2.9', '203.0.113.5', '192.0.2.9'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['::ffff:10.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['10.0.0.1', '1.1.1.1, 203.0.113.5', '203.0.113.5'],
    ['10.0.0.1', '1.1.1.1, 203.0.113.5, 10.0.0.2', '203.0.113.5'],
    ['10.0.0.1', ',,', '10.0.0.1'],
  ])('of %s saying %s is %s', (remote, forwarded, expected) => {
    expect(clientAddress(remote, forwarded, proxies)).toBe(expected)
  })
})
