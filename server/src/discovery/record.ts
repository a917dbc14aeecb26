/**
 * From a DNS-SD answer to something worth dialing, or the reason why not. Pure: a packet, where it came from and who we
 * are go in. Everything in a record may be a lie, so the rules bound what a lie can do: no address outside the subnet
 * that the packet came from, no loopback from the network, no port below 1024 (a record must not make us knock at the
 * services of other hosts), and nothing is known about the peer afterwards but where to try.
 */
import * as z from 'zod'
import { LIMITS } from '../base/limits.ts'
import { parseNodeId } from '../identity/ids.ts'
import type { Address } from '../transport/connection.ts'
import { HIDDEN_SERVICE, type HiddenService } from './discovery.ts'
import { familyOf, isLinkLocal6, type NetworkInterface, splitZone } from './subnet.ts'

/** One resource record as the DNS decoder hands it over; what `data` is depends on the type. */
export interface DnsRecord {
  readonly name: string
  readonly type: string
  readonly ttl?: number | undefined
  readonly data?: unknown
}

export interface Origin {
  /** Source address of the packet, with its zone where it is link-local IPv6. */
  readonly address: string
  /** The interface that the source address belongs to. */
  readonly via: NetworkInterface
}

/** One node seen by one packet. */
export interface Sighting {
  readonly nodeId: string
  readonly group: string
  readonly via: string
  readonly from: string
  readonly ttlMs: number
  /** The record has no `v2`: a stock node. */
  readonly dialect?: 'stock'
  /** IPv4, then global IPv6, then link-local IPv6; never empty. */
  readonly addresses: readonly LanAddress[]
}

export type LanAddress = Extract<Address, { kind: 'lan' }>

export type IgnoreReason = 'own' | 'no-node-id' | 'no-v2' | 'bad-port' | 'txt-too-large' | 'incomplete' | 'no-address'

export type RecordVerdict =
  | { readonly kind: 'seen'; readonly sighting: Sighting }
  | { readonly kind: 'withdrawn'; readonly nodeId: string; readonly group: string }
  | { readonly kind: 'ignored'; readonly reason: IgnoreReason }

export interface Reader {
  readonly ownNodeId: string
  /** The groups we look for, by the full name of their service (`_sym._tcp.local`, lowercase). */
  readonly services: ReadonlyMap<string, string>
  /** Groups in which stock nodes are looked for too. */
  readonly stockGroups?: readonly string[]
  /** Private groups, ours and those that we come into by an invite. */
  readonly hidden?: readonly HiddenService[]
}

const MAX_RECORDS = 256
const MAX_ADDRESSES = 4
const MAX_TTL_MS = 120_000
const MIN_PORT = 1_024

const Txt = z.union([z.array(z.instanceof(Uint8Array)), z.instanceof(Uint8Array).transform((one) => [one])])
const Srv = z.object({ target: z.string().max(255), port: z.int().optional() })

/** One verdict for each service instance that the records tell of, in a group we look for. */
export function readRecords(records: readonly DnsRecord[], origin: Origin, reader: Reader): readonly RecordVerdict[] {
  const bounded = records.slice(0, MAX_RECORDS)
  const seen = new Set<string>()
  return bounded.flatMap((pointer) => {
    const service = pointer.name.toLowerCase()
    const group = pointer.type === 'PTR' ? reader.services.get(service) : undefined
    const mayHide = pointer.type === 'PTR' && service === HIDDEN_SERVICE && (reader.hidden?.length ?? 0) > 0
    if ((group === undefined && !mayHide) || typeof pointer.data !== 'string') return []
    const key = `${pointer.name} ${pointer.data}`.toLowerCase()
    if (seen.has(key)) return []
    seen.add(key)
    const named = { ...pointer, data: pointer.data }
    const hidden = mayHide ? readHidden(named, bounded, origin, reader.hidden ?? []) : undefined
    if (hidden) return hidden
    return group === undefined ? [] : [readInstance(named, group, bounded, origin, reader)]
  })
}

type Pointer = DnsRecord & { readonly data: string }

function readInstance(pointer: Pointer, group: string, records: readonly DnsRecord[], origin: Origin, reader: Reader): RecordVerdict {
  const instance = parseNodeId(pointer.data.split('.')[0] ?? '')
  if (instance === undefined) return ignored('no-node-id')
  if (instance === reader.ownNodeId.toLowerCase()) return ignored('own')
  if (pointer.ttl === 0) return { kind: 'withdrawn', nodeId: instance, group }
  const ofInstance = records.filter((one) => one.name.toLowerCase() === pointer.data.toLowerCase())
  const srv = ofInstance.find((one) => one.type === 'SRV')
  const txt = ofInstance.find((one) => one.type === 'TXT')
  if (srv === undefined || txt === undefined) return ignored('incomplete')
  const v2 = portOf(txt.data, instance)
  const isStock = v2 === 'no-v2' && (reader.stockGroups ?? []).includes(group)
  const port = isStock ? stockPortOf(srv.data, txt.data, instance) : v2
  if (typeof port !== 'number') return ignored(port)
  const addresses = addressesOf(records, srv.data, origin).map((host) => ({ kind: 'lan', host, port }) as const)
  if (addresses.length === 0) return ignored('no-address')
  const dialect = isStock ? { dialect: 'stock' as const } : {}
  const sighting = { ...dialect, nodeId: instance, group, via: origin.via.name, from: origin.address, ttlMs: ttlOf(srv, txt), addresses }
  return { kind: 'seen', sighting }
}

