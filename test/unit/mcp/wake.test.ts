import { describe, expect, it } from 'vitest'
import { AFTER_PUSH_MS, GATHER_MS, hostWakes, mayWake, SILENT_MS, wakeDueMs } from '../../../server/src/mcp/wake.ts'
import { WakeBudget } from '../../../server/src/mcp/wake-budget.ts'
import { item, speaker } from './rig.ts'

describe('reason enough to wake', () => {
  const broadcast = item({ isDirected: false })
  it.each([
    ['what was said to this session', item(), 'directed', true],
    ['what was said to the group', broadcast, 'directed', false],
    ['what was said to the group, where the person wants all', broadcast, 'all', true],
    ['a question to the group', item({ isDirected: false, kind: 'question' }), 'directed', true],
    ['an answer', item({ isDirected: false, kind: 'answer' }), 'directed', true],
    ['a question that wishes to wake nobody', item({ kind: 'question', mayWake: false }), 'directed', false],
    ['anything, where the person wants none', item(), 'off', false],
    ['what its author wishes to wake nobody', item({ mayWake: false }), 'all', false],
    ['words of a key that is not admitted', item({ from: speaker('x', 'unknown') }), 'all', false],
  ] as const)('%s: under %#', (_, one, wish, expected) => {
    expect(mayWake(one, wish)).toBe(expected)
  })
})

describe('the time of a wake [R116]', () => {
  it('is soon for an idle session, and gathers a burst', () => {
    expect(wakeDueMs({ turn: { state: 'idle' }, mayBePushed: false, sinceMs: 100 })).toBe(100 + GATHER_MS)
  })
  it('leaves a push that may arrive the first seconds', () => {
    expect(wakeDueMs({ turn: { state: 'idle' }, mayBePushed: true, sinceMs: 100 })).toBe(100 + AFTER_PUSH_MS)
  })
  it('comes in a turn only after a minute without a sign of it', () => {
    expect(wakeDueMs({ turn: { state: 'working', lastEventMs: 5_000 }, mayBePushed: false, sinceMs: 100 })).toBe(5_000 + SILENT_MS)
    expect(wakeDueMs({ turn: { state: 'working', lastEventMs: 100 }, mayBePushed: true, sinceMs: 5_000 })).toBe(5_000 + SILENT_MS)
  })
})

describe('a host', () => {
  it.each([
    [undefined, false],
    [{ name: 'claude-code', version: '2.1.196' }, false],
    [{ name: 'claude-code', version: '2.0.999' }, false],
    [{ name: 'claude-code', version: '1.9.0' }, false],
    [{ name: 'claude-code', version: 'latest' }, false],
    [{ name: 'claude-code', version: '' }, false],
    [{ name: 'another', version: '9.9.9' }, false],
    [{ name: 'claude-code', version: '2.1.197' }, true],
    [{ name: 'claude-code', version: '2.1.329' }, true],
    [{ name: 'claude-code', version: '2.2.0' }, true],
    [{ name: 'claude-code', version: '3.0.0-beta.1' }, true],
  ])('%j wakes by its background hooks: %s [R116]', (host, expected) => {
    expect(hostWakes(host)).toBe(expected)
  })
})

describe('the budget of wakes', () => {
  const rates = { wakesPerMinute: 2, wakesPerHour: 3, wakesPerDay: 4 }
  it('holds for the minute, the hour and the day at once, and says what is left [R124]', () => {
    const budget = new WakeBudget(rates, 0)
    const spendAll = (nowMs: number) => {
      let spent = 0
      for (; budget.waitMs(nowMs) === 0; spent++) budget.spend(nowMs)
      return spent
    }
    expect(spendAll(0)).toBe(2)
    expect(budget.counters(0)).toEqual({ wakes: 2, wakesLeft: 0 })
    expect(budget.waitMs(0)).toBeLessThanOrEqual(30_000)
    expect(spendAll(60_000)).toBe(1)
    expect(budget.waitMs(120_000)).toBeGreaterThan(10 * 60_000)
    expect(spendAll(3_600_000)).toBe(1)
    expect(budget.waitMs(2 * 3_600_000)).toBeGreaterThan(3 * 3_600_000)
  })
})
