/**
 * The ids of a node. `NodeId` is a UUID and stays for the wire (MMP 1.1); the principal is the Ed25519 key, and the
 * fingerprint of that key is what tables are keyed by and what people type.
 */
import { sha256, toHex, utf8 } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'

declare const brand: unique symbol
export type NodeId = string & { readonly [brand]: 'NodeId' }
export type Fingerprint = string & { readonly [brand]: 'Fingerprint' }

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** A UUID v7, or v4 of older nodes, in lowercase (compared case-insensitively on the wire); else undefined. */
export function parseNodeId(text: string): NodeId | undefined {
  const lower = text.toLowerCase()
  return UUID.test(lower) ? (lower as NodeId) : undefined
}

/** A fresh UUID v7: 48 bits of milliseconds, 74 random bits. */
export function newNodeId(clock: Clock, random: RandomBytes): NodeId {
  const time = clock.now().toString(16).padStart(12, '0')
  const bytes = random(10)
  bytes[0] = ((bytes[0] ?? 0) & 0x0f) | 0x70
  bytes[2] = ((bytes[2] ?? 0) & 0x3f) | 0x80
  const rest = toHex(bytes)
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}` as NodeId
}

/** SHA-256("mesh-id-v1" || public key), 64 hex digits. */
export function fingerprintOf(publicKey: Uint8Array): Fingerprint {
  return toHex(sha256(utf8('mesh-id-v1'), publicKey)) as Fingerprint
}

export function parseFingerprint(text: string): Fingerprint | undefined {
  return /^[0-9a-f]{64}$/.test(text) ? (text as Fingerprint) : undefined
}

/** The first 16 digits in four groups: what lists show, and what can be typed back. */
export function shortFingerprint(fingerprint: Fingerprint): string {
  return (fingerprint.slice(0, 16).match(/.{4}/g) ?? []).join(' ')
}

/** What a person typed as a prefix of a fingerprint: 8 to 64 hex digits, with or without gaps; else undefined. */
export function parseFingerprintPrefix(text: string): string | undefined {
  const digits = text.replace(/[ :-]/g, '').toLowerCase()
  return /^[0-9a-f]{8,64}$/.test(digits) ? digits : undefined
}
