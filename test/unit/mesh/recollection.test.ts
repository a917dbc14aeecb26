/** What becomes of group messages between whole nodes: heard, counted, found again, explained, forgotten. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseInterest } from '../../../server/src/memory/interests.ts'
import { bob, cmbOf, fingerprint, Lab, type TestNode, turns, until } from '../../support/mesh.ts'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

async function pair(options: Parameters<Lab['start']>[1] = {}): Promise<{ a: TestNode; b: TestNode }> {
  const [a, b] = [await lab.start('alice', options), await lab.start('bob')]
  await lab.meet(a, b)
  return { a, b }
}

const WORK = [
  'the payment client retries four times when the acquirer times out',
  'retryBudget is ignored for ETIMEDOUT in src/acquirer/payment-client.ts',
  'charges to the acquirer are idempotent, no customer was billed twice',
]
const FAR = 'translated the pricing brochure into Portuguese and ordered stickers'
const NEAR = 'the payment client has exponential backoff for its acquirer retries now'

/** Alice has said what she works on. */
async function atWork(options: Parameters<Lab['start']>[1] = {}) {
  const { a, b } = await pair(options)
  for (const focus of WORK) await a.node.remember({ focus }, ['note'])
  const tell = async (focus: string, more: Parameters<TestNode['say']>[1] = {}) => {
    const sent = await b.say(focus, { tags: ['observation'], ...more })
    await until(() => a.inbox().some(({ id }) => id === sent.id), 'it arrives')
    return sent
  }
  const waiting = () => a.node.unsurfaced(100).map(({ fields }) => fields.focus.text)
  return { a, b, tell, waiting }
}

describe('the first words of two sessions', () => {
  it('reach each other in full, whatever they are about [R79]', async () => {
    const { a, b } = await pair()
    await a.say('alice looks at the parser', { tags: ['observation'] })
    await b.say('bob waters the plants', { tags: ['observation'] })
    await until(() => a.inbox().length === 1 && b.inbox().length === 1, 'both arrived')
    expect(a.node.unsurfaced(10)).toMatchObject([{ relevance: { loudness: 'whole' } }])
    expect(b.node.unsurfaced(10)).toMatchObject([{ relevance: { loudness: 'whole' } }])
  })
})

