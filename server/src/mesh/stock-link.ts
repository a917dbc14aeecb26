/**
 * A link to a stock node. Inside it looks like any other: messages go in as our frames, and are written anew for the other
 * side, in its record form, signed in its way and sealed with its key. What comes out are records and texts, each with what
 * is known of who said it. All other frames of ours mean nothing there and are not sent.
 *
 * Invariant: nothing leaves in clear unless the policy of the group is `allow`, the peer is on the local network, and it
 * offers no key to seal for.
 */

import { utf8 } from '../base/bytes.ts'
import type { RandomBytes } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import { Scope } from '../base/scope.ts'
import type { NodeId } from '../identity/ids.ts'
import { type AssertionId, type Cmb, NEUTRAL } from '../mmp/cmb.ts'
import { type Frame, type FrameOf, parseFrame } from '../mmp/frames.ts'
import { decodeJson, encodeJson, type JsonObject, type TypedObject } from '../mmp/json.ts'
import { decodeRecord } from '../mmp/record.ts'
import { encodeStockCmb, isStockText, parseStockFrame, readAttestation, type StockFrame, type StockFrameOf } from '../mmp/stock-frames.ts'
import { encodeStock, mintTwoSection, readStockRecord, type StockForm, type StockWords } from '../mmp/stock-record.ts'
import type { NodeKeys } from '../secure/session.ts'
import { openStockRecord, sealStockRecord } from '../secure/stock-seal.ts'
import type { Connection, ConnectionEvents } from '../transport/connection.ts'
import { FrameLimits } from './frame-limits.ts'
import type { Link, LinkDeps } from './link.ts'
import { Pings } from './pings.ts'
import type { StockPolicy } from './stock-file.ts'

export interface StockLinkDeps extends LinkDeps {
  readonly random: RandomBytes
  readonly keys: NodeKeys
  /** What we call ourselves in records. */
  readonly name: string
  readonly policy: () => StockPolicy
}

export interface StockSession {
  readonly peer: Link['peer']
  readonly name: string
  readonly group: string
  readonly form: StockForm
  /** To seal with; undefined where the peer offers no key. */
  readonly secret: Uint8Array | undefined
}

/** What a stock node said. */
export interface StockSaid {
  readonly cmb: Cmb
  /** By the key of the link. What is not signed may have been said by anybody. */
  readonly isSigned: boolean
  /** One of its latest, sent since we have just met. */
  readonly isAnchor: boolean
}

export interface StockLinkEvents {
  readonly onSaid: (link: StockLink, said: StockSaid) => void
  /** A text without record, signature or id. */
  readonly onText: (link: StockLink, content: string, at: number | undefined) => void
  readonly onRefused: (link: StockLink, rule: string) => void
  /** The peer signed that it has processed this message of ours. */
  readonly onAttested: (link: StockLink, id: AssertionId) => void
  readonly onDown: (link: StockLink, why: string) => void
  readonly onCount: (name: string) => void
}

const NOT_IN_CLEAR = 'this stock node offers no key to seal for, and clear text leaves only on the local network under the policy allow'
const NOT_TO_GROUP = 'under the policy warn a stock node gets only what is addressed to it'
/** What was sent and may still be attested. */
const MAX_SENT = 256

export class StockLink implements Link {
  readonly isStock = true
  readonly peer: Link['peer']
  readonly group: string
  readonly name: string
  readonly kind: Connection['kind']
  readonly openedAt: number
  readonly dialer: NodeId
  readonly #connection: Connection
  readonly #session: StockSession
  readonly #deps: StockLinkDeps
  readonly #events: StockLinkEvents
  readonly #scope: Scope
  readonly #pings: Pings
  readonly #limits: FrameLimits
  readonly #sent = new Map<string, AssertionId>()
  #form: StockForm
  #receivedAt: number
  #isDown = false

