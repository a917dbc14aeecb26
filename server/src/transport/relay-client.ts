/**
 * Our life at one relay: connected whenever it can be, with patience when it cannot, and a word for the person about why.
 * It tells who is there, carries connections to them, and puts and takes mail. Losing it ends the connections that it
 * carried and nothing else; a cause that will not go away by itself stops it until somebody asks again.
 */
import * as z from 'zod'
import { toBase64Url, utf8 } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { assertNever } from '../base/errors.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { Scope } from '../base/scope.ts'
import type { Fingerprint, NodeId } from '../identity/ids.ts'
import { isObject, type JsonObject } from '../mmp/json.ts'
import type { RelayOffer, RelayPeer, RelayServerFrame, RelayServerFrameOf } from '../mmp/relay-frames.ts'
import type { RelayRoom } from '../mmp/relay-room.ts'
import type { Audit } from '../store/audit-log.ts'
import type { Connection } from './connection.ts'
import { type Carrier, RelayConnection, STOCK_LINK } from './relay-connection.ts'
import { isLasting, type RelayHealth, retryDelayMs } from './relay-health.ts'
import { type RelayCause, type RelayEnd, type RelayKeys, type RelayTarget, RelayWire } from './relay-wire.ts'

export interface RelayClientDeps {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly guard: Guard
  readonly log: Log
  /** Where it is noted that a relay took us in, or ended it. */
  readonly audit?: Audit | undefined
  readonly keys: RelayKeys
  /** The groups of this node, as a relay may know them. */
  readonly rooms: () => readonly RelayRoom[]
}

export interface RelayClientEvents {
  /** The relay has taken us in; before anybody there is told of. */
  readonly onIn: () => void
  /** A connection, or the attempt at one, is over. */
  readonly onEnd: (cause: RelayCause) => void
  /** A node is at the relay, or came anew. */
  readonly onHere: (nodeId: NodeId) => void
  readonly onGone: (nodeId: NodeId) => void
  readonly onConnection: (connection: Connection) => void
  /** A stock node speaks to us. */
  readonly onStock: (connection: Connection) => void
  readonly onMail: (mail: RelayMail) => void
  /** We are in, and the relay takes mail. */
  readonly onMailOpen: () => void
}

export interface RelayMail {
  readonly sealed: Uint8Array
  /** It is on our disk: the relay may forget it. */
  readonly taken: () => void
}

export type PutOutcome = { readonly kind: 'stored'; readonly expiresAt: number } | { readonly kind: 'refused'; readonly reason: string }

const PER_PEER = 8
const linkPayload = z.object({
  type: z.literal('mesh-link-v1'),
  link: z.string().regex(/^[A-Za-z0-9_-]{16}$/),
  frame: z.custom<JsonObject>(isObject).exactOptional(),
  end: z.literal(true).exactOptional(),
})

export class RelayClient {
  readonly #target: RelayTarget
  readonly #deps: RelayClientDeps
  readonly #events: RelayClientEvents
  readonly #scope: Scope
  readonly #peers = new Map<NodeId, RelayPeer>()
  readonly #connections = new Map<string, RelayConnection>()
  /** The handshakes of stock nodes that are here. */
  readonly #hellos = new Map<NodeId, Uint8Array>()
  readonly #puts = new Map<string, (outcome: PutOutcome) => void>()
  readonly #carrier: Carrier
  #wire: RelayWire | undefined
  #offer: RelayOffer | undefined
  #state: RelayHealth['state'] = 'connecting'
  #end: RelayEnd | undefined
  #failures = 0
  #inSince: number | undefined
  #holds = 0
  #cancelRetry = (): void => {}

