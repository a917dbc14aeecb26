/**
 * One multicast DNS socket: one interface, one address family. The only file that touches `bonjour-service`.
 *
 * The library is used for its socket loop and codec, and around the rest we work, because
 * - by itself it sends on one interface only, so there is one instance for each;
 * - its socket for IPv6 would also take the IPv4 packets, and its handler for `listening` can throw where nobody
 *   catches: socket and group membership are made here, behind the guard;
 * - its browser keeps the first source address of a service for ever, and its responder answers any number of
 *   questions: packets are taken from the instance underneath, whose field has no public name;
 * - its publisher names the addresses of all interfaces, uses timers of its own and writes to standard output.
 */
import dgram, { type RemoteInfo, type Socket } from 'node:dgram'
import { Bonjour } from 'bonjour-service'
import { messageOf, systemCode } from '../base/errors.ts'
import type { Guard } from '../base/guard.ts'
import type { Question } from './announcement.ts'
import type { DnsRecord } from './record.ts'
import type { Family, NetworkInterface } from './subnet.ts'

export interface DnsPacket {
  readonly type: 'query' | 'response'
  readonly id?: number
  readonly flags?: number
  readonly questions?: readonly Question[]
  readonly answers?: readonly DnsRecord[]
  readonly additionals?: readonly DnsRecord[]
}

export interface PacketSource {
  readonly address: string
  readonly port: number
}

export interface PortOptions {
  readonly via: NetworkInterface
  readonly family: Family
  readonly port: number
  readonly guard: Guard
}

export interface PortEvents {
  /** Bound and member of the group. */
  readonly onReady: () => unknown
  /** It does not work; in the words of the system. */
  readonly onFailed: (why: string) => unknown
  /** Also our own packets, and those of other interfaces: the system delivers them to every socket of the port. */
  readonly onPacket: (packet: DnsPacket, from: PacketSource) => unknown
}

export interface MdnsPort {
  /** To all on the network, or to one address. Resolves when it was handed to the system or was lost. */
  send(packet: DnsPacket, to?: PacketSource): Promise<void>
  close(): void
}

export type OpenPort = (options: PortOptions, events: PortEvents) => MdnsPort

/** What we use of the instance underneath. */
interface Multicast {
  on(event: 'query' | 'response', listener: (packet: DnsPacket, from: RemoteInfo) => void): void
  on(event: 'error' | 'warning', listener: (thrown: unknown) => void): void
  send(packet: DnsPacket, to: PacketSource | null, done: (thrown?: unknown) => void): void
  destroy(): void
}

const GROUP = { 4: '224.0.0.251', 6: 'ff02::fb' } as const
const ANY = { 4: '0.0.0.0', 6: '::' } as const

export const openMdnsPort: OpenPort = (options, events) => {
  const { family, port, guard } = options
  const type = family === 4 ? 'udp4' : 'udp6'
  const socket = dgram.createSocket({
    type,
    reuseAddr: true,
    ipv6Only: family === 6,
    lookup: (address, _options, done) => literal(address, family, done),
  })
  const fail = (thrown: unknown) => guard.run('mdns-failed', () => events.onFailed(explain(thrown, port)))
  socket.once('listening', () => {
    try {
      join(socket, options)
      events.onReady()
    } catch (thrown) {
      fail(thrown)
    }
  })
  // `multicast: false` leaves the membership to us; `interface` only satisfies a check of the library.
  const settings = { socket, type, port, ip: GROUP[family], bind: ANY[family], interface: ANY[family], multicast: false }
  const bonjour = new Bonjour(settings, fail)
  const mdns: Multicast = bonjour['server'].mdns
  mdns.on('error', fail)
  // Malformed packets of others end here: they are no concern of ours.
  mdns.on('warning', () => {})
  const onPacket = guard.wrap('mdns-packet', (packet: DnsPacket, from: RemoteInfo) => events.onPacket(packet, from))
  mdns.on('query', onPacket)
  mdns.on('response', onPacket)
  return {
    send: (packet, to) => new Promise((resolve) => mdns.send(packet, to ?? null, () => resolve())),
    close: () => mdns.destroy(),
  }
}

/** There are no names here, and the system's way to see that an IPv6 address is none takes milliseconds at first. */
function literal(address: string, family: Family, done: (error: null, address: string, family: number) => void): void {
  process.nextTick(done, null, address, family)
}

function join(socket: Socket, { via, family }: PortOptions): void {
  const where = family === 4 ? (via.addresses.find((one) => one.family === 4)?.address ?? ANY[4]) : `::%${zoneOf(via)}`
  socket.setMulticastTTL(255)
  socket.setMulticastLoopback(true)
  socket.setMulticastInterface(where)
  socket.addMembership(GROUP[family], where)
}

/** Windows names interfaces by number. */
function zoneOf({ zones }: NetworkInterface): string {
  return (process.platform === 'win32' ? zones[1] : zones[0]) ?? ''
}

function explain(thrown: unknown, port: number): string {
  switch (systemCode(thrown)) {
    case 'EADDRINUSE':
      return `UDP port ${port} is held by a program that does not share it`
    case 'EACCES':
    case 'EPERM':
      return 'this process may not use multicast'
    case 'ENODEV':
    case 'EADDRNOTAVAIL':
      return 'the network interface has no multicast'
    default:
      return messageOf(thrown)
  }
}
