/**
 * Whether two texts say nearly the same: the share of their four-letter pieces that they have in common, after case,
 * punctuation and spaces are made equal. Words and their order count, decoration does not.
 */
import { LIMITS } from '../base/limits.ts'

export type Sketch = ReadonlySet<string>

const PIECE = 4
const SURROGATE = /[\ud800-\udfff]/
/** What differs only behind this is not worth comparing. */
const MAX_CHARACTERS = 2_048

export function sketchOf(text: string): Sketch {
  const words =
    text
      .slice(0, MAX_CHARACTERS)
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  const plain = words.join(' ')
  // Of a text without letters (a row of emoji) the signs themselves count.
  return piecesOf(plain === '' ? text.slice(0, MAX_CHARACTERS).trim() : plain)
}

/** Two units of UTF-16 are one letter where they are a pair; only then it is cut into letters first. */
function piecesOf(text: string): Sketch {
  const letters = SURROGATE.test(text) ? [...text] : undefined
  const count = letters?.length ?? text.length
  if (count <= PIECE) return new Set([text])
  const pieces = new Set<string>()
  for (let at = 0; at + PIECE <= count; at++) pieces.add(letters?.slice(at, at + PIECE).join('') ?? text.slice(at, at + PIECE))
  return pieces
}

export function isAlike(a: Sketch, b: Sketch): boolean {
  const [small, large] = a.size < b.size ? [a, b] : [b, a]
  if (small.size < large.size * LIMITS.loop.sameShare) return false
  let common = 0
  for (const piece of small) if (large.has(piece)) common++
  return common / (a.size + b.size - common) >= LIMITS.loop.sameShare
}