/** The record of a private group, once for each of ours that it may be of; undefined for a record of another kind. */
function readHidden(
  pointer: Pointer,
  records: readonly DnsRecord[],
  origin: Origin,
  hidden: readonly HiddenService[],
): readonly RecordVerdict[] | undefined {
  const instance = /^p[0-9a-f]{32}$/.exec(pointer.data.split('.')[0]?.toLowerCase() ?? '')?.[0]
  if (instance === undefined) return undefined
  if (hidden.some((service) => service.instance === instance)) return [ignored('own')]
  // Without its tag nobody can tell of which group it was: a goodbye is for all that it may have been.
  if (pointer.ttl === 0) return hidden.map(({ group }) => ({ kind: 'withdrawn', nodeId: instance, group }))
  const ofInstance = records.filter((one) => one.name.toLowerCase() === pointer.data.toLowerCase())
  const [srv, txt] = [ofInstance.find(({ type }) => type === 'SRV'), ofInstance.find(({ type }) => type === 'TXT')]
  const strings = Txt.safeParse(txt?.data)
  if (srv === undefined || txt === undefined || !strings.success) return [ignored('incomplete')]
  const port = v2Of(strings.data)
  if (typeof port !== 'number') return [ignored(port)]
  const addresses = addressesOf(records, srv.data, origin).map((host) => ({ kind: 'lan', host, port }) as const)
  if (addresses.length === 0) return [ignored('no-address')]
  const seen = { nodeId: instance, via: origin.via.name, from: origin.address, ttlMs: ttlOf(srv, txt), addresses }
  const tag = textOf(strings.data, 't') ?? ''
  return hidden.filter((one) => one.accepts(instance, tag)).map(({ group }) => ({ kind: 'seen', sighting: { ...seen, group } }))
}

/** The v2 port that the TXT record names, or what is wrong with it. */
export function portOf(data: unknown, instance: string): number | IgnoreReason {
  const strings = Txt.safeParse(data)
  if (!strings.success) return 'incomplete'
  // The instance is named after the node: a record that says both ways who it is must agree with itself.
  const port = v2Of(strings.data)
  if (port === 'txt-too-large') return port
  return parseNodeId(textOf(strings.data, 'node-id') ?? '') === instance ? port : 'no-node-id'
}

/** A stock node listens where its SRV record says. */
function stockPortOf(srvData: unknown, txtData: unknown, instance: string): number | IgnoreReason {
  const [srv, txt] = [Srv.safeParse(srvData), Txt.safeParse(txtData)]
  if (!srv.success || !txt.success) return 'incomplete'
  if (parseNodeId(textOf(txt.data, 'node-id') ?? '') !== instance) return 'no-node-id'
  const port = srv.data.port ?? 0
  return port >= MIN_PORT && port <= 65_535 ? port : 'bad-port'
}

function v2Of(strings: readonly Uint8Array[]): number | IgnoreReason {
  const bytes = strings.reduce((sum, one) => sum + one.length + 1, 0)
  if (bytes > LIMITS.mdns.txtBytes) return 'txt-too-large'
  const v2 = textOf(strings, 'v2')
  if (v2 === undefined) return 'no-v2'
  const port = /^\d{1,5}$/.test(v2) ? Number(v2) : 0
  return port >= MIN_PORT && port <= 65_535 ? port : 'bad-port'
}

/** The first one counts, as DNS-SD has it; keys are compared without case. */
function textOf(strings: readonly Uint8Array[], key: string): string | undefined {
  for (const string of strings) {
    const text = Buffer.from(string.buffer, string.byteOffset, string.length).toString('utf8')
    if (text.slice(0, key.length + 1).toLowerCase() === `${key}=`) return text.slice(key.length + 1)
  }
  return undefined
}

/**
 * The source of the packet is where the node surely is; the address records of its host add the other family. A
 * link-local address is dialed through the zone that the packet came in by.
 */
function addressesOf(records: readonly DnsRecord[], srvData: unknown, origin: Origin): readonly string[] {
  const srv = Srv.safeParse(srvData)
  const target = srv.success ? srv.data.target.toLowerCase() : undefined
  const named = records.flatMap(({ name, type, data }) => {
    if ((type !== 'A' && type !== 'AAAA') || typeof data !== 'string' || name.toLowerCase() !== target) return []
    return isLinkLocal6(data) ? [`${data}%${splitZone(origin.address).zone ?? origin.via.zones[0] ?? ''}`] : [data]
  })
  const near = [...new Set([origin.address, ...named])].filter((address) => origin.via.contains(address))
  return near.sort((a, b) => rank(a) - rank(b)).slice(0, MAX_ADDRESSES)
}

/** Bare link-local IPv6 fails on many networks, IPv4 on few: try that first. */
export function rank(address: string): number {
  if (familyOf(address) === 4) return 0
  return isLinkLocal6(address) ? 2 : 1
}

/** Until when records may be believed, the shortest of them, in milliseconds from now. */
export function ttlOf(...records: readonly DnsRecord[]): number {
  return Math.min(MAX_TTL_MS, ...records.map(({ ttl }) => (ttl ?? 0) * 1_000))
}

function ignored(reason: IgnoreReason): RecordVerdict {
  return { kind: 'ignored', reason }
}
