/**
 * What we say of ourselves on the LAN, as DNS-SD records (MMP 2.1), and which of them answer a question. Pure.
 *
 * The service points at the v2 listener and the record tells neither the node's name nor its key: whoever may know them
 * learns them in the handshake. Where a group admits stock nodes it is the record that such look for, at the listener of
 * their own, with name and key and our port beside them. Only addresses of the interface at hand are
 * named; those of others (a VPN, containers) are nobody's business there.
 */
import { parseGroupName, serviceTypeOf } from '../mmp/group.ts'
import { type Announcement, HIDDEN_SERVICE, type HiddenService } from './discovery.ts'
import type { DnsRecord } from './record.ts'
import type { NetworkInterface } from './subnet.ts'

export interface Question {
  readonly name: string
  readonly type: string
  readonly class?: string
}

/** A record that we send: decoders may leave out what encoders need. */
export type OwnRecord = DnsRecord & { readonly ttl: number }

/** The records of one service, first its pointer. */
export type ServiceRecords = readonly OwnRecord[]

/** The question for all types of services on a network (RFC 6763, 9). */
export const BROWSE_ALL = '_services._dns-sd._udp.local'
const LABEL_BYTES = 63
const MAX_QUESTIONS = 32
const TTL = { pointer: 28_800, text: 4_500, host: 120 } as const

/** The full service name of each announced group (`_sym._tcp.local` → `default`), in their order. */
export function servicesOf(announcement: Announcement): ReadonlyMap<string, string> {
  const services = new Map<string, string>()
  const { groups, serviceType, serviceTypeGroup = groups[0] } = announcement
  for (const group of groups) {
    const type = group === serviceTypeGroup && serviceType !== undefined ? serviceType : typeOf(group)
    // Two groups can share a type (`sym` and `default`); a name that is too long for DNS has none.
    if (type !== undefined && isEncodable(type) && !services.has(nameOf(type))) services.set(nameOf(type), group)
  }
  return services
}

export function recordsOf(service: string, announcement: Announcement, via: NetworkInterface): ServiceRecords {
  const { nodeId, name, publicKey, stock } = announcement
  const instance = `${nodeId}.${service}`
  const target = hostOf(announcement)
  const isOpen = stock?.groups.includes(servicesOf(announcement).get(service) ?? '') ?? false
  const port = stock && isOpen ? stock.port : announcement.port
  const own = [`node-id=${nodeId}`, `hostname=${target}`, `v2=${announcement.port}`]
  const text = isOpen ? [...own, `node-name=${name}`, `public-key=${publicKey}`] : own
  const hosts = via.isLoopback ? [] : via.addresses
  return [
    { name: service, type: 'PTR', ttl: TTL.pointer, data: instance },
    { name: instance, type: 'SRV', ttl: TTL.host, data: { priority: 0, weight: 0, port, target } },
    { name: instance, type: 'TXT', ttl: TTL.text, data: text.map((one) => Buffer.from(one)) },
    ...hosts.map(({ family, address }) => ({ name: target, type: family === 4 ? 'A' : 'AAAA', ttl: TTL.host, data: address })),
  ]
}

/** A private group: an instance of no meaning and a tag, at a host name of no meaning. */
export function hiddenRecordsOf({ instance, tag }: HiddenService, port: number, via: NetworkInterface): ServiceRecords {
  if (instance === undefined || tag === undefined) return []
  const [name, target] = [`${instance}.${HIDDEN_SERVICE}`, `${instance}.local`]
  const hosts = via.isLoopback ? [] : via.addresses
  return [
    { name: HIDDEN_SERVICE, type: 'PTR', ttl: TTL.pointer, data: name },
    { name, type: 'SRV', ttl: TTL.host, data: { priority: 0, weight: 0, port, target } },
    { name, type: 'TXT', ttl: TTL.text, data: [`v2=${port}`, `t=${tag()}`].map((one) => Buffer.from(one)) },
    ...hosts.map(({ family, address }) => ({ name: target, type: family === 4 ? 'A' : 'AAAA', ttl: TTL.host, data: address })),
  ]
}

/** The same records as a goodbye. */
export function withdrawn(records: ServiceRecords): ServiceRecords {
  return records.slice(0, 3).map((record) => ({ ...record, ttl: 0 }))
}

/** What answers these questions: asked records first, then what the asker will need next. Empty: nothing of ours. */
export function answersTo(
  questions: readonly Question[],
  services: readonly ServiceRecords[],
): { readonly answers: readonly OwnRecord[]; readonly additionals: readonly OwnRecord[] } {
  const asked = questions.slice(0, MAX_QUESTIONS)
  const isAsked = (record: DnsRecord) => asked.some((question) => matches(question, record))
  const isBrowsed = asked.some(({ name }) => name.toLowerCase() === BROWSE_ALL)
  // Who asks for all types learns of the nodes behind ours in the same packet, and need not ask for each type on the network.
  const related = isBrowsed ? services : services.filter((records) => records.some(isAsked))
  const answers = unique(related.flat().filter(isAsked))
  const additionals = unique(related.flat()).filter((record) => !answers.some((answer) => isSame(answer, record)))
  const types = isBrowsed ? services.map(typePointer) : []
  return { answers: [...answers, ...types.flat()], additionals }
}

function typePointer(records: ServiceRecords): readonly OwnRecord[] {
  const service = records[0]?.name
  return service === undefined ? [] : [{ name: BROWSE_ALL, type: 'PTR', ttl: TTL.host, data: service }]
}

function matches(question: Question, record: DnsRecord): boolean {
  const isType = question.type === record.type || question.type === 'ANY'
  return isType && question.name.toLowerCase() === record.name.toLowerCase()
}

/** Several services of one node share the records of its host. */
function unique(records: readonly OwnRecord[]): readonly OwnRecord[] {
  return records.filter((record, index) => records.findIndex((other) => isSame(other, record)) === index)
}

function isSame(a: DnsRecord, b: DnsRecord): boolean {
  return a.type === b.type && a.name === b.name && (a.data === b.data || (a.type !== 'A' && a.type !== 'AAAA' && a.type !== 'PTR'))
}

function typeOf(group: string): string | undefined {
  const name = parseGroupName(group)
  return name === undefined ? undefined : serviceTypeOf(name)
}

function nameOf(type: string): string {
  return `${type.toLowerCase()}.local`
}

/** `_label._tcp`, each label within what DNS can carry. */
function isEncodable(type: string): boolean {
  return /^_[a-z0-9_-]+\._(?:tcp|udp)$/i.test(type) && type.split('.').every((label) => Buffer.byteLength(label) <= LABEL_BYTES)
}

/** macOS resolves a bare host name only with `.local`. A name that is none for DNS is replaced by the node id. */
function hostOf({ hostname, nodeId }: Announcement): string {
  const isUsable = hostname.length <= 200 && hostname.split('.').every((label) => /^[a-z0-9_-]{1,63}$/i.test(label))
  const host = isUsable ? hostname : nodeId
  return host.includes('.') ? host : `${host}.local`
}
