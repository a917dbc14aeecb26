/**
 * A network inside one process, for tests of everything above the transport: hosts with names instead of addresses,
 * connections with a delay, hosts that fall silent (`cut`, `heal`: what was sent in between arrives late, as with TCP)
 * or whose connections break (`reset`). Passes the same suite as the sockets.
 */
import type { Clock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { CloseReason, Connection, ConnectionEvents, Listener, StreamAddress, Transport } from './connection.ts'

export interface MemoryNetworkOptions {
  readonly clock: Clock
  /** One way. Default 0: at the end of the current tick. */
  readonly delayMs?: number
}

interface Pair {
  readonly hosts: readonly [string, string]
  readonly wire: Wire
  readonly ends: readonly [MemoryEnd, MemoryEnd]
}

export class MemoryNetwork {
  readonly #clock: Clock
  readonly #delayMs: number
  readonly #listeners = new Map<string, (connection: Connection) => void>()
  readonly #cut = new Set<string>()
  #pairs: Pair[] = []
  #nextPort = 49_152

  constructor(options: MemoryNetworkOptions) {
    this.#clock = options.clock
    this.#delayMs = options.delayMs ?? 0
  }

  /** The transport of the host with this name. */
  transport(host: string): Transport<StreamAddress> {
    return {
      listen: async (at, onConnection) => this.#listen(host, at, onConnection),
      dial: (to, signal) => this.#dial(host, to, signal),
    }
  }

  /** The host falls silent: nothing reaches it, nothing leaves it, no connection notices. */
  cut(host: string): void {
    this.#cut.add(host)
    this.#updateWires()
  }

  heal(host: string): void {
    this.#cut.delete(host)
    this.#updateWires()
  }

  /** Every connection of the host breaks at both ends. */
  reset(host: string): void {
    for (const pair of this.#pairs.filter((other) => other.hosts.includes(host))) {
      for (const end of pair.ends) end.fail('remote')
    }
  }

  #listen(host: string, at: StreamAddress, onConnection: (connection: Connection) => void): Listener<StreamAddress> {
    const address: StreamAddress = at.kind === 'lan' ? { kind: 'lan', host, port: at.port || this.#nextPort++ } : at
    const key = keyOf(address, host)
    if (this.#listeners.has(key)) throw new MeshError('unreachable', `${key} is taken`, { retryable: true })
    this.#listeners.set(key, onConnection)
    return {
      address,
      stop: async () => {
        this.#listeners.delete(key)
      },
    }
  }

  #dial(from: string, to: StreamAddress, signal: AbortSignal): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const fail = (code: 'closed' | 'timeout' | 'unreachable', message: string) => {
        timer.cancel()
        signal.removeEventListener('abort', onAbort)
        reject(new MeshError(code, message, { retryable: true }))
      }
      const onAbort = () => fail('closed', 'dialing was stopped')
      const timer = this.#clock.after(LIMITS.link.dialTimeoutMs, () => fail('timeout', `no answer from ${keyOf(to, from)}`))
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      if (this.#isCut(from, hostOf(to, from))) return
      this.#later(() => {
        if (signal.aborted) return
        const accept = this.#listeners.get(keyOf(to, from))
        if (accept === undefined) return fail('unreachable', `nothing listens at ${keyOf(to, from)}`)
        timer.cancel()
        signal.removeEventListener('abort', onAbort)
        const [dialed, accepted] = this.#connect(from, to)
        resolve(dialed)
        accept(accepted)
      })
    })
  }

  #connect(from: string, to: StreamAddress): readonly [MemoryEnd, MemoryEnd] {
    const host = hostOf(to, from)
    const wire = new Wire((fn) => this.#later(fn))
    const forget = () => {
      this.#pairs = this.#pairs.filter((other) => other !== pair)
    }
    const isLocal = to.kind === 'machine'
    const dialed = new MemoryEnd('outbound', isLocal ? 'local' : host, wire, forget)
    const accepted = new MemoryEnd('inbound', isLocal ? 'local' : from, wire, forget)
    dialed.join(accepted)
    accepted.join(dialed)
    const pair: Pair = { hosts: [from, host], wire, ends: [dialed, accepted] }
    this.#pairs.push(pair)
    return pair.ends
  }

  #later(fn: () => void): void {
    if (this.#delayMs === 0) queueMicrotask(fn)
    else this.#clock.after(this.#delayMs, fn)
  }

  #isCut(a: string, b: string): boolean {
    return a !== b && (this.#cut.has(a) || this.#cut.has(b))
  }

  #updateWires(): void {
    for (const { hosts, wire } of this.#pairs) wire.setCut(this.#isCut(...hosts))
  }
}

