/**
 * `<root>/groups/<12 hex digits>.json`: one private group as this person is in it, for all sessions. Each change is a pure
 * function from one content to the next, written whole before anybody is told; so an invite that was redeemed is marked
 * on disk before its certificate leaves, and what a crash interrupts is asked again and answered the same.
 */
import * as z from 'zod'
import { fromBase64Url, toBase64Url, toHex } from '../base/bytes.ts'
import type { RandomBytes } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { Secret } from '../base/secret.ts'
import { type Fingerprint, fingerprintOf, parseFingerprint } from '../identity/ids.ts'
import { KEY_BYTES, signerFromSeed } from '../identity/keys.ts'
import type { UserKey } from '../identity/user-key.ts'
import { type GroupName, parseGroupId, parseGroupName, privateRoom, privateValue } from '../mmp/group.ts'
import { mintRelayPass } from '../mmp/relay-pass.ts'
import { relayRoomOf } from '../mmp/relay-room.ts'
import { parseRelayUrl, type RelayUrl } from '../mmp/relay-url.ts'
import { via } from '../mmp/wire.ts'
import { issueMember, readMember, serialOf } from '../secure/certificate.ts'
import { formatInvite, type Invite } from '../secure/invite.ts'
import { hashOfSecret, type RevocationList, readList, signList } from '../secure/revocation.ts'

const time = z.int().min(0)
const text = z.string().max(65_536)
const fingerprint = via(parseFingerprint)

/** How the group is reached from other networks; the token is that of its owner. */
const relay = z.strictObject({ url: z.string(), token: z.string().exactOptional() })
const invite = z.strictObject({
  id: z.string(),
  secret: z.string(),
  createdAt: time,
  expiresAt: time,
  uses: z.int().min(1),
  revoked: z.literal(true).exactOptional(),
  redeemed: z.array(z.strictObject({ user: fingerprint, certificate: text, at: time })),
})
const member = z.strictObject({
  user: fingerprint,
  serial: z.string(),
  since: time,
  notAfter: time,
  /** Removed; `banned` also keeps a new invite from bringing it back. */
  removed: z.literal(true).exactOptional(),
  banned: z.literal(true).exactOptional(),
})
export const groupContent = z.strictObject({
  version: z.literal(1),
  groupId: via(parseGroupId),
  label: via(parseGroupName),
  root: z.string(),
  certificate: text.exactOptional(),
  list: text.exactOptional(),
  /** Newest first. */
  epochs: z.array(z.strictObject({ number: time, secret: z.string() })).max(LIMITS.privateGroup.epochsKept),
  /** The group was told that we are no member any more. */
  removed: z.literal(true).exactOptional(),
  joining: z
    .strictObject({
      id: z.string(),
      secret: z.string(),
      inviter: fingerprint,
      expiresAt: time,
      /** `token`: a pass, until the inviter gives the token. */
      relay: relay.exactOptional(),
    })
    .exactOptional(),
  relay: relay.exactOptional(),
  /** This user's own name for it. */
  alias: via(parseGroupName).exactOptional(),
  /** Why joining ended without a certificate. */
  refusal: z.string().exactOptional(),
  owner: z.strictObject({ seed: z.string(), invites: z.array(invite), members: z.array(member) }).exactOptional(),
})

export type GroupContent = Readonly<z.infer<typeof groupContent>>
export type GroupRelay = Readonly<z.infer<typeof relay>>
export type InviteEntry = Readonly<z.infer<typeof invite>>
export type MemberEntry = Readonly<z.infer<typeof member>>

export function groupValueOf({ label, groupId }: Pick<GroupContent, 'label' | 'groupId'>): GroupName {
  return privateValue(label, groupId)
}

export function rootOf({ root }: GroupContent): Uint8Array {
  return fromBase64Url(root, KEY_BYTES) ?? new Uint8Array()
}

export function listOf(content: GroupContent): RevocationList | undefined {
  return content.list === undefined ? undefined : readList(content.list, rootOf(content), content.groupId)
}

