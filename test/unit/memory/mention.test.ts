import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { mentionOf, type Spoken, wordsBehindAt } from '../../../server/src/memory/mention.ts'
import { buildCat7 } from '../../../server/src/mmp/cat7.ts'
import { alice, bob, fingerprint } from '../../support/mesh.ts'

const words = (focus: string) => wordsBehindAt(buildCat7({ focus }))
const me = { fingerprint: fingerprint(alice), name: 'claude-mac-api', labels: ['rust'] }
const spoken = (focus: string, more: Partial<Spoken> = {}): Spoken => ({
  fields: buildCat7({ focus }),
  tags: [],
  envelope: undefined,
  ...more,
})
const marked = (...mentions: ReturnType<typeof fingerprint>[]) => ({ hop: 0, auto: false, chain: [fingerprint(bob)], mentions })

describe('a word behind an @', () => {
  it('is a name with its dots and dashes, or that name at the end of a sentence', () => {
    expect(words('ask @claude-mac-api.')).toEqual([['claude-mac-api.', 'claude-mac-api']])
    expect(words('@web.v2 and @"build bot", please')).toEqual([['web.v2'], ['build bot']])
    expect(words('(@1a2b3c4d) @Jürgen!')).toEqual([['1a2b3c4d'], ['Jürgen']])
  })

  it('is none inside of an address, a path or a package', () => {
    expect(words('mail a@b.example, npm i x/@scope/y, a.@b, @@c')).toEqual([])
    expect(words('@ alone and @-dash')).toEqual([])
  })

  it('counts once, and no more of them than an envelope may name', () => {
    expect(words('@bob @bob @bob')).toEqual([['bob']])
    expect(words(Array.from({ length: 100 }, (_, number) => `@n${number}`).join(' '))).toHaveLength(LIMITS.envelope.mentions)
  })

  test.prop([fc.string({ maxLength: 500, unit: 'binary' })])('is found in any text within its limit', (text) => {
    const found = words(text)
    expect(found.length).toBeLessThanOrEqual(LIMITS.envelope.mentions)
    for (const readings of found) expect(readings.length).toBeGreaterThan(0)
  })
})

describe('who is meant', () => {
  it('by the mark of the author, whatever the words say', () => {
    expect(mentionOf(spoken('@my-own-petname look', { envelope: marked(me.fingerprint) }), me)).toBe('names claude-mac-api')
    expect(mentionOf(spoken('@somebody look', { envelope: marked(fingerprint(bob)) }), me)).toBeUndefined()
  })

  it('by its name in the words, and by a tag that it carries', () => {
    expect(mentionOf(spoken('claude-mac-api broke the build'), me)).toBe('names claude-mac-api')
    expect(mentionOf(spoken('review this', { tags: ['message', '#rust'] }), me)).toBe('said to those who carry #rust')
    expect(mentionOf(spoken('claude-mac-api-2 broke the build'), me)).toBeUndefined()
  })
})
