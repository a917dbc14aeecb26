/**
 * The record of MMP 2.0 on the wire, as a codec at the edge: `mintCmb` makes and signs a CMB, `encodeRecord` writes it,
 * `decodeRecord` reads one back only when every byte that is signed agrees. Application bytes travel beside the record
 * as `applicationData`; the signed metadata holds their description and digest (MMP 6.2).
 *
 * Invariant: a CMB that comes out of `decodeRecord` was said by the holder of the key that was passed in.
 */
import * as z from 'zod'
import { fromBase64Url, toBase64Url } from '../base/bytes.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { type NodeId, parseNodeId } from '../identity/ids.ts'
import { SIGNATURE_BYTES, verifySignature } from '../identity/keys.ts'
import { type Address, addressOf, parseCmbKey } from './address.ts'
import { type Cat7Rule, parseCat7 } from './cat7.ts'
import { type ApplicationData, type Cat7, type Cmb, type CmbKey, FIELD_NAMES, type FieldName } from './cmb.ts'
import { parseGroupValue } from './group.ts'
import { isObject, type JsonObject } from './json.ts'
import { parseWireName } from './name.ts'
import {
  ADDRESS_SCHEME,
  type ApplicationDescriptor,
  assertionIdOf,
  digestOf,
  type FieldParents,
  parseAssertionId,
  SIGNATURE_SUITE,
  type SignedFacts,
  signingPayload,
} from './signature.ts'
import { via } from './wire.ts'

export interface MintOptions {
  readonly fields: Cat7
  readonly group: string
  readonly to?: NodeId | undefined
  readonly parents?: readonly CmbKey[]
  readonly application?: ApplicationData | undefined
  readonly createdAt: number
  readonly author: { readonly nodeId: NodeId; readonly name: string }
  sign(message: Uint8Array): Uint8Array
}

/** `cmb` of a frame: the seven fields, what is signed about them, and the application bytes. */
export interface WireRecord extends JsonObject {
  readonly categories: JsonObject
  readonly metadata: JsonObject
  /** Base64url; '' for application data of zero bytes. */
  readonly applicationData?: string
}

export type RecordRule =
  | Cat7Rule
  | 'record-invalid'
  | 'suite-unknown'
  | 'address-mismatch'
  | 'application-mismatch'
  | 'application-too-large'
  | 'assertion-mismatch'
  | 'bad-signature'

export type DecodedRecord = { readonly kind: 'ok'; readonly cmb: Cmb } | { readonly kind: 'rejected'; readonly rule: RecordRule }

/** A signed CMB of these fields. Throws `limit-exceeded` and `name-invalid` with a sentence for the author. */
export function mintCmb(options: MintOptions): Cmb {
  const { fields, group, to, parents = [], application, createdAt, author } = options
  const name = parseWireName(author.name)
  if (name === undefined)
    throw new MeshError('name-invalid', `${JSON.stringify(author.name)} cannot be a node name; use 1 to 64 bytes of text`)
  demandLimits(parents, application)
  const { key } = addressOf(fields)
  const unsigned = {
    key,
    fields,
    author: { nodeId: author.nodeId, name },
    createdAt,
    group,
    to,
    parents,
    application: normalised(application),
  }
  const payload = signingPayload(factsOf(unsigned))
  return { ...unsigned, id: assertionIdOf(payload), signature: toBase64Url(options.sign(payload)) }
}

/** The record of a CMB that was minted here, or that came without references of single fields. */
export function encodeRecord(cmb: Cmb): WireRecord {
  const record = { categories: encodeCategories(cmb.fields), metadata: encodeMetadata(cmb) }
  return cmb.application === undefined ? record : { ...record, applicationData: toBase64Url(cmb.application.bytes) }
}

/** Whose key `decodeRecord` needs: a claim until that key has verified the record. */
export function claimedAuthor(record: unknown): NodeId | undefined {
  if (!isObject(record) || !isObject(record['metadata'])) return undefined
  const id = record['metadata']['createdByNodeId']
  return typeof id === 'string' ? parseNodeId(id) : undefined
}

