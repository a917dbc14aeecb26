/**
 * Stock MMP nodes as peers, where a group admits them: a listener of their own, the handshake in both directions, one link
 * for each node and kind of path, and the way of what they say into the same delivery as everything else. Where no group
 * admits any, nothing of this is open, announced or sent.
 *
 * Their handshake proves nothing. So it is checked against everything that is known before a byte of ours leaves: the floor
 * of nodes that were secure, the keys that signed something, blocks, and that it is not ourselves.
 */

import { MeshError, messageOf } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { Scope } from '../base/scope.ts'
import { oneLine } from '../base/text.ts'
import type { Candidate } from '../discovery/discovery.ts'
import { fingerprintOf, type NodeId } from '../identity/ids.ts'
import { type AgreementKey, isAcceptableEd25519 } from '../identity/keys.ts'
import { sharedValue } from '../identity/shared-file.ts'
import { decodeStockKey, encodeStockKey } from '../identity/stock-keys.ts'
import { parseGroupName } from '../mmp/group.ts'
import { decodeJson, encodeJson } from '../mmp/json.ts'
import { encodeStockHandshake, parseStockFrame, type StockHandshake } from '../mmp/stock-frames.ts'
import { cmbOfText } from '../mmp/stock-record.ts'
import type { Audit } from '../store/audit-log.ts'
import type { Database } from '../store/database.ts'
import type { AcceptLimits, AcceptSlot } from '../transport/accept-limits.ts'
import type { Address, Connection, ConnectionEvents, Listener, Transport } from '../transport/connection.ts'
import type { Delivery } from './delivery.ts'
import { Dialer } from './dialer.ts'
import type { Link } from './link.ts'
import type { DialOutcome, DialTarget, Links } from './links.ts'
import type { Outbox } from './outbox.ts'
import type { PeerBook } from './peers.ts'
import { StockBook, type StockKeys } from './stock-book.ts'
import { NO_STOCK, type StockPolicy, type StockSource } from './stock-file.ts'
import { StockLink, type StockLinkDeps, type StockSaid, type StockSession } from './stock-link.ts'
import { StockPolicies } from './stock-policy.ts'

/** Of the user: what was decided, and the key that stock nodes are shown. */
export interface StockHome {
  readonly source: StockSource
  readonly sealingKey: () => Promise<AgreementKey>
}

export interface StockDeps extends Omit<StockLinkDeps, 'policy'> {
  readonly transport: Transport
  readonly acceptLimits: AcceptLimits
  readonly db: Database
  readonly peers: PeerBook
  readonly outbox: Outbox
  readonly audit: Audit
  readonly links: Links
  readonly delivery: () => Delivery
  /** Nobody may come when absent. */
  readonly home: StockHome | undefined
  /** Where the node listens: stock nodes get a port of their own beside it, and the same relays. */
  readonly listen: readonly Address[]
  readonly groups: () => readonly string[]
  readonly isBlocked: (publicKey: Uint8Array) => boolean
  /** Other groups admit stock nodes than before, or in another way. */
  readonly onPolicy: () => void
  /** The listener was opened or closed: others are to be told of it. */
  readonly onListening: () => void
  readonly onCount: (name: string) => void
}

type Checked =
  | { readonly kind: 'ok'; readonly session: StockSession; readonly keys: StockKeys }
  | { readonly kind: 'refused'; readonly rule: string }

interface Shaking {
  readonly settle?: (outcome: DialOutcome) => void
  readonly target?: DialTarget
  readonly slot?: AcceptSlot
}

const CLOSED: ConnectionEvents = { onFrame() {}, onClose() {} }
/** Two links that came up within this time were dialed at the same time. */
const DUAL_DIAL_MS = 3_000
/** Refusals that a person should hear of. */
const ALARMING: Readonly<Record<string, string>> = {
  floor: 'a node that proved its key before came as a stock node, which proves none',
  'other-key': 'a stock node came with another key than the one that signed its words before',
  'other-node-id': 'a stock node came with the key of another one',
  'other-sealing-key': 'a stock node came with another key to seal for than before',
  'no-sealing-key': 'a stock node that had a key to seal for came without one',
}
const MAX_ALARMS = 16

