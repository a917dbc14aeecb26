/**
 * What was decided about a broadcast and why: the signal that decided, every other signal that was asked, and, where the
 * words decided, field by field how far they are from what is remembered. It is stored with the message, so that the
 * question "why did I not see this?" has an answer as long as the message is there. Only words of ours stand in it.
 */
import * as z from 'zod'
import { FIELD_NAMES, type FieldName } from '../mmp/cmb.ts'
import type { Decision, FieldDecision } from '../mmp/svaf.ts'

/** In the order in which they are asked; the first one that is given decides. */
export const SIGNALS = ['ignored', 'question', 'mention', 'echo', 'thread', 'followed', 'same-file', 'few-anchors', 'words'] as const
export type Signal = (typeof SIGNALS)[number]

/** How loudly it speaks: in full, its beginning alone, its mood alone, or as one more in a count. */
export const LOUDNESS = ['whole', 'headline', 'mood', 'count'] as const
export type Loudness = (typeof LOUDNESS)[number]

const DECISIONS = ['aligned', 'guarded', 'redundant', 'rejected'] as const satisfies readonly Decision[]
const FIELD_DECISIONS = ['silent', 'redundant', 'admit', 'guard', 'reject'] as const satisfies readonly FieldDecision[]

export interface JudgedField {
  readonly name: FieldName
  readonly decision: FieldDecision
  readonly drift?: number | undefined
  readonly nearestDrift?: number | undefined
}

/** The judgement from words alone. */
export interface JudgedWords {
  /** The encoder; distances of two of them are never compared. */
  readonly kernelId: string
  readonly totalDrift: number
  readonly maxNearestDrift: number
  readonly ageSeconds: number
  /** Nothing remembered has to do with it: admitted, as the protocol wants it. */
  readonly isColdStart: boolean
  readonly fields: readonly JudgedField[]
  /** Beginnings of the ids of what it was compared with. */
  readonly anchors: readonly string[]
}

export interface Judgement {
  readonly decision: Decision
  readonly loudness: Loudness
  readonly by: Signal
  /** What exactly gave the signal, in our words. */
  readonly detail: string
  /** It would have been rejected, and its author works in the same repository. */
  readonly isLifted: boolean
  readonly words: JudgedWords | undefined
}

export interface AskedSignal {
  readonly name: Signal
  /** Empty: it was not given. */
  readonly detail: string
}

/** Every signal that was asked: those before the one that decided were not given. */
export function askedSignals(judgement: Judgement): readonly AskedSignal[] {
  const asked = SIGNALS.slice(0, SIGNALS.indexOf(judgement.by))
  return [...asked.map((name) => ({ name, detail: '' })), { name: judgement.by, detail: reasonOf(judgement) }]
}

/** Whether it is shown to Claude unasked, be it in part. */
export function isQuiet({ loudness }: Judgement): boolean {
  return loudness === 'count'
}

/** Whether it is part of what this node remembers, and not merely findable. */
export function isAccepted({ decision }: Judgement): boolean {
  return decision === 'aligned' || decision === 'guarded'
}

const drift = z.number().exactOptional()
const words = z.object({
  kernelId: z.string(),
  totalDrift: z.number(),
  maxNearestDrift: z.number(),
  ageSeconds: z.number(),
  isColdStart: z.boolean(),
  fields: z.array(z.object({ name: z.enum(FIELD_NAMES), decision: z.enum(FIELD_DECISIONS), drift, nearestDrift: drift })),
  anchors: z.array(z.string()),
})
const stored = z.object({
  decision: z.enum(DECISIONS),
  loudness: z.enum(LOUDNESS),
  by: z.enum(SIGNALS),
  detail: z.string(),
  isLifted: z.boolean(),
  words: words.exactOptional(),
})

export function writeJudgement(judgement: Judgement): string {
  // Three digits say all that a reader can use.
  return JSON.stringify(judgement, (_name, value: unknown) => (typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value))
}

/** Undefined where there is none, or one of another version. */
export function readJudgement(text: unknown): Judgement | undefined {
  if (typeof text !== 'string') return undefined
  const parsed = stored.safeParse(JSON.parse(text))
  return parsed.success ? { ...parsed.data, words: parsed.data.words } : undefined
}

/** One clause of ours: why it speaks as loudly as it does. */
export function reasonOf({ by, decision, detail, isLifted, words }: Judgement): string {
  if (by === 'ignored') return `the user ignores ${detail}`
  if (by === 'followed') return `the user follows ${detail}`
  if (by !== 'words') return detail
  if (words?.isColdStart) return 'nothing that was said here can be compared with it'
  const far = words === undefined ? '' : ` (drift ${words.totalDrift.toFixed(2)})`
  if (isLifted) return `far from what this session said, but from its repository${far}`
  return `${WORDS_SAY[decision]}${far}`
}

const WORDS_SAY: Readonly<Record<Decision, string>> = {
  aligned: 'close to what this session said',
  guarded: 'near what this session said',
  redundant: 'repeats what is known here',
  rejected: 'far from what this session said',
}
