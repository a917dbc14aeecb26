/** Private groups in whole nodes: joining by an invite, being left outside, being removed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { Secret } from '../../../server/src/base/secret.ts'
import { sharedValue } from '../../../server/src/identity/shared-file.ts'
import {
  addInvite,
  type GroupContent,
  groupValueOf,
  joiningOf,
  newGroup,
  removeMember,
  revokeInvite,
} from '../../../server/src/mesh/group-file.ts'
import type { ShelfEntry } from '../../../server/src/mesh/group-shelf.ts'
import { block, NO_TRUST, type TrustContent, verify } from '../../../server/src/mesh/trust-file.ts'
import { type Invite, readInvite } from '../../../server/src/secure/invite.ts'
import { Attacker } from '../../support/attacker.ts'
import { carol, fingerprint, group, Lab, PORT, type PrivateHome, privateHome, turns, until } from '../../support/mesh.ts'
import { counting } from '../../vectors/fixtures.ts'

let lab: Lab
let random = counting(1)
beforeEach(() => {
  lab = new Lab()
  random = counting(1)
})
afterEach(() => lab.close())

const DAY = 86_400_000

/** Alice has made a group; what she can do with it. */
async function owner(home = privateHome(1)) {
  const now = lab.clock.now()
  const first = newGroup(group('backend-team'), home.user, now, random)
  await home.shelf.put(first, (known) => known)
  const entry = (): ShelfEntry => entryOf(home)
  const change = (update: (content: GroupContent) => GroupContent) => entry().change(update)
  const invite = async (uses = 1, lifeMs = DAY): Promise<Invite> => {
    let link = ''
    await change((content) => {
      const made = addInvite(content, { uses, lifeMs, relay: undefined }, home.user, lab.clock.now(), random)
      link = made.link
      return made.content
    })
    return inviteOf(link)
  }
  return { home, value: groupValueOf(first), id: first.groupId, change, invite }
}

function entryOf({ shelf }: PrivateHome): ShelfEntry {
  const [entry] = shelf.read().groups
  if (!entry) throw new Error('no group')
  return entry
}

function inviteOf(link: string): Invite {
  const verdict = readInvite(new Secret(link.replace('sym://join#v1.', '')), lab.clock.now())
  if (verdict.kind !== 'ok') throw new Error(verdict.rule)
  return verdict.invite
}

/** Takes the invite: from now on the group is looked for. */
async function take(home: PrivateHome, invite: Invite): Promise<void> {
  await home.shelf.put(joiningOf(invite), (known) => ({ ...known, ...joiningOf(invite) }))
}

const outcast = {
  user: privateHome(2).user.fingerprint,
  serial: '0'.repeat(16),
  since: 0,
  notAfter: 1,
  removed: true,
  banned: true,
} as const

function ownedBy(content: GroupContent, changes: Partial<NonNullable<GroupContent['owner']>>): GroupContent {
  if (!content.owner) throw new Error('not the owner')
  return { ...content, owner: { ...content.owner, ...changes } }
}

const contentOf = (home: PrivateHome): GroupContent => entryOf(home).content
const isIn = (home: PrivateHome): boolean => contentOf(home).certificate !== undefined && !contentOf(home).removed

async function joined() {
  const a = await owner()
  const homeB = privateHome(2)
  await take(homeB, await a.invite())
  const [alice, bob] = [await lab.start('alice', { home: a.home, groups: [a.value] }), await lab.start('bob', { home: homeB })]
  lab.introduce(bob, alice)
  await until(() => isIn(homeB), 'bob is in')
  bob.node.joinGroup(group(a.value))
  await lab.during(lab.linked(alice, bob))
  return { ...a, alice, bob, homeB }
}

describe('a comparison of persons', () => {
  it('holds for every session of the person, and a word against one of them counts first [R26]', async () => {
    const a = await owner()
    const homeB = privateHome(2)
    const trust = sharedValue<TrustContent>(NO_TRUST)
    await take(homeB, await a.invite())
    const alice = await lab.start('alice', { home: a.home, groups: [a.value], trust })
    const bob = await lab.start('bob', { home: homeB })
    lab.introduce(bob, alice)
    await until(() => isIn(homeB), 'bob is in')
    bob.node.joinGroup(group(a.value))
    const desk = await lab.start('carol', { home: homeB, groups: [a.value] })
    lab.introduce(desk, alice)
    await lab.during(Promise.all([lab.linked(alice, bob), lab.linked(alice, desk)]))
    const seen = () => alice.node.peers().map(({ trust: how }) => how)
    expect(seen()).toEqual(['member', 'member'])
    await trust.change((content) => verify(content, homeB.user.fingerprint, 1))
    expect(seen()).toEqual(['verified', 'verified'])
    await trust.change((content) => block(content, bob.node.fingerprint, 2))
    expect(seen().sort()).toEqual(['blocked', 'verified'])
  })
})

