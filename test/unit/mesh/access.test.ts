import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { type AccessInput, decideAccess, describeHold, standingOfNewcomer } from '../../../server/src/mesh/access.ts'

const { pinnedKeys, newPerHour } = LIMITS.openGroup

const VALUES = {
  standing: ['member', 'unknown'],
  decision: ['none', 'admitted', 'verified', 'blocked'],
  listing: ['no-list', 'listed', 'not-listed'],
  membership: ['open', 'proven', 'none'],
  floor: ['member', 'verified'],
  isReadable: [true, false],
} as const

function everything(): readonly AccessInput[] {
  return VALUES.standing.flatMap((standing) =>
    VALUES.decision.flatMap((decision) =>
      VALUES.listing.flatMap((listing) =>
        VALUES.membership.flatMap((membership) =>
          VALUES.floor.flatMap((floor) =>
            VALUES.isReadable.map((isReadable) => ({ standing, decision, listing, membership, floor, isReadable })),
          ),
        ),
      ),
    ),
  )
}

/** The rules once more, as a list of reasons in the order of their weight: written apart from the code. */
function expected(input: AccessInput): string {
  const isMember = input.standing === 'member' || input.decision === 'admitted' || input.decision === 'verified'
  const rules: readonly (readonly [boolean, string])[] = [
    [input.decision === 'blocked', 'refused blocked'],
    [input.membership === 'none', 'refused not-a-member'],
    [!input.isReadable, 'pending undecided'],
    [!isMember && input.listing !== 'listed' && input.membership !== 'proven', 'pending stranger'],
    [input.listing === 'not-listed', 'pending not-listed'],
    [input.floor === 'verified' && input.decision !== 'verified', 'pending not-verified'],
  ]
  return rules.find(([holds]) => holds)?.[1] ?? 'admitted'
}

const said = (input: AccessInput): string => {
  const { access } = decideAccess(input)
  return access.kind === 'admitted' ? access.kind : `${access.kind} ${access.reason}`
}

describe('access', () => {
  it('is decided as the rules say, over all combinations [R158]', () => {
    const all = everything()
    expect(all).toHaveLength(288)
    expect(all.filter((input) => said(input) !== expected(input))).toEqual([])
    expect(new Set(all.map(said)).size).toBe(7)
  })

  it('lets nobody in whom this user blocked, or who is no member of a private group, whatever else holds', () => {
    const outsiders = everything().filter(({ decision, membership }) => decision === 'blocked' || membership === 'none')
    expect(outsiders.filter((input) => decideAccess(input).access.kind !== 'refused')).toEqual([])
  })

  it('admits no less when one thing gets better for a key', () => {
    const rank = { refused: 0, pending: 1, admitted: 2 }
    const better: readonly Partial<AccessInput>[] = [
      { standing: 'member' },
      { decision: 'verified' },
      { listing: 'listed' },
      { membership: 'proven' },
      { floor: 'member' },
      { isReadable: true },
    ]
    for (const input of everything()) {
      for (const change of better) {
        const [before, after] = [decideAccess(input).access.kind, decideAccess({ ...input, ...change }).access.kind]
        expect(rank[after], JSON.stringify({ input, change })).toBeGreaterThanOrEqual(rank[before])
      }
    }
  })

  it('calls verified only whose words were compared, and member only who is let in by somebody', () => {
    for (const input of everything()) {
      const { trust } = decideAccess(input)
      expect(trust === 'verified').toBe(input.decision === 'verified' && input.membership !== 'none')
      expect(trust === 'blocked').toBe(input.decision === 'blocked')
    }
  })

  it('has a sentence for each way of waiting', () => {
    const reasons = everything().flatMap((input) => {
      const { access } = decideAccess(input)
      return access.kind === 'admitted' ? [] : [access.reason]
    })
    for (const reason of new Set(reasons)) expect(describeHold(reason).length).toBeGreaterThan(5)
  })
})

describe('a newcomer in an open group', () => {
  const counts = (limit: number) => [0, limit - 1, limit, limit + 1]
  const table = counts(pinnedKeys).flatMap((pinned) => counts(newPerHour).map((newLastHour) => ({ pinned, newLastHour })))
  it.each(table)('beside $pinned pinned keys, $newLastHour of them new this hour, is a member only below both limits [C5]', (census) => {
    const isWithin = census.pinned < pinnedKeys && census.newLastHour < newPerHour
    expect(standingOfNewcomer(census)).toBe(isWithin ? 'member' : 'unknown')
  })
})
