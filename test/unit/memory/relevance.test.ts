/** How loudly a broadcast speaks: what is certain first, then the words, and what strangers can do about it. */
import { describe, expect, it } from 'vitest'
import { type Interests, NO_INTERESTS, parseInterest } from '../../../server/src/memory/interests.ts'
import { askedSignals, type Judgement, readJudgement, reasonOf, writeJudgement } from '../../../server/src/memory/judgement.ts'
import { Memory } from '../../../server/src/memory/memory.ts'
import { type Heard, partOf, Relevance } from '../../../server/src/memory/relevance.ts'
import { buildCat7, type Cat7Input } from '../../../server/src/mmp/cat7.ts'
import type { Cmb } from '../../../server/src/mmp/cmb.ts'
import type { Envelope } from '../../../server/src/mmp/envelope.ts'
import type { NodeKeys } from '../../../server/src/secure/session.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { alice, bob, carol, cmbOf, fingerprint } from '../../support/mesh.ts'
import { openStore } from '../mesh/store.ts'

const OWN: readonly Cat7Input[] = [
  { focus: 'the payment client retries four times when the acquirer times out', issue: 'retry storm doubles the load' },
  { focus: 'retryBudget is ignored for ETIMEDOUT in src/acquirer/payment-client.ts', intent: 'move the budget check' },
  { focus: 'charges are idempotent, no customer was billed twice by the retries' },
]
const NEAR: Cat7Input = { focus: 'payment client now has exponential backoff for acquirer retries', issue: 'retry storm' }
const FAR: Cat7Input = { focus: 'translated the pricing brochure into Portuguese and ordered stickers' }

interface HeardChanges extends Partial<Omit<Heard, 'cmb' | 'from'>> {
  readonly from?: NodeKeys
  readonly changes?: Parameters<typeof cmbOf>[2]
}

async function rig({ own = OWN, interests = NO_INTERESTS }: { own?: readonly Cat7Input[]; interests?: Interests } = {}) {
  const store = await openStore()
  const clock = new FakeClock()
  const open = () => {
    const memory = new Memory(store.db)
    const relevance = new Relevance({
      clock,
      memory,
      self: fingerprint(alice),
      name: () => 'claude-desk-api',
      labels: () => ['rust'],
      interests: () => interests,
    })
    return { memory, relevance }
  }
  const parts = open()
  const mint = (from: NodeKeys, input: Cat7Input, changes: Parameters<typeof cmbOf>[2] = {}): Cmb =>
    cmbOf(from, '', { fields: buildCat7(input), createdAt: clock.now(), ...changes })
  const keep = (from: NodeKeys, cmb: Cmb, part: ReturnType<typeof partOf>, envelope?: Envelope) =>
    store.db.write(() => parts.memory.keep({ cmb, author: fingerprint(from), tags: [], keptAt: clock.now(), part, envelope }))
  const say = async (input: Cat7Input): Promise<Cmb> => {
    const cmb = mint(alice, input)
    await keep(alice, cmb, 'own')
    return cmb
  }
  for (const input of own) await say(input)
  const heardOf = (input: Cat7Input, { from = bob, changes, ...more }: HeardChanges = {}): Heard => ({
    cmb: mint(from, input, changes),
    from: fingerprint(from),
    tags: ['observation'],
    envelope: undefined,
    isVerified: false,
    isSameRepository: () => false,
    ...more,
  })
  const judge = (input: Cat7Input, more: HeardChanges = {}) => parts.relevance.judge(heardOf(input, more))
  /** Judged and kept, as when it arrives. */
  const hear = async (input: Cat7Input, more: HeardChanges = {}): Promise<Judgement | undefined> => {
    const heard = heardOf(input, more)
    const judgement = parts.relevance.judge(heard)
    await keep(more.from ?? bob, heard.cmb, partOf(heard, judgement), heard.envelope)
    return judgement
  }
  return { store, clock, open, parts, say, mint, keep, judge, hear }
}

