/**
 * How a message travels, and what becomes of it. Out: on our disk, then on a link, then held until the recipient's signed
 * receipt. In: verified, admitted, journaled, and only then receipted. Each step is a function from one stage to the
 * next; a message that ends early ends with a reason that is counted.
 */
import { fromUtf8 } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { oneLine } from '../base/text.ts'
import type { Fingerprint, NodeId } from '../identity/ids.ts'
import type { Memory } from '../memory/memory.ts'
import { addressOf } from '../mmp/address.ts'
import { type Attachment, packAttachment } from '../mmp/attachment.ts'
import { type ApplicationData, type AssertionId, type Cat7, type Cmb, type CmbKey, FIELD_NAMES } from '../mmp/cmb.ts'
import type { Envelope } from '../mmp/envelope.ts'
import { encodeCmbFrame, type Frame, type FrameOf } from '../mmp/frames.ts'
import { type ReceiptItem, type ReceiptState, verifyReceipt } from '../mmp/receipt.ts'
import { decodeRecord, encodeRecord, mintCmb } from '../mmp/record.ts'
import { demandNoSecret } from '../mmp/secrets.ts'
import { parseAssertionId } from '../mmp/signature.ts'
import type { NodeKeys } from '../secure/session.ts'
import type { Audit } from '../store/audit-log.ts'
import type { Database } from '../store/database.ts'
import type { Verdict as AccessVerdict } from './access.ts'
import { Arrivals, type ArrivalsDeps, type Speaker } from './arrivals.ts'
import { CmbRates } from './cmb-rates.ts'
import { Flow } from './flow.ts'
import type { Inbox, InboxItem } from './inbox.ts'
import { LazyWrites } from './lazy-writes.ts'
import type { Link } from './link.ts'
import type { Received } from './mailbox.ts'
import type { Outbox, OutboxMessage } from './outbox.ts'
import type { PeerBook } from './peers.ts'
import type { Rates } from './rates.ts'
import { ReceiptMail } from './receipt-mail.ts'
import { type OpenReceipt, ReceiptBook } from './receipts.ts'
import type { Refused } from './recollection.ts'
import type { ContactRequests } from './requests.ts'
import type { Arriving, Screening } from './talk.ts'
import { isWithdrawnWay } from './withdrawals.ts'

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
  readonly requests: ContactRequests
  readonly verdictOf: (author: { readonly fingerprint: Fingerprint; readonly group: string }) => AccessVerdict
  readonly keys: NodeKeys
  readonly fingerprint: Fingerprint
  readonly name: string
  /** Whether what arrives now is pushed to Claude at once. */
  readonly isPushing: () => boolean
  /** Asked once of each admitted arrival, inside its write. */
  readonly screen: (arriving: Arriving) => Screening
  readonly audit: Audit
  readonly judge: ArrivalsDeps['judge']
  /** Called inside the write that prunes the other tables. */
  readonly pruned: () => void
  readonly linkTo: (fingerprint: Fingerprint, group: string) => Link | undefined
  /** For an author that is away. */
  readonly leaveReceipt: (receipt: OpenReceipt) => void
}

export interface DeliveryEvents {
  /** Journaled, admitted, not yet shown to Claude. */
  readonly onArrived: (item: InboxItem) => void
  /** The recipient signed a further step of one of our messages. */
  readonly onReceipt: (id: AssertionId, from: Fingerprint, state: string, way: string) => void
  readonly onCount: (name: string) => void
  /** It did not reach the inbox; nothing of it was believed. */
  readonly onRefused: (refused: Refused) => void
}

export interface Outgoing {
  readonly fields: Cat7
  readonly body: string | undefined
  readonly attachment?: Attachment | undefined
  readonly tags: readonly string[]
  readonly group: string
  /** Undefined for a message to the group. */
  readonly to: { readonly nodeId: NodeId; readonly fingerprint: Fingerprint } | undefined
  readonly recipients: readonly Fingerprint[]
  readonly idempotencyKey: string | undefined
  readonly envelope: Envelope
  /** The blocks that it descends from: of an answer, what it answers. Signed with it. */
  readonly parents?: readonly CmbKey[]
  /** Written together with the message. */
  readonly alongside?: (id: AssertionId) => void
  /** What the author of another message learns by this one, receipted in the same write. */
  readonly settles?: { readonly of: AssertionId; readonly author: Fingerprint; readonly state: 'answered' | 'declined' } | undefined
}

