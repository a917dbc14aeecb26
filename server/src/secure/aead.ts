/**
 * ChaCha20-Poly1305 with the sequence of a direction as nonce (MMP 6.2). A key is used in one direction only and a
 * sequence once, so no nonce comes twice.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { concat } from '../base/bytes.ts'
import type { Session } from './session.ts'

export const TAG_BYTES = 16
const NONCE_BYTES = 12
const CIPHER = 'chacha20-poly1305'
const OPTIONS = { authTagLength: TAG_BYTES }

export interface Direction {
  readonly key: Uint8Array
  readonly name: 'client-to-server' | 'server-to-client'
}

/** The direction follows from the role, never from the wire. */
export function directionsOf({ role, sendKey, receiveKey }: Pick<Session, 'role' | 'sendKey' | 'receiveKey'>): {
  readonly out: Direction
  readonly in: Direction
} {
  const isClient = role === 'client'
  return {
    out: { key: sendKey, name: isClient ? 'client-to-server' : 'server-to-client' },
    in: { key: receiveKey, name: isClient ? 'server-to-client' : 'client-to-server' },
  }
}

/** Ciphertext and tag. */
export function encrypt(key: Uint8Array, sequence: number, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonceOf(sequence), OPTIONS)
  cipher.setAAD(aad, { plaintextLength: plaintext.length })
  return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
}

/** The plaintext, or undefined when a bit of key, sequence, associated data or ciphertext differs. Never a part of it. */
export function decrypt(key: Uint8Array, sequence: number, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const length = sealed.length - TAG_BYTES
  if (length < 0) return undefined
  const decipher = createDecipheriv(CIPHER, key, nonceOf(sequence), OPTIONS)
  decipher.setAAD(aad, { plaintextLength: length })
  decipher.setAuthTag(sealed.subarray(length))
  const plaintext = decipher.update(sealed.subarray(0, length))
  try {
    decipher.final()
    return plaintext
  } catch {
    // The only failure of final() is a tag that does not match, which is an answer here.
    return undefined
  }
}

/** 96 bits, big-endian. */
export function nonceOf(sequence: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES)
  new DataView(nonce.buffer).setBigUint64(4, BigInt(sequence))
  return nonce
}
