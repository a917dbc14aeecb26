import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sharedValue } from '../../../server/src/identity/shared-file.ts'
import { NO_TRUST } from '../../../server/src/mesh/trust-file.ts'
import { bob as bobKeys, fingerprint, keysOf, Lab, type TestNode, until } from '../../support/mesh.ts'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

async function talking() {
  const [a, b, c] = [await lab.start('alice'), await lab.start('bob'), await lab.start('carol')]
  await lab.meet(a, b)
  await lab.meet(a, c)
  await lab.meet(b, c)
  return { a, b, c }
}
const has = (node: TestNode, id: string) => until(() => node.inbox().some((item) => item.id === id), 'it arrived')
const counts = ({ node }: TestNode) => {
  const { unread, mentions } = node.status().inbox
  return { unread, mentions }
}

describe('@name in a group message', () => {
  it('names that peer, which counts it while it is unread, also after a restart [R54]', async () => {
    const { a, b, c } = await talking()
    const sent = await a.say('@bob the importer is yours')
    expect(sent.mentions).toEqual([{ peer: 'bob', fingerprint: fingerprint(b.keys) }])
    await a.say('lunch at noon')
    await until(() => b.inbox().length === 2 && c.inbox().length === 2, 'both have both')
    expect([counts(b), counts(c)]).toEqual([
      { unread: 2, mentions: 1 },
      { unread: 2, mentions: 0 },
    ])
    expect(b.node.inbox({ limit: 5, isMentionOnly: true })).toMatchObject([{ id: sent.id, isMention: true }])
    await b.stop()
    const again = await lab.start('bob')
    expect(counts(again)).toEqual({ unread: 2, mentions: 1 })
    await again.node.markSurfaced([sent.id], 'hook')
    expect(counts(again)).toEqual({ unread: 1, mentions: 0 })
  })

  it('is found like `to`: by petname, though nobody else knows it, by name, and by digits of the key [R54]', async () => {
    const trust = sharedValue({ ...NO_TRUST, keys: { [fingerprint(bobKeys)]: { petname: 'the importer', changedAt: 1 } } })
    const a = await lab.start('alice', { trust })
    const [b, c] = [await lab.start('bob'), await lab.start('carol')]
    for (const peer of [b, c]) lab.introduce(a, peer)
    await until(() => a.knows('the importer') && a.knows('carol'), 'both are here')
    await until(() => b.knows('alice') && c.knows('alice'), 'and know it')
    const digits = fingerprint(c.keys).slice(0, 10)
    const sent = await a.say(`@"the importer" and @${digits}: who of you two?`)
    expect(sent.mentions.map(({ peer }) => peer)).toEqual(['the importer', 'carol'])
    await has(b, sent.id)
    await has(c, sent.id)
    expect([counts(b).mentions, counts(c).mentions]).toEqual([1, 1])
  })

  it('that is nobody’s stays text, and one that means several sends nothing', async () => {
    const { a, b } = await talking()
    const sent = await a.say('@nobody @types/node and a@bob.example are no names, @alice is me')
    expect(sent.mentions).toEqual([])
    await has(b, sent.id)
    expect(counts(b).mentions).toBe(0)
    const twin = await lab.start('twin', { keys: keysOf('018f47a0-7b21-7abc-8def-dddddddddddd', 0xd1), called: 'bob' })
    lab.introduce(a, twin)
    await until(() => a.node.peers().filter(({ name, isHere }) => isHere && name === 'bob').length === 2, 'two of that name')
    await expect(a.say('@bob which of you?')).rejects.toThrow(/"@bob" means several peers; nothing was sent/)
    expect(b.inbox()).toHaveLength(1)
  })

  it('marks nobody in a message to one peer, and in a question to the group as in any', async () => {
    const { a, b, c } = await talking()
    const direct = await a.say('tell @bob', { to: 'carol' })
    expect(direct.mentions).toEqual([])
    await has(c, direct.id)
    expect(counts(c).mentions).toBe(0)
    const asked = await a.node.ask({ question: '@bob, or who else knows?' }, { waitMs: 0 })
    await has(b, asked.id)
    expect(counts(b).mentions).toBe(1)
  })

  it('is heard in full, by the same signal that relevance asks', async () => {
    const { a, b } = await talking()
    for (const focus of [
      'the payment client retries four times when the acquirer times out',
      'retryBudget is ignored for ETIMEDOUT in src/acquirer/payment-client.ts',
      'charges to the acquirer are idempotent, no customer was billed twice',
    ])
      await b.say(focus)
    const sent = await a.say('ordered stickers for the brochure, @bob')
    await has(b, sent.id)
    expect(b.inbox().at(-1)?.relevance).toMatchObject({ loudness: 'whole', reason: 'names bob' })
  })
})
