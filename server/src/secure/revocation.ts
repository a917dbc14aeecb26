/**
 * Who is no member any more: one list per group, signed by its root, with the serials of removed certificates and the
 * number of the epoch. The higher number wins, whoever brings it; so the list travels from member to member and nobody
 * can take a removal back. It holds the hash of the epoch's secret, so nobody can pass another secret off as it.
 */
import { fromHex, sha256, toHex } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'
import type { Signer } from '../identity/keys.ts'
import { type GroupId, parseGroupId } from '../mmp/group.ts'
import { isSerial, parseTime } from './certificate.ts'
import { openFact, signFact } from './signed.ts'

export interface RevocationList {
  readonly groupId: GroupId
  readonly epoch: number
  /** SHA-256 of the epoch's secret, hex. */
  readonly secretHash: string
  readonly serials: readonly string[]
}

const TAG = 'mesh-revocation-v1\n'

export function signList({ groupId, epoch, secretHash, serials }: RevocationList, root: Signer): string {
  return signFact(TAG, [groupId, `${epoch}`, secretHash, ...[...serials].sort()], root)
}

/** The list if the root of this group signed it; else undefined. */
export function readList(text: string, root: Uint8Array, groupId: GroupId): RevocationList | undefined {
  const [group = '', number = '', secretHash = '', ...serials] = openFact(TAG, text, root) ?? []
  const epoch = parseTime(number)
  if (parseGroupId(group) !== groupId || epoch === undefined || fromHex(secretHash)?.length !== 32) return undefined
  const isOrdered = serials.every((serial, at) => isSerial(serial) && (at === 0 || (serials[at - 1] ?? '') < serial))
  return isOrdered && serials.length <= LIMITS.privateGroup.revoked ? { groupId, epoch, secretHash, serials } : undefined
}

export function hashOfSecret(secret: Uint8Array): string {
  return toHex(sha256(secret))
}
