/**
 * Content addresses (MMP 5.2). The address of a CMB is a Merkle root over its seven texts, and nothing else: equal words
 * have equal keys, whoever said them and when. Mood gives its text only.
 *
 * `flatAddress` is the older `cmb1-` form of the published specification, which other nodes may still send.
 */
import { compareBytewise, sha256, tagged, toHex, utf8 } from '../base/bytes.ts'
import { type Cat7, type CmbKey, FIELD_NAMES, type FieldName, NEUTRAL } from './cmb.ts'

const FIELD_TAG = 'mmp-cmb-v1\n'
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

export interface Address {
  readonly key: CmbKey
  /** The hash of each field in hex, in the order of CAT7: `categories[f].meta.key`. */
  readonly fieldKeys: readonly string[]
}

export function addressOf(fields: Cat7): Address {
  const known = addresses.get(fields)
  if (known) return known
  const hashes = FIELD_NAMES.map((name) => (fields[name].text === NEUTRAL ? NEUTRAL_HASHES[name] : hashesOf(name, fields[name].text)))
  const root = merkleRoot(hashes.map(({ leaf }) => leaf))
  const address = { key: `cmb-${toHex(root)}` as CmbKey, fieldKeys: hashes.map(({ hex }) => hex) }
  addresses.set(fields, address)
  return address
}

/** Fields never change, and the address of new ones is asked for twice: when they are signed and when they are written. */
const addresses = new WeakMap<Cat7, Address>()

/** Exactly `cmb-` and 64 lowercase hex digits; else undefined. */
export function parseCmbKey(text: string): CmbKey | undefined {
  return /^cmb-[0-9a-f]{64}$/.test(text) ? (text as CmbKey) : undefined
}

/** A key of any generation: of today, `cmb1-` with 64 digits, or `cmb-` with 32; as a record may name its parents. */
export function parseBlockKey(text: string): CmbKey | undefined {
  return /^(?:cmb1?-[0-9a-f]{64}|cmb-[0-9a-f]{32})$/.test(text) ? (text as CmbKey) : undefined
}

/** The oldest form: no normalisation, and what is absent is empty. */
export function legacyAddress(texts: { readonly [F in FieldName]?: string }): string {
  const joined = FIELD_NAMES.map((name) => texts[name] ?? '').join('|')
  return `cmb-${toHex(sha256(utf8(joined))).slice(0, 32)}`
}

/** The hash of one field: its name is part of it, so equal texts of two fields differ. */
export function fieldKey(name: FieldName, text: string): Uint8Array {
  return sha256(tagged(FIELD_TAG, name, text.normalize('NFC')))
}

interface FieldHashes {
  readonly hex: string
  readonly leaf: Uint8Array
}

function hashesOf(name: FieldName, text: string): FieldHashes {
  const key = fieldKey(name, text)
  return { hex: toHex(key), leaf: sha256(LEAF, key) }
}

/** Most fields of most messages are neutral. */
const NEUTRAL_HASHES: Readonly<Record<FieldName, FieldHashes>> = {
  focus: hashesOf('focus', NEUTRAL),
  issue: hashesOf('issue', NEUTRAL),
  intent: hashesOf('intent', NEUTRAL),
  motivation: hashesOf('motivation', NEUTRAL),
  commitment: hashesOf('commitment', NEUTRAL),
  perspective: hashesOf('perspective', NEUTRAL),
  mood: hashesOf('mood', NEUTRAL),
}

export interface FlatLineage {
  readonly parents: readonly string[]
  readonly receiver: string
}

/** `cmb1-` and 64 hex digits; a remix (with lineage) has another address than the same words at their root. */
export function flatAddress(texts: { readonly [F in FieldName]?: string }, lineage?: FlatLineage): string {
  const seven = FIELD_NAMES.map((name) => (texts[name] || NEUTRAL).normalize('NFC'))
  return `cmb1-${toHex(sha256(tagged(FIELD_TAG, ...seven, ...flatOrigin(lineage))))}`
}

function flatOrigin(lineage: FlatLineage | undefined): readonly string[] {
  if (lineage === undefined) return ['root']
  return ['remix', `${lineage.parents.length}`, ...[...lineage.parents].sort(compareBytewise), lineage.receiver]
}

/** A left-over node at a level is promoted unchanged. */
function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  let level = leaves
  while (level.length > 1) level = pairUp(level)
  return level[0] ?? new Uint8Array()
}

function pairUp(level: readonly Uint8Array[]): readonly Uint8Array[] {
  const above: Uint8Array[] = []
  for (let at = 0; at < level.length; at += 2) {
    const [left, right] = [level[at], level[at + 1]]
    if (left !== undefined) above.push(right === undefined ? left : sha256(NODE, left, right))
  }
  return above
}