  constructor(connection: Connection, session: StockSession, deps: StockLinkDeps, events: StockLinkEvents) {
    const now = deps.clock.monotonic()
    this.peer = session.peer
    this.group = session.group
    this.name = session.name
    this.kind = connection.kind
    this.openedAt = now
    this.dialer = connection.direction === 'outbound' ? deps.keys.nodeId : session.peer.nodeId
    this.#connection = connection
    this.#session = session
    this.#deps = deps
    this.#events = events
    this.#scope = new Scope(deps.clock)
    this.#pings = new Pings(deps.clock, this.#scope, () => this.#write({ type: 'ping' }))
    this.#limits = new FrameLimits(deps.rates, now)
    this.#form = session.form
    this.#receivedAt = now
    connection.setMaxFrameBytes(LIMITS.frame.maxBytes)
    this.#scope.every(LIMITS.stock.pingAfterMs / 2, () => deps.guard.run('stock-heartbeat', () => this.#beat()))
  }

  get isOpen(): boolean {
    return !this.#isDown
  }

  get silenceMs(): number {
    return this.#deps.clock.monotonic() - this.#receivedAt
  }

  /** Handlers for the connection; the handshake hands over to them. */
  readonly sink: ConnectionEvents = {
    onFrame: (payload) => this.#onPayload(payload),
    onClose: (reason) => this.#down(`connection closed: ${reason}`),
  }

  refusalOf(isDirected: boolean): string | undefined {
    const policy = this.#deps.policy()
    if (policy !== 'allow' && !isDirected) return NOT_TO_GROUP
    const mayBeClear = policy === 'allow' && this.kind !== 'relay'
    return this.#session.secret === undefined && !mayBeClear ? NOT_IN_CLEAR : undefined
  }

  send(frame: Frame): boolean {
    if (frame.type === 'ping') return this.#write({ type: 'ping' })
    return frame.type === 'cmb' && this.#say(frame, false)
  }

  sendText(text: string): boolean {
    const decoded = decodeJson(utf8(text))
    const parsed = decoded.kind === 'ok' ? parseFrame(decoded.value) : undefined
    return parsed?.kind === 'ok' && this.send(parsed.frame)
  }

  /** One of our latest messages to the group, for who has just come. */
  sendAnchor(text: string): boolean {
    const decoded = decodeJson(utf8(text))
    const parsed = decoded.kind === 'ok' ? parseFrame(decoded.value) : undefined
    return parsed?.kind === 'ok' && parsed.frame.type === 'cmb' && this.#say(parsed.frame, true)
  }

  roundTrip(withinMs: number): Promise<number | undefined> {
    return this.#pings.roundTrip(withinMs)
  }

  probe(withinMs: number): void {
    const asked = this.#deps.clock.monotonic()
    if (!this.#pings.ask()) return
    this.#scope.after(withinMs, () => {
      if (this.#receivedAt < asked) this.close('no answer', true)
    })
  }

  close(why: string, isAbrupt = false): void {
    if (this.#isDown) return
    this.#connection.close(isAbrupt)
    this.#down(why)
  }

  #say(frame: FrameOf<'cmb'>, isAnchor: boolean): boolean {
    const { keys, clock, random } = this.#deps
    const own = decodeRecord(frame.cmb, keys.publicKey)
    if (own.kind === 'rejected' || this.refusalOf(own.cmb.to !== undefined) !== undefined) return false
    const words = this.#wordsOf(own.cmb)
    const record = encodeStock(this.#form, words)
    const { secret } = this.#session
    const sealed = secret === undefined ? record : sealStockRecord(record, secret, random)
    const isSent = this.#write(encodeStockCmb(sealed, { timestamp: clock.now(), to: own.cmb.to, isAnchor }))
    if (isSent && !isAnchor) this.#remember(mintTwoSection(words).key, own.cmb.id)
    return isSent
  }

  /** What has to arrive stands in the focus: a stock node keeps of the other fields what it can compare, and no body (MMP 12.2). */
  #wordsOf({ fields, application, group, to, createdAt }: Cmb): StockWords {
    const { keys, name } = this.#deps
    const body = application && new TextDecoder().decode(application.bytes)
    const focus = [fields.focus.text === NEUTRAL ? undefined : fields.focus.text, body].filter((part) => part).join('\n\n')
    const text = focus === '' ? NEUTRAL : focus.normalize('NFC')
    return {
      ...{ group, to, createdAt, publicKey: keys.publicKey },
      fields: { ...fields, focus: { text } },
      author: { nodeId: keys.nodeId, name },
      sign: (bytes) => keys.sign(bytes),
    }
  }

