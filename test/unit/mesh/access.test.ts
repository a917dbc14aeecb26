import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { decideAccess, trustOfNewcomer } from '../../../server/src/mesh/access.ts'
import type { Trust } from '../../../server/src/mesh/views.ts'

const { pinnedKeys, newPerHour } = LIMITS.openGroup

describe('access', () => {
  const table: readonly (readonly [Trust, string])[] = [
    ['blocked', 'refused'],
    ['unknown', 'pending'],
    ['member', 'admitted'],
    ['verified', 'admitted'],
  ]
  it.each(table)('of a key that is %s: %s', (trust, kind) => {
    expect(decideAccess(trust).kind).toBe(kind)
  })

  it('says why somebody waits or is refused', () => {
    expect(decideAccess('unknown')).toMatchObject({ reason: expect.stringContaining('limits') })
    expect(decideAccess('blocked')).toMatchObject({ reason: 'blocked' })
  })
})

describe('a newcomer in an open group', () => {
  const counts = (limit: number) => [0, limit - 1, limit, limit + 1]
  const table = counts(pinnedKeys).flatMap((pinned) => counts(newPerHour).map((newLastHour) => ({ pinned, newLastHour })))
  it.each(table)('beside $pinned pinned keys, $newLastHour of them new this hour, is a member only below both limits [C5]', (census) => {
    const isWithin = census.pinned < pinnedKeys && census.newLastHour < newPerHour
    expect(trustOfNewcomer(census)).toBe(isWithin ? 'member' : 'unknown')
  })
})