describe('the own sessions of a user', () => {
  it('are those that its key vouches for: they get a copy, and #self is for them alone [R58]', async () => {
    const { alice, bob, home, value } = await joined()
    const desk = await lab.start('carol', { home, groups: [value] })
    lab.introduce(desk, alice)
    await lab.during(lab.linked(desk, alice))
    const sent = await alice.say('for bob, and for me', { to: 'bob', self: true })
    expect(sent).toMatchObject({ recipients: [{ peer: 'bob' }], copies: [{ recipients: [{ peer: 'carol', state: 'received' }] }] })
    expect((await alice.say('note to self', { to: '#self' })).recipients).toMatchObject([{ peer: 'carol', state: 'received' }])
    expect((await alice.say('everybody', { self: true })).copies).toEqual([])
    expect([bob.focuses(), desk.focuses()]).toEqual([
      ['for bob, and for me', 'everybody'],
      ['for bob, and for me', 'note to self', 'everybody'],
    ])
    expect(desk.inbox()[0]).toMatchObject({ isMention: true, isDirected: false })
    await expect(bob.say('and mine?', { to: '#self' })).rejects.toThrow('no other session of this user is here')
  })
})

describe('an invite', () => {
  it('brings in who has it, by the inviter, and both hear each other under the group [R93] [R92]', async () => {
    const { alice, bob, value, homeB } = await joined()
    expect(alice.node.peers()).toMatchObject([{ name: 'bob', group: value, trust: 'member', isHere: true }])
    expect((await alice.say('only for us')).recipients).toMatchObject([{ peer: 'bob', state: 'received' }])
    expect(bob.focuses()).toEqual(['only for us'])
    expect(contentOf(homeB).joining).toBeUndefined()
    expect(bob.node.groups()).toMatchObject([{ name: value, kind: 'private' }])
  })

  it('works once, and the next one is told that it was used up [R95] [C7]', async () => {
    const a = await owner()
    const invite = await a.invite()
    const alice = await lab.start('alice', { home: a.home, groups: [a.value] })
    const [homeB, homeC] = [privateHome(2), privateHome(3)]
    await take(homeB, invite)
    const bob = await lab.start('bob', { home: homeB })
    lab.introduce(bob, alice)
    await until(() => isIn(homeB), 'bob is in')
    await take(homeC, invite)
    const thief = await lab.start('carol', { home: homeC, groups: [a.value] })
    lab.introduce(thief, alice)
    await until(() => contentOf(homeC).refusal !== undefined, 'refused')
    expect(contentOf(homeC).refusal).toBe('invite-used')
    expect(thief.node.status().problems[0]).toMatch(/used up/)
    expect([isIn(homeC), thief.node.peers()]).toEqual([false, []])
  })

  it('of which two come at once brings in one of them', async () => {
    const a = await owner()
    const invite = await a.invite()
    const alice = await lab.start('alice', { home: a.home, groups: [a.value] })
    const homes = [privateHome(2), privateHome(3)] as const
    for (const home of homes) await take(home, invite)
    const [bob, other] = [await lab.start('bob', { home: homes[0] }), await lab.start('carol', { home: homes[1] })]
    lab.introduce(bob, alice)
    lab.introduce(other, alice)
    await until(() => homes.some(isIn) && homes.some((home) => contentOf(home).refusal !== undefined), 'one of them')
    expect(homes.filter(isIn)).toHaveLength(1)
    expect(contentOf(a.home).owner?.members).toHaveLength(2)
  })

  const spoiled: readonly (readonly [string, (content: GroupContent, invite: Invite) => GroupContent])[] = [
    ['invite-revoked', (content, invite) => revokeInvite(content, invite.id)],
    ['invite-expired', (content) => ownedBy(content, { invites: content.owner?.invites.map((one) => ({ ...one, expiresAt: 1 })) ?? [] })],
    ['banned', (content) => ownedBy(content, { members: [...(content.owner?.members ?? []), outcast] })],
  ]
  it.each(spoiled)('that cannot be used is refused with its reason: %s [R95]', async (reason, spoil) => {
    const a = await owner()
    const invite = await a.invite()
    await a.change((content) => spoil(content, invite))
    const homeB = privateHome(2)
    await take(homeB, invite)
    const [alice, bob] = [await lab.start('alice', { home: a.home, groups: [a.value] }), await lab.start('bob', { home: homeB })]
    lab.introduce(bob, alice)
    await until(() => contentOf(homeB).refusal !== undefined, 'refused')
    expect(contentOf(homeB).refusal).toBe(reason)
  })

  it('waits while the inviter is not here, and says so', async () => {
    const a = await owner()
    const homeB = privateHome(2)
    await take(homeB, await a.invite())
    const bob = await lab.start('bob', { home: homeB, groups: [a.value] })
    expect(bob.node.status().problems[0]).toMatch(/not here yet/)
    const alice = await lab.start('alice', { home: a.home, groups: [a.value] })
    lab.introduce(bob, alice)
    await lab.during(lab.linked(alice, bob))
    expect(bob.node.status().problems).toEqual([])
  })

  it('is redeemed by its inviter alone: a member in her place is left before we show ourselves', async () => {
    const { bob, value, invite, homeB, alice } = await joined()
    const homeC = privateHome(3)
    await take(homeC, await invite())
    await alice.stop()
    const third = await lab.start('carol', { home: homeC })
    lab.introduce(third, bob)
    await lab.pass(10_000)
    expect([isIn(homeC), bob.node.peers().filter(({ isHere }) => isHere)]).toEqual([false, []])
    expect(contentOf(homeB).owner).toBeUndefined()
    expect(bob.node.status().counters['member-bad-knock']).toBeGreaterThan(0)
    expect(value).toContain(':')
  })
})

