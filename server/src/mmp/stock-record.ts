/**
 * The records of stock nodes as codecs at the edge (MMP, the two generations before 2.0): `flat`, as the specification has
 * it, and `two-section`, as the deployed release sends it. Inside the node there is only the one CMB; its key is always the
 * content address of today, so equal words are equal whatever form they came in.
 *
 * Invariant: a CMB that `readStockRecord` calls signed was said by the holder of the key that was passed in. One that is
 * not signed proves nothing, and says so.
 */
import * as z from 'zod'
import { fromBase64Url, sha256, tagged, toBase64Url, toHex, utf8 } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'
import { type NodeId, parseNodeId } from '../identity/ids.ts'
import { SIGNATURE_BYTES, verifySignature } from '../identity/keys.ts'
import { addressOf, flatAddress, legacyAddress, parseBlockKey, parseCmbKey } from './address.ts'
import { buildCat7, parseCat7 } from './cat7.ts'
import { type AssertionId, type Cat7, type Cmb, FIELD_NAMES, type FieldName } from './cmb.ts'
import { parseGroupValue } from './group.ts'
import { isObject, type JsonObject } from './json.ts'
import { parseWireName } from './name.ts'
import { decodeRecord, type MintOptions, type RecordRule } from './record.ts'
import { type FieldParents, flatSigningPayload, SIGNATURE_SUITE, stockSigningPayload } from './signature.ts'
import { via } from './wire.ts'

/** `dual` is both in one object: read by nodes of either generation. */
export type StockForm = 'flat' | 'two-section' | 'dual'

/** Long data has no place in these forms. */
export interface StockWords extends Omit<MintOptions, 'application'> {
  readonly publicKey: Uint8Array
}

/** Whose record it may be, and the group of the link, which a record need not repeat. */
export interface StockAuthor {
  readonly nodeId: NodeId
  readonly publicKey: Uint8Array
  readonly group: string
}

export type StockRule = RecordRule | 'no-fields' | 'sealed'
export type ReadStockRecord =
  | { readonly kind: 'ok'; readonly cmb: Cmb; readonly form: StockForm; readonly isSigned: boolean }
  | { readonly kind: 'rejected'; readonly rule: StockRule }

/** A CMB signed as the deployed release signs. */
export function mintTwoSection(words: StockWords): Cmb {
  return signed(words, twoSectionPayload(plain(words)))
}

/** A CMB signed as the specification has it. */
export function mintFlat(words: StockWords): Cmb {
  return signed(words, flatPayload(plain(words)))
}

/** The record of a CMB that is signed in this form. */
export function encodeTwoSection(cmb: Cmb): JsonObject {
  return { categories: encodeContainer(cmb.fields), metadata: encodeMetadata(cmb) }
}

export function encodeFlat(cmb: Cmb): JsonObject {
  const { fields, author, createdAt, group, to, parents, signature } = cmb
  return {
    key: flatKey(cmb),
    createdBy: author.name,
    createdAt,
    group,
    ...(to === undefined ? {} : { to }),
    fields: encodeContainer(fields),
    lineage: parents.length === 0 ? null : { parents, ancestors: parents, method: 'emit' },
    ...(signature === '' ? {} : { sig: signature, sigAlg: 'ed25519' }),
  }
}

/** These words as the record that such a peer reads. Both containers of a dual record are the same bytes: they are sealed as one. */
export function encodeStock(form: StockForm, words: StockWords): JsonObject {
  const flat = form === 'two-section' ? {} : encodeFlat(mintFlat(words))
  const sections = form === 'flat' ? {} : encodeTwoSection(mintTwoSection(words))
  return { ...flat, ...sections }
}

/** A text that a stock node sent without record and signature, kept as a block of its own; `at` is our clock where it gave none. */
export function cmbOfText(content: string, author: StockAuthor, name: string, at: number): Cmb {
  const isLong = utf8(content).length > LIMITS.cmb.fieldBytes
  const fields = buildCat7({ focus: isLong ? `${content.slice(0, BEGINNING)}…` : content })
  const unsigned = { fields, group: author.group, to: undefined, parents: [], createdAt: at, author: { nodeId: author.nodeId, name } }
  const cmb = cmbOf(unsigned, tagged('mesh-stock-text-v1\n', `${at}`, content), '', author.publicKey)
  return isLong ? { ...cmb, application: { mediaType: 'text/plain; charset=utf-8', schema: '', bytes: utf8(content) } } : cmb
}