  constructor(target: RelayTarget, deps: RelayClientDeps, events: RelayClientEvents) {
    this.#target = target
    this.#deps = deps
    this.#events = events
    this.#scope = new Scope(deps.clock)
    const self = this
    this.#carrier = {
      guard: deps.guard,
      get buffered() {
        return self.#wire?.buffered ?? 0
      },
      send: (to, payload) => this.#wire?.send(`{"to":"${to}","payload":${payload}}`) ?? false,
      hold: () => this.#hold(),
      forget: (connection) => void this.#connections.delete(keyOf(connection.peer, connection.id)),
    }
    this.#scope.defer(() => this.#wire?.close())
    this.#connect()
  }

  get target(): RelayTarget {
    return this.#target
  }

  /** Whether items can be left here for those who are away. */
  get takesMail(): boolean {
    return this.#state === 'in' && this.#offer !== undefined
  }

  health(): RelayHealth {
    return {
      host: this.#target.url.host,
      state: this.#state,
      cause: this.#end?.cause,
      said: this.#end?.said ?? '',
      peers: this.#peers.size,
      takesMail: this.takesMail,
    }
  }

  /** A connection to a node that is here; undefined when it is not. */
  dial(peer: NodeId, dialect?: 'stock'): Connection | undefined {
    if (this.#state !== 'in' || !this.#peers.has(peer)) return undefined
    if (dialect) return this.#dialStock(peer)
    return this.#open(peer, toBase64Url(this.#deps.random(12)), 'outbound')
  }

  /** Tries again at once, also after a cause that stops it. */
  reconnect(): void {
    if (this.#state === 'in' || this.#state === 'connecting') return
    this.#failures = 0
    this.#connect()
  }

  roomsChanged(): void {
    this.#wire?.tellRooms()
  }

  /** Resolves when the relay has it on its disk, or has said why not, or is gone or silent. */
  put(id: string, to: Fingerprint, sealed: Uint8Array, ttlMs: number): Promise<PutOutcome> {
    if (!this.takesMail) return Promise.resolve({ kind: 'refused', reason: 'away' })
    return new Promise((resolve) => {
      this.#puts.get(id)?.({ kind: 'refused', reason: 'repeated' })
      // A relay that says nothing must not keep anybody waiting for ever.
      const cancel = this.#scope.after(LIMITS.relayClient.putMs, () => this.#settlePut(id, { kind: 'refused', reason: 'away' }))
      this.#puts.set(id, (outcome) => {
        cancel()
        resolve(outcome)
      })
      const isSent = this.#send({ type: 'relay-put', id, to, sealed: toBase64Url(sealed), ttlMs })
      if (!isSent) this.#settlePut(id, { kind: 'refused', reason: 'away' })
    })
  }

  stop(): Promise<void> {
    this.#noteOut('left')
    this.#state = 'stopped'
    return this.#scope.stop()
  }

  /** Once for each time that we were in: tries that fail are no news. */
  #noteOut(cause: string): void {
    if (this.#state === 'in') this.#deps.audit?.note('relay-out', { host: this.#target.url.host, cause })
  }

  #connect(): void {
    if (this.#scope.isStopped) return
    this.#cancelRetry()
    this.#state = 'connecting'
    this.#inSince = undefined
    this.#wire = new RelayWire(this.#target, this.#deps, {
      onIn: (peers, offer) => this.#onIn(peers, offer),
      onFrame: (frame) => this.#onFrame(frame),
      onEnd: (end) => this.#onEnd(end),
    })
  }

  #onIn(peers: readonly RelayPeer[], offer: RelayOffer | undefined): void {
    const { clock, log } = this.#deps
    const isNew = this.#state !== 'in'
    if (isNew) this.#deps.audit?.note('relay-in', { host: this.#target.url.host })
    if (isNew) log.info('relay in', { host: this.#target.url.host, peers: peers.length })
    this.#state = 'in'
    this.#end = undefined
    this.#inSince ??= clock.monotonic()
    this.#offer = offer
    this.#events.onIn()
    const here = new Set(peers.map(({ nodeId }) => nodeId))
    for (const nodeId of [...this.#peers.keys()]) if (!here.has(nodeId)) this.#gone(nodeId)
    for (const peer of peers) if (!this.#peers.has(peer.nodeId)) this.#here(peer)
    if (isNew && offer) this.#events.onMailOpen()
  }

  #onFrame(frame: RelayServerFrame): void {
    switch (frame.type) {
      case 'relay-peer-joined':
        // Who joins again has lost what it had: a link to its former self is none.
        this.#endConnections(frame.nodeId)
        this.#hellos.delete(frame.nodeId)
        return this.#here(frame)
      case 'relay-peer-left':
        return this.#gone(frame.nodeId)
      case 'envelope':
        return this.#onEnvelope(frame)
      case 'relay-stored':
        return this.#settlePut(frame.id, { kind: 'stored', expiresAt: frame.expiresAt })
      case 'relay-refused':
        return this.#onRefused(frame)
      case 'relay-mail':
        return this.#onMail(frame)
      case 'relay-ack':
      case 'relay-challenge':
      case 'relay-error':
      case 'relay-peers':
      case 'relay-ping':
      case 'relay-pong':
      case 'relay-reauth':
        return
      default:
        return assertNever(frame)
    }
  }

  #here(peer: RelayPeer): void {
    if (peer.nodeId === this.#deps.keys.nodeId) return
    if (!this.#peers.has(peer.nodeId) && this.#peers.size >= LIMITS.relay.perGroup) return
    this.#peers.set(peer.nodeId, peer)
    this.#events.onHere(peer.nodeId)
  }

  #gone(nodeId: NodeId): void {
    if (!this.#peers.delete(nodeId)) return
    this.#hellos.delete(nodeId)
    this.#endConnections(nodeId)
    this.#events.onGone(nodeId)
  }

  #onEnvelope({ from, payload }: RelayServerFrameOf<'envelope'>): void {
    const parsed = linkPayload.safeParse(payload).data
    if (from === this.#deps.keys.nodeId) return
    if (!parsed) return this.#onPlain(from, payload)
    const known = this.#connections.get(keyOf(from, parsed.link))
    if (parsed.end) return known?.end()
    if (parsed.frame === undefined) return
    const connection = known ?? this.#accept(from, parsed.link, parsed.frame)
    // Of a connection that we do not know any more its other end should hear; nobody answers to that.
    if (connection) connection.receive(utf8(JSON.stringify(parsed.frame)))
    else this.#carrier.send(from, `{"type":"mesh-link-v1","link":"${parsed.link}","end":true}`)
  }

  /** A stock node says its handshake once, when it sees us: it may have done so before anybody wanted to hear it. */
  #dialStock(peer: NodeId): Connection | undefined {
    if (!this.#mayBeStock(peer) || this.#connections.has(keyOf(peer, STOCK_LINK))) return undefined
    const connection = this.#open(peer, STOCK_LINK, 'outbound')
    const hello = this.#hellos.get(peer)
    if (hello) connection.receive(hello)
    return connection
  }

  /** Whoever proved a key to the relay is one of ours, or was: it has a better way to come. */
  #mayBeStock(peer: NodeId): boolean {
    const known = this.#peers.get(peer)
    return known !== undefined && known.publicKey === undefined
  }

  /** A frame that stands in its envelope as it is: of a stock node, which begins with its handshake. */
  #onPlain(from: NodeId, payload: JsonObject): void {
    const known = this.#connections.get(keyOf(from, STOCK_LINK))
    const frame = utf8(JSON.stringify(payload))
    const isHello = payload['type'] === 'handshake' && this.#mayBeStock(from) && frame.length <= LIMITS.handshake.frameBytes
    if (isHello) this.#hellos.set(from, frame)
    if (!known && !isHello) return
    const connection = known ?? this.#open(from, STOCK_LINK, 'inbound')
    if (!known) this.#events.onStock(connection)
    connection.receive(frame)
  }

  #accept(from: NodeId, link: string, frame: JsonObject): RelayConnection | undefined {
    const ofPeer = [...this.#connections.values()].filter(({ peer }) => peer === from).length
    if (frame['type'] !== 'client-hello' || ofPeer >= PER_PEER) return undefined
    const connection = this.#open(from, link, 'inbound')
    this.#events.onConnection(connection)
    return connection
  }

  #open(peer: NodeId, id: string, direction: 'inbound' | 'outbound'): RelayConnection {
    const connection = new RelayConnection(peer, id, direction, this.#carrier)
    this.#connections.set(keyOf(peer, id), connection)
    return connection
  }

  #onRefused({ id, to, reason }: RelayServerFrameOf<'relay-refused'>): void {
    if (id !== undefined) this.#settlePut(id, { kind: 'refused', reason })
    if (reason !== 'not-here' || to === undefined) return
    for (const nodeId of this.#peers.keys()) if (nodeId === to) this.#gone(nodeId)
  }

  #onMail({ id, sealed }: RelayServerFrameOf<'relay-mail'>): void {
    this.#events.onMail({ sealed, taken: () => void this.#send({ type: 'relay-taken', ids: [id] }) })
  }

  #settlePut(id: string, outcome: PutOutcome): void {
    const settle = this.#puts.get(id)
    this.#puts.delete(id)
    settle?.(outcome)
  }

  #send(frame: JsonObject): boolean {
    return this.#wire?.send(JSON.stringify(frame)) ?? false
  }

  #hold(): () => void {
    this.#holds++
    this.#wire?.pause()
    return () => {
      this.#holds--
      if (this.#holds === 0) this.#wire?.resume()
    }
  }

  #endConnections(nodeId?: NodeId): void {
    for (const connection of [...this.#connections.values()]) if (nodeId === undefined || connection.peer === nodeId) connection.end()
  }

  #onEnd(end: RelayEnd): void {
    const { clock, log, guard } = this.#deps
    const wasIn = this.#inSince !== undefined && clock.monotonic() - this.#inSince > LIMITS.relayClient.steadyMs
    // Only what lasted counts as success: a relay that takes us in and throws us out is one that fails.
    this.#failures = wasIn ? 1 : this.#failures + 1
    this.#wire = undefined
    this.#holds = 0
    this.#end = end
    this.#events.onEnd(end.cause)
    this.#endConnections()
    for (const nodeId of [...this.#peers.keys()]) this.#gone(nodeId)
    for (const id of [...this.#puts.keys()]) this.#settlePut(id, { kind: 'refused', reason: 'away' })
    if (this.#scope.isStopped) return
    this.#noteOut(end.cause)
    log.warn('relay lost', { host: this.#target.url.host, cause: end.cause, said: end.said })
    this.#state = isLasting(end.cause) ? 'stopped' : 'waiting'
    if (this.#state === 'stopped') return
    const delayMs = retryDelayMs(end.cause, this.#failures, this.#deps.random)
    this.#cancelRetry = this.#scope.after(delayMs, () => guard.run('relay-retry', () => this.#connect()))
  }
}

function keyOf(peer: NodeId, link: string): string {
  return `${peer} ${link}`
}
