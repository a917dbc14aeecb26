/**
 * The three frames of the MMP 2.0 handshake: their shapes, and what can be said about a hello before any proof. Wire
 * strings are kept as they came, because the transcript is made of them.
 */
import * as z from 'zod'
import { fromBase64Url } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'
import { parseNodeId } from '../identity/ids.ts'
import { isAcceptableEd25519, isAcceptableX25519, KEY_BYTES } from '../identity/keys.ts'
import { decodeJson, encodeJson } from '../mmp/json.ts'
import { parseWireName } from '../mmp/name.ts'
import type { HandshakeRule, ProvenPeer } from './session.ts'
import { type Party, PROTOCOL_VERSION } from './transcript.ts'

export const NONCE_BYTES = 32

const wireName = z.string().refine((text) => parseWireName(text) !== undefined)
const extension = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
const extensions = z
  .array(extension)
  .max(32)
  .refine((list) => new Set(list).size === list.length)
const party = {
  protocolVersion: z.string().max(16),
  room: z.string().max(LIMITS.group.nameCharacters),
  nodeId: z.string().max(64),
  name: wireName,
  identityPublicKey: z.string().max(64),
  e2ePublicKey: z.string().max(64),
  nonce: z.string().refine((text) => fromBase64Url(text, NONCE_BYTES) !== undefined),
  implementation: z.object({ name: wireName, version: wireName }),
  extensions,
}

const SCHEMAS = {
  'client-hello': z.object({ type: z.literal('client-hello'), ...party }),
  'server-hello': z.object({
    type: z.literal('server-hello'),
    ...party,
    clientNonce: z.string().max(64),
    selectedExtensions: extensions,
    proof: z.string().max(128),
    keyConfirmation: z.string().max(64),
  }),
  'client-finish': z.object({
    type: z.literal('client-finish'),
    transcriptHash: z.string().max(64),
    proof: z.string().max(128),
    keyConfirmation: z.string().max(64),
  }),
} as const

export type HandshakeFrameType = keyof typeof SCHEMAS
type FrameOf<T extends HandshakeFrameType> = z.infer<(typeof SCHEMAS)[T]>
export type ClientHello = FrameOf<'client-hello'>
export type ServerHello = FrameOf<'server-hello'>
export type ClientFinish = FrameOf<'client-finish'>

export type Checked<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'failed'; readonly rule: HandshakeRule }

export function ok<T>(value: T): Checked<T> {
  return { kind: 'ok', value }
}

export function failed(rule: HandshakeRule): { readonly kind: 'failed'; readonly rule: HandshakeRule } {
  return { kind: 'failed', rule }
}

/** The frame of the one type that may come now. */
export function readClientHello(bytes: Uint8Array): Checked<ClientHello> {
  return read(bytes, 'client-hello', SCHEMAS['client-hello'])
}
export function readServerHello(bytes: Uint8Array): Checked<ServerHello> {
  return read(bytes, 'server-hello', SCHEMAS['server-hello'])
}
export function readClientFinish(bytes: Uint8Array): Checked<ClientFinish> {
  return read(bytes, 'client-finish', SCHEMAS['client-finish'])
}

function read<T>(bytes: Uint8Array, type: HandshakeFrameType, schema: z.ZodType<T>): Checked<T> {
  if (bytes.length > LIMITS.handshake.frameBytes) return failed('bad-frame')
  const decoded = decodeJson(bytes)
  if (decoded.kind === 'rejected') return failed('bad-json')
  if (decoded.value.type !== type) return failed('unexpected-type')
  const parsed = schema.safeParse(decoded.value)
  return parsed.success ? ok(parsed.data) : failed('bad-frame')
}

/** The members in the order of the published frames. */
export function encodeClientHello(room: string, client: Party): Uint8Array {
  return encodeJson({ type: 'client-hello', ...helloMembers(room, client) })
}

export interface ServerAnswer {
  readonly clientNonce: string
  readonly selectedExtensions: readonly string[]
  readonly proof: string
  readonly keyConfirmation: string
}

export function encodeServerHello(room: string, server: Party, answer: ServerAnswer): Uint8Array {
  const { clientNonce, selectedExtensions, proof, keyConfirmation } = answer
  return encodeJson({ type: 'server-hello', ...helloMembers(room, server), clientNonce, selectedExtensions, proof, keyConfirmation })
}

export function encodeClientFinish({ transcriptHash, proof, keyConfirmation }: Omit<ClientFinish, 'type'>): Uint8Array {
  return encodeJson({ type: 'client-finish', transcriptHash, proof, keyConfirmation })
}

function helloMembers(room: string, { nodeId, name, identityPublicKey, e2ePublicKey, nonce, implementation, extensions }: Party) {
  return {
    protocolVersion: PROTOCOL_VERSION,
    room,
    nodeId,
    name,
    identityPublicKey,
    e2ePublicKey,
    nonce,
    implementation: { name: implementation.name, version: implementation.version },
    extensions,
  }
}

/** Who a hello claims to be. Nothing is proven yet. */
export interface Claim extends ProvenPeer {
  readonly e2ePublicKey: Uint8Array
}

/** The ids and keys of a hello, well-formed and acceptable, and not our own (a reflection of our frames). */
export function readClaim(hello: ClientHello | ServerHello, ownPublicKey: Uint8Array): Checked<Claim> {
  const nodeId = parseNodeId(hello.nodeId)
  if (nodeId === undefined) return failed('bad-node-id')
  const publicKey = fromBase64Url(hello.identityPublicKey, KEY_BYTES)
  const e2ePublicKey = fromBase64Url(hello.e2ePublicKey, KEY_BYTES)
  if (publicKey === undefined || !isAcceptableEd25519(publicKey)) return failed('bad-key')
  if (e2ePublicKey === undefined || !isAcceptableX25519(e2ePublicKey)) return failed('bad-key')
  if (Buffer.compare(publicKey, ownPublicKey) === 0) return failed('own-key')
  return ok({ nodeId, publicKey, e2ePublicKey })
}
