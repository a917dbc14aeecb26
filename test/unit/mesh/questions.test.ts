import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import type { AskRequest } from '../../../server/src/mesh/asking.ts'
import type { AskView } from '../../../server/src/mesh/views.ts'
import { Attacker } from '../../support/attacker.ts'
import { alice, bob, carol, cmbOf, fingerprint, Lab, PORT, type TestNode, turns, until } from '../../support/mesh.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const WAIT = { waitMs: LIMITS.question.waitMs }
const NOW = { waitMs: 0 }

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

async function pair(): Promise<{ a: TestNode; b: TestNode }> {
  const [a, b] = [await lab.start('alice'), await lab.start('bob')]
  await lab.meet(a, b)
  return { a, b }
}
async function three(): Promise<{ a: TestNode; b: TestNode; c: TestNode }> {
  const { a, b } = await pair()
  const c = await lab.start('carol')
  await lab.meet(a, c)
  await lab.meet(b, c)
  return { a, b, c }
}
const ask = (one: TestNode, request: Partial<AskRequest> = {}, options: Parameters<TestNode['node']['ask']>[1] = WAIT) =>
  one.node.ask({ question: 'Which branch?', ...request }, options)
const answer = (one: TestNode, id: string, text = 'the one named fix') => one.node.reply(id, { text, isDecline: false })
const decline = (one: TestNode, id: string, text = 'no time') => one.node.reply(id, { text, isDecline: true })
const texts = (view: AskView) => view.answers.map(({ item }) => `${item.from.name}: ${item.fields.focus.text}`)

/** The question that waits at this node. */
async function asked(one: TestNode, count = 1): Promise<string> {
  await until(() => one.node.questions().open.length >= count, `a question is open at ${one.host}`)
  return one.node.questions().open.at(-1)?.item.shortId ?? ''
}

