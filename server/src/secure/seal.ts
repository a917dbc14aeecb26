/**
 * The seal of `mesh-opaque-v1`: a whole frame goes inside, so that a relay sees neither types nor hashes, only sizes in
 * steps. On the wire `{type:"mesh-opaque-v1-frame", sequence, sealed}`, where the plaintext is
 *
 *     4 bytes big-endian length || JSON || zeros up to 64, 256, 1024, 4096 or a multiple of 4096
 *
 * Invariants: the sequence is exactly the next one in its direction, so nothing is replayed, reordered or lost without
 * being seen; the first frame that does not open is the last that is tried.
 */
import { fromBase64Url, tagged, toBase64Url } from '../base/bytes.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { decodeJson, encodeJson } from '../mmp/json.ts'
import { decrypt, directionsOf, encrypt, TAG_BYTES } from './aead.ts'
import type { Session } from './session.ts'

const TYPE = 'mesh-opaque-v1-frame'
const PREFIX_BYTES = 4
const STEP = 4_096
const SIZES = [64, 256, 1_024]
const ZEROS = new Uint8Array(STEP)
/** `{"type":…,"sequence":"…","sealed":"…"}` with a sequence of 16 digits. */
const WRAPPER_BYTES = encodeJson({ type: TYPE, sequence: '9'.repeat(16), sealed: '' }).length
const LARGEST_PADDED = floorTo(STEP, ((LIMITS.frame.maxBytes - WRAPPER_BYTES) * 3) / 4 - TAG_BYTES)

/** The longest JSON that fits: base64 grows by a third, and the whole must stay within one frame. */
export const MAX_SEALED_PLAINTEXT = LARGEST_PADDED - PREFIX_BYTES

export type SealRule = 'bad-frame' | 'bad-sequence' | 'bad-seal' | 'bad-padding' | 'closed'
export type Unsealed = { readonly kind: 'ok'; readonly plaintext: Uint8Array } | { readonly kind: 'rejected'; readonly rule: SealRule }

export interface SealCounters {
  readonly framesSent: number
  readonly framesReceived: number
  readonly bytesSent: number
  readonly bytesReceived: number
}

export interface Seal {
  /** The frame that carries this JSON. Throws `frame-too-large` above MAX_SEALED_PLAINTEXT. */
  seal(json: Uint8Array): Uint8Array
  /** The JSON inside a frame. After a rejection every later frame is `closed`. */
  open(frame: Uint8Array): Unsealed
  /** Plaintext with its padding. */
  counters(): SealCounters
  /** Whether a direction carried what one key may carry: time for a new handshake. */
  readonly isWornOut: boolean
}

export function createSeal(session: Pick<Session, 'role' | 'sessionId' | 'sendKey' | 'receiveKey'>): Seal {
  const { out, in: incoming } = directionsOf(session)
  const aad = (direction: string, sequence: number) => tagged('mesh-opaque-v1\n', session.sessionId, direction, `${sequence}`)
  const sent = { frames: 0, bytes: 0 }
  const received = { frames: 0, bytes: 0 }
  let isClosed = false

  function seal(json: Uint8Array): Uint8Array {
    const plaintext = pad(json)
    const sealed = encrypt(out.key, sent.frames, aad(out.name, sent.frames), plaintext)
    // Nothing in it needs an escape, so it is written as it is.
    const frame = Buffer.from(`{"type":"${TYPE}","sequence":"${sent.frames}","sealed":"${toBase64Url(sealed)}"}`, 'latin1')
    count(sent, plaintext.length)
    return frame
  }

  function open(frame: Uint8Array): Unsealed {
    const opened = isClosed ? rejected('closed') : tryOpen(frame)
    isClosed ||= opened.kind === 'rejected'
    return opened
  }

  function tryOpen(frame: Uint8Array): Unsealed {
    const read = readFrame(frame)
    if (read === undefined) return rejected('bad-frame')
    if (read.sequence !== `${received.frames}`) return rejected('bad-sequence')
    const plaintext = decrypt(incoming.key, received.frames, aad(incoming.name, received.frames), read.sealed)
    if (plaintext === undefined) return rejected('bad-seal')
    count(received, plaintext.length)
    const json = unpad(plaintext)
    return json === undefined ? rejected('bad-padding') : { kind: 'ok', plaintext: json }
  }

  const isWorn = ({ frames, bytes }: typeof sent) => frames >= LIMITS.link.rekeyFrames || bytes >= LIMITS.link.rekeyBytes
  return {
    seal,
    open,
    counters: () => ({ framesSent: sent.frames, framesReceived: received.frames, bytesSent: sent.bytes, bytesReceived: received.bytes }),
    get isWornOut() {
      return isWorn(sent) || isWorn(received)
    },
  }
}

/** The size on the wire for a plaintext with its length prefix. */
export function paddedSize(bytes: number): number {
  return SIZES.find((size) => bytes <= size) ?? STEP * Math.ceil(bytes / STEP)
}

function pad(json: Uint8Array): Uint8Array {
  if (json.length > MAX_SEALED_PLAINTEXT) {
    throw new MeshError('frame-too-large', `a frame of ${json.length} bytes is over the limit of ${MAX_SEALED_PLAINTEXT}`)
  }
  const plaintext = new Uint8Array(paddedSize(PREFIX_BYTES + json.length))
  new DataView(plaintext.buffer).setUint32(0, json.length)
  plaintext.set(json, PREFIX_BYTES)
  return plaintext
}

/** The JSON, if the length, the padded size and every zero are as `pad` makes them: padding carries no message. */
function unpad(plaintext: Uint8Array): Uint8Array | undefined {
  if (plaintext.length < PREFIX_BYTES) return undefined
  const length = new DataView(plaintext.buffer, plaintext.byteOffset).getUint32(0)
  const end = PREFIX_BYTES + length
  if (paddedSize(end) !== plaintext.length) return undefined
  return Buffer.compare(plaintext.subarray(end), ZEROS.subarray(0, plaintext.length - end)) === 0
    ? plaintext.subarray(PREFIX_BYTES, end)
    : undefined
}

function readFrame(frame: Uint8Array): { readonly sequence: string; readonly sealed: Uint8Array } | undefined {
  const decoded = decodeJson(frame)
  if (decoded.kind === 'rejected' || decoded.value.type !== TYPE) return undefined
  const { sequence, sealed } = decoded.value
  if (typeof sequence !== 'string' || typeof sealed !== 'string') return undefined
  const bytes = fromBase64Url(sealed)
  return bytes === undefined ? undefined : { sequence, sealed: bytes }
}

function rejected(rule: SealRule): Unsealed {
  return { kind: 'rejected', rule }
}

function count(totals: { frames: number; bytes: number }, bytes: number): void {
  totals.frames++
  totals.bytes += bytes
}

function floorTo(step: number, value: number): number {
  return step * Math.floor(value / step)
}
