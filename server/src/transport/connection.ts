/**
 * The project's own view of a wire: whole frames in, whole frames out, nothing about their meaning. TCP, the
 * same-machine socket and the in-memory pair are implementations and pass one contract suite.
 */
export type ConnectionKind = 'machine' | 'lan' | 'relay' | 'memory'

/** Where a connection can be dialed. A path is a same-machine socket (a pipe on Windows). */
export type StreamAddress =
  | { readonly kind: 'lan'; readonly host: string; readonly port: number }
  | { readonly kind: 'machine'; readonly path: string }
/** A node at a relay, which is named by its URL. To listen there `nodeId` is one's own. */
export interface RelayAddress {
  readonly kind: 'relay'
  readonly relay: string
  readonly nodeId: string
  /** Plain frames in the envelopes, as stock nodes send them; absent: connections of ours. */
  readonly dialect?: 'stock'
}
export type Address = StreamAddress | RelayAddress

export type CloseReason =
  | 'local' // we closed it
  | 'remote' // the other side closed it, or the network did
  | 'frame-invalid' // a length of zero
  | 'frame-too-large' // a length above the limit in force

export interface ConnectionEvents {
  /** One whole frame: the payload bytes, without the length prefix. */
  readonly onFrame: (payload: Uint8Array) => void
  /** Called exactly once, also after `close()`. No frame follows it. */
  readonly onClose: (reason: CloseReason) => void
}

export interface Connection {
  readonly kind: ConnectionKind
  readonly direction: 'inbound' | 'outbound'
  /** The other side's address for limits and lists: an IP address, or `local`. */
  readonly remote: string
  /** Must be called once, before any frame is delivered; frames wait until then. */
  start(events: ConnectionEvents): void
  /** Queues one frame. False when the connection is closed or its outbound cap is reached (the frame was not taken). */
  send(payload: Uint8Array): boolean
  /** Bytes accepted by `send` and not yet handed to the system. */
  readonly buffered: number
  /** Stops reading (backpressure toward the sender) and goes on. */
  pause(): void
  resume(): void
  /** The largest payload accepted from now on; starts at the limit for bytes before authentication. */
  setMaxFrameBytes(bytes: number): void
  /** Ends it; what `send` accepted is flushed unless `isAbrupt`. Idempotent. */
  close(isAbrupt?: boolean): void
}

export interface Listener<A extends Address = Address> {
  /** What others dial: the port that was bound, or the path. */
  readonly address: A
  stop(): Promise<void>
}

export interface Transport<A extends Address = Address> {
  listen(at: A, onConnection: (connection: Connection) => void): Promise<Listener<A>>
  /** Resolves when connected; rejects with MeshError `unreachable` or `timeout`. */
  dial(to: A, signal: AbortSignal): Promise<Connection>
}
