/**
 * A hundred conversations that nobody would end: scripted minds that answer whatever they are shown, politely, in other
 * words each time, over one, two or more others, at once or after a quarter of an hour. A person types once, at the
 * beginning. Nodes are reduced to their breakers, so that hours pass in milliseconds; whole nodes follow below.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { type Fingerprint, parseFingerprint } from '../../../server/src/identity/ids.ts'
import { LoopBreaker } from '../../../server/src/mesh/loop.ts'
import type { AssertionId } from '../../../server/src/mmp/cmb.ts'
import { parseAssertionId } from '../../../server/src/mmp/signature.ts'
import { Lab, type TestNode, turns, until } from '../../support/mesh.ts'

const MINUTE = 60_000
const CONVERSATIONS = 100

interface Shown {
  readonly from: number
  readonly text: string
  readonly count: number
}
interface Said {
  /** Undefined: to everybody. */
  readonly to: number | undefined
  readonly text: string
  readonly isObservation?: boolean
}
/** What a mind does when it is shown something. */
type Mind = (self: number, shown: Shown, nodes: number, pick: (below: number) => number) => readonly Said[]

const SYLLABLES = ['ka', 'ro', 'mi', 'tu', 'ne', 'so', 'li', 'va', 'pe', 'du', 'ge', 'fo']
const prose = (pick: (below: number) => number, length = 12): string =>
  Array.from({ length }, () => Array.from({ length: 3 }, () => SYLLABLES[pick(SYLLABLES.length)]).join('')).join(' ')

const MINDS: Readonly<Record<string, Mind>> = {
  thanker: (_self, { from }) => [{ to: from, text: 'Thank you so much, that was really helpful!' }],
  paraphraser: (_self, { from }, _nodes, pick) => [{ to: from, text: prose(pick) }],
  passer: (self, _shown, nodes, pick) => [{ to: (self + 1) % nodes, text: prose(pick) }],
  echo: (self, { text }, nodes) => [{ to: (self + 1) % nodes, text: `As I heard: ${text}` }],
  shouter: (_self, _shown, _nodes, pick) => [{ to: undefined, text: prose(pick) }],
  observer: (_self, _shown, _nodes, pick) => [{ to: undefined, text: prose(pick), isObservation: true }],
  twofold: (_self, { from }, _nodes, pick) => [
    { to: from, text: prose(pick) },
    { to: from, text: prose(pick) },
  ],
  mixed: (self, { from, count }, nodes, pick) => {
    if (count % 3 === 0) return [{ to: undefined, text: prose(pick), isObservation: true }]
    return [{ to: count % 3 === 1 ? from : (self + 1) % nodes, text: prose(pick) }]
  },
}

describe('a hundred baited conversations', () => {
  it('all end without a person, and what ended does not begin again by itself [R161] [C10]', () => {
    const names = Object.keys(MINDS)
    const lengths: number[] = []
    for (let round = 0; round < CONVERSATIONS; round++) {
      const pick = picker(round)
      const nodes = 2 + (round % 4)
      const minds = Array.from({ length: nodes }, (_, at) => MINDS[names[(round + (round % 7) * at) % names.length] ?? ''] ?? (() => []))
      const delayMs = [1_000, 20_000, 3 * MINUTE, 15 * MINUTE][pick(4)] ?? 0
      lengths.push(converse(minds, delayMs, pick))
    }
    expect(lengths).toHaveLength(CONVERSATIONS)
    // Every mind that is shown something answers, so without a breaker each of these would go on for ever.
    expect(Math.min(...lengths)).toBeGreaterThan(1)
    const direct = lengths.filter((length) => length < 20)
    expect(direct.length).toBeGreaterThan(CONVERSATIONS / 4)
  })
})

/** Until nothing is on its way any more; how much was said. */
function converse(minds: readonly Mind[], delayMs: number, pick: (below: number) => number): number {
  const keys = minds.map((_, at) => fingerprintOf(at))
  const loops = keys.map((key) => new LoopBreaker(key))
  const most = minds.length * (LIMITS.loop.sendsPerTurn + 1)
  const queue: { at: number; to: number; from: number; id: AssertionId; text: string; facts: ReturnType<LoopBreaker['factsOf']> }[] = []
  let said = 0
  let count = 0
  const speak = (self: number, { to, text, isObservation = false }: Said, at: number): void => {
    const loop = loops[self]
    const target = to === undefined ? undefined : keys[to]
    if (!loop || to === self) return
    const facts = loop.factsOf({ group: 'g', to: target, isObservation, origin: 'model' })
    if (loop.refusal(text, facts, target, false, at) !== undefined) return
    const id = newId()
    loop.said(id, text, facts, at)
    said++
    for (const other of keys.keys()) {
      if (other !== self && (to === undefined || to === other)) queue.push({ at: at + delayMs, to: other, from: self, id, text, facts })
    }
  }
  loops[0]?.humanTurn()
  speak(0, { to: 1, text: 'Please talk this over with the others.' }, 0)
  for (let next = queue.shift(); next; next = queue.sort((a, b) => a.at - b.at).shift()) {
    const { at, to, from, id, text, facts } = next
    const [loop, mind, author] = [loops[to], minds[to], keys[from]]
    if (!loop || !mind || !author) continue
    const { hop, auto: isAuto, chain, thread = id } = facts
    if (loop.judge({ id, from: author, text, thread, hop, chain, isAuto, isExpected: false }, at) !== undefined) continue
    loop.surfaced({ from: author, group: 'g', thread, hop, chain })
    count++
    for (const words of mind(to, { from, text, count }, minds.length, pick)) speak(to, words, at)
    if (said > most) throw new Error(`it goes on and on: ${said} messages of ${minds.length} nodes`)
  }
  return said
}

