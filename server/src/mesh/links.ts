/**
 * All links of the node: runs the handshake on every connection, dialed or accepted, and keeps one link per peer, group
 * and kind of path. Until a handshake is done a connection may cost a few kilobytes and five seconds, no more, and the
 * other side hears nothing but handshake frames.
 */
import { sha256, toHex } from '../base/bytes.ts'
import type { Clock, RandomBytes, Timer } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { Scope } from '../base/scope.ts'
import type { Fingerprint, NodeId } from '../identity/ids.ts'
import { relayRoomOf } from '../mmp/relay-room.ts'
import { type ClientHandshake, createClientHandshake, createServerHandshake, type ServerHandshake } from '../secure/handshake.ts'
import type { HandshakeStep, NodeKeys, Session } from '../secure/session.ts'
import type { AcceptLimits, AcceptSlot } from '../transport/accept-limits.ts'
import type { Address, Connection, ConnectionEvents, Listener, Transport } from '../transport/connection.ts'
import { type Link, type LinkDeps, type LinkEvents, SecureLink } from './link.ts'
import type { Gate, GateSettle } from './member-gate.ts'

export interface LinksDeps extends LinkDeps {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly guard: Guard
  readonly log: Log
  readonly transport: Transport
  readonly acceptLimits: AcceptLimits
  readonly keys: NodeKeys
  readonly implementation: { readonly name: string; readonly version: string }
  readonly isMember: (group: string) => boolean
  /** What a hello says for a group; undefined for one that we cannot come into. */
  readonly roomOf: (group: string) => string | undefined
  /** The group of ours that a room stands for. */
  readonly groupOf: (room: string) => string | undefined
  /** Those that we may come into, as a member or by an invite. */
  readonly groups: () => readonly string[]
  /** Groups that we come into by an invite: dialed, not accepted. */
  readonly isComing: (group: string) => boolean
  /** Guards a link of a private group until the other side has shown that it belongs; undefined for an open group. */
  readonly gate: (link: Link, session: Session, settle: GateSettle) => Gate | undefined
  readonly pinnedKeyOf: (nodeId: NodeId) => Uint8Array | undefined
  /** Keys that this user wants nothing to do with. */
  readonly isBlocked: (publicKey: Uint8Array) => boolean
  /** Whether this key is known under another node id. */
  readonly hasOtherId: (nodeId: NodeId, publicKey: Uint8Array) => boolean
}

export interface LinksEvents extends LinkEvents {
  readonly onUp: (link: Link) => void
  /** A node showed another key than the one that was pinned for its id. */
  readonly onKeyConflict: (remote: string) => void
  /** A node claims our own key, and it is not our own hello that came back. */
  readonly onOwnKey: (remote: string) => void
}

export type DialOutcome = { readonly kind: 'linked'; readonly nodeId: NodeId } | { readonly kind: 'failed'; readonly rule: string }

export interface DialTarget {
  readonly address: Address
  readonly group: string
  /** What the candidate claims to be; another node is not accepted in its place. */
  readonly nodeId: NodeId | undefined
}

interface HandshakeContext {
  readonly settle?: (outcome: DialOutcome) => void
  readonly hello?: Uint8Array
  readonly slot?: AcceptSlot
}

const CLOSED: ConnectionEvents = { onFrame() {}, onClose() {} }

/** Two links that came up within this time were dialed at the same time. */
const DUAL_DIAL_MS = 3_000

const BEST_PATH_FIRST: readonly Link['kind'][] = ['memory', 'machine', 'lan', 'relay']

export class Links {
  readonly #deps: LinksDeps
  readonly #events: LinksEvents
  readonly #scope: Scope
  readonly #links = new Set<Link>()
  readonly #connections = new Set<Connection>()
  /** Of private groups, not proven yet: nobody but their gate knows of them. */
  readonly #pending = new Map<Link, Timer | undefined>()
  /** Our hellos that wait for an answer: one that comes in by our own door shows that we dialed ourselves. */
  readonly #hellos = new Map<string, () => void>()

  constructor(deps: LinksDeps, events: LinksEvents) {
    this.#deps = deps
    this.#events = events
    this.#scope = new Scope(deps.clock)
  }

  all(): readonly Link[] {
    return [...this.#links]
  }

  /** The open link with the best path: asked anew for every send. */
  best(fingerprint: Fingerprint, group: string): Link | undefined {
    return this.#of(fingerprint, group).sort((a, b) => BEST_PATH_FIRST.indexOf(a.kind) - BEST_PATH_FIRST.indexOf(b.kind))[0]
  }

  /** By a link of our own kind: one to a stock node is no reason not to look for a better one. */
  isLinked(nodeId: NodeId, group: string, kind?: Link['kind']): boolean {
    const isIt = (link: Link) => link.peer.nodeId === nodeId && link.group === group && !link.isStock
    return this.all().some((link) => isIt(link) && (kind === undefined || link.kind === kind))
  }

  async listen(address: Address): Promise<Listener> {
    const listener = await this.#deps.transport.listen(
      address,
      this.#deps.guard.wrap('accept', (connection) => this.#accept(connection)),
    )
    this.#scope.defer(() => listener.stop())
    return listener
  }