describe('a group message that has nothing to do with this session', () => {
  it('is counted, waits in the inbox, and is found by search and by id [R79]', async () => {
    const { a, tell, waiting } = await atWork()
    const { id, shortId } = await tell(FAR)
    await tell(NEAR)
    expect(waiting()).toEqual([NEAR])
    expect(a.focuses()).toEqual([FAR, NEAR])
    expect(a.node.recollection.search({ text: 'brochure', limit: 5, offset: 0 })).toMatchObject([{ id }])
    expect(a.node.fetch(shortId)?.relevance).toMatchObject({ decision: 'rejected', loudness: 'count' })
    expect(a.node.status().inbox).toMatchObject({ unread: 2, quiet: 1 })
  })

  it('is told in one line, once, with what else is only counted', async () => {
    const { a, tell } = await atWork({
      interests: () => ({ follow: [], ignore: [parseInterest('topic:stickers')].flatMap((one) => one ?? []) }),
    })
    expect(a.node.recollection.takeDigest()).toBeUndefined()
    await tell('the roof of the garage leaks since Sunday')
    await tell('new stickers are here')
    await tell(WORK[0] ?? '')
    expect(a.node.recollection.takeDigest()).toBe(
      'Not shown: 3 group messages (1 far from what this session said, 1 repeating what is known here, 1 that the user ignores); sym_inbox has them.',
    )
    expect(a.node.recollection.takeDigest()).toBeUndefined()
    await tell('the roof of the garage was repaired')
    expect(a.node.recollection.takeDigest()).toMatch(/^Not shown: 1 group message \(1 far/)
  })

  it('is shown when it was said to this session alone, and its mood is shown anyway', async () => {
    const { a, tell, waiting } = await atWork()
    await tell(FAR, { to: 'alice' })
    await tell(`${FAR} again`, { fields: { focus: `${FAR} again`, mood: 'alarmed' } })
    expect(waiting()).toEqual([FAR, `${FAR} again`])
    expect(a.node.unsurfaced(5).map(({ relevance }) => relevance?.loudness)).toEqual([undefined, 'mood'])
  })

  it('is still counted after a restart, and judges nothing itself', async () => {
    const { a, b, tell } = await atWork()
    await tell(FAR)
    await a.stop()
    const back = await lab.start('alice')
    await lab.meet(back, b)
    expect(back.node.unsurfaced(5)).toEqual([])
    expect(back.node.recollection.takeDigest()).toMatch(/^Not shown: 1 /)
    const { id } = await b.say('the pricing brochure has more stickers', { tags: ['observation'] })
    await until(() => back.inbox().some((item) => item.id === id), 'it arrives')
    expect(back.node.fetch(id)?.relevance?.decision).toBe('rejected')
  })
})

describe('why', () => {
  it('tells of one message signal by signal and field by field [R80]', async () => {
    const { a, tell } = await atWork()
    const { shortId } = await tell(FAR, { fields: { focus: FAR, issue: 'they are out of stock' } })
    const why = a.node.recollection.why(shortId)
    expect(why).toMatchObject({ id: shortId, from: 'bob', group: 'default' })
    expect(why.outcome).toMatch(/^not shown unasked, only counted: far from what this session said \(drift 0\.\d\d\)$/)
    expect(why.judgement?.signals.map(({ name }) => name)).toEqual([
      'ignored', 'question', 'mention', 'echo', 'thread', 'followed', 'same-file', 'few-anchors', 'words',
    ]) // biome-ignore format: a list to be read at once
    expect(why.judgement?.words?.fields).toMatchObject([
      { name: 'focus', decision: 'reject' },
      // Nothing that is remembered has an issue.
      { name: 'issue', decision: 'silent' },
    ])
    expect(why.judgement?.words?.anchors).toHaveLength(3)
  })

  it('tells where what was shown or addressed to this session stands', async () => {
    const { a, tell } = await atWork()
    const direct = await tell('look here', { to: 'alice' })
    expect(a.node.recollection.why(direct.shortId).outcome).toBe('waits to be shown; it is never judged')
    await a.node.markSurfaced([direct.id], 'hook')
    expect(a.node.recollection.why(direct.shortId).outcome).toMatch(/^shown at .* by hook$/)
    expect(() => a.node.recollection.why('m00000000')).toThrow('no item')
    expect(() => a.node.recollection.why('')).toThrow('no item')
  })

  it('lists what was lately kept back, and what did not reach the inbox', async () => {
    const { a, b, tell } = await atWork()
    await tell(FAR)
    await tell(NEAR, { to: 'alice' })
    const old = cmbOf(bob, 'much too old', { createdAt: lab.clock.now() - 60 * 86_400_000 })
    a.node.recollection.noteRefused({ at: lab.clock.now() + 1, from: fingerprint(b.keys), id: old.id, rule: 'wrong-time' })
    const lately = a.node.recollection.whyLately(10)
    expect(lately.map(({ outcome }) => outcome.split(':')[0])).toEqual([
      'refused before it reached the inbox',
      'not shown unasked, only counted',
    ])
    expect(a.node.recollection.why(old.id).outcome).toContain('wrong-time')
    for (let number = 0; number < 2_000; number++) {
      a.node.recollection.noteRefused({ at: number, from: fingerprint(b.keys), id: undefined, rule: 'bad-signature' })
    }
    expect(a.node.recollection.whyLately(5_000).length).toBeLessThan(1_000)
  })
})

describe('memory in the hands of a person', () => {
  it('is narrowed to author, group, kind and time, and paged [R77]', async () => {
    const { a, tell } = await atWork()
    await tell('the acquirer is slow today', { tags: ['observation', 'finding'] })
    const early = lab.clock.now()
    await lab.pass(10_000)
    await tell('the acquirer is fast again', { tags: ['observation', 'decision'] })
    const find = (more: object, text = 'acquirer') =>
      a.node.recollection.search({ text, limit: 10, offset: 0, ...more }).map(({ fields }) => fields.focus.text)
    expect(find({ peer: 'bob' }).sort()).toEqual(['the acquirer is fast again', 'the acquirer is slow today'])
    expect(find({ peer: fingerprint(bob).slice(0, 10) })).toHaveLength(2)
    expect(find({ peer: 'me' })).toHaveLength(3)
    expect(find({ kind: 'decision' })).toEqual(['the acquirer is fast again'])
    expect(find({ kind: 'decisio' })).toEqual([])
    expect(find({ since: early + 1 })).toEqual(['the acquirer is fast again'])
    expect(find({ until: early + 1, peer: 'bob' })).toEqual(['the acquirer is slow today'])
    expect(find({ group: 'other' })).toEqual([])
    expect(find({ peer: 'bob', limit: 1 }, '')).toEqual(['the acquirer is fast again'])
    expect(find({ peer: 'bob', limit: 1, offset: 1 }, '')).toEqual(['the acquirer is slow today'])
    expect(() => find({ peer: 'nobody' })).toThrow('sym_peers')
  })

  it('keeps notes that go to nobody, and forgets what it is told to forget [R85]', async () => {
    const { a, b, tell } = await atWork()
    const note = await a.node.remember({ focus: 'the staging key rotates on Mondays' }, ['note'])
    await turns(5)
    expect(b.inbox()).toEqual([])
    expect(a.node.status().outbox.waiting).toBe(0)
    const { shortId, id } = await tell(FAR)
    for (const shown of [note, shortId]) expect(await a.node.recollection.forget(shown)).toBe(shown)
    expect(a.node.recollection.search({ text: 'staging', limit: 5, offset: 0 })).toEqual([])
    expect(a.node.fetch(id)).toBeUndefined()
    expect(a.focuses()).toEqual([])
    await expect(a.node.recollection.forget(note)).rejects.toThrow('no item')
    await lab.pass(30_000)
    expect(a.focuses()).toEqual([])
  })

  it('forgets what is older than the user wants it kept [R85]', async () => {
    const { a } = await pair({ retention: { days: 2 } })
    await a.node.remember({ focus: 'an old thing' }, ['note'])
    lab.clock.advance(3 * 86_400_000)
    await a.node.remember({ focus: 'a new thing' }, ['note'])
    await lab.pass(70_000)
    await until(() => a.node.status().memory.items === 1, 'the old one is gone')
    expect(a.node.recollection.search({ text: 'thing', limit: 5, offset: 0 })).toMatchObject([
      { fields: { focus: { text: 'a new thing' } } },
    ])
  })

  it('is no larger than the user wants it', async () => {
    const { a } = await pair({ retention: { megabytes: 0.1 } })
    const body = 'x'.repeat(16_000)
    for (let number = 0; number < 12; number++) await a.node.send({ fields: { focus: `big ${number}` }, body, tags: ['message'] })
    expect(a.node.status().memory.items).toBeLessThan(6)
    expect(a.node.recollection.search({ text: 'big 11', limit: 1, offset: 0 })).toHaveLength(1)
  })

  it('knows author, signature and parents of what was kept, and offers a newcomer nothing unasked [R81]', async () => {
    const { a, tell } = await atWork()
    const { id } = await tell(NEAR)
    const row = a.db.get('SELECT fingerprint, signature, parents FROM memory WHERE id = ?', id)
    expect(row).toEqual({ fingerprint: fingerprint(bob), signature: expect.stringMatching(/^[\w-]{86}$/), parents: '[]' })
    const c = await lab.start('carol')
    await lab.meet(a, c)
    await lab.pass(20_000)
    expect(c.inbox()).toEqual([])
  })

  it('gives a conversation back from its beginning, with how far each answer went [R53]', async () => {
    const { a, tell, b } = await atWork()
    const first = await tell('the acquirer answers 429 to all charges of the payment client')
    await a.say('charges of the payment client wait for the acquirer until 18:00, it answers 429', { replyTo: first.shortId })
    const last = await a.say('and now for lunch', { replyTo: first.shortId })
    await until(() => b.inbox().length === 2, 'both answers are there')
    const steps = a.node.recollection.thread(last.shortId)
    expect(steps.map(({ item }) => item.fields.focus.text.slice(0, 12))).toEqual(['the acquirer', 'charges of t', 'and now for '])
    expect(steps.map(({ replyTo }) => replyTo)).toEqual([undefined, first.shortId, first.shortId])
    expect(steps.map(({ tether }) => tether?.tethered)).toEqual([undefined, true, false])
    expect(() => a.node.recollection.thread('m00000000')).toThrow('no item')
  })
})
