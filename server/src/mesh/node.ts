/**
 * The node: this process as a member of the mesh. A deep module with a small face: say something, ask what arrived, ask
 * who is here. Discovery tells where somebody might be, links prove who it is, delivery carries the words; this file
 * joins the three and answers questions.
 */
import { type Clock, type RandomBytes, systemRandom } from '../base/clock.ts'
import { MeshError, messageOf } from '../base/errors.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { Scope } from '../base/scope.ts'
import { oneLine } from '../base/text.ts'
import type { Announcement, Candidate, Discovery } from '../discovery/discovery.ts'
import { type Fingerprint, fingerprintOf } from '../identity/ids.ts'
import { sharedValue } from '../identity/shared-file.ts'
import type { UserKey } from '../identity/user-key.ts'
import type { Interests } from '../memory/interests.ts'
import { NO_INTERESTS } from '../memory/interests.ts'
import { Memory, type Retention } from '../memory/memory.ts'
import { partOf, Relevance } from '../memory/relevance.ts'
import { type Attachment, openBeside } from '../mmp/attachment.ts'
import { buildCat7, type Cat7Input } from '../mmp/cat7.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import type { Frame, FrameOf } from '../mmp/frames.ts'
import { type GroupName, isPrivateValue, serviceTypeOf } from '../mmp/group.ts'
import type { AnnouncedPrekey } from '../mmp/letter.ts'
import type { NodeKeys } from '../secure/session.ts'
import { type Audit, type AuditFacts, noAudit } from '../store/audit-log.ts'
import type { Database } from '../store/database.ts'
import { AcceptLimits } from '../transport/accept-limits.ts'
import type { Address, Listener, Transport } from '../transport/connection.ts'
import { problemOf, type RelayHealth } from '../transport/relay-health.ts'
import { Addressing, oneLineOf, SELF_TAG } from './addressing.ts'
import { Admission, type Author } from './admission.ts'
import type { Allowlist } from './allowlist.ts'
import type { Arrival, Judged } from './arrivals.ts'
import type { AskRequest, WaitOptions } from './asking.ts'
import { Delivery } from './delivery.ts'
import { Dialer } from './dialer.ts'
import { GroupFinder } from './group-finder.ts'
import { type GroupShelf, memoryShelf } from './group-shelf.ts'
import { type GroupChange, Groups, type JoinedGroups } from './groups.ts'
import { History } from './history.ts'
import { Inbox, type InboxItem, type InboxQuery } from './inbox.ts'
import type { Link } from './link.ts'
import { Links } from './links.ts'
import { Mailbox, type MailRelay } from './mailbox.ts'
import { Outbox } from './outbox.ts'
import { PeerBook, type PeerRecord } from './peers.ts'
import { type Answer, askAll } from './pings.ts'
import { type Activity, Presence } from './presence.ts'
import { PresenceBook } from './presence-book.ts'
import { PrivateGroups } from './private-groups.ts'
import { Questions } from './questions.ts'
import type { Rates } from './rates.ts'
import { Recollection } from './recollection.ts'
import type { ReplyRequest } from './replying.ts'
import type { ContactRequest } from './requests.ts'
import { type Roster, type RosterQuery, rosterOf } from './roster.ts'
import { Sending, type SendRequest } from './sending.ts'
import { watchSleep } from './sleep-watch.ts'
import { Stock, type StockHome } from './stock.ts'
import { Talk } from './talk.ts'
import { type TraceView, traceIncoming, traceOutgoing } from './trace.ts'
import { NO_TRUST, type TrustSource } from './trust-file.ts'
import { Viewer } from './viewer.ts'
import {
  type Addressee,
  type AskView,
  type GroupView,
  type InboxView,
  idPrefix,
  type NearbyGroup,
  type OutgoingView,
  type PeerView,
  type PersonView,
  type ProfileView,
  type QuestionsView,
  type SendView,
  type StatusView,
  shortIdOf,
} from './views.ts'
import { isWithdrawn, Withdrawals } from './withdrawals.ts'

export interface PrivateHome {
  readonly shelf: GroupShelf
  readonly userKey: () => Promise<UserKey>
}

export interface NodeDeps {
  readonly clock: Clock
  readonly random?: RandomBytes
  readonly guard: Guard
  readonly log: Log
  readonly db: Database
  readonly transport: Transport
  readonly discoveries: readonly Discovery[]
  readonly rates: Rates
  readonly version: string
  /** What this user decided about keys; nothing when absent. */
  readonly trust?: TrustSource
  /** The private groups of this user; none when absent. */
  readonly privateGroups?: PrivateHome
  /** What this user decided about stock nodes, and the key that they are shown; none may come when absent. */
  readonly stock?: StockHome
  /** Links, keys, groups, refusals and what was shown are noted here. */
  readonly audit?: Audit
  /** Where the relays are, when there are any. */
  readonly relays?: MailRelay & { health(): readonly RelayHealth[]; reconnect(): void }
}

export interface NodeOptions {
  readonly name: string
  readonly hostname: string
  readonly keys: NodeKeys
  /** Open groups, the current one first. */
  readonly groups: JoinedGroups
  /** Called when this node is in other groups than before, before anybody is told; what it throws takes the change back. */
  readonly onGroups?: (groups: JoinedGroups) => void
  readonly serviceType: string | undefined
  /** Whose words alone may reach Claude; undefined: everybody's whom the group lets in. */
  readonly allowedPeers?: Allowlist | undefined
  /** What the person wants to hear of and what not, as it is now. */
  readonly interests?: () => Interests
  /** How long and how much is kept. */
  readonly retention?: Retention
  /** Where to listen: the LAN port and the same-machine socket. */
  readonly listen: readonly Address[]
  /** Called when all listeners are open, before anybody is told of them. */
  readonly onListening?: () => void
}

