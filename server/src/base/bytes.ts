/**
 * Bytes and their text forms. Decoding is strict: what does not re-encode to the same text is refused, so that two
 * texts never stand for one value (MMP signs texts, not values).
 */
import { createHash } from 'node:crypto'

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** The text of well-formed UTF-8, or undefined. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    // The only failure of a fatal decoder is malformed input, which is an answer here.
    return undefined
  }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** LP(s) of MMP: decimal byte length in UTF-8, a colon, the bytes. Makes concatenation injective. */
export function lp(text: string): Uint8Array {
  const body = utf8(text)
  return concat(utf8(`${body.length}:`), body)
}

/** A domain tag followed by length-prefixed parts: the form of every signed payload of MMP. */
export function tagged(tag: string, ...parts: readonly string[]): Uint8Array {
  return concat(utf8(tag), ...parts.map(lp))
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

/** Lowercase hex of even length, or undefined. */
export function fromHex(text: string): Uint8Array | undefined {
  return /^(?:[0-9a-f]{2})*$/.test(text) ? Buffer.from(text, 'hex') : undefined
}

export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')
}

/** Canonical unpadded base64url, or undefined. `length` demands an exact number of bytes. */
export function fromBase64Url(text: string, length?: number): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) return undefined
  return length === undefined || bytes.length === length ? bytes : undefined
}

/** Order of the UTF-8 bytes, which is what MMP means by "sorted" (JavaScript's own order differs above U+FFFF). */
export function compareBytewise(a: string, b: string): number {
  return Buffer.compare(utf8(a), utf8(b))
}
