/**
 * Mail for a node that is away: a NaCl box from a key that is used once to the recipient's prekey. Nothing outside of it
 * says who wrote it, and who learns the recipient's prekey later than it was thrown away reads nothing. That it is really
 * from its author is proven by a signature inside, not by the box.
 *
 * version (1) || one-time public key (32) || nonce (24) || box; inside: length (4) || text || zeros to a step of size.
 */
import nacl from 'tweetnacl'
import { concat } from '../base/bytes.ts'
import type { RandomBytes } from '../base/clock.ts'
import { isAcceptableX25519 } from '../identity/keys.ts'

export interface Prekey {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

const VERSION = 1
const KEY_BYTES = 32
const NONCE_BYTES = 24
const HEAD_BYTES = 1 + KEY_BYTES + NONCE_BYTES
const LENGTH_BYTES = 4
/** Lengths tell what was said: there are only few of them. */
const STEPS = [1_024, 4_096]

export function newPrekey(random: RandomBytes): Prekey {
  return nacl.box.keyPair.fromSecretKey(Uint8Array.from(random(KEY_BYTES)))
}

/** Undefined when the recipient's key cannot be used. */
export function sealMail(plaintext: Uint8Array, recipient: Uint8Array, random: RandomBytes): Uint8Array | undefined {
  if (!isAcceptableX25519(recipient)) return undefined
  const once = newPrekey(random)
  const nonce = Uint8Array.from(random(NONCE_BYTES))
  const box = nacl.box(padded(plaintext), nonce, Uint8Array.from(recipient), once.secretKey)
  return concat(Uint8Array.of(VERSION), once.publicKey, nonce, box)
}

/** What was sealed to one of these prekeys, or undefined: whatever is wrong with it, there is no part of it. */
export function openMail(sealed: Uint8Array, secrets: readonly Uint8Array[]): Uint8Array | undefined {
  if (sealed.length <= HEAD_BYTES || sealed[0] !== VERSION) return undefined
  const sender = Uint8Array.from(sealed.subarray(1, 1 + KEY_BYTES))
  const nonce = Uint8Array.from(sealed.subarray(1 + KEY_BYTES, HEAD_BYTES))
  const box = Uint8Array.from(sealed.subarray(HEAD_BYTES))
  if (!isAcceptableX25519(sender)) return undefined
  for (const secret of secrets) {
    const opened = nacl.box.open(box, nonce, sender, secret)
    if (opened) return unpadded(opened)
  }
  return undefined
}

function padded(plaintext: Uint8Array): Uint8Array {
  const bytes = LENGTH_BYTES + plaintext.length
  const size = STEPS.find((step) => bytes <= step) ?? Math.ceil(bytes / 4_096) * 4_096
  const out = new Uint8Array(size)
  new DataView(out.buffer).setUint32(0, plaintext.length)
  out.set(plaintext, LENGTH_BYTES)
  return out
}

function unpadded(padded: Uint8Array): Uint8Array | undefined {
  if (padded.length < LENGTH_BYTES) return undefined
  const end = LENGTH_BYTES + new DataView(padded.buffer, padded.byteOffset).getUint32(0)
  if (end > padded.length || padded.subarray(end).some((byte) => byte !== 0)) return undefined
  return padded.subarray(LENGTH_BYTES, end)
}
