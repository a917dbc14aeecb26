/**
 * The published sealed record of MMP 2.0 (MMP 6.2), for v2 nodes that are not ours: the fields are sealed, the signed
 * metadata stays in clear and is bound to them as associated data. It shows a content hash, so ours do not use it
 * between themselves.
 */
import * as z from 'zod'
import { fromBase64Url, tagged, toBase64Url } from '../base/bytes.ts'
import { decodeJson, decodeObject, encodeJson, isObject, type JsonObject } from '../mmp/json.ts'
import type { WireRecord } from '../mmp/record.ts'
import { decrypt, directionsOf, encrypt } from './aead.ts'
import type { Session } from './session.ts'
import { PROTOCOL_VERSION } from './transcript.ts'

export const CMB_SUITE = 'X25519-HKDF-SHA256-ChaCha20-Poly1305'

export type CmbSealRule = 'bad-frame' | 'bad-session' | 'bad-sequence' | 'bad-seal' | 'bad-content' | 'closed'
export type OpenedCmb = { readonly kind: 'ok'; readonly record: WireRecord } | { readonly kind: 'rejected'; readonly rule: CmbSealRule }

export interface CmbSeal {
  /** The frame that carries this record. */
  seal(record: WireRecord): Uint8Array
  /** The record inside a frame, yet to be verified. After a rejection every later frame is `closed`. */
  open(frame: Uint8Array): OpenedCmb
}

export function createCmbSeal(session: Pick<Session, 'role' | 'sessionId' | 'sendKey' | 'receiveKey'>): CmbSeal {
  const { out, in: incoming } = directionsOf(session)
  let sent = 0
  let received = 0
  let isClosed = false

  function seal({ categories, metadata, applicationData }: WireRecord): Uint8Array {
    const plaintext = encodeJson(applicationData === undefined ? { categories } : { categories, applicationData })
    const sealed = encrypt(out.key, sent, associatedData(session.sessionId, out.name, sent, wireFacts.parse(metadata)), plaintext)
    const envelope = { protocolVersion: PROTOCOL_VERSION, suite: CMB_SUITE, sessionId: session.sessionId }
    const frame = { type: 'cmb-encrypted', ...envelope, sequence: `${sent}`, direction: out.name, metadata, sealed: toBase64Url(sealed) }
    sent++
    return encodeJson(frame)
  }

  function open(frame: Uint8Array): OpenedCmb {
    const opened = isClosed ? rejected('closed') : tryOpen(frame)
    isClosed ||= opened.kind === 'rejected'
    return opened
  }

  function tryOpen(frame: Uint8Array): OpenedCmb {
    const decoded = decodeJson(frame)
    const parsed = decoded.kind === 'ok' ? wireFrame.safeParse(decoded.value) : undefined
    if (!parsed?.success) return rejected('bad-frame')
    const { sessionId, direction, sequence, sealed, metadata } = parsed.data
    if (sessionId !== session.sessionId || direction !== incoming.name) return rejected('bad-session')
    if (sequence !== `${received}`) return rejected('bad-sequence')
    const facts = wireFacts.parse(metadata)
    const bytes = fromBase64Url(sealed)
    const plaintext = bytes && decrypt(incoming.key, received, associatedData(sessionId, incoming.name, received, facts), bytes)
    if (plaintext === undefined) return rejected('bad-seal')
    received++
    return readContent(plaintext, metadata)
  }

  return { seal, open }
}

const wireFacts = z.looseObject({
  key: z.string(),
  assertionId: z.string(),
  createdByNodeId: z.string(),
  room: z.string(),
  to: z.string().nullish(),
})
const wireFrame = z.object({
  type: z.literal('cmb-encrypted'),
  protocolVersion: z.literal(PROTOCOL_VERSION),
  suite: z.literal(CMB_SUITE),
  sessionId: z.string(),
  sequence: z.string(),
  direction: z.string(),
  metadata: wireFacts,
  sealed: z.string(),
})

/** What ties the sealed fields to the metadata beside them, and to their place in the session. */
function associatedData(sessionId: string, direction: string, sequence: number, facts: z.infer<typeof wireFacts>): Uint8Array {
  const { key, assertionId, createdByNodeId, room, to } = facts
  return tagged(
    'mmp-aead-aad-v2\n',
    PROTOCOL_VERSION,
    sessionId,
    direction,
    `${sequence}`,
    key,
    assertionId,
    createdByNodeId,
    room,
    to ?? '',
  )
}

function rejected(rule: CmbSealRule): OpenedCmb {
  return { kind: 'rejected', rule }
}

function readContent(plaintext: Uint8Array, metadata: JsonObject): OpenedCmb {
  const decoded = decodeObject(plaintext)
  if (decoded.kind === 'rejected') return rejected('bad-content')
  const { categories, applicationData } = decoded.value
  if (!isObject(categories)) return rejected('bad-content')
  if (applicationData === undefined) return { kind: 'ok', record: { categories, metadata } }
  if (typeof applicationData !== 'string') return rejected('bad-content')
  return { kind: 'ok', record: { categories, metadata, applicationData } }
}