type CmbFrame = FrameOf<'cmb'>
type ReceiptFrame = FrameOf<'mesh-opaque-v1-receipt'>

/** What a recipient has said of a message. */
export interface Verdict {
  readonly state: ReceiptState
  readonly way: string
}
export type Verdicts = ReadonlyMap<Fingerprint, Verdict>

export interface Sent {
  readonly message: OutboxMessage
  readonly isRepeat: boolean
  /** The answers of those who are here, once all have answered or after the time for a first verdict. */
  readonly verdicts: Promise<Verdicts>
}

interface Waiter {
  readonly missing: Set<Fingerprint>
  readonly verdicts: Map<Fingerprint, Verdict>
  readonly done: () => void
}

/** Of `body`, the long text beside the fields. */
export const BODY_TYPE = { mediaType: 'text/plain; charset=utf-8', schema: '' }
const OUTBOX_KEPT_MS = 30 * 86_400_000
const CLEAN_MS = 60_000
const NO_VERDICTS: Promise<Verdicts> = Promise.resolve(new Map())

export class Delivery {
  readonly #deps: DeliveryDeps
  readonly #events: DeliveryEvents
  readonly #receipts: ReceiptBook
  readonly #flows = new Map<string, Flow>()
  readonly #rates: CmbRates
  readonly #lazy: LazyWrites
  readonly #mail: ReceiptMail
  readonly #arrivals: Arrivals
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
    this.#mail = new ReceiptMail({ keys: deps.keys, book: this.#receipts, lazy: this.#lazy, linkTo: deps.linkTo, leave: deps.leaveReceipt })
    this.#arrivals = new Arrivals(
      { ...deps, receipts: this.#receipts },
      {
        onKept: events.onArrived,
        onReceipts: (receipts) => this.#mail.send(receipts),
        onFull: (link, id) => this.#busy(link, id, 'inbox-full', 60_000),
      },
    )
    this.#lastCreatedAt = Number(deps.db.get(`SELECT value FROM counter WHERE name = 'created-at'`)?.['value'] ?? 0)
  }

  /**
   * Signs, journals and starts to send. Resolves when the message is on our disk. The same idempotency key gives the
   * message of the first call, and nothing is sent again (R49).
   */
  async send(outgoing: Outgoing): Promise<Sent> {
    const { db, outbox, memory, clock, fingerprint } = this.#deps
    refuseSecrets(outgoing)
    const cmb = this.#mint(outgoing)
    const message = this.#messageOf(cmb, outgoing)
    let receipts: readonly OpenReceipt[] = []
    const earlier = await db.write(() => {
      this.#noteTime(cmb.createdAt)
      const known = outgoing.idempotencyKey === undefined ? undefined : outbox.byIdempotencyKey(outgoing.idempotencyKey)
      if (known) return known
      if (!outbox.makeRoom()) throw outboxFull()
      outbox.add(message, outgoing.recipients, outgoing.idempotencyKey)
      const { tags, envelope } = outgoing
      memory.keep({ cmb, author: fingerprint, tags, keptAt: clock.now(), part: 'own', envelope })
      outgoing.alongside?.(cmb.id)
      receipts = this.#receiptSettled(outgoing)
      return undefined
    })
    if (earlier) return { message: earlier, isRepeat: true, verdicts: NO_VERDICTS }
    // For who is away it waits on disk, where the next link finds it: nothing is kept or looked up meanwhile.
    const here = outgoing.recipients.filter((recipient) => this.#deps.linkTo(recipient, outgoing.group))
    const answering = here.filter((recipient) => !this.#deps.linkTo(recipient, outgoing.group)?.isStock)
    const verdicts = this.#firstVerdicts(message.id, answering)
    for (const recipient of here) this.#flow(recipient, outgoing.group).offer(message)
    this.#mail.send(receipts)
    return { message, isRepeat: false, verdicts }
  }

  /** Signs and keeps words of our own that go to nobody. */
  async remember(note: Pick<Outgoing, 'fields' | 'body' | 'tags' | 'group'>): Promise<AssertionId> {
    const { db, memory, clock, fingerprint: author } = this.#deps
    const cmb = this.#mint({ ...note, to: undefined })
    await db.write(() => {
      this.#noteTime(cmb.createdAt)
      memory.keep({ cmb, author, tags: note.tags, keptAt: clock.now(), part: 'own' })
    })
    return cmb.id
  }

  /** Whether it is on a link and not yet confirmed; the disk hears of it a little later. */
  isInFlight(id: AssertionId, recipient: Fingerprint, group: string): boolean {
    return this.#flows.get(flowKey(recipient, group))?.isInFlight(id) ?? false
  }

  /** A link came up: what waits for this peer goes out, and receipts that it did not acknowledge are repeated. */
  linkUp(link: Link): void {
    this.#flow(link.peer.fingerprint, link.group).restart()
    this.#mail.linkUp(link)
  }

  linkDown(link: Link): void {
    const { fingerprint } = link.peer
    this.#mail.linkDown(link)
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
        return this.#deps.guard.run('ack', () => this.#mail.onAck(link, frame.seq))
      case 'mesh-opaque-v1-busy':
        return this.#flow(link.peer.fingerprint, link.group).hold(frame.of, frame.retryAfterMs)
      default:
        return
    }
  }

  /** The same for what came by mail: what is not on the disk afterwards must not be taken from where it lies. */
  receiveMail(from: Speaker, frame: Frame): Received {
    if (frame.type === 'cmb') return this.#receive(from, frame)
    if (frame.type === 'mesh-opaque-v1-receipt') this.#deps.guard.run('receipt', () => this.#onReceipt(from, frame))
    return 'done'
  }

  /** What a stock node said, read by the codec of its form. What nobody signed is kept for the person alone. */
  receiveStock(link: Link, cmb: Cmb, isSigned: boolean): Received {
    if (this.#rates.take(link.peer.fingerprint) > 0) {
      this.#events.onCount('busy')
      return 'later'
    }
    const rule = this.#misfit(link, cmb)
    if (rule === undefined) return this.#admit(link, cmb, { tags: tagsOfStock(cmb, isSigned) }, isSigned ? undefined : 'unsigned')
    this.#reject(link, undefined, rule)
    return 'done'
  }

  /** What came was no record, or was not said by whom it names. */
  refuse(link: Link, rule: string): void {
    this.#reject(link, undefined, rule)
  }

  /** A stock node signed that it has processed this message: the most that it says of any. */
  attested({ peer, group }: Link, id: AssertionId): void {
    const { outbox, clock } = this.#deps
    this.#flows.get(flowKey(peer.fingerprint, group))?.settled(id)
    this.#lazy.add(() => outbox.advance(id, peer.fingerprint, 'unreceipted', clock.now(), '', 'it has processed it, by its attestation'))
  }

  /** Our message as the frame that this recipient gets. */
  frameOf(message: OutboxMessage, recipient: Fingerprint): string {
    return cmbFrame(message, this.#deps.peers.get(recipient, message.group)?.nodeId, this.#deps.clock.now())
  }

  /** Marks what was shown to Claude, durably, and tells the authors. */
  async markSurfaced(ids: readonly AssertionId[], way: string): Promise<void> {
    const { db, clock, inbox, audit } = this.#deps
    const at = clock.now()
    audit.note('surfaced', { way, items: ids.length, first: ids[0] ?? '' })
    this.#mail.send(await db.write(() => this.#receiptSurfaced(inbox.markSurfaced(ids, way, at), way, at)))
  }

  /** What was journaled on arrival already needs no further write. */
  async markPushed(ids: readonly AssertionId[]): Promise<void> {
    const { db, inbox, clock, audit } = this.#deps
    audit.note('pushed', { items: ids.length, first: ids[0] ?? '' })
    const left = ids.filter((id) => inbox.get(id)?.pushedAt === undefined)
    if (left.length > 0) await db.write(() => inbox.markPushed(left, clock.now()))
  }

  /** To be called every few seconds: repeats what got no answer, ends what is too old. */
  async tick(): Promise<void> {
    for (const flow of this.#flows.values()) flow.tick()
    const { outbox, inbox, memory, clock } = this.#deps
    if (memory.isBehind) await this.#deps.db.write(() => memory.index())
    if (clock.monotonic() - this.#cleanedAt < CLEAN_MS) return
    this.#cleanedAt = clock.monotonic()
    await this.#deps.db.write(() => {
      outbox.expire(clock.now(), OUTBOX_KEPT_MS)
      inbox.prune(clock.now())
      memory.prune(clock.now())
      this.#receipts.prune(clock.now())
      this.#deps.pruned()
    })
  }

  /** Everything that waits for who is here goes out again at once; how many links that were. */
  retry(): number {
    for (const flow of this.#flows.values()) flow.restart()
    return this.#flows.size
  }

  /** Gives a message up for those that it did not reach; how many those were. One that is on its way may still arrive. */
  async drop(id: AssertionId): Promise<number> {
    const dropped = await this.#deps.db.write(() => this.#deps.outbox.drop(id))
    for (const flow of this.#flows.values()) flow.settled(id)
    return dropped
  }

  /** Nothing is sent, repeated or waited for any more. */
  stop(): void {
    this.#isStopped = true
    this.#lazy.flush()
    for (const flow of this.#flows.values()) flow.stop()
    for (const { done } of [...this.#waiters.values()]) done()
  }

  #receiptSettled({ settles, group }: Outgoing): readonly OpenReceipt[] {
    if (!settles) return []
    const { of, author, state } = settles
    const at = this.#deps.clock.now()
    return this.#receipts.add([{ author, group, item: { of, state, at } }], at)
  }

  #receiptSurfaced(items: readonly InboxItem[], way: string, at: number): readonly OpenReceipt[] {
    const told = items
      .filter(({ fingerprint, group }) => !this.#deps.peers.get(fingerprint, group)?.isStock)
      .map(({ id, fingerprint, group }) => ({
        author: fingerprint,
        group,
        item: { of: id, state: 'surfaced', way, at } as const,
      }))
    return this.#receipts.add(told, at)
  }

  /** The newest time is enough, and the last of a commit has it. */
  #noteTime(createdAt: number): void {
    if (createdAt !== this.#lastCreatedAt) return
    const sql = `INSERT INTO counter VALUES ('created-at', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
    this.#deps.db.run(sql, createdAt)
  }

  #firstVerdicts(id: AssertionId, recipients: readonly Fingerprint[]): Promise<Verdicts> {
    if (recipients.length === 0 || this.#isStopped) return NO_VERDICTS
    const verdicts = new Map<Fingerprint, Verdict>()
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel()
        this.#waiters.delete(id)
        resolve(verdicts)
      }
      const timer = this.#deps.clock.after(LIMITS.firstVerdictMs, done)
      this.#waiters.set(id, { missing: new Set(recipients), verdicts, done })
    })
  }

  #mint({
    fields,
    body,
    attachment,
    group,
    to,
    parents = [],
  }: Pick<Outgoing, 'fields' | 'body' | 'attachment' | 'group' | 'to' | 'parents'>): Cmb {
    const { clock, keys, name } = this.#deps
    const now = clock.now()
    // Equal words said twice in one millisecond are two messages: the time rises strictly. Only where the clock was far
    // ahead once and is right again it goes back, or no peer would accept a word until that time has come.
    const isAhead = this.#lastCreatedAt > now + LIMITS.cmb.futureMs
    this.#lastCreatedAt = isAhead ? now : Math.max(now, this.#lastCreatedAt + 1)
    const application = attachment ? packAttachment(body, attachment) : applicationOf(body)
    return mintCmb({
      fields,
      group,
      to: to?.nodeId,
      // What repeats the words that it answers would be its own parent.
      parents: parents.length === 0 ? parents : parents.filter((parent) => parent !== addressOf(fields).key),
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
    const { clock, guard, outbox, linkTo } = this.#deps
    const flow = new Flow({
      clock,
      guard,
      waiting: (limit, except) => this.#waitingFor(fingerprint, group, limit, except),
      transmit: (message) => linkTo(fingerprint, group)?.sendText(this.frameOf(message, fingerprint)) ?? false,
      onSent: (ids) => {
        for (const id of ids) this.#lazy.add(() => outbox.advance(id, fingerprint, 'sent', clock.now()), sentKey(id, fingerprint))
      },
      isUnreceipted: (id) => {
        if (!linkTo(fingerprint, group)?.isStock) return false
        this.#lazy.add(() => outbox.advance(id, fingerprint, 'unreceipted', clock.now()))
        return true
      },
      onHeld: (id, reason) => this.#lazy.add(() => outbox.note(id, fingerprint, reason)),
    })
    this.#flows.set(key, flow)
    return flow
  }

  /** What cannot go by the link of now, as to a stock node, must not stand before what can. */
  #waitingFor(fingerprint: Fingerprint, group: string, limit: number, except: ReadonlySet<AssertionId>): readonly OutboxMessage[] {
    const { outbox, linkTo } = this.#deps
    const link = linkTo(fingerprint, group)
    if (!link?.isStock) return outbox.waitingFor(fingerprint, group, limit, except)
    const waiting = outbox.waitingFor(fingerprint, group, LIMITS.outbox.rows, except)
    return waiting.filter(({ isDirected }) => link.refusalOf(isDirected) === undefined).slice(0, limit)
  }

  #receive(link: Speaker, frame: CmbFrame): Received {
    const cmb = this.#verify(link, frame)
    if (cmb === 'busy') return 'later'
    if (!cmb) return 'done'
    return this.#admit(link, cmb, frame)
  }

  #admit(link: Speaker, cmb: Cmb, { tags = [], envelope }: Pick<CmbFrame, 'tags' | 'envelope'>, hold?: 'unsigned'): Received {
    const { access } = this.#deps.verdictOf({ fingerprint: link.peer.fingerprint, group: link.group })
    this.#events.onCount(`cmb-${access.kind}`)
    if (access.kind === 'refused') return 'done'
    this.#arrivals.add({ link, cmb, tags, envelope, held: hold ?? (access.kind === 'pending' ? access.reason : undefined) })
    return { isKept: () => this.#deps.inbox.knows(cmb.id) }
  }

  /** Rate, record, author, audience, age: what fails here leaves no trace but a counter. */
  #verify(link: Speaker, frame: CmbFrame): Cmb | 'busy' | undefined {
    const { rates } = this.#deps
    const waitMs = this.#rates.take(link.peer.fingerprint)
    const decoded = waitMs > 0 ? undefined : decodeRecord(frame.cmb, link.peer.publicKey)
    if (!decoded) {
      this.#busy(link, claimedId(frame), `more than ${rates.cmbsPerMinute} a minute`, waitMs)
      return 'busy'
    }
    const reject = (rule: string): undefined => this.#reject(link, claimedId(frame), rule)
    if (decoded.kind === 'rejected') return reject(decoded.rule)
    const { cmb } = decoded
    const rule = this.#misfit(link, cmb)
    if (rule !== undefined) return reject(rule)
    if (frame.envelope && frame.envelope.chain.at(-1) !== link.peer.fingerprint) return reject('wrong-chain')
    return cmb
  }

  /** Author, audience, age: what is signed has to fit the link that it came by. */
  #misfit(link: Speaker, cmb: Cmb): string | undefined {
    const { clock, keys } = this.#deps
    if (cmb.author.nodeId !== link.peer.nodeId) return 'wrong-author'
    if (cmb.group !== link.group) return 'wrong-audience'
    if (cmb.to !== undefined && cmb.to !== keys.nodeId) return 'wrong-recipient'
    const age = clock.now() - cmb.createdAt
    return age < -LIMITS.cmb.futureMs || age > LIMITS.cmb.pastMs ? 'wrong-time' : undefined
  }

  #reject(link: Speaker, id: AssertionId | undefined, rule: string): undefined {
    this.#deps.audit.note('cmb-refused', { peer: link.peer.fingerprint, group: link.group, rule })
    this.#events.onCount(`cmb-${rule}`)
    this.#events.onRefused({ at: this.#deps.clock.now(), from: link.peer.fingerprint, id, rule })
    this.#deps.log.warn('cmb refused', { peer: link.peer.fingerprint.slice(0, 16), rule })
    return undefined
  }

  #busy(link: Speaker, of: AssertionId | undefined, reason: string, retryAfterMs: number): void {
    this.#events.onCount('busy')
    this.#deps.log.info('told busy', { peer: link.peer.fingerprint.slice(0, 16), reason })
    link.send({ type: 'mesh-opaque-v1-busy', ...(of ? { of } : {}), retryAfterMs: Math.ceil(retryAfterMs) })
  }

  async #onReceipt(link: Speaker, frame: ReceiptFrame): Promise<void> {
    const { keys, db } = this.#deps
    const { publicKey, nodeId } = link.peer
    if (!verifyReceipt(frame, { recipient: nodeId, author: keys.nodeId }, publicKey)) return this.#events.onCount('receipt-invalid')
    const isNews = await db.write(() => frame.items.map((item) => this.#advance(link.peer.fingerprint, item)))
    for (const [at, item] of frame.items.entries()) this.#settle(link, item, isNews[at] ?? false)
    link.send({ type: 'mesh-opaque-v1-ack', seq: frame.seq })
  }

  #advance(recipient: Fingerprint, { of, state, at, way = '' }: ReceiptItem): boolean {
    this.#lazy.drop(sentKey(of, recipient))
    const reached = state === 'received' && isWithdrawnWay(way) ? 'withdrawn' : state
    return this.#deps.outbox.advance(of, recipient, reached, at, way)
  }

  #settle(link: Speaker, { of, state, way = '' }: ReceiptItem, isNews: boolean): void {
    const { fingerprint } = link.peer
    // The link may have gone meanwhile, and its flow with it: none is made for somebody who is not here.
    this.#flows.get(flowKey(fingerprint, link.group))?.settled(of)
    this.#tellWaiter(of, fingerprint, { state, way })
    if (isNews) this.#events.onReceipt(of, fingerprint, state, way)
  }

  #tellWaiter(id: AssertionId, fingerprint: Fingerprint, verdict: Verdict): void {
    const waiter = this.#waiters.get(id)
    waiter?.verdicts.set(fingerprint, verdict)
    waiter?.missing.delete(fingerprint)
    if (waiter?.missing.size === 0) waiter.done()
  }
}

function applicationOf(body: string | undefined): ApplicationData | undefined {
  return body === undefined ? undefined : { ...BODY_TYPE, bytes: new TextEncoder().encode(body) }
}

const sentKey = (id: AssertionId, recipient: Fingerprint): string => `${id} ${recipient}`

function flowKey(fingerprint: Fingerprint, group: string): string {
  return `${fingerprint} ${group}`
}

function refuseSecrets({ fields, body = '', attachment }: Outgoing): void {
  for (const name of FIELD_NAMES) demandNoSecret(name, fields[name].text)
  demandNoSecret('body', body)
  if (attachment) demandNoSecret('the attachment', `${attachment.name}\n${fromUtf8(attachment.bytes) ?? ''}`)
}

function outboxFull(): MeshError {
  const { rows } = LIMITS.outbox
  return new MeshError(
    'limit-exceeded',
    `${rows} messages wait for peers that are away, the limit; nothing was sent. Try again when some are back`,
  )
}

/** What is said to a group there is an observation here; marked, so that it can be muted. */
function tagsOfStock(cmb: Cmb, isSigned: boolean): string[] {
  return ['stock', ...(isSigned && cmb.to === undefined ? ['observation'] : [])]
}

/** Only to say which message was not taken; nothing is believed of it. */
function claimedId(frame: CmbFrame): AssertionId | undefined {
  const id = frame.cmb.metadata['assertionId']
  return typeof id === 'string' ? parseAssertionId(id) : undefined
}

function cmbFrame({ record, isDirected, tags, envelope }: OutboxMessage, to: NodeId | undefined, now: number): string {
  const audience = isDirected && to ? { to, directed: true as const } : {}
  return encodeCmbFrame(record, { timestamp: now, tags: [...tags], ...audience, ...(envelope ? { envelope } : {}) })
}
