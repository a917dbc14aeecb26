/**
 * The tools of a hostile program: it can do the whole handshake and seal what it likes, over any transport. What it gets
 * back is kept, so that a test can say that it learned nothing.
 */
import { fromUtf8, toBase64Url, utf8 } from '../../server/src/base/bytes.ts'
import type { Cmb } from '../../server/src/mmp/cmb.ts'
import { parseFrame } from '../../server/src/mmp/frames.ts'
import { decodeJson, encodeJson, type JsonObject, type TypedObject } from '../../server/src/mmp/json.ts'
import { signReceipt } from '../../server/src/mmp/receipt.ts'
import { encodeRecord } from '../../server/src/mmp/record.ts'
import { createClientHandshake } from '../../server/src/secure/handshake.ts'
import { createSeal, type Seal } from '../../server/src/secure/seal.ts'
import type { NodeKeys, Session } from '../../server/src/secure/session.ts'
import type { Address, CloseReason, Connection, Transport } from '../../server/src/transport/connection.ts'
import { counting } from '../vectors/fixtures.ts'

const DEADLINE_MS = 10_000

export interface AttackOptions {
  readonly transport: Transport
  readonly address: Address
  readonly keys: NodeKeys
  readonly group?: string
  readonly seed?: number
}

/** A connection without any handshake: raw frames. */
export class Stranger {
  readonly frames: Uint8Array[] = []
  readonly #connection: Connection
  #closed: CloseReason | undefined
  #wake: (() => void)[] = []
  #onFrame: (frame: Uint8Array) => void = () => {}

  private constructor(connection: Connection) {
    this.#connection = connection
    connection.setMaxFrameBytes(1_048_576)
    connection.start({
      onFrame: (frame) => {
        this.frames.push(Uint8Array.from(frame))
        this.#onFrame(frame)
        this.#woken()
      },
      onClose: (reason) => {
        this.#closed = reason
        this.#woken()
      },
    })
  }

  static async connect(transport: Transport, address: Address): Promise<Stranger> {
    return new Stranger(await transport.dial(address, new AbortController().signal))
  }

  send(frame: Uint8Array | JsonObject): boolean {
    return this.#connection.send(frame instanceof Uint8Array ? frame : encodeJson(frame))
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#onFrame = listener
  }

  get isClosed(): boolean {
    return this.#closed !== undefined
  }

  get buffered(): number {
    return this.#connection.buffered
  }

  pause(): void {
    this.#connection.pause()
  }

  resume(): void {
    this.#connection.resume()
  }

  close(): void {
    this.#connection.close(true)
  }

  closed(): Promise<CloseReason | undefined> {
    return this.until(() => this.#closed !== undefined, 'closed').then(() => this.#closed)
  }

  /** Resolves on the event that makes it true. */
  async until(fits: () => boolean, what: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the attacker waited in vain: ${what}`)), DEADLINE_MS)
    })
    const found = (async () => {
      while (!fits()) await new Promise<void>((resolve) => this.#wake.push(resolve))
    })()
    await Promise.race([found, late]).finally(() => clearTimeout(timer))
  }

  #woken(): void {
    const waiting = this.#wake
    this.#wake = []
    for (const resolve of waiting) resolve()
  }
}

/** A member that proved its key, and means harm. */
export class Attacker {
  readonly keys: NodeKeys
  readonly session: Session
  readonly stranger: Stranger
  readonly seal: Seal
  /** What it was told, opened. */
  readonly heard: TypedObject[] = []

  private constructor(keys: NodeKeys, session: Session, stranger: Stranger) {
    this.keys = keys
    this.session = session
    this.stranger = stranger
    this.seal = createSeal(session)
    const later = stranger.frames.slice(1)
    for (const frame of later) this.#open(frame)
    stranger.onFrame((frame) => this.#open(frame))
  }

  static async connect({ transport, address, keys, group = 'default', seed = 7 }: AttackOptions): Promise<Attacker> {
    const stranger = await Stranger.connect(transport, address)
    const machine = createClientHandshake({ keys, group, implementation: { name: 'x', version: '1' }, random: counting(seed) })
    stranger.send(machine.start())
    await stranger.until(() => stranger.frames.length > 0 || stranger.isClosed, 'a server-hello')
    const [hello] = stranger.frames
    const step = hello && machine.receive(hello)
    if (step?.kind !== 'done' || !step.send) throw new Error(`no handshake: ${step?.kind === 'failed' ? step.rule : 'closed'}`)
    stranger.send(step.send)
    return new Attacker(keys, step.session, stranger)
  }

  /** Any JSON, sealed as the next frame. */
  send(frame: JsonObject): boolean {
    return this.stranger.send(this.seal.seal(encodeJson(frame)))
  }

  /** Any bytes, sealed as the next frame. */
  sendSealed(plaintext: string | Uint8Array): boolean {
    return this.stranger.send(this.seal.seal(typeof plaintext === 'string' ? utf8(plaintext) : plaintext))
  }

  sendCmb(cmb: Cmb, more: JsonObject = {}): boolean {
    return this.send({ type: 'cmb', timestamp: cmb.createdAt, cmb: encodeRecord(cmb), tags: ['message'], ...more })
  }

  sendReceipt(of: Cmb['id'], state: 'received' | 'surfaced', author: Cmb['author']['nodeId'], signer: NodeKeys = this.keys): boolean {
    const facts = { seq: 1, items: [{ of, state, at: 1_750_000_000_000 }] }
    const parties = { recipient: this.keys.nodeId, author }
    return this.send({ type: 'mesh-opaque-v1-receipt', ...signReceipt(facts, parties, (bytes) => signer.sign(bytes)) })
  }

  told(type: string): readonly TypedObject[] {
    return this.heard.filter((frame) => frame.type === type)
  }

  /** What the receipts say that it was sent, with the number of each receipt. */
  receipts(): readonly { readonly seq: number; readonly of: string; readonly state: string; readonly way?: string | undefined }[] {
    return this.told('mesh-opaque-v1-receipt').flatMap((told) => {
      const parsed = parseFrame(told)
      if (parsed.kind !== 'ok' || parsed.frame.type !== 'mesh-opaque-v1-receipt') throw new Error('no receipt')
      const { seq, items } = parsed.frame
      return items.map(({ of, state, way }) => ({ seq, of, state, way }))
    })
  }

  /** The other side has handled everything that was sent before. */
  async sync(): Promise<void> {
    const before = this.told('pong').length
    this.send({ type: 'ping' })
    await this.stranger.until(() => this.told('pong').length > before || this.stranger.isClosed, 'a pong')
  }

  #open(frame: Uint8Array): void {
    const opened = this.seal.open(frame)
    const json = opened.kind === 'ok' ? decodeJson(opened.plaintext) : undefined
    if (json?.kind === 'ok') this.heard.push(json.value)
  }
}

/** The frames as text, to look for what must not be in them. */
export function textOf(frames: readonly Uint8Array[]): string {
  return frames.map((frame) => fromUtf8(frame) ?? toBase64Url(frame)).join('\n')
}
