/**
 * Tool input becomes a typed value here, or an error that names what is wrong and what is accepted: a model that calls
 * `to_id` learns that `to` was meant, instead of hearing of a peer called "undefined" (R48).
 */
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'

export function parseArguments<T extends z.ZodRawShape>(tool: string, schema: z.ZodObject<T>, input: unknown): z.infer<z.ZodObject<T>> {
  const parsed = schema.safeParse(input ?? {}, { reportInput: true })
  if (parsed.success) return parsed.data
  const accepted = Object.keys(schema.shape)
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, accepted))
  const list = accepted.length === 0 ? 'It takes no arguments.' : `Accepted: ${accepted.map((name) => signature(name, schema)).join(', ')}.`
  throw new MeshError('argument-invalid', `${tool}: ${faults.join('; ')}. ${list}`)
}

function faultsOf(issue: z.core.$ZodIssue, accepted: readonly string[]): readonly string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, accepted))
  const name = issue.path.join('.') || 'the arguments'
  if (issue.code === 'invalid_type' && issue.input === undefined && issue.path.length > 0) return [`${name} is missing`]
  if (issue.code === 'too_big' && typeof issue.input === 'string') {
    return [`${name} has ${issue.input.length} characters, the limit is ${issue.maximum}`]
  }
  return [`${name}: ${issue.message}`]
}

function unknownKey(key: string, accepted: readonly string[]): string {
  const near = nearest(key, accepted)
  return `unknown \`${key.slice(0, 64)}\`${near === undefined ? '' : `, did you mean \`${near}\`?`}`
}

function signature<T extends z.ZodRawShape>(name: string, schema: z.ZodObject<T>): string {
  const isOptional = z.safeParse(schema.pick({ [name]: true } as never), {}).success
  return isOptional ? name : `${name} (required)`
}

/** The accepted word with the fewest edits, when it is near enough to be a slip. */
export function nearest(word: string, accepted: readonly string[]): string | undefined {
  const contained = accepted.find((name) => word.toLowerCase().split(/[_-]/).includes(name))
  if (contained !== undefined) return contained
  const [best] = accepted.map((name) => ({ name, edits: editDistance(word.toLowerCase(), name) })).sort((a, b) => a.edits - b.edits)
  return best && best.edits <= Math.max(2, Math.floor(word.length / 3)) ? best.name : undefined
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= Math.min(a.length, 64); i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + change))
    }
    row = next
  }
  return row[b.length] ?? 0
}
