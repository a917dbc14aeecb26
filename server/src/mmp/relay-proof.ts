/**
 * Who may use an id at a relay: the holder of the key that first proved itself for it, per relay group. The signed bytes
 * name the relay, its fresh nonce, the group and the id, so a proof is worth nothing in any other place.
 *
 * The group is a hash of the admission token and both sides compute it: a relay that passes on the challenge of another
 * one gets a proof for the group of its own token, not for the other's.
 */
import { concat, sha256, tagged, toBase64Url, toHex, utf8 } from '../base/bytes.ts'
import type { NodeId } from '../identity/ids.ts'
import { verifySignature } from '../identity/keys.ts'

declare const brand: unique symbol
/** 64 hex digits. All that a relay ever keeps of a token. */
export type RelayGroup = string & { readonly [brand]: 'RelayGroup' }

export function relayGroupOf(token: string): RelayGroup {
  return toHex(sha256(concat(utf8('mesh-relay-group-v1\n'), utf8(token)))) as RelayGroup
}

export interface RelayProofFacts {
  readonly relayId: string
  readonly nonce: Uint8Array
  readonly group: RelayGroup
  readonly nodeId: NodeId
}

export function relayProofPayload({ relayId, nonce, group, nodeId }: RelayProofFacts): Uint8Array {
  return tagged('mesh-relay-proof-v1\n', relayId, toBase64Url(nonce), group, nodeId)
}

export function verifyRelayProof(facts: RelayProofFacts, publicKey: Uint8Array, signature: Uint8Array): boolean {
  return verifySignature(publicKey, relayProofPayload(facts), signature)
}
