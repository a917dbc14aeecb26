/** The gate: what it admits, what it turns away, and what may never change its mind. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildCat7 } from '../../../server/src/mmp/cat7.ts'
import { FIELD_NAMES } from '../../../server/src/mmp/cmb.ts'
import {
  type Anchor,
  evaluate,
  type FieldVectors,
  hasMood,
  isGroundingReport,
  SVAF_DEFAULTS,
  type SvafInput,
} from '../../../server/src/mmp/svaf.ts'

const angle = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
const focus = (degrees: number): FieldVectors => ({ focus: angle(degrees) })
const judge = (changes: Partial<SvafInput> = {}) =>
  evaluate({ incoming: focus(0), anchors: [], ageSeconds: 0, config: SVAF_DEFAULTS, ...changes })

describe('the decision', () => {
  it('of an empty memory is to admit, however old the block is', () => {
    expect(judge()).toMatchObject({ accepted: true, decision: 'aligned', isColdStart: true, totalDrift: 0 })
    expect(judge({ ageSeconds: 1e9 })).toMatchObject({ accepted: true, decision: 'guarded' })
  })

  it('of a memory that has to do with no field is to admit', () => {
    expect(judge({ anchors: [{ vectors: focus(90) }, { vectors: focus(180) }] })).toMatchObject({ isColdStart: true, accepted: true })
    expect(judge({ anchors: [{ vectors: { issue: angle(0) } }, { vectors: { focus: [1, 0, 0] } }] }).isColdStart).toBe(true)
  })

  it('goes from redundant over aligned and guarded to rejected with the distance', () => {
    const decisions = [5, 40, 60, 80].map((degrees) => judge({ anchors: [{ vectors: focus(degrees) }] }).decision)
    expect(decisions).toEqual(['redundant', 'aligned', 'guarded', 'rejected'])
  })

  it('counts every field: news in one of them is enough to be no repetition', () => {
    const incoming = { focus: angle(0), issue: angle(0) }
    const anchors = [{ vectors: { focus: angle(0), issue: angle(40) } }]
    expect(judge({ incoming, anchors })).toMatchObject({ decision: 'aligned', fields: [{ decision: 'redundant' }, { decision: 'admit' }] })
    expect(judge({ incoming, anchors: [{ vectors: incoming }] }).decision).toBe('redundant')
  })

  it('weighs the fields, the age of the anchors and their confidence', () => {
    const incoming = { focus: angle(0), perspective: angle(0) }
    const near = judge({ incoming, anchors: [{ vectors: { focus: angle(30), perspective: angle(80) } }] })
    const far = judge({ incoming, anchors: [{ vectors: { focus: angle(80), perspective: angle(30) } }] })
    expect(near.totalDrift).toBeLessThan(far.totalDrift)
    const two = (old: Partial<Anchor>) => judge({ anchors: [{ vectors: focus(20) }, { vectors: focus(70), ...old }] }).totalDrift
    expect(two({ ageSeconds: 72_000 })).toBeLessThan(two({}))
    expect(two({ confidence: 0.1 })).toBeLessThan(two({}))
  })

  it('says field by field what was silent', () => {
    const verdict = judge({ incoming: { focus: angle(0), mood: angle(0) }, anchors: [{ vectors: focus(70) }] })
    expect(verdict.fields).toMatchObject([
      { name: 'focus', decision: 'reject' },
      { name: 'mood', decision: 'silent' },
    ])
    expect(verdict.fields[1]).not.toHaveProperty('drift')
  })

  it('takes a report on what is held here, although it repeats it', () => {
    const anchors = [{ vectors: focus(0) }]
    expect(judge({ anchors, isGrounding: true })).toMatchObject({ accepted: true, decision: 'aligned', maxNearestDrift: 0 })
    const fields = buildCat7({ focus: 'the bridge is open', intent: 'ground', commitment: 'verified: seen at noon' })
    expect(isGroundingReport(fields, { isVerified: true, holdsParent: true })).toBe(true)
    expect(isGroundingReport(fields, { isVerified: true, holdsParent: false })).toBe(false)
    expect(isGroundingReport(fields, { isVerified: false, holdsParent: true })).toBe(false)
    const other = buildCat7({ focus: 'x', intent: 'grounding', commitment: 'verified: y' })
    expect(isGroundingReport(other, { isVerified: true, holdsParent: true })).toBe(false)
    const vague = buildCat7({ focus: 'x', intent: 'ground', commitment: 'I verified: y' })
    expect(isGroundingReport(vague, { isVerified: true, holdsParent: true })).toBe(false)
  })

  it('hears a mood that is not neutral', () => {
    expect(hasMood(buildCat7({ focus: 'x', mood: 'alarmed' }))).toBe(true)
    for (const mood of [undefined, '', ' ', 'neutral', 'Neutral ']) expect(hasMood(buildCat7({ focus: 'x', mood }))).toBe(false)
  })
})

describe('for all vectors', () => {
  const component = fc.integer({ min: -100, max: 100 }).map((value) => value / 100)
  const vector = fc.array(component, { minLength: 4, maxLength: 4 })
  const vectors = fc.record({ focus: vector, issue: vector, mood: vector }, { requiredKeys: [] })
  const anchor = fc.record(
    { vectors, ageSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }), confidence: fc.double({ min: 0, max: 1, noNaN: true }) },
    { requiredKeys: ['vectors'] },
  )
  const anchors = fc.array(anchor, { minLength: 1, maxLength: 5 })
  const age = fc.double({ min: 0, max: 1e6, noNaN: true })

  it('the verdict is total and within its bounds', () => {
    fc.assert(
      fc.property(vectors, anchors, age, (incoming, list, ageSeconds) => {
        const verdict = judge({ incoming, anchors: list, ageSeconds })
        expect(verdict.totalDrift).toBeGreaterThanOrEqual(-1e-9)
        expect(verdict.totalDrift).toBeLessThanOrEqual(2)
        expect(verdict.maxNearestDrift).toBeLessThanOrEqual(1 + 1e-9)
        expect(verdict.accepted).toBe(verdict.decision === 'aligned' || verdict.decision === 'guarded')
        expect(verdict.fields.map(({ name }) => name)).toEqual(FIELD_NAMES.filter((name) => name in incoming))
        if (verdict.isColdStart) expect(verdict.accepted).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('a block never comes nearer by growing older', () => {
    fc.assert(
      fc.property(vectors, anchors, age, age, (incoming, list, one, other) => {
        const [young, old] = [Math.min(one, other), Math.max(one, other)].map((ageSeconds) =>
          judge({ incoming, anchors: list, ageSeconds }),
        )
        expect(old?.totalDrift).toBeGreaterThanOrEqual(young?.totalDrift ?? 0)
        if (young?.decision === 'rejected') expect(old?.decision).toBe('rejected')
        expect(old?.decision === 'redundant').toBe(young?.decision === 'redundant')
      }),
      { numRuns: 500 },
    )
  })

  it('a further anchor never makes a block less of a repetition of what could be judged before', () => {
    fc.assert(
      fc.property(vector, anchors, anchor, (x, list, more) => {
        const before = judge({ incoming: { focus: x }, anchors: list })
        const after = judge({ incoming: { focus: x }, anchors: [...list, more] })
        if (!before.isColdStart) expect(after.maxNearestDrift).toBeLessThanOrEqual(before.maxNearestDrift)
      }),
      { numRuns: 500 },
    )
  })

  it('the length of a vector means nothing', () => {
    fc.assert(
      fc.property(vector, vector, fc.double({ min: 0.5, max: 50, noNaN: true }), (x, v, factor) => {
        const long = v.map((value) => value * factor)
        // Below this length a vector counts as none.
        if (Math.hypot(...x) * Math.hypot(...v) < 1e-3) return
        const [one, other] = [v, long].map((value) => judge({ incoming: { focus: x }, anchors: [{ vectors: { focus: value } }] }))
        if (one?.isColdStart !== other?.isColdStart) return
        expect(other?.totalDrift).toBeCloseTo(one?.totalDrift ?? Number.NaN, 6)
      }),
      { numRuns: 500 },
    )
  })

  it('a wider threshold never turns away what a narrower one took', () => {
    fc.assert(
      fc.property(vectors, anchors, age, fc.double({ min: 0.25, max: 1, noNaN: true }), (incoming, list, ageSeconds, guardedThreshold) => {
        const narrow = judge({ incoming, anchors: list, ageSeconds, config: { ...SVAF_DEFAULTS, guardedThreshold: 0.25 } })
        const wide = judge({ incoming, anchors: list, ageSeconds, config: { ...SVAF_DEFAULTS, guardedThreshold } })
        if (narrow.accepted) expect(wide.accepted).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