describe('a question', () => {
  it('is answered in the same call, with who said it, and no other way shows the answer [R62] [R119]', async () => {
    const { a, b } = await pair()
    const asking = ask(a, { to: 'bob', body: 'details' })
    const id = await asked(b)
    expect(b.inbox()[0]).toMatchObject({ question: { state: 'open' }, tags: ['question'], body: 'details', wake: true })
    await answer(b, id)
    const view = await asking
    expect(texts(view)).toEqual(['bob: the one named fix'])
    expect(view).toMatchObject({ state: 'answered', why: undefined, recipients: [{ peer: 'bob', state: 'answered' }] })
    expect(a.events.filter(({ kind }) => kind === 'arrived')).toEqual([])
    expect(a.node.unsurfaced(10)).toEqual([])
    await a.node.markSurfaced([view.answers[0]?.item.id ?? view.id], 'tool')
    await until(() => b.node.outgoing(view.answers[0]?.item.id ?? view.id)?.recipients[0]?.state === 'surfaced', 'the answer was read')
    expect([a.node.questions(), b.node.questions()]).toEqual([
      { asked: [], open: [] },
      { asked: [], open: [] },
    ])
  })

  it('is a ticket when the time is over, and a late answer comes as the answer to it [R62] [R65]', async () => {
    const { a, b } = await pair()
    const view = await lab.during(ask(a, { to: 'bob' }), 5_000)
    expect(view).toMatchObject({ state: 'open', answers: [], why: 'no answer within 50 s', recipients: [{ state: 'received' }] })
    await answer(b, await asked(b))
    await until(() => a.events.some(({ kind }) => kind === 'arrived'), 'it came')
    expect(a.inbox()[0]).toMatchObject({
      replyTo: view.id,
      thread: view.id,
      answerTo: { shortId: view.shortId, text: 'Which branch?', isDecline: false },
      wake: false,
    })
    expect(texts(await a.node.answers(view.shortId, WAIT))).toEqual(['bob: the one named fix'])
  })

  it('without a wait is a ticket at once, and a later call waits for its answer [R62]', async () => {
    const { a, b } = await pair()
    const ticket = await ask(a, { to: 'bob' }, NOW)
    expect(ticket).toMatchObject({ state: 'open', why: undefined })
    const waiting = a.node.answers(ticket.shortId, WAIT)
    await answer(b, await asked(b))
    expect(texts(await waiting)).toEqual(['bob: the one named fix'])
    expect(a.events.filter(({ kind }) => kind === 'arrived')).toEqual([])
  })

  it('wakes its asker with a late answer when the asker wanted that, and not because the answer says so [R59]', async () => {
    const { a, b } = await pair()
    await ask(a, { to: 'bob', wake: true }, NOW)
    await answer(b, await asked(b))
    await until(() => a.inbox().length === 1, 'the answer')
    expect(a.inbox()[0]?.wake).toBe(true)
    const plain = await ask(a, { to: 'bob', question: 'and then?' }, NOW)
    await asked(b)
    await b.stop()
    await until(() => !a.knows('bob'), 'bob is away')
    const attacker = await Attacker.connect({
      transport: lab.network.transport('elsewhere'),
      address: { kind: 'lan', host: 'alice', port: PORT },
      keys: bob,
    })
    const envelope = { hop: 1, auto: true, chain: [fingerprint(alice), fingerprint(bob)], replyTo: plain.id, wake: true }
    attacker.sendCmb(cmbOf(bob, 'wake up', { createdAt: lab.clock.now(), to: alice.nodeId }), { envelope, tags: ['answer'] })
    await until(() => a.inbox().length === 2, 'the next answer')
    expect(a.inbox()[1]).toMatchObject({ answerTo: { shortId: plain.shortId }, wake: false })
  })

  it('of somebody who is away waits for nobody, reaches it when it is back, and its answer after a restart [R62] [R53]', async () => {
    const { a, b } = await pair()
    await b.stop()
    await until(() => !a.knows('bob'), 'bob is away')
    const ticket = await ask(a, { to: 'bob' })
    expect(ticket).toMatchObject({
      state: 'open',
      recipients: [{ state: 'queued' }],
      why: expect.stringContaining('nobody who could answer is here'),
    })
    const b2 = await lab.start('bob')
    await lab.meet(b2, a)
    await asked(b2)
    await b2.stop()
    const b3 = await lab.start('bob')
    await a.stop()
    await answer(b3, await asked(b3))
    const a2 = await lab.start('alice')
    await lab.meet(a2, b3)
    await until(() => a2.inbox().length === 1, 'the answer')
    expect(a2.inbox()[0]).toMatchObject({ answerTo: { shortId: ticket.shortId, text: 'Which branch?' } })
    expect(texts(await a2.node.answers(ticket.shortId, NOW))).toEqual(['bob: the one named fix'])
  })

  it('can be declined, which is an answer with a reason [R65]', async () => {
    const { a, b } = await pair()
    const asking = ask(a, { to: 'bob' })
    await decline(b, await asked(b))
    expect(await asking).toMatchObject({ state: 'declined', answers: [{ isDecline: true }], recipients: [{ state: 'declined' }] })
  })

  it('can be taken back: who was not shown it is not shown it, and cannot answer it any more [R65]', async () => {
    const { a, b } = await pair()
    const ticket = await ask(a, { to: 'bob' }, NOW)
    const id = await asked(b)
    expect((await a.node.cancelQuestion(ticket.shortId)).state).toBe('cancelled')
    await until(() => b.node.questions().open.length === 0, 'it is closed')
    expect(b.inbox()[0]).toMatchObject({ held: 'its asker took the question back', question: { state: 'cancelled' } })
    expect(b.node.unsurfaced(5)).toEqual([])
    await expect(answer(b, id)).rejects.toThrow('no open question')
  })

  it('that was taken back while its reader was away is closed there on the next link', async () => {
    const { a, b } = await pair()
    const ticket = await ask(a, { to: 'bob' }, NOW)
    await asked(b)
    await b.stop()
    await until(() => !a.knows('bob'), 'bob is away')
    await a.node.cancelQuestion(ticket.shortId)
    const b2 = await lab.start('bob')
    expect(b2.node.questions().open).toHaveLength(1)
    await lab.meet(b2, a)
    await until(() => b2.node.questions().open.length === 0, 'it is closed')
  })

  it('times out on both sides, and the asker is told what is known [R65]', async () => {
    const { a, b } = await pair()
    await lab.during(ask(a, { to: 'bob' }), 5_000)
    await asked(b)
    a.node.takeNotices()
    lab.clock.sleep(DAY)
    await lab.pass(40_000, 5_000)
    await until(() => a.node.questions().asked.length + b.node.questions().open.length === 0, 'both are over')
    expect(a.node.takeNotices().join()).toMatch(/no answer came to the question m[0-9a-f]{16}: "bob" received, not surfaced/)
  })

  it('that is open for long is reminded of once, on both sides, and without a word of its asker [R65]', async () => {
    const { a, b } = await pair()
    await ask(a, { to: 'bob' }, NOW)
    const id = await asked(b)
    await b.node.markSurfaced(
      b.inbox().map((item) => item.id),
      'hook',
    )
    await lab.pass(LIMITS.question.remindMs + MINUTE, 10_000)
    await until(() => a.node.wantsPrompt, 'a notice')
    expect(a.node.takeNotices().join()).toContain('is still open: "bob" surfaced')
    const told = b.node.takeNotices().join()
    expect(told).toContain(`"alice" still waits for an answer to ${id}`)
    expect(told).not.toContain('branch')
    await lab.pass(2 * LIMITS.question.remindMs, 30_000)
    expect([a.node.takeNotices(), b.node.takeNotices()]).toEqual([[], []])
  })

  it('ends its wait when the caller does, stays open, and an answer that came too late for the call is shown', async () => {
    const { a, b } = await pair()
    const gone = new AbortController()
    const asking = ask(a, { to: 'bob' }, { ...WAIT, signal: gone.signal })
    const refused = expect(asking).rejects.toThrow('stays open as m')
    const id = await asked(b)
    gone.abort()
    await refused
    await answer(b, id)
    await until(() => a.events.some(({ kind }) => kind === 'arrived'), 'it came')
    expect(a.node.unsurfaced(5)).toHaveLength(1)
  })

  it('whose answer could not be handed over shows it like any arrival', async () => {
    const { a, b } = await pair()
    const asking = ask(a, { to: 'bob' })
    await answer(b, await asked(b))
    const view = await asking
    expect(a.node.unsurfaced(5)).toEqual([])
    a.node.releaseAnswers(view.answers.map(({ item }) => item.id))
    expect(a.node.unsurfaced(5)).toHaveLength(1)
    expect(a.events.filter(({ kind }) => kind === 'arrived')).toHaveLength(1)
  })

  it('tells what becomes of it while the call waits', async () => {
    const { a, b } = await pair()
    const progress: string[] = []
    const asking = ask(a, { to: 'bob' }, { ...WAIT, onProgress: (line) => progress.push(line) })
    const id = await asked(b)
    await b.node.markSurfaced(
      b.inbox().map((item) => item.id),
      'hook',
    )
    await until(() => progress.length >= 2, 'two steps')
    await lab.pass(11_000, 1_000)
    await answer(b, id)
    await asking
    expect(progress).toEqual(['bob: received', 'bob: surfaced', 'still waiting', 'bob answered'])
  })

  it('outlives its message in a full outbox: it is listed, and can be taken back', async () => {
    const { a, b } = await pair()
    const ticket = await ask(a, { to: 'bob' }, NOW)
    await asked(b)
    a.db.run('DELETE FROM outbox WHERE id = ?', ticket.id)
    expect(a.node.questions().asked).toMatchObject([{ shortId: ticket.shortId, recipients: [] }])
    expect((await a.node.cancelQuestion(ticket.shortId)).state).toBe('cancelled')
  })

  it('to nobody is not asked', async () => {
    const a = await lab.start('alice')
    await expect(ask(a)).rejects.toThrow('nobody else is in the group')
    expect(a.node.questions().asked).toEqual([])
  })
})