/** Carries calls from one end to the other in order; holds them while it is cut. */
class Wire {
  readonly #later: (fn: () => void) => void
  #held: (() => void)[] = []
  #isCut = false

  constructor(later: (fn: () => void) => void) {
    this.#later = later
  }

  carry(arrive: () => void): void {
    this.#later(() => {
      if (this.#isCut) this.#held.push(arrive)
      else arrive()
    })
  }

  setCut(isCut: boolean): void {
    this.#isCut = isCut
    while (!this.#isCut && this.#held.length > 0) this.#held.shift()?.()
  }
}

class MemoryEnd implements Connection {
  readonly kind = 'memory'
  readonly direction: 'inbound' | 'outbound'
  readonly remote: string
  readonly #wire: Wire
  readonly #onOver: () => void
  #other: MemoryEnd | undefined
  #events: ConnectionEvents | undefined
  #arrived: Uint8Array[] = []
  #buffered = 0
  #maxFrameBytes: number = LIMITS.handshake.frameBytes
  #isPaused = false
  /** Set once it is over; told as soon as somebody listens and what came before was delivered. */
  #reason: CloseReason | undefined
  #isTold = false

  constructor(direction: 'inbound' | 'outbound', remote: string, wire: Wire, onOver: () => void) {
    this.direction = direction
    this.remote = remote
    this.#wire = wire
    this.#onOver = onOver
  }

  join(other: MemoryEnd): void {
    this.#other = other
  }

  start(events: ConnectionEvents): void {
    if (this.#events !== undefined) throw new MeshError('internal', 'a connection was started twice')
    this.#events = events
    queueMicrotask(() => this.#pump())
  }

  get buffered(): number {
    return this.#buffered
  }

  send(payload: Uint8Array): boolean {
    if (this.#reason !== undefined || this.#buffered + payload.length > LIMITS.link.outboundBytes) return false
    this.#buffered += payload.length
    const copy = Uint8Array.from(payload)
    this.#wire.carry(() => this.#other?.receive(copy))
    return true
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

  close(isAbrupt = false): void {
    if (this.#reason !== undefined) return
    this.fail('local')
    this.#wire.carry(() => this.#other?.end(isAbrupt))
  }

  receive(payload: Uint8Array): void {
    if (this.#reason !== undefined) return
    this.#arrived.push(payload)
    this.#pump()
  }

  /** The other side closed; abruptly: what had not been read is lost. */
  end(isAbrupt: boolean): void {
    if (isAbrupt) this.#arrived = []
    this.#finish('remote')
  }

  /** It is over at once, whatever had arrived. */
  fail(reason: CloseReason): void {
    this.#arrived = []
    this.#finish(reason)
  }

  taken(bytes: number): void {
    this.#buffered -= bytes
  }

  #finish(reason: CloseReason): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.#onOver()
    queueMicrotask(() => this.#pump())
  }

  #pump(): void {
    while (this.#events !== undefined && !this.#isPaused) {
      const payload = this.#arrived.shift()
      if (payload === undefined) break
      const error = this.#errorOf(payload)
      if (error !== undefined) {
        this.#refuse(error)
        break
      }
      this.#other?.taken(payload.length)
      this.#events.onFrame(payload)
    }
    this.#tell()
  }

  #tell(): void {
    if (this.#reason === undefined || this.#events === undefined || this.#arrived.length > 0 || this.#isTold) return
    this.#isTold = true
    this.#events.onClose(this.#reason)
  }

  #errorOf(payload: Uint8Array): CloseReason | undefined {
    if (payload.length === 0) return 'frame-invalid'
    return payload.length > this.#maxFrameBytes ? 'frame-too-large' : undefined
  }

  #refuse(reason: CloseReason): void {
    this.#arrived = []
    if (this.#reason !== undefined) return
    this.#wire.carry(() => this.#other?.end(true))
    this.#finish(reason)
  }
}

function keyOf(address: StreamAddress, from: string): string {
  return `${hostOf(address, from)}:${address.kind === 'lan' ? address.port : address.path}`
}

/** A path leads to the same machine. */
function hostOf(address: StreamAddress, from: string): string {
  return address.kind === 'lan' ? address.host : from
}
