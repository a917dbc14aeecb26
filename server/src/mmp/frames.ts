/**
 * The frames that go inside the seal between our nodes. The union is closed, so that a router without a handler for one
 * of them does not compile; a type that is not in it is `unknown`, to be counted and ignored, since a later version may
 * send it. Unknown members are dropped for the same reason.
 *
 * The seal proves the peer on the link; what a frame says of anybody else is proven by the signature inside.
 */
import * as z from 'zod'
import { LIMITS } from '../base/limits.ts'
import { parseFingerprint, parseNodeId } from '../identity/ids.ts'
import { envelopeSchema } from './envelope.ts'
import type { TypedObject } from './json.ts'
import { parseWireName } from './name.ts'
import { RECEIPT_STATES } from './receipt.ts'
import { parseAssertionId } from './signature.ts'
import { via } from './wire.ts'

const assertionId = via(parseAssertionId)
const time = z.int().min(0)
const word = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
const summary = z.string().max(LIMITS.presence.summaryCharacters)
/** A name of a folder or a branch: one line, and something in it. */
const label = z
  .string()
  .max(128)
  .regex(/^\S.*$/)
/** A keyed hash of what it stands for: equal for two who know the same thing, and nothing to anybody else. */
const mark = z.string().regex(/^[0-9a-f]{32}$/)
const anyObject = z.looseObject({})

/** The record is read by `decodeRecord`, which needs its author's key; here it only has to have its parts. */
const cmb = z.object({
  type: z.literal('cmb'),
  timestamp: time,
  cmb: z.object({ categories: anyObject, metadata: anyObject, applicationData: z.string().exactOptional() }),
  to: via(parseNodeId).exactOptional(),
  directed: z.literal(true).exactOptional(),
  tags: z.array(z.string().max(64)).max(32).exactOptional(),
  envelope: envelopeSchema.exactOptional(),
})
const ping = z.object({ type: z.literal('ping') })
const pong = z.object({ type: z.literal('pong') })
/** MMP's numbers, or our words. Never a text: a peer's sentence has no business here. */
const error = z.object({ type: z.literal('error'), code: z.union([z.int(), word]) })
/** The key that mail to this node is sealed to, with its own signature (`letter.ts`). */
const prekey = z.object({ key: z.string().length(43), until: time, sig: z.string().length(86) })
/** What a node says of itself on each new link. `features` names the frames that came after this list. */
const profile = z.object({
  type: z.literal('mesh-opaque-v1-profile'),
  name: via(parseWireName),
  features: z.array(word).max(64),
  prekey: prekey.exactOptional(),
})
const fact = z.string().max(65_536)
const mac = z.string().length(43)
const secretText = z.string().length(43)
const memberType = z.literal('mesh-opaque-v1-member')
/**
 * Private groups: who dials shows that it knows the group's secret or an invite's, then both show who they are. Nothing of
 * a member is told to who knows neither, and nothing else travels on the link before.
 */
const member = z.discriminatedUnion('step', [
  z.object({
    type: memberType,
    step: z.literal('knock'),
    epochs: z.array(z.object({ number: time, mac })).max(LIMITS.privateGroup.epochsKept),
    invite: z.object({ id: z.string().length(16), mac }).exactOptional(),
  }),
  z.object({
    type: memberType,
    step: z.literal('identity'),
    user: z.string().length(43),
    node: fact,
    certificate: fact.exactOptional(),
    list: fact.exactOptional(),
  }),
  z.object({
    ...{ type: memberType, step: z.literal('grant'), certificate: fact, list: fact, secret: secretText },
    /** How the group is reached from other networks. */
    relay: z
      .object({ url: z.string().max(LIMITS.invite.relayCharacters), token: z.string().max(LIMITS.invite.tokenCharacters).exactOptional() })
      .exactOptional(),
  }),
  z.object({ type: memberType, step: z.literal('epoch'), list: fact, secret: secretText }),
  z.object({ type: memberType, step: z.literal('refused'), reason: word }),
])
/** What a node does at the moment, whole each time: what is left out is not said any more. The highest `seq` counts. */
const presence = z.object({
  type: z.literal('mesh-opaque-v1-presence'),
  seq: time,
  status: word.exactOptional(),
  summary: summary.exactOptional(),
  reach: word.exactOptional(),
  hidden: z.literal(true).exactOptional(),
  role: word.exactOptional(),
  tags: z.array(word).min(1).max(LIMITS.presence.tags).exactOptional(),
  folder: label.exactOptional(),
  branch: label.exactOptional(),
  place: mark.exactOptional(),
  repository: mark.exactOptional(),
  files: z.array(mark).max(LIMITS.presence.files).exactOptional(),
})
export const receiptItem = z.object({ of: assertionId, state: z.enum(RECEIPT_STATES), way: word.exactOptional(), at: time })
const receipt = z.object({
  type: z.literal('mesh-opaque-v1-receipt'),
  seq: time,
  items: z.array(receiptItem).min(1).max(LIMITS.receipt.items).readonly(),
  sig: z.string().length(86),
})
/** The author has the receipt of this number on its disk: it need not be repeated. */
const ack = z.object({ type: z.literal('mesh-opaque-v1-ack'), seq: time })
/** Over a rate: what was sent is not kept, try again later. */
const busy = z.object({
  type: z.literal('mesh-opaque-v1-busy'),
  of: assertionId.exactOptional(),
  retryAfterMs: time.max(LIMITS.outbox.broadcastTtlMs),
})

