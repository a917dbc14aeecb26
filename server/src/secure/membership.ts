/**
 * What two sides of a link of a private group show each other (PROTOCOL 13.2), pure. A knock is a MAC over this link's
 * transcript under a secret that only members or the invited know; an identity is a person's key, its word for the key
 * that this link has proven, and the group's word for the person. Nothing of it is of use on another link.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { fromBase64Url, tagged, toBase64Url, toHex } from '../base/bytes.ts'
import { type Fingerprint, fingerprintOf } from '../identity/ids.ts'
import { isAcceptableEd25519, KEY_BYTES } from '../identity/keys.ts'
import type { GroupId } from '../mmp/group.ts'
import { isNodeOf, readMember } from './certificate.ts'
import type { RevocationList } from './revocation.ts'

const LAN_TAG_BYTES = 16

export type KnockKind = 'epoch' | 'invite'

/** `name`: the number of the epoch, or the id of the invite. */
export function knockMac(secret: string, kind: KnockKind, name: string, transcriptHash: Uint8Array): string {
  const key = fromBase64Url(secret) ?? new Uint8Array()
  return toBase64Url(
    createHmac('sha256', key)
      .update(tagged('mesh-knock-v1\n', kind, name, toHex(transcriptHash)))
      .digest(),
  )
}

/** What a record on a LAN carries: the same for every member on that day, and for an outsider a random text. */
export function lanTagOf(secret: string, instance: string, atMs: number): string {
  const day = new Date(atMs).toISOString().slice(0, 10)
  const mac = createHmac('sha256', fromBase64Url(secret) ?? new Uint8Array()).update(tagged('mesh-lan-tag-v1\n', day, instance))
  return toBase64Url(mac.digest().subarray(0, LAN_TAG_BYTES))
}

export function isSameMac(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

export interface Identity {
  readonly user: string
  readonly node: string
  readonly certificate?: string
}

export interface Group {
  readonly groupId: GroupId
  readonly root: Uint8Array
  readonly list: RevocationList | undefined
}

export type Shown =
  | { readonly kind: 'member'; readonly user: Fingerprint; readonly serial: string; readonly notAfter: number }
  /** A person that is no member: somebody who was invited. */
  | { readonly kind: 'person'; readonly user: Fingerprint; readonly key: Uint8Array }
  | { readonly kind: 'refused'; readonly rule: MemberRule }

export type MemberRule = 'bad-user-key' | 'bad-node-certificate' | 'bad-certificate' | 'revoked'

/** `peer`: the key that the other side of this link has proven. */
export function readIdentity(shown: Identity, { groupId, root, list }: Group, peer: Uint8Array, now: number): Shown {
  const key = fromBase64Url(shown.user, KEY_BYTES)
  if (key === undefined || !isAcceptableEd25519(key)) return { kind: 'refused', rule: 'bad-user-key' }
  if (!isNodeOf(shown.node, key, peer, now)) return { kind: 'refused', rule: 'bad-node-certificate' }
  const user = fingerprintOf(key)
  if (shown.certificate === undefined) return { kind: 'person', user, key }
  const certificate = readMember(shown.certificate, root, groupId, now)
  if (certificate === undefined || Buffer.compare(certificate.member, key) !== 0) return { kind: 'refused', rule: 'bad-certificate' }
  if (list?.serials.includes(certificate.serial)) return { kind: 'refused', rule: 'revoked' }
  return { kind: 'member', user, serial: certificate.serial, notAfter: certificate.notAfter }
}
