/**
 * The formulas of the MMP 2.0 handshake (MMP 3.5). The transcript holds every byte that both sides said (ids, keys,
 * nonces, names, offers, selection, room), so whoever changes one of them on the way changes the hash, and with it both
 * proofs and every key. Keys and nonces enter as their wire strings.
 */
import { createHmac, hkdfSync } from 'node:crypto'
import { compareBytewise, sha256, tagged, toHex } from '../base/bytes.ts'

export const PROTOCOL_VERSION = '2.0'

export type Role = 'client' | 'server'

export interface Implementation {
  readonly name: string
  readonly version: string
}

/** One side as it stands in its hello, in wire strings. */
export interface Party {
  readonly nodeId: string
  readonly identityPublicKey: string
  readonly e2ePublicKey: string
  readonly nonce: string
  readonly name: string
  readonly implementation: Implementation
  readonly extensions: readonly string[]
}

export interface Transcript {
  readonly room: string
  readonly client: Party
  readonly server: Party
  readonly selected: readonly string[]
}

export interface TrafficKeys {
  readonly clientToServer: Uint8Array
  readonly serverToClient: Uint8Array
  readonly clientFinished: Uint8Array
  readonly serverFinished: Uint8Array
}

export function transcriptBytes({ room, client, server, selected }: Transcript): Uint8Array {
  return tagged(
    'mmp-handshake-transcript-v2\n',
    PROTOCOL_VERSION,
    room,
    client.nonce,
    server.nonce,
    ...partyParts(client),
    ...partyParts(server),
    ...sortedList(selected),
  )
}

export function transcriptHash(transcript: Transcript): Uint8Array {
  return sha256(transcriptBytes(transcript))
}

export function sessionIdOf(hash: Uint8Array): string {
  return toHex(hash.subarray(0, 16))
}

/** What a side signs to prove that it holds its identity key. */
export function proofPayload(role: Role, hash: Uint8Array): Uint8Array {
  return tagged('mmp-handshake-proof-v2\n', role, toHex(hash))
}

/** What shows that a side derived the same keys, hence holds its X25519 key. */
export function keyConfirmation(role: Role, finishedKey: Uint8Array, hash: Uint8Array): Uint8Array {
  return createHmac('sha256', finishedKey)
    .update(tagged('mmp-key-confirm-v2\n', role, toHex(hash)))
    .digest()
}

export function deriveKeys(secret: Uint8Array, hash: Uint8Array): TrafficKeys {
  const derive = (info: string) => new Uint8Array(hkdfSync('sha256', secret, hash, info, 32))
  return {
    clientToServer: derive('mmp-aead-v2 client-to-server'),
    serverToClient: derive('mmp-aead-v2 server-to-client'),
    clientFinished: derive('mmp-finished-v2 client'),
    serverFinished: derive('mmp-finished-v2 server'),
  }
}

function partyParts(party: Party): readonly string[] {
  const { nodeId, identityPublicKey, e2ePublicKey, name, implementation, extensions } = party
  return [nodeId, identityPublicKey, e2ePublicKey, name, implementation.name, implementation.version, ...sortedList(extensions)]
}

function sortedList(items: readonly string[]): readonly string[] {
  return [`${items.length}`, ...[...items].sort(compareBytewise)]
}
