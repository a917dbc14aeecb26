import { describe, expect, it } from 'vitest'
import { wordAt, wordsOf } from '../../../server/src/secure/words.ts'
import { alice, bob, fingerprint } from '../../support/mesh.ts'

describe('the words of a key', () => {
  it('are 2,048 different ones that can be said: consonant, vowel, consonant, vowel', () => {
    const all = Array.from({ length: 2_048 }, (_, index) => wordAt(index))
    expect(new Set(all).size).toBe(2_048)
    expect(all.filter((word) => !/^[bdfghjklmnprstvz][aiou][dgklmnrs][aiou]$/.test(word))).toEqual([])
  })

  it('are six, always the same for a key, and others for another [R26]', () => {
    expect(wordsOf(fingerprint(alice))).toEqual(wordsOf(fingerprint(alice)))
    expect(wordsOf(fingerprint(alice))).toHaveLength(6)
    expect(wordsOf(fingerprint(alice))).not.toEqual(wordsOf(fingerprint(bob)))
  })

  it('are those of every version', () => {
    expect(wordsOf(fingerprint(alice)).join(' ')).toBe('doku roma linu pari ruma loku')
  })
})