/** Whether we are in it: by a certificate that is valid now, and not removed. */
export function isMemberNow(content: GroupContent, now: number): boolean {
  if (content.certificate === undefined || content.removed) return false
  return readMember(content.certificate, rootOf(content), content.groupId, now) !== undefined
}

/** Waits for an inviter: the invite is still good as far as we know. */
export function isJoining({ joining, certificate }: GroupContent, now: number): boolean {
  return certificate === undefined && joining !== undefined && now <= joining.expiresAt
}

/** A new group, its maker the owner and first member. */
export function newGroup(label: GroupName, user: UserKey, now: number, random: RandomBytes): GroupContent {
  const seed = random(KEY_BYTES)
  const groupId = parseGroupId(toHex(random(16)))
  if (groupId === undefined) throw new MeshError('internal', 'no id was made')
  const root = toBase64Url(signerFromSeed(seed).publicKey)
  const owner = { seed: toBase64Url(seed), invites: [], members: [] }
  const bare: GroupContent = { version: 1, groupId, label, root, epochs: [], owner }
  const first = withEpoch(bare, 1, [], random)
  const { content, certificate } = certify(first, user.publicKey, now, random)
  return { ...content, certificate }
}

export interface NewInvite {
  readonly uses: number
  readonly lifeMs: number
  /** Stands in the link without its token, and is given with the certificate. */
  readonly relay: { readonly url: RelayUrl; readonly token: Secret | undefined } | undefined
}

/** Throws `limit-exceeded` with too many open ones. */
export function addInvite(
  content: GroupContent,
  { uses, lifeMs, relay }: NewInvite,
  user: UserKey,
  now: number,
  random: RandomBytes,
): { readonly content: GroupContent; readonly link: string; readonly entry: InviteEntry } {
  const owner = ownerOf(content)
  const { openInvites } = LIMITS.privateGroup
  if (owner.invites.filter((one) => isOpen(one, now)).length >= openInvites)
    throw new MeshError('limit-exceeded', `${openInvites} invites are open, the limit; revoke one first (sym-mesh-channel invites)`)
  const entry: InviteEntry = {
    id: toHex(random(8)),
    secret: toBase64Url(random(32)),
    createdAt: now,
    expiresAt: now + lifeMs,
    uses,
    redeemed: [],
  }
  const { id, expiresAt } = entry
  const pass = relay?.token && new Secret(mintRelayPass(relay.token.reveal(), relayRoomOf(privateRoom(content.groupId)), expiresAt))
  const { groupId, label } = content
  const facts = { groupId, root: rootOf(content), label, inviter: user.fingerprint, relay: relay?.url, pass, id, expiresAt }
  const link = formatInvite({ ...facts, secret: new Secret(entry.secret) }, signerFromSeed(seedOf(content)))
  // Long over, and nobody can still come with it: its mark is in the list of members.
  const kept = owner.invites.filter((one) => isOpen(one, now) || now - one.expiresAt < LIMITS.privateGroup.certificateMs)
  const reached = relay && { relay: { url: relay.url, ...(relay.token ? { token: relay.token.reveal() } : {}) } }
  return { content: { ...content, ...reached, owner: { ...owner, invites: [...kept, entry] } }, link, entry }
}

export function isOpen({ revoked, expiresAt, uses, redeemed }: InviteEntry, now: number): boolean {
  return !revoked && now <= expiresAt && redeemed.length < uses
}

/** Undefined takes the name back. */
export function renameGroup({ alias: _, ...content }: GroupContent, alias: GroupName | undefined): GroupContent {
  return alias === undefined ? content : { ...content, alias }
}

export function revokeInvite(content: GroupContent, id: string): GroupContent {
  const owner = ownerOf(content)
  const invites = owner.invites.map((one) => (one.id.startsWith(id) ? { ...one, revoked: true as const } : one))
  return { ...content, owner: { ...owner, invites } }
}

