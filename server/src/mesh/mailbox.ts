/**
 * Mail by a relay, both ways. Out: a message for somebody who is away is sealed to that one's prekey and left at the relay
 * as well; our own copy stays in the outbox until the signed receipt. In: what the relay kept for us is opened, its author
 * proven by the signature inside, and goes the way of every message; only what is on our disk is taken from the relay.
 *
 * A copy may come twice, by the relay and by a link: the recipient knows it by its id.
 */
import { utf8 } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { type Fingerprint, fingerprintOf, type NodeId, parseFingerprint } from '../identity/ids.ts'
import { type Frame, parseFrame } from '../mmp/frames.ts'
import { decodeJson } from '../mmp/json.ts'
import { type AnnouncedPrekey, type Letter, readLetter, writeLetter } from '../mmp/letter.ts'
import { signReceipt } from '../mmp/receipt.ts'
import { parseAssertionId } from '../mmp/signature.ts'
import { openMail, sealMail } from '../secure/sealed-mail.ts'
import type { NodeKeys } from '../secure/session.ts'
import type { Database } from '../store/database.ts'
import type { Speaker } from './arrivals.ts'
import { LetterWindows } from './letter-window.ts'
import type { Outbox, OutboxMessage } from './outbox.ts'
import type { PeerBook } from './peers.ts'
import { Prekeys } from './prekeys.ts'
import type { OpenReceipt } from './receipts.ts'

/** What is asked of the relays. */
export interface MailRelay {
  readonly takesMail: boolean
  put(
    id: string,
    to: Fingerprint,
    sealed: Uint8Array,
    ttlMs: number,
  ): Promise<{ readonly kind: 'stored'; readonly expiresAt: number } | { readonly kind: 'refused'; readonly reason: string }>
  takeMail(events: { readonly onMail: (mail: ArrivingMail) => void; readonly onOpen: () => void }): void
}

export interface ArrivingMail {
  readonly sealed: Uint8Array
  /** It is on our disk: the relay may forget it. */
  readonly taken: () => void
}

/** What became of a frame: done with, whatever it was; to be tried again; or to be looked for on the disk. */
export type Received = 'done' | 'later' | { readonly isKept: () => boolean }

export interface MailboxDeps {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly guard: Guard
  readonly log: Log
  readonly db: Database
  readonly keys: NodeKeys
  readonly fingerprint: Fingerprint
  readonly outbox: Outbox
  readonly peers: PeerBook
  readonly relay: MailRelay
  readonly isMember: (group: string) => boolean
  readonly isHere: (fingerprint: Fingerprint, group: string) => boolean
  /** Whether anything may still go to this key: not to one that is blocked, nor to one that was taken out of the group. */
  readonly mayWriteTo: (fingerprint: Fingerprint, group: string) => boolean
  readonly frameOf: (message: OutboxMessage, recipient: Fingerprint) => string
  readonly receive: (from: Speaker, frame: Frame) => Received
  readonly onCount: (name: string) => void
}

interface Waiting {
  readonly letter: Letter
  readonly frame: Frame
  readonly speaker: Speaker
  readonly taken: () => void
  tries: number
}

export const WAITS_AT_RELAY = 'waits at the relay'
const PUTS_AT_ONCE = 50
/** After a refusal nothing is left for that peer for a while. */
const REFUSED_MS = 600_000
const MAX_TRIES = 60
const MAX_LATER = LIMITS.relay.mailWindow

export class Mailbox {
  readonly #deps: MailboxDeps
  readonly #prekeys: Prekeys
  readonly #windows: LetterWindows
  readonly #refusedUntil = new Map<Fingerprint, number>()
  readonly #leaving = new Set<string>()
  #later: Waiting[] = []
  /** Something may wait that is not at the relay yet. */
  #isBehind = false
  #startedAt: number
  #isPruned = false

  constructor(deps: MailboxDeps) {
    this.#deps = deps
    this.#prekeys = new Prekeys(deps)
    this.#windows = new LetterWindows(deps.db)
    this.#startedAt = deps.clock.monotonic()
  }

