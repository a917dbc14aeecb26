/**
 * A pass for a relay (PROTOCOL 12.7): what an invite carries in the place of the relay's token. It is made from the
 * token's group, which only holders of the token and the relay know, is good until a time and for nothing else than
 * meeting one room as a guest, and says nothing of the token. It travels as a token, so any relay can be shown one.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { fromBase64Url, sha256, tagged, toBase64Url, toHex, utf8 } from '../base/bytes.ts'
import { type RelayGroup, relayGroupOf } from './relay-proof.ts'
import { parseRelayRoom, type RelayRoom } from './relay-room.ts'

export interface RelayPass {
  /** Finds the group among those that a relay has, and shows nothing of it. */
  readonly hint: string
  /** The only one that its holder is in. */
  readonly room: RelayRoom
  /** Milliseconds since 1970. */
  readonly until: number
  readonly opens: (group: RelayGroup) => boolean
}

const FORM = /^mesh-pass-v1\.([0-9a-f]{16})\.([A-Za-z0-9_-]{22})\.([1-9]\d{0,15})\.([A-Za-z0-9_-]{43})$/

export function mintRelayPass(token: string, room: RelayRoom, until: number): string {
  const group = relayGroupOf(token)
  const hint = hintOf(group)
  return `mesh-pass-v1.${hint}.${room}.${until}.${toBase64Url(macOf(group, hint, room, `${until}`))}`
}

/** Undefined for a text that is none: a token. */
export function readRelayPass(text: string): RelayPass | undefined {
  const [, hint = '', name = '', until = '', mac = ''] = FORM.exec(text) ?? []
  const given = fromBase64Url(mac, 32)
  const room = parseRelayRoom(name)
  if (given === undefined || room === undefined) return undefined
  return { hint, room, until: Number(until), opens: (group) => timingSafeEqual(given, macOf(group, hint, room, until)) }
}

export function hintOf(group: RelayGroup): string {
  return toHex(sha256(tagged('mesh-relay-hint-v1\n', group))).slice(0, 16)
}

function macOf(group: RelayGroup, ...fields: readonly string[]): Uint8Array {
  return createHmac('sha256', utf8(group))
    .update(tagged('mesh-relay-pass-v1\n', ...fields))
    .digest()
}