/** Reads a record of any generation, its fields in clear: shape, limits, address, signature. */
export function readStockRecord(record: unknown, author: StockAuthor): ReadStockRecord {
  if (!isObject(record)) return rejected('record-invalid')
  const { metadata } = record
  if (!isObject(metadata)) return readFlat(record, author)
  if (metadata['signatureSuite'] !== SIGNATURE_SUITE) return readTwoSection(record, author)
  const decoded = decodeRecord(record, author.publicKey)
  return decoded.kind === 'ok' ? { kind: 'ok', cmb: decoded.cmb, form: 'two-section', isSigned: true } : decoded
}

/** Characters of a long text that stand in the focus; it follows whole beside the fields. */
const BEGINNING = 1_000
const wireName = via(parseWireName)
const wireTo = z
  .union([via(parseNodeId), z.literal('').transform(() => undefined)])
  .nullish()
  .transform((to) => to ?? undefined)
const wireLineage = z.object({ parents: z.array(via(parseBlockKey)).max(LIMITS.cmb.parents).nullish() }).nullish()
const wireTime = z.int().min(0)
const wireGroup = via(parseGroupValue).nullish()
const metadataOfTwo = z.object({
  key: via(parseCmbKey),
  createdBy: wireName,
  createdTimestamp: wireTime,
  lineage: wireLineage,
  room: wireGroup,
  /** Of the releases between the generations. */
  group: wireGroup,
  to: wireTo,
  sig: z.string().nullish(),
})
const flatRecord = z.object({
  key: via(parseBlockKey),
  createdBy: wireName,
  createdAt: wireTime,
  group: wireGroup,
  to: wireTo,
  lineage: wireLineage,
  sig: z.string().nullish(),
})

function readTwoSection(record: JsonObject, author: StockAuthor): ReadStockRecord {
  const metadata = metadataOfTwo.safeParse(record['metadata'])
  if (!metadata.success) return rejected('record-invalid')
  const container = readContainer(record['categories'] ?? record['fields'])
  if (container.kind === 'rejected') return container
  const { key, createdBy, createdTimestamp, lineage, room, group, to, sig } = metadata.data
  const { fields, metas } = container
  if (addressOf(fields).key !== key) return rejected('address-mismatch')
  const audience = room ?? group ?? undefined
  const facts = { fields, createdAt: createdTimestamp, to, parents: lineage?.parents ?? [], group: audience ?? author.group }
  const unsigned = { ...facts, author: { nodeId: author.nodeId, name: createdBy } }
  // What is absent is signed as empty, and stands for the group of the link.
  const payload = twoSectionPayload({ ...unsigned, group: audience ?? '' }, metas)
  return verified(unsigned, payload, sig ?? '', author, 'two-section')
}

function readFlat(record: JsonObject, author: StockAuthor): ReadStockRecord {
  const parsed = flatRecord.safeParse(record)
  if (!parsed.success) return rejected('record-invalid')
  const container = readContainer(record['fields'])
  if (container.kind === 'rejected') return container
  const { key, createdBy, createdAt, group, to, lineage, sig } = parsed.data
  const { fields } = container
  const parents = lineage?.parents ?? []
  const unsigned = { fields, createdAt, to, parents, group: group ?? author.group, author: { nodeId: author.nodeId, name: createdBy } }
  // The receiver of a remix is a node id in the specification, and was a name in releases.
  const keys = [author.nodeId, createdBy].map((receiver) => flatKey(unsigned, receiver))
  if (![...keys, legacyAddress(textsOf(record['fields']))].includes(key)) return rejected('address-mismatch')
  const payload = flatSigningPayload({ key, createdBy, createdAt, group: group ?? '', to })
  return verified(unsigned, payload, sig ?? '', author, 'flat')
}

type Unsigned = Omit<Cmb, 'id' | 'key' | 'signature' | 'application'>