  start(): void {
    const { relay, guard } = this.#deps
    relay.takeMail({
      onMail: guard.wrap('mail', (mail: ArrivingMail) => this.#open(mail)),
      onOpen: () => this.someoneLeft(),
    })
  }

  /** What peers are told on each link. */
  get prekey(): AnnouncedPrekey {
    return this.#prekeys.current()
  }

  learned(peer: Speaker['peer'], prekey: AnnouncedPrekey): Promise<void> {
    return this.#prekeys.learned(peer, prekey)
  }

  /** Resolves when each copy lies at the relay, or cannot, or after the time for a first verdict. */
  leave(message: OutboxMessage, recipients: readonly Fingerprint[]): Promise<void> {
    const { clock, guard, relay } = this.#deps
    if (recipients.length === 0 || !relay.takesMail) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = clock.after(LIMITS.firstVerdictMs, resolve)
      const done = (): void => {
        timer.cancel()
        resolve()
      }
      guard.run('mail', () => Promise.all(recipients.map((recipient) => this.#leaveMessage(message, recipient))).finally(done))
    })
  }

  /** A receipt whose author is away. */
  leaveReceipt({ seq, items, fingerprint, group }: OpenReceipt): void {
    const { keys, guard, peers, relay } = this.#deps
    const author = peers.get(fingerprint, group)?.nodeId
    if (author === undefined || !relay.takesMail) return
    const receipt = signReceipt({ seq, items }, { recipient: keys.nodeId, author }, (bytes) => keys.sign(bytes))
    const frame = JSON.stringify({ type: 'mesh-opaque-v1-receipt', ...receipt })
    guard.run('mail', async () => void (await this.#put(fingerprint, group, frame, LIMITS.outbox.directedTtlMs)))
  }

  /** Whether a copy lies at a relay, or is on its way there. */
  hasLeft(message: OutboxMessage, recipient: Fingerprint): boolean {
    return this.#isLeft(message, recipient) || this.#leaving.has(`${message.id} ${recipient}`)
  }

  /** Somebody went, or a relay came: what waits may have to be left there. */
  someoneLeft(): void {
    this.#isBehind = true
  }

  /** To be called every few seconds. */
  async tick(): Promise<void> {
    const later = this.#later
    this.#later = []
    for (const waiting of later) await this.#receive(waiting)
    if (this.#isBehind && this.#deps.relay.takesMail) await this.#leaveWaiting()
    await this.#prune()
  }

  async #leaveWaiting(): Promise<void> {
    const { db, outbox, clock, isHere } = this.#deps
    this.#isBehind = false
    const rows = db.all(
      `SELECT recipient.id AS id, recipient.fingerprint AS fingerprint FROM recipient
       JOIN peer_prekey ON peer_prekey.fingerprint = recipient.fingerprint AND peer_prekey.until > ?
       LEFT JOIN left_at_relay ON left_at_relay.id = recipient.id AND left_at_relay.fingerprint = recipient.fingerprint
       WHERE state IN ('queued', 'sent') AND left_at_relay.id IS NULL ORDER BY recipient.created_at LIMIT 500`,
      clock.now(),
    )
    const waiting = rows.flatMap((row) => {
      const [id, recipient] = [parseAssertionId(String(row['id'])), parseFingerprint(String(row['fingerprint']))]
      const message = id && recipient && !this.#isRefused(recipient) && outbox.get(id)
      return message && recipient && !isHere(recipient, message.group) ? [{ message, recipient }] : []
    })
    for (const { message, recipient } of waiting.slice(0, PUTS_AT_ONCE)) await this.#leaveMessage(message, recipient)
    if (waiting.length > PUTS_AT_ONCE) this.#isBehind = true
  }

  async #leaveMessage(message: OutboxMessage, recipient: Fingerprint): Promise<void> {
    const { db, outbox, clock, frameOf } = this.#deps
    const key = `${message.id} ${recipient}`
    const ttlMs = message.expiresAt - clock.now()
    if (ttlMs <= 0 || this.#leaving.has(key) || this.#isRefused(recipient) || this.#isLeft(message, recipient)) return
    this.#leaving.add(key)
    try {
      const outcome = await this.#put(recipient, message.group, frameOf(message, recipient), ttlMs)
      if (outcome === undefined) return
      await db.write(() => {
        outbox.note(message.id, recipient, outcome.kind === 'stored' ? WAITS_AT_RELAY : reasonOf(outcome.reason))
        if (outcome.kind === 'stored')
          db.run('INSERT OR REPLACE INTO left_at_relay VALUES (?, ?, ?)', message.id, recipient, outcome.expiresAt)
      })
    } finally {
      this.#leaving.delete(key)
    }
  }

  /** Undefined when it could not even be tried. */
  async #put(to: Fingerprint, group: string, frame: string, ttlMs: number) {
    const { db, clock, keys, random, relay } = this.#deps
    const prekey = this.#prekeys.of(to)
    if (prekey === undefined || !relay.takesMail || !this.#deps.mayWriteTo(to, group)) return undefined
    const counter = await db.write(() => this.#nextCounter(to))
    const facts = { from: keys.nodeId, group, counter, at: clock.now(), frame }
    const letter = writeLetter(facts, to, { publicKey: keys.publicKey, sign: (bytes) => keys.sign(bytes) })
    const sealed = sealMail(letter, prekey, random)
    if (!sealed) return undefined
    const outcome = await relay.put(Buffer.from(random(16)).toString('base64url'), to, sealed, ttlMs)
    this.#deps.onCount(outcome.kind === 'stored' ? 'mail-left' : 'mail-refused')
    if (outcome.kind === 'refused' && outcome.reason === 'away') this.#isBehind = true
    else if (outcome.kind === 'refused') this.#refuse(to)
    return outcome.kind === 'refused' && outcome.reason === 'away' ? undefined : outcome
  }

  /** A number is used once, so it is on the disk before the letter is. */
  #nextCounter(to: Fingerprint): number {
    const { db } = this.#deps
    const counter = Number(db.get('SELECT counter FROM letter_out WHERE fingerprint = ?', to)?.['counter'] ?? 0) + 1
    db.run('INSERT INTO letter_out VALUES (?, ?) ON CONFLICT (fingerprint) DO UPDATE SET counter = excluded.counter', to, counter)
    return counter
  }

  #isLeft({ id }: OutboxMessage, recipient: Fingerprint): boolean {
    return this.#deps.db.get('SELECT 1 AS one FROM left_at_relay WHERE id = ? AND fingerprint = ?', id, recipient) !== undefined
  }

  #isRefused(recipient: Fingerprint): boolean {
    return (this.#refusedUntil.get(recipient) ?? 0) > this.#deps.clock.monotonic()
  }

  #refuse(recipient: Fingerprint): void {
    this.#refusedUntil.set(recipient, this.#deps.clock.monotonic() + REFUSED_MS)
    this.#isBehind = true
  }

  /** What cannot be opened, or is nobody's word, is taken and dropped: it would only come again. */
  async #open({ sealed, taken }: ArrivingMail): Promise<void> {
    const letter = this.#letterIn(sealed)
    const speaker = typeof letter === 'string' ? undefined : this.#speakerOf(letter)
    const frame = typeof letter === 'string' ? undefined : frameIn(letter)
    if (typeof letter === 'string' || !speaker || !frame) {
      const rule = typeof letter === 'string' ? letter : speaker ? 'no-frame' : 'unknown-author'
      this.#deps.onCount(`mail-${rule}`)
      this.#deps.log.warn('mail dropped', { rule })
      return taken()
    }
    await this.#receive({ letter, speaker, frame, taken, tries: 0 })
  }

  #letterIn(sealed: Uint8Array): Letter | 'unopened' | 'no-letter' | 'too-large' {
    // To open it takes time that a relay could waste.
    if (sealed.length > LIMITS.relay.itemBytes) return 'too-large'
    const opened = openMail(sealed, this.#prekeys.secrets())
    if (!opened) return 'unopened'
    return readLetter(opened, this.#deps.fingerprint) ?? 'no-letter'
  }

  /** Only who was met: mail makes nobody known. */
  #speakerOf({ from, publicKey, group }: Letter): Speaker | undefined {
    const { peers, isMember } = this.#deps
    const fingerprint = fingerprintOf(publicKey)
    const pinned = peers.pinnedKeyOf(from)
    const isKnown = pinned !== undefined && Buffer.compare(pinned, publicKey) === 0 && peers.get(fingerprint, group) !== undefined
    if (!isKnown || !isMember(group)) return undefined
    const peer: { nodeId: NodeId; publicKey: Uint8Array; fingerprint: Fingerprint } = { nodeId: from, publicKey, fingerprint }
    // There is nobody to answer to: what an answer would say follows from the receipt, or from its absence.
    return { peer, group, send: () => false }
  }

  async #receive(waiting: Waiting): Promise<void> {
    const { db, receive, onCount } = this.#deps
    const { letter, speaker, frame, taken } = waiting
    const from = speaker.peer.fingerprint
    const freshness = this.#windows.freshness(from, letter.counter)
    if (freshness !== 'fresh') {
      onCount(`mail-${freshness}`)
      return taken()
    }
    const received = receive(speaker, frame)
    if (received === 'later') return this.#keepForLater(waiting)
    // In the commit of the message itself: that it came and its number are on the disk together.
    const outcome = await db.write(() => {
      const isFresh = this.#windows.freshness(from, letter.counter) === 'fresh'
      if (!isFresh) return 'seen'
      if (received !== 'done' && !received.isKept()) return 'later'
      this.#windows.mark(from, letter.counter)
      return 'taken'
    })
    if (outcome === 'later') return this.#keepForLater(waiting)
    onCount(`mail-${outcome}`)
    taken()
  }

