/**
 * What a node and a relay say to each other (MMP's relay protocol and our additions to it), as typed values. Used by both
 * sides, so that they cannot differ. Our frames are only sent where the other side asked for them: by `proof` in
 * `relay-auth`, answered by `relay-challenge`. A relay or a client that knows nothing of them never sees one.
 *
 * An envelope has no `type` on the wire; here its type is `envelope`. Nothing in this file looks into a payload.
 */
import * as z from 'zod'
import { fromBase64Url } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'
import { type NodeId, parseFingerprint, parseNodeId } from '../identity/ids.ts'
import { KEY_BYTES, SIGNATURE_BYTES } from '../identity/keys.ts'
import { isObject, type JsonObject } from './json.ts'
import { parseWireName } from './name.ts'
import { parseRelayRoom } from './relay-room.ts'
import { via } from './wire.ts'

/** Close codes of the WebSocket: the first six and 1001 are MMP's, the others ours. */
export const RELAY_CLOSE = {
  shutdown: 1001,
  tooLarge: 1009,
  /** A fault of the relay; come again. */
  internal: 1011,
  authTimeout: 4001,
  authInvalid: 4002,
  tokenInvalid: 4003,
  replaced: 4004,
  heartbeat: 4005,
  duplicate: 4006,
  /** The signature over the challenge does not verify. */
  proofInvalid: 4007,
  /** Over a limit, or reading too slowly; come again later. */
  overLimit: 4008,
  /** The same key proved itself on a newer connection. */
  superseded: 4009,
  /** The node id belongs to another key here. */
  idTaken: 4010,
} as const

