/** What the server hands out for the context, as it arrives over the private socket. */

export interface Offer {
  readonly ticket: string
  readonly text: string
}

/** The host shows a beginning and a file path instead of a longer text. */
export const HOST_LIMIT_CHARACTERS = 10_000
export const SHOWN_TIMEOUT_MS = 1_000

/** Undefined: nothing to say, or nothing that can be said whole. */
export function parseOffer(value: unknown, maxCharacters: number): Offer | undefined {
  if (typeof value !== 'object' || value === null || !('ticket' in value) || !('text' in value)) return undefined
  const { ticket, text } = value
  if (typeof ticket !== 'string' || typeof text !== 'string' || text === '') return undefined
  return text.length > maxCharacters ? undefined : { ticket, text }
}