  /** Over a rate, or no room: the relay keeps it, and we try again. */
  #keepForLater(waiting: Waiting): void {
    waiting.tries++
    if (waiting.tries < MAX_TRIES && this.#later.length < MAX_LATER) this.#later.push(waiting)
  }

  async #prune(): Promise<void> {
    const { db, clock } = this.#deps
    if (this.#isPruned || clock.monotonic() - this.#startedAt < REFUSED_MS) return
    this.#isPruned = true
    await db.write(() => {
      this.#prekeys.prune()
      db.run('DELETE FROM left_at_relay WHERE until < ?', clock.now())
    })
  }
}

function frameIn({ frame }: Letter): Frame | undefined {
  const json = decodeJson(utf8(frame))
  const parsed = json.kind === 'ok' ? parseFrame(json.value) : undefined
  if (parsed?.kind !== 'ok') return undefined
  const { type } = parsed.frame
  return type === 'cmb' || type === 'mesh-opaque-v1-receipt' ? parsed.frame : undefined
}

function reasonOf(refusal: string): string {
  switch (refusal) {
    case 'queue-full':
      return 'the relay keeps no more for it; sent when it is back'
    case 'too-large':
      return 'too large for the relay; sent when it is back'
    case 'unknown-recipient':
      return 'it was never at this relay; sent when it is back'
    default:
      return 'the relay could not keep it; sent when it is back'
  }
}
