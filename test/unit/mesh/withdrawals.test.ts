import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Attacker } from '../../support/attacker.ts'
import { alice, carol, cmbOf, fingerprint, Lab, PORT, type TestNode, turns, until } from '../../support/mesh.ts'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

async function pair() {
  const [a, b] = [await lab.start('alice'), await lab.start('bob')]
  await lab.meet(a, b)
  return { a, b }
}
const shown = ({ node }: TestNode) => node.unsurfaced(20).map(({ fields }) => fields.focus.text)
const has = (node: TestNode, id: string) =>
  until(() => node.db.get('SELECT 1 AS one FROM inbox WHERE id = ?', id) !== undefined, 'it arrived')
const stateOf = ({ node }: TestNode, id: Parameters<TestNode['node']['outgoing']>[0]) => {
  const { state = '', reason = '' } = node.outgoing(id)?.recipients[0] ?? {}
  return { state, reason }
}

describe('a message that is replaced', () => {
  it('before it was shown is shown to nobody: the receiver sees only the newest, and its author is told [R55]', async () => {
    const { a, b } = await pair()
    const first = await a.say('deploy at noon', { to: 'bob' })
    await has(b, first.id)
    const second = await a.say('deploy at one', { replaces: first.shortId })
    expect(second).toMatchObject({ isDirected: true, replaced: { id: first.id, recipients: [{ state: 'withdrawn' }] } })
    await has(b, second.id)
    expect(shown(b)).toEqual(['deploy at one'])
    expect(b.focuses()).toEqual(['deploy at one'])
    expect(b.node.status().inbox.unread).toBe(1)
    expect(b.node.recollection.search({ text: 'deploy', limit: 5, offset: 0 }).map(({ id }) => id)).toEqual([second.id])
    expect(b.node.fetch(first.id)).toBeUndefined()
    expect(b.node.recollection.why(first.shortId).outcome).toContain(`took it back before it was shown, by ${second.shortId}`)
    expect(b.events).toContainEqual({ kind: 'withdrawn', id: first.id })
    expect(stateOf(a, first.id)).toEqual({ state: 'withdrawn', reason: 'taken back before it was shown' })
    expect(b.inbox().at(-1)).toMatchObject({ replaces: first.id })
  })

  it('after it was shown stays as it was, and the author is told that both were read [R55]', async () => {
    const { a, b } = await pair()
    const first = await a.say('deploy at noon')
    await has(b, first.id)
    await b.node.markSurfaced([first.id], 'hook')
    await until(() => stateOf(a, first.id).state === 'surfaced', 'its author knows')
    const second = await a.say('deploy at one', { replaces: first.shortId })
    expect(second.replaced?.recipients).toMatchObject([{ state: 'surfaced', way: 'hook' }])
    await has(b, second.id)
    expect(b.focuses()).toEqual(['deploy at noon', 'deploy at one'])
    expect(b.node.fetch(first.id)?.surfacedAt).toBeDefined()
  })

  it('several times over leaves the last, also over restarts, and each only once', async () => {
    const { a, b } = await pair()
    const first = await a.say('one')
    const second = await a.say('two', { replaces: first.shortId })
    await has(b, second.id)
    await b.stop()
    const third = await a.say('three', { replaces: second.shortId })
    const b2 = await lab.start('bob')
    await lab.meet(b2, a)
    await has(b2, third.id)
    expect(shown(b2)).toEqual(['three'])
    await expect(a.say('four', { replaces: first.shortId })).rejects.toThrow(`replaced already, by ${second.shortId}`)
  })

  it('while nobody is there is never sent', async () => {
    const { a, b } = await pair()
    await b.stop()
    await until(() => a.node.peers().every(({ isHere }) => !isHere), 'bob is away')
    const first = await a.say('old words')
    const second = await a.say('new words', { replaces: first.shortId })
    expect(second.replaced?.recipients).toMatchObject([{ state: 'withdrawn', reason: 'taken back before it was sent' }])
    const b2 = await lab.start('bob')
    await lab.meet(b2, a)
    await has(b2, second.id)
    expect(b2.focuses()).toEqual(['new words'])
    expect(b2.db.get('SELECT count(*) AS n FROM inbox')).toEqual({ n: 1 })
  })

  it('keeps its place in a conversation, and says nearly the same without being taken for an echo', async () => {
    const { a, b } = await pair()
    const asked = await b.say('what about the importer?', { to: 'alice' })
    await has(a, asked.id)
    await a.node.markSurfaced([asked.id], 'hook')
    const first = await a.say('the importer is broken since Monday, I look at it', { replyTo: asked.shortId })
    const second = await a.say('the importer is broken since Tuesday, I look at it', { replaces: first.shortId })
    await has(b, second.id)
    expect(b.inbox().map(({ id, replyTo, thread, held }) => ({ id, replyTo, thread, held }))).toEqual([
      { id: second.id, replyTo: asked.id, thread: asked.id, held: undefined },
    ])
  })

  it('is one of our own plain messages, and goes where that one went', async () => {
    const { a, b } = await pair()
    const theirs = await b.say('mine')
    await has(a, theirs.id)
    await expect(a.say('x', { replaces: theirs.shortId })).rejects.toThrow('is no message of this session')
    const asked = await a.node.ask({ question: 'which branch?', to: 'bob' }, { waitMs: 0 })
    await expect(a.say('x', { replaces: asked.shortId })).rejects.toThrow('is a question')
    const ours = await a.say('ours')
    await expect(a.say('x', { replaces: ours.shortId, to: 'bob' })).rejects.toThrow('leave out to and reply_to')
    expect(a.node.outgoing(ours.id)?.recipients).toMatchObject([{ state: 'received' }])
  })
})