describe('a question to the group', () => {
  it('collects the answers, each by its author and apart, until as many came as were asked for [R64]', async () => {
    const { a, b, c } = await three()
    const asking = ask(a, { answers: 2 })
    await answer(b, await asked(b), 'main')
    await answer(c, await asked(c), 'release')
    const view = await asking
    expect(texts(view).sort()).toEqual(['bob: main', 'carol: release'])
    expect(view).toMatchObject({ state: 'answered', wanted: 2 })
  })

  it('is over for the others when it has enough, and they are told [R64] [R65]', async () => {
    const { a, b, c } = await three()
    const asking = ask(a, { answers: 1 })
    const id = await asked(c)
    await answer(b, await asked(b), 'main')
    expect(texts(await asking)).toEqual(['bob: main'])
    await until(() => c.node.questions().open.length === 0, 'carol need not answer')
    expect(c.inbox()[0]).toMatchObject({ held: 'its asker has enough answers' })
    await expect(answer(c, id)).rejects.toThrow('no open question')
  })

  it('waits for everybody who is here, and whoever leaves is not waited for', async () => {
    const { a, b, c } = await three()
    const asking = ask(a)
    await asked(c)
    await answer(b, await asked(b), 'main')
    await turns(20)
    await c.stop()
    const view = await asking
    expect(texts(view)).toEqual(['bob: main'])
    expect(view).toMatchObject({ state: 'open', why: expect.stringContaining('nobody who could answer') })
  })

  it('is declined when all decline, and answered when one answered', async () => {
    const { a, b, c } = await three()
    const first = ask(a)
    await decline(b, await asked(b))
    await decline(c, await asked(c))
    expect((await first).state).toBe('declined')
    const second = ask(a, { question: 'Then who?' })
    await decline(b, await asked(b))
    await answer(c, await asked(c), 'me')
    expect((await second).state).toBe('answered')
  })
})

