/**
 * One connection to the relay, from its first byte to its last. Until it has authenticated it can do nothing but that; then
 * it is a member of exactly one group. Whatever it sends, the process lives: a fault of ours is counted, the frame is
 * dropped, and the third fault ends this connection alone.
 */
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { TokenBucket } from '../base/bucket.ts'
import { toBase64Url } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { assertNever, messageOf } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { fingerprintOf } from '../identity/ids.ts'
import { isAcceptableEd25519 } from '../identity/keys.ts'
import { decodeEnvelope, type JsonObject } from '../mmp/json.ts'
import { parseClientFrame, RELAY_CLOSE, type RelayClientFrame, type RelayClientFrameOf } from '../mmp/relay-frames.ts'
import { type RelayGroup, relayGroupOf, verifyRelayProof } from '../mmp/relay-proof.ts'
import { COMMON_ROOM, type RelayRoom } from '../mmp/relay-room.ts'
import type { Admitted, Guest, Place, Tokens } from './admission.ts'
import { offerOf, type RelayLimits } from './limits.ts'
import { MailDrain } from './mail-drain.ts'
import type { Metrics } from './metrics.ts'
import { type Flusher, textFrame, wrappedFrame } from './outbound.ts'
import { Pressure } from './pressure.ts'
import type { RelayQueue } from './queue.ts'
import type { RelayMember, RelayRouter } from './router.ts'
import { Seat } from './seat.ts'

export interface ConnectionDeps {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
  readonly limits: RelayLimits
  readonly tokens: Tokens
  readonly router: RelayRouter
  readonly queue: RelayQueue
  readonly metrics: Metrics
  readonly flusher: Flusher
  readonly relayId: string
}

type Auth = RelayClientFrameOf<'relay-auth'>

interface Challenge {
  readonly auth: Auth
  readonly publicKey: Uint8Array
  readonly admitted: Admitted
  readonly nonce: Uint8Array
}

const NONCE_BYTES = 32
const MOST_FAULTS = 3
/** How long a closed connection may take to say goodbye. */
const GOODBYE_MS = 1_000
/** Of what is answered with the list of all who are here. */
const LISTS_PER_MINUTE = 30
const COMMON: ReadonlySet<RelayRoom> = new Set([COMMON_ROOM])

export class RelayConnection {
  readonly #deps: ConnectionDeps
  readonly #ws: WebSocket
  readonly #pressure: Pressure
  readonly #place: Place
  /** Most never need these. */
  #bad: TokenBucket | undefined
  #lists: TokenBucket | undefined
  #challenge: Challenge | undefined
  #seat: Seat | undefined
  #isJoining = false
  #isClosed = false
  #faults = 0
  #unanswered = 0
  #pingedAt: number