/** The asker needs no answer any more: it has enough of them, or took the question back. */
const closed = z.object({ type: z.literal('mesh-opaque-v1-closed'), of: assertionId, state: z.enum(['answered', 'cancelled']) })
/** The asker waits for the answer to this question now, and these wait for the asker. */
const waits = z.object({
  type: z.literal('mesh-opaque-v1-waits'),
  of: assertionId,
  waits: z.array(via(parseFingerprint)).max(LIMITS.envelope.waits),
})

const ticket = z.string().regex(/^[\w-]{16}$/)
/** A member wants the last items that were said to the group of the link. */
const historyAsk = z.object({
  type: z.literal('mesh-opaque-v1-history-ask'),
  of: ticket,
  limit: z.int().min(1).max(LIMITS.history.items),
})
/** Records as their authors signed them, each with its author's key; nothing else of them is believed. The last has `end`. */
const history = z.object({
  type: z.literal('mesh-opaque-v1-history'),
  of: ticket,
  items: z
    .array(z.object({ cmb: cmb.shape.cmb, tags: z.array(z.string().max(64)).max(32), key: z.string().length(43) }))
    .max(LIMITS.history.items),
  end: z.enum(['done', 'busy']).exactOptional(),
})

const SCHEMAS = {
  cmb,
  ping,
  pong,
  error,
  'mesh-opaque-v1-profile': profile,
  'mesh-opaque-v1-member': member,
  'mesh-opaque-v1-presence': presence,
  'mesh-opaque-v1-receipt': receipt,
  'mesh-opaque-v1-ack': ack,
  'mesh-opaque-v1-busy': busy,
  'mesh-opaque-v1-closed': closed,
  'mesh-opaque-v1-waits': waits,
  'mesh-opaque-v1-history-ask': historyAsk,
  'mesh-opaque-v1-history': history,
} as const

export type FrameType = keyof typeof SCHEMAS
export type FrameOf<T extends FrameType> = Readonly<z.infer<(typeof SCHEMAS)[T]>>
export type Frame = { [T in FrameType]: FrameOf<T> }[FrameType]

export type CmbFrame = FrameOf<'cmb'>
export type ReceiptFrame = FrameOf<'mesh-opaque-v1-receipt'>

/** A `cmb` frame as text, around a record that is kept as text: it is written out once, when it is signed. */
export function encodeCmbFrame(record: string, members: Omit<CmbFrame, 'type' | 'cmb'>): string {
  return `${JSON.stringify({ type: 'cmb', ...members }).slice(0, -1)},"cmb":${record}}`
}

export type ParsedFrame =
  | { readonly kind: 'ok'; readonly frame: Frame }
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'rejected'; readonly rule: 'frame-shape' }

export function parseFrame(value: TypedObject): ParsedFrame {
  if (!isFrameType(value.type)) return { kind: 'unknown', type: value.type }
  const parsed = SCHEMAS[value.type].safeParse(value)
  return parsed.success ? { kind: 'ok', frame: parsed.data } : { kind: 'rejected', rule: 'frame-shape' }
}

function isFrameType(type: string): type is FrameType {
  return Object.hasOwn(SCHEMAS, type)
}
