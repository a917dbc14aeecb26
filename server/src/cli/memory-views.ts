/** What the command line reads of a node's answers about memory. */
import * as z from 'zod'
import { itemView } from './views.ts'

export const threadStep = z.looseObject({
  item: itemView,
  replyTo: z.string().optional(),
  parents: z.array(z.string()).optional(),
  tether: z.looseObject({ checked: z.boolean(), tethered: z.boolean(), drift: z.number().nullable() }).optional(),
})

const words = z.looseObject({
  kernelId: z.string(),
  totalDrift: z.number(),
  maxNearestDrift: z.number(),
  ageSeconds: z.number(),
  fields: z.array(
    z.looseObject({ name: z.string(), decision: z.string(), drift: z.number().optional(), nearestDrift: z.number().optional() }),
  ),
  anchors: z.array(z.string()),
})
export const whyView = z.looseObject({
  id: z.string(),
  from: z.string(),
  group: z.string(),
  receivedAt: z.number(),
  outcome: z.string(),
  judgement: z
    .looseObject({
      decision: z.string(),
      loudness: z.string(),
      signals: z.array(z.looseObject({ name: z.string(), detail: z.string() })),
      words: words.optional(),
    })
    .optional(),
})

export const catchUpView = z.looseObject({
  group: z.string(),
  asked: z.array(z.looseObject({ peer: z.string(), answer: z.string() })),
  kept: z.number(),
  known: z.number(),
  refused: z.number(),
})

export type CatchUpLines = z.infer<typeof catchUpView>
export type ThreadLine = z.infer<typeof threadStep>
export type WhyLine = z.infer<typeof whyView>
