/**
 * The machine's network interfaces as discovery needs them: which there are, and which of them an address belongs to.
 * A snapshot taken by the caller; nothing here asks the system. An address from a packet is only worth dialing when it
 * lies in the subnet of the interface that the packet came in by, else a record could send us to any host and port.
 */
import { BlockList } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'

export type Family = 4 | 6

/** What `os.networkInterfaces()` returns. */
export type InterfaceTable = NodeJS.Dict<readonly NetworkInterfaceInfo[]>

export interface NetworkInterface {
  readonly name: string
  readonly isLoopback: boolean
  /** How link-local IPv6 addresses name it: `eth0` or, on Windows, a number. */
  readonly zones: readonly string[]
  /** Own addresses, without a zone. */
  readonly addresses: readonly { readonly family: Family; readonly address: string }[]
  contains(address: string): boolean
}

/** More than any machine has that a person uses; a host of containers may have hundreds. */
const MAX_INTERFACES = 16

/** The interfaces worth talking on: all that are up but loopback, and loopback where it is the only one. */
export function usableInterfaces(table: InterfaceTable): readonly NetworkInterface[] {
  const all = Object.entries(table).flatMap(([name, infos]) => (infos === undefined || infos.length === 0 ? [] : [describe(name, infos)]))
  const outside = all.filter((one) => !one.isLoopback)
  return (outside.length > 0 ? outside : all).slice(0, MAX_INTERFACES)
}

/** Two snapshots with equal keys are the same to us. */
export function interfaceKey(one: NetworkInterface): string {
  const addresses = one.addresses.map(({ address }) => address).sort()
  return [one.name, ...addresses].join(' ')
}

/** The address without its zone (`fe80::1%eth0` → `fe80::1`), and the zone. */
export function splitZone(address: string): { readonly bare: string; readonly zone: string | undefined } {
  const at = address.indexOf('%')
  return at < 0 ? { bare: address, zone: undefined } : { bare: address.slice(0, at), zone: address.slice(at + 1) }
}

/** Told by its form. `net.isIP` would take milliseconds at its first use, in the middle of a start. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || /^127\./.test(address)
}

export function isLinkLocal6(address: string): boolean {
  return /^fe[89ab]/i.test(address)
}

function describe(name: string, infos: readonly NetworkInterfaceInfo[]): NetworkInterface {
  const subnets = new BlockList()
  for (const { cidr } of infos) addSubnet(subnets, cidr)
  const zones = [name, ...infos.flatMap((info) => (info.family === 'IPv6' && info.scopeid ? [String(info.scopeid)] : []))]
  const isInternal = infos.every((info) => info.internal)
  return {
    name,
    isLoopback: isInternal,
    zones,
    addresses: infos.map((info) => ({ family: info.family === 'IPv4' ? 4 : 6, address: splitZone(info.address).bare })),
    contains: (address) => contains(subnets, zones, isInternal, address),
  }
}

function addSubnet(subnets: BlockList, cidr: string | null): void {
  const [address = '', prefix = ''] = (cidr ?? '').split('/')
  const { bare } = splitZone(address)
  if (/^\d+$/.test(prefix)) subnets.addSubnet(bare, Number(prefix), familyOf(bare) === 4 ? 'ipv4' : 'ipv6')
}

function contains(subnets: BlockList, zones: readonly string[], isInternal: boolean, address: string): boolean {
  const { bare, zone } = splitZone(address)
  if (isLoopback(bare) !== isInternal) return false
  // Every interface has fe80::/64: only the zone tells one from another.
  if (isLinkLocal6(bare)) return zone !== undefined && zones.includes(zone)
  try {
    return subnets.check(bare, familyOf(bare) === 4 ? 'ipv4' : 'ipv6')
  } catch {
    // No address at all.
    return false
  }
}
