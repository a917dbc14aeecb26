/** Joins our parsers (`parseNodeId`, `parseCmbKey`, …) to the schemas of the wire. */
import * as z from 'zod'

/** A string that `parse` accepts, as the type that it makes. */
export function via<T>(parse: (text: string) => T | undefined) {
  return z.string().transform((text, context) => {
    const value = parse(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom' })
    return z.NEVER
  })
}
