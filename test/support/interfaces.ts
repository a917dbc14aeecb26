/** Interface tables as `os.networkInterfaces()` returns them, for hosts that do not exist. */
import type { NetworkInterfaceInfo } from 'node:os'
import type { InterfaceTable } from '../../server/src/discovery/subnet.ts'

const mac = '02:00:00:00:00:01'

export function ipv4(cidr: string, internal = false): NetworkInterfaceInfo {
  return { family: 'IPv4', address: cidr.split('/')[0] ?? '', netmask: '', mac, internal, cidr }
}

export function ipv6(cidr: string, scopeid = 0, internal = false): NetworkInterfaceInfo {
  return { family: 'IPv6', address: cidr.split('/')[0] ?? '', netmask: '', mac, internal, cidr, scopeid }
}

export const loopback: InterfaceTable = { lo: [ipv4('127.0.0.1/8', true), ipv6('::1/128', 0, true)] }
export const oneCard: InterfaceTable = { ...loopback, eth0: [ipv4('192.168.1.10/24'), ipv6('2001:db8:1::10/64'), ipv6('fe80::10/64', 2)] }
