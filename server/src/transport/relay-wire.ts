/**
 * One WebSocket to one relay, from the dial to its end: authentication, proof of the key, keep-alive, typed frames. It is
 * never used twice; when it ends it says why, once, and the life around it decides what to do.
 */
import WebSocket, { type ClientOptions } from 'ws'
import { toBase64Url } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import { Scope } from '../base/scope.ts'
import type { NodeId } from '../identity/ids.ts'
import { decodeObject } from '../mmp/json.ts'
import {
  parseServerFrame,
  RELAY_CLOSE,
  type RelayOffer,
  type RelayPeer,
  type RelayServerFrame,
  type RelayServerFrameOf,
} from '../mmp/relay-frames.ts'
import { relayGroupOf, relayProofPayload } from '../mmp/relay-proof.ts'
import type { RelayRoom } from '../mmp/relay-room.ts'
import { type DialCause, dialCauseOf, publicLookup, type RelayUrl } from './relay-url.ts'

/** Keys of the node, as far as a relay needs them. */
export interface RelayKeys {
  readonly nodeId: NodeId
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

/** Who only looks in: without a key it proves nothing, and the relay keeps no note of it. */
export type RelayVisitor = Pick<RelayKeys, 'nodeId'>

export interface RelayTarget {
  readonly url: RelayUrl
  readonly token: string | undefined
  /** Chosen by somebody else: only public addresses are dialed. */
  readonly isForeign: boolean
}

export type RelayCause =
  | DialCause
  | 'timeout' // nothing came for a minute, or no answer to the authentication
  | 'token'
  | 'refused-auth' // the relay does not take our authentication, or our proof
  | 'id-taken'
  | 'duplicate'
  | 'replaced'
  | 'superseded'
  | 'busy' // over a limit of the relay
  | 'ended' // the relay stopped, or the network did

export interface RelayEnd {
  readonly cause: RelayCause
  /** What the relay said to it. */
  readonly said: string
}

export interface RelayWireEvents {
  /** We are in; `offer` is there when the relay knows our key. */
  readonly onIn: (peers: readonly RelayPeer[], offer: RelayOffer | undefined) => void
  readonly onFrame: (frame: RelayServerFrame) => void
  /** Once, and last. */
  readonly onEnd: (end: RelayEnd) => void
}

export interface RelayWireDeps {
  readonly clock: Clock
  readonly guard: Guard
  readonly keys: RelayKeys | RelayVisitor
  /** In which we are now. */
  readonly rooms: () => readonly RelayRoom[]
}

const CAUSE_OF_CODE: ReadonlyMap<number, RelayCause> = new Map([
  [RELAY_CLOSE.authTimeout, 'timeout'],
  [RELAY_CLOSE.authInvalid, 'refused-auth'],
  [RELAY_CLOSE.tokenInvalid, 'token'],
  [RELAY_CLOSE.replaced, 'replaced'],
  [RELAY_CLOSE.duplicate, 'duplicate'],
  [RELAY_CLOSE.proofInvalid, 'refused-auth'],
  [RELAY_CLOSE.overLimit, 'busy'],
  [RELAY_CLOSE.superseded, 'superseded'],
  [RELAY_CLOSE.idTaken, 'id-taken'],
])

export class RelayWire {
  readonly #ws: WebSocket
  readonly #target: RelayTarget
  readonly #deps: RelayWireDeps
  readonly #events: RelayWireEvents
  readonly #scope: Scope
  #heardAt: number
  #isIn = false
  #isOver = false
  #said = ''
  #failure: RelayCause | undefined
  /** As we told them last; undefined while the relay has not said that it has any. */
  #rooms: readonly RelayRoom[] | undefined