export type Redemption =
  | { readonly kind: 'granted'; readonly content: GroupContent; readonly certificate: string }
  | {
      readonly kind: 'refused'
      readonly reason: 'invite-unknown' | 'invite-revoked' | 'invite-expired' | 'invite-used' | 'group-full' | 'banned'
    }

/** Whoever redeemed it before gets the same certificate again: its answer may have been lost. */
export function redeem(content: GroupContent, id: string, key: Uint8Array, now: number, random: RandomBytes): Redemption {
  const owner = ownerOf(content)
  const user = fingerprintOf(key)
  const entry = owner.invites.find((one) => one.id === id)
  const refused = (reason: (Redemption & { kind: 'refused' })['reason']): Redemption => ({ kind: 'refused', reason })
  if (entry === undefined) return refused('invite-unknown')
  if (owner.members.some((one) => one.user === user && one.banned)) return refused('banned')
  const again = entry.redeemed.find((one) => one.user === user)
  const isMember = owner.members.some((one) => one.user === user && !one.removed)
  if (again && isMember) return { kind: 'granted', content, certificate: again.certificate }
  // Who was removed does not come back by what it has; only by a new invite.
  if (again) return refused('invite-used')
  if (entry.revoked) return refused('invite-revoked')
  if (now > entry.expiresAt) return refused('invite-expired')
  if (entry.redeemed.length >= entry.uses) return refused('invite-used')
  if (!isMember && membersOf(content).length >= LIMITS.privateGroup.members) return refused('group-full')
  const { content: next, certificate } = certify(content, key, now, random)
  const invites = owner.invites.map((one) =>
    one === entry ? { ...one, redeemed: [...one.redeemed, { user, certificate, at: now }] } : one,
  )
  return { kind: 'granted', content: { ...next, owner: { ...ownerOf(next), invites } }, certificate }
}

/** Takes the person out: the next epoch begins, and every certificate that it ever had is on the list. */
export function removeMember(content: GroupContent, user: Fingerprint, isBan: boolean, random: RandomBytes): GroupContent {
  const owner = ownerOf(content)
  const found = owner.members.filter((one) => one.user === user)
  if (found.length === 0)
    throw new MeshError('peer-unknown', `${user.slice(0, 16)} is no member of ${groupValueOf(content)}; nothing was changed`)
  const members = owner.members.map((one) =>
    one.user === user ? { ...one, removed: true as const, ...(isBan ? { banned: true as const } : {}) } : one,
  )
  const serials = [...new Set([...(listOf(content)?.serials ?? []), ...found.map(({ serial }) => serial)])]
  return withEpoch({ ...content, owner: { ...owner, members } }, (listOf(content)?.epoch ?? 0) + 1, serials, random)
}

/** A new certificate for a member whose own is past half of its life; undefined where there is nothing to do. */
export function renew(
  content: GroupContent,
  key: Uint8Array,
  now: number,
  random: RandomBytes,
): { readonly content: GroupContent; readonly certificate: string } | undefined {
  const entry = membersOf(content).find((one) => one.user === fingerprintOf(key))
  if (entry === undefined || entry.notAfter - now > LIMITS.privateGroup.certificateMs / 2) return undefined
  return certify(content, key, now, random)
}

/** What another member brought: a newer list, with the secret of its epoch if it is known. The same content when it is no news. */
export function takeList(content: GroupContent, text: string, secret: string | undefined): GroupContent {
  const list = readList(text, rootOf(content), content.groupId)
  const known = listOf(content)
  if (list === undefined || list.epoch < (known?.epoch ?? 0)) return content
  const isNewer = known === undefined || list.epoch > known.epoch
  const isSecret = secret !== undefined && hashOfSecret(fromBase64Url(secret, 32) ?? new Uint8Array()) === list.secretHash
  const isMissing = isSecret && content.epochs[0]?.number !== list.epoch
  const serial = ownSerial(content)
  const removed = serial !== undefined && list.serials.includes(serial) ? { removed: true as const } : {}
  if (!isNewer && !isMissing) return content
  const epochs = isMissing ? [{ number: list.epoch, secret }, ...content.epochs].slice(0, LIMITS.privateGroup.epochsKept) : content.epochs
  return { ...content, ...(isNewer ? { list: text } : {}), ...removed, epochs }
}