describe('an outsider', () => {
  it('that knows the id of the group hears nothing but a handshake, and is cut off [R92] [A4]', async () => {
    const { alice, id } = await joined()
    const host = lab.network.transport('mallory')
    const outsider = await Attacker.connect({
      transport: host,
      address: { kind: 'lan', host: 'alice', port: PORT },
      keys: carol,
      group: `private:${id}`,
    })
    outsider.send({ type: 'mesh-opaque-v1-profile', name: 'friend', features: [] })
    await outsider.stranger.closed()
    expect(outsider.heard).toEqual([])
    const silent = await Attacker.connect({
      transport: host,
      address: { kind: 'lan', host: 'alice', port: PORT },
      keys: carol,
      group: `private:${id}`,
    })
    const closed = silent.stranger.closed()
    await lab.pass(LIMITS.privateGroup.proofMs + 1_000)
    await closed
    expect(silent.heard).toEqual([])
    expect(alice.node.peers().map(({ fingerprint: key }) => key)).not.toContain(fingerprint(carol))
  })

  it('of the open group beside it does not see it', async () => {
    const a = await owner()
    const alice = await lab.start('alice', { home: a.home, groups: ['default', a.value] })
    const bob = await lab.start('bob')
    await lab.meet(alice, bob)
    expect(bob.node.peers().map((peer) => peer.group)).toEqual(['default'])
    expect(JSON.stringify([bob.node.peers(), bob.node.status()])).not.toContain('backend-team')
    const wire = JSON.stringify(alice.discovery.announcement)
    expect(JSON.parse(wire).hidden[0]).not.toHaveProperty('secret')
  })

  it('cannot use the knock of a member on another link [C8]', async () => {
    const { alice, id, homeB } = await joined()
    const host = lab.network.transport('mallory')
    const dial = () =>
      Attacker.connect({
        transport: host,
        address: { kind: 'lan', host: 'alice', port: PORT },
        keys: carol,
        group: `private:${id}`,
        seed: 9,
      })
    const attacker = await dial()
    const secret = contentOf(homeB).epochs[0]?.secret ?? ''
    const { knockMac } = await import('../../../server/src/secure/membership.ts')
    const stolen = knockMac(secret, 'epoch', '1', new Uint8Array(32))
    attacker.send({ type: 'mesh-opaque-v1-member', step: 'knock', epochs: [{ number: 1, mac: stolen }] })
    await attacker.stranger.closed()
    expect(attacker.heard).toEqual([])
    expect(alice.node.status().counters['member-bad-knock']).toBe(1)
  })
})

