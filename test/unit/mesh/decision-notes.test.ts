/** What the account of events says of decisions around groups and keys. */
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../server/src/base/secret.ts'
import { groupNotes, trustNotes } from '../../../server/src/mesh/decision-notes.ts'
import {
  addInvite,
  joiningOf,
  newGroup,
  redeem,
  removeMember,
  revokeInvite,
  takeGrant,
  takeList,
} from '../../../server/src/mesh/group-file.ts'
import { admit, block, forgetTrust, givePetname, NO_TRUST, setFloor, setShare } from '../../../server/src/mesh/trust-file.ts'
import { readInvite } from '../../../server/src/secure/invite.ts'
import { bob, fingerprint, group, privateHome } from '../../support/mesh.ts'
import { counting } from '../../vectors/fixtures.ts'

const NOW = 1_790_000_000_000
const random = counting(3)
const [alice, carol] = [privateHome(1).user, privateHome(2).user]
const whats = (notes: ReturnType<typeof groupNotes>): readonly string[] => notes.map(({ what }) => what)

describe('the account of events', () => {
  it('has the life of a private group on both sides, and nothing where nothing changed', () => {
    const first = newGroup(group('team'), alice, NOW, random)
    expect(whats(groupNotes(undefined, first))).toEqual(['private-joined'])
    const { content: invited, link, entry } = addInvite(first, { uses: 1, lifeMs: 1_000, relay: undefined }, alice, NOW, random)
    expect(groupNotes(first, invited)).toEqual([{ what: 'invite-made', facts: { group: expect.any(String), invite: entry.id, uses: 1 } }])
    const redeemed = redeem(invited, entry.id, carol.publicKey, NOW, random)
    if (redeemed.kind !== 'granted') throw new Error(redeemed.reason)
    expect(groupNotes(invited, redeemed.content)).toMatchObject([{ what: 'invite-redeemed', facts: { user: carol.fingerprint } }])
    expect(whats(groupNotes(redeemed.content, revokeInvite(redeemed.content, entry.id)))).toEqual(['invite-revoked'])
    expect(groupNotes(redeemed.content, redeemed.content)).toEqual([])

    const verdict = readInvite(new Secret(link.replace('sym://join#v1.', '')), NOW)
    if (verdict.kind !== 'ok') throw new Error(verdict.rule)
    const coming = joiningOf(verdict.invite)
    const { list = '', epochs } = redeemed.content
    const inside = takeGrant(coming, redeemed.certificate, list, epochs[0]?.secret ?? '', carol, NOW, {
      url: 'wss://relay.example.com/',
      token: 'canary',
    })
    expect(whats(groupNotes(coming, inside))).toEqual(['private-joined', 'private-relay'])
    expect(JSON.stringify(groupNotes(coming, inside))).not.toContain('canary')
    expect(groupNotes(coming, { ...coming, refusal: 'invite-used' })).toMatchObject([
      { what: 'private-refused', facts: { reason: 'invite-used' } },
    ])

    const without = removeMember(redeemed.content, carol.fingerprint, false, random)
    expect(groupNotes(redeemed.content, without)).toMatchObject([{ what: 'private-epoch', facts: { epoch: 2, removed: 1 } }])
    expect(whats(groupNotes(inside, takeList(inside, without.list ?? '', undefined)))).toEqual(['private-removed', 'private-epoch'])
  })

  it('has each decision about a key and each policy of a group, and no name', () => {
    const key = fingerprint(bob)
    const blocked = block(NO_TRUST, key, 1)
    expect(trustNotes(NO_TRUST, blocked)).toEqual([{ what: 'trust', facts: { key, decision: 'blocked' } }])
    expect(trustNotes(blocked, forgetTrust(blocked, key, 2))).toEqual([{ what: 'trust', facts: { key, decision: 'none' } }])
    expect(trustNotes(NO_TRUST, admit(NO_TRUST, key, 'team', 1))).toEqual([
      { what: 'trust', facts: { key, decision: 'admitted', group: 'team' } },
    ])
    expect(JSON.stringify(trustNotes(NO_TRUST, givePetname(NO_TRUST, key, 'anna', 1)))).not.toContain('anna')
    const strict = setFloor(setShare(NO_TRUST, 'team', { folder: true, branch: false, files: false }), 'team', 'verified')
    expect(trustNotes(NO_TRUST, strict)).toEqual([{ what: 'group-policy', facts: { group: 'team', floor: 'verified', share: 'folder' } }])
    // One does not undo the other.
    expect(setShare(strict, 'team', undefined).groups).toEqual({ team: { floor: 'verified' } })
    expect(trustNotes(strict, strict)).toEqual([])
  })
})