  #remember(key: string, id: AssertionId): void {
    this.#sent.set(key, id)
    const [oldest] = this.#sent.keys()
    if (this.#sent.size > MAX_SENT && oldest !== undefined) this.#sent.delete(oldest)
  }

  #write(frame: JsonObject): boolean {
    const payload = encodeJson(frame)
    if (this.#isDown || payload.length > LIMITS.frame.maxBytes) return false
    if (this.#connection.send(payload)) return true
    this.close('outbound cap')
    return false
  }

  #onPayload(payload: Uint8Array): void {
    if (this.#isDown) return
    const now = this.#deps.clock.monotonic()
    this.#receivedAt = now
    const waitMs = this.#limits.spend(now, payload.length)
    if (waitMs > 0) {
      this.#connection.pause()
      this.#scope.after(waitMs, () => this.#connection.resume())
    }
    const json = decodeJson(payload)
    if (json.kind === 'ok') this.#read(json.value)
    else this.#odd(false)
  }

  #read(value: TypedObject): void {
    const parsed = parseStockFrame(value)
    if (parsed.kind === 'ok') return this.#route(parsed.frame)
    if (parsed.kind === 'ignored') return this.#events.onCount('stock-ignored')
    this.#odd(parsed.kind === 'unknown')
  }

  #odd(isUnknown: boolean): void {
    this.#events.onCount(isUnknown ? 'unknown-frame' : 'bad-frame-stock')
    if (!this.#limits.takeOdd(this.#deps.clock.monotonic(), isUnknown)) this.close('too many odd frames', true)
  }

  #route(frame: StockFrame): void {
    switch (frame.type) {
      case 'ping':
        return void this.#write({ type: 'pong' })
      case 'cmb':
        return this.#onCmb(frame)
      case 'message':
        if (isStockText(frame.content)) this.#events.onText(this, frame.content, frame.timestamp ?? undefined)
        return
      case 'attestation':
        return this.#onAttestation(frame.attestation)
      case 'pong':
        return this.#pings.answered()
      case 'handshake':
        return
    }
  }

  #onCmb({ cmb: record, _anchor }: StockFrameOf<'cmb'>): void {
    const opened = openStockRecord(record, this.#session.secret)
    if (opened.kind === 'rejected') return this.#events.onRefused(this, opened.rule)
    const read = readStockRecord(opened.record, { nodeId: this.peer.nodeId, publicKey: this.peer.publicKey, group: this.group })
    if (read.kind === 'rejected') return this.#events.onRefused(this, read.rule)
    if (read.form === 'two-section') this.#form = 'two-section'
    this.#events.onSaid(this, { cmb: read.cmb, isSigned: read.isSigned, isAnchor: _anchor === true })
  }

  #onAttestation(value: JsonObject): void {
    const key = readAttestation(value, this.peer)
    const id = key === undefined ? undefined : this.#sent.get(key)
    this.#events.onCount('stock-attestation')
    if (id !== undefined) this.#events.onAttested(this, id)
  }

  #beat(): void {
    if (this.silenceMs > LIMITS.stock.closeAfterMs) this.close('silent', true)
    else if (this.silenceMs > LIMITS.stock.pingAfterMs) this.#pings.ask()
  }

  #down(why: string): void {
    if (this.#isDown) return
    this.#isDown = true
    void this.#scope.stop()
    this.#events.onDown(this, why)
  }
}