describe('a message to this session alone', () => {
  it('is never judged [R79]', async () => {
    const { judge } = await rig()
    expect(judge(FAR, { changes: { to: alice.nodeId } })).toBeUndefined()
  })
})

describe('a session that has said little', () => {
  it('hears everything in full [R79]', async () => {
    const { judge, say } = await rig({ own: OWN.slice(0, 1) })
    expect(judge(FAR)).toMatchObject({ decision: 'aligned', loudness: 'whole', by: 'few-anchors' })
    await say(OWN[1] ?? FAR)
    expect(judge(FAR)).toMatchObject({ by: 'few-anchors' })
    await say(OWN[2] ?? FAR)
    expect(judge(FAR)).toMatchObject({ by: 'words' })
  })

  it('takes no acknowledgement for a ground to judge by', async () => {
    const { judge, say } = await rig({ own: [] })
    for (const focus of ['thanks', 'ok, will do', 'done', 'yes']) await say({ focus })
    expect(judge(FAR)).toMatchObject({ by: 'few-anchors' })
  })

  it('does not let strangers choose what it is judged by', async () => {
    const { hear, judge, say } = await rig({ own: [] })
    for (let number = 0; number < 30; number++) await hear({ focus: `buy cheap stickers and brochures at shop number ${number}` })
    for (const input of OWN) await say(input)
    expect(judge(FAR)).toMatchObject({ by: 'words', decision: 'rejected' })
    expect(judge({ focus: 'cheap stickers and brochures at shop number 7' })).toMatchObject({ decision: 'rejected' })
  })
})

describe('the words', () => {
  it('of the same story are shown, those of another are counted [R79]', async () => {
    const { judge } = await rig()
    const near = judge(NEAR)
    expect(near?.decision === 'aligned' || near?.decision === 'guarded').toBe(true)
    expect(near?.loudness).toBe(near?.decision === 'aligned' ? 'whole' : 'headline')
    expect(judge(FAR)).toMatchObject({ decision: 'rejected', loudness: 'count', by: 'words' })
  })

  it('that repeat what is known are counted', async () => {
    const { judge } = await rig()
    const again = { focus: 'The payment client retries 4 times when acquirer times out', issue: 'retry storm doubles load' }
    expect(judge(OWN[0] ?? FAR)).toMatchObject({ decision: 'redundant', loudness: 'count' })
    expect(judge(again)?.words?.maxNearestDrift).toBeLessThan(0.35)
  })

  it('of this session itself, said to descend from them, are an echo, and an answer to them is heard [R81]', async () => {
    const { judge, say } = await rig()
    const ours = await say({ focus: 'the stickers for the brochure are ordered' })
    const parents = [ours.key]
    const echo = judge({ focus: 'the stickers for the brochure are ordered' }, { changes: { parents } })
    expect(echo).toMatchObject({ by: 'echo', decision: 'redundant', loudness: 'count' })
    expect(readJudgement(writeJudgement(echo as Judgement))).toMatchObject({ by: 'echo' })
    expect(judge({ focus: 'and who pays for them?' }, { changes: { parents } })).toMatchObject({ by: 'thread', loudness: 'whole' })
    expect(judge({ focus: 'the stickers for the brochure are ordered' })).toMatchObject({ by: 'words' })
  })

  it('of a block that is not accepted are left out, its mood is not', async () => {
    const { judge } = await rig()
    expect(judge({ ...FAR, mood: 'alarmed' })).toMatchObject({ decision: 'rejected', loudness: 'mood' })
    expect(judge({ ...FAR, mood: 'neutral' })).toMatchObject({ loudness: 'count' })
  })

  it('lose weight with their age', async () => {
    const { judge, clock } = await rig()
    const fresh = judge(NEAR)?.words?.totalDrift ?? 1
    const old = judge(NEAR, { changes: { createdAt: clock.now() - 4 * 3_600_000 } })
    expect(old?.words?.totalDrift).toBeGreaterThan(fresh + 0.2)
    expect(judge(NEAR, { changes: { createdAt: clock.now() + 60_000 } })?.words?.ageSeconds).toBe(0)
  })

  it('are compared with nothing once all anchors are days old: then everything is heard', async () => {
    const { judge, clock } = await rig()
    clock.advance(3 * 86_400_000)
    expect(judge(FAR)).toMatchObject({ decision: 'aligned', words: { isColdStart: true } })
  })

  it('of who works in the same repository are at least a headline', async () => {
    const { judge } = await rig()
    expect(judge(FAR, { isSameRepository: () => true })).toMatchObject({ decision: 'guarded', loudness: 'headline', isLifted: true })
    expect(judge(OWN[0] ?? FAR, { isSameRepository: () => true })).toMatchObject({ decision: 'redundant', isLifted: false })
  })

  it('of a report on what is known are heard when a verified peer signed it', async () => {
    const { say, judge } = await rig()
    const known = await say({ focus: 'orders migration 0412 takes an exclusive lock on the orders table' })
    const report = {
      focus: 'orders migration 0412 takes an exclusive lock on the orders table',
      intent: 'ground',
      commitment: 'verified: seen on staging',
    }
    const about = { changes: { parents: [known.key] } }
    expect(judge(report, about)).toMatchObject({ by: 'thread', loudness: 'whole' })
  })
})