export class Stock {
  readonly #deps: StockDeps
  readonly #policies: StockPolicies
  readonly #book: StockBook
  readonly #scope: Scope
  readonly #dialer: Dialer
  readonly #connections = new Set<Connection>()
  readonly #keysOf = new WeakMap<StockLink, StockKeys>()
  readonly #alarms = new Map<NodeId, { readonly what: string; readonly at: number }>()
  /** Relay candidates that have some time to come as one of ours. */
  readonly #awaited = new Set<string>()
  readonly #anchoredAt = new Map<NodeId, number>()
  #key: AgreementKey | undefined
  #listeners: readonly Listener[] = []
  #changing: Promise<void> = Promise.resolve()
  #problem: string | undefined

  constructor(deps: StockDeps) {
    this.#deps = deps
    this.#scope = new Scope(deps.clock)
    const { clock, random, guard, keys, db, audit, peers, groups } = deps
    this.#book = new StockBook(db, clock, guard)
    this.#policies = new StockPolicies({
      ...{ clock, guard, audit, groups },
      source: deps.home?.source ?? sharedValue(NO_STOCK),
      pins: () => peers.pins(),
      onChange: () => {
        deps.onPolicy()
        void this.sync()
        // What could not go before may go now.
        deps.delivery().retry()
      },
    })
    this.#dialer = new Dialer({
      ...{ clock, random, guard },
      self: keys.nodeId,
      groups: () => (this.#key ? this.#policies.admitting() : []),
      dial: (target, signal) => this.#dial(target, signal),
      isLinked: (nodeId, group, kind) => this.#linkOf(nodeId, group, kind) !== undefined,
    })
  }

  policyOf(group: string): StockPolicy {
    return this.#policies.of(group)
  }

  get #port(): number | undefined {
    return this.#listeners.flatMap(({ address }) => (address.kind === 'lan' ? [address.port] : []))[0]
  }

  /** What is announced of it; undefined while nobody may come. */
  get announcement(): { readonly port: number; readonly groups: readonly string[] } | undefined {
    return this.#port === undefined ? undefined : { port: this.#port, groups: this.#policies.admitting() }
  }

  /** For people. */
  get listening(): readonly string[] {
    return this.#port === undefined ? [] : [`port ${this.#port} (stock nodes)`]
  }

  notes(): readonly string[] {
    return this.#policies.notes()
  }

  /** Brings listener and links in line with the policies of the groups of now. */
  sync(): Promise<void> {
    this.#changing = this.#changing.then(() => this.#sync()).catch((thrown) => this.#fail(thrown))
    return this.#changing
  }

  /** True when it can be nothing else than a stock node. One at a relay may be either, and has some time to come as one of ours. */
  found(candidate: Candidate): boolean {
    if (candidate.dialect === 'stock') this.#dialer.found(candidate)
    else if (candidate.source === 'relay' && !this.#awaited.has(candidate.id)) this.#await(candidate)
    return candidate.dialect === 'stock'
  }

  /** False: others may know it too. */
  lost(id: string): false {
    this.#awaited.delete(id)
    this.#dialer.lost(id)
    return false
  }

  /** A node proved itself: it has no place among stock nodes any more. */
  secured({ peer }: Link): void {
    const isIt = (link: Link) => link.peer.nodeId === peer.nodeId || link.peer.fingerprint === peer.fingerprint
    for (const link of this.#links()) if (isIt(link)) link.close('secure now')
    this.#deps.guard.run('stock-floor', () => this.#policies.secured())
  }

  problems(): readonly string[] {
    const unanswered = this.#dialer
      .failures('static')
      .map(({ address, rule }) => `SYM_PEERS names the stock node ${address}, which is not linked (${oneLine(rule, 120)}).`)
    const isOpen = ([nodeId, { at }]: readonly [NodeId, { readonly at: number }]) => at > this.#policies.resetAt(nodeId)
    const alarms = [...this.#alarms]
      .filter(isOpen)
      .map(
        ([nodeId, { what }]) =>
          `${what} (${nodeId}); it was refused. If its owner says that this is right: sym-mesh-channel stock --reset ${nodeId}`,
      )
    return [...(this.#problem === undefined ? [] : [this.#problem]), ...this.#policies.problems(), ...unanswered, ...alarms]
  }

  async stop(): Promise<void> {
    this.#policies.stop()
    await this.#scope.stop()
    await this.#changing
    await this.#dialer.stop()
    await this.#close()
  }

  async #sync(): Promise<void> {
    if (this.#scope.isStopped) return
    const policies = this.#policies
    const before = JSON.stringify(this.announcement)
    const isWanted = policies.admitting().length > 0
    if (isWanted && this.#listeners.length === 0) await this.#open()
    if (!isWanted) await this.#close()
    for (const link of this.#links()) if (!policies.admitting().includes(link.group)) link.close('not admitted')
    if (JSON.stringify(this.announcement) !== before) this.#deps.onListening()
    this.#dialer.retryAll()
  }

  #await(candidate: Candidate): void {
    this.#awaited.add(candidate.id)
    this.#scope.after(LIMITS.stock.relayWaitMs, () => {
      if (!this.#awaited.has(candidate.id)) return
      const addresses = candidate.addresses.map((address) => ({ ...address, dialect: 'stock' }) as Address)
      this.#dialer.found({ ...candidate, dialect: 'stock', addresses })
    })
  }

  async #open(): Promise<void> {
    const { transport, guard, listen, home } = this.#deps
    this.#key = await home?.sealingKey()
    this.#problem = undefined
    const accept = guard.wrap('stock-accept', (connection: Connection) => this.#accept(connection))
    this.#listeners = await Promise.all(listenersBeside(listen).map((address) => transport.listen(address, accept)))
  }

  async #close(): Promise<void> {
    const listeners = this.#listeners
    this.#listeners = []
    this.#key = undefined
    for (const connection of this.#connections) connection.close(true)
    for (const link of this.#links()) link.close('not admitted')
    await Promise.all(listeners.map((listener) => listener.stop()))
  }

  #fail(thrown: unknown): void {
    this.#problem = `Stock nodes cannot come: ${messageOf(thrown)}`
    this.#deps.log.error('stock listener', { why: messageOf(thrown) })
  }

  #accept(connection: Connection): void {
    const verdict = this.#deps.acceptLimits.admit(connection.remote)
    if (verdict.kind === 'admitted' && this.#key) return this.#shake(connection, { slot: verdict.slot })
    if (verdict.kind === 'admitted') verdict.slot.release()
    else this.#deps.onCount(`accept-${verdict.reason}`)
    connection.close(true)
  }

  async #dial(target: DialTarget, signal: AbortSignal): Promise<DialOutcome> {
    const { transport } = this.#deps
    if (target.nodeId && this.#policies.isFloored(target.nodeId)) return { kind: 'failed', rule: 'floor' }
    let connection: Connection
    try {
      connection = await transport.dial(target.address, AbortSignal.any([signal, this.#scope.signal]))
    } catch (thrown) {
      return { kind: 'failed', rule: `unreachable: ${messageOf(thrown)}` }
    }
    if (this.#key) return new Promise((settle) => this.#shake(connection, { settle, target }))
    connection.close(true)
    return { kind: 'failed', rule: 'not admitted' }
  }

  /** Who dials speaks first; who is dialed answers only to somebody whom the policy, the floor and the pins let in. */
  #shake(connection: Connection, { settle, target, slot }: Shaking): void {
    const { clock, guard } = this.#deps
    this.#connections.add(connection)
    const leave = (next: ConnectionEvents): void => {
      sink = next
      timer.cancel()
      this.#connections.delete(connection)
    }
    const fail = (rule: string): void => {
      if (sink !== waiting) return
      leave(CLOSED)
      connection.close(true)
      this.#deps.onCount(`stock-${rule.split(':')[0]}`)
      settle?.({ kind: 'failed', rule })
    }
    const receive = (payload: Uint8Array): void => {
      const json = decodeJson(payload)
      const parsed = json.kind === 'ok' ? parseStockFrame(json.value) : undefined
      const hello = parsed?.kind === 'ok' && parsed.frame.type === 'handshake' ? parsed.frame : undefined
      // Over a relay both send at once, and a stock node its latest words even before: they come again.
      if (!hello) return target ? undefined : fail('first-frame')
      const checked = this.#check(hello, target)
      if (checked.kind === 'refused') return fail(this.#alarm(checked.rule, hello))
      if (slot && !slot.authenticated()) return fail('links')
      if (!target && !connection.send(this.#hello(checked.session.group))) return fail('not-sent')
      this.#settleDouble(connection, checked, (link) => {
        if (!link) return fail('double-link')
        // It may be over while the older link was asked.
        if (sink !== waiting) return link.close('too late', true)
        leave(link.sink)
        this.#up(link)
        settle?.({ kind: 'linked', nodeId: link.peer.nodeId })
      })
    }
    const waiting: ConnectionEvents = { onFrame: receive, onClose: (reason) => fail(`closed: ${reason}`) }
    let sink = waiting
    const timer = clock.after(target ? LIMITS.stock.answerMs : LIMITS.handshake.timeoutMs, () => fail('timeout'))
    if (!target) connection.setMaxFrameBytes(LIMITS.handshake.frameBytes)
    else connection.setMaxFrameBytes(LIMITS.frame.maxBytes)
    connection.start({
      onFrame: guard.wrap('stock-frame', (payload: Uint8Array) => sink.onFrame(payload)),
      onClose: guard.wrap('stock-close', (reason) => {
        slot?.release()
        sink.onClose(reason)
      }),
    })
    if (target && !connection.send(this.#hello(target.group))) fail('not-sent')
  }

  #hello(group: string): Uint8Array {
    const { keys, name } = this.#deps
    const e2ePublicKey = encodeStockKey(this.#demandKey().publicKey)
    return encodeJson(encodeStockHandshake({ nodeId: keys.nodeId, name, publicKey: keys.publicKey, e2ePublicKey, group }))
  }

  #demandKey(): AgreementKey {
    if (this.#key) return this.#key
    throw new MeshError('internal', 'a stock node was met while none may come')
  }

  #check(hello: StockHandshake, target: DialTarget | undefined): Checked {
    const { keys: own, isBlocked } = this.#deps
    const policies = this.#policies
    const refused = (rule: string): Checked => ({ kind: 'refused', rule })
    const { nodeId, publicKey, name } = hello
    const group = parseGroupName(hello.room ?? hello.group ?? target?.group ?? 'default')
    if (!group || !policies.admitting().includes(group) || (target && target.group !== group)) return refused('other-group')
    if (nodeId === own.nodeId || Buffer.from(publicKey).equals(own.publicKey)) return refused('own-key')
    if (target?.nodeId && target.nodeId !== nodeId) return refused('wrong-node')
    if (!isAcceptableEd25519(publicKey)) return refused('bad-key')
    if (isBlocked(publicKey)) return refused('blocked')
    if (policies.isFloored(nodeId, publicKey)) return refused('floor')
    const sealingKey = hello.e2ePublicKey ? decodeStockKey(hello.e2ePublicKey) : undefined
    const secret = sealingKey && this.#demandKey().deriveSecret(sealingKey)
    if (hello.e2ePublicKey && !secret) return refused('bad-sealing-key')
    const keys = { nodeId, publicKey, sealingKey }
    const rule = this.#book.refusal(keys, policies.resetAt(nodeId))
    if (rule) return refused(rule)
    if (this.#links().length >= LIMITS.stock.links) return refused('links')
    const peer = { nodeId, publicKey, fingerprint: fingerprintOf(publicKey) }
    return { kind: 'ok', keys, session: { peer, name, group, form: hello.room ? 'two-section' : 'dual', secret } }
  }

  #alarm(rule: string, { nodeId, publicKey }: StockHandshake): string {
    const what = ALARMING[rule]
    if (what === undefined) return rule
    this.#deps.audit.note('stock-refused', { node: nodeId, peer: fingerprintOf(publicKey), rule })
    if (this.#alarms.size < MAX_ALARMS)
      this.#alarms.set(nodeId, { what: `${what[0]?.toUpperCase()}${what.slice(1)}`, at: this.#deps.clock.now() })
    return rule
  }

  /**
   * Of two links of one kind to one node one stays, as stock nodes have it: dialed by both at once, the one that the lower
   * id dialed. Else the older one is asked first, since anybody can come with the id of another: only when it is silent it
   * goes, and never for other keys.
   */
  #settleDouble(
    connection: Connection,
    { session, keys }: Extract<Checked, { kind: 'ok' }>,
    done: (link: StockLink | undefined) => void,
  ): void {
    const { keys: self, guard } = this.#deps
    const { nodeId, fingerprint } = session.peer
    const make = (): StockLink => this.#link(connection, session, keys)
    const old = this.#linkOf(nodeId, session.group, connection.kind)
    if (!old) return done(make())
    if (!old.isStock || old.peer.fingerprint !== fingerprint) return done(undefined)
    const dialer = connection.direction === 'outbound' ? self.nodeId : nodeId
    const isYoung = this.#deps.clock.monotonic() - old.openedAt < DUAL_DIAL_MS
    if (isYoung && old.dialer !== dialer) {
      const isOwnLower = self.nodeId < nodeId
      if ((dialer === self.nodeId) !== isOwnLower) return done(undefined)
      old.close('double link')
      return done(make())
    }
    connection.pause()
    old.probe(LIMITS.stock.probeMs)
    this.#scope.after(LIMITS.stock.probeMs + 1, () =>
      guard.run('stock-double', () => {
        if (old.isOpen) return done(undefined)
        done(make())
        connection.resume()
      }),
    )
  }

  #link(connection: Connection, session: StockSession, keys: StockKeys): StockLink {
    const { delivery, links, onCount } = this.#deps
    const policy = () => this.#policies.of(session.group)
    const link = new StockLink(
      connection,
      session,
      { ...this.#deps, policy },
      {
        onSaid: (from, said) => this.#onSaid(from, said),
        onText: (from, content, at) => this.#onText(from, content, at),
        onRefused: (from, rule) => delivery().refuse(from, rule),
        onAttested: (from, id) => delivery().attested(from, id),
        onDown: (down, why) => {
          links.remove(down, why)
          // A stock node clings to a link that it has seen closing: it is given time to notice.
          if (!this.#scope.isStopped) this.#dialer.linkDown(down.peer.nodeId, LIMITS.stock.probeMs)
        },
        onCount,
      },
    )
    this.#keysOf.set(link, keys)
    return link
  }

  #up(link: StockLink): void {
    const { peers, links } = this.#deps
    peers.metStock(link.peer, link.group, false)
    peers.named(link.peer.fingerprint, link.group, link.name)
    this.#sendAnchors(link)
    links.add(link)
  }

  /** Our latest words to the group, for who has just come: as stock nodes do it, and only to those who are peers. */
  #sendAnchors(link: StockLink): void {
    const { clock, outbox, delivery } = this.#deps
    const now = clock.monotonic()
    const last = this.#anchoredAt.get(link.peer.nodeId) ?? Number.NEGATIVE_INFINITY
    if (this.#policies.of(link.group) !== 'allow' || now - last < LIMITS.stock.anchorsAgainMs) return
    for (const [nodeId, at] of this.#anchoredAt) if (now - at > LIMITS.stock.anchorsAgainMs) this.#anchoredAt.delete(nodeId)
    this.#anchoredAt.set(link.peer.nodeId, now)
    const { fingerprint } = link.peer
    const latest = outbox.saidLately(link.group, fingerprint, LIMITS.stock.anchorsAmong).slice(0, LIMITS.stock.anchors)
    for (const message of latest.reverse()) link.sendAnchor(delivery().frameOf(message, fingerprint))
  }

  #onSaid(link: StockLink, { cmb, isSigned, isAnchor }: StockSaid): void {
    const { keys, peers, delivery, onCount } = this.#deps
    // Among its latest words are those to others: they are not for us.
    if (isAnchor && cmb.to !== undefined && cmb.to !== keys.nodeId) return onCount('stock-anchor-for-others')
    if (!isSigned && this.#book.hasSigned(link.peer.nodeId)) return delivery().refuse(link, 'unsigned')
    const received = delivery().receiveStock(link, cmb, isSigned)
    if (!isSigned || typeof received !== 'object') return
    const known = this.#keysOf.get(link)
    if (known) this.#book.proven(known)
    if (peers.get(link.peer.fingerprint, link.group)?.standing !== 'member') peers.metStock(link.peer, link.group, true)
  }

  #onText(link: StockLink, content: string, at: number | undefined): void {
    const isTime = at !== undefined && Number.isSafeInteger(at) && at >= 0
    const author = { nodeId: link.peer.nodeId, publicKey: link.peer.publicKey, group: link.group }
    this.#deps.delivery().receiveStock(link, cmbOfText(content, author, link.name, isTime ? at : this.#deps.clock.now()), false)
  }

  #links(): readonly Link[] {
    return this.#deps.links.all().filter(({ isStock }) => isStock)
  }

  /** Of whatever kind: where there is a link of ours, a stock one is not looked for. */
  #linkOf(nodeId: NodeId, group: string, kind: Address['kind'] | Connection['kind']): Link | undefined {
    const isOfKind = (link: Link) => !link.isStock || link.kind === kind || link.kind === 'memory'
    return this.#deps.links.all().find((link) => link.peer.nodeId === nodeId && link.group === group && isOfKind(link))
  }
}

/** A port of their own that is free, and the same relays; on the machine socket there are none. */
function listenersBeside(addresses: readonly Address[]): readonly Address[] {
  return addresses.flatMap((address): readonly Address[] => {
    if (address.kind === 'lan') return [{ ...address, port: 0 }]
    return address.kind === 'relay' ? [{ ...address, dialect: 'stock' }] : []
  })
}
