/**
 * The MMP 2.0 handshake between our nodes (MMP 3.5), as two state machines without sockets: frames in, frames out.
 *
 *     client                                     server
 *     start()          — client-hello →          checks the claim, derives the keys
 *     checks the proof ← server-hello —
 *     done             — client-finish →         checks the proof, done
 *
 * Invariants: a peer is named in a session only after it proved its identity key and its X25519 key over one transcript;
 * the first failure is final; a failure is a rule for our log, and the other side gets silence.
 */
import { timingSafeEqual } from 'node:crypto'
import { compareBytewise, fromBase64Url, toBase64Url, toHex } from '../base/bytes.ts'
import type { RandomBytes } from '../base/clock.ts'
import type { NodeId } from '../identity/ids.ts'
import { type AgreementKey, newX25519, verifySignature } from '../identity/keys.ts'
import {
  type Checked,
  type Claim,
  type ClientHello,
  encodeClientFinish,
  encodeClientHello,
  encodeServerHello,
  failed,
  NONCE_BYTES,
  ok,
  readClaim,
  readClientFinish,
  readClientHello,
  readServerHello,
  type ServerHello,
} from './hello.ts'
import type { HandshakeStep, NodeKeys, ProvenPeer, Session } from './session.ts'
import {
  deriveKeys,
  type Implementation,
  keyConfirmation,
  type Party,
  PROTOCOL_VERSION,
  proofPayload,
  type Role,
  sessionIdOf,
  type TrafficKeys,
  transcriptHash,
} from './transcript.ts'

/** The whole frame goes inside the seal: what both of ours demand. */
export const OPAQUE_EXTENSION = 'mesh-opaque-v1'
/** The published encryption of records. */
export const CMB_EXTENSION = 'cmb-encrypted-v2'
const OFFER = [CMB_EXTENSION, OPAQUE_EXTENSION]

export interface HandshakeOptions {
  readonly keys: NodeKeys
  readonly implementation: Implementation
  readonly random: RandomBytes
  /** The key that is pinned for this node, if any. Another key for it ends the handshake. */
  readonly pinnedKeyOf?: (nodeId: NodeId) => Uint8Array | undefined
  /** Keys that this user wants nothing to do with. */
  readonly isBlocked?: (publicKey: Uint8Array) => boolean
  /** For vectors; else a fresh key, which is what forward secrecy rests on. */
  readonly ephemeral?: AgreementKey
}

export interface ClientOptions extends HandshakeOptions {
  readonly group: string
  /** The node that we mean to reach: another id or key ends the handshake before we prove ours. */
  readonly expected?: { readonly nodeId?: NodeId | undefined; readonly publicKey?: Uint8Array | undefined }
}

export interface ServerOptions extends HandshakeOptions {
  readonly acceptsGroup: (room: string) => boolean
}

export interface ClientHandshake {
  /** The first frame. */
  start(): Uint8Array
  receive(frame: Uint8Array): HandshakeStep
}

export interface ServerHandshake {
  receive(frame: Uint8Array): HandshakeStep
}

export function createClientHandshake(options: ClientOptions): ClientHandshake {
  const self = newSelf(options)
  const hello = encodeClientHello(options.group, self.party)
  return {
    start: () => hello,
    receive: inOrder([(frame) => finishClient(options, self, frame)]),
  }
}

export function createServerHandshake(options: ServerOptions): ServerHandshake {
  let agreed: Agreed | undefined
  const onHello = (frame: Uint8Array): HandshakeStep => {
    const answer = answerClient(options, frame)
    if (answer.kind === 'failed') return answer
    agreed = answer.value.agreed
    return { kind: 'continue', send: answer.value.send }
  }
  const onFinish = (frame: Uint8Array): HandshakeStep => (agreed === undefined ? failed('unexpected-type') : finishServer(agreed, frame))
  return { receive: inOrder([onHello, onFinish]) }
}

