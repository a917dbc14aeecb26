/**
 * Who is a member of a private group (PROTOCOL 13). The root key of the group signs a certificate for a person's key, once
 * and for weeks; the person's key signs one for the key of each session, for a day. So there is one join, one removal and
 * one comparison of words per person, and no session ever holds what could let somebody in but the owner's.
 */
import { fromBase64Url, toBase64Url } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'
import { isAcceptableEd25519, KEY_BYTES, type Signer } from '../identity/keys.ts'
import { type GroupId, parseGroupId } from '../mmp/group.ts'
import { openFact, signFact } from './signed.ts'

export interface Validity {
  readonly notBefore: number
  readonly notAfter: number
}

export interface MemberCertificate extends Validity {
  readonly groupId: GroupId
  /** The person's key. */
  readonly member: Uint8Array
  /** 16 hex digits; what a removal names. */
  readonly serial: string
}

const MEMBER_TAG = 'mesh-member-cert-v1\n'
const NODE_TAG = 'mesh-node-cert-v1\n'

export function issueMember({ groupId, member, serial, notBefore, notAfter }: MemberCertificate, root: Signer): string {
  return signFact(MEMBER_TAG, [groupId, toBase64Url(member), serial, `${notBefore}`, `${notAfter}`], root)
}

/** The certificate if the root of this group signed it and it is valid now; else undefined. */
export function readMember(text: string, root: Uint8Array, groupId: GroupId, now: number): MemberCertificate | undefined {
  const [group = '', key = '', serial = '', from = '', to = '', ...more] = openFact(MEMBER_TAG, text, root) ?? []
  const member = fromBase64Url(key, KEY_BYTES)
  const validity = readValidity(from, to, LIMITS.privateGroup.certificateMs, now)
  if (parseGroupId(group) !== groupId || !member || !isAcceptableEd25519(member) || !isSerial(serial)) return undefined
  return validity && more.length === 0 ? { groupId, member, serial, ...validity } : undefined
}

/** The serial of a certificate of this root, whatever its age: what a removal names. */
export function serialOf(text: string, root: Uint8Array): string | undefined {
  const serial = openFact(MEMBER_TAG, text, root)?.[2]
  return serial !== undefined && isSerial(serial) ? serial : undefined
}

/** The person vouches for the key of one session. */
export function issueNode(node: Uint8Array, { notBefore, notAfter }: Validity, person: Signer): string {
  return signFact(NODE_TAG, [toBase64Url(node), `${notBefore}`, `${notAfter}`], person)
}

/** Whether this person vouches for this session's key now. */
export function isNodeOf(text: string, person: Uint8Array, node: Uint8Array, now: number): boolean {
  const [key = '', from = '', to = '', ...more] = openFact(NODE_TAG, text, person) ?? []
  const validity = readValidity(from, to, LIMITS.privateGroup.nodeCertificateMs, now)
  return more.length === 0 && validity !== undefined && key === toBase64Url(node)
}

export function isSerial(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text)
}

/** A whole number of milliseconds, in the one way to write it. */
export function parseTime(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : undefined
}

/** Clocks may differ by some minutes; a life longer than the format allows is refused, whoever signed it. */
function readValidity(from: string, to: string, maxMs: number, now: number): Validity | undefined {
  const [notBefore, notAfter] = [parseTime(from), parseTime(to)]
  if (notBefore === undefined || notAfter === undefined || notAfter <= notBefore || notAfter - notBefore > maxMs) return undefined
  const { skewMs } = LIMITS.privateGroup
  return now >= notBefore - skewMs && now <= notAfter + skewMs ? { notBefore, notAfter } : undefined
}