describe('what is certain', () => {
  it.each([
    ['@claude-desk-api can you look?', true],
    ['ask Claude-Desk-API about it', true],
    ['(claude-desk-api)', true],
    ['claude-desk-api-2 is somebody else', false],
    ['my-claude-desk-api as well', false],
    ['no name at all', false],
  ])('a mention counts: %j', async (focus, isMentioned) => {
    const { judge } = await rig()
    expect(judge({ focus })?.by === 'mention').toBe(isMentioned)
  })

  it('a tag counts that this session carries', async () => {
    const { judge } = await rig()
    expect(judge(FAR, { tags: ['message', '#rust'] })).toMatchObject({ by: 'mention', loudness: 'whole' })
    expect(judge(FAR, { tags: ['message', '#cobol', 'rust'] })).toMatchObject({ by: 'words' })
  })

  it('a thread counts in which this session took part, and an answer to it', async () => {
    const { say, judge, hear, mint } = await rig()
    const first = await say({ focus: 'who knows the voucher service and its tables?' })
    const chain = [fingerprint(bob)]
    expect(judge(FAR, { envelope: { thread: first.id, replyTo: first.id, hop: 1, auto: true, chain } })).toMatchObject({ by: 'thread' })
    const other = mint(carol, { focus: 'lunch?' })
    await hear({ focus: 'x' })
    expect(judge(FAR, { envelope: { thread: other.id, replyTo: other.id, hop: 1, auto: true, chain } })).toMatchObject({ by: 'words' })
    expect(judge(FAR, { changes: { parents: [first.key] } })).toMatchObject({ by: 'thread' })
    expect(judge(FAR, { changes: { parents: [other.key] } })).toMatchObject({ by: 'words' })
  })

  it('a question to the group counts', async () => {
    const { judge, clock } = await rig()
    const envelope = { hop: 0, auto: true, chain: [fingerprint(bob)], question: { until: clock.now() + 60_000 } }
    expect(judge(FAR, { envelope })).toMatchObject({ by: 'question', loudness: 'whole' })
  })

  it('a file counts that this session named, and not one that a stranger named', async () => {
    const { judge, hear } = await rig()
    expect(judge({ focus: 'moved a helper into src/acquirer/payment-client.ts.' })).toMatchObject({ by: 'same-file', loudness: 'whole' })
    await hear({ ...NEAR, perspective: 'docs/brochure/prices.md' })
    expect(judge({ focus: 'stickers are in docs/brochure/prices.md' })).toMatchObject({ by: 'words' })
  })

  it('what the user follows is heard, what the user ignores is counted, whatever else it says [R79]', async () => {
    const interest = (text: string) => [parseInterest(text)].flatMap((one) => one ?? [])
    const following = await rig({ interests: { follow: interest('topic:pricing brochures'), ignore: [] } })
    expect(following.judge(FAR)).toMatchObject({ by: 'followed', loudness: 'whole', detail: 'topic:pricing brochures' })
    const ignoring = await rig({
      interests: { follow: interest('kind:observation'), ignore: interest(`peer:${fingerprint(bob).slice(0, 12)}`) },
    })
    const loud = { focus: '@claude-desk-api look', mood: 'alarmed' }
    expect(ignoring.judge(loud)).toMatchObject({ by: 'ignored', decision: 'rejected', loudness: 'count' })
    expect(ignoring.judge(loud, { from: carol })).toMatchObject({ by: 'mention' })
  })
})

