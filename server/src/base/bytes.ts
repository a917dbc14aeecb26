/**
 * Bytes and their text forms. Decoding is strict: what does not re-encode to the same text is refused, so that two
 * texts never stand for one value (MMP signs texts, not values).
 */
import crypto from 'node:crypto'

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

/**
 * A domain tag followed by parts as LP(s) of MMP: decimal byte length in UTF-8, a colon, the bytes, which makes
 * concatenation injective. The form of every signed payload of MMP. Encoded once, as a whole: a digit or a colon parts
 * the parts, so no two halves of a character meet.
 */
export function tagged(tag: string, ...parts: readonly string[]): Uint8Array {
  let text = tag
  for (const part of parts) text += `${Buffer.byteLength(part)}:${part}`
  return utf8(text)
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const [only = new Uint8Array()] = parts
  return hashOnce(parts.length < 2 ? only : concat(...parts))
}

/** Newer versions of Node hash at once, for a third of the price; the older ones of version 20 cannot. */
const hashOnce: (bytes: Uint8Array) => Uint8Array =
  typeof crypto.hash === 'function'
    ? (bytes) => crypto.hash('sha256', bytes, 'buffer')
    : (bytes) => crypto.createHash('sha256').update(bytes).digest()

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
  // What is not of the alphabet is skipped or read as something else, so it does not come back.
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) return undefined
  return length === undefined || bytes.length === length ? bytes : undefined
}

/** Order of the UTF-8 bytes, which is what MMP means by "sorted" (JavaScript's own order differs above U+FFFF). */
export function compareBytewise(a: string, b: string): number {
  return Buffer.compare(utf8(a), utf8(b))
}
