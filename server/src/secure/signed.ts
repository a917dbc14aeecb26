/**
 * Small signed facts as one text: a domain tag, length-prefixed fields, and an Ed25519 signature behind them, in base64url.
 * The bytes that are signed are the bytes that travel, so nothing is signed that was not sent; fields are read strictly,
 * so two texts never stand for the same fact.
 */
import { concat, fromBase64Url, fromUtf8, tagged, toBase64Url, utf8 } from '../base/bytes.ts'
import { SIGNATURE_BYTES, type Signer, verifySignature } from '../identity/keys.ts'

export const MAX_FACT_CHARACTERS = 65_536

export function signFact(tag: string, fields: readonly string[], signer: Pick<Signer, 'sign'>): string {
  const payload = tagged(tag, ...fields)
  return toBase64Url(concat(payload, signer.sign(payload)))
}

/** The fields of a fact that this key signed under this tag; undefined for anything else. */
export function openFact(tag: string, text: string, publicKey: Uint8Array): readonly string[] | undefined {
  const parts = split(tag, text)
  return parts && verifySignature(publicKey, parts.payload, parts.signature) ? parts.fields : undefined
}

/** The fields without a look at the signature: only to find out whose it should be. */
export function peekFact(tag: string, text: string): readonly string[] | undefined {
  return split(tag, text)?.fields
}

interface Parts {
  readonly fields: readonly string[]
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

function split(tag: string, text: string): Parts | undefined {
  const bytes = text.length > MAX_FACT_CHARACTERS ? undefined : fromBase64Url(text)
  if (bytes === undefined || bytes.length <= SIGNATURE_BYTES) return undefined
  const payload = bytes.subarray(0, bytes.length - SIGNATURE_BYTES)
  const fields = fieldsOf(tag, payload)
  return fields && { fields, payload, signature: bytes.subarray(payload.length) }
}

/** `<length>:<bytes>` again and again; the length without a leading zero, so that it reads in one way only. */
function fieldsOf(tag: string, payload: Uint8Array): readonly string[] | undefined {
  const start = utf8(tag)
  if (Buffer.compare(payload.subarray(0, start.length), start) !== 0) return undefined
  const fields: string[] = []
  for (let at = start.length; at < payload.length; ) {
    const colon = payload.indexOf(0x3a, at)
    const digits = colon < 0 || colon - at > 6 ? '' : Buffer.from(payload.subarray(at, colon)).toString('latin1')
    if (!/^(?:0|[1-9]\d*)$/.test(digits)) return undefined
    const end = colon + 1 + Number(digits)
    const field = end > payload.length ? undefined : fromUtf8(payload.subarray(colon + 1, end))
    if (field === undefined) return undefined
    fields.push(field)
    at = end
  }
  return fields
}
