/**
 * Words that two people compare to know that they mean the same key (threat model 3). Six words are 66 bits of a stretched
 * hash of one key: finding another key with the same words costs 2^66 stretches. Each key has words of its own, and they
 * are never made of two keys together: a man in the middle who may choose two keys would find equal words in 2^33 tries.
 */
import { scryptSync } from 'node:crypto'
import { utf8 } from '../base/bytes.ts'
import type { Fingerprint } from '../identity/ids.ts'

const WORDS = 6
const BITS_PER_WORD = 11
const SALT = 'mesh-words-v1\n'
/** 32 MiB and about a tenth of a second: dear for who tries many, cheap for who looks twice. */
const STRETCH = { N: 32_768, r: 8, p: 1, maxmem: 67_108_864 } as const

/** Consonant, vowel, consonant, vowel: 16 * 4 * 8 * 4 words that can be read aloud and look apart. */
const FIRST = 'bdfghjklmnprstvz'
const SECOND = 'dgklmnrs'
const VOWELS = 'aiou'

/** The six words of a key. Takes about a tenth of a second. */
export function wordsOf(key: Fingerprint): readonly string[] {
  const bytes = scryptSync(Buffer.from(key, 'hex'), utf8(SALT), Math.ceil((WORDS * BITS_PER_WORD) / 8), STRETCH)
  const bits = BigInt(`0x${bytes.toString('hex')}`)
  const unused = BigInt(bytes.length * 8)
  return Array.from({ length: WORDS }, (_, at) => {
    const shift = unused - BigInt((at + 1) * BITS_PER_WORD)
    return wordAt(Number((bits >> shift) & 0x7ffn))
  })
}

/** The word of a number below 2,048. */
export function wordAt(index: number): string {
  const pick = (letters: string, at: number): string => letters[at % letters.length] ?? ''
  return pick(FIRST, index >> 7) + pick(VOWELS, index >> 5) + pick(SECOND, index >> 2) + pick(VOWELS, index)
}