export type NodeEvent =
  | { readonly kind: 'arrived'; readonly item: InboxView }
  | { readonly kind: 'peer-here' | 'peer-away'; readonly peer: PeerView }
  | { readonly kind: 'receipt'; readonly id: AssertionId; readonly from: string; readonly state: string }
  /** It was handed to the call that waited for it. */
  | { readonly kind: 'answer'; readonly question: AssertionId; readonly item: InboxView }
  /** Its author took it back before it was shown. */
  | { readonly kind: 'withdrawn'; readonly id: AssertionId }
  /** A line of ours for the person. */
  | { readonly kind: 'notice'; readonly text: string }

const NO_PRIVATE_GROUPS = {
  shelf: memoryShelf(),
  userKey: (): Promise<UserKey> => Promise.reject(new MeshError('internal', 'this node has no private groups')),
}
const TICK_MS = 5_000
const QUESTIONS_MS = 30_000
/** How often it is noted that a peer is still here: a group message after a crash goes to who was here lately. */
const SEEN_MS = 1_800_000
const ANSWER_AFTER_SLEEP_MS = 2_500
/** Enough for an alarm; anyone on the network can raise one. */
const MAX_KEY_CONFLICTS = 16
/** Told one by one when somebody is let in; the rest is found by whoever looks. */
const MAX_LET_GO = 100

export class MeshNode {
  readonly fingerprint: Fingerprint
  /** What this node says of itself. */
  readonly presence: Presence
  /** What is remembered: search it, ask why, forget. */
  readonly recollection: Recollection
  /** What was said to a group before this node came. */
  readonly history: History
  readonly #deps: NodeDeps
  readonly #options: NodeOptions
  readonly #scope: Scope
  readonly #membership: Groups
  readonly #finder: GroupFinder
  readonly #peers: PeerBook
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #memory: Memory
  readonly #relevance: Relevance
  readonly #links: Links
  readonly #dialer: Dialer
  readonly #delivery: Delivery
  readonly #talk: Talk
  readonly #withdrawals: Withdrawals
  readonly #sending: Sending
  readonly #mailbox: Mailbox | undefined
  readonly #admission: Admission
  readonly #questions: Questions
  readonly #private: PrivateGroups
  readonly #stock: Stock
  readonly #listeners = new Set<(event: NodeEvent) => void>()
  readonly #counters = new Map<string, number>()
  readonly #audit: Audit
  readonly #said: PresenceBook
  /** Links whose other side has said its name. */
  readonly #greeted = new WeakSet<Link>()
  readonly #viewer: Viewer
  readonly #addressing: Addressing
  readonly #keyConflicts = new Set<string>()
  readonly #ownKeyAt = new Set<string>()
  readonly #listening: string[] = []
  #port: number | undefined
  #isPushing = false
  readonly #startedAt: number
  #listenProblem: string | undefined

