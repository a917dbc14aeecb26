/**
 * Nodes on the LAN, by multicast DNS: one port per interface and address family, announcements and questions of our own
 * timing (no probing: the instance name is a unique id), a watch over interfaces and sleep.
 *
 * Invariants: nothing in here throws because of the network, a missing one is a sentence in `health()`; nothing is sent
 * and nothing is told after `stop`.
 */
import { networkInterfaces } from 'node:os'
import { TokenBucket } from '../base/bucket.ts'
import { type Clock, delay, type RandomBytes } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { Scope } from '../base/scope.ts'
import { answersTo, BROWSE_ALL, hiddenRecordsOf, recordsOf, type ServiceRecords, servicesOf, withdrawn } from './announcement.ts'
import { CandidateTable, type Change } from './candidates.ts'
import {
  type Announcement,
  type Discovery,
  type DiscoveryEvents,
  type DiscoveryHealth,
  HIDDEN_SERVICE,
  type HiddenService,
  type SeenGroup,
} from './discovery.ts'
import { type DnsPacket, type MdnsPort, type OpenPort, openMdnsPort, type PacketSource, type PortEvents } from './mdns-port.ts'
import { readRecords } from './record.ts'
import { SeenGroups } from './seen-groups.ts'
import { type Family, type InterfaceTable, interfaceKey, type NetworkInterface, usableInterfaces } from './subnet.ts'

export interface MdnsOptions {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
  /** Default: what the system tells. */
  readonly interfaces?: () => InterfaceTable
  /** Default 5353. */
  readonly port?: number
  /** For tests without a network. */
  readonly openPort?: OpenPort
}

export function createMdnsDiscovery(options: MdnsOptions): Discovery {
  return new MdnsDiscovery(options)
}

const MDNS_PORT = 5_353
const ASK_AT_MS = [20, 100, 300, 1_000]
const ANNOUNCE_AGAIN_MS = 1_000
const WATCH_MS = 5_000
/** A watch this late means that the machine slept. */
const SLEPT_MS = 10_000
const QUIET_AFTER_MS = 5_000
const GOODBYE_MS = 200
/** Somebody asked the same not long ago and everybody heard the answers: hundreds of nodes then ask as one. */
const ASKED_MS = LIMITS.mdns.requeryMs * 0.75
const ANSWERS = { burst: 50, perSecond: 20 } as const
const AUTHORITATIVE = 1 << 10
/** The class of a question that wants its answer by unicast, as the decoder spells it. */
const UNICAST_CLASS = 'UNKNOWN_32769'

interface Slot {
  readonly via: NetworkInterface
  readonly port: MdnsPort
  readonly answers: TokenBucket
  state: 'opening' | 'ready' | 'failed'
  readyMs: number
  /** Any packet at all, also our own coming back: multicast works here. */
  hasHeard: boolean
  /** When another node asked what we would ask. */
  askedMs: number
}

/** Stands in for a port that could not even be made. */
const NO_PORT: MdnsPort = { send: async () => {}, close() {} }

class MdnsDiscovery implements Discovery {
  readonly #options: MdnsOptions
  readonly #clock: Clock
  readonly #guard: Guard
  readonly #scope: Scope
  readonly #table = new CandidateTable()
  readonly #slots = new Map<string, Slot>()
  readonly #seen = new SeenGroups()
  #announcement: Announcement | undefined
  #services: ReadonlyMap<string, string> = new Map()
  #events: DiscoveryEvents | undefined
  #watched = { wall: 0, monotonic: 0 }
  #failure: string | undefined

  constructor(options: MdnsOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#guard = new Guard(options.log)
    this.#scope = new Scope(options.clock)
  }

  async start(announcement: Announcement, events: DiscoveryEvents): Promise<void> {
    this.#announcement = announcement
    this.#services = servicesOf(announcement)
    this.#events = events
    this.#watched = this.#times()
    this.#scope.defer(() => this.#leave())
    this.#guard.run('mdns-start', () => this.#openPorts())
    this.#scope.every(WATCH_MS, () => this.#guard.run('mdns-watch', () => this.#watch()))
    this.#askLater()
  }