describe('what later words are compared with', () => {
  it('are own words, those of verified peers, and a few of others that belong to them', async () => {
    const { hear, judge } = await rig()
    const anchors = () => judge({ focus: 'something that has nothing to do with it' })?.words?.anchors.length
    expect(anchors()).toBe(3)
    const parts = ['gateway', 'ledger', 'voucher', 'refund', 'invoice']
    for (const part of parts) await hear({ focus: `payment client retries reach the ${part}`, issue: `acquirer load at the ${part}` })
    expect(anchors()).toBe(5)
    for (const part of parts) await hear({ focus: `acquirer retries, payment ${part}`, issue: `${part} load` }, { from: carol })
    expect(anchors()).toBe(7)
    await hear({ focus: 'the brochure of somebody whose words were compared' }, { from: carol, isVerified: true })
    expect(anchors()).toBe(7)
    await hear({ focus: 'acquirer payment retries at the proxy of carol', issue: 'load' }, { from: carol, isVerified: true })
    expect(anchors()).toBe(8)
  })

  it('are the same after a restart, and after a write that failed', async () => {
    const { store, open, judge, parts, mint } = await rig()
    const before = judge(FAR)?.words?.anchors
    await store.db
      .write(() => {
        parts.memory.keep({
          cmb: mint(alice, { focus: 'one two three four five six' }),
          author: fingerprint(alice),
          tags: [],
          keptAt: 1,
          part: 'own',
        })
        throw new Error('disk full')
      })
      .catch(() => {})
    expect(judge(FAR)?.words?.anchors).toEqual(before)
    await store.reopen()
    const { relevance } = open()
    const heard: Heard = {
      cmb: mint(bob, FAR),
      from: fingerprint(bob),
      tags: [],
      envelope: undefined,
      isVerified: false,
      isSameRepository: () => false,
    }
    expect(relevance.judge(heard)?.words?.anchors).toEqual(before)
  })

  it('lose what is forgotten', async () => {
    const { store, parts, say, judge } = await rig()
    const more = await say({ focus: 'the brochure about prices goes to the printer on Friday' })
    expect(judge(FAR)?.words?.anchors).toContain(more.id.slice(0, 21))
    await store.db.write(() => parts.memory.forget(more.id))
    expect(judge(FAR)?.words?.anchors).not.toContain(more.id.slice(0, 21))
  })
})

describe('a judgement', () => {
  it('is written and read back, and explains itself signal by signal [R80]', async () => {
    const { judge } = await rig()
    for (const judgement of [judge(FAR), judge(NEAR), judge({ focus: '@claude-desk-api' })]) {
      if (!judgement) throw new Error('it was not judged')
      const read = readJudgement(writeJudgement(judgement))
      expect(read).toMatchObject({ decision: judgement.decision, by: judgement.by, detail: judgement.detail })
      expect(read?.words?.fields.map(({ name }) => name)).toEqual(judgement.words?.fields.map(({ name }) => name))
      expect(askedSignals(judgement).at(-1)).toEqual({ name: judgement.by, detail: reasonOf(judgement) })
      expect(reasonOf(judgement)).not.toBe('')
    }
    expect(readJudgement(null)).toBeUndefined()
    expect(readJudgement('{"decision":"of another version"}')).toBeUndefined()
  })
})
