/**
 * Whether two texts say nearly the same: the share of their four-letter pieces that they have in common, after case,
 * punctuation and spaces are made equal. Words and their order count, decoration does not.
 */
import { LIMITS } from '../base/limits.ts'

export type Sketch = ReadonlySet<string>

const PIECE = 4
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
  const letters = [...(plain === '' ? text.slice(0, MAX_CHARACTERS).trim() : plain)]
  if (letters.length <= PIECE) return new Set([letters.join('')])
  return new Set(letters.slice(PIECE - 1).map((_, at) => letters.slice(at, at + PIECE).join('')))
}

export function isAlike(a: Sketch, b: Sketch): boolean {
  const [small, large] = a.size < b.size ? [a, b] : [b, a]
  if (small.size < large.size * LIMITS.loop.sameShare) return false
  let common = 0
  for (const piece of small) if (large.has(piece)) common++
  return common / (a.size + b.size - common) >= LIMITS.loop.sameShare
}
