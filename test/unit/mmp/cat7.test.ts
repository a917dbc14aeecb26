import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { buildCat7, parseCat7 } from '../../../server/src/mmp/cat7.ts'
import { FIELD_NAMES } from '../../../server/src/mmp/cmb.ts'

const wire = (changes: object = {}) => ({
  ...Object.fromEntries(FIELD_NAMES.map((name) => [name, { text: name }])),
  ...changes,
})
const ruleOf = (value: unknown) => {
  const parsed = parseCat7(value)
  return parsed.kind === 'ok' ? 'ok' : parsed.rule
}

describe('buildCat7', () => {
  it('says neutral where a field is absent, empty or blank [R47]', () => {
    const fields = buildCat7({ focus: 'the bridge', issue: '', intent: '  \n', mood: {} })
    expect(fields.focus.text).toBe('the bridge')
    expect(FIELD_NAMES.filter((name) => fields[name].text === 'neutral')).toEqual(FIELD_NAMES.slice(1))
  })

  it('takes mood as text or with valence and arousal [R47]', () => {
    expect(buildCat7({ mood: 'calm' }).mood).toEqual({ text: 'calm' })
    expect(buildCat7({ mood: { text: 'calm', valence: 1, arousal: -1 } }).mood).toEqual({ text: 'calm', valence: 1, arousal: -1 })
  })

  it.each([1.01, -1.01, Number.NaN, Number.POSITIVE_INFINITY])('refuses a valence or arousal of %d in words', (value) => {
    expect(() => buildCat7({ mood: { valence: value } })).toThrow(/valence .* between -1 and 1/)
    expect(() => buildCat7({ mood: { arousal: value } })).toThrow(expect.objectContaining({ code: 'argument-invalid' }))
  })

  it('brings texts into NFC and mends a broken surrogate pair', () => {
    expect(buildCat7({ focus: 'cafe\u0301' }).focus.text).toBe('café')
    expect(buildCat7({ focus: 'half \ud83d!' }).focus.text).toBe('half \ufffd!')
  })

  it('accepts a field at its limit and names the field, size and limit one byte over', () => {
    const limit = LIMITS.cmb.fieldBytes
    expect(buildCat7({ issue: 'a'.repeat(limit) }).issue.text).toHaveLength(limit)
    expect(() => buildCat7({ issue: 'a'.repeat(limit + 1) })).toThrow(/issue has 8193 bytes, the limit is 8192/)
    expect(() => buildCat7({ issue: 'é'.repeat(limit / 2 + 1) })).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
  })

  it('accepts all fields at their common limit and refuses one byte more', () => {
    const full = 'a'.repeat(LIMITS.cmb.fieldBytes)
    const four = { focus: full, issue: full, intent: full }
    const rest = LIMITS.cmb.totalBytes - 3 * full.length - 3 * 'neutral'.length
    expect(() => buildCat7({ ...four, motivation: 'a'.repeat(rest) })).not.toThrow()
    expect(() => buildCat7({ ...four, motivation: 'a'.repeat(rest + 1) })).toThrow(/32769 bytes together, the limit is 32768/)
  })
})

describe('parseCat7', () => {
  it('reads the seven fields, leaves out what it does not know, and gives neutral for absent and empty ones', () => {
    const parsed = parseCat7({
      focus: { text: 'x', vector: [1, 2], meta: {} },
      issue: { text: '' },
      extra: 1,
      mood: { text: 'calm', valence: 0.5, arousal: null },
    })
    expect(parsed).toEqual({
      kind: 'ok',
      fields: {
        ...Object.fromEntries(FIELD_NAMES.map((name) => [name, { text: 'neutral' }])),
        focus: { text: 'x' },
        mood: { text: 'calm', valence: 0.5 },
      },
    })
  })

  it.each([undefined, null, 1, 'text', true, [], () => 1])('refuses %s as the fields', (value) => {
    expect(ruleOf(value)).toBe('fields-invalid')
  })

  it.each(FIELD_NAMES)('refuses a %s of a wrong type', (name) => {
    for (const value of [null, 1, 'text', [], {}, { text: 1 }, { text: null }, { text: ['a'] }, { text: '\ud800' }]) {
      expect(ruleOf(wire({ [name]: value }))).toBe('fields-invalid')
    }
  })

  it.each(['valence', 'arousal'])('refuses a mood whose %s is no number from -1 to 1', (name) => {
    for (const value of [1.1, -1.1, '0', Number.NaN, {}])
      expect(ruleOf(wire({ mood: { text: 'calm', [name]: value } }))).toBe('fields-invalid')
  })

  it('refuses one byte over each limit', () => {
    const full = { text: 'a'.repeat(LIMITS.cmb.fieldBytes) }
    expect(ruleOf(wire({ focus: full }))).toBe('ok')
    expect(ruleOf(wire({ focus: { text: `${full.text}a` } }))).toBe('field-too-large')
    expect(ruleOf(wire({ focus: full, issue: full, intent: full, motivation: full }))).toBe('fields-too-large')
  })
})
