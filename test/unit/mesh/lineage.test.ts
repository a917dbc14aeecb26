import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addressOf } from '../../../server/src/mmp/address.ts'
import { buildCat7 } from '../../../server/src/mmp/cat7.ts'
import { Lab, type TestNode, until } from '../../support/mesh.ts'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

const keyOf = (focus: string): string => addressOf(buildCat7({ focus })).key
const parentsAt = ({ db }: TestNode, id: string): unknown =>
  JSON.parse(String(db.get('SELECT parents FROM memory WHERE id = ?', id)?.['parents']))
const has = (node: TestNode, id: string) => until(() => node.inbox().some((item) => item.id === id), 'it arrived')

async function talking() {
  const [a, b, c] = [await lab.start('alice'), await lab.start('bob'), await lab.start('carol')]
  await lab.meet(a, b)
  await lab.meet(a, c)
  await lab.meet(b, c)
  return { a, b, c }
}

describe('an answer', () => {
  it('names what it descends from in its signed record, and keeps it over restarts on both sides [R53]', async () => {
    const { a, b } = await talking()
    const first = await a.say('the schema moves to version 3')
    await has(b, first.id)
    await b.stop()
    const b2 = await lab.start('bob')
    await lab.meet(b2, a)
    const second = await b2.say('then the importer breaks', { replyTo: first.shortId })
    await has(a, second.id)
    expect(parentsAt(a, second.id)).toEqual([keyOf('the schema moves to version 3')])
    expect(parentsAt(b2, second.id)).toEqual([keyOf('the schema moves to version 3')])
    await a.stop()
    const a2 = await lab.start('alice')
    expect(a2.node.recollection.thread(second.shortId)).toMatchObject([
      { item: { shortId: first.shortId }, parents: [] },
      { item: { shortId: second.shortId }, replyTo: first.shortId, parents: [first.shortId] },
    ])
  })

  it('to a question descends from the question', async () => {
    const { a, b } = await talking()
    const asked = await a.node.ask({ question: 'which branch?', to: 'bob' }, { waitMs: 0 })
    await has(b, asked.id)
    const answer = await b.node.reply(asked.shortId, { text: 'main', isDecline: false })
    await has(a, answer.id)
    expect(parentsAt(a, answer.id)).toEqual([keyOf('which branch?')])
  })

  it('to words of our own goes where they went, and carries their thread on', async () => {
    const { a, b, c } = await talking()
    const first = await a.say('only for bob', { to: 'bob' })
    const more = await a.say('and one thing more', { replyTo: first.shortId })
    expect(more).toMatchObject({ isDirected: true, recipients: [{ peer: 'bob' }] })
    await has(b, more.id)
    expect(b.inbox().at(-1)).toMatchObject({ thread: first.id, replyTo: first.id })
    const open = await a.say('for everybody')
    const next = await a.say('still for everybody', { replyTo: open.shortId })
    expect(next.isDirected).toBe(false)
    await has(c, next.id)
    expect(c.focuses()).toEqual(['for everybody', 'still for everybody'])
  })

  it('tells nobody the address of words that were said to somebody else alone', async () => {
    const { a, b, c } = await talking()
    const first = await a.say('yes', { to: 'bob' })
    await has(b, first.id)
    const answer = await b.say('carol should know too', { replyTo: first.shortId, to: 'carol' })
    await has(c, answer.id)
    expect(parentsAt(c, answer.id)).toEqual([])
    const back = await b.say('I told carol', { replyTo: first.shortId })
    await has(a, back.id)
    expect(parentsAt(a, back.id)).toEqual([keyOf('yes')])
  })

  it('that repeats what it answers has no parent, or it would be its own', async () => {
    const { a, b } = await talking()
    const first = await a.say('hello')
    await has(b, first.id)
    const back = await b.say('hello', { replyTo: first.shortId })
    await has(a, back.id)
    expect(parentsAt(a, back.id)).toEqual([])
  })

  it('to what is kept nowhere says so and sends nothing', async () => {
    const { a } = await talking()
    await expect(a.say('hm', { replyTo: 'm0123456789abcdef' })).rejects.toThrow('names no message that is kept here')
  })
})

describe('a conversation', () => {
  it('without a thread is walked by what its records descend from', async () => {
    const { a, b } = await talking()
    const first = await a.say('flaky test in the importer')
    const second = await b.say('seen it too, only on Node 24', { replyTo: first.shortId })
    await has(a, second.id)
    // As a node without envelopes leaves it.
    a.db.run('UPDATE memory SET thread = NULL, reply_to = NULL WHERE id = ?', second.id)
    const steps = a.node.recollection.thread(second.shortId)
    expect(steps.map(({ item, parents, replyTo }) => [item.shortId, parents, replyTo])).toEqual([
      [first.shortId, [], undefined],
      [second.shortId, [first.shortId], undefined],
    ])
    expect(steps[1]?.tether).toBeDefined()
  })
})
