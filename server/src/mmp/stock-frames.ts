/**
 * The frames of stock nodes (MMP 3.2, 4), outside of any seal: what we read of them and the few that we send. Read
 * tolerantly, since releases differ; written so that the specification and the release both accept them.
 *
 * Never sent, because each of them ends the process of a stock peer (MMP 12.2): `mood`, `xmesh-insight`, `peer-info`, and
 * a `message` whose content is no text. There is no function in here that could write one.
 */
import * as z from 'zod'
import { fromBase64Url, toBase64Url, utf8 } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'
import { type NodeId, parseNodeId } from '../identity/ids.ts'
import { KEY_BYTES, SIGNATURE_BYTES, verifySignature } from '../identity/keys.ts'
import { FIELD_NAMES } from './cmb.ts'
import { isObject, type JsonObject, type TypedObject } from './json.ts'
import { parseWireName } from './name.ts'
import { via } from './wire.ts'

/** Of the specification; the release ignores it, nodes of the specification want the same first number. */
const STOCK_VERSION = '1.1.0'

const nodeId = via(parseNodeId)
const time = z.number().nullish()
const handshake = z.object({
  type: z.literal('handshake'),
  nodeId,
  name: via(parseWireName),
  publicKey: via((text) => fromBase64Url(text, KEY_BYTES)),
  e2ePublicKey: z.string().max(128).nullish(),
  /** The audience by its older and its newer word. */
  group: z.string().max(128).nullish(),
  room: z.string().max(128).nullish(),
})
const cmb = z.object({
  type: z.literal('cmb'),
  cmb: z.custom<JsonObject>(isObject),
  timestamp: time,
  to: z.string().max(64).nullish(),
  directed: z.boolean().nullish(),
  _anchor: z.boolean().nullish(),
})
const message = z.object({ type: z.literal('message'), content: z.string(), timestamp: time })
const attestation = z.object({ type: z.literal('attestation'), attestation: z.custom<JsonObject>(isObject) })
const ping = z.object({ type: z.literal('ping') })
const pong = z.object({ type: z.literal('pong') })

const SCHEMAS = { handshake, cmb, message, attestation, ping, pong } as const

/** Of the protocol, and without a meaning here. */
const IGNORED: ReadonlySet<string> = new Set([
  'mood',
  'xmesh-insight',
  'peer-info',
  'wake-channel',
  'state-sync',
  'checkpoint',
  'witness',
  'node-stats',
  'role-grant',
  'role-revoke',
  'cmb-fetch',
  'cmb-fetch-result',
  'error',
])

type StockType = keyof typeof SCHEMAS
export type StockFrameOf<T extends StockType> = Readonly<z.infer<(typeof SCHEMAS)[T]>>
export type StockFrame = { [T in StockType]: StockFrameOf<T> }[StockType]
export type StockHandshake = StockFrameOf<'handshake'>

export type ParsedStockFrame =
  | { readonly kind: 'ok'; readonly frame: StockFrame }
  | { readonly kind: 'ignored' | 'unknown' }
  | { readonly kind: 'rejected'; readonly rule: 'frame-shape' }

export function parseStockFrame(value: TypedObject): ParsedStockFrame {
  if (!isStockType(value.type)) return { kind: IGNORED.has(value.type) ? 'ignored' : 'unknown' }
  const parsed = SCHEMAS[value.type].safeParse(value)
  return parsed.success ? { kind: 'ok', frame: parsed.data } : { kind: 'rejected', rule: 'frame-shape' }
}

function isStockType(type: string): type is StockType {
  return Object.hasOwn(SCHEMAS, type)
}

export interface StockSelf {
  readonly nodeId: NodeId
  readonly name: string
  readonly publicKey: Uint8Array
  /** As `encodeStockKey` writes it. */
  readonly e2ePublicKey: string
  readonly group: string
}

/** With both words for the audience, so that either generation finds its own. */
export function encodeStockHandshake({ nodeId, name, publicKey, e2ePublicKey, group }: StockSelf): JsonObject {
  return {
    type: 'handshake',
    nodeId,
    name,
    version: STOCK_VERSION,
    extensions: [],
    group,
    room: group,
    publicKey: toBase64Url(publicKey),
    e2ePublicKey,
    lifecycleRole: 'participant',
  }
}

export interface StockCmbMembers {
  readonly timestamp: number
  /** One node; the record says so too. */
  readonly to?: NodeId | undefined
  /** One of our latest, for who has just come. */
  readonly isAnchor?: boolean
}

/** No `content`: it would repeat in clear what the record seals. */
export function encodeStockCmb(record: JsonObject, { timestamp, to, isAnchor }: StockCmbMembers): JsonObject {
  return {
    type: 'cmb',
    timestamp,
    cmb: record,
    ...(to === undefined ? {} : { to, directed: true }),
    ...(isAnchor ? { _anchor: true } : {}),
  }
}

const text = z.string().max(256)
const attested = z.object({
  of: text,
  by: nodeId,
  at: z.int(),
  roster: text,
  verdict: text,
  categories: z.record(z.string(), text),
  role: text,
  seq: z.int(),
  prev: text,
  sig: via((sig) => fromBase64Url(sig, SIGNATURE_BYTES)),
})

/** The key of the block that this node says it has processed; undefined unless it signed that itself. */
export function readAttestation(value: JsonObject, by: { readonly nodeId: NodeId; readonly publicKey: Uint8Array }): string | undefined {
  const parsed = attested.safeParse(value)
  if (!parsed.success || parsed.data.by !== by.nodeId) return undefined
  const { of, at, roster, verdict, categories, role, seq, prev, sig } = parsed.data
  const fields = FIELD_NAMES.map((name) => `${name}:${categories[name] ?? ''}`).join(',')
  const payload = utf8([of, value['by'], at, roster, verdict, fields, role, seq, prev].join('|'))
  return verifySignature(by.publicKey, payload, sig) ? of : undefined
}

/** A message frame is text of nobody in particular: it is kept within the size of a long text of ours. */
export function isStockText(content: string): boolean {
  return content !== '' && Buffer.byteLength(content) <= LIMITS.body.maxBytes
}
