/**
 * Texts as vectors, without a model: each feature of a text (a word's stem, an identifier in one piece, a pair of
 * neighbours, a subject) is a direction of its own, found by hashing. Rare words weigh more than common ones, names of
 * code more than prose. The same text gives the same vector everywhere, so what was decided can be explained later.
 *
 * Every field also carries some of its block, because people put one fact into different fields. And every vector shares
 * one small direction with every other one: without it texts that have nothing in common could not be compared at all,
 * and what cannot be compared is admitted.
 */
import { type Cat7, FIELD_NAMES, type FieldName, NEUTRAL } from '../mmp/cmb.ts'
import { type FieldVectors, SVAF_DEFAULTS, type SvafConfig } from '../mmp/svaf.ts'
import { featuresOf } from './features.ts'

export interface Encoder {
  /** Names the scale on which its distances stand; distances of two kernels are never compared. */
  readonly kernelId: string
  /** The thresholds on the scale of this kernel. */
  readonly config: SvafConfig
  /** One vector for each field that says something. */
  encode(fields: Cat7): FieldVectors
}

const DIMENSIONS = 1_024
/** Length of what a field takes over from its block; its own words have length 1. */
const BLOCK_SHARE = 1.5
/** Length of the direction that all share. */
const COMMON_SHARE = 0.15

export const lexicalEncoder: Encoder = {
  kernelId: 'mesh-lexical-1-h1024',
  config: { ...SVAF_DEFAULTS, stableThreshold: 0.45, guardedThreshold: 0.62, redundancyThreshold: 0.15 },
  encode,
}

function encode(fields: Cat7): FieldVectors {
  const own = new Map<FieldName, Float32Array>()
  const block = new Float32Array(DIMENSIONS)
  for (const name of FIELD_NAMES) {
    if (fields[name].text === NEUTRAL) continue
    const vector = scaled(project(featuresOf(fields[name].text)), 1)
    for (let at = 0; at < DIMENSIONS; at++) block[at] = (block[at] ?? 0) + (vector[at] ?? 0)
    own.set(name, vector)
  }
  const share = scaled(block, BLOCK_SHARE)
  return Object.fromEntries([...own].map(([name, vector]) => [name, join(vector, share)]))
}

/** The last direction is the one that all share. */
function join(own: Float32Array, block: Float32Array): Float32Array {
  const mixed = new Float32Array(DIMENSIONS + 1)
  for (let at = 0; at < DIMENSIONS; at++) mixed[at] = (own[at] ?? 0) + (block[at] ?? 0)
  const out = scaled(mixed, 1)
  out[DIMENSIONS] = COMMON_SHARE
  return out
}

function project(features: ReadonlyMap<string, number>): Float32Array {
  const out = new Float32Array(DIMENSIONS)
  for (const [feature, weight] of features) {
    const hash = hashOf(feature)
    const at = hash % DIMENSIONS
    // Half of the features count down: two that share a place cancel as often as they add.
    out[at] = (out[at] ?? 0) + (hash >>> 31 === 0 ? weight : -weight)
  }
  return out
}

/** In place; nothing stays nothing. */
function scaled(vector: Float32Array, length: number): Float32Array {
  let squares = 0
  for (const value of vector) squares += value * value
  const factor = squares === 0 ? 0 : length / Math.sqrt(squares)
  for (let at = 0; at < vector.length; at++) vector[at] = (vector[at] ?? 0) * factor
  return vector
}

/** FNV-1a over UTF-16 units, then mixed, so that near texts end far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}