describe('an answer', () => {
  it('to what was never asked, answered, or of another lists what is open [R63]', async () => {
    const { a, b } = await pair()
    await expect(answer(b, 'm0123456789abcdef')).rejects.toThrow('No question is open.')
    await expect(answer(b, 'lunch')).rejects.toThrow('"lunch" is no open question')
    await ask(a, { to: 'bob' }, NOW)
    const first = await asked(b)
    lab.clock.advance(5)
    await ask(a, { to: 'bob', question: 'And the port?' }, NOW)
    const second = await asked(b, 2)
    await answer(b, first)
    await expect(answer(b, first)).rejects.toThrow(new RegExp(`Open questions:\\n {2}${second} of "alice"`))
  })

  it('given twice at once is given once', async () => {
    const { a, b } = await pair()
    const asking = ask(a, { to: 'bob' })
    const id = await asked(b)
    const both = await Promise.allSettled([answer(b, id, 'one'), answer(b, id, 'a quite different two')])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await asking).answers).toHaveLength(1)
    expect(a.inbox()).toHaveLength(1)
  })

  it('counts only from who was asked, and once of each [R64]', async () => {
    const { a, b } = await pair()
    const asking = ask(a, { to: 'bob' })
    const id = await asked(b)
    const of = a.node.questions().asked[0]?.id
    const attacker = await Attacker.connect({
      transport: lab.network.transport('mallory'),
      address: { kind: 'lan', host: 'alice', port: PORT },
      keys: carol,
    })
    const envelope = { hop: 1, auto: true, chain: [fingerprint(carol)], replyTo: of ?? '' }
    attacker.sendCmb(cmbOf(carol, 'the wrong one', { createdAt: lab.clock.now(), to: alice.nodeId }), { envelope, tags: ['answer'] })
    await until(() => a.inbox().length === 1, 'it came')
    expect(a.inbox()[0]?.answerTo).toBeUndefined()
    await answer(b, id)
    expect(texts(await asking)).toEqual(['bob: the one named fix'])
  })

  it('passes the loop breaker whatever went before, and the question does not for ever [R161]', async () => {
    const { a, b } = await pair()
    a.node.humanTurn()
    const words = ['where is the parser', 'what does the lexer do', 'why is the cache cold', 'when was that deployed']
    const states: string[] = []
    for (const question of words) {
      const asking = ask(a, { to: 'bob', question }).catch(() => undefined)
      await turns(30)
      if (b.node.questions().open.length > 0) {
        await b.node.markSurfaced([b.node.questions().open[0]?.item.id ?? ('' as never)], 'hook')
        await answer(b, await asked(b), `about ${question.split(' ').reverse().join('-')}`)
      }
      const view = await lab.during(asking, 1_000)
      if (!view) break
      await a.node.markSurfaced(
        view.answers.map(({ item }) => item.id),
        'tool',
      )
      states.push(view.state)
    }
    expect(states.slice(0, 2)).toEqual(['answered', 'answered'])
    expect(states.length < words.length || states.at(-1) === 'open').toBe(true)
    expect(a.node.status().loop.open).toHaveLength(1)
  })

  it('may come at most as often as the limit of open questions lets one ask [R173]', async () => {
    const { b } = await pair()
    const attacker = await Attacker.connect({
      transport: lab.network.transport('mallory'),
      address: { kind: 'lan', host: 'bob', port: PORT },
      keys: carol,
    })
    for (let at = 0; at < LIMITS.question.openPerPeer + 5; at++) {
      const envelope = { hop: 0, auto: false, chain: [fingerprint(carol)], question: { until: lab.clock.now() + DAY * 9_000 } }
      attacker.sendCmb(cmbOf(carol, `question ${at}`, { createdAt: lab.clock.now() + at }), { envelope })
    }
    await until(() => b.inbox().length === LIMITS.question.openPerPeer + 5, 'all came')
    expect(b.node.questions().open).toHaveLength(LIMITS.question.openPerPeer)
    expect(b.inbox().at(-1)?.held).toBe('too many open questions of this peer')
    expect(Math.max(...b.node.questions().open.map(({ until: end }) => end))).toBeLessThanOrEqual(lab.clock.now() + LIMITS.question.openMs)
  })

  it('cannot be forbidden by a stranger who says that the question is over', async () => {
    const { a, b } = await pair()
    const asking = ask(a, { to: 'bob' })
    const id = await asked(b)
    const attacker = await Attacker.connect({
      transport: lab.network.transport('mallory'),
      address: { kind: 'lan', host: 'bob', port: PORT },
      keys: carol,
    })
    const of = b.node.questions().open[0]?.item.id ?? ''
    attacker.send({ type: 'mesh-opaque-v1-closed', of, state: 'cancelled' })
    attacker.send({ type: 'mesh-opaque-v1-waits', of, waits: [fingerprint(bob)] })
    await attacker.sync()
    await turns(10)
    await answer(b, id)
    expect((await asking).state).toBe('answered')
  })
})

