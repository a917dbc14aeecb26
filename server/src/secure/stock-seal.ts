/**
 * How stock nodes seal the fields of a record (MMP 6.1): the raw X25519 secret of two lasting keys is the AES-256-GCM key.
 * No key derivation, no associated data, no forward secrecy, and what stands beside the fields stays in clear: weaker
 * than the links between ours, so nothing that is sealed like this is ever called encrypted to a person.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { fromUtf8, utf8 } from '../base/bytes.ts'
import { type RandomBytes, systemRandom } from '../base/clock.ts'
import { fromBase64 } from '../identity/stock-keys.ts'
import { decodeObject, isObject, type JsonObject } from '../mmp/json.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The record with its fields sealed. Two containers are the same bytes, or one nonce would cover two plaintexts. */
export function sealStockRecord(record: JsonObject, secret: Uint8Array, random: RandomBytes = systemRandom): JsonObject {
  const { categories, fields } = record
  const plaintext = utf8(JSON.stringify(categories ?? fields))
  const nonce = random(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, secret, nonce)
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString('base64')
  return {
    ...record,
    ...(fields === undefined ? {} : { fields: sealed }),
    ...(categories === undefined ? {} : { categories: sealed }),
    _e2e: { nonce: Buffer.from(nonce).toString('base64') },
  }
}

export type OpenedStockRecord =
  | { readonly kind: 'ok'; readonly record: JsonObject; readonly isSealed: boolean }
  | { readonly kind: 'rejected'; readonly rule: 'no-secret' | 'bad-seal' }

/** The record with its fields in clear; `secret` is undefined where the peer gave no key. */
export function openStockRecord(record: JsonObject, secret: Uint8Array | undefined): OpenedStockRecord {
  const name = typeof record['categories'] === 'string' ? 'categories' : 'fields'
  const sealed = record[name]
  if (typeof sealed !== 'string') return { kind: 'ok', record, isSealed: false }
  if (secret === undefined) return { kind: 'rejected', rule: 'no-secret' }
  const plaintext = open(sealed, nonceOf(record), secret)
  const decoded = plaintext && decodeObject(plaintext)
  if (decoded?.kind !== 'ok') return { kind: 'rejected', rule: 'bad-seal' }
  const { _e2e: _, fields: _fields, categories: _categories, ...rest } = record
  return { kind: 'ok', record: { ...rest, [name]: decoded.value }, isSealed: true }
}

/** The release and the specification put it at different places. */
function nonceOf({ _e2e: beside, nonce }: JsonObject): string {
  const own = isObject(beside) ? beside['nonce'] : nonce
  return typeof own === 'string' ? own : ''
}

function open(text: string, nonceText: string, secret: Uint8Array): Uint8Array | undefined {
  const [sealed, nonce] = [fromBase64(text), fromBase64(nonceText)]
  if (sealed === undefined || nonce?.length !== NONCE_BYTES || sealed.length < TAG_BYTES) return undefined
  const decipher = createDecipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES })
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  const plaintext = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES))
  try {
    decipher.final()
    return fromUtf8(plaintext) === undefined ? undefined : plaintext
  } catch {
    // The only failure of final() is a tag that does not match, which is an answer here.
    return undefined
  }
}
