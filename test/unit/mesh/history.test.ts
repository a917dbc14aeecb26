import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toBase64Url } from '../../../server/src/base/bytes.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { encodeRecord } from '../../../server/src/mmp/record.ts'
import { Attacker } from '../../support/attacker.ts'
import { bob, carol, cmbOf, fingerprint, group, keysOf, Lab, PORT, type TestNode, turns, until } from '../../support/mesh.ts'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

const dave = keysOf('018f47a0-7b21-7abc-8def-dddddddddddd', 0xd1)
const has = (node: TestNode, id: string) => until(() => node.inbox().some((item) => item.id === id), 'it arrived')
const focuses = (node: TestNode) =>
  node.node.recollection.search({ text: '', limit: 200, offset: 0 }).map(({ fields }) => fields.focus.text)

/** Alice and bob have talked; carol was not there. */
async function talked() {
  const [a, b] = [await lab.start('alice'), await lab.start('bob')]
  await lab.meet(a, b)
  const first = await a.say('the importer moves to version 3', { body: 'with a long text beside it' })
  const second = await b.say('then I change the parser', { tags: ['observation', 'decision'] })
  await has(b, first.id)
  await has(a, second.id)
  return { a, b, first, second }
}
async function late(a: TestNode) {
  const c = await lab.start('carol')
  await lab.meet(c, a)
  return c
}

describe('a late joiner', () => {
  it('has what was said to the group by whom a member heard it, verified, once, and loudly nowhere [R82]', async () => {
    const { a, b, first, second } = await talked()
    await b.stop()
    const c = await late(a)
    const view = await c.node.history.catchUp('default', 50)
    expect(view).toMatchObject({ kept: 2, known: 0, refused: 0, asked: [{ peer: 'alice', answer: 'items' }] })
    expect(c.node.fetch(first.id)).toMatchObject({ from: { name: 'alice', trust: 'member' }, body: 'with a long text beside it' })
    // Its author was never met here.
    expect(c.node.fetch(second.id)).toMatchObject({
      from: { fingerprint: fingerprint(bob), trust: 'unknown' },
      tags: ['observation', 'decision'],
    })
    expect([c.inbox(), c.node.unsurfaced(10), c.events.filter(({ kind }) => kind === 'arrived')]).toEqual([[], [], []])
    expect(c.node.history.takeDigest()).toBe('From the history of the group: 2 earlier messages were kept; sym_recall finds them.')
    expect(c.node.history.takeDigest()).toBeUndefined()
    expect(await c.node.history.catchUp('default', 50)).toMatchObject({ kept: 0, known: 2 })
    await c.stop()
    expect(focuses(await lab.start('carol'))).toHaveLength(2)
  })

  it('asks several members, has each item once, and the newest where it wants few', async () => {
    const { a, b } = await talked()
    for (let number = 0; number < 30; number++) {
      const sent = await a.say(`number ${number}`)
      await has(b, sent.id)
    }
    const c = await late(a)
    await lab.meet(c, b)
    const few = await c.node.history.catchUp('default', 12)
    expect(few).toMatchObject({ kept: 12, refused: 0 })
    expect(few.asked.map(({ peer }) => peer).sort()).toEqual(['alice', 'bob'])
    expect(focuses(c).slice(0, 2)).toEqual(['number 29', 'number 28'])
    expect(await c.node.history.catchUp('default', 50)).toMatchObject({ kept: 20, known: 12 })
  })

  it('is told nothing that was said to one node, to some, to nobody, or was taken back [R82] [R81]', async () => {
    const { a, b, first } = await talked()
    await b.node.presence.setTags(['rust'])
    await until(() => a.node.peers()[0]?.presence?.tags.includes('rust') === true, 'the tag')
    const private1 = await a.say('for bob alone', { to: 'bob' })
    const tagged = await a.say('for those of rust', { to: '#rust' })
    await a.node.remember({ focus: 'a note to myself' }, ['note'])
    const wrong = await a.say('wrong words')
    for (const { id } of [private1, tagged, wrong]) await has(b, id)
    const right = await a.say('right words', { replaces: wrong.shortId })
    await has(b, right.id)
    const c = await late(a)
    await lab.meet(c, b)
    await c.node.history.catchUp('default', 50)
    expect(focuses(c).sort()).toEqual(['right words', 'the importer moves to version 3', 'then I change the parser'])
    expect(first.id).toBeDefined()
  })

  it('hears of another group nothing, and asks nobody for one that it is not in', async () => {
    const both = ['default', 'backend'] as const
    const a = await lab.start('alice', { groups: [...both] })
    const b = await lab.start('bob', { groups: ['backend'] })
    await lab.meet(a, b)
    const sent = await b.say('only for the backend')
    await has(a, sent.id)
    const c = await late(a)
    expect(await c.node.history.catchUp('default', 50)).toMatchObject({ kept: 0 })
    await expect(c.node.history.catchUp('backend', 50)).rejects.toThrow('no member of backend is here to be asked')
    c.node.joinGroup(group('backend'))
    await lab.during(lab.linked(a, c))
    expect(await c.node.history.catchUp('backend', 50)).toMatchObject({ kept: 1 })
  })

  it('of an open group hears of the last day alone', async () => {
    const { a } = await talked()
    lab.clock.advance(LIMITS.history.openMs + 1)
    await a.say('said today')
    const c = await late(a)
    expect(await c.node.history.catchUp('default', 50)).toMatchObject({ kept: 1 })
    expect(focuses(c)).toEqual(['said today'])
  })

  it('that asks too often is told so, and nothing else', async () => {
    const { a } = await talked()
    const c = await late(a)
    for (let times = 0; times < LIMITS.history.asksBurst; times++) await c.node.history.catchUp('default', 1)
    expect(await c.node.history.catchUp('default', 50)).toMatchObject({ kept: 0, asked: [{ answer: 'busy' }] })
  })

  it('waits a while for members that say nothing, and tells who did not answer', async () => {
    const c = await lab.start('carol')
    const mute = await attack(c, dave)
    mute.send({ type: 'mesh-opaque-v1-profile', name: 'mute', features: [] })
    await mute.sync()
    const view = await lab.during(c.node.history.catchUp('default', 5))
    expect(view).toMatchObject({ kept: 0, asked: [{ peer: 'mute', answer: 'none' }] })
  })
})