/** One handler per frame, in order. After the last one, or after a failure, every frame is one too many. */
function inOrder(handlers: readonly ((frame: Uint8Array) => HandshakeStep)[]): (frame: Uint8Array) => HandshakeStep {
  let rest = handlers
  return (frame) => {
    const [handler, ...after] = rest
    const step = handler?.(frame) ?? failed('unexpected-type')
    rest = step.kind === 'failed' ? [] : after
    return step
  }
}

/** Our own side: its wire strings and the key of this link. */
interface Self {
  readonly keys: NodeKeys
  readonly party: Party
  readonly ephemeral: AgreementKey
}

/** What both sides hold once the transcript is fixed. */
interface Agreed {
  readonly role: Role
  readonly peer: ProvenPeer
  readonly peerRole: Role
  readonly group: string
  readonly hash: Uint8Array
  readonly keys: TrafficKeys
  readonly selected: readonly string[]
}

/** The name says no more than the id does: real names follow sealed. */
function newSelf({ keys, implementation, random, ephemeral = newX25519(random) }: HandshakeOptions): Self {
  const party = {
    nodeId: keys.nodeId,
    identityPublicKey: toBase64Url(keys.publicKey),
    e2ePublicKey: toBase64Url(ephemeral.publicKey),
    nonce: toBase64Url(random(NONCE_BYTES)),
    name: keys.nodeId.slice(0, 8),
    implementation,
    extensions: OFFER,
  }
  return { keys, party, ephemeral }
}

function answerClient(options: ServerOptions, frame: Uint8Array): Checked<{ readonly agreed: Agreed; readonly send: Uint8Array }> {
  const read = readClientHello(frame)
  if (read.kind === 'failed') return read
  const hello = read.value
  if (hello.protocolVersion !== PROTOCOL_VERSION) return failed('bad-version')
  if (!options.acceptsGroup(hello.room)) return failed('wrong-group')
  const claim = checkClaim(options, hello)
  if (claim.kind === 'failed') return claim
  // Unproven, so it says nothing about the node: only that this connection goes no further.
  if (!hello.extensions.includes(OPAQUE_EXTENSION)) return failed('not-ours')
  const self = newSelf(options)
  const selected = intersection(OFFER, hello.extensions)
  const agreed = agree('server', self, claim.value, hello, selected)
  if (agreed.kind === 'failed') return agreed
  const answer = { clientNonce: hello.nonce, selectedExtensions: selected, ...prove(self, agreed.value) }
  return ok({ agreed: agreed.value, send: encodeServerHello(hello.room, self.party, answer) })
}

function finishServer(agreed: Agreed, frame: Uint8Array): HandshakeStep {
  const read = readClientFinish(frame)
  if (read.kind === 'failed') return read
  if (read.value.transcriptHash !== toHex(agreed.hash)) return failed('transcript-mismatch')
  const proven = checkProof(agreed, read.value)
  return proven.kind === 'failed' ? proven : { kind: 'done', session: sessionOf(agreed) }
}

function finishClient(options: ClientOptions, self: Self, frame: Uint8Array): HandshakeStep {
  const read = readServerHello(frame)
  if (read.kind === 'failed') return read
  const claim = checkServerHello(options, self, read.value)
  if (claim.kind === 'failed') return claim
  const agreed = agree('client', self, claim.value, read.value, read.value.selectedExtensions)
  if (agreed.kind === 'failed') return agreed
  const proven = checkProof(agreed.value, read.value)
  if (proven.kind === 'failed') return proven
  // Only now is it the node's own word that it does not speak our extension, and not that of somebody on the way.
  if (!read.value.extensions.includes(OPAQUE_EXTENSION)) return failed('not-ours')
  const finish = { transcriptHash: toHex(agreed.value.hash), ...prove(self, agreed.value) }
  return { kind: 'done', send: encodeClientFinish(finish), session: sessionOf(agreed.value) }
}

