/**
 * How a message travels, and what becomes of it. Out: on our disk, then on a link, then held until the recipient's signed
 * receipt. In: verified, admitted, journaled, and only then receipted. Each step is a function from one stage to the
 * next; a message that ends early ends with a reason that is counted.
 */
import type { Clock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { oneLine } from '../base/text.ts'
import type { Fingerprint, NodeId } from '../identity/ids.ts'
import type { Memory } from '../memory/memory.ts'
import type { ApplicationData, AssertionId, Cat7, Cmb } from '../mmp/cmb.ts'
import type { Envelope } from '../mmp/envelope.ts'
import type { Frame, FrameOf } from '../mmp/frames.ts'
import { signReceipt, verifyReceipt } from '../mmp/receipt.ts'
import { decodeRecord, encodeRecord, mintCmb } from '../mmp/record.ts'
import { parseAssertionId } from '../mmp/signature.ts'
import type { NodeKeys } from '../secure/session.ts'
import type { Database } from '../store/database.ts'
import { decideAccess } from './access.ts'
import { CmbRates } from './cmb-rates.ts'
import { Flow } from './flow.ts'
import type { Inbox, InboxItem } from './inbox.ts'
import { LazyWrites } from './lazy-writes.ts'
import type { Link } from './link.ts'
import type { Outbox, OutboxMessage } from './outbox.ts'
import type { PeerBook } from './peers.ts'
import type { Rates } from './rates.ts'
import { ReceiptBook, type ReceiptState } from './receipts.ts'

export interface DeliveryDeps {
  readonly clock: Clock
  readonly guard: Guard
  readonly log: Log
  readonly rates: Rates
  readonly db: Database
  readonly inbox: Inbox
  readonly outbox: Outbox
  readonly memory: Memory
  readonly peers: PeerBook
  readonly keys: NodeKeys
  readonly fingerprint: Fingerprint
  readonly name: string
  /** Whether what arrives now is pushed to Claude at once. */
  readonly isPushing: () => boolean
  readonly linkTo: (fingerprint: Fingerprint, group: string) => Link | undefined
}

export interface DeliveryEvents {
  /** Journaled, admitted, not yet shown to Claude. */
  readonly onArrived: (item: InboxItem) => void
  /** The recipient signed a further step of one of our messages. */
  readonly onReceipt: (id: AssertionId, from: Fingerprint, state: string) => void
  readonly onCount: (name: string) => void
}

export interface Outgoing {
  readonly fields: Cat7
  readonly body: string | undefined
  readonly tags: readonly string[]
  readonly group: string
  /** Undefined for a message to the group. */
  readonly to: { readonly nodeId: NodeId; readonly fingerprint: Fingerprint } | undefined
  readonly recipients: readonly Fingerprint[]
  readonly idempotencyKey: string | undefined
  readonly envelope: Envelope
}

type CmbFrame = FrameOf<'cmb'>
type ReceiptFrame = FrameOf<'mesh-opaque-v1-receipt'>

interface ReceiptPage {
  readonly lastSeq: number
  /** Acknowledgements to come before the next page; undefined when this was the last one. */
  left: number | undefined
}

interface Waiter {
  readonly missing: Set<Fingerprint>
  readonly done: () => void
}

const BODY_TYPE = { mediaType: 'text/plain; charset=utf-8', schema: '' }
const OUTBOX_KEPT_MS = 30 * 86_400_000
const CLEAN_MS = 60_000
/** Receipts that are repeated at once; more follow when half of them are acknowledged. */
const PAGE = 200

export class Delivery {
  readonly #deps: DeliveryDeps
  readonly #events: DeliveryEvents
  readonly #receipts: ReceiptBook
  readonly #flows = new Map<string, Flow>()
  readonly #rates: CmbRates
  readonly #lazy: LazyWrites
  /** How far the open receipts were sent on each link. */
  readonly #pages = new Map<Link, ReceiptPage>()
  readonly #waiters = new Map<AssertionId, Waiter>()
  #lastCreatedAt: number
  #cleanedAt = Number.NEGATIVE_INFINITY
  #isStopped = false

  constructor(deps: DeliveryDeps, events: DeliveryEvents) {
    this.#deps = deps
    this.#events = events
    this.#receipts = new ReceiptBook(deps.db)
    this.#rates = new CmbRates(deps.clock, deps.rates)
    this.#lazy = new LazyWrites(deps.db, deps.clock, deps.guard)
    this.#lastCreatedAt = Number(deps.db.get(`SELECT value FROM counter WHERE name = 'created-at'`)?.['value'] ?? 0)
  }

  /**
   * Signs, journals and starts to send. Resolves when the message is on our disk. The same idempotency key gives the
   * message of the first call, and nothing is sent again (R49).
   */
  async send(outgoing: Outgoing): Promise<{ message: OutboxMessage; isRepeat: boolean }> {
    const { db, outbox, memory, clock, fingerprint } = this.#deps
    const cmb = this.#mint(outgoing)
    const message = this.#messageOf(cmb, outgoing)
    const earlier = await this.#counted(() => {
      const known = outgoing.idempotencyKey === undefined ? undefined : outbox.byIdempotencyKey(outgoing.idempotencyKey)
      if (known) return known
      if (!outbox.makeRoom()) throw outboxFull()
      outbox.add(message, outgoing.recipients, outgoing.idempotencyKey)
      memory.keep(cmb, fingerprint, outgoing.tags, clock.now())
      db.run(`INSERT INTO counter VALUES ('created-at', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, cmb.createdAt)
      return undefined
    })
    if (earlier) return { message: earlier, isRepeat: true }
    for (const recipient of outgoing.recipients) {
      // For who is away it waits on disk, where the next link finds it: nothing is kept or looked up meanwhile.
      if (this.#deps.linkTo(recipient, outgoing.group)) this.#flow(recipient, outgoing.group).offer(message)
    }
    return { message, isRepeat: false }
  }

  /** Whether it is on a link and not yet confirmed; the disk hears of it a little later. */
  isInFlight(id: AssertionId, recipient: Fingerprint, group: string): boolean {
    return this.#flows.get(flowKey(recipient, group))?.isInFlight(id) ?? false
  }

  /** Resolves when each of these recipients has answered, or after the time for a first verdict. */
  firstVerdict(id: AssertionId, recipients: readonly Fingerprint[]): Promise<void> {
    const known = new Map(this.#deps.outbox.recipients(id).map((recipient) => [recipient.fingerprint, recipient.state]))
    const missing = new Set(recipients.filter((fingerprint) => ['queued', 'sent'].includes(known.get(fingerprint) ?? '')))
    if (missing.size === 0 || this.#isStopped) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel()
        this.#waiters.delete(id)
        resolve()
      }
      const timer = this.#deps.clock.after(LIMITS.firstVerdictMs, done)
      this.#waiters.set(id, { missing, done })
    })
  }

  /** A link came up: what waits for this peer goes out, and receipts that it did not acknowledge are repeated. */
  linkUp(link: Link): void {
    this.#flow(link.peer.fingerprint, link.group).restart()
    this.#sendPage(link, 0)
  }

  linkDown(link: Link): void {
    const { fingerprint } = link.peer
    this.#pages.delete(link)
    const flow = this.#flow(fingerprint, link.group)
    if (this.#deps.linkTo(fingerprint, link.group)) return flow.restart()
    // Strangers come and go with ever new keys: nothing is kept for who is not here. The next link starts anew.
    flow.stop()
    this.#flows.delete(flowKey(fingerprint, link.group))
  }

  onFrame(link: Link, frame: Frame): void {
    switch (frame.type) {
      case 'cmb':
        return this.#deps.guard.run('receive', () => this.#receive(link, frame))
      case 'mesh-opaque-v1-receipt':
        return this.#deps.guard.run('receipt', () => this.#onReceipt(link, frame))
      case 'mesh-opaque-v1-ack':
        return this.#deps.guard.run('ack', () => this.#onAck(link, frame))
      case 'mesh-opaque-v1-busy':
        return this.#flow(link.peer.fingerprint, link.group).hold(frame.of, frame.retryAfterMs)
      default:
        return
    }
  }

  /** Marks what was shown to Claude, durably, and tells the authors. */
  async markSurfaced(ids: readonly AssertionId[], way: string): Promise<void> {
    const { db, clock, inbox } = this.#deps
    const at = clock.now()
    const receipts = await db.write(() =>
      inbox
        .markSurfaced(ids, way, at)
        .flatMap((item) => this.#receipts.add(item.id, 'surfaced', way, at, item.fingerprint, item.group) ?? []),
    )
    for (const receipt of receipts) {
      const link = this.#deps.linkTo(receipt.fingerprint, receipt.group)
      if (link) this.#sendReceipt(link, receipt)
    }
  }

  /** What was journaled on arrival already needs no further write. */
  async markPushed(ids: readonly AssertionId[]): Promise<void> {
    const { db, inbox, clock } = this.#deps
    const left = ids.filter((id) => inbox.get(id)?.pushedAt === undefined)
    if (left.length > 0) await db.write(() => inbox.markPushed(left, clock.now()))
  }

  /** To be called every few seconds: repeats what got no answer, ends what is too old. */
  async tick(): Promise<void> {
    for (const flow of this.#flows.values()) flow.tick()
    const { outbox, inbox, clock } = this.#deps
    if (clock.monotonic() - this.#cleanedAt < CLEAN_MS) return
    this.#cleanedAt = clock.monotonic()
    await this.#counted(() => {
      outbox.expire(clock.now(), OUTBOX_KEPT_MS)
      inbox.prune(clock.now())
      this.#receipts.prune(clock.now())
    })
  }

  /** Nothing is sent, repeated or waited for any more. */
  stop(): void {
    this.#isStopped = true
    this.#lazy.flush()
    for (const flow of this.#flows.values()) flow.stop()
    for (const { done } of [...this.#waiters.values()]) done()
  }

  /** A write that changes what inbox and memory count in memory: when it is rolled back, they count anew. */
  async #counted<T>(work: () => T): Promise<T> {
    try {
      return await this.#deps.db.write(work)
    } catch (thrown) {
      this.#deps.inbox.recount()
      this.#deps.memory.recount()
      throw thrown
    }
  }

  #mint({ fields, body, group, to }: Outgoing): Cmb {
    const { clock, keys, name } = this.#deps
    const now = clock.now()
    // Equal words said twice in one millisecond are two messages: the time rises strictly. Only where the clock was far
    // ahead once and is right again it goes back, or no peer would accept a word until that time has come.
    const isAhead = this.#lastCreatedAt > now + LIMITS.cmb.futureMs
    this.#lastCreatedAt = isAhead ? now : Math.max(now, this.#lastCreatedAt + 1)
    const application: ApplicationData | undefined =
      body === undefined ? undefined : { ...BODY_TYPE, bytes: new TextEncoder().encode(body) }
    return mintCmb({
      fields,
      group,
      to: to?.nodeId,
      application,
      createdAt: this.#lastCreatedAt,
      author: { nodeId: keys.nodeId, name },
      sign: (message) => keys.sign(message),
    })
  }

  #messageOf(cmb: Cmb, { tags, envelope }: Outgoing): OutboxMessage {
    const ttl = cmb.to === undefined ? LIMITS.outbox.broadcastTtlMs : LIMITS.outbox.directedTtlMs
    return {
      id: cmb.id,
      group: cmb.group,
      isDirected: cmb.to !== undefined,
      tags,
      record: JSON.stringify(encodeRecord(cmb)),
      focus: oneLine(cmb.fields.focus.text, 200),
      createdAt: cmb.createdAt,
      expiresAt: cmb.createdAt + ttl,
      envelope,
    }
  }

  #flow(fingerprint: Fingerprint, group: string): Flow {
    const key = flowKey(fingerprint, group)
    const known = this.#flows.get(key)
    if (known) return known
    const { clock, guard, outbox, linkTo, peers } = this.#deps
    const flow = new Flow({
      clock,
      guard,
      waiting: (limit, except) => outbox.waitingFor(fingerprint, group, limit, except),
      transmit: (message) =>
        linkTo(fingerprint, group)?.send(cmbFrame(message, peers.get(fingerprint, group)?.nodeId, clock.now())) ?? false,
      onSent: (ids) => this.#lazy.add(() => ids.map((id) => outbox.advance(id, fingerprint, 'sent', clock.now()))),
      onHeld: (id, reason) => this.#lazy.add(() => outbox.note(id, fingerprint, reason)),
    })
    this.#flows.set(key, flow)
    return flow
  }

  async #receive(link: Link, frame: CmbFrame): Promise<void> {
    const cmb = this.#verify(link, frame)
    if (!cmb) return
    const { fingerprint } = link.peer
    const access = decideAccess(this.#deps.peers.get(fingerprint, link.group)?.trust ?? 'unknown')
    this.#events.onCount(`cmb-${access.kind}`)
    if (access.kind === 'refused') return
    const { inbox, memory, clock } = this.#deps
    const now = clock.now()
    const { tags = [], envelope } = frame
    const [outcome, receipt] = await this.#counted(() => {
      const held = access.kind === 'pending' ? access.reason : undefined
      const journaled = inbox.journal({ cmb, from: fingerprint, tags, receivedAt: now, held, isPush: this.#deps.isPushing(), envelope })
      if (journaled === 'full') return [journaled, undefined] as const
      if (journaled === 'stored' && !held) memory.keep(cmb, fingerprint, tags, now)
      // A copy of what we have means that the author missed the receipt.
      return [journaled, this.#receipts.add(cmb.id, 'received', '', now, fingerprint, link.group)] as const
    })
    if (outcome === 'full') return this.#busy(link, cmb.id, 'inbox-full', 60_000)
    if (receipt) this.#sendReceipt(this.#deps.linkTo(fingerprint, link.group) ?? link, receipt)
    const item = outcome === 'stored' && access.kind === 'admitted' ? inbox.get(cmb.id) : undefined
    if (outcome === 'duplicate') await this.#repeatSurfaced(cmb.id)
    if (item) this.#events.onArrived(item)
  }

  /** Rate, record, author, audience, age: what fails here leaves no trace but a counter. */
  #verify(link: Link, frame: CmbFrame): Cmb | undefined {
    const { rates, clock, keys } = this.#deps
    const waitMs = this.#rates.take(link.peer.fingerprint)
    const decoded = waitMs > 0 ? undefined : decodeRecord(frame.cmb, link.peer.publicKey)
    if (!decoded) {
      this.#busy(link, claimedId(frame), `more than ${rates.cmbsPerMinute} a minute`, waitMs)
      return undefined
    }
    if (decoded.kind === 'rejected') return this.#reject(link, decoded.rule)
    const { cmb } = decoded
    if (cmb.author.nodeId !== link.peer.nodeId) return this.#reject(link, 'wrong-author')
    if (cmb.group !== link.group) return this.#reject(link, 'wrong-audience')
    if (cmb.to !== undefined && cmb.to !== keys.nodeId) return this.#reject(link, 'wrong-recipient')
    if (frame.envelope && frame.envelope.chain.at(-1) !== link.peer.fingerprint) return this.#reject(link, 'wrong-chain')
    const age = clock.now() - cmb.createdAt
    if (age < -LIMITS.cmb.futureMs || age > LIMITS.cmb.pastMs) return this.#reject(link, 'wrong-time')
    return cmb
  }

  #reject(link: Link, rule: string): undefined {
    this.#events.onCount(`cmb-${rule}`)
    this.#deps.log.warn('cmb refused', { peer: link.peer.fingerprint.slice(0, 16), rule })
    return undefined
  }

  #busy(link: Link, of: AssertionId | undefined, reason: string, retryAfterMs: number): void {
    this.#events.onCount('busy')
    this.#deps.log.info('told busy', { peer: link.peer.fingerprint.slice(0, 16), reason })
    link.send({ type: 'mesh-opaque-v1-busy', ...(of ? { of } : {}), retryAfterMs: Math.ceil(retryAfterMs) })
  }

  async #repeatSurfaced(id: AssertionId): Promise<void> {
    const item = this.#deps.inbox.get(id)
    const { surfacedAt, way } = item ?? {}
    if (!item || surfacedAt === undefined || way === undefined) return
    const receipt = await this.#deps.db.write(() => this.#receipts.add(id, 'surfaced', way, surfacedAt, item.fingerprint, item.group))
    const link = this.#deps.linkTo(item.fingerprint, item.group)
    if (link && receipt) this.#sendReceipt(link, receipt)
  }

  #sendReceipt(link: Link, { of, state, way, at, seq }: ReceiptState): void {
    const { keys } = this.#deps
    const facts = { of, state, at, seq, ...(way === '' ? {} : { way }) }
    const parties = { recipient: keys.nodeId, author: link.peer.nodeId }
    link.send({ type: 'mesh-opaque-v1-receipt', ...signReceipt(facts, parties, (bytes) => keys.sign(bytes)) })
  }

  async #onReceipt(link: Link, frame: ReceiptFrame): Promise<void> {
    const { keys, outbox, db } = this.#deps
    const { fingerprint, publicKey, nodeId } = link.peer
    if (!verifyReceipt(frame, { recipient: nodeId, author: keys.nodeId }, publicKey)) return this.#events.onCount('receipt-invalid')
    const isNews = await db.write(() => outbox.advance(frame.of, fingerprint, frame.state, frame.at, frame.way ?? ''))
    link.send({ type: 'mesh-opaque-v1-ack', of: frame.of, state: frame.state })
    // The link may have gone meanwhile, and its flow with it: none is made for somebody who is not here.
    this.#flows.get(flowKey(fingerprint, link.group))?.settled(frame.of)
    this.#tellWaiter(frame.of, fingerprint)
    if (isNews) this.#events.onReceipt(frame.of, fingerprint, frame.state)
  }

  #onAck(link: Link, { of, state }: FrameOf<'mesh-opaque-v1-ack'>): void {
    this.#lazy.add(() => this.#receipts.acknowledge(of, state, link.peer.fingerprint))
    const page = this.#pages.get(link)
    if (page?.left === undefined) return
    page.left--
    if (page.left <= PAGE / 2) this.#sendPage(link, page.lastSeq)
  }

  /** Repeats open receipts, not all at once: an author that comes back to thousands must not be flooded. */
  #sendPage(link: Link, afterSeq: number): void {
    const receipts = this.#receipts.openFor(link.peer.fingerprint, link.group, afterSeq, PAGE)
    const lastSeq = receipts.at(-1)?.seq ?? afterSeq
    const pending = this.#pages.get(link)?.left ?? 0
    this.#pages.set(link, { lastSeq, left: receipts.length < PAGE ? undefined : pending + receipts.length })
    for (const receipt of receipts) this.#sendReceipt(link, receipt)
  }

  #tellWaiter(id: AssertionId, fingerprint: Fingerprint): void {
    const waiter = this.#waiters.get(id)
    waiter?.missing.delete(fingerprint)
    if (waiter?.missing.size === 0) waiter.done()
  }
}

function flowKey(fingerprint: Fingerprint, group: string): string {
  return `${fingerprint} ${group}`
}

function outboxFull(): MeshError {
  const { rows } = LIMITS.outbox
  return new MeshError(
    'limit-exceeded',
    `${rows} messages wait for peers that are away, the limit; nothing was sent. Try again when some are back`,
  )
}

/** Only to say which message was not taken; nothing is believed of it. */
function claimedId(frame: CmbFrame): AssertionId | undefined {
  const id = frame.cmb.metadata['assertionId']
  return typeof id === 'string' ? parseAssertionId(id) : undefined
}

function cmbFrame(message: OutboxMessage, to: NodeId | undefined, now: number): CmbFrame {
  const envelope = message.envelope ? { envelope: message.envelope } : {}
  const audience = message.isDirected && to ? { to, directed: true as const } : {}
  return { type: 'cmb', timestamp: now, cmb: JSON.parse(message.record), tags: [...message.tags], ...audience, ...envelope }
}
