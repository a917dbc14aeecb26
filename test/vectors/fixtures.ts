/** Fixed-seed nodes and keys: the same bytes on every run, so that what is computed from them can be committed. */
import type { RandomBytes } from '../../server/src/base/clock.ts'
import { type NodeId, parseNodeId } from '../../server/src/identity/ids.ts'
import { newX25519, signerFromSeed } from '../../server/src/identity/keys.ts'
import { type ClientOptions, createClientHandshake, createServerHandshake, type ServerOptions } from '../../server/src/secure/handshake.ts'
import type { HandshakeStep, NodeKeys, Session } from '../../server/src/secure/session.ts'

export function nodeId(text: string): NodeId {
  const id = parseNodeId(text)
  if (id === undefined) throw new Error(`${text} is no node id`)
  return id
}

export function keysOf(id: string, seedByte: number): NodeKeys {
  return { nodeId: nodeId(id), ...signerFromSeed(new Uint8Array(32).fill(seedByte)) }
}

export const alice = keysOf('018f47a0-7b21-7abc-8def-aaaaaaaaaaaa', 0xa1)
export const bob = keysOf('018f47a0-7b21-7abc-8def-bbbbbbbbbbbb', 0xb0)
export const carol = keysOf('018f47a0-7b21-7abc-8def-cccccccccccc', 0xc4)

/** The bytes seed, seed + 1, …: distinct calls of one source differ. */
export function counting(seed: number): RandomBytes {
  let next = seed
  return (length) => Uint8Array.from({ length }, () => next++ & 0xff)
}

export function ephemeral(fill: number) {
  return newX25519((length) => new Uint8Array(length).fill(fill))
}

const implementation = { name: 'sym-mesh-channel', version: '0.1.0' }

export function clientOptions(changes: Partial<ClientOptions> = {}): ClientOptions {
  return { keys: alice, group: 'default', implementation, random: counting(1), ephemeral: ephemeral(0x0a), ...changes }
}

export function serverOptions(changes: Partial<ServerOptions> = {}): ServerOptions {
  return {
    keys: bob,
    acceptsGroup: (room) => room === 'default',
    implementation,
    random: counting(101),
    ephemeral: ephemeral(0x0b),
    ...changes,
  }
}

export interface Run {
  readonly clientHello: Uint8Array
  readonly serverStep: HandshakeStep
  readonly clientStep: HandshakeStep | undefined
  readonly finishStep: HandshakeStep | undefined
}

/** One handshake; `change` stands on the wire and may replace any frame. */
export function runHandshake(
  client: ClientOptions = clientOptions(),
  server: ServerOptions = serverOptions(),
  change: (frame: Uint8Array, at: 0 | 1 | 2) => Uint8Array = (frame) => frame,
): Run {
  const one = createClientHandshake(client)
  const other = createServerHandshake(server)
  const clientHello = one.start()
  const serverStep = other.receive(change(clientHello, 0))
  const clientStep = serverStep.kind === 'continue' ? one.receive(change(serverStep.send, 1)) : undefined
  const finish = clientStep?.kind === 'done' ? clientStep.send : undefined
  return { clientHello, serverStep, clientStep, finishStep: finish && other.receive(change(finish, 2)) }
}

/** Both ends of an undisturbed handshake. */
export function sessions(): { readonly client: Session; readonly server: Session } {
  const { clientStep, finishStep } = runHandshake()
  if (clientStep?.kind !== 'done' || finishStep?.kind !== 'done') throw new Error('the handshake did not finish')
  return { client: clientStep.session, server: finishStep.session }
}