describe('two that ask each other', () => {
  it('do not wait: the second is told at once, and the first stops waiting and is told [R66]', async () => {
    const { a, b } = await pair()
    const first = ask(a, { to: 'bob' })
    const id = await asked(b)
    const second = await ask(b, { to: 'alice', question: 'Which repository?' })
    expect(second.why).toMatch(new RegExp(`"alice" waits for this session, so this call does not wait.*${id}`))
    const crossed = await first
    expect(crossed.why).toMatch(/"bob" asks this session too/)
    expect(crossed).toMatchObject({ state: 'open', answers: [] })
    await answer(a, await asked(a), 'the api')
    await answer(b, id)
    await until(() => a.inbox().length + b.inbox().length === 4, 'all came')
    expect(texts(await a.node.answers(crossed.shortId, NOW))).toEqual(['bob: the one named fix'])
    expect(texts(await b.node.answers(second.shortId, NOW))).toEqual(['alice: the api'])
  })

  it('at the same moment both stop waiting', async () => {
    const { a, b } = await pair()
    const views = await Promise.all([ask(a, { to: 'bob' }), ask(b, { to: 'alice', question: 'Which repository?' })])
    for (const view of views) expect(view.why).toMatch(/asks this session too|so this call does not wait/)
  })
})

describe('a circle of three', () => {
  it('does not wait, one after the other [R66]', async () => {
    const { a, b, c } = await three()
    const first = ask(a, { to: 'bob' })
    await asked(b)
    const second = ask(b, { to: 'carol', question: 'Do you know the branch?' })
    await asked(c)
    const third = await ask(c, { to: 'alice', question: 'Whose turn is it?' })
    expect(third.why).toContain('so this call does not wait')
    expect((await first).why).toContain('asks this session too')
    const id = await asked(c)
    await answer(c, id, 'not I')
    expect(texts(await second)).toEqual(['carol: not I'])
  })

  it('does not wait when all ask at the same moment [R66]', async () => {
    const { a, b, c } = await three()
    const views = await Promise.race([
      Promise.any([ask(a, { to: 'bob' }), ask(b, { to: 'carol', question: 'You?' }), ask(c, { to: 'alice', question: 'And you there?' })]),
      turns(2_000).then(() => undefined),
    ])
    expect(views?.why).toMatch(/asks this session too|so this call does not wait/)
  })
})

