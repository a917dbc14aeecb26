/**
 * SVAF, the baseline gate of MMP (9.2): does a block say something that matters to what is remembered, and is it new?
 * Each field is compared with the same field of the anchors. What lies far from all of them is rejected, what repeats one
 * of them is redundant. A memory that cannot judge a block (it is empty, or nothing in it has anything to do with any
 * field) admits it: that is how a memory begins.
 *
 * Pure arithmetic over vectors: which encoder made them is not known here, and who may speak is not decided here.
 */
import { type Cat7, FIELD_NAMES, type FieldName, NEUTRAL } from './cmb.ts'

export type Vector = ArrayLike<number>
export type FieldVectors = { readonly [F in FieldName]?: Vector }

export interface Anchor {
  readonly vectors: FieldVectors
  /** How long ago it was stored; 0 when absent. */
  readonly ageSeconds?: number
  /** 1 when absent. */
  readonly confidence?: number
}

export interface SvafConfig {
  /** Total drift up to which a block is aligned. */
  readonly stableThreshold: number
  /** Total drift above which it is rejected. */
  readonly guardedThreshold: number
  /** Below this distance to one anchor in every field a block is redundant. */
  readonly redundancyThreshold: number
  /** What the age of a block weighs beside what it says, as a part of 1. */
  readonly temporalLambda: number
  readonly freshnessSeconds: number
  /** 1 where absent. */
  readonly fieldWeights: { readonly [F in FieldName]?: number }
}

/** The thresholds of the protocol, with the field weights and the freshness that it gives sessions which write code. */
export const SVAF_DEFAULTS: SvafConfig = {
  stableThreshold: 0.25,
  guardedThreshold: 0.5,
  redundancyThreshold: 0.1,
  temporalLambda: 0.3,
  freshnessSeconds: 7_200,
  fieldWeights: { focus: 2, issue: 2, intent: 1.5, motivation: 1, commitment: 1.5, perspective: 0.5, mood: 0.8 },
}

export type Decision = 'aligned' | 'guarded' | 'redundant' | 'rejected'
export type FieldDecision = 'silent' | 'redundant' | 'admit' | 'guard' | 'reject'

export interface FieldVerdict {
  readonly name: FieldName
  readonly decision: FieldDecision
  /** Distance to the anchors as one; absent when no anchor could judge this field. */
  readonly drift?: number
  /** Distance to the nearest anchor. */
  readonly nearestDrift?: number
}

export interface SvafVerdict {
  readonly accepted: boolean
  readonly decision: Decision
  readonly totalDrift: number
  readonly maxNearestDrift: number
  /** No field could be judged. */
  readonly isColdStart: boolean
  /** In the order of CAT7, every field that the block has. */
  readonly fields: readonly FieldVerdict[]
}

export interface SvafInput {
  readonly incoming: FieldVectors
  readonly anchors: readonly Anchor[]
  readonly ageSeconds: number
  readonly config: SvafConfig
  /** A verified report on something held here repeats its words on purpose: it is never redundant. */
  readonly isGrounding?: boolean
}

const NEARLY_ZERO = 1e-8

export function evaluate({ incoming, anchors, ageSeconds, config, isGrounding = false }: SvafInput): SvafVerdict {
  const measured = FIELD_NAMES.flatMap((name) => measure(name, incoming[name], anchors, config) ?? [])
  const evaluable = measured.filter(isEvaluable)
  const temporal = 1 - Math.exp(-Math.max(0, ageSeconds) / config.freshnessSeconds)
  const totalDrift = (1 - config.temporalLambda) * fieldDrift(evaluable, config) + config.temporalLambda * temporal
  const isColdStart = evaluable.length === 0
  const maxNearestDrift = Math.max(0, ...evaluable.map(({ nearestDrift }) => nearestDrift))
  const isRedundant = !isColdStart && !isGrounding && maxNearestDrift < config.redundancyThreshold
  const decision = isRedundant ? 'redundant' : byDrift(totalDrift, config)
  const accepted = decision === 'aligned' || decision === 'guarded'
  const fields = measured.map((field) => ({ ...field, decision: decideField(field, config) }))
  return { accepted, decision, totalDrift, maxNearestDrift, isColdStart, fields }
}