let serial = 0
function newId(): AssertionId {
  const id = parseAssertionId(`asrt-${(++serial).toString(16).padStart(64, '0')}`)
  if (!id) throw new Error('no id')
  return id
}
function fingerprintOf(at: number): Fingerprint {
  const fingerprint = parseFingerprint(`${at}`.padStart(64, '0'))
  if (!fingerprint) throw new Error('no fingerprint')
  return fingerprint
}
/** Numbers that look like chance and are the same in every run. */
function picker(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe('whole nodes that answer whatever they are shown', () => {
  let lab: Lab
  beforeEach(() => {
    lab = new Lab()
  })
  afterEach(() => lab.close())

  /** Each node is shown what arrives, and says this to that one. */
  function script(one: TestNode, say: (from: string, count: number) => { to?: string; focus: string }): { refused: string[] } {
    const refused: string[] = []
    let count = 0
    one.node.subscribe((event) => {
      if (event.kind !== 'arrived') return
      const { to, focus } = say(event.item.from.name, ++count)
      void (async () => {
        await one.node.markSurfaced([event.item.id], 'hook')
        await one.say(focus, { to })
      })().catch((thrown: Error) => refused.push(thrown.message))
    })
    return { refused }
  }
  const total = (...nodes: readonly TestNode[]): number => nodes.reduce((sum, { node }) => sum + node.status().inbox.total, 0)

  async function settle(...nodes: readonly TestNode[]): Promise<void> {
    for (let quiet = 0, last = -1; quiet < 20; quiet++) {
      await lab.pass(1_500)
      await turns(20)
      if (total(...nodes) !== last) quiet = 0
      last = total(...nodes)
    }
  }

  it('stop as a pair, and both users are told [R161]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    for (const one of [a, b]) script(one, (from, count) => ({ to: from, focus: prose(picker(count * 31 + one.host.length)) }))
    a.node.humanTurn()
    await lab.during(a.say('talk to me', { to: 'bob' }))
    await settle(a, b)
    expect(total(a, b)).toBeLessThan(8)
    const held = [...a.inbox(), ...b.inbox()].filter((item) => item.held !== undefined)
    expect(held).toHaveLength(1)
    expect(a.node.takeNotices().join()).toContain('the loop breaker opened between this session and "bob"')
    expect(b.node.takeNotices().join()).toContain('the loop breaker opened between this session and "alice"')
    expect(a.node.takeNotices()).toEqual([])
    expect([a, b].map(({ node }) => node.status().loop.open.length)).toEqual([1, 1])
  })

  it('stop as a triangle', async () => {
    const [a, b, c] = [await lab.start('alice'), await lab.start('bob'), await lab.start('carol')]
    await lab.meet(a, b)
    await lab.meet(b, c)
    await lab.meet(c, a)
    const next: Readonly<Record<string, string>> = { alice: 'bob', bob: 'carol', carol: 'alice' }
    for (const one of [a, b, c])
      script(one, (_from, count) => ({ to: next[one.host] ?? '', focus: prose(picker(count * 31 + one.host.charCodeAt(0))) }))
    a.node.humanTurn()
    await lab.during(a.say('pass it on', { to: 'bob' }))
    await settle(a, b, c)
    expect(total(a, b, c)).toBe(3)
    expect(a.inbox()).toMatchObject([{ held: 'it came back in a circle of nodes', from: { name: 'carol' } }])
    const told = [a, b, c].map(({ node }) => node.takeNotices().length)
    expect(told).toEqual([1, 0, 1])
  })

  it('tell the sender what is not shown, and a typed word goes through [R59]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    const seen: string[] = []
    b.node.subscribe((event) => event.kind === 'arrived' && seen.push(event.item.fields.focus.text))
    const say = async (one: TestNode, other: TestNode, focus: string) => {
      const view = await lab.during(one.say(focus, { to: other.host }))
      const item = other.inbox().at(-1)
      if (item && !item.held) await other.node.markSurfaced([item.id], 'hook')
      return view
    }
    await say(a, b, 'one')
    await say(b, a, 'two, rather different')
    await say(a, b, 'three is the third of them')
    const held = await say(b, a, 'and so it could go on for ever')
    expect(held.recipients).toMatchObject([
      { state: 'received', way: '', reason: 'kept in its inbox, not shown: it came back in a circle of nodes' },
    ])
    await until(() => b.node.status().loop.open.length === 1, 'the breaker is open at its end too')
    await expect(b.say('once more', { to: 'alice' })).rejects.toThrow('the loop breaker is open for this peer')
    b.node.humanTurn()
    const typed = await say(b, a, 'my user asks you to go on')
    expect(typed.recipients[0]?.reason).toBe('')
    expect(a.inbox().at(-1)).toMatchObject({ held: undefined, isAuto: false, hop: 0, wake: true })
  })
})