export const REFUSAL_REASONS = [
  'not-here',
  'not-proven',
  'unknown-recipient',
  'too-large',
  'queue-full',
  'id-used',
  'store-failed',
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

const nodeId = via(parseNodeId)
const fingerprint = via(parseFingerprint)
const name = via(parseWireName)
const key = via((text) => fromBase64Url(text, KEY_BYTES))
const signature = via((text) => fromBase64Url(text, SIGNATURE_BYTES))
const nonce = via((text) => fromBase64Url(text, 32))
const base64 = via((text) => fromBase64Url(text))
/** Chosen by the sender, so only its form is known. */
const MESSAGE_ID = /^[A-Za-z0-9_-]{1,64}$/
const messageId = z.string().regex(MESSAGE_ID)
const time = z.int().min(0)
const count = z.number().min(0)
/** Not looked into, and not copied. */
const payload = z.custom<JsonObject>(isObject)

/** What the relay takes, so that a client need not find out by being refused. */
const limits = z.object({
  messageBytes: count,
  messagesPerSecond: count,
  bytesPerSecond: count,
  itemBytes: count,
  queueItems: count,
  queueBytes: count,
  pairItems: count,
  ttlMs: count,
})
const peer = z.object({ nodeId, name, publicKey: key.exactOptional(), offline: z.literal(true).exactOptional() })
/** Entries that make no sense are left out, and so is what is more than a group can have. */
const peers = z.array(z.unknown()).transform((list) =>
  list.slice(0, LIMITS.relay.perGroup).flatMap((entry) => {
    const known = peer.safeParse(entry)
    return known.success ? [known.data] : []
  }),
)

const relayAuth = z.object({
  type: z.literal('relay-auth'),
  nodeId,
  name,
  token: z.string().max(1_024).exactOptional(),
  publicKey: key.exactOptional(),
  proof: z.literal('v1').exactOptional(),
})
const rooms = z.array(via(parseRelayRoom)).max(LIMITS.relayRooms)
const relayProof = z.object({ type: z.literal('relay-proof'), sig: signature, rooms: rooms.exactOptional() })
/** In which rooms it is from now on; answered by `relay-peers`. */
const relayRooms = z.object({ type: z.literal('relay-rooms'), rooms })
const relayPing = z.object({ type: z.literal('relay-ping') })
const relayPong = z.object({ type: z.literal('relay-pong') })
/** One item for somebody who may be away. */
const relayPut = z.object({ type: z.literal('relay-put'), id: messageId, to: fingerprint, sealed: base64, ttlMs: time.exactOptional() })
/** These items are on the recipient's disk; the relay forgets them. */
const relayTaken = z.object({ type: z.literal('relay-taken'), ids: z.array(messageId).min(1).max(LIMITS.relay.mailWindow) })

const relayChallenge = z.object({
  type: z.literal('relay-challenge'),
  nonce,
  relayId: z.string().min(1).max(64),
  rooms: z.literal(true).exactOptional(),
})
const relayPeers = z.object({ type: z.literal('relay-peers'), peers, limits: limits.exactOptional() })
const relayPeerJoined = peer.extend({ type: z.literal('relay-peer-joined') })
const relayPeerLeft = z.object({ type: z.literal('relay-peer-left'), nodeId })
const relayReauth = z.object({ type: z.literal('relay-reauth') })
const relayError = z.object({ type: z.literal('relay-error'), message: z.string().max(1_024).exactOptional() })
const relayAck = z.object({ type: z.literal('relay-ack'), id: messageId })
const relayRefused = z.object({
  type: z.literal('relay-refused'),
  id: messageId.exactOptional(),
  to: z.string().max(64).exactOptional(),
  reason: z.enum(REFUSAL_REASONS),
})
const relayStored = z.object({ type: z.literal('relay-stored'), id: messageId, expiresAt: time })
const relayMail = z.object({ type: z.literal('relay-mail'), id: messageId, sealed: base64 })
const serverEnvelope = z.object({ type: z.literal('envelope'), from: nodeId, payload })

const CLIENT = z.discriminatedUnion('type', [relayAuth, relayProof, relayRooms, relayPing, relayPong, relayPut, relayTaken])
const SERVER = z.discriminatedUnion('type', [
  relayChallenge,
  relayPeers,
  relayPeerJoined,
  relayPeerLeft,
  relayPing,
  relayPong,
  relayReauth,
  relayError,
  relayAck,
  relayRefused,
  relayStored,
  relayMail,
  serverEnvelope,
])

/** With an `id` it is answered by `relay-ack` or `relay-refused`. The payload is not looked into. */
export interface ClientEnvelope {
  readonly type: 'envelope'
  readonly to?: NodeId
  readonly id?: string
  readonly payload: JsonObject
}

export type RelayClientFrame = Readonly<z.infer<typeof CLIENT>> | ClientEnvelope
export type RelayServerFrame = Readonly<z.infer<typeof SERVER>>
export type RelayClientFrameOf<T extends RelayClientFrame['type']> = Extract<RelayClientFrame, { readonly type: T }>
export type RelayServerFrameOf<T extends RelayServerFrame['type']> = Extract<RelayServerFrame, { readonly type: T }>
export type RelayPeer = Readonly<z.infer<typeof peer>>
export type RelayOffer = Readonly<z.infer<typeof limits>>

/** A frame that a client sent; undefined when it is none. */
export function parseClientFrame(value: JsonObject): RelayClientFrame | undefined {
  return value['type'] === undefined ? parseEnvelope(value) : CLIENT.safeParse(value).data
}

/** By hand: this is what a relay does all day, and a schema costs more than everything else that it does with a message. */
function parseEnvelope({ to, id, payload }: JsonObject): ClientEnvelope | undefined {
  const target = typeof to === 'string' ? parseNodeId(to) : undefined
  const isId = typeof id === 'string' && MESSAGE_ID.test(id)
  if ((to !== undefined && target === undefined) || (id !== undefined && !isId) || !isObject(payload)) return undefined
  const type = 'envelope'
  if (target === undefined) return isId ? { type, payload, id } : { type, payload }
  return isId ? { type, payload, to: target, id } : { type, payload, to: target }
}

/** A frame that a relay sent; undefined when it is none. */
export function parseServerFrame(value: JsonObject): RelayServerFrame | undefined {
  return SERVER.safeParse(withType(value)).data
}

/** Nobody can call a frame an envelope: one that says so has no type that exists. */
function withType(value: JsonObject): JsonObject {
  if (value['type'] === undefined) return { ...value, type: 'envelope' }
  return value['type'] === 'envelope' ? {} : value
}