  constructor(target: RelayTarget, deps: RelayWireDeps, events: RelayWireEvents) {
    this.#target = target
    this.#deps = deps
    this.#events = events
    this.#scope = new Scope(deps.clock)
    this.#heardAt = deps.clock.monotonic()
    this.#ws = new WebSocket(target.url.href, optionsOf(target))
    const { guard } = deps
    this.#ws.on(
      'open',
      guard.wrap('relay-open', () => this.#authenticate()),
    )
    this.#ws.on(
      'message',
      guard.wrap('relay-message', (data: WebSocket.RawData) => this.#onMessage(data)),
    )
    this.#ws.on('error', (thrown) => {
      this.#failure ??= dialCauseOf(thrown)
    })
    this.#ws.on(
      'close',
      guard.wrap('relay-close', (code: number, reason: Buffer) => this.#onClose(code, reason.toString().slice(0, 120))),
    )
    this.#scope.after(LIMITS.relayClient.answerMs, () => this.#isIn || this.#fail('timeout'))
    this.#scope.every(LIMITS.relayClient.pongMs, () => this.#keepAlive())
  }

  get buffered(): number {
    return this.#ws.bufferedAmount
  }

  /** False when it is over, or when the relay reads too slowly for more. */
  send(text: string): boolean {
    if (this.#isOver || this.#ws.readyState !== WebSocket.OPEN || this.buffered > LIMITS.link.outboundBytes) return false
    this.#ws.send(text)
    return true
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  close(): void {
    this.#fail('ended')
  }

  /** To be called when we are in other rooms than before. */
  tellRooms(): void {
    const rooms = this.#deps.rooms()
    if (!this.#isIn || this.#rooms === undefined || this.#rooms.join() === rooms.join()) return
    this.#rooms = rooms
    this.#send({ type: 'relay-rooms', rooms })
  }

  #authenticate(): void {
    const { keys } = this.#deps
    // The real name is told under the seal; a relay has no use for it.
    const name = keys.nodeId.slice(0, 8)
    const token = this.#target.token === undefined ? {} : { token: this.#target.token }
    const proof = 'publicKey' in keys ? { publicKey: toBase64Url(keys.publicKey), proof: 'v1' } : {}
    this.#send({ type: 'relay-auth', nodeId: keys.nodeId, name, ...token, ...proof })
  }

  #onMessage(data: WebSocket.RawData): void {
    if (this.#isOver || !Buffer.isBuffer(data)) return
    this.#heardAt = this.#deps.clock.monotonic()
    const decoded = decodeObject(data)
    const frame = decoded.kind === 'ok' ? parseServerFrame(decoded.value) : undefined
    // A relay may say what we do not know; it is never a reason to leave.
    if (frame) this.#onFrame(frame)
  }

  #onFrame(frame: RelayServerFrame): void {
    switch (frame.type) {
      case 'relay-challenge':
        return this.#prove(frame)
      case 'relay-ping':
        return this.#send({ type: 'relay-pong' })
      case 'relay-pong':
        return
      case 'relay-reauth':
        return this.#authenticate()
      case 'relay-error':
        this.#said = (frame.message ?? '').slice(0, 120)
        return
      case 'relay-peers':
        return this.#onPeers(frame)
      default:
        // Nothing of others counts before the relay has taken us in.
        if (this.#isIn) this.#events.onFrame(frame)
    }
  }

  #prove({ nonce, relayId, rooms: hasRooms }: RelayServerFrameOf<'relay-challenge'>): void {
    const { keys } = this.#deps
    if (!('sign' in keys)) return
    const facts = { relayId, nonce, group: relayGroupOf(this.#target.token ?? ''), nodeId: keys.nodeId }
    this.#rooms = hasRooms ? this.#deps.rooms() : undefined
    const rooms = this.#rooms === undefined ? {} : { rooms: this.#rooms }
    this.#send({ type: 'relay-proof', sig: toBase64Url(keys.sign(relayProofPayload(facts))), ...rooms })
  }

  #onPeers({ peers, limits }: RelayServerFrameOf<'relay-peers'>): void {
    this.#isIn = true
    this.#events.onIn(
      peers.filter(({ offline }) => offline !== true),
      limits,
    )
    // It may have changed while we were let in.
    this.tellRooms()
  }

  /** The relay's pings may not come through; our own word keeps the way open, and silence means that it is gone. */
  #keepAlive(): void {
    if (this.#deps.clock.monotonic() - this.#heardAt > LIMITS.relayClient.silenceMs) return this.#fail('timeout')
    if (this.#isIn) this.#send({ type: 'relay-pong' })
  }

  #send(frame: object): void {
    this.send(JSON.stringify(frame))
  }

  #fail(cause: RelayCause): void {
    this.#failure ??= cause
    this.#ws.terminate()
    this.#end({ cause: this.#failure, said: this.#said })
  }

  #onClose(code: number, reason: string): void {
    const cause = CAUSE_OF_CODE.get(code) ?? this.#failure ?? 'ended'
    this.#end({ cause, said: reason || this.#said })
  }

  #end(end: RelayEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    void this.#scope.stop()
    this.#events.onEnd(end)
  }
}

function optionsOf({ isForeign }: RelayTarget): ClientOptions {
  return {
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: LIMITS.relayClient.answerMs,
    maxPayload: LIMITS.relay.messageBytes,
    ...(isForeign ? { lookup: publicLookup } : {}),
  }
}