  constructor(deps: NodeDeps, options: NodeOptions) {
    const { clock, guard, log, db, rates, transport, random = systemRandom, version, trust = sharedValue(NO_TRUST) } = deps
    const { keys } = options
    this.#deps = deps
    this.#options = options
    this.#startedAt = clock.now()
    this.#audit = deps.audit ?? noAudit
    this.#scope = new Scope(clock, (thrown) => guard.run('stop', () => Promise.reject(thrown)))
    this.fingerprint = fingerprintOf(keys.publicKey)
    this.#membership = new Groups(options.groups, {
      announce: (groups) => this.#announce(groups),
      onChanged: (change) => this.#onGroupChange(change),
    })
    this.#finder = new GroupFinder({
      clock,
      guard,
      discoveries: deps.discoveries,
      groups: () => this.#groups,
      peersHere: (group) => this.#known().flatMap((peer) => (peer.isHere && peer.group === group ? peer.nodeId : [])),
    })
    this.#peers = new PeerBook(db, clock, guard)
    this.#inbox = new Inbox(db)
    this.#outbox = new Outbox(db)
    this.#memory = new Memory(db, options.retention)
    this.#relevance = new Relevance({
      clock,
      memory: this.#memory,
      self: this.fingerprint,
      name: () => options.name,
      labels: () => [...this.presence.own.tags, ...(this.presence.own.role === undefined ? [] : [this.presence.own.role]), SELF_TAG],
      interests: options.interests ?? (() => NO_INTERESTS),
    })
    this.recollection = new Recollection({
      clock,
      db,
      memory: this.#memory,
      inbox: this.#inbox,
      self: this.fingerprint,
      authorsCalled: (text) => this.#addressing.authorsCalled(text),
      nameOf: (fingerprint) => this.#viewer.nameOf(fingerprint),
      viewOf: (item) => this.#viewer.kept(item),
    })
    this.#said = new PresenceBook(clock)
    this.presence = new Presence({ clock, guard, db, hearers: () => this.#links.all() })
    const { shelf, userKey } = deps.privateGroups ?? NO_PRIVATE_GROUPS
    this.#private = new PrivateGroups(
      { shelf, userKey, nodeKey: keys.publicKey, clock, random, guard, db, audit: this.#audit, links: () => this.#links.all() },
      { onChanged: () => this.#onMembership(), onFrame: (link, frame) => this.#onFrame(link, frame) },
    )
    this.#admission = new Admission(
      {
        clock,
        guard,
        db,
        peers: this.#peers,
        inbox: this.#inbox,
        trust,
        allowlist: options.allowedPeers,
        membershipOf: (key, group) => this.#private.membershipOf(key, group),
        stockPolicyOf: (group) => this.#stock.policyOf(group),
        userOf: (key, group) => this.#private.userOf(key, group),
        audit: this.#audit,
      },
      { onDecided: (letGo) => this.#onDecided(letGo) },
    )
    const linkTo = (fingerprint: Fingerprint, group: string): Link | undefined => this.#links.best(fingerprint, group)
    this.#viewer = new Viewer({
      self: { fingerprint: this.fingerprint, name: options.name },
      startedAt: this.#startedAt,
      now: () => clock.now(),
      peers: this.#peers,
      admission: this.#admission,
      outbox: this.#outbox,
      said: this.#said,
      audiences: () => this.presence.audiences,
      linkTo,
      isInFlight: (id, fingerprint, group) => this.#delivery.isInFlight(id, fingerprint, group),
      aboutQuestion: (item) => this.#questions.about(item),
    })
    this.#addressing = new Addressing({
      name: options.name,
      self: this.fingerprint,
      now: () => clock.now(),
      inbox: this.#inbox,
      memory: this.#memory,
      recipientsOf: (id) => this.#outbox.recipients(id).map((recipient) => recipient.fingerprint),
      peers: this.#peers,
      admission: this.#admission,
      known: () => this.#met((peer) => this.#viewer.addressee(peer)),
      listed: () => this.peers(),
      linkTo,
      isOwnUser: (fingerprint, group) => this.#private.isOwnUser(fingerprint, group),
    })
    const count = (name: string): void => this.#count(name)
    const acceptLimits = new AcceptLimits(clock, rates.handshakesPerAddressPerMinute)
    this.#links = new Links(
      {
        clock,
        random,
        guard,
        log,
        transport,
        rates,
        keys,
        implementation: { name: 'sym-mesh-channel', version },
        acceptLimits,
        isMember: (group) => this.#membership.has(group) && (!isPrivateValue(group) || this.#private.isMember(group)),
        isComing: (group) => this.#private.joining().some((one) => one === group),
        roomOf: (group) => this.#private.roomOf(group),
        groupOf: (room) => this.#private.groupOf(room),
        groups: () => this.#groupsToDial(),
        gate: (link, session, settle) => this.#private.gate(link, session, settle),
        pinnedKeyOf: (nodeId) => this.#peers.pinnedKeyOf(nodeId),
        isBlocked: (publicKey) => this.#admission.isBlocked(fingerprintOf(publicKey)),
        hasOtherId: (nodeId, publicKey) => this.#peers.hasOtherId(nodeId, fingerprintOf(publicKey)),
      },
      {
        onUp: (link) => this.#onUp(link),
        onDown: (link) => this.#onDown(link),
        onFrame: (link, frame) => this.#onFrame(link, frame),
        onKeyConflict: (remote) => this.#onKeyConflict(remote),
        onOwnKey: (remote) => void (this.#ownKeyAt.size < MAX_KEY_CONFLICTS && this.#ownKeyAt.add(remote)),
        onCount: count,
      },
    )
    this.#dialer = new Dialer({
      clock,
      random,
      guard,
      self: keys.nodeId,
      groups: () => this.#groupsToDial(),
      dial: (target, signal) => this.#links.dial(target, signal),
      isLinked: (nodeId, group, kind) => this.#links.isLinked(nodeId, group, kind),
    })
    this.#stock = new Stock({
      ...{ clock, random, guard, log, rates, keys, db, transport, acceptLimits, name: options.name, audit: this.#audit },
      ...{ links: this.#links, peers: this.#peers, outbox: this.#outbox, delivery: () => this.#delivery },
      home: deps.stock,
      listen: options.listen,
      groups: () => this.#groups,
      isBlocked: (publicKey) => this.#admission.isBlocked(fingerprintOf(publicKey)),
      onPolicy: () => guard.run('reconsider', () => this.#admission.reconsider()),
      onListening: () => this.#announce(this.#groups),
      onCount: count,
    })
    this.#talk = new Talk({
      clock,
      fingerprint: this.fingerprint,
      nameOf: (fingerprint) => this.#viewer.nameOf(fingerprint),
      onNotice: (text) => this.#emit({ kind: 'notice', text }),
      onCount: count,
    })
    this.#withdrawals = new Withdrawals({
      ...{ clock, db, inbox: this.#inbox, memory: this.#memory },
      onWithdrawn: (id) => this.#emit({ kind: 'withdrawn', id }),
    })
    this.#questions = new Questions({
      clock,
      guard,
      db,
      fingerprint: this.fingerprint,
      inbox: this.#inbox,
      outbox: this.#outbox,
      talk: this.#talk,
      delivery: () => this.#delivery,
      resolve: (to) => this.#addressing.resolve(to),
      currentGroup: () => this.#groups[0],
      audience: (group) => this.#addressing.askable(group),
      demandAskable: (peer) => this.#addressing.demandAskable(peer),
      linkTo: (fingerprint, group) => this.#links.best(fingerprint, group),
      // A full outbox forgets what arrived everywhere; the question outlives it.
      recipients: (id) => (this.#outbox.get(id) ? this.#viewer.sent(id, false).recipients : []),
      sendView: (id) => this.#viewer.sent(id, false),
      mentionedIn: (fields, group, recipients) => this.#addressing.mentionedIn(fields, group, recipients),
      nameOf: (fingerprint) => this.#viewer.nameOf(fingerprint),
      peerOf: (fingerprint, group) => this.#known().find((peer) => peer.fingerprint === fingerprint && peer.group === group),
      trustOf: (fingerprint, group) => this.#admission.verdictOf({ fingerprint, group }).trust,
      viewOf: (id) => this.#itemView(id),
      onReleased: (id) => this.#arrived(id),
      onAnswer: (question, item) => this.#emit({ kind: 'answer', question, item: this.#viewer.item(item) }),
    })
    this.#delivery = new Delivery(
      {
        clock,
        guard,
        log,
        rates,
        db,
        keys,
        inbox: this.#inbox,
        outbox: this.#outbox,
        memory: this.#memory,
        peers: this.#peers,
        requests: this.#admission.requests,
        verdictOf: (author) => this.#admission.verdictOf(author),
        fingerprint: this.fingerprint,
        name: options.name,
        isPushing: () => this.#isPushing,
        screen: (arriving) => this.#withdrawals.screen(arriving, (isHeir) => this.#questions.screen(arriving, isHeir)),
        pruned: () => this.#withdrawals.prune(),
        audit: this.#audit,
        judge: (arrival) => this.#judge(arrival),
        linkTo: (fingerprint, group) => this.#links.best(fingerprint, group),
        leaveReceipt: (receipt) => this.#mailbox?.leaveReceipt(receipt),
      },
      {
        onArrived: (item) => this.#emit({ kind: 'arrived', item: this.#viewer.item(item) }),
        onReceipt: (id, from, state, way) => {
          this.#talk.heldThere(from, way)
          this.#questions.onReceipt(id, from, state)
          this.#emit({ kind: 'receipt', id, from: this.#viewer.nameOf(from), state })
        },
        onCount: count,
        onRefused: (refused) => this.recollection.noteRefused(refused),
      },
    )
    this.#mailbox =
      deps.relays &&
      new Mailbox({
        ...{ clock, random, guard, log, db, keys },
        fingerprint: this.fingerprint,
        outbox: this.#outbox,
        peers: this.#peers,
        relay: deps.relays,
        isMember: (group) => this.#membership.has(group) && (!isPrivateValue(group) || this.#private.isMember(group)),
        mayWriteTo: (fingerprint, group) => this.#admission.verdictOf({ fingerprint, group }).access.kind !== 'refused',
        isHere: (fingerprint, group) => this.#links.best(fingerprint, group) !== undefined,
        frameOf: (message, recipient) => this.#delivery.frameOf(message, recipient),
        receive: (from, frame) => this.#delivery.receiveMail(from, frame),
        onCount: count,
      })
    this.history = new History({
      ...{ clock, random, guard, db, memory: this.#memory, inbox: this.#inbox, peers: this.#peers, keys },
      verdictOf: (author) => this.#admission.verdictOf(author),
      links: () => this.#links.all(),
      nameOf: (fingerprint) => this.#viewer.nameOf(fingerprint),
    })
    this.#sending = new Sending({
      ...{ clock, addressing: this.#addressing, talk: this.#talk, outbox: this.#outbox, memory: this.#memory, viewer: this.#viewer },
      ...{ self: this.fingerprint, withdrawals: this.#withdrawals, delivery: this.#delivery, linkTo },
      groups: () => this.#groups,
      mailbox: () => this.#mailbox,
    })
  }

  /** Opens the listeners, then tells the others. What is in the way of discovery is a problem in `status`, not an error. */
  async start(): Promise<void> {
    const { clock, discoveries, guard } = this.#deps
    await this.#private.start()
    const listeners = await Promise.all(this.#options.listen.map((address) => this.#listen(address)))
    const bound = listeners.map(({ address }) => address)
    this.#listening.push(...bound.flatMap((address) => textOf(address) ?? []))
    this.#options.onListening?.()
    // Before anybody is told of us: who looks for stock nodes keeps the first record that it sees.
    await this.#stock.sync()
    this.#port = bound.flatMap((address) => (address.kind === 'lan' ? [address.port] : []))[0] ?? 0
    const announcement = this.#announcement(this.#port)
    const events = {
      onFound: guard.wrap('found', (candidate: Candidate) => this.#stock.found(candidate) || this.#dialer.found(candidate)),
      onLost: guard.wrap('lost', (id: string) => this.#stock.lost(id) || this.#dialer.lost(id)),
    }
    // Not waited for: who is called is there from now on, whether it has looked around or not.
    for (const discovery of discoveries) guard.run('discovery', () => discovery.start(announcement, events))
    await this.#admission.reconsider()
    this.#scope.every(TICK_MS, () => guard.run('tick', () => this.#delivery.tick()))
    this.#scope.every(QUESTIONS_MS, () => guard.run('questions', () => this.#questions.tick()))
    this.#mailbox?.start()
    if (this.#mailbox) this.#scope.every(TICK_MS, () => guard.run('mail', () => this.#mailbox?.tick()))
    this.#scope.every(LIMITS.presence.renewMs, () => guard.run('presence', () => this.presence.renew()))
    this.#scope.every(SEEN_MS, () => guard.run('seen', () => this.#noteSeen()))
    this.#finder.watch(this.#scope)
    watchSleep(this.#scope, clock, () => guard.run('wake', () => this.#onWoken()))
  }

  /** Hears of what arrives and who comes and goes. Returns the function that ends it. */
  subscribe(listener: (event: NodeEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Sends to one peer or to the group and waits, at most one second, for the first verdict of those who are here.
   * Throws `peer-unknown` and `peer-ambiguous` with the candidates; nothing was sent then.
   */
  send(request: SendRequest): Promise<SendView> {
    return this.#sending.send(request)
  }

  /** Takes a message of ours back where nobody was shown it, by its shown id; what became of it. Throws for what is no plain message of ours. */
  cancelOutgoing(shownId: string): Promise<SendView> {
    return this.#sending.cancel(shownId)
  }

  /** What became of one of our messages; undefined when the id is none of ours. */
  outgoing(id: AssertionId): SendView | undefined {
    return this.#outbox.get(id) ? this.#viewer.sent(id, false) : undefined
  }

  /** Our messages that wait, or that ended without having arrived, newest first, with the reason for each recipient. */
  unfinished(limit: number): readonly OutgoingView[] {
    return this.#outbox
      .unfinished(limit)
      .map(({ id, focus, createdAt, expiresAt }) => ({ ...this.#viewer.sent(id, false), focus, createdAt, expiresAt }))
  }

  /** Sends again at once what waits for peers that are here. */
  retryUnfinished(): void {
    this.#delivery.retry()
  }

  /** Gives one of our messages up; how many recipients it will not reach. Throws for an id that is none of ours. */
  async dropOutgoing(shownId: string): Promise<number> {
    const prefix = idPrefix(shownId)
    const [message, ...others] = prefix === undefined ? [] : this.#outbox.byPrefix(prefix)
    if (message && others.length === 0) return this.#delivery.drop(message.id)
    throw new MeshError(
      'argument-invalid',
      `no message of this node is ${oneLineOf(shownId)}, or several begin like that; nothing was dropped`,
    )
  }

  inbox(query: InboxQuery): readonly (InboxView & { readonly seq: number })[] {
    return this.#inbox.list(query).map((item) => ({ ...this.#viewer.item(item), seq: item.seq }))
  }

  /** Admitted, and by no way shown to Claude yet; oldest first. */
  unsurfaced(limit: number): readonly InboxView[] {
    const isFree = (item: InboxItem) => !this.#questions.isClaimed(item.id) && this.#admission.verdictOf(item).access.kind === 'admitted'
    return this.#inbox
      .unsurfaced(limit)
      .filter(isFree)
      .map((item) => this.#viewer.item(item))
  }

  /** In the inbox, and by no way shown to Claude yet. */
  isUnread(id: AssertionId): boolean {
    const item = this.#inbox.get(id)
    return item !== undefined && item.surfacedAt === undefined
  }

  /** What was ever shown under this id (`m…`, a longer prefix, or the full id), from inbox, memory or our own words. */
  fetch(id: string): InboxView | undefined {
    const prefix = idPrefix(id)
    if (!prefix) return undefined
    const [items, kept] = [this.#inbox.byPrefix(prefix), this.#memory.byPrefix(prefix)]
    if (new Set([...items, ...kept].map((found) => found.id)).size !== 1) return undefined
    if (items[0]) return isWithdrawn(items[0]) ? undefined : this.#viewer.item(items[0])
    return kept[0] && this.#viewer.kept(kept[0])
  }

  /** What came beside a message that is kept, by its shown id; undefined where there is none. */
  attachment(id: string): (Attachment & { readonly shortId: string }) | undefined {
    const item = this.fetch(id)
    const { attachment } = openBeside(item && this.#memory.besideOf(item.id))
    return item && attachment && { ...attachment, shortId: item.shortId }
  }

  /** Keeps words of our own without sending them. */
  async remember(fields: Cat7Input, tags: readonly string[]): Promise<string> {
    const note = { fields: buildCat7(fields), body: undefined, tags, group: this.#groups[0] }
    return shortIdOf(await this.#delivery.remember(note))
  }

  /** Those who may be listed, once per group. */
  peers(): readonly PeerView[] {
    return this.#known().filter((peer) => !this.#isHidden(peer))
  }

  /** Each key once, narrowed to what is near. */
  roster(query: RosterQuery = {}): Roster & { readonly hidden: number } {
    return { ...rosterOf(this.peers(), query, this.#groups[0]), hidden: this.#hiddenHere() }
  }

  /** The private groups of this user, and the key that they admit. */
  get privateHome(): PrivateHome {
    return this.#deps.privateGroups ?? NO_PRIVATE_GROUPS
  }

  /** Who was met in the private groups, by person. */
  people(): readonly PersonView[] {
    const people = new Map<string, PersonView>()
    for (const { fingerprint, group, name, isHere } of this.#known()) {
      const user = this.#private.userOf(fingerprint, group)
      if (user === undefined) continue
      const known = people.get(`${user} ${group}`) ?? { user, group, sessions: [] }
      people.set(`${user} ${group}`, { ...known, sessions: [...known.sessions, { name, fingerprint, isHere }] })
    }
    return [...people.values()]
  }

  /** Unknown keys that ask to be let in; a person decides. */
  requests(): readonly ContactRequest[] {
    return this.#admission.pending()
  }

  groups(): readonly GroupView[] {
    const peers = this.peers()
    return this.#groups.map((name, index) => ({
      name,
      kind: isPrivateValue(name) ? 'private' : 'open',
      serviceType: this.#serviceTypeOf(name),
      isCurrent: index === 0,
      members: peers.filter((peer) => peer.group === name),
    }))
  }

  /**
   * Makes an open group the current one, in the place of the one before it or with `keep` beside it, while everything
   * runs. Throws with nothing changed.
   */
  joinGroup(group: GroupName, { keep = false } = {}): GroupChange {
    if (isPrivateValue(group) && !this.#private.isMember(group))
      throw new MeshError(
        'argument-invalid',
        `this user is no member of the private group ${group}; it is joined by an invite: sym-mesh-channel join <link>. Nothing was changed`,
      )
    return this.#membership.join(group, keep)
  }

  /** Throws, with nothing changed, for a group that it is not in, and for its only one. */
  leaveGroup(group: GroupName): GroupChange {
    return this.#membership.leave(group)
  }

  joinedGroups(): JoinedGroups {
    return this.#groups
  }

  /** Copies of our messages that wait for peers of this group, be it joined or not. */
  /** To be awaited before a private group is joined whose file somebody has just written. */
  lookAtPrivateGroups(): Promise<void> {
    return this.#private.look()
  }

  /** Who of the group that is here answers now. */
  ping(group: string): Promise<readonly Answer[]> {
    const here = this.peers().filter((peer) => peer.isHere && peer.group === group)
    return askAll(here, (fingerprint, name) => this.#links.best(fingerprint, name))
  }

  waitingIn(group: GroupName): number {
    return this.#outbox.waitingIn(group)
  }

  /** Open groups on this machine and network, heard within a second, ours first. */
  findGroups(): Promise<readonly NearbyGroup[]> {
    return this.#finder.find(this.#scope)
  }

  status(): StatusView {
    const peers = this.peers()
    return {
      name: this.#options.name,
      nodeId: this.#options.keys.nodeId,
      fingerprint: this.fingerprint,
      groups: this.#groups.map((name) => ({
        name,
        serviceType: this.#serviceTypeOf(name),
        peersHere: peers.filter((peer) => peer.isHere && peer.group === name).length,
      })),
      // A peer in two groups is one.
      peersHere: new Set(peers.filter((peer) => peer.isHere).map((peer) => peer.fingerprint)).size,
      peersHidden: this.#hiddenHere(),
      peersKnown: new Set(peers.map((peer) => peer.fingerprint)).size,
      listen: [...this.#listening, ...this.#stock.listening],
      relays: this.#deps.relays?.health() ?? [],
      problems: this.#problems(),
      notes: [...this.#admission.notes(), ...this.#stock.notes()],
      inbox: this.#inbox.totals(),
      outbox: { waiting: this.#outbox.waitingCount() },
      memory: { items: this.#memory.size },
      loop: this.#talk.status(),
      counters: Object.fromEntries([...this.#counters, ...[...this.#deps.guard.counts()].map(([name, n]) => [`bug-${name}`, n] as const)]),
    }
  }

  /** A relay came while links were up: their other sides hear which key mail for us is sealed to. */
  relayAdded(): void {
    for (const link of this.#links.all()) this.#introduce(link)
  }

  /** Tries relays again, also those that were given up. */
  reconnectRelays(): void {
    this.#deps.relays?.reconnect()
  }

  markSurfaced(ids: readonly AssertionId[], way: string): Promise<void> {
    this.#shown(ids)
    return this.#delivery.markSurfaced(ids, way).finally(() => this.#questions.settle(ids, true))
  }

  /** Nobody knows yet whether a push arrives: what may have been read counts as read where loops are concerned. */
  markPushed(ids: readonly AssertionId[]): Promise<void> {
    this.#shown(ids)
    return this.#delivery.markPushed(ids)
  }

  /**
   * Asks one peer, or the group, and waits for the answers in the same call. What does not come in time comes later, like
   * any arrival; the ticket (`shortId`) finds it.
   */
  ask(request: AskRequest, options: WaitOptions): Promise<AskView> {
    return this.#questions.ask(request, options)
  }

  /** What came to a question of ours, by its shown id; waits for more while it is open. */
  answers(id: string, options: WaitOptions): Promise<AskView> {
    return this.#questions.answers(idPrefix(id) ?? '-', options)
  }

  cancelQuestion(id: string): Promise<AskView> {
    return this.#questions.cancel(idPrefix(id) ?? '-')
  }

  /** The call that claimed these answers could not hand them over: they are shown like any arrival. */
  releaseAnswers(ids: readonly AssertionId[]): void {
    this.#questions.settle(ids, false)
  }

  /** Answers an open question by its shown id, or declines it. */
  reply(id: string, request: ReplyRequest): Promise<SendView> {
    return this.#questions.reply(idPrefix(id), id, request)
  }

  questions(): QuestionsView {
    return this.#questions.list()
  }

  /** The life of one message by its shown id, ours or another's; undefined when it is not kept, or not unique. */
  trace(id: string): TraceView | undefined {
    const prefix = idPrefix(id)
    const [items, sent] = prefix === undefined ? [[], []] : [this.#inbox.byPrefix(prefix), this.#outbox.byPrefix(prefix)]
    const [item, message] = [items[0], sent[0]]
    if (items.length + sent.length !== 1) return undefined
    const nameOf = (fingerprint: Fingerprint): string => this.#viewer.fullNameOf(fingerprint)
    if (item) return traceIncoming(item, this.#questions.lifeOf(item.id).question, nameOf)
    return (
      message && traceOutgoing({ message, recipients: this.#outbox.recipients(message.id), ...this.#questions.lifeOf(message.id) }, nameOf)
    )
  }

  /** The oldest question of a member that was shown, is open, and has held no turn yet. */
  questionToHold(): InboxView | undefined {
    const id = this.#questions.toHold()
    return id && this.#itemView(id)
  }

  markHeld(id: AssertionId): Promise<void> {
    return this.#questions.markHeld(id)
  }

  /** A person typed something to this session: what is said now is theirs, and the loop breaker begins anew. */
  humanTurn(): void {
    this.#talk.humanTurn()
  }

  /** Whether the next typed prompt means something here: it sets the loop breaker back, or there are notices to tell. */
  get wantsPrompt(): boolean {
    return this.#talk.wantsPrompt
  }

  /** Lines of ours for the person that were not told yet; each comes once. */
  takeNotices(): readonly string[] {
    return this.#talk.takeNotices()
  }

  /** From now on what arrives is pushed at once (or no longer): it is journaled as pushed with its arrival. */
  setPushing(isPushing: boolean): void {
    this.#isPushing = isPushing
  }

  /** Peers that edited this file lately, by their own word, where they share files. */
  editorsOf(fileId: string): readonly PeerView[] {
    const editors = new Set(this.#said.editorsOf(fileId))
    return editors.size === 0 ? [] : this.roster().peers.filter((peer) => peer.presence && editors.has(peer.fingerprint))
  }

  /** How a message reaches our Claude now: told to every peer, shown in their lists. */
  setReach(reach: string): void {
    this.presence.setReach(reach)
  }

  /** A report of the hooks; told to every peer, and forgotten after a while without another. */
  setActivity(activity: Activity): void {
    this.presence.setActivity(activity)
  }

  /** What this session does, in its own words; empty text takes it back. Throws on a secret. */
  setSummary(text: string): void {
    this.presence.setSummary(text)
  }

  profile(): ProfileView {
    const { own, status, summary, audiences } = this.presence
    const { summary: derived, folder, branch } = audiences.inGroup?.(this.#groups[0]) ?? audiences.network
    const shared = { summary: summary.isDerived ? derived : summary.text, folder, branch }
    const { text, isDerived } = summary
    return { name: this.#options.name, fingerprint: this.fingerprint, ...own, status, summary: text, isSummaryDerived: isDerived, shared }
  }

  /** Takes back the announcement, closes every link, and leaves nothing scheduled. */
  async stop(): Promise<void> {
    await this.#scope.stop()
    this.presence.stop()
    await this.#stock.stop()
    await this.#dialer.stop()
    await Promise.all(this.#deps.discoveries.map((discovery) => discovery.stop()))
    await this.#links.stop()
    this.#admission.stop()
    this.#questions.stop()
    this.#private.stop()
    this.#delivery.stop()
  }

  /** A fixed port is held by one process at a time; the next session takes a free one and says so. */
  async #listen(address: Address): Promise<Listener> {
    try {
      return await this.#links.listen(address)
    } catch (thrown) {
      if (address.kind !== 'lan' || address.port === 0) throw thrown
      this.#listenProblem = `Port ${address.port} could not be opened (${messageOf(thrown)}); this session listens on a free one. Peers that dial the fixed port reach whoever holds it.`
      return this.#links.listen({ ...address, port: 0 })
    }
  }

  get #groups(): JoinedGroups {
    return this.#membership.all
  }

  #announce(groups: JoinedGroups): void {
    this.#options.onGroups?.(groups)
    if (this.#port === undefined || this.#scope.isStopped) return
    const announcement = this.#announcement(this.#port)
    for (const discovery of this.#deps.discoveries) discovery.update(announcement)
  }

  #onGroupChange({ left }: GroupChange): void {
    this.#audit.note('groups', { joined: this.#groups.join(' '), left: left.join(' ') })
    for (const group of left) this.#links.closeGroup(group)
    this.#dialer.retryAll()
    void this.#stock.sync()
  }

  /** Of private groups those that we may come into: as a member, or by an invite. */
  #groupsToDial(): readonly string[] {
    const ours = this.#groups.filter((group) => this.#private.roomOf(group) !== undefined)
    return [...new Set<string>([...ours, ...this.#private.joining()])]
  }

  #onMembership(): void {
    for (const group of this.#groups) if (this.#private.roomOf(group) === undefined) this.#links.closeGroup(group)
    this.#deps.guard.run('membership', () => this.#announce(this.#groups))
    this.#deps.guard.run('reconsider', () => this.#admission.reconsider())
    this.#dialer.retryAll()
  }

  #announcement(port: number): Announcement {
    const { keys, name, hostname, serviceType } = this.#options
    const publicKey = Buffer.from(keys.publicKey).toString('base64url')
    return {
      nodeId: keys.nodeId,
      name,
      publicKey,
      hostname,
      groups: this.#groups,
      hidden: this.#private.hidden(this.#groups),
      serviceType,
      serviceTypeGroup: this.#options.groups[0],
      port,
      stock: this.#stock.announcement,
    }
  }

  #serviceTypeOf(group: GroupName): string {
    const { serviceType, groups } = this.#options
    if (isPrivateValue(group)) return '_sym._tcp'
    return group === groups[0] && serviceType !== undefined ? serviceType : serviceTypeOf(group)
  }

  #onUp(link: Link): void {
    if (link.isStock) return this.#onStockUp(link)
    const isNew = this.#peers.get(link.peer.fingerprint, link.group) === undefined
    const { standing } = this.#peers.met(link.peer, link.group)
    if (isNew) this.#note('key-pinned', link, { standing })
    this.#note('link-up', link, { kind: link.kind })
    // Before the name, so that one who hides is not seen for a moment.
    this.presence.greet(link)
    this.#introduce(link)
    this.#delivery.linkUp(link)
    this.#questions.linkUp(link)
    this.#stock.secured(link)
  }

  /** It has said its name, proves no key, and hears nothing of us but messages. */
  #onStockUp(link: Link): void {
    this.#note('link-up', link, { kind: link.kind, stock: 1 })
    this.#delivery.linkUp(link)
    const peer = this.#peers.get(link.peer.fingerprint, link.group)
    if (peer) this.#emit({ kind: 'peer-here', peer: this.#viewer.peer(peer) })
  }

  #onDown(link: Link): void {
    const { fingerprint, nodeId } = link.peer
    this.#note('link-down', link, { kind: link.kind })
    this.#delivery.linkDown(link)
    this.#said.forget(link)
    this.#questions.linkDown()
    // Also when another path is left: the better one is to come back.
    if (!this.#scope.isStopped) this.#dialer.linkDown(nodeId)
    if (this.#links.best(fingerprint, link.group)) return
    const peer = this.#peers.get(fingerprint, link.group)
    this.#peers.left(fingerprint, link.group)
    if (this.#scope.isStopped) return
    this.#mailbox?.someoneLeft()
    if (peer && !peer.isHidden) this.#emit({ kind: 'peer-away', peer: this.#viewer.peer(peer) })
  }

  #onFrame(link: Link, frame: Frame): void {
    if (frame.type === 'mesh-opaque-v1-presence') return this.#onPresence(link, frame)
    if (this.#questions.onFrame(link, frame) || this.history.onFrame(link, frame)) return
    if (frame.type === 'mesh-opaque-v1-member') return this.#private.onFrame(link, frame)
    if (frame.type !== 'mesh-opaque-v1-profile') return this.#delivery.onFrame(link, frame)
    this.#peers.named(link.peer.fingerprint, link.group, frame.name)
    this.#admission.named(link.peer.fingerprint, this.#peers.get(link.peer.fingerprint, link.group)?.name ?? '')
    if (frame.prekey) this.#learnPrekey(link, frame.prekey)
    if (this.#greeted.has(link)) return
    this.#greeted.add(link)
    const peer = this.#peers.get(link.peer.fingerprint, link.group)
    // Only now: before, there was a key and no name to show for it.
    if (peer && !peer.isHidden) this.#emit({ kind: 'peer-here', peer: this.#viewer.peer(peer) })
  }

  /** Only of those who are let in: a stranger must not fill the disk with keys. */
  #learnPrekey({ peer, group }: Link, prekey: AnnouncedPrekey): void {
    if (this.#admission.verdictOf({ fingerprint: peer.fingerprint, group }).access.kind !== 'admitted') return
    this.#deps.guard.run('prekey', () => this.#mailbox?.learned(peer, prekey))
  }

  #onPresence(link: Link, frame: FrameOf<'mesh-opaque-v1-presence'>): void {
    if (!this.#said.hear(link, frame)) return this.#count('presence-old')
    this.#peers.hidden(link.peer.fingerprint, link.group, frame.hidden === true)
  }

  #known(): readonly PeerView[] {
    return this.#met((peer) => this.#viewer.peer(peer))
  }

  /** All that were met in our groups, those included who hide: they can be written to. */
  #met<T extends Addressee>(viewOf: (peer: PeerRecord) => T): readonly T[] {
    return this.#peers
      .all()
      .filter((peer) => this.#groups.some((group) => group === peer.group))
      .map(viewOf)
      .sort((a, b) => Number(b.isHere) - Number(a.isHere) || b.lastSeen - a.lastSeen)
  }

  /** Who hides is not named, and that somebody listens is not kept from anybody. */
  #hiddenHere(): number {
    return new Set(this.#known().flatMap((peer) => (peer.isHere && this.#isHidden(peer) ? peer.fingerprint : []))).size
  }

  #isHidden({ fingerprint, group }: PeerView): boolean {
    return this.#peers.get(fingerprint, group)?.isHidden ?? false
  }

  #note(what: string, { peer, group }: Link, facts: AuditFacts): void {
    this.#audit.note(what, { peer: peer.fingerprint, group, ...facts })
  }

  #count(name: string): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + 1)
  }

  #noteSeen(): void {
    for (const { peer, group } of this.#links.all()) this.#peers.seen(peer.fingerprint, group)
  }

  /** A block takes effect on links that are up; what was let go is told as if it arrived now. */
  #onDecided(letGo: readonly Author[]): void {
    for (const link of this.#links.all()) if (this.#admission.isBlocked(link.peer.fingerprint)) link.close('blocked')
    const isOfThese = (item: InboxItem) => letGo.some(({ fingerprint, group }) => item.fingerprint === fingerprint && item.group === group)
    const items = letGo.length === 0 ? [] : this.#inbox.unsurfaced(MAX_LET_GO).filter(isOfThese)
    for (const item of items) this.#emit({ kind: 'arrived', item: this.#viewer.item(item) })
  }

  #onKeyConflict(remote: string): void {
    this.#audit.note('key-conflict', { remote })
    if (this.#keyConflicts.size < MAX_KEY_CONFLICTS) this.#keyConflicts.add(remote)
    this.#deps.log.error('a node showed another key than the pinned one; the connection was refused', { remote })
  }

  /** Real names follow only here, under the seal. */
  #introduce(link: Link): void {
    const hasRelay = (this.#deps.relays?.health() ?? []).length > 0
    const prekey = hasRelay && this.#mailbox ? { prekey: this.#mailbox.prekey } : {}
    link.send({ type: 'mesh-opaque-v1-profile', name: this.#options.name, features: [], ...prekey })
  }

  #itemView(id: AssertionId): InboxView | undefined {
    const item = this.#inbox.get(id)
    return item && this.#viewer.item(item)
  }

  #arrived(id: AssertionId): void {
    const item = this.#itemView(id)
    if (item) this.#emit({ kind: 'arrived', item })
  }

  #shown(ids: readonly AssertionId[]): void {
    this.#talk.shown(ids.flatMap((id) => this.#inbox.get(id) ?? []))
  }

  #problems(): readonly string[] {
    const found = this.#deps.discoveries.flatMap((discovery) => discovery.health().problem ?? [])
    const elsewhere = this.#finder.mismatch()
    const conflicts = [...this.#keyConflicts].map(
      (remote) =>
        `A node at ${remote} showed another key than the one pinned for its id; it was refused. Ask its owner whether the key was replaced.`,
    )
    const unanswered = this.#dialer
      .failures('static')
      .map(
        ({ address, rule }) =>
          `SYM_PEERS names ${address}, which is not linked (${oneLine(rule, 120)}). Check address, port and group there; it is tried again.`,
      )
    const doubles = [...this.#ownKeyAt].map(
      (remote) =>
        `A node at ${remote} says that it has the key of this node. If you took this identity there, end one of the two: messages reach only one of them.`,
    )
    const lost = (this.#deps.relays?.health() ?? []).flatMap((health) => problemOf(health) ?? [])
    return [
      ...this.#private.problems(this.#groups),
      ...this.#admission.problems(),
      ...this.#stock.problems(),
      ...doubles,
      ...found,
      ...lost,
      ...(elsewhere === undefined ? [] : [elsewhere]),
      ...unanswered,
      ...(this.#listenProblem === undefined ? [] : [this.#listenProblem]),
      ...conflicts,
    ]
  }

  /** After a sleep every link may be dead without knowing it: ask each, and look around anew. */
  #onWoken(): void {
    for (const link of this.#links.all()) link.probe(ANSWER_AFTER_SLEEP_MS)
    for (const discovery of this.#deps.discoveries) discovery.refresh()
    this.#dialer.retryAll()
  }

  #judge({ link, cmb, tags, envelope }: Omit<Arrival, 'held'>): Judged {
    const { fingerprint: from } = link.peer
    const isVerified = this.#admission.verdictOf({ fingerprint: from, group: link.group }).trust === 'verified'
    const isSameRepository = (): boolean => this.#said.viewOf(from, link.group, this.presence.audiences)?.isSameRepository ?? false
    const heard = { cmb, from, tags, envelope, isVerified, isSameRepository }
    const judgement = this.#relevance.judge(heard)
    return { judgement, part: partOf(heard, judgement), isMention: this.#relevance.mentions(heard) !== undefined }
  }

  #emit(event: NodeEvent): void {
    for (const listener of this.#listeners) this.#deps.guard.run('listener', () => listener(event))
  }
}

function textOf(address: Address): string | undefined {
  if (address.kind === 'machine') return address.path
  return address.kind === 'lan' ? `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}` : undefined
}
