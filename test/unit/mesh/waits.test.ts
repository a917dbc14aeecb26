import { fc, it as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { type Fingerprint, parseFingerprint } from '../../../server/src/identity/ids.ts'
import { Waits } from '../../../server/src/mesh/waits.ts'
import type { AssertionId } from '../../../server/src/mmp/cmb.ts'
import { parseAssertionId } from '../../../server/src/mmp/signature.ts'

const node = (at: number): Fingerprint => {
  const found = parseFingerprint(`${at}`.padStart(64, 'a'))
  if (!found) throw new Error('no fingerprint')
  return found
}
const id = (at: number): AssertionId => {
  const found = parseAssertionId(`asrt-${`${at}`.padStart(64, '0')}`)
  if (!found) throw new Error('no id')
  return found
}
const [me, bob, carol, dave] = [node(0), node(1), node(2), node(3)]
const G = 'default'

describe('waits', () => {
  it('know who waits for us, and who waits for them, until the longest wait is over', () => {
    const waits = new Waits(me)
    waits.asked(id(1), bob, [carol], G, 0)
    waits.asked(id(2), dave, [], 'other', 0)
    expect(waits.waiting(G, 1)).toEqual([bob, carol])
    expect(waits.blockers([carol, dave], G, 1)).toEqual([carol])
    expect(waits.waiting(G, LIMITS.question.waitMs + 60_000)).toEqual([])
    waits.closed(id(1))
    expect(waits.waiting(G, 1)).toEqual([])
  })

  it('of ours are in vain when the one who is waited for waits for us, itself or through others', () => {
    for (const [asker, others] of [
      [bob, []],
      [carol, [bob]],
      [carol, [dave, me]],
    ] as const) {
      const waits = new Waits(me)
      waits.begin({ question: id(1), group: G, targets: [bob] })
      expect(waits.asked(id(2), asker, others, 'other', 0)).toEqual([])
      expect(waits.asked(id(2), asker, others, G, 0)).toEqual([id(1)])
    }
  })

  it('of ours go on when somebody else waits for us', () => {
    const waits = new Waits(me)
    waits.begin({ question: id(1), group: G, targets: [bob] })
    expect(waits.asked(id(2), carol, [dave], G, 0)).toEqual([])
    waits.end(id(1))
    expect(waits.asked(id(3), bob, [], G, 0)).toEqual([])
  })

  it('of ours end when somebody whom we hold up asks back without waiting', () => {
    const waits = new Waits(me)
    waits.begin({ question: id(1), group: G, targets: [bob] })
    expect(waits.askedBack([carol], G)).toEqual([])
    expect(waits.askedBack([me], 'other')).toEqual([])
    expect(waits.askedBack([carol, me], G)).toEqual([id(1)])
    expect(waits.waiting(G, 1)).toEqual([])
  })

  it('tell no more of them than a frame holds', () => {
    const waits = new Waits(me)
    for (let at = 1; at <= 100; at++) waits.asked(id(at), node(at), [], G, 0)
    expect(waits.waiting(G, 1)).toHaveLength(LIMITS.envelope.waits)
  })
})

/**
 * Any number of nodes that ask each other, news on its way for a while: when all is delivered, nobody waits in a circle.
 * What a node sends is what the product sends: its question with those who wait for it, and news of them while it waits.
 */
describe('nodes that ask each other in any order', () => {
  const ask = fc.record({ from: fc.nat({ max: 4 }), to: fc.nat({ max: 4 }) })
  property.prop([fc.array(ask, { maxLength: 12 }), fc.infiniteStream(fc.nat({ max: 1_000 }))])(
    'never wait for each other when all news has come',
    (asks, chance) => {
      const nodes = [0, 1, 2, 3, 4].map((at) => ({
        key: node(at),
        waits: new Waits(node(at)),
        to: undefined as number | undefined,
        question: id(0),
      }))
      const news: { to: number; from: number; question: AssertionId; waits: readonly Fingerprint[] }[] = []
      let serial = 0
      const tell = (from: number): void => {
        const own = nodes[from]
        if (own?.to !== undefined) news.push({ to: own.to, from, question: own.question, waits: own.waits.waiting(G, 0) })
      }
      const deliver = (): void => {
        const at = chance.next().value % news.length
        const [frame] = news.splice(at, 1)
        const reader = frame && nodes[frame.to]
        if (!frame || !reader) return
        const before = reader.waits.waiting(G, 0).length
        const inVain = reader.waits.asked(frame.question, node(frame.from), frame.waits, G, 0)
        if (inVain.length > 0) {
          reader.waits.end(reader.question)
          reader.to = undefined
        } else if (reader.waits.waiting(G, 0).length > before) tell(frame.to)
      }
      for (const { from, to } of asks) {
        const own = nodes[from]
        if (own && from !== to && own.to === undefined && own.waits.blockers([node(to)], G, 0).length === 0) {
          own.to = to
          own.question = id(++serial)
          own.waits.begin({ question: own.question, group: G, targets: [node(to)] })
          tell(from)
        }
        if (news.length > 0 && chance.next().value % 2 === 0) deliver()
      }
      while (news.length > 0) deliver()
      for (const start of nodes.keys()) {
        let at: number | undefined = start
        for (let steps = 0; at !== undefined && steps <= nodes.length; steps++) at = nodes[at]?.to
        expect(at, 'a circle of waits').toBeUndefined()
      }
    },
  )
})