  constructor(ws: WebSocket, socket: Duplex, place: Place, deps: ConnectionDeps) {
    const { clock, limits, flusher } = deps
    const now = deps.clock.monotonic()
    this.#deps = deps
    this.#ws = ws
    this.#place = place
    this.#pressure = new Pressure({ clock, limits, flusher, socket, reader: ws })
    this.#pingedAt = now
    ws.on('message', (data, isBinary) => this.#guard(() => this.#onMessage(data, isBinary)))
    // Every error is followed by 'close'; a message that is too large or no UTF-8 was answered by the library.
    ws.on('error', () => deps.metrics.count('bad_frames'))
    ws.on('close', () => this.#onClose())
    socket.on('drain', () => this.#guard(() => this.#onDrain()))
  }

  get isIn(): boolean {
    return this.#seat !== undefined
  }

  /** To be called every second or so. */
  beat(): void {
    if (this.#seat === undefined || this.#isClosed) return
    const now = this.#deps.clock.monotonic()
    const { guest } = this.#seat
    if (guest && this.#deps.clock.now() > guest.until) return this.close(RELAY_CLOSE.tokenInvalid, 'the pass has run out')
    if (this.#pressure.isStuck()) return this.#cut('does not read')
    // Whom we do not read cannot answer.
    if (now - this.#pingedAt < this.#deps.limits.pingMs || this.#pressure.isHeld) return
    if (this.#unanswered >= this.#deps.limits.missedPongs) return this.close(RELAY_CLOSE.heartbeat, 'no answer to pings')
    this.#unanswered++
    this.#pingedAt = now
    this.#send({ type: 'relay-ping' })
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#pressure.end()
    this.#leave()
    // What it may still say is read and dropped: a goodbye that is not read would become a reset.
    this.#ws.resume()
    this.#ws.close(code, reason)
    const timer = this.#deps.clock.after(GOODBYE_MS, () => this.#ws.terminate())
    this.#ws.once('close', () => timer.cancel())
  }

  #guard(work: () => void | Promise<void>): void {
    const failed = (thrown: unknown): void => {
      this.#deps.metrics.count('bugs')
      this.#deps.log.error('bug', { error: messageOf(thrown) })
      this.#faults++
      if (this.#faults >= MOST_FAULTS) this.close(RELAY_CLOSE.internal, 'internal error')
    }
    try {
      work()?.catch(failed)
    } catch (thrown) {
      failed(thrown)
    }
  }

  #onMessage(data: RawData, isBinary: boolean): void | Promise<void> {
    if (this.#isClosed || !Buffer.isBuffer(data)) return
    this.#unanswered = 0
    if (this.#pressure.spend(data.length) === 'throttled') this.#deps.metrics.count('throttled')
    const decoded = isBinary ? ({ kind: 'rejected', rule: 'bad-json' } as const) : decodeEnvelope(data)
    if (decoded.kind === 'ok') {
      if (this.#seat === undefined) return this.#asStranger(decoded.value)
      return this.#asMember(this.#seat, parseClientFrame(decoded.value), decoded.payload)
    }
    if (this.#seat) return this.#onBadFrame()
    // MMP: text that is no JSON is ignored before authentication, any other JSON ends it.
    if (decoded.rule !== 'bad-json' && decoded.rule !== 'bad-utf8') this.#refuse(RELAY_CLOSE.authInvalid, 'relay-auth expected')
  }

  #asStranger(value: JsonObject): void | Promise<void> {
    if (this.#isJoining) return
    const frame = parseClientFrame(value)
    if (frame?.type === 'relay-auth' && this.#challenge === undefined) return this.#onAuth(frame)
    if (frame?.type === 'relay-proof' && this.#challenge !== undefined) return this.#onProof(frame, this.#challenge)
    this.#refuse(RELAY_CLOSE.authInvalid, 'relay-auth expected')
  }

  #onAuth(auth: Auth): void | Promise<void> {
    const admitted = this.#admit(auth)
    if (admitted === undefined) return this.#refuse(RELAY_CLOSE.tokenInvalid, 'Invalid token')
    const { publicKey } = auth
    if (publicKey === undefined || auth.proof === undefined) {
      if (admitted.guest) return this.#refuse(RELAY_CLOSE.proofInvalid, 'a guest proves a key')
      return this.#join(admitted, auth, COMMON, undefined)
    }
    if (!isAcceptableEd25519(publicKey)) return this.#refuse(RELAY_CLOSE.proofInvalid, 'this key cannot be used')
    this.#askForProof({ auth, publicKey, admitted, nonce: this.#deps.random(NONCE_BYTES) })
  }

  #admit({ token }: Auth): Admitted | undefined {
    const { tokens, clock, router } = this.#deps
    return tokens.admit(token, clock.now(), (hint) => router.groupOf(hint))
  }

  #askForProof(challenge: Challenge): void {
    this.#challenge = challenge
    this.#send({ type: 'relay-challenge', nonce: toBase64Url(challenge.nonce), relayId: this.#deps.relayId, rooms: true })
  }

  #onProof(
    { sig, rooms: named }: RelayClientFrameOf<'relay-proof'>,
    { auth, publicKey, admitted, nonce }: Challenge,
  ): void | Promise<void> {
    // A nonce is good for one attempt.
    this.#challenge = undefined
    // Of what it has shown: a guest does not know the group that it comes into.
    const facts = { relayId: this.#deps.relayId, nonce, group: relayGroupOf(auth.token ?? ''), nodeId: auth.nodeId }
    if (!verifyRelayProof(facts, publicKey, sig)) return this.#refuse(RELAY_CLOSE.proofInvalid, 'the proof does not verify')
    if (this.#seat) return this.#enterRooms(this.#seat, named)
    return this.#join(admitted, auth, roomsOf(admitted.guest, named), publicKey)
  }

  #enterRooms(seat: Seat, named: readonly RelayRoom[] | undefined): void {
    this.#deps.router.move(seat.group, seat, roomsOf(seat.guest, named))
    this.#tellPeers(seat)
  }

  async #join(admitted: Admitted, auth: Auth, rooms: ReadonlySet<RelayRoom>, publicKey: Uint8Array | undefined): Promise<void> {
    this.#isJoining = true
    const { group, guest } = admitted
    const proven = publicKey && { publicKey, fingerprint: fingerprintOf(publicKey) }
    const mail = guest === undefined && proven ? this.#drainOf(group, proven.fingerprint) : undefined
    const seat = new Seat(this, group, { ...auth, guest, rooms, proven, mail, since: this.#deps.clock.monotonic() })
    const outcome = await this.#deps.router.join(group, seat)
    this.#isJoining = false
    if (outcome.kind === 'refused') return this.#refuseJoin(outcome.why)
    // It may have gone while the disk was written.
    if (this.#isClosed) return this.#deps.router.leave(group, seat)
    this.#seat = seat
    this.#place.free()
    this.#deps.metrics.count('joined')
    this.#tellPeers(seat)
    await seat.mail?.wake()
  }

  #refuseJoin(why: 'duplicate' | 'id-taken' | 'group-full'): void {
    switch (why) {
      case 'duplicate':
        return this.#refuse(RELAY_CLOSE.duplicate, 'this node id is connected already')
      case 'id-taken':
        return this.#refuse(RELAY_CLOSE.idTaken, 'this node id belongs to another key')
      case 'group-full':
        return this.#refuse(RELAY_CLOSE.overLimit, 'the group is full')
      default:
        return assertNever(why)
    }
  }

  #drainOf(group: RelayGroup, recipient: ReturnType<typeof fingerprintOf>): MailDrain {
    const { queue, limits, metrics } = this.#deps
    return new MailDrain({
      queue,
      mailbox: { group, recipient },
      window: limits.mailWindow,
      canSend: () => !this.#isClosed && this.#pressure.isLow,
      send: ({ id, sealed }) => {
        metrics.count('mailed')
        this.#send({ type: 'relay-mail', id, sealed: toBase64Url(sealed) })
      },
    })
  }

  #tellPeers(seat: Seat): void {
    const peers = this.#deps.router
      .others(seat.group, seat)
      .map(({ facts }) => `{${facts}}`)
      .join(',')
    const limits = seat.proven && !seat.isGuest ? `,"limits":${JSON.stringify(offerOf(this.#deps.limits))}` : ''
    this.#pressure.send(textFrame(`{"type":"relay-peers","peers":[${peers}]${limits}}`))
  }

  /** `raw`: the payload as it came, where it may be passed on so. */
  #asMember(seat: Seat, frame: RelayClientFrame | undefined, raw: Uint8Array | undefined): void | Promise<void> {
    switch (frame?.type) {
      case 'envelope':
        return this.#route(seat, frame, raw)
      case 'relay-put':
        return this.#put(seat, frame)
      case 'relay-taken':
        return this.#taken(seat, frame)
      case 'relay-rooms':
        return this.#move(seat, frame)
      case 'relay-ping':
        return this.#send({ type: 'relay-pong' })
      case 'relay-pong':
        return
      case 'relay-auth':
        return this.#onReAuth(seat, frame)
      case 'relay-proof':
        return this.#challenge ? this.#onProof(frame, this.#challenge) : this.#onBadFrame()
      case undefined:
        return this.#onBadFrame()
      default:
        return assertNever(frame)
    }
  }

  #route(seat: Seat, { to, id, payload }: RelayClientFrameOf<'envelope'>, raw: Uint8Array | undefined): void {
    const { router, metrics } = this.#deps
    // A guest is here to meet one member, and speaks to no group.
    if (seat.isGuest && to === undefined) return this.#onBadFrame()
    metrics.count('messages')
    const frame = raw ? wrappedFrame(seat.prefix, raw, '}') : textFrame(`${seat.prefix}${JSON.stringify(payload)}}`)
    const sent = router.send(seat.group, seat, to, frame)
    metrics.count('deliveries', sent)
    const isLost = to !== undefined && sent === 0
    if (isLost) metrics.count('undeliverable')
    // Who knows nothing of our frames gets none of them.
    if (seat.proven === undefined) return
    if (isLost) this.#send({ type: 'relay-refused', ...(id === undefined ? {} : { id }), to, reason: 'not-here' })
    else if (id !== undefined) this.#send({ type: 'relay-ack', id })
  }

  async #put({ group, proven, isGuest }: Seat, { id, to, sealed, ttlMs }: RelayClientFrameOf<'relay-put'>): Promise<void> {
    const { router, queue, limits, metrics } = this.#deps
    const refuse = (reason: string): void => {
      metrics.count('store_refused')
      this.#send({ type: 'relay-refused', id, reason })
    }
    if (proven === undefined || isGuest) return refuse('not-proven')
    if (!(await router.knows(group, to))) return refuse('unknown-recipient')
    const sender = proven.fingerprint
    const outcome = await queue.put({ group, recipient: to, id, sealed, ttlMs: ttlMs ?? limits.ttlMs, sender })
    if (outcome.kind === 'refused') return refuse(outcome.reason)
    metrics.count('stored')
    this.#send({ type: 'relay-stored', id, expiresAt: outcome.expiresAt })
    router.wake(group, to)
  }

  async #taken({ mail }: Seat, { ids }: RelayClientFrameOf<'relay-taken'>): Promise<void> {
    if (mail) this.#deps.metrics.count('taken', await mail.taken(ids))
  }

  /** Only of who proved a key: the others know of no rooms. */
  #move(seat: Seat, { rooms }: RelayClientFrameOf<'relay-rooms'>): void {
    if (seat.proven === undefined) return this.#onBadFrame()
    if (!this.#mayAskAgain()) return
    this.#enterRooms(seat, rooms)
  }

  #mayAskAgain(): boolean {
    const now = this.#deps.clock.monotonic()
    this.#lists ??= new TokenBucket(LISTS_PER_MINUTE, LISTS_PER_MINUTE / 60, now)
    if (this.#lists.take(now)) return true
    this.#cut('too many authentications, or changes of rooms')
    return false
  }

  /** The same member again, on the connection that it has: with a key it proves it anew, with a fresh nonce. */
  #onReAuth(seat: Seat, auth: Auth): void {
    const admitted = this.#admit(auth)
    const isSame = auth.nodeId === seat.nodeId && admitted?.group === seat.group && admitted.guest?.until === seat.guest?.until
    if (!isSame) return this.#refuse(RELAY_CLOSE.authInvalid, 'another identity on this connection')
    if (!this.#mayAskAgain()) return
    const { proven } = seat
    if (proven === undefined) return this.#tellPeers(seat)
    this.#askForProof({ auth, publicKey: proven.publicKey, admitted, nonce: this.#deps.random(NONCE_BYTES) })
  }

  #onBadFrame(): void {
    this.#deps.metrics.count('bad_frames')
    const { badFrames, badFramesWindowMs } = LIMITS.json
    const now = this.#deps.clock.monotonic()
    this.#bad ??= new TokenBucket(badFrames, badFrames / (badFramesWindowMs / 1_000), now)
    if (!this.#bad.take(now)) this.#cut('too many bad frames')
  }

  #refuse(code: number, message: string): void {
    if (this.#isClosed) return
    this.#deps.metrics.count('auth_failed')
    this.#send({ type: 'relay-error', message })
    this.close(code, message)
  }

  /** Another connection has its place. */
  replaced(by: 'same-key' | 'same-id'): void {
    if (by === 'same-key') this.close(RELAY_CLOSE.superseded, 'this key is connected from elsewhere')
    else this.close(RELAY_CLOSE.replaced, 'replaced by a newer connection')
  }

  #cut(why: string): void {
    this.#deps.metrics.count('cut')
    this.close(RELAY_CLOSE.overLimit, why)
  }

  #send(frame: JsonObject): void {
    this.#pressure.send(textFrame(JSON.stringify(frame)))
  }

  deliver(frame: Buffer, from: RelayMember | undefined): void {
    if (this.#isClosed) return
    const outcome = this.#pressure.deliver(frame, from)
    if (outcome === 'held') this.#deps.metrics.count('held')
    if (outcome === 'too-much') this.#cut('reads too slowly')
  }

  onMail(): void {
    this.#guard(() => this.#seat?.mail?.wake())
  }

  /** Nothing more is read from it until the returned function is called. */
  hold(): () => void {
    return this.#pressure.hold()
  }

  #onDrain(): void | Promise<void> {
    this.#pressure.onDrain()
    return this.#seat?.mail?.wake()
  }

  #leave(): void {
    this.#seat?.mail?.stop()
    if (this.#seat) this.#deps.router.leave(this.#seat.group, this.#seat)
  }

  #onClose(): void {
    if (!this.#isClosed) this.#leave()
    this.#isClosed = true
    this.#pressure.end()
    this.#place.free()
  }
}

/** A guest is where its pass says, whatever it names; who names no rooms is with all others who name none. */
function roomsOf(guest: Guest | undefined, named: readonly RelayRoom[] | undefined): ReadonlySet<RelayRoom> {
  if (guest) return new Set([guest.room])
  return named === undefined ? COMMON : new Set(named)
}
