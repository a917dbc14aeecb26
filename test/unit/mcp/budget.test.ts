import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { ContextBudget, hasHalfShare, OverflowNotes } from '../../../server/src/mcp/budget.ts'
import { item, speaker } from './rig.ts'

const { perPeer, overall } = LIMITS.context
const MINUTE = 60_000

function countTaken(
  budget: ContextBudget,
  wanted: number,
  tokens: number,
  nowMs: number,
  name = 'bot',
  trust: 'member' | 'verified' = 'verified',
) {
  const one = item({ from: speaker(name, trust) })
  return Array.from({ length: wanted }, () => budget.take(one, tokens, nowMs)).filter(Boolean).length
}

describe('the budget', () => {
  it('lets one peer say its burst and then so many a minute [A9, R124]', () => {
    const budget = new ContextBudget(0)
    expect(countTaken(budget, 2_000, 1, 0)).toBe(perPeer.itemsBurst)
    expect(countTaken(budget, 2_000, 1, MINUTE)).toBe(perPeer.itemsPerMinute)
  })

  it('counts tokens as well as items [A9]', () => {
    const budget = new ContextBudget(0)
    expect(countTaken(budget, 100, 300, 0)).toBe(perPeer.tokensBurst / 300)
    expect(countTaken(budget, 100, 300, MINUTE)).toBe(Math.floor(perPeer.tokensPerMinute / 300))
  })

  it('holds all peers together to the overall burst [C5]', () => {
    const budget = new ContextBudget(0)
    const taken = Array.from({ length: 300 }, (_, peer) => countTaken(budget, 10, 1, 0, `bot-${peer}`))
    expect(taken.reduce((sum, count) => sum + count)).toBe(overall.itemsBurst)
  })

  it('gives a peer its allowance of a day and no more, then a new one the next day', () => {
    const budget = new ContextBudget(0)
    const ofDay = (day: number) =>
      Array.from({ length: 24 * 12 }, (_, five) => countTaken(budget, 40, 250, day * 86_400_000 + five * 5 * MINUTE) * 250).reduce(
        (a, b) => a + b,
      )
    expect(ofDay(0)).toBe(perPeer.tokensPerDay)
    expect(ofDay(1)).toBe(perPeer.tokensPerDay)
  })

  it('gives a member of an open group whose words were not compared half of it', () => {
    const budget = new ContextBudget(0)
    expect(countTaken(budget, 100, 1, 0, 'stranger', 'member')).toBe(perPeer.itemsBurst / 2)
    expect(countTaken(budget, 100, 300, 0, 'other', 'member')).toBe(overall.itemsBurst / 2 - perPeer.itemsBurst / 2)
  })

  it('keeps half of the whole for those who are verified, however many strangers speak [C5]', () => {
    const budget = new ContextBudget(0)
    for (let peer = 0; peer < 200; peer++) countTaken(budget, 10, 1, 0, `stranger-${peer}`, 'member')
    expect(countTaken(budget, 100, 1, 0, 'friend')).toBe(overall.itemsBurst / 2)
  })

  it('takes nothing anywhere when one bucket refuses', () => {
    const budget = new ContextBudget(0)
    countTaken(budget, 100, 1, 0)
    const before = budget.counters(0)
    countTaken(budget, 100, 1, 0)
    expect(budget.counters(0)).toEqual(before)
    expect(before).toEqual({ shownItems: 40, shownTokens: 40, itemsLeft: 20, tokensLeft: overall.tokensBurst - 40 })
  })

  it('knows open groups by their names', () => {
    expect(hasHalfShare(item({ from: speaker('a', 'member') }))).toBe(true)
    expect(hasHalfShare(item({ from: speaker('a', 'verified') }))).toBe(false)
    expect(hasHalfShare(item({ from: speaker('a', 'member'), group: 'team:0123456789ab' }))).toBe(false)
  })
})

describe('the lines about what waits', () => {
  const held = (count: number, name = 'build-bot') =>
    Array.from({ length: count }, () => item({ from: speaker(name), focus: 'x'.repeat(1_516) }))

  it('are one per peer with number and size [A9]', () => {
    expect(new OverflowNotes().take([...held(37), ...held(1, 'web')], 0)).toEqual([
      '37 more from build-bot, ~14k tok, sym_inbox',
      '1 more from web, ~379 tok, sym_inbox',
    ])
  })

  it('are not repeated until the number changed and a minute went by [A9]', () => {
    const notes = new OverflowNotes()
    expect(notes.take(held(5), 0)).toHaveLength(1)
    expect(notes.take(held(6), MINUTE - 1)).toEqual([])
    expect(notes.take(held(5), MINUTE)).toEqual([])
    expect(notes.take(held(6), MINUTE)).toHaveLength(1)
    expect(notes.take([], MINUTE)).toEqual([])
    expect(notes.take(held(6), MINUTE)).toHaveLength(1)
  })

  it('name five peers and count the others [A9]', () => {
    const lines = new OverflowNotes().take(Array.from({ length: 9 }, (_, peer) => held(10 - peer, `bot-${peer}`)).flat(), 0)
    expect(lines).toHaveLength(6)
    expect(lines.at(-1)).toBe('14 more from 4 other peers, ~5k tok, sym_inbox')
  })
})