/** What makes a block a report on another one: who signed it is known, what it reports on is held here, and it says so. */
export function isGroundingReport(fields: Cat7, facts: { readonly isVerified: boolean; readonly holdsParent: boolean }): boolean {
  return facts.isVerified && facts.holdsParent && fields.intent.text === 'ground' && /^(?:verified|failed):/.test(fields.commitment.text)
}

/** Whether the mood of a block that was not accepted is delivered all the same. */
export function hasMood({ mood }: Cat7): boolean {
  const text = mood.text.trim().toLowerCase()
  return text !== '' && text !== NEUTRAL
}

/** 0 where one of them is nearly zero. */
export function cosine(a: Vector, b: Vector): number {
  let dot = 0
  let aa = 0
  let bb = 0
  for (let at = 0; at < a.length; at++) {
    const x = a[at] ?? 0
    const y = b[at] ?? 0
    dot += x * y
    aa += x * x
    bb += y * y
  }
  const norms = Math.sqrt(aa) * Math.sqrt(bb)
  return norms <= NEARLY_ZERO ? 0 : dot / norms
}

interface Measured {
  readonly name: FieldName
  readonly drift?: number
  readonly nearestDrift?: number
}
type Evaluable = Required<Measured>

function isEvaluable(field: Measured): field is Evaluable {
  return field.drift !== undefined
}

/** Undefined: the block does not have the field. Without a drift: no anchor has anything to do with it. */
function measure(name: FieldName, x: Vector | undefined, anchors: readonly Anchor[], config: SvafConfig): Measured | undefined {
  if (x === undefined) return undefined
  const weighed = anchors.flatMap((anchor) => weigh(name, x, anchor, config) ?? [])
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0)
  if (total < NEARLY_ZERO) return { name }
  const nearest = Math.max(0, ...weighed.map(({ similarity }) => similarity))
  return { name, drift: 1 - cosine(fuse(weighed, x.length, total), x), nearestDrift: 1 - nearest }
}

interface Weighed {
  readonly vector: Vector
  readonly similarity: number
  readonly weight: number
}

function weigh(name: FieldName, x: Vector, anchor: Anchor, config: SvafConfig): Weighed | undefined {
  const vector = anchor.vectors[name]
  if (vector === undefined || vector.length !== x.length) return undefined
  const similarity = cosine(x, vector)
  const fresh = Math.exp(-(anchor.ageSeconds ?? 0) / config.freshnessSeconds)
  return { vector, similarity, weight: weightOf(name, config) * Math.max(0, similarity) * fresh * (anchor.confidence ?? 1) }
}

/** The anchors as one: their mean by weight. */
function fuse(weighed: readonly Weighed[], length: number, total: number): Vector {
  const sum = new Float64Array(length)
  for (const { vector, weight } of weighed) {
    const share = weight / total
    if (share > 0) for (let at = 0; at < length; at++) sum[at] = (sum[at] ?? 0) + share * (vector[at] ?? 0)
  }
  return sum
}

function fieldDrift(fields: readonly Evaluable[], config: SvafConfig): number {
  const weights = fields.reduce((sum, { name }) => sum + weightOf(name, config), 0)
  const drifts = fields.reduce((sum, { name, drift }) => sum + weightOf(name, config) * drift, 0)
  return weights === 0 ? 0 : drifts / weights
}

function weightOf(name: FieldName, config: SvafConfig): number {
  return config.fieldWeights[name] ?? 1
}

function byDrift(drift: number, config: SvafConfig): Decision {
  if (drift > config.guardedThreshold) return 'rejected'
  return drift <= config.stableThreshold ? 'aligned' : 'guarded'
}

function decideField({ drift, nearestDrift }: Measured, config: SvafConfig): FieldDecision {
  if (drift === undefined || nearestDrift === undefined) return 'silent'
  if (nearestDrift < config.redundancyThreshold) return 'redundant'
  if (drift <= config.stableThreshold) return 'admit'
  return drift <= config.guardedThreshold ? 'guard' : 'reject'
}
