/** One request of the local socket with parameters: parsed at this border, refused by name where it does not fit. */
import type * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import type { LocalHandler } from '../local/calls.ts'

export function handler<T>(schema: z.ZodType<T>, run: (request: T) => unknown): LocalHandler {
  return (params) => {
    const parsed = schema.safeParse(params)
    if (parsed.success) return run(parsed.data)
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`)
    throw new MeshError('argument-invalid', faults.join('; '))
  }
}
