/**
 * What an author signs (MMP 5.3). Each record form has a payload with its own domain tag, so a signature of one form
 * never verifies as another. The algorithm is Ed25519 by decision: `sigAlg` of the wire is never read.
 *
 * Ours is `mmp-sig-v2.0`; the two older payloads are here to read records of stock nodes.
 */
import { compareBytewise, sha256, tagged, toHex } from '../base/bytes.ts'
import type { NodeId } from '../identity/ids.ts'
import { type AssertionId, type CmbKey, FIELD_NAMES, type FieldName } from './cmb.ts'

export const SIGNATURE_SUITE = 'mmp-sig-v2.0'
export const ADDRESS_SCHEME = 'mmp-cmb-merkle-v2'

/** References of single fields (`categories[f].meta.parents`). We send none; others may. */
export type FieldParents = { readonly [F in FieldName]?: readonly string[] }

/** What stands for application data in a record: all but the bytes. */
export interface ApplicationDescriptor {
  readonly mediaType: string
  readonly schema: string
  readonly encoding: 'base64url'
  readonly byteLength: number
  /** `sha256-` and 64 hex digits, of the raw bytes. */
  readonly digest: string
}

export interface SignedFacts {
  readonly key: CmbKey
  readonly authorId: NodeId
  readonly authorName: string
  readonly createdAt: number
  readonly group: string
  readonly to: NodeId | undefined
  readonly parents: readonly string[]
  readonly fieldParents: FieldParents
  readonly application: ApplicationDescriptor | undefined
}

/** The bytes of `mmp-sig-v2.0`. */
export function signingPayload(facts: SignedFacts): Uint8Array {
  return tagged(
    'mmp-sig-v2.0\n',
    '2.0',
    ADDRESS_SCHEME,
    facts.key,
    facts.authorId,
    facts.authorName.normalize('NFC'),
    `${facts.createdAt}`,
    facts.group.normalize('NFC'),
    facts.to ?? '',
    ...sortedList(facts.parents),
    fieldParentsCommitment(facts.fieldParents),
    applicationCommitment(facts.application),
  )
}

/** The id of the assertion that this payload makes. */
export function assertionIdOf(payload: Uint8Array): AssertionId {
  return `asrt-${toHex(sha256(payload))}` as AssertionId
}

/** Exactly `asrt-` and 64 lowercase hex digits; else undefined. */
export function parseAssertionId(text: string): AssertionId | undefined {
  return /^asrt-[0-9a-f]{64}$/.test(text) ? (text as AssertionId) : undefined
}

/** FP of MMP: one hash over the references of all seven fields. */
export function fieldParentsCommitment(parents: FieldParents): string {
  return FIELD_NAMES.every((name) => !parents[name]?.length) ? NO_PARENTS : hashParents(parents)
}

function hashParents(parents: FieldParents): string {
  const parts = FIELD_NAMES.flatMap((name) => [name, ...sortedList(parents[name] ?? [])])
  return toHex(sha256(tagged('mmp-fp-v1\n', ...parts)))
}

/** APP of MMP: one hash over the descriptor, or over its absence. */
export function applicationCommitment(application: ApplicationDescriptor | undefined): string {
  return application === undefined ? NO_APPLICATION : hashApplication(application)
}

function hashApplication(application: ApplicationDescriptor | undefined): string {
  const parts =
    application === undefined
      ? ['0']
      : [
          '1',
          application.mediaType,
          application.schema.normalize('NFC'),
          application.encoding,
          `${application.byteLength}`,
          application.digest,
        ]
  return toHex(sha256(tagged('mmp-app-v1\n', ...parts)))
}

/** What most messages commit to. */
const NO_PARENTS = hashParents({})
const NO_APPLICATION = hashApplication(undefined)

export function digestOf(bytes: Uint8Array): string {
  return `sha256-${toHex(sha256(bytes))}`
}

export interface FlatFacts {
  readonly key: string
  readonly createdBy: string
  readonly createdAt: number
  readonly group: string
  readonly to?: string | undefined
}

/** The bytes of `mmp-sig-v1`, of flat records. */
export function flatSigningPayload(facts: FlatFacts): Uint8Array {
  return tagged('mmp-sig-v1\n', facts.key, facts.createdBy, `${facts.createdAt}`, facts.group, facts.to ?? '')
}

export interface StockFacts extends FlatFacts {
  readonly parents: readonly string[]
  readonly fieldParents: FieldParents
}

/** The bytes of `mmp-sig-v2`, of the records that stock nodes send. */
export function stockSigningPayload(facts: StockFacts): Uint8Array {
  return tagged(
    'mmp-sig-v2\n',
    facts.key,
    facts.createdBy.normalize('NFC'),
    `${facts.createdAt}`,
    facts.group.normalize('NFC'),
    facts.to ?? '',
    ...sortedList(facts.parents),
    fieldParentsCommitment(facts.fieldParents),
  )
}

function sortedList(items: readonly string[]): readonly string[] {
  if (items.length < 2) return [`${items.length}`, ...items]
  return [`${items.length}`, ...[...items].sort(compareBytewise)]
}
