/**
 * CAT7, the seven fields of a CMB (MMP 5.1). All seven are always there; an absent or empty one is the word `neutral`.
 * Texts are kept in NFC, since that is the form in which they are addressed and signed.
 *
 * Local input that is too long throws a sentence for its author; input of the wire is a value with a rule.
 */
import * as z from 'zod'
import { utf8 } from '../base/bytes.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { type Cat7, FIELD_NAMES, type FieldName, type MoodField, NEUTRAL } from './cmb.ts'

export interface MoodInput {
  readonly text?: string | undefined
  readonly valence?: number | undefined
  readonly arousal?: number | undefined
}
export type Cat7Input = { readonly [F in Exclude<FieldName, 'mood'>]?: string | undefined } & {
  readonly mood?: string | MoodInput | undefined
}

export type Cat7Rule = 'fields-invalid' | 'field-too-large' | 'fields-too-large'
export type ParsedCat7 = { readonly kind: 'ok'; readonly fields: Cat7 } | { readonly kind: 'rejected'; readonly rule: Cat7Rule }

/** The seven fields of what a person or the model wrote. Throws `limit-exceeded` or `argument-invalid`. */
export function buildCat7(input: Cat7Input): Cat7 {
  const mood = typeof input.mood === 'string' ? { text: input.mood } : input.mood
  const fields: Cat7 = {
    focus: { text: localText(input.focus) },
    issue: { text: localText(input.issue) },
    intent: { text: localText(input.intent) },
    motivation: { text: localText(input.motivation) },
    commitment: { text: localText(input.commitment) },
    perspective: { text: localText(input.perspective) },
    mood: { text: localText(mood?.text), ...scales(localScale('valence', mood?.valence), localScale('arousal', mood?.arousal)) },
  }
  demandSizes(fields)
  return fields
}

/** The seven fields of a record's `categories`. Unknown members and an absent field are fine, a wrong type is not. */
export function parseCat7(categories: unknown): ParsedCat7 {
  const parsed = wireFields.safeParse(categories)
  if (!parsed.success) return { kind: 'rejected', rule: 'fields-invalid' }
  const fields = parsed.data
  const sizes = sizesOf(fields)
  if (sizes.some(({ bytes }) => bytes > LIMITS.cmb.fieldBytes)) return { kind: 'rejected', rule: 'field-too-large' }
  if (sum(sizes) > LIMITS.cmb.totalBytes) return { kind: 'rejected', rule: 'fields-too-large' }
  return { kind: 'ok', fields }
}

const wireText = z
  .string()
  .refine((text) => !LONE_SURROGATE.test(text))
  .transform((text) => (text === '' ? NEUTRAL : text.normalize('NFC')))
const wireField = z.object({ text: wireText }).default({ text: NEUTRAL })
const wireScale = z.number().min(-1).max(1).nullish()
const wireMood = z
  .object({ text: wireText, valence: wireScale, arousal: wireScale })
  .transform(({ text, valence, arousal }): MoodField => ({ text, ...scales(valence, arousal) }))
  .default({ text: NEUTRAL })
const wireFields = z.object({
  focus: wireField,
  issue: wireField,
  intent: wireField,
  motivation: wireField,
  commitment: wireField,
  perspective: wireField,
  mood: wireMood,
})

const LONE_SURROGATE = /\p{Surrogate}/u

/** A half of a character that was cut off upstream becomes the replacement character: a message is not lost for it. */
function localText(text: string | undefined): string {
  if (text === undefined || text.trim() === '') return NEUTRAL
  return text.replace(/\p{Surrogate}/gu, '\ufffd').normalize('NFC')
}

function localScale(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (value >= -1 && value <= 1)) return value
  throw new MeshError('argument-invalid', `mood ${name} is ${value}; it must be between -1 and 1`)
}

function scales(valence: number | null | undefined, arousal: number | null | undefined): Omit<MoodField, 'text'> {
  return {
    ...(typeof valence === 'number' ? { valence } : {}),
    ...(typeof arousal === 'number' ? { arousal } : {}),
  }
}

interface Size {
  readonly name: FieldName
  readonly bytes: number
}

function sizesOf(fields: Cat7): readonly Size[] {
  return FIELD_NAMES.map((name) => ({ name, bytes: utf8(fields[name].text).length }))
}

function sum(sizes: readonly Size[]): number {
  return sizes.reduce((total, { bytes }) => total + bytes, 0)
}

function demandSizes(fields: Cat7): void {
  const sizes = sizesOf(fields)
  for (const { name, bytes } of sizes) {
    if (bytes > LIMITS.cmb.fieldBytes) throw tooLong(`${name} has ${bytes} bytes`, LIMITS.cmb.fieldBytes)
  }
  const total = sum(sizes)
  if (total > LIMITS.cmb.totalBytes) throw tooLong(`the seven fields have ${total} bytes together`, LIMITS.cmb.totalBytes)
}

function tooLong(what: string, limit: number): MeshError {
  return new MeshError('limit-exceeded', `${what}, the limit is ${limit}; shorten it, or put long text into body`)
}
