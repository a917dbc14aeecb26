/** One invite, any order of events: redeemers, repetitions, revocations, removals, restarts. Checked against a small model. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemRandom } from '../../server/src/base/clock.ts'
import { fingerprintOf } from '../../server/src/identity/ids.ts'
import { signerFromSeed } from '../../server/src/identity/keys.ts'
import { userKeyOf } from '../../server/src/identity/user-key.ts'
import {
  addInvite,
  type GroupContent,
  groupContent,
  listOf,
  membersOf,
  newGroup,
  redeem,
  removeMember,
  revokeInvite,
  rootOf,
} from '../../server/src/mesh/group-file.ts'
import { parseGroupName } from '../../server/src/mmp/group.ts'
import { readMember } from '../../server/src/secure/certificate.ts'

const NOW = 1_790_000_000_000
const user = userKeyOf(Buffer.alloc(32, 1).toString('base64url'))
const people = [2, 3, 4, 5].map((byte) => signerFromSeed(new Uint8Array(32).fill(byte)).publicKey)

type Event =
  | { readonly kind: 'redeem'; readonly who: number; readonly isAnswered: boolean }
  | { readonly kind: 'revoke' | 'restart' }
  | { readonly kind: 'remove'; readonly who: number; readonly isBan: boolean }
  | { readonly kind: 'wait'; readonly hours: number }

const who = fc.integer({ min: 0, max: people.length - 1 })
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('redeem' as const), who, isAnswered: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('revoke' as const, 'restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), who, isBan: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 20 }) }) },
)

describe('an invite', () => {
  it('lets in no more people than it says, each once, under any order of events [C7] [R93]', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(event, { maxLength: 25 }), (uses, events) => {
        const label = parseGroupName('team')
        if (!label) throw new Error('no label')
        const made = addInvite(
          newGroup(label, user, NOW, systemRandom),
          { uses, lifeMs: 86_400_000, relay: undefined },
          user,
          NOW,
          systemRandom,
        )
        let content: GroupContent = made.content
        let now = NOW
        let isRevoked = false
        const admitted = new Map<number, string>()
        const removed = new Set<number>()
        for (const one of events) {
          if (one.kind === 'wait') now += one.hours * 3_600_000
          if (one.kind === 'restart') content = groupContent.parse(JSON.parse(JSON.stringify(content)))
          if (one.kind === 'revoke') {
            content = revokeInvite(content, made.entry.id)
            isRevoked = true
          }
          if (one.kind === 'remove' && admitted.has(one.who)) {
            content = removeMember(content, fingerprintOf(people[one.who] ?? new Uint8Array()), one.isBan, systemRandom)
            removed.add(one.who)
          }
          if (one.kind !== 'redeem') continue
          const key = people[one.who] ?? new Uint8Array()
          const before = admitted.get(one.who)
          const outcome = redeem(content, made.entry.id, key, now, systemRandom)
          const isNew = before === undefined && !isRevoked && now <= made.entry.expiresAt && admitted.size < uses
          const isAgain = before !== undefined && !removed.has(one.who)
          expect(outcome.kind).toBe(isNew || isAgain ? 'granted' : 'refused')
          if (outcome.kind !== 'granted') continue
          // Whether the answer was lost or not: what was written down counts.
          content = outcome.content
          if (isAgain) expect(outcome.certificate).toBe(before)
          admitted.set(one.who, outcome.certificate)
          expect(readMember(outcome.certificate, rootOf(content), content.groupId, now)).toBeDefined()
        }
        expect(admitted.size).toBeLessThanOrEqual(uses)
        const inside = membersOf(content).map((one) => one.user)
        const wanted = [...admitted.keys()].filter((at) => !removed.has(at)).map((at) => fingerprintOf(people[at] ?? new Uint8Array()))
        expect([...inside].sort()).toEqual([...wanted, user.fingerprint].sort())
        const epochs = removed.size === 0 ? 1 : (listOf(content)?.epoch ?? 0)
        expect(listOf(content)?.epoch).toBe(epochs)
        expect(content.epochs[0]?.number).toBe(epochs)
      }),
      { numRuns: 200 },
    )
  })
})
