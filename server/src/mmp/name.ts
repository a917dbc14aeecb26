/**
 * Names on the wire (MMP 1.1): 1 to 64 bytes of letters, marks, numbers, punctuation, symbols and spaces. A name is what
 * a node calls itself: for display, never for identity.
 */
import { utf8 } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'

const ALLOWED = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+$/u

/** The name in NFC, or undefined. Lone surrogates, controls and invisible formatting are in none of the categories. */
export function parseWireName(text: string): string | undefined {
  if (text.length > LIMITS.name.maxBytes || !ALLOWED.test(text)) return undefined
  const name = text.normalize('NFC')
  return utf8(name).length <= LIMITS.name.maxBytes ? name : undefined
}
