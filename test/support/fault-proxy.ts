/**
 * A TCP proxy between a session and a relay that treats what passes as bad networks do. Faults can be set while
 * connections are up. Bytes of one direction of one connection stay in order, as TCP has them; between connections and
 * directions nothing is in order. Whole WebSocket messages can be lost, which no network does, but a relay can.
 */
import net from 'node:net'

export interface Faults {
  /** Waited before each piece that passes, anew each time; so connections overtake each other. */
  readonly delayMs?: () => number
  /** Most bytes that pass at once, anew each time. */
  readonly pieceBytes?: () => number
  /** What one direction of one connection carries. */
  readonly bytesPerSecond?: number
  /** Whether this WebSocket message is lost. Never asked of what belongs to the upgrade. */
  readonly loses?: () => boolean
}

/** Nothing passes from then on, and neither side is told. */
interface Pair {
  readonly sockets: readonly [net.Socket, net.Socket]
  isFrozen: boolean
}

export class FaultProxy {
  faults: Faults = {}
  /** Connections from the beginning on. */
  accepted = 0
  /** Messages that `loses` took. */
  lost = 0
  readonly #server: net.Server
  readonly #target: URL
  readonly #pairs = new Set<Pair>()

  static async to(url: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(url))
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  private constructor(target: URL) {
    this.#target = target
    this.#server = net.createServer((socket) => this.#onConnection(socket))
  }

  get url(): string {
    const address = this.#server.address()
    return `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  }

  /** Both ends see a reset. */
  cut(): void {
    for (const { sockets } of this.#pairs) for (const socket of sockets) socket.resetAndDestroy()
  }

  /** All connections that are up go silent in both directions and stay open; later ones are not touched. */
  freeze(): void {
    for (const pair of this.#pairs) pair.isFrozen = true
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #onConnection(near: net.Socket): void {
    this.accepted++
    const far = net.connect(Number(this.#target.port), this.#target.hostname)
    const pair: Pair = { sockets: [near, far], isFrozen: false }
    this.#pairs.add(pair)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#carry(pair, from, to)
      from.on('error', () => {})
    }
  }

  #carry(pair: Pair, from: net.Socket, to: net.Socket): void {
    const frames = new Frames()
    let before = Promise.resolve()
    from.on('data', (chunk: Buffer) => {
      if (pair.isFrozen) return
      const { loses } = this.faults
      const parts = frames.read(chunk)
      const kept = parts.filter(({ isMessage }) => !(isMessage && loses?.()))
      this.lost += parts.length - kept.length
      const bytes = Buffer.concat(kept.map((part) => part.bytes))
      if (bytes.length === 0) return
      // One after the other: what waits holds back what comes after it, and at some point the sender.
      from.pause()
      before = before.then(() => this.#pass(pair, bytes, to)).then(() => void from.resume())
    })
    from.on('close', () => {
      this.#pairs.delete(pair)
      void before.then(() => pair.isFrozen || to.end())
    })
  }

  async #pass(pair: Pair, bytes: Buffer, to: net.Socket): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { delayMs, pieceBytes, bytesPerSecond } = this.faults
      const length = Math.max(1, pieceBytes?.() ?? bytes.length)
      const piece = bytes.subarray(at, at + length)
      at += piece.length
      const waitMs = (delayMs?.() ?? 0) + (bytesPerSecond === undefined ? 0 : (piece.length / bytesPerSecond) * 1_000)
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
      else if (pieceBytes) await new Promise((resolve) => setImmediate(resolve))
      if (pair.isFrozen || !to.writable) return
      if (!to.write(piece)) await Promise.race([event(to, 'drain'), event(to, 'close')])
    }
  }
}

function event(socket: net.Socket, name: string): Promise<void> {
  return new Promise((resolve) => socket.once(name, () => resolve()))
}

interface Part {
  readonly bytes: Buffer
  /** A whole text or binary message; else the upgrade, or a control frame. */
  readonly isMessage: boolean
}

/** Cuts a stream into the HTTP upgrade and WebSocket frames (RFC 6455, 5.2). */
class Frames {
  #rest = Buffer.alloc(0)
  #isUpgraded = false

  read(chunk: Buffer): readonly Part[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const parts: Part[] = []
    for (let length = this.#next(); length !== undefined && length <= this.#rest.length; length = this.#next()) {
      const bytes = this.#rest.subarray(0, length)
      this.#rest = this.#rest.subarray(length)
      parts.push({ bytes, isMessage: this.#isUpgraded && ((bytes[0] ?? 0) & 0x08) === 0 })
      this.#isUpgraded = true
    }
    return parts
  }

  /** How long the next part is; undefined while that cannot be known. */
  #next(): number | undefined {
    if (!this.#isUpgraded) {
      const end = this.#rest.indexOf('\r\n\r\n')
      return end < 0 ? undefined : end + 4
    }
    const [, second] = this.#rest
    if (second === undefined) return undefined
    const mask = second & 0x80 ? 4 : 0
    const short = second & 0x7f
    if (short < 126) return 2 + mask + short
    if (short === 126) return this.#rest.length < 4 ? undefined : 4 + mask + this.#rest.readUInt16BE(2)
    return this.#rest.length < 10 ? undefined : 10 + mask + Number(this.#rest.readBigUInt64BE(2))
  }
}
