import { describe, expect, it } from 'vitest'
import { parseGroupName, serviceTypeOf } from '../../../server/src/mmp/group.ts'
import { parseWireName } from '../../../server/src/mmp/name.ts'

describe('parseGroupName', () => {
  it.each(['default', 'a', 'team-7', 'a1-b2-c3', 'x'.repeat(62), '0123456789abcdef0123456789abcdef'])('accepts %s', (text) => {
    expect(parseGroupName(text)).toBe(text)
  })

  it.each(['', '-', 'a-', '-a', 'a--b', 'A', 'a b', 'a.b', 'a_b', 'é', 'a/b', '../x', 'a\n', 'label:0123456789ab', 'x'.repeat(63)])(
    'refuses %j',
    (text) => {
      expect(parseGroupName(text)).toBeUndefined()
    },
  )

  it('is announced under a type of its own, default under that of the protocol [R31]', () => {
    const typeOf = (text: string) => {
      const group = parseGroupName(text)
      return group && serviceTypeOf(group)
    }
    expect(typeOf('default')).toBe('_sym._tcp')
    expect(typeOf('team-7')).toBe('_team-7._tcp')
  })
})

describe('parseWireName', () => {
  it.each(['claude-host-project', 'Zoë', 'a b', '会议', '😀', 'a'.repeat(64), 'é'.repeat(32), '../x', '<b>'])('accepts %j', (text) => {
    expect(parseWireName(text)).toBe(text)
  })

  it.each([
    '',
    'a'.repeat(65),
    'é'.repeat(33),
    'a\nb',
    '\u001b[31m',
    '\u0085',
    '\u202eevil',
    '\u200b',
    '\u2066x',
    '\ufeff',
    '\ud800',
    '\ue000',
    '\u{e0041}',
  ])('refuses %j', (text) => {
    expect(parseWireName(text)).toBeUndefined()
  })

  it('gives one name for two spellings', () => {
    expect(parseWireName('Zoe\u0308')).toBe('Zoë')
  })
})