function checkServerHello(options: ClientOptions, self: Self, hello: ServerHello): Checked<Claim> {
  if (hello.protocolVersion !== PROTOCOL_VERSION) return failed('bad-version')
  if (hello.room !== options.group) return failed('wrong-group')
  const claim = checkClaim(options, hello)
  if (claim.kind === 'failed') return claim
  const { nodeId, publicKey } = options.expected ?? {}
  if (nodeId !== undefined && claim.value.nodeId !== nodeId) return failed('wrong-node')
  if (publicKey !== undefined && !isSame(claim.value.publicKey, publicKey)) return failed('pinned-key-mismatch')
  if (hello.clientNonce !== self.party.nonce) return failed('nonce-mismatch')
  // What both offered must be selected, and nothing else: a shorter selection is how a link would be weakened.
  const wanted = intersection(OFFER, hello.extensions)
  const selected = [...hello.selectedExtensions].sort(compareBytewise)
  return selected.join() === wanted.join() ? claim : failed('downgrade')
}

/** The ids and keys of a hello against what we know: our own node, and the pinned key of theirs. */
function checkClaim({ keys, pinnedKeyOf, isBlocked }: HandshakeOptions, hello: ClientHello | ServerHello): Checked<Claim> {
  const claim = readClaim(hello, keys.publicKey)
  if (claim.kind === 'failed') return claim
  const { nodeId, publicKey } = claim.value
  const pinned = nodeId === keys.nodeId ? keys.publicKey : pinnedKeyOf?.(nodeId)
  if (pinned !== undefined && !isSame(pinned, publicKey)) return failed('pinned-key-mismatch')
  // Before any proof of ours: whoever is blocked must not see more than a connection that closes.
  return isBlocked?.(publicKey) ? failed('blocked') : claim
}

function agree(role: Role, self: Self, claim: Claim, hello: ClientHello | ServerHello, selected: readonly string[]): Checked<Agreed> {
  const secret = self.ephemeral.deriveSecret(claim.e2ePublicKey)
  if (secret === undefined) return failed('zero-secret')
  const [client, server] = role === 'client' ? [self.party, hello] : [hello, self.party]
  const hash = transcriptHash({ room: hello.room, client, server, selected })
  const peer = { nodeId: claim.nodeId, publicKey: claim.publicKey }
  const peerRole = role === 'client' ? 'server' : 'client'
  return ok({ role, peer, peerRole, group: hello.room, hash, keys: deriveKeys(secret, hash), selected })
}

interface Proof {
  readonly proof: string
  readonly keyConfirmation: string
}

function prove({ keys }: Self, { role, hash, keys: traffic }: Agreed): Proof {
  return {
    proof: toBase64Url(keys.sign(proofPayload(role, hash))),
    keyConfirmation: toBase64Url(keyConfirmation(role, finishedKey(role, traffic), hash)),
  }
}

function checkProof({ peer, peerRole, hash, keys }: Agreed, given: Proof): Checked<true> {
  const proof = fromBase64Url(given.proof)
  if (proof === undefined || !verifySignature(peer.publicKey, proofPayload(peerRole, hash), proof)) return failed('bad-proof')
  const wanted = keyConfirmation(peerRole, finishedKey(peerRole, keys), hash)
  const confirmation = fromBase64Url(given.keyConfirmation, wanted.length)
  return confirmation !== undefined && timingSafeEqual(confirmation, wanted) ? ok(true) : failed('bad-confirmation')
}

function finishedKey(role: Role, keys: TrafficKeys): Uint8Array {
  return role === 'client' ? keys.clientFinished : keys.serverFinished
}

function sessionOf({ role, peer, group, hash, keys, selected }: Agreed): Session {
  const isClient = role === 'client'
  return {
    role,
    peer,
    group,
    sessionId: sessionIdOf(hash),
    transcriptHash: hash,
    extensions: [...selected].sort(compareBytewise),
    sendKey: isClient ? keys.clientToServer : keys.serverToClient,
    receiveKey: isClient ? keys.serverToClient : keys.clientToServer,
  }
}

function intersection(ours: readonly string[], theirs: readonly string[]): readonly string[] {
  return ours.filter((name) => theirs.includes(name)).sort(compareBytewise)
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
