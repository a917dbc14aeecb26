/**
 * A `Connection` to one peer through a relay: frames in envelopes, each with the id of the connection that it belongs to,
 * since two nodes may have several (one for each group); to a stock node there is one, and its frames go as they are. The relay carries it and cannot tell what it is; what it changes,
 * drops or invents ends the link by the seal.
 *
 * A paused connection keeps what arrives, up to a bound, and then holds back the whole relay: what was taken is not lost.
 */
import { fromUtf8 } from '../base/bytes.ts'
import { MeshError } from '../base/errors.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { NodeId } from '../identity/ids.ts'
import type { CloseReason, Connection, ConnectionEvents } from './connection.ts'

/** What a connection needs of the relay that carries it. */
export interface Carrier {
  readonly guard: Guard
  readonly buffered: number
  /** Sends one payload to this node. */
  send(to: NodeId, payload: string): boolean
  /** Reads nothing more from the relay until the returned function is called. */
  hold(): () => void
  forget(connection: RelayConnection): void
}

/** The id of the one connection to a stock node, which knows of no ids: frames go as they are. No id of ours has this length. */
export const STOCK_LINK = 'stock'

/** An envelope is a little longer than the frame in it. */
const ENVELOPE_BYTES = 512

export class RelayConnection implements Connection {
  readonly kind = 'relay'
  readonly direction: 'inbound' | 'outbound'
  readonly remote: string
  readonly peer: NodeId
  readonly id: string
  readonly #carrier: Carrier
  #events: ConnectionEvents | undefined
  #arrived: Uint8Array[] = []
  #arrivedBytes = 0
  #maxFrameBytes: number = LIMITS.handshake.frameBytes
  #isPaused = false
  #isPumping = false
  #release: (() => void) | undefined
  #reason: CloseReason | undefined
  #isTold = false

  constructor(peer: NodeId, id: string, direction: 'inbound' | 'outbound', carrier: Carrier) {
    this.peer = peer
    this.id = id
    this.direction = direction
    this.remote = `relay ${peer}`
    this.#carrier = carrier
  }

  start(events: ConnectionEvents): void {
    if (this.#events !== undefined) throw new MeshError('internal', 'a connection was started twice')
    this.#events = events
    queueMicrotask(() => this.#pump())
  }

  get buffered(): number {
    return this.#carrier.buffered
  }

  send(payload: Uint8Array): boolean {
    const text = fromUtf8(payload)
    const isOver = this.#reason !== undefined || text === undefined
    if (isOver || payload.length > LIMITS.relay.messageBytes - ENVELOPE_BYTES) return false
    return this.#carrier.send(this.peer, this.#isPlain ? text : `{"type":"mesh-link-v1","link":"${this.id}","frame":${text}}`)
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    queueMicrotask(() => this.#pump())
  }

  setMaxFrameBytes(bytes: number): void {
    this.#maxFrameBytes = bytes
  }

  close(): void {
    if (this.#reason !== undefined) return
    this.#sayEnd()
    this.#arrived = []
    this.#finish('local')
  }

  /** A frame came for it. */
  receive(payload: Uint8Array): void {
    if (this.#reason !== undefined) return
    this.#arrived.push(payload)
    this.#arrivedBytes += payload.length
    if (this.#arrivedBytes > LIMITS.relayClient.heldBytes) this.#release ??= this.#carrier.hold()
    this.#pump()
  }

  /** The other side ended it, or is gone; what had arrived is still delivered. */
  end(): void {
    this.#finish('remote')
  }

  #pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    while (this.#events !== undefined && !this.#isPaused) {
      const payload = this.#arrived.shift()
      if (payload === undefined) break
      this.#arrivedBytes -= payload.length
      if (payload.length > this.#maxFrameBytes) this.#refuse()
      else this.#carrier.guard.run('frame', () => this.#events?.onFrame(payload))
    }
    this.#isPumping = false
    if (this.#arrivedBytes <= LIMITS.relayClient.heldBytes) this.#letGo()
    this.#tell()
  }

  #refuse(): void {
    this.#sayEnd()
    this.#arrived = []
    this.#finish('frame-too-large')
  }

  /** A stock node would not know what that is. */
  #sayEnd(): void {
    if (!this.#isPlain) this.#carrier.send(this.peer, `{"type":"mesh-link-v1","link":"${this.id}","end":true}`)
  }

  get #isPlain(): boolean {
    return this.id === STOCK_LINK
  }

  #finish(reason: CloseReason): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.#arrivedBytes = this.#arrived.reduce((sum, { length }) => sum + length, 0)
    this.#carrier.forget(this)
    queueMicrotask(() => this.#pump())
  }

  #letGo(): void {
    this.#release?.()
    this.#release = undefined
  }

  #tell(): void {
    const reason = this.#reason
    if (reason === undefined || this.#events === undefined || this.#arrived.length > 0 || this.#isTold) return
    this.#isTold = true
    this.#letGo()
    this.#carrier.guard.run('close', () => this.#events?.onClose(reason))
  }
}
