/** Times as people write them. */
import { describe, expect, it } from 'vitest'
import { parseWhen } from '../../../server/src/base/when.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')

describe('a time', () => {
  it.each([
    ['90m', NOW - 90 * 60_000],
    ['2h', NOW - 2 * 3_600_000],
    [' 3d ', NOW - 3 * 86_400_000],
    ['1w', NOW - 7 * 86_400_000],
    ['2026-11-20T10:00Z', Date.parse('2026-11-20T10:00:00Z')],
    ['2026-11-20 10:00:30+02:00', Date.parse('2026-11-20T10:00:30+02:00')],
    ['2026-11-20', new Date(2026, 10, 20).getTime()],
    ['2026-11-20T10:00', new Date(2026, 10, 20, 10).getTime()],
  ])('%j is read', (text, expected) => {
    expect(parseWhen('since', text, NOW)).toBe(expected)
  })

  it.each(['', 'yesterday', '2', '2x', '-2h', '2026-13-01', '20.11.2026', 'NaN', '1e9d', '99999d'])(
    '%j is refused with an example',
    (text) => {
      expect(() => parseWhen('since', text, NOW)).toThrow(/since is .*2h, 3d/)
    },
  )
})