describe('a message that is cancelled', () => {
  it('before it was shown is gone, and nothing comes in its place [R55]', async () => {
    const { a, b } = await pair()
    const first = await a.say('forget this one')
    await has(b, first.id)
    const view = await a.node.cancelOutgoing(first.shortId)
    expect(view.recipients).toMatchObject([{ state: 'withdrawn' }])
    await until(() => shown(b).length === 0, 'it is gone')
    expect([b.focuses(), b.node.status().inbox.unread]).toEqual([[], 0])
    expect(b.node.recollection.search({ text: '', limit: 5, offset: 0 })).toEqual([])
  })

  it('after it was shown stands, and nothing is sent', async () => {
    const { a, b } = await pair()
    const first = await a.say('too late')
    await has(b, first.id)
    await b.node.markSurfaced([first.id], 'hook')
    await until(() => stateOf(a, first.id).state === 'surfaced', 'its author knows')
    expect((await a.node.cancelOutgoing(first.shortId)).recipients).toMatchObject([{ state: 'surfaced' }])
    await turns(20)
    expect(b.focuses()).toEqual(['too late'])
  })

  it('and was shown meanwhile stands, and its author learns that by the later receipt', async () => {
    const { a, b } = await pair()
    const first = await a.say('in a hook right now')
    await has(b, first.id)
    await a.node.cancelOutgoing(first.shortId)
    await until(() => stateOf(a, first.id).state === 'withdrawn', 'it is withdrawn')
    // A hook had taken it before, and now says that it was written.
    await b.node.markSurfaced([first.id], 'hook')
    await until(() => stateOf(a, first.id).state === 'surfaced', 'its author learns the truth')
    expect(b.focuses()).toEqual(['in a hook right now'])
  })

  it('is known when it comes behind the message that took it back', async () => {
    const victim = await lab.start('bob')
    const attacker = await Attacker.connect({
      transport: lab.network.transport('mallory'),
      address: { kind: 'lan', host: 'bob', port: PORT },
      keys: carol,
    })
    const first = cmbOf(carol, 'first', { createdAt: lab.clock.now() })
    const second = cmbOf(carol, 'second', { createdAt: lab.clock.now() + 1 })
    const envelope = { hop: 0, auto: false, chain: [fingerprint(carol)] }
    attacker.sendCmb(second, { envelope: { ...envelope, replaces: first.id } })
    await has(victim, second.id)
    attacker.sendCmb(first, { envelope })
    await has(victim, first.id)
    expect(victim.focuses()).toEqual(['second'])
  })

  it('by somebody else, or in another group, stands', async () => {
    const { a, b } = await pair()
    const first = await a.say('of alice')
    await has(b, first.id)
    const attacker = await Attacker.connect({
      transport: lab.network.transport('mallory'),
      address: { kind: 'lan', host: 'bob', port: PORT },
      keys: carol,
    })
    const evil = cmbOf(carol, 'in its place', { createdAt: lab.clock.now() })
    attacker.sendCmb(evil, {
      envelope: { hop: 0, auto: false, chain: [fingerprint(carol)], replaces: first.id },
      tags: ['withdrawal'],
    })
    await has(b, evil.id)
    expect(b.focuses()).toEqual(['of alice', 'in its place'])
    expect(fingerprint(alice)).toBe(a.node.fingerprint)
    expect(stateOf(a, first.id).state).toBe('received')
  })
})
