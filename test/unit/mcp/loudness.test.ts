/** How loudly an item is shown: in full, as a headline, or with its mood alone; always inside its fence. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { renderItem } from '../../../server/src/mcp/fence.ts'
import { surfaceItem, unaskedItem } from '../../../server/src/mcp/surface.ts'
import type { InboxView, RelevanceView } from '../../../server/src/mesh/views.ts'
import { talkOf } from '../../../server/src/mesh/views.ts'
import { bob, cmbOf, fingerprint } from '../../support/mesh.ts'
import { cat7, countingRandom } from './rig.ts'

const { id } = cmbOf(bob, 'x')
const LONG = 'a long report about the acquirer. '.repeat(40)

function viewOf(relevance: RelevanceView | undefined, focus = LONG, mood = 'alarmed, and tired of it'): InboxView {
  const from = { name: 'bob', fingerprint: fingerprint(bob), trust: 'member' as const }
  return {
    ...{ id, shortId: 'm0123456789abcdef', group: 'default', from, isDirected: false, tags: ['observation'] },
    ...{
      fields: cat7(focus, { mood: { text: mood } }),
      body: undefined,
      createdAt: 1,
      receivedAt: 1,
      surfacedAt: undefined,
      way: undefined,
    },
    ...{ held: undefined, isMention: false, relevance, ...talkOf(id, undefined) },
  }
}

const relevance = (loudness: RelevanceView['loudness'], reason = 'near what this session said (drift 0.55)'): RelevanceView => ({
  decision: loudness === 'headline' ? 'guarded' : 'rejected',
  loudness,
  reason,
})
const quoted = (text: string) => text.split('\n').filter((line) => line.startsWith('| '))

describe('an item shown unasked', () => {
  it('that matters is shown as ever, without a reason', () => {
    const whole = renderItem(unaskedItem(viewOf({ decision: 'aligned', loudness: 'whole', reason: 'names me' })), countingRandom())
    expect(whole).toBe(renderItem(surfaceItem(viewOf(undefined)), countingRandom()))
  })

  it('that is near is a headline, and says why and where the rest is', () => {
    const text = renderItem(unaskedItem(viewOf(relevance('headline'))), countingRandom())
    expect(text.split('\n')[0]).toMatch(/headline, guarded: near what this session said \(drift 0\.55\)$/)
    expect(quoted(text).join('').length).toBeLessThanOrEqual(LIMITS.context.headlineCharacters)
    expect(text).toMatch(/more: truncated, mood; sym_fetch m0123456789abcdef for the whole text$/)
  })

  it('that was not accepted says its mood and nothing else of its author', () => {
    const text = renderItem(unaskedItem(viewOf(relevance('mood'))), countingRandom())
    expect(quoted(text)).toEqual(['| alarmed, and tired of it'])
    expect(text).toMatch(/its mood alone, rejected: /)
    expect(text).toMatch(/more: focus; sym_fetch/)
  })

  it('when it is asked for is shown as ever, with the reason', () => {
    const text = renderItem(surfaceItem(viewOf(relevance('count'))), countingRandom())
    expect(quoted(text).join('').length).toBeGreaterThan(LIMITS.context.headlineCharacters)
    expect(text.split('\n')[0]).toContain('rejected: near what this session said')
  })
})

describe('for any words', () => {
  it('the fence holds and a headline is short', () => {
    const text = fc.string({ unit: 'binary', maxLength: 2_000 })
    fc.assert(
      fc.property(text, text, fc.constantFrom('headline', 'mood'), (focus, mood, loudness) => {
        const lines = renderItem(unaskedItem(viewOf(relevance(loudness), focus, mood)), countingRandom()).split('\n')
        const [open, close] = [lines.findIndex((line) => line.startsWith('[begin ')), lines.findIndex((line) => line.startsWith('[end '))]
        expect(open).toBe(1)
        expect(lines.slice(open + 1, close).every((line) => line.startsWith('| '))).toBe(true)
        expect(lines.slice(close + 1).every((line) => line.startsWith('more: '))).toBe(true)
        expect(lines.slice(open + 1, close).join('\n').length).toBeLessThanOrEqual(LIMITS.context.headlineCharacters)
      }),
      { numRuns: 300 },
    )
  })
})
