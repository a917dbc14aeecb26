/** The ways of judging that are compared: each says of a block and a memory whether it is wanted, a repetition, or neither. */
import { type Cat7, FIELD_NAMES, NEUTRAL } from '../../server/src/mmp/cmb.ts'
import { evaluate, type FieldVectors, SVAF_DEFAULTS, type SvafConfig } from '../../server/src/mmp/svaf.ts'
import { isWanted, LABELS, type Label, type Scenario } from './labelled.ts'

export type Outcome = 'admitted' | 'redundant' | 'rejected'
export type Judge = (fields: Cat7, memory: readonly Cat7[]) => Outcome

export const admitEverything: Judge = () => 'admitted'

/** The gate of the protocol over any encoder. */
export function gate(encoder: (fields: Cat7) => FieldVectors, config: SvafConfig): Judge {
  const encode = once(encoder)
  return (fields, memory) => {
    const anchors = memory.map((kept) => ({ vectors: encode(kept) }))
    const { accepted, decision } = evaluate({ incoming: encode(fields), anchors, ageSeconds: 0, config })
    if (accepted) return 'admitted'
    return decision === 'redundant' ? 'redundant' : 'rejected'
  }
}

const ENCODED = new WeakMap<object, WeakMap<Cat7, FieldVectors>>()

/** Thresholds are tried by the hundred on the same blocks. */
function once(encoder: (fields: Cat7) => FieldVectors): (fields: Cat7) => FieldVectors {
  const known = ENCODED.get(encoder) ?? new WeakMap<Cat7, FieldVectors>()
  ENCODED.set(encoder, known)
  return (fields) => {
    const vectors = known.get(fields) ?? encoder(fields)
    known.set(fields, vectors)
    return vectors
  }
}

/** Letters in threes and words, hashed into 32 places: what nodes without a model use. */
export function trigrams(fields: Cat7): FieldVectors {
  const spoken = FIELD_NAMES.filter((name) => fields[name].text !== NEUTRAL)
  return Object.fromEntries(spoken.map((name) => [name, hashed(fields[name].text.toLowerCase())]))
}

export const trigramConfig = (guardedThreshold: number, redundancyThreshold: number): SvafConfig => ({
  ...SVAF_DEFAULTS,
  guardedThreshold,
  redundancyThreshold,
})

function hashed(text: string): number[] {
  const out = new Array<number>(64).fill(0)
  const grams = [...text].map((_, at) => text.slice(at, at + 3)).filter((gram) => gram.length === 3)
  for (const gram of [...grams, ...text.split(/\W+/)]) {
    const at = fnv(gram) % 64
    out[at] = (out[at] ?? 0) + 1
  }
  return out.slice(0, 32)
}

function fnv(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** The words that the block shares with the nearest of the memory, as a part of all words of both. */
export function wordOverlap(admitAbove: number, redundantAbove: number): Judge {
  return (fields, memory) => {
    const nearest = Math.max(...memory.map((kept) => overlap(wordsOf(fields), wordsOf(kept))))
    if (nearest >= redundantAbove) return 'redundant'
    return nearest >= admitAbove ? 'admitted' : 'rejected'
  }
}

function wordsOf(fields: Cat7): ReadonlySet<string> {
  const texts = FIELD_NAMES.map((name) => fields[name].text).filter((text) => text !== NEUTRAL)
  return new Set(
    texts
      .join(' ')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [],
  )
}

function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const shared = [...one].filter((word) => other.has(word)).length
  return shared / (one.size + other.size - shared)
}

export interface Score {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly redundancyRecall: number
  /** Of each label, the part that was admitted, found redundant, rejected. */
  readonly outcomes: Readonly<Record<Label, Readonly<Record<Outcome, number>>>>
}

export function score(judge: Judge, scenarios: readonly Scenario[]): Score {
  const outcomes = Object.fromEntries(LABELS.map((label) => [label, { admitted: 0, redundant: 0, rejected: 0 }])) as Record<
    Label,
    Record<Outcome, number>
  >
  for (const { memory, cases } of scenarios) for (const { label, fields } of cases) outcomes[label][judge(fields, memory)]++
  const admitted = (labels: readonly Label[]) => labels.reduce((sum, label) => sum + outcomes[label].admitted, 0)
  const total = (label: Label) => Object.values(outcomes[label]).reduce((sum, count) => sum + count, 0)
  const wanted = LABELS.filter(isWanted)
  const hits = admitted(wanted)
  const precision = hits / Math.max(1, admitted(LABELS))
  const recall = hits / wanted.reduce((sum, label) => sum + total(label), 0)
  const f1 = hits === 0 ? 0 : (2 * precision * recall) / (precision + recall)
  return { precision, recall, f1, redundancyRecall: outcomes.copy.redundant / total('copy'), outcomes }
}
