/**
 * What stands inside sealed mail: one frame for one recipient, with its author and a signature over all of it. The
 * signature names the recipient, so a letter cannot be passed on to another, and counts, so it cannot come again.
 *
 * And the key that mail is sealed to: announced by its owner on a link, signed, with the time until which it opens mail.
 */
import * as z from 'zod'
import { fromBase64Url, sha256, tagged, toBase64Url, toHex, utf8 } from '../base/bytes.ts'
import { type Fingerprint, type NodeId, parseNodeId } from '../identity/ids.ts'
import { KEY_BYTES, SIGNATURE_BYTES, verifySignature } from '../identity/keys.ts'
import { decodeObject } from './json.ts'
import { via } from './wire.ts'

export interface LetterFacts {
  readonly from: NodeId
  readonly group: string
  /** Rises with each letter of this author to this recipient. */
  readonly counter: number
  readonly at: number
  /** The frame as JSON, as it would go over a link. */
  readonly frame: string
}

export interface Letter extends LetterFacts {
  readonly publicKey: Uint8Array
}

/** The frame is named `payload` because that is what may be long in JSON of ours. */
const letter = z.object({
  v: z.literal(1),
  from: via(parseNodeId),
  publicKey: via((text) => fromBase64Url(text, KEY_BYTES)),
  group: z.string().min(1).max(128),
  counter: z.int().min(1),
  at: z.int().min(0),
  payload: z.string(),
  sig: via((text) => fromBase64Url(text, SIGNATURE_BYTES)),
})

function letterPayload({ from, group, counter, at, frame }: LetterFacts, recipient: Fingerprint): Uint8Array {
  return tagged('mesh-mail-v1\n', recipient, from, group, `${counter}`, `${at}`, toHex(sha256(utf8(frame))))
}

export interface LetterSigner {
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

export function writeLetter(facts: LetterFacts, recipient: Fingerprint, { publicKey, sign }: LetterSigner): Uint8Array {
  const { from, group, counter, at, frame } = facts
  const sig = toBase64Url(sign(letterPayload(facts, recipient)))
  return utf8(JSON.stringify({ v: 1, from, publicKey: toBase64Url(publicKey), group, counter, at, payload: frame, sig }))
}

/** Undefined unless it is whole, for this recipient, and signed by the key that it names. */
export function readLetter(bytes: Uint8Array, recipient: Fingerprint): Letter | undefined {
  const decoded = decodeObject(bytes)
  const parsed = decoded.kind === 'ok' ? letter.safeParse(decoded.value).data : undefined
  if (!parsed) return undefined
  const { from, publicKey, group, counter, at, payload: frame, sig } = parsed
  const facts = { from, group, counter, at, frame }
  return verifySignature(publicKey, letterPayload(facts, recipient), sig) ? { ...facts, publicKey } : undefined
}

/** As it stands in the frame `profile`. */
export interface AnnouncedPrekey {
  readonly key: string
  readonly until: number
  readonly sig: string
}

export function announcePrekey(publicKey: Uint8Array, until: number, nodeId: NodeId, sign: LetterSigner['sign']): AnnouncedPrekey {
  const key = toBase64Url(publicKey)
  return { key, until, sig: toBase64Url(sign(prekeyPayload(key, until, nodeId))) }
}

/** The key, if the owner of this node key announced it. */
export function verifyPrekey({ key, until, sig }: AnnouncedPrekey, nodeId: NodeId, nodeKey: Uint8Array): Uint8Array | undefined {
  const signature = fromBase64Url(sig, SIGNATURE_BYTES)
  const isGood = signature !== undefined && verifySignature(nodeKey, prekeyPayload(key, until, nodeId), signature)
  return isGood ? fromBase64Url(key, KEY_BYTES) : undefined
}

function prekeyPayload(key: string, until: number, nodeId: NodeId): Uint8Array {
  return tagged('mesh-prekey-v1\n', nodeId, key, `${until}`)
}