describe('the question that holds a turn', () => {
  it('is one that was shown, is open, and has held none yet [R67]', async () => {
    const { a, b } = await pair()
    await ask(a, { to: 'bob' }, NOW)
    const id = await asked(b)
    expect(b.node.questionToHold()).toBeUndefined()
    await b.node.markSurfaced([b.inbox()[0]?.id ?? ('' as never)], 'hook')
    const held = b.node.questionToHold()
    expect(held?.shortId).toBe(id)
    if (held) await b.node.markHeld(held.id)
    expect(b.node.questionToHold()).toBeUndefined()
    await b.stop()
    const b2 = await lab.start('bob')
    expect([b2.node.questions().open.length, b2.node.questionToHold()]).toEqual([1, undefined])
  })
})

describe('the life of a message', () => {
  it('is told with its times, here and by receipts there [R150]', async () => {
    const { a, b } = await pair()
    const ticket = await ask(a, { to: 'bob' }, NOW)
    const id = await asked(b)
    lab.clock.advance(1_000)
    await b.node.markSurfaced([b.node.questions().open[0]?.item.id ?? ticket.id], 'hook')
    lab.clock.advance(1_000)
    await answer(b, id)
    await until(() => a.node.outgoing(ticket.id)?.recipients[0]?.state === 'answered', 'answered')
    const out = a.node.trace(ticket.shortId)
    expect(out?.direction).toBe('out')
    expect(out?.steps.map(({ who, what }) => `${who}: ${what}`)).toEqual([
      'this node: signed and written down, as a question',
      'bob: received and written down',
      'bob: surfaced by hook',
      'bob: answered',
      'bob: its answer arrived',
      'this node: the question ended: answered',
    ])
    const times = out?.steps.map(({ at }) => at ?? 0) ?? []
    expect([...times].sort((one, other) => one - other)).toEqual(times)
    expect(b.node.trace(id)?.steps.map(({ who, what }) => `${who}: ${what}`)).toEqual([
      'alice: signed',
      'this node: received and written down',
      'this node: surfaced by hook',
      'this node: the question is answered',
    ])
    expect([a.node.trace('m0123456789abcdef'), a.node.trace('nonsense')]).toEqual([undefined, undefined])
  })

  it('of one that waits says for what', async () => {
    const { a, b } = await pair()
    await b.stop()
    await until(() => !a.knows('bob'), 'bob is away')
    const sent = await a.say('for later', { to: 'bob' })
    expect(a.node.trace(sent.shortId)?.steps.at(-1)).toMatchObject({ at: undefined, what: 'waits for its receipt' })
  })
})
