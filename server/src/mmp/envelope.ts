/**
 * What travels beside a record and belongs to the conversation, not to the words: which thread, in answer to what, said
 * by itself or for a person, over how many nodes. It stands inside the seal, so the peer of the link said it; nothing of
 * it is signed or believed beyond that peer.
 *
 * Invariant: `chain` ends with the author of the message.
 */
import * as z from 'zod'
import { LIMITS } from '../base/limits.ts'
import { parseFingerprint } from '../identity/ids.ts'
import { parseAssertionId } from './signature.ts'
import { via } from './wire.ts'

const fingerprints = (most: number) => z.array(via(parseFingerprint)).max(most)
const assertionId = via(parseAssertionId)

/** Beside the usual one. */
export const PRIORITIES = ['urgent', 'low'] as const
export type Priority = (typeof PRIORITIES)[number]

export const envelopeSchema = z.object({
  /** The message that began the conversation; absent in that message itself. */
  thread: assertionId.exactOptional(),
  replyTo: assertionId.exactOptional(),
  /** An earlier message of the same author, which this one replaces where it was not shown yet. */
  replaces: assertionId.exactOptional(),
  /** Messages that led to this one since a person last had a part in it. */
  hop: z.int().min(0).max(LIMITS.envelope.hops),
  /** Nobody typed anything to this session since it last read a peer. */
  auto: z.boolean(),
  /** The nodes whose messages led to this one, the author last. */
  chain: fingerprints(LIMITS.envelope.chain).min(1),
  /** A reply is expected. */
  question: z
    .object({
      /** The asker's clock: after this no answer counts. */
      until: z.int().min(0),
      /** Who waits for the asker meanwhile. */
      waits: fingerprints(LIMITS.envelope.waits).exactOptional(),
      /** The asker itself waits, for a moment, and does nothing else. */
      waiting: z.literal(true).exactOptional(),
      /** The answer may wake the asker's session. */
      wake: z.literal(true).exactOptional(),
    })
    .exactOptional(),
  /** A wish: the reader's session need not be busy already to read this. */
  wake: z.literal(true).exactOptional(),
  /** Of a group message: whom its author means by name. */
  mentions: fingerprints(LIMITS.envelope.mentions).min(1).exactOptional(),
  /** A wish of the author; the reader decides what it is worth. */
  priority: z.enum(PRIORITIES).exactOptional(),
  /** Typed by a person, by the word of the author's node. */
  isHuman: z.literal(true).exactOptional(),
})

export type Envelope = Readonly<z.infer<typeof envelopeSchema>>
export type QuestionTerms = NonNullable<Envelope['question']>

/** An envelope from our own disk; undefined when there is none or it cannot be read. */
export function readEnvelope(text: unknown): Envelope | undefined {
  if (typeof text !== 'string') return undefined
  const parsed = envelopeSchema.safeParse(JSON.parse(text))
  return parsed.success ? parsed.data : undefined
}
