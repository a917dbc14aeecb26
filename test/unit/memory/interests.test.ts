/** The person's wishes as words, and the files that a text names. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findInterest, parseInterest, pathsIn, type Subject } from '../../../server/src/memory/interests.ts'
import { buildCat7 } from '../../../server/src/mmp/cat7.ts'
import { bob, fingerprint } from '../../support/mesh.ts'

const subject: Subject = {
  fields: buildCat7({ focus: 'migrations of the orders table are locked', perspective: 'see server/src/orders/migrate.ts and notes.md' }),
  tags: ['observation', 'finding'],
  group: 'backend',
  from: fingerprint(bob),
}
const fits = (text: string): boolean => {
  const interest = parseInterest(text)
  if (!interest) throw new Error(`${text} is no interest`)
  return findInterest([interest], subject) !== undefined
}

describe('an interest', () => {
  it.each([
    ['kind:finding', true],
    ['kind:decision', false],
    ['topic:orders migration', true],
    ['topic:lock', true],
    ['topic:orders deadline', false],
    ['topic:the', false],
    ['path:server/src/orders', true],
    ['path:server/src/orders/', true],
    ['path:server/src/orders/migrate.ts', true],
    ['path:server/src/order', false],
    ['path:notes.md', true],
    [`peer:${fingerprint(bob).slice(0, 8)}`, true],
    ['peer:00000000', false],
    ['group:backend', true],
    ['group:back', false],
  ])('%s fits: %s', (text, expected) => {
    expect(fits(text)).toBe(expected)
  })

  it.each(['', 'topic:', 'topic: ', 'payments', 'user:x', 'peer:bob', 'peer:123', ':x', 'TOPIC:x'])('%j is none', (text) => {
    expect(parseInterest(text)).toBeUndefined()
  })
})

describe('the files of a text', () => {
  it('are paths and telling file names', () => {
    expect([...pathsIn('in src/a/b.ts, ./lib/x.py and `payment-client.ts`; not index.ts, 1.2.3, e.g. this, or README.md.')]).toEqual([
      'src/a/b.ts',
      './lib/x.py',
      'payment-client.ts',
    ])
  })

  it('are found in any text, quickly', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        for (const path of pathsIn(text)) expect(text).toContain(path)
      }),
    )
    for (const text of ['a/'.repeat(4_000), 'a.'.repeat(4_000), '-'.repeat(8_000), '....'.repeat(2_000)]) {
      const before = process.cpuUsage()
      pathsIn(text)
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(250)
    }
  })
})