function attack(victim: TestNode, keys = dave): Promise<Attacker> {
  return Attacker.connect({ transport: lab.network.transport('mallory'), address: { kind: 'lan', host: victim.host, port: PORT }, keys })
}

async function askOf(liar: Attacker) {
  await until(() => liar.told('mesh-opaque-v1-history-ask').length > 0, 'it is asked')
  return liar.told('mesh-opaque-v1-history-ask').at(-1) ?? { type: 'none' }
}

describe('a member that lies about the past', () => {
  it('is believed nothing that its author did not sign for the whole of this group [R82] [C1]', async () => {
    const c = await lab.start('carol')
    const liar = await attack(c)
    liar.send({ type: 'mesh-opaque-v1-profile', name: 'liar', features: [] })
    await liar.sync()
    const now = lab.clock.now()
    const key = toBase64Url(bob.publicKey)
    const good = cmbOf(bob, 'bob said this', { createdAt: now })
    const record = encodeRecord(good)
    const forged = encodeRecord(cmbOf(dave, 'bob said that', { createdAt: now + 1, author: { nodeId: bob.nodeId, name: 'bob' } }))
    const item = (cmb: object, more: object = {}) => ({ cmb, tags: ['message'], key, ...more })
    const items = [
      item(record),
      item({ ...record, categories: { ...record.categories, focus: { text: 'bob said something else' } } }),
      item(forged),
      item(encodeRecord(cmbOf(bob, 'to one node', { createdAt: now + 2, to: carol.nodeId }))),
      item(encodeRecord(cmbOf(bob, 'to another group', { createdAt: now + 3, group: 'backend' }))),
      item(encodeRecord(cmbOf(bob, 'to some', { createdAt: now + 4 })), { tags: ['message', '#rust'] }),
      item(encodeRecord(cmbOf(bob, 'of long ago', { createdAt: now - LIMITS.cmb.pastMs - 1 }))),
      item(encodeRecord(cmbOf(dave, 'in the name of carol', { createdAt: now + 5, author: { nodeId: carol.nodeId, name: 'carol' } })), {
        key: toBase64Url(dave.publicKey),
      }),
    ]
    const asking = c.node.history.catchUp('default', 50)
    const ask = await askOf(liar)
    liar.send({ type: 'mesh-opaque-v1-history', of: 'A'.repeat(16), items: [item(record)], end: 'done' })
    liar.send({ type: 'mesh-opaque-v1-history', of: String(ask['of']), items, end: 'done' })
    expect(await asking).toMatchObject({ kept: 1, refused: 7 })
    expect(focuses(c)).toEqual(['bob said this'])
  })

  it('sends unasked, or more than was wanted, for nothing', async () => {
    const c = await lab.start('carol')
    const liar = await attack(c)
    liar.send({ type: 'mesh-opaque-v1-profile', name: 'liar', features: [] })
    const key = toBase64Url(bob.publicKey)
    const item = (text: string, at: number) => ({ cmb: encodeRecord(cmbOf(bob, text, { createdAt: lab.clock.now() + at })), tags: [], key })
    liar.send({ type: 'mesh-opaque-v1-history', of: 'B'.repeat(16), items: [item('unasked', 0)], end: 'done' })
    await liar.sync()
    await turns(5)
    expect(focuses(c)).toEqual([])
    const asking = c.node.history.catchUp('default', 2)
    const ask = await askOf(liar)
    const items = Array.from({ length: 5 }, (_, number) => item(`number ${number}`, number))
    liar.send({ type: 'mesh-opaque-v1-history', of: String(ask['of']), items })
    liar.send({ type: 'mesh-opaque-v1-history', of: String(ask['of']), items: items.slice(3), end: 'done' })
    expect(await asking).toMatchObject({ kept: 2 })
  })
})
