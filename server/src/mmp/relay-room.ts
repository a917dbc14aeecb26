/**
 * Who sees whom at a relay: a room is a group under an id that says nothing of its name. Members of one token that share
 * no room do not hear of each other. The same id stands in the hello of a link that a relay carries, so that no name of
 * a group passes through one.
 *
 * For a private group the id follows from 128 random bits, so who names it was told of the group; for an open group it
 * follows from the name, which anyone may guess.
 */
import { sha256, tagged, toBase64Url } from '../base/bytes.ts'

declare const brand: unique symbol
/** 22 characters of base64url. */
export type RelayRoom = string & { readonly [brand]: 'RelayRoom' }

const ROOM_BYTES = 16

/** Where everybody is who names no rooms: clients that know nothing of them. Its name is no hash of anything. */
export const COMMON_ROOM = 'common' as RelayRoom

/** `room`: what a hello says on another way (a name, or the id of a private group). */
export function relayRoomOf(room: string): RelayRoom {
  return toBase64Url(sha256(tagged('mesh-relay-room-v1\n', room)).subarray(0, ROOM_BYTES)) as RelayRoom
}

export function parseRelayRoom(text: string): RelayRoom | undefined {
  return text === COMMON_ROOM || /^[A-Za-z0-9_-]{22}$/.test(text) ? (text as RelayRoom) : undefined
}
