import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { EMPTY, freshness, marked, WINDOW } from '../../../server/src/mesh/letter-window.ts'

describe('the window of letters', () => {
  it('takes each number once, in any order, and refuses what is older than it', () => {
    let state = EMPTY
    for (const counter of [3, 1, WINDOW + 1, 2]) {
      expect(freshness(state, counter), `${counter}`).toBe('fresh')
      state = marked(state, counter)
    }
    expect([1, 2, 3, 4, WINDOW + 1, WINDOW + 2].map((counter) => freshness(state, counter))).toEqual([
      'old',
      'seen',
      'seen',
      'fresh',
      'seen',
      'fresh',
    ])
  })

  it('forgets what a jump moves over, and nothing else', () => {
    let state = marked(EMPTY, 10)
    state = marked(state, 10 + WINDOW)
    expect(freshness(state, 10)).toBe('old')
    expect(freshness(state, 11)).toBe('fresh')
    state = marked(marked(EMPTY, 5), 1_000_000_000)
    expect([freshness(state, 1_000_000_000), freshness(state, 999_999_999)]).toEqual(['seen', 'fresh'])
  })

  test.prop([
    fc.array(
      fc.oneof(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: WINDOW - 20, max: WINDOW + 40 }),
        fc.integer({ min: 3 * WINDOW, max: 3 * WINDOW + 40 }),
      ),
      { maxLength: 60 },
    ),
  ])('agrees with a list of all that came', (counters) => {
    let state = EMPTY
    const seen = new Set<number>()
    for (const counter of counters) {
      const highest = Math.max(0, ...seen)
      const expected = counter <= highest - WINDOW ? 'old' : seen.has(counter) ? 'seen' : 'fresh'
      expect(freshness(state, counter)).toBe(expected)
      if (expected !== 'fresh') continue
      state = marked(state, counter)
      seen.add(counter)
    }
  })
})
