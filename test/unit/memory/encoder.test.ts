/** The encoder: what it holds to be alike, what apart, and that nothing that is written breaks it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lexicalEncoder } from '../../../server/src/memory/encoder.ts'
import { featuresOf } from '../../../server/src/memory/features.ts'
import { stem } from '../../../server/src/memory/stem.ts'
import { buildCat7 } from '../../../server/src/mmp/cat7.ts'
import { FIELD_NAMES, NEUTRAL } from '../../../server/src/mmp/cmb.ts'
import { cosine } from '../../../server/src/mmp/svaf.ts'

const focusOf = (focus: string) => lexicalEncoder.encode(buildCat7({ focus })).focus ?? []
const likeness = (one: string, other: string) => cosine(focusOf(one), focusOf(other))

describe('the encoder', () => {
  it('gives a vector to each field that says something, of equal dimension', () => {
    const vectors = lexicalEncoder.encode(buildCat7({ focus: 'the pool is empty', mood: 'calm' }))
    expect(Object.keys(vectors)).toEqual(['focus', 'mood'])
    expect(vectors.focus?.length).toBe(vectors.mood?.length)
  })

  it('gives the same vector for the same text, in any process', () => {
    expect(focusOf('retryBudget is ignored')).toEqual(focusOf('retryBudget is ignored'))
    const strongest = Array.from(focusOf('retryBudget'))
      .map((value, at) => ({ at, size: Math.abs(value) }))
      .sort((one, other) => other.size - one.size || one.at - other.at)
    expect(strongest.slice(0, 4).map(({ at, size }) => `${at} ${size.toFixed(4)}`)).toMatchInlineSnapshot(`
      [
        "93 0.6489",
        "493 0.6489",
        "259 0.3244",
        "226 0.1622",
      ]
    `)
  })

  it.each([
    ['retryBudget is ignored', 'the retry budget is ignored'],
    ['orders_customer_id is wrong', 'ordersCustomerId is wrong'],
    ['src/acquirer/payment-client.ts throws', 'PaymentClient throws'],
    ['k8s restarts the pods of the db', 'Kubernetes restarts pods of the database'],
    ['the migration blocks', 'migrating blocked'],
    ['upgrade to v1.2.10', 'upgraded to 1.2.10'],
    ['it fails with ETIMEDOUT', 'ETIMEDOUT again'],
    ['after 1,300 requests', 'after 1300 requests'],
  ])('takes %j and %j for nearly the same', (one, other) => {
    expect(likeness(one, other)).toBeGreaterThan(0.7)
  })

  it('finds rare words and names of code more telling than common ones', () => {
    const told = likeness('the build of acquirerGateway failed', 'acquirerGateway has a new owner')
    expect(told).toBeGreaterThan(likeness('the build of acquirerGateway failed', 'the build of the page failed') + 0.1)
  })

  it('holds texts apart that have nothing in common, and still compares them', () => {
    const apart = likeness('the websocket gateway leaks memory', 'translated the pricing brochure into Portuguese')
    expect(apart).toBeGreaterThan(0.001)
    expect(apart).toBeLessThan(0.12)
  })

  it('lets no repetition make a word heavier', () => {
    expect(featuresOf('deadlock '.repeat(50)).get('deadlock')).toBe(featuresOf('deadlock').get('deadlock'))
  })

  it('looks at so much of a text and no more', () => {
    const many = Array.from({ length: 8_000 }, (_, at) => `word${at}x`).join(' ')
    expect(featuresOf(many).size).toBeLessThan(3_000)
  })

  it('makes finite vectors of whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 60 }), (focus, issue) => {
        const fields = buildCat7({ focus, issue })
        const vectors = lexicalEncoder.encode(fields)
        expect(Object.keys(vectors)).toEqual(FIELD_NAMES.filter((name) => fields[name].text !== NEUTRAL))
        for (const vector of Object.values(vectors)) expect(Array.from(vector).every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('is not slowed down by text that is made for it', () => {
    const nasty = [
      'a.'.repeat(4_000),
      "'".repeat(8_000),
      'a1'.repeat(4_000),
      'aA'.repeat(4_000),
      'ing'.repeat(2_700),
      '_'.repeat(8_000),
      '1,111'.repeat(1_600),
    ]
    for (const text of nasty) {
      const before = process.cpuUsage()
      featuresOf(text)
      expect(process.cpuUsage(before).user / 1_000, text.slice(0, 10)).toBeLessThan(250)
    }
  })
})

describe('the stem', () => {
  it.each([
    ['migrate', 'migrated', 'migrating', 'migrates', 'migration', 'migrations'],
    ['retry', 'retries', 'retried', 'retrying'],
    ['stop', 'stopped', 'stopping', 'stops'],
    ['allocation', 'allocations', 'allocate', 'allocated'],
    ['query', 'queries'],
  ])('brings %s and its forms together', (...forms) => {
    expect(new Set(forms.map(stem)).size, forms.map(stem).join(' ')).toBe(1)
  })

  it.each(['redis', 'aws', 'bus', 'pass', 'axis', 'id', 'k8s', 'sing', 'bed', 'red', 'üüüs'])('leaves %s readable', (word) => {
    expect(stem(word).length).toBeGreaterThanOrEqual(Math.min(3, word.length))
  })
})