  update(announcement: Announcement): void {
    const before = this.#announcement
    if (before === undefined || this.#scope.isStopped) return
    const services = servicesOf(announcement)
    const dropped = [...this.#services.keys()].filter((service) => !services.has(service))
    for (const slot of this.#ready()) {
      for (const service of dropped) this.#respond(slot, withdrawn(recordsOf(service, before, slot.via)))
      for (const hidden of this.#goneFrom(before, announcement))
        this.#respond(slot, withdrawn(hiddenRecordsOf(hidden, before.port, slot.via)))
    }
    this.#announcement = announcement
    this.#services = services
    this.#tell(this.#table.keepOnly(this.#present(), this.#wanted()))
    for (const slot of this.#ready()) this.#greet(slot)
  }

  refresh(): void {
    if (this.#scope.isStopped) return
    this.#tell({ found: this.#table.all(), lost: [] })
    this.#guard.run('mdns-refresh', () => this.#openPorts())
    for (const slot of this.#ready()) this.#ask(slot)
  }

  browse(): void {
    for (const slot of this.#ready()) this.#send(slot, { type: 'query', questions: [{ name: BROWSE_ALL, type: 'PTR' }] })
  }

  groupsSeen(): readonly SeenGroup[] {
    return this.#seen.all(this.#clock.monotonic())
  }

  health(): DiscoveryHealth {
    const slots = [...this.#slots.values()]
    const remedy = 'a peer can still be reached by its address (SYM_PEERS=host:port)'
    if (this.#events !== undefined && slots.every(({ state }) => state === 'failed')) {
      return { problem: `Peers on the local network cannot be found: ${this.#failure ?? 'there is no network interface'}; ${remedy}.` }
    }
    const ready = this.#ready()
    const isQuiet = ready.every(({ hasHeard }) => !hasHeard)
    const since = Math.min(...ready.map(({ readyMs }) => readyMs))
    if (!isQuiet || this.#clock.monotonic() - since < QUIET_AFTER_MS) return { problem: undefined }
    return { problem: `Multicast seems to be blocked on this network, so peers cannot be found by themselves; ${remedy}.` }
  }

  stop(): Promise<void> {
    return this.#scope.stop()
  }

  /** Brings the ports in line with the interfaces; one that failed is tried again. */
  #openPorts(): void {
    const wanted = new Map(usableInterfaces(this.#interfaces()).flatMap(portsOf))
    for (const [key, slot] of this.#slots) {
      if (wanted.has(key) && slot.state !== 'failed') wanted.delete(key)
      else this.#close(key, slot)
    }
    for (const [key, { via, family }] of wanted) this.#open(key, via, family)
    this.#tell(this.#table.keepOnly(this.#present(), this.#wanted()))
  }

  #open(key: string, via: NetworkInterface, family: Family): void {
    const isCurrent = () => slot !== undefined && this.#slots.get(key) === slot
    const events: PortEvents = {
      onReady: () => slot !== undefined && isCurrent() && this.#begin(slot),
      onFailed: (why) => slot !== undefined && this.#fail(slot, why),
      onPacket: (packet, from) => slot !== undefined && isCurrent() && this.#hear(slot, packet, from),
    }
    let slot: Slot | undefined
    let failure: string | undefined
    let port = NO_PORT
    try {
      port = (this.#options.openPort ?? openMdnsPort)({ via, family, port: this.#port, guard: this.#guard }, events)
    } catch (thrown) {
      // No such family, no descriptor left: the other ports may work.
      failure = messageOf(thrown)
    }
    const answers = new TokenBucket(ANSWERS.burst, ANSWERS.perSecond, this.#clock.monotonic())
    slot = { via, port, answers, state: 'opening', readyMs: 0, hasHeard: false, askedMs: Number.NEGATIVE_INFINITY }
    this.#slots.set(key, slot)
    if (failure !== undefined) this.#fail(slot, failure)
  }

  #begin(slot: Slot): void {
    slot.state = 'ready'
    slot.readyMs = this.#clock.monotonic()
    this.#greet(slot)
  }

  #fail(slot: Slot, why: string): void {
    slot.state = 'failed'
    this.#failure = why
    this.#options.log.debug('mdns-failed', { interface: slot.via.name, why })
  }

  #close(key: string, slot: Slot): void {
    this.#slots.delete(key)
    this.#guard.run('mdns-close', () => slot.port.close())
  }

  /** Says who we are and asks who is there; repeated, since a packet may be lost or come before the other listens. */
  #greet(slot: Slot): void {
    this.#announce(slot)
    this.#ask(slot)
    const isOpen = () => [...this.#slots.values()].includes(slot)
    for (const afterMs of ASK_AT_MS) this.#scope.after(afterMs, () => isOpen() && this.#ask(slot))
    this.#scope.after(ANNOUNCE_AGAIN_MS, () => isOpen() && this.#announce(slot))
  }

  #announce(slot: Slot): void {
    for (const records of this.#recordsFor(slot)) this.#respond(slot, records)
  }

  #respond(slot: Slot, answers: ServiceRecords): void {
    this.#send(slot, { type: 'response', flags: AUTHORITATIVE, answers })
  }

  #ask(slot: Slot): void {
    const questions = this.#serviceNames().map((name) => ({ name, type: 'PTR' }))
    if (questions.length > 0) this.#send(slot, { type: 'query', questions })
  }

  #send(slot: Slot, packet: DnsPacket, to?: PacketSource): void {
    this.#guard.run('mdns-send', () => slot.port.send(packet, to))
  }

  #hear(slot: Slot, packet: DnsPacket, from: PacketSource): void {
    // Every socket hears all interfaces; and what comes from outside of the subnet is not of this network.
    if (!slot.via.contains(from.address)) return
    slot.hasHeard = true
    if (packet.type === 'query') this.#answer(slot, packet, from)
    else if (from.port === this.#port) this.#learn(slot, packet, from)
  }

  #learn(slot: Slot, packet: DnsPacket, from: PacketSource): void {
    const records = [...(packet.answers ?? []), ...(packet.additionals ?? [])]
    const { nodeId: ownNodeId = '', stock } = this.#announcement ?? {}
    const reader = { ownNodeId, services: this.#services, hidden: this.#hidden(), stockGroups: stock?.groups ?? [] }
    const now = this.#clock.monotonic()
    this.#seen.hear(records, reader.ownNodeId, now)
    for (const verdict of readRecords(records, { address: from.address, via: slot.via }, reader)) {
      if (verdict.kind === 'seen') this.#tell(this.#table.see(verdict.sighting, now))
      if (verdict.kind === 'withdrawn') this.#tell(this.#table.withdraw(verdict.nodeId, slot.via.name, from.address, verdict.group))
      if (verdict.kind === 'ignored' && verdict.reason !== 'own') {
        this.#options.log.debug('mdns-ignored', { from: from.address, reason: verdict.reason })
      }
    }
  }

  #answer(slot: Slot, packet: DnsPacket, from: PacketSource): void {
    const questions = packet.questions ?? []
    this.#noteQuestion(slot, packet, from)
    const { answers, additionals } = answersTo(questions, this.#recordsFor(slot))
    if (answers.length === 0 || !slot.answers.take(this.#clock.monotonic())) return
    const response = { type: 'response', flags: AUTHORITATIVE, answers, additionals } as const
    // A simple resolver asks from another port: it gets its own question back, and the answer nobody else needs.
    const isSimple = from.port !== this.#port
    const isUnicast = isSimple || questions.every((question) => question.class === UNICAST_CLASS)
    this.#send(slot, isSimple ? { ...response, id: packet.id ?? 0, questions } : response, isUnicast ? from : undefined)
  }

  #noteQuestion(slot: Slot, packet: DnsPacket, from: PacketSource): void {
    const isOwn = slot.via.addresses.some(({ address }) => address === from.address.split('%')[0])
    const asked = new Set((packet.questions ?? []).filter((one) => one.class !== UNICAST_CLASS).map(({ name }) => name.toLowerCase()))
    const isAll = this.#serviceNames().every((service) => asked.has(service))
    if (isAll && !isOwn && from.port === this.#port && !packet.answers?.length) slot.askedMs = this.#clock.monotonic()
  }

  #askLater(): void {
    const jitter = 0.9 + ((this.#options.random(1)[0] ?? 0) / 255) * 0.2
    this.#scope.after(LIMITS.mdns.requeryMs * jitter, () => {
      this.#guard.run('mdns-requery', () => this.#openPorts())
      const now = this.#clock.monotonic()
      for (const slot of this.#ready()) if (now - slot.askedMs >= ASKED_MS) this.#ask(slot)
      this.#askLater()
    })
  }

  #watch(): void {
    const before = this.#watched
    this.#watched = this.#times()
    // Some systems stop the one clock during sleep, some the other.
    const passedMs = Math.max(this.#watched.wall - before.wall, this.#watched.monotonic - before.monotonic)
    if (passedMs > WATCH_MS + SLEPT_MS) for (const [key, slot] of this.#slots) this.#close(key, slot)
    const wanted = usableInterfaces(this.#interfaces()).flatMap(portsOf)
    const isSame = wanted.length === this.#slots.size && wanted.every(([key]) => this.#slots.has(key))
    if (!isSame) this.#openPorts()
    this.#tell(this.#table.expire(this.#clock.monotonic()))
  }

  #tell({ found, lost }: Change): void {
    if (this.#scope.isStopped) return
    for (const id of lost) this.#guard.run('mdns-lost', () => this.#events?.onLost(id))
    for (const candidate of found) this.#guard.run('mdns-found', () => this.#events?.onFound(candidate))
  }

  /** Goodbye, so that others need not wait for us; then silence. */
  async #leave(): Promise<void> {
    const goodbyes = this.#ready().flatMap((slot) =>
      this.#recordsFor(slot).map((records) => slot.port.send({ type: 'response', flags: AUTHORITATIVE, answers: withdrawn(records) })),
    )
    const sent = new AbortController()
    const allSent = Promise.allSettled(goodbyes).then(() => sent.abort())
    await Promise.race([allSent, delay(this.#clock, GOODBYE_MS, sent.signal)])
    for (const [key, slot] of this.#slots) this.#close(key, slot)
  }

  #recordsFor(slot: Slot): readonly ServiceRecords[] {
    const announcement = this.#announcement
    if (announcement === undefined) return []
    const open = [...this.#services.keys()].map((service) => recordsOf(service, announcement, slot.via))
    const hidden = this.#hidden().map((service) => hiddenRecordsOf(service, announcement.port, slot.via))
    return [...open, ...hidden.filter((records) => records.length > 0)]
  }

  #hidden(): readonly HiddenService[] {
    return this.#announcement?.hidden ?? []
  }

  #goneFrom({ hidden = [] }: Announcement, after: Announcement): readonly HiddenService[] {
    return hidden.filter(({ instance }) => instance !== undefined && !after.hidden?.some((one) => one.instance === instance))
  }

  /** The services to ask for: of our open groups, and the one where private groups are. */
  #serviceNames(): readonly string[] {
    return [...new Set([...this.#services.keys(), ...(this.#hidden().length > 0 ? [HIDDEN_SERVICE] : [])])]
  }

  /** The groups whose candidates are of use. */
  #wanted(): ReadonlySet<string> {
    return new Set([...this.#services.values(), ...this.#hidden().map(({ group }) => group)])
  }

  #ready(): readonly Slot[] {
    return [...this.#slots.values()].filter(({ state }) => state === 'ready')
  }

  #present(): ReadonlySet<string> {
    return new Set([...this.#slots.values()].map(({ via }) => via.name))
  }

  #interfaces(): InterfaceTable {
    return (this.#options.interfaces ?? networkInterfaces)()
  }

  get #port(): number {
    return this.#options.port ?? MDNS_PORT
  }

  #times(): { wall: number; monotonic: number } {
    return { wall: this.#clock.now(), monotonic: this.#clock.monotonic() }
  }
}

/** An address that changes gives another key, and so another port. */
function portsOf(via: NetworkInterface): readonly (readonly [string, { via: NetworkInterface; family: Family }])[] {
  const families = new Set(via.addresses.map(({ family }) => family))
  // On loopback every system has IPv4 multicast, few have the other.
  if (via.isLoopback) families.delete(6)
  return [...families].map((family) => [`${interfaceKey(via)} ${family}`, { via, family }] as const)
}