describe('a removed member', () => {
  const remove = async (a: Awaited<ReturnType<typeof joined>>, home: PrivateHome, isBan = false) =>
    a.change((content) => removeMember(content, home.user.fingerprint, isBan, random))

  it('loses its links at every member at once, reads nothing new, and is told [R96] [C9]', async () => {
    const a = await joined()
    const homeC = privateHome(3)
    await take(homeC, await a.invite())
    const third = await lab.start('carol', { home: homeC, groups: [a.value] })
    lab.introduce(third, a.alice)
    lab.introduce(third, a.bob)
    await lab.during(lab.linked(third, a.alice))
    await lab.during(lab.linked(third, a.bob))
    await remove(a, a.homeB)
    await until(() => !a.bob.node.peers().some(({ isHere }) => isHere), 'no link is left')
    expect(contentOf(homeC).epochs[0]?.number).toBe(2)
    expect((await lab.during(third.say('without bob'))).recipients.map(({ peer }) => peer)).toEqual(['alice'])
    await lab.pass(60_000)
    expect(a.bob.focuses()).toEqual([])
    expect(a.bob.node.status().problems[0]).toMatch(/removed you/)
    expect(contentOf(a.homeB).epochs[0]?.number).toBe(1)
  })

  it('leaves a member that was away to be found by the others, and finds nobody itself [R96]', async () => {
    const a = await joined()
    const homeC = privateHome(3)
    await take(homeC, await a.invite())
    const away = await lab.start('carol', { home: homeC, groups: [a.value] })
    lab.introduce(away, a.alice)
    await lab.during(lab.linked(away, a.alice))
    await lab.during(away.node.stop())
    await remove(a, a.homeB)
    const back = await lab.start('carol', { home: homeC, groups: [a.value] })
    const [ofAlice, ofBob, ofBack] = [a.alice, a.bob, back].map(({ discovery }) => discovery.announcement?.hidden?.[0])
    const sees = (one: typeof ofAlice, other: typeof ofAlice) => one?.accepts(other?.instance ?? '', other?.tag?.() ?? '')
    expect([sees(ofAlice, ofBack), sees(ofBack, ofAlice), sees(ofBob, ofAlice)]).toEqual([true, false, false])
    lab.introduce(a.alice, back)
    await lab.during(lab.linked(back, a.alice))
    expect(sees(back.discovery.announcement?.hidden?.[0], ofAlice)).toBe(true)
  })

  it('does not come back with the invite that it has, and does with a new one', async () => {
    const a = await joined()
    const homeC = privateHome(3)
    const twice = await a.invite(2)
    await take(homeC, twice)
    const third = await lab.start('carol', { home: homeC, groups: [a.value] })
    lab.introduce(third, a.alice)
    await lab.during(lab.linked(third, a.alice))
    await remove(a, homeC)
    await until(() => !third.node.peers().some(({ isHere }) => isHere), 'out')
    await entryOf(homeC).change(() => joiningOf(twice))
    await lab.during(until(() => contentOf(homeC).refusal !== undefined, 'refused'))
    expect(contentOf(homeC).refusal).toBe('invite-used')
    const again = await a.invite()
    await entryOf(homeC).change(() => joiningOf(again))
    await lab.during(lab.linked(third, a.alice))
    expect(isIn(homeC)).toBe(true)
  })

  it('keeps what it had read', async () => {
    const a = await joined()
    await a.alice.say('before')
    await remove(a, a.homeB)
    await until(() => !a.bob.node.peers().some(({ isHere }) => isHere), 'out')
    await turns(5)
    expect(a.bob.focuses()).toEqual(['before'])
  })
})

describe('a certificate', () => {
  it('past half of its life is renewed by the owner when they meet', async () => {
    const a = await joined()
    const before = contentOf(a.homeB).certificate
    lab.clock.sleep(LIMITS.privateGroup.certificateMs / 2 + DAY)
    lab.network.reset('bob')
    await until(() => !a.bob.node.peers().some(({ isHere }) => isHere), 'the break')
    await lab.during(lab.linked(a.alice, a.bob))
    await until(() => contentOf(a.homeB).certificate !== before, 'renewed')
    expect(isIn(a.homeB)).toBe(true)
  })
})
