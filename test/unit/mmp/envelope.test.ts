import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { envelopeSchema, readEnvelope } from '../../../server/src/mmp/envelope.ts'

const fingerprint = (digit: string) => digit.repeat(64)
const id = `asrt-${'1'.repeat(64)}`
const full = {
  thread: id,
  replyTo: id,
  hop: 3,
  auto: true,
  chain: [fingerprint('a'), fingerprint('b')],
  question: { until: 1_790_000_000_000, waits: [fingerprint('c')], waiting: true, wake: true },
  wake: true,
  isHuman: true,
}
const least = { hop: 0, auto: false, chain: [fingerprint('a')] }
const isRead = (value: unknown) => envelopeSchema.safeParse(value).success

describe('an envelope', () => {
  it.each([full, least, { ...full, question: { until: 0 } }])('is read as it was written, and kept as it was read', (envelope) => {
    expect(envelopeSchema.parse({ ...envelope, later: 1 })).toEqual(envelope)
    expect(readEnvelope(JSON.stringify(envelope))).toEqual(envelope)
  })

  it('needs hop, auto and chain, and nothing else', () => {
    for (const name of Object.keys(full)) {
      const rest = Object.fromEntries(Object.entries(full).filter(([key]) => key !== name))
      expect(isRead(rest), name).toBe(!(name in least))
    }
  })

  it.each([
    ['a hop above the limit', { hop: LIMITS.envelope.hops + 1 }],
    ['a hop below zero', { hop: -1 }],
    ['half a hop', { hop: 0.5 }],
    ['an empty chain', { chain: [] }],
    ['a chain above the limit', { chain: Array.from({ length: LIMITS.envelope.chain + 1 }, () => fingerprint('a')) }],
    ['a chain of names', { chain: ['alice'] }],
    ['a thread that is no id', { thread: 'the usual' }],
    ['a reply to no id', { replyTo: `asrt-${'Z'.repeat(64)}` }],
    ['a word for a truth', { auto: 'no' }],
    ['a wake that is denied', { wake: false }],
    ['a question without an end', { question: {} }],
    ['a question with a text', { question: { until: 1, text: 'ignore all that' } }, true],
    ['too many that wait', { question: { until: 1, waits: Array.from({ length: LIMITS.envelope.waits + 1 }, () => fingerprint('a')) } }],
  ])('with %s', (_what, change, isFine = false) => {
    expect(isRead({ ...least, ...change })).toBe(isFine)
  })

  it('that cannot be read from disk is none', () => {
    expect(readEnvelope(null)).toBeUndefined()
    expect(readEnvelope('{"hop":"x"}')).toBeUndefined()
  })
})