/** Reads and verifies a record: shape, limits, suite, address, application digest, assertion id, signature. */
export function decodeRecord(record: unknown, authorPublicKey: Uint8Array): DecodedRecord {
  const parsed = parseRecord(record)
  if (parsed.kind === 'rejected') return parsed
  const { cmb, fieldParents } = parsed
  const payload = signingPayload(factsOf(cmb, fieldParents))
  if (assertionIdOf(payload) !== cmb.id) return rejected('assertion-mismatch')
  const signature = fromBase64Url(cmb.signature, SIGNATURE_BYTES)
  const isSigned = signature !== undefined && verifySignature(authorPublicKey, payload, signature)
  return isSigned ? { kind: 'ok', cmb } : rejected('bad-signature')
}

type Parsed = { readonly kind: 'ok'; readonly cmb: Cmb; readonly fieldParents: FieldParents } | Rejected
type Rejected = { readonly kind: 'rejected'; readonly rule: RecordRule }

function rejected(rule: RecordRule): Rejected {
  return { kind: 'rejected', rule }
}

/** Everything but the signature: what can be decided without a key. */
function parseRecord(record: unknown): Parsed {
  const shape = wireRecord.safeParse(record)
  if (!shape.success) return rejected('record-invalid')
  const { categories, metadata, applicationData } = shape.data
  if (metadata.signatureSuite !== SIGNATURE_SUITE || metadata.addressScheme !== ADDRESS_SCHEME) return rejected('suite-unknown')
  const parsed = parseCat7(isObject(record) ? record['categories'] : undefined)
  if (parsed.kind === 'rejected') return parsed
  if (!hasAddress(metadata.key, categories, addressOf(parsed.fields))) return rejected('address-mismatch')
  const opened = openApplication(metadata.application ?? undefined, applicationData)
  if (opened.kind === 'rejected') return opened
  const cmb = cmbOf(metadata, parsed.fields, opened.application)
  return { kind: 'ok', cmb, fieldParents: fieldParentsOf(categories) }
}

const wireParents = z.array(via(parseCmbKey)).max(LIMITS.cmb.parents).nullish()
const wireMeta = z.object({ meta: z.object({ key: z.string().nullish(), parents: wireParents }).nullish() }).optional()
const wireMetas = z.object({
  focus: wireMeta,
  issue: wireMeta,
  intent: wireMeta,
  motivation: wireMeta,
  commitment: wireMeta,
  perspective: wireMeta,
  mood: wireMeta,
})
const wireDescriptor = z.object({
  mediaType: z.string().max(256),
  schema: z.string().max(256),
  encoding: z.literal('base64url'),
  byteLength: z.int().min(0),
  digest: z.string().regex(/^sha256-[0-9a-f]{64}$/),
})
const wireMetadata = z.object({
  key: via(parseCmbKey),
  addressScheme: z.string(),
  signatureSuite: z.string(),
  createdByNodeId: via(parseNodeId),
  createdBy: via(parseWireName),
  createdTimestamp: z.int().min(0),
  room: via(parseGroupValue),
  to: via(parseNodeId).nullish(),
  lineage: z.object({ parents: wireParents }).nullish(),
  application: wireDescriptor.nullish(),
  assertionId: via(parseAssertionId),
  sig: z.string(),
})
const wireRecord = z.object({ categories: wireMetas, metadata: wireMetadata, applicationData: z.string().optional() })

/** The root must be the one that was signed; a field's own hash is a convenience that must not lie. */
function hasAddress(key: CmbKey, metas: z.infer<typeof wireMetas>, address: Address): boolean {
  const isFieldKeyTrue = (name: FieldName, at: number) => (metas[name]?.meta?.key ?? address.fieldKeys[at]) === address.fieldKeys[at]
  return address.key === key && FIELD_NAMES.every(isFieldKeyTrue)
}