/** Our certificate, new or renewed. The same content when it is not for us or not of this group. */
export function takeGrant(
  content: GroupContent,
  certificate: string,
  list: string,
  secret: string,
  user: UserKey,
  now: number,
  relay?: GroupRelay,
): GroupContent {
  const read = readMember(certificate, rootOf(content), content.groupId, now)
  if (read === undefined || Buffer.compare(read.member, user.publicKey) !== 0) return content
  const { joining, refusal: __, removed: ___, ...rest } = content
  // Another address than the one that the person agreed to is a stranger's word, as in any link.
  const known = [content.relay?.url, joining?.relay?.url].filter((url) => url !== undefined)
  const reached = relay !== undefined && parseRelayUrl(relay.url, known).kind === 'ok' ? { relay } : {}
  return takeList({ ...rest, ...reached, certificate }, list, secret)
}

/** An invite that a person took: until an inviter answers, the group is one to look for. */
export function joiningOf(invite: Invite): GroupContent {
  const { groupId, root, label, id, secret, inviter, expiresAt, relay: url, pass } = invite
  const name = parseGroupName(label)
  if (name === undefined) throw new MeshError('internal', 'an invite was read that is none')
  return {
    version: 1,
    groupId,
    label: name,
    root: toBase64Url(root),
    epochs: [],
    joining: {
      ...{ id, secret: secret.reveal(), inviter, expiresAt },
      ...(url === undefined ? {} : { relay: { url, ...(pass ? { token: pass.reveal() } : {}) } }),
    },
  }
}

/** Who is in it, as its owner knows, each person once with its newest certificate. */
export function membersOf(content: GroupContent): readonly MemberEntry[] {
  const newest = new Map<Fingerprint, MemberEntry>()
  for (const one of content.owner?.members ?? []) if (!one.removed) newest.set(one.user, one)
  return [...newest.values()]
}

export function ownerOf(content: GroupContent): NonNullable<GroupContent['owner']> {
  if (content.owner) return content.owner
  throw new MeshError(
    'argument-invalid',
    `${groupValueOf(content)} belongs to somebody else: its owner invites and removes. Nothing was changed`,
  )
}

function certify(
  content: GroupContent,
  key: Uint8Array,
  now: number,
  random: RandomBytes,
): { readonly content: GroupContent; readonly certificate: string } {
  const owner = ownerOf(content)
  const { certificateMs } = LIMITS.privateGroup
  const [serial, notAfter] = [toHex(random(8)), now + certificateMs]
  const certificate = issueMember(
    { groupId: content.groupId, member: key, serial, notBefore: now, notAfter },
    signerFromSeed(seedOf(content)),
  )
  const entry: MemberEntry = { user: fingerprintOf(key), serial, since: now, notAfter }
  return { content: { ...content, owner: { ...owner, members: [...owner.members, entry] } }, certificate }
}

function withEpoch(content: GroupContent, number: number, serials: readonly string[], random: RandomBytes): GroupContent {
  const secret = random(32)
  const facts = { groupId: content.groupId, epoch: number, secretHash: hashOfSecret(secret), serials }
  const epochs = [{ number, secret: toBase64Url(secret) }, ...content.epochs].slice(0, LIMITS.privateGroup.epochsKept)
  return { ...content, list: signList(facts, signerFromSeed(seedOf(content))), epochs }
}

function seedOf(content: GroupContent): Uint8Array {
  const seed = fromBase64Url(ownerOf(content).seed, KEY_BYTES)
  if (seed === undefined)
    throw new MeshError('store-unreadable', `the key of ${groupValueOf(content)} is damaged; restore its file from a copy`)
  return seed
}

/** Of our own certificate, valid or not. */
function ownSerial(content: GroupContent): string | undefined {
  return content.certificate === undefined ? undefined : serialOf(content.certificate, rootOf(content))
}