function verified(unsigned: Unsigned, payload: Uint8Array, signature: string, author: StockAuthor, form: StockForm): ReadStockRecord {
  const cmb = cmbOf(unsigned, payload, signature, author.publicKey)
  if (signature === '') return { kind: 'ok', cmb, form, isSigned: false }
  const bytes = fromBase64Url(signature, SIGNATURE_BYTES)
  const isSigned = bytes !== undefined && verifySignature(author.publicKey, payload, bytes)
  return isSigned ? { kind: 'ok', cmb, form, isSigned } : rejected('bad-signature')
}

/** These forms have no id of an assertion. Ours is of the key too: else who copies another's words could be taken for it. */
function cmbOf(unsigned: Unsigned, payload: Uint8Array, signature: string, publicKey: Uint8Array): Cmb {
  const seed = tagged('mesh-stock-id-v1\n', toBase64Url(publicKey), toHex(payload), signature === '' ? 'unsigned' : 'signed')
  const id = `asrt-${toHex(sha256(seed))}` as AssertionId
  return { ...unsigned, id, key: addressOf(unsigned.fields).key, application: undefined, signature }
}

function signed(words: StockWords, payload: Uint8Array): Cmb {
  return cmbOf(plain(words), payload, toBase64Url(words.sign(payload)), words.publicKey)
}

function plain({ fields, group, to, parents = [], createdAt, author }: StockWords): Unsigned {
  return { fields, group, to, parents, createdAt, author }
}

function twoSectionPayload(cmb: Unsigned, fieldParents: FieldParents = {}): Uint8Array {
  const { fields, author, createdAt, group, to, parents } = cmb
  return stockSigningPayload({ key: addressOf(fields).key, createdBy: author.name, createdAt, group, to, parents, fieldParents })
}

function flatPayload(cmb: Unsigned): Uint8Array {
  const { author, createdAt, group, to } = cmb
  return flatSigningPayload({ key: flatKey(cmb), createdBy: author.name, createdAt, group, to })
}

function flatKey({ fields, parents, author }: Pick<Cmb, 'fields' | 'parents' | 'author'>, receiver: string = author.nodeId): string {
  const texts = Object.fromEntries(FIELD_NAMES.map((name) => [name, fields[name].text]))
  return flatAddress(texts, parents.length === 0 ? undefined : { parents, receiver })
}

function encodeContainer(fields: Cat7): JsonObject {
  const { fieldKeys } = addressOf(fields)
  return Object.fromEntries(FIELD_NAMES.map((name, at) => [name, { ...fields[name], meta: { key: fieldKeys[at], parents: [] } }]))
}

function encodeMetadata({ key, author, createdAt, parents, group, to, signature }: Cmb): JsonObject {
  return {
    key,
    createdBy: author.name,
    createdTimestamp: createdAt,
    lineage: parents.length === 0 ? null : { parents, method: 'emit' },
    room: group,
    to: to ?? null,
    ...(signature === '' ? {} : { sig: signature, sigAlg: 'ed25519' }),
  }
}

type Container = { readonly kind: 'ok'; readonly fields: Cat7; readonly metas: FieldParents } | Rejected
type Rejected = { readonly kind: 'rejected'; readonly rule: StockRule }

function readContainer(container: unknown): Container {
  if (typeof container === 'string') return rejected('sealed')
  if (!isObject(container)) return rejected('no-fields')
  const parsed = parseCat7(container)
  if (parsed.kind === 'rejected') return parsed
  const metas = Object.fromEntries(FIELD_NAMES.map((name) => [name, fieldParentsOf(container[name])]))
  return { kind: 'ok', fields: parsed.fields, metas }
}

/** References of one field: what is signed about them are their texts, whatever those are. */
function fieldParentsOf(field: unknown): readonly string[] {
  const meta = isObject(field) ? field['meta'] : undefined
  const parents = isObject(meta) ? meta['parents'] : undefined
  return Array.isArray(parents) ? parents.slice(0, LIMITS.cmb.parents).filter((parent) => typeof parent === 'string') : []
}

/** As they stand on the wire. */
function textsOf(container: unknown): { [F in FieldName]?: string } {
  if (!isObject(container)) return {}
  const texts = FIELD_NAMES.flatMap((name) => {
    const field = container[name]
    const text = isObject(field) ? field['text'] : undefined
    return typeof text === 'string' ? [[name, text]] : []
  })
  return Object.fromEntries(texts)
}

function rejected(rule: StockRule): Rejected {
  return { kind: 'rejected', rule }
}