  async dial(target: DialTarget, signal: AbortSignal): Promise<DialOutcome> {
    const connection = await this.#connect(target, signal)
    if (typeof connection === 'string') return { kind: 'failed', rule: connection }
    const { keys, implementation, random, pinnedKeyOf, isBlocked } = this.#deps
    const pinned = target.nodeId && pinnedKeyOf(target.nodeId)
    const room = this.#deps.roomOf(target.group)
    if (room === undefined) {
      connection.close(true)
      return { kind: 'failed', rule: 'no-membership' }
    }
    const machine = createClientHandshake({
      keys,
      implementation,
      random,
      pinnedKeyOf,
      isBlocked,
      group: target.address.kind === 'relay' ? relayRoomOf(room) : room,
      expected: { nodeId: target.nodeId, publicKey: pinned },
    })
    return new Promise((settle) => this.#handshake(connection, machine, { settle, hello: machine.start() }))
  }

  /** Ends every link of a group that was left. */
  closeGroup(group: string): void {
    for (const link of [...this.all(), ...this.#pending.keys()]) if (link.group === group) link.close('group left')
  }

  async stop(): Promise<void> {
    for (const link of [...this.all(), ...this.#pending.keys()]) link.close('stopping')
    for (const connection of this.#connections) connection.close(true)
    await this.#scope.stop()
  }

  async #connect(target: DialTarget, signal: AbortSignal): Promise<Connection | string> {
    try {
      return await this.#deps.transport.dial(target.address, AbortSignal.any([signal, this.#scope.signal]))
    } catch (thrown) {
      return `unreachable: ${messageOf(thrown)}`
    }
  }

  #accept(connection: Connection): void {
    const { acceptLimits, keys, implementation, random, isMember, pinnedKeyOf, isBlocked } = this.#deps
    const verdict = acceptLimits.admit(connection.remote)
    if (verdict.kind === 'refused' || this.#scope.isStopped) {
      if (verdict.kind === 'refused') this.#events.onCount(`accept-${verdict.reason}`)
      connection.close(true)
      return
    }
    const acceptsGroup = (room: string): boolean => isMember(this.#groupOf(connection, room) ?? '')
    const machine = createServerHandshake({ keys, implementation, random, acceptsGroup, pinnedKeyOf, isBlocked })
    this.#handshake(connection, machine, { slot: verdict.slot })
  }

  /** Over a relay a hello says no name. */
  #groupOf({ kind }: Connection, room: string): string | undefined {
    const { groupOf, groups, roomOf } = this.#deps
    if (kind !== 'relay') return groupOf(room)
    const isMeant = (name: string | undefined): boolean => name !== undefined && relayRoomOf(name) === room
    return groups().find((group) => isMeant(roomOf(group)))
  }

  /** Drives one handshake; frames that follow it in the same read already belong to the link. */
  #handshake(connection: Connection, machine: ClientHandshake | ServerHandshake, { settle, hello, slot }: HandshakeContext): void {
    const { guard, clock } = this.#deps
    this.#connections.add(connection)
    const fail = (rule: string): void => {
      if (sink !== waiting) return
      leave(CLOSED)
      connection.close(true)
      this.#events.onCount(`handshake-${rule.split(':')[0]}`)
      if (rule === 'pinned-key-mismatch') this.#events.onKeyConflict(connection.remote)
      settle?.({ kind: 'failed', rule })
    }
    const step = (result: HandshakeStep): void => {
      if (result.kind === 'failed') return fail(result.rule)
      if (result.kind === 'done' && this.#isPosing(result.session)) return fail('other-node-id')
      if (result.send && !connection.send(result.send)) return fail('not-sent')
      if (result.kind === 'continue') return
      if (slot && !slot.authenticated()) return fail('links')
      const group = this.#groupOf(connection, result.session.group)
      if (group === undefined) return fail('no-membership')
      leave(this.#open(connection, { ...result.session, group }, settle ?? (() => {})))
    }
    const leave = (next: ConnectionEvents): void => {
      sink = next
      timer.cancel()
      this.#connections.delete(connection)
      if (hello) this.#hellos.delete(keyOf(hello))
    }
    const receive = (bytes: Uint8Array): void => {
      const result = machine.receive(bytes)
      if (result.kind === 'failed' && result.rule === 'own-key') this.#onOwnKey(bytes, connection.remote)
      step(result)
    }
    const waiting: ConnectionEvents = { onFrame: receive, onClose: (reason) => fail(`closed: ${reason}`) }
    let sink = waiting
    // Absolute: no byte that arrives puts it off, or a slow client could hold a place for ever.
    const timer = clock.after(LIMITS.handshake.timeoutMs, () => fail('timeout'))
    connection.setMaxFrameBytes(LIMITS.handshake.frameBytes)
    connection.start({
      onFrame: guard.wrap('frame', (payload: Uint8Array) => sink.onFrame(payload)),
      onClose: guard.wrap('close', (reason) => {
        slot?.release()
        sink.onClose(reason)
      }),
    })
    if (!hello) return
    this.#hellos.set(keyOf(hello), () => fail('own-key'))
    if (!connection.send(hello)) fail('not-sent')
  }

  /** We dialed ourselves, or another host holds a copy of our identity. */
  #onOwnKey(hello: Uint8Array, remote: string): void {
    const dialing = this.#hellos.get(keyOf(hello))
    if (dialing) dialing()
    else this.#events.onOwnKey(remote)
  }

  /** `settle` hears of a link, or, in a private group, of what became of the proof. */
  #open(connection: Connection, session: Session, settle: (outcome: DialOutcome) => void): ConnectionEvents {
    let gate: Gate | undefined
    const link: SecureLink = new SecureLink(connection, session, this.#deps.keys.nodeId, this.#deps, {
      ...this.#events,
      onFrame: (from, frame) => (this.#pending.has(from) && gate ? gate.receive(frame) : this.#events.onFrame(from, frame)),
      onDown: (down, why) => {
        if (this.#isOver(down)) settle({ kind: 'failed', rule: `not-proven: ${why}` })
        this.remove(down, why)
      },
    })
    if (this.#scope.isStopped) {
      link.close('stopping', true)
      return link.sink
    }
    // A group can be left while its handshake is under way.
    if (!this.#deps.isMember(link.group) && !this.#deps.isComing(link.group)) {
      link.close('group left')
      settle({ kind: 'failed', rule: 'group left' })
      return link.sink
    }
    const up = (): void => {
      this.#admit(link)
      settle({ kind: 'linked', nodeId: link.peer.nodeId })
    }
    this.#pending.set(link, undefined)
    gate = this.#deps.gate(link, session, this.#settleOf(link, up))
    // Absolute, as the handshake: who shows nothing in time has nothing to show.
    const late = (): void => link.close('not proven in time', true)
    if (gate && this.#pending.has(link)) this.#pending.set(link, this.#deps.clock.after(LIMITS.privateGroup.proofMs, late))
    else if (!gate && this.#isOver(link)) up()
    return link.sink
  }

  /** Whether it waited for its proof until now. */
  #isOver(link: Link): boolean {
    this.#pending.get(link)?.cancel()
    return this.#pending.delete(link)
  }

  #settleOf(link: Link, up: () => void): GateSettle {
    return {
      open: () => {
        if (this.#isOver(link)) up()
      },
      refuse: (rule) => {
        if (!this.#pending.has(link)) return
        this.#events.onCount(`member-${rule}`)
        link.close(`member: ${rule}`)
      },
    }
  }

  #admit(link: Link): void {
    const loser = this.#loserAgainst(link)
    if (loser === link) return link.close('double link')
    this.add(link)
    loser?.close('double link')
  }

  /** From now on it is one of ours: for a link that was made elsewhere, to a stock node, as for our own. */
  add(link: Link): void {
    this.#links.add(link)
    this.#deps.log.info('link up', { peer: link.peer.fingerprint.slice(0, 16), path: link.kind, group: link.group })
    this.#events.onUp(link)
  }

  /** It is down. Nothing happens for one that was never up, or was removed. */
  remove(link: Link, why: string): void {
    if (!this.#links.delete(link)) return
    this.#deps.log.info('link down', { peer: link.peer.fingerprint.slice(0, 16), path: link.kind, why })
    this.#events.onDown(link, why)
  }

  /**
   * Of two links of one kind to one peer one goes. Dialed in opposite directions at about the same time, the one that the
   * lower node id dialed stays, so that both sides choose alike. Else the newest stays: it proved the key, and a node
   * dials only when it has lost the older link.
   */
  #loserAgainst(link: Link): Link | undefined {
    const other = this.#of(link.peer.fingerprint, link.group).find(({ kind, isStock }) => kind === link.kind && !isStock)
    if (!other) return undefined
    if (other.dialer === link.dialer || link.openedAt - other.openedAt > DUAL_DIAL_MS) return other
    const self = this.#deps.keys.nodeId
    const isOursToKeep = self < link.peer.nodeId
    return (link.dialer === self) === isOursToKeep ? other : link
  }

  #isPosing({ peer }: Session): boolean {
    return this.#deps.hasOtherId(peer.nodeId, peer.publicKey)
  }

  #of(fingerprint: Fingerprint, group: string): Link[] {
    return this.all().filter((link) => link.peer.fingerprint === fingerprint && link.group === group && link.isOpen)
  }
}

/** A hello holds a fresh nonce, so its bytes are its name. */
function keyOf(hello: Uint8Array): string {
  return toHex(sha256(hello))
}
