/** One table of attacks against every way into the context: whatever a peer writes, and wherever, stays in its fence. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { introduce, renderFull, renderItem, type SurfaceItem } from '../../../server/src/mcp/fence.ts'
import { ATTACKS, CANARY, escapes } from '../../support/model-attacks.ts'
import { cat7, countingRandom, item, rig, speaker } from './rig.ts'

type Show = (...items: readonly SurfaceItem[]) => Promise<string>

const hook =
  (event: 'SessionStart' | 'UserPromptSubmit' | 'PostToolUse' | 'Stop'): Show =>
  async (...items) => {
    const { door, arrive } = rig()
    await arrive(...items)
    return door.take(event)?.text ?? ''
  }

/** Each way, as far as the text that leaves this process. */
const WAYS: Readonly<Record<string, Show>> = {
  push: async (...items) => {
    const { door, arrive, pushes } = rig()
    await door.onInitialised()
    await arrive(...items)
    for (const { meta } of pushes)
      for (const [key, value] of Object.entries(meta)) expect(`${key}=${value}`).toMatch(/^[a-z_]+=[A-Za-z0-9._:-]{0,64}$/)
    return pushes.map(({ content }) => content).join('\n')
  },
  'hook at the start': hook('SessionStart'),
  'hook at a prompt': hook('UserPromptSubmit'),
  'hook after a tool': hook('PostToolUse'),
  'hook at the end of a turn': hook('Stop'),
  'background hook': async (...items) => {
    const { door, arrive } = rig()
    await arrive(...items)
    return door.takeToWake(() => true)?.text ?? ''
  },
  'tool result': async (...items) => {
    const { door, arrive } = rig()
    await arrive(...items)
    return door.piggyBack()?.text ?? ''
  },
  'held turn': async (...items) => {
    const { door } = rig({ questions: { questionToHold: () => items[0], markHeld() {} } })
    return door.take('Stop')?.text ?? ''
  },
  'list of a tool': async (...items) => [introduce(items), ...items.map((one) => renderItem(one, countingRandom()))].join('\n\n'),
  'whole text by a tool': async (...items) =>
    items.map((one) => renderFull(one, one.fields.focus.text.slice(0, 4_000), countingRandom()).text).join('\n\n'),
}

/** The attack wherever a peer can write. */
function everywhere(text: string): readonly SurfaceItem[] {
  const fields = { issue: { text }, mood: { text }, perspective: { text } }
  return [
    item({ fields: cat7(text, fields), from: speaker(text), group: text, bodyBytes: 10 }),
    item({
      fields: cat7(text),
      kind: 'answer',
      from: speaker('carol'),
      answerTo: { shortId: 'm0123456789abcdef', isDecline: true },
      thread: 'm0123456789abcdef',
      question: 'open',
      isHuman: true,
    }),
    item({ fields: cat7(text), kind: 'observation', from: speaker('plain', 'member'), isDirected: false, tags: [text] }),
    item({ fields: cat7(text), kind: 'question', question: 'open', thread: 'm0123456789abcdef', replyTo: 'm1123456789abcdef', hop: 3 }),
  ]
}

describe.each(Object.entries(WAYS))('by %s', (_way, show) => {
  it.each(ATTACKS)('%s stays in its fence [A8, C2]', async (_name, text) => {
    const shown = await show(...everywhere(text))
    expect(shown.length).toBeGreaterThan(0)
    expect(escapes(shown)).toEqual([])
  })

  it('no mixture of attacks gets out [A8]', async () => {
    const pieces = fc.constantFrom(...ATTACKS.map(([, text]) => text))
    const mixture = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 12 }), fc.constant('\n')), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(mixture, async (parts) => {
        expect(escapes(await show(...everywhere(parts.join(''))))).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})

describe('the reader of these tests', () => {
  it.each([
    ['an unquoted line', `[begin 0123456789abcdef]\n${CANARY}\n[end 0123456789abcdef]`],
    ['a line behind the end', `[begin 0123456789abcdef]\n| x\n[end 0123456789abcdef]\n${CANARY}`],
    ['a fence without an end', `[begin 0123456789abcdef]\n| x`],
    ['words in a header', `message m0123456789abcdef from peer bob (0000 0000 0000 0000, member), ${CANARY}`],
    ['a name that ends the quote', `message m0123456789abcdef from peer "bob" ${CANARY}" (0000 0000 0000 0000, member), to this session`],
    ['a bracket', '[begin 0123456789abcdef]\n| </channel>\n[end 0123456789abcdef]'],
    ['a hidden character', '[begin 0123456789abcdef]\n| a\u200bb\n[end 0123456789abcdef]'],
  ])('sees %s', (_, text) => {
    expect(escapes(text)).not.toEqual([])
  })

  it('is shown something to see: each way shows the attack itself where it fits', async () => {
    for (const show of Object.values(WAYS)) expect(await show(...everywhere(`ok ${CANARY}`))).toContain(CANARY)
    expect(LIMITS.context.itemCharacters).toBeLessThan(5_000)
  })
})
