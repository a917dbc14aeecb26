/**
 * What a handshake produces and what it is given. The handshake and the seal are state machines without sockets: frames
 * in, frames out, no clock, no I/O.
 */
import type { NodeId } from '../identity/ids.ts'

export interface NodeKeys {
  readonly nodeId: NodeId
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

/** The other side, proven: it holds the key, and both agree on every byte of the transcript. */
export interface ProvenPeer {
  readonly nodeId: NodeId
  readonly publicKey: Uint8Array
}

export interface Session {
  readonly role: 'client' | 'server'
  readonly peer: ProvenPeer
  readonly group: string
  /** 32 lowercase hex digits. */
  readonly sessionId: string
  /** SHA-256 of the transcript: the channel binding. */
  readonly transcriptHash: Uint8Array
  readonly extensions: readonly string[]
  readonly sendKey: Uint8Array
  readonly receiveKey: Uint8Array
}

/** A frame to send, the finished session, both (the client's last step), or a failure that ends the connection. */
export type HandshakeStep =
  | { readonly kind: 'continue'; readonly send: Uint8Array }
  | { readonly kind: 'done'; readonly send?: Uint8Array; readonly session: Session }
  | { readonly kind: 'failed'; readonly rule: HandshakeRule }

/** Why a handshake failed. For our own log and counters; the other side gets silence. */
export type HandshakeRule =
  | 'bad-json'
  | 'bad-frame'
  | 'unexpected-type'
  | 'bad-version'
  | 'wrong-group'
  | 'bad-node-id'
  | 'bad-key'
  | 'own-key'
  | 'nonce-mismatch'
  | 'downgrade'
  | 'not-ours' // the v2 node does not speak mesh-opaque-v1
  | 'bad-proof'
  | 'bad-confirmation'
  | 'pinned-key-mismatch'
  | 'blocked' // by this user; the other side learns no more than from an empty chair
  | 'wrong-node' // dialed one node, another answered
  | 'zero-secret'
  | 'transcript-mismatch'