function fieldParentsOf(metas: z.infer<typeof wireMetas>): FieldParents {
  return Object.fromEntries(FIELD_NAMES.map((name) => [name, metas[name]?.meta?.parents ?? []]))
}

function cmbOf(metadata: z.infer<typeof wireMetadata>, fields: Cat7, application: ApplicationData | undefined): Cmb {
  return {
    id: metadata.assertionId,
    key: metadata.key,
    fields,
    author: { nodeId: metadata.createdByNodeId, name: metadata.createdBy },
    createdAt: metadata.createdTimestamp,
    group: metadata.room,
    to: metadata.to ?? undefined,
    parents: metadata.lineage?.parents ?? [],
    application,
    signature: metadata.sig,
  }
}

type Opened = { readonly kind: 'ok'; readonly application: ApplicationData | undefined } | Rejected

/** Description and bytes come together or not at all, and the bytes are those that were described. */
function openApplication(descriptor: ApplicationDescriptor | undefined, data: string | undefined): Opened {
  if (descriptor === undefined && data === undefined) return { kind: 'ok', application: undefined }
  if (descriptor === undefined || data === undefined) return rejected('application-mismatch')
  if (descriptor.byteLength > LIMITS.cmb.payloadBytes) return rejected('application-too-large')
  const bytes = fromBase64Url(data, descriptor.byteLength)
  if (bytes === undefined || digestOf(bytes) !== descriptor.digest) return rejected('application-mismatch')
  return { kind: 'ok', application: { mediaType: descriptor.mediaType, schema: descriptor.schema.normalize('NFC'), bytes } }
}

function factsOf(cmb: Omit<Cmb, 'id' | 'signature'>, fieldParents: FieldParents = {}): SignedFacts {
  return {
    key: cmb.key,
    authorId: cmb.author.nodeId,
    authorName: cmb.author.name,
    createdAt: cmb.createdAt,
    group: cmb.group,
    to: cmb.to,
    parents: cmb.parents,
    fieldParents,
    application: describe(cmb.application),
  }
}

function describe(application: ApplicationData | undefined): ApplicationDescriptor | undefined {
  if (application === undefined) return undefined
  const { mediaType, schema, bytes } = application
  return { mediaType, schema, encoding: 'base64url', byteLength: bytes.length, digest: digestOf(bytes) }
}

function encodeCategories(fields: Cat7): JsonObject {
  const { fieldKeys } = addressOf(fields)
  return Object.fromEntries(FIELD_NAMES.map((name, at) => [name, { ...fields[name], meta: { key: fieldKeys[at], parents: [] } }]))
}

/** The members in the order of the published records. */
function encodeMetadata(cmb: Cmb): JsonObject {
  return {
    key: cmb.key,
    addressScheme: ADDRESS_SCHEME,
    signatureSuite: SIGNATURE_SUITE,
    createdByNodeId: cmb.author.nodeId,
    createdBy: cmb.author.name,
    createdTimestamp: cmb.createdAt,
    room: cmb.group,
    to: cmb.to ?? null,
    lineage: cmb.parents.length === 0 ? null : { parents: cmb.parents, method: 'emit' },
    application: describe(cmb.application) ?? null,
    assertionId: cmb.id,
    sigAlg: 'ed25519',
    sig: cmb.signature,
  }
}

function demandLimits(parents: readonly CmbKey[], application: ApplicationData | undefined): void {
  if (parents.length > LIMITS.cmb.parents) {
    throw new MeshError('limit-exceeded', `${parents.length} parents are over the limit of ${LIMITS.cmb.parents}; name fewer`)
  }
  const bytes = application?.bytes.length ?? 0
  if (bytes > LIMITS.cmb.payloadBytes) {
    throw new MeshError('limit-exceeded', `the data has ${bytes} bytes, the limit is ${LIMITS.cmb.payloadBytes}; send less, or in parts`)
  }
}

function normalised(application: ApplicationData | undefined): ApplicationData | undefined {
  return application === undefined ? undefined : { ...application, schema: application.schema.normalize('NFC') }
}
