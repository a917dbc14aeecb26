import { fc, it as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { type Fingerprint, parseFingerprint } from '../../../server/src/identity/ids.ts'
import { type Heard, LoopBreaker, type Speech } from '../../../server/src/mesh/loop.ts'
import type { AssertionId } from '../../../server/src/mmp/cmb.ts'
import { parseAssertionId } from '../../../server/src/mmp/signature.ts'

const MINUTE = 60_000
const { holdHops, threadSends, threadWindowMs, sendsPerHour, sendsPerTurn, sameWindow, pairOpenMs } = LIMITS.loop

function node(name: string): Fingerprint {
  const found = parseFingerprint(Buffer.from(name.padEnd(32)).toString('hex'))
  if (!found) throw new Error(name)
  return found
}
let serial = 0
function newId(): AssertionId {
  const found = parseAssertionId(`asrt-${(++serial).toString(16).padStart(64, '0')}`)
  if (!found) throw new Error('no id')
  return found
}
/** Texts that are never alike. */
const words = (): string => Array.from({ length: 6 }, () => (++serial * 2_654_435_761).toString(36)).join(' ')

const me = node('me')
const [bob, carol] = [node('bob'), node('carol')]

function heard(changes: Partial<Heard> = {}): Heard {
  const id = newId()
  const from = changes.from ?? bob
  return { id, from, text: words(), thread: id, hop: 1, isAuto: true, chain: [from], isExpected: false, ...changes }
}
const speech = (changes: Partial<Speech> = {}): Speech => ({ group: 'default', to: bob, isObservation: false, origin: 'model', ...changes })
const shown = (loop: LoopBreaker, changes: Partial<Heard> & { readonly group?: string } = {}): Heard => {
  const item = heard(changes)
  loop.surfaced({ ...item, group: changes.group ?? 'default' })
  return item
}
/** One automatic send, as the node makes it; what kept it back, if anything did. */
function say(loop: LoopBreaker, at: number, changes: Partial<Speech> = {}, text = words()): string | undefined {
  const facts = loop.factsOf(speech(changes))
  const refusal = loop.refusal(text, facts, changes.to ?? bob, false, at)
  if (refusal === undefined) loop.said(newId(), text, facts, at)
  return refusal
}

describe('what goes with a message', () => {
  it('is nothing as long as Claude was shown nothing, and again after a human turn', () => {
    const loop = new LoopBreaker(me)
    const fresh = { hop: 0, auto: false, chain: [me], thread: undefined }
    expect(loop.factsOf(speech())).toEqual(fresh)
    shown(loop, { hop: 2 })
    expect(loop.factsOf(speech())).not.toEqual(fresh)
    loop.humanTurn()
    expect(loop.factsOf(speech())).toEqual(fresh)
  })

  it('is one hop more, the chain with us behind it, and the thread of the one who is answered', () => {
    const loop = new LoopBreaker(me)
    const item = shown(loop, { hop: 2, chain: [carol, bob] })
    expect(loop.factsOf(speech())).toEqual({ hop: 3, auto: true, chain: [carol, bob, me], thread: item.thread })
    expect(loop.factsOf(speech({ to: carol }))).toMatchObject({ hop: 3, chain: [carol, bob, me], thread: undefined })
  })

  it('tells no other group who is in this one', () => {
    const loop = new LoopBreaker(me)
    shown(loop, { hop: 2, chain: [carol, bob], group: 'secret' })
    expect(loop.factsOf(speech({ to: undefined }))).toEqual({ hop: 3, auto: true, chain: [me], thread: undefined })
  })

  it('does not become young by a fresh word of somebody else', () => {
    const loop = new LoopBreaker(me)
    shown(loop, { from: bob, hop: 3, chain: [me, bob] })
    shown(loop, { from: carol, hop: 0, chain: [carol] })
    expect(loop.factsOf(speech({ to: bob }))).toMatchObject({ hop: 4 })
  })

  it('begins anew for an observation and for what a person types, and never grows beyond the frame', () => {
    const loop = new LoopBreaker(me)
    shown(loop, { hop: LIMITS.envelope.hops, chain: Array.from({ length: LIMITS.envelope.chain }, () => bob) })
    expect(loop.factsOf(speech({ isObservation: true }))).toMatchObject({ hop: 0, auto: true, chain: [me] })
    for (const origin of ['person', 'program'] as const) {
      expect(loop.factsOf(speech({ origin }))).toMatchObject({ hop: 0, auto: false, chain: [me] })
    }
    const { hop, chain } = loop.factsOf(speech())
    expect([hop, chain.length, chain.at(-1)]).toEqual([LIMITS.envelope.hops, LIMITS.envelope.chain, me])
  })
})

describe('an arrival', () => {
  it('is not shown from the fourth hop on [R161]', () => {
    const loop = new LoopBreaker(me)
    expect(loop.judge(heard({ hop: holdHops - 1 }), 0)).toBeUndefined()
    expect(loop.judge(heard({ hop: holdHops, from: carol, isAuto: false }), 0)).toBe('hops')
  })

  it('is not shown when it went in a circle, however long; a direct answer is none [R161]', () => {
    expect(new LoopBreaker(me).judge(heard({ chain: [me, bob] }), 0)).toBeUndefined()
    expect(new LoopBreaker(me).judge(heard({ chain: [carol, me, bob] }), 0)).toBeUndefined()
    for (const chain of [
      [me, carol, bob],
      [me, bob, me, bob],
      [me, node('x'), carol, bob],
    ]) {
      expect(new LoopBreaker(me).judge(heard({ chain }), 0)).toBe('circle')
    }
  })

  it('is not shown behind six automatic ones of its conversation within ten minutes [R161]', () => {
    const loop = new LoopBreaker(me)
    const thread = newId()
    for (let count = 0; count < threadSends; count++)
      expect(loop.judge(heard({ thread, from: count % 2 ? bob : carol }), count)).toBeUndefined()
    expect(loop.judge(heard({ thread, isAuto: false }), 10)).toBeUndefined()
    expect(loop.judge(heard({ thread }), 11)).toBe('thread')
    const later = new LoopBreaker(me)
    for (let count = 0; count < threadSends; count++) later.judge(heard({ thread }), 0)
    expect(later.judge(heard({ thread }), threadWindowMs + 1)).toBeUndefined()
  })

  it('is not shown when nearly the same was said or heard among the last twenty [R161]', () => {
    const loop = new LoopBreaker(me)
    shown(loop)
    say(loop, 0, {}, 'The deployment of the billing service is done.')
    expect(loop.judge(heard({ text: 'the deployment of the billing service is done!' }), 1)).toBe('same')
    expect(loop.openPairs(1)).toEqual([])
    const other = new LoopBreaker(me)
    other.judge(heard({ from: carol, text: 'Tests are green again on main' }), 0)
    for (let count = 0; count < sameWindow; count++) other.judge(heard({ from: node(`n${count}`) }), 1)
    expect(other.judge(heard({ text: 'Tests are green again on main' }), 2)).toBeUndefined()
  })

  it('that could not be kept and comes again is judged as if it came once', () => {
    const loop = new LoopBreaker(me)
    const thread = newId()
    const item = heard({ thread })
    for (let times = 0; times < 2 * threadSends; times++) expect(loop.judge(item, times)).toBeUndefined()
  })

  it('of a person is never compared with what was said before', () => {
    const loop = new LoopBreaker(me)
    loop.judge(heard({ text: 'please deploy now' }), 0)
    expect(loop.judge(heard({ text: 'please deploy now', isAuto: false, hop: 0 }), 1)).toBeUndefined()
  })

  it('that was asked for is shown whatever the rules say', () => {
    const loop = new LoopBreaker(me)
    loop.open(bob, 'hops', 0)
    expect(loop.judge(heard({ isExpected: true, hop: 60, chain: [me, carol, bob] }), 1)).toBeUndefined()
  })

  it('opens the breaker for its author alone, for ten minutes, for automatic words alone [R161]', () => {
    const loop = new LoopBreaker(me)
    loop.judge(heard({ hop: holdHops }), 0)
    expect(loop.openPairs(1)).toMatchObject([{ peer: bob, rule: 'hops' }])
    expect(loop.judge(heard(), 1)).toBe('pair')
    expect(loop.judge(heard({ isAuto: false, hop: 0 }), 1)).toBeUndefined()
    expect(loop.judge(heard({ from: carol }), 1)).toBeUndefined()
    expect(loop.judge(heard(), pairOpenMs + 1)).toBeUndefined()
    expect(loop.openPairs(pairOpenMs + 1)).toEqual([])
  })

  it('held by an open breaker does not keep it open', () => {
    const loop = new LoopBreaker(me)
    loop.judge(heard({ hop: holdHops }), 0)
    for (let at = 1; at < pairOpenMs; at += MINUTE) loop.judge(heard(), at)
    expect(loop.judge(heard(), pairOpenMs + 1)).toBeUndefined()
  })
})

describe('what a session says by itself', () => {
  it('is not sent behind thirty in an hour, and a person sets that back [R161]', () => {
    const loop = new LoopBreaker(me)
    shown(loop)
    for (let count = 0; count < sendsPerHour; count++) expect(say(loop, count)).toBeUndefined()
    expect(say(loop, sendsPerHour)).toBe('hour')
    expect(loop.counters(sendsPerHour)).toEqual({ lastHour: sendsPerHour, thisTurn: sendsPerHour })
    shown(loop, { from: carol, hop: 0 })
    expect(say(loop, sendsPerHour)).toBe('hour')
    expect(say(loop, 61 * MINUTE)).toBeUndefined()
    loop.humanTurn()
    expect(say(loop, 61 * MINUTE)).toBeUndefined()
  })

  it('ends for good without a person, however slowly it goes', () => {
    const loop = new LoopBreaker(me)
    shown(loop)
    let said = 0
    for (let at = 0; at < 400 * 60 * MINUTE; at += 30 * MINUTE) if (say(loop, at, { isObservation: true }) === undefined) said++
    expect(said).toBe(sendsPerTurn)
  })

  it('is not sent twice in nearly the same words, nor to a peer with an open breaker; an answer is', () => {
    const loop = new LoopBreaker(me)
    shown(loop)
    expect(say(loop, 0, {}, 'Thanks, that helps a lot!')).toBeUndefined()
    expect(say(loop, 1, { to: carol }, 'thanks - that helps a lot')).toBe('same')
    loop.open(bob, 'hops', 1)
    expect(say(loop, 2)).toBe('pair')
    expect(say(loop, 2, { to: carol })).toBeUndefined()
    const facts = loop.factsOf(speech())
    expect(loop.refusal('Thanks, that helps a lot!', facts, bob, true, 3)).toBeUndefined()
  })

  it('is free when a person typed', () => {
    const loop = new LoopBreaker(me)
    for (let count = 0; count < 2 * sendsPerHour; count++) expect(say(loop, 0, {}, 'the same words')).toBeUndefined()
    shown(loop)
    expect(say(loop, 0, { origin: 'person' }, 'the same words')).toBeUndefined()
  })
})

/** What peers may do to a breaker: anything that arrives, and anything that is shown. */
const move = fc.record({
  kind: fc.constantFrom('arrive', 'show', 'say', 'told', 'human'),
  peer: fc.constantFrom(bob, carol, node('dave')),
  hop: fc.integer({ min: 0, max: 64 }),
  isAuto: fc.boolean(),
  isExpected: fc.boolean(),
  chain: fc.array(fc.constantFrom(me, bob, carol), { maxLength: 15 }),
  text: fc.constantFrom('thanks a lot', 'you are welcome', 'done', 'what else?'),
  stepMs: fc.integer({ min: 0, max: 20 * MINUTE }),
})

describe('a breaker, whatever happens to it', () => {
  property.prop([fc.array(move, { maxLength: 80 })])('keeps what it promises', (moves) => {
    const loop = new LoopBreaker(me)
    let at = 0
    let saidInTurn = 0
    for (const { kind, peer, hop, isAuto, isExpected, chain, text, stepMs } of moves) {
      at += stepMs
      const before = loop.counters(at)
      const item = heard({ from: peer, hop, isAuto, isExpected, chain: [...chain, peer], text })
      if (kind === 'human') {
        loop.humanTurn()
        saidInTurn = 0
        expect(loop.counters(at)).toEqual({ lastHour: 0, thisTurn: 0 })
        expect(loop.openPairs(at)).toEqual([])
      } else if (kind === 'say') {
        const { auto } = loop.factsOf(speech({ to: peer }))
        const refusal = say(loop, at, { to: peer }, text)
        if (auto && refusal === undefined) saidInTurn++
        if (!auto) expect(refusal).toBeUndefined()
      } else {
        if (kind === 'arrive') {
          const rule = loop.judge(item, at)
          if (isExpected) expect(rule).toBeUndefined()
          else if (hop >= holdHops) expect(rule).toBeDefined()
          if (rule !== undefined && rule !== 'same') expect(loop.openPairs(at).map((pair) => pair.peer)).toContain(peer)
        }
        if (kind === 'show') loop.surfaced({ ...item, group: 'default' })
        if (kind === 'told') loop.open(peer, 'hops', at)
        // No peer moves what this session is allowed by itself.
        expect(loop.counters(at)).toEqual(before)
      }
      expect(loop.counters(at).thisTurn).toBe(saidInTurn)
      expect(loop.counters(at).lastHour).toBeLessThanOrEqual(sendsPerHour)
      for (const { untilMs } of loop.openPairs(at)) expect(untilMs).toBeLessThanOrEqual(at + pairOpenMs)
    }
  })
})
