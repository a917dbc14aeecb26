/**
 * The address of a relay as somebody else wrote it down: a link, a project file. Pure. It may only lead where a relay can
 * honestly be: encrypted, out of private networks, and with nothing smuggled in. A relay that the person configured is
 * exempt from the rule about networks: an address of the own network is a choice, in a link it is an attack.
 *
 * A name can still resolve into a private network; whoever dials asks `isPublicAddress` again.
 */
import { BlockList, isIP } from 'node:net'
import { LIMITS } from '../base/limits.ts'

declare const brand: unique symbol
/** In the one spelling that the parser gives, so that two are equal when their texts are. */
export type RelayUrl = string & { readonly [brand]: 'RelayUrl' }

export type RelayRule = 'relay-malformed' | 'relay-scheme' | 'relay-private'

export type RelayVerdict = { readonly kind: 'ok'; readonly url: RelayUrl } | { readonly kind: 'refused'; readonly rule: RelayRule }

/** `known`: relays that the person configured, in any spelling. `isTyped`: a person's own word, so plain `ws` may lead to this machine. */
export function parseRelayUrl(text: string, known: readonly string[] = [], isTyped = false): RelayVerdict {
  const url = read(text)
  if (url === undefined) return { kind: 'refused', rule: 'relay-malformed' }
  const host = hostOf(url)
  const isSecure = url.protocol === 'wss:' || (url.protocol === 'ws:' && isLoopbackHost(host))
  if (!isSecure) return { kind: 'refused', rule: 'relay-scheme' }
  const isKnown = known.some((one) => read(one)?.href === url.href) || (isTyped && url.protocol === 'ws:')
  if (!isKnown && !isPublicHost(host)) return { kind: 'refused', rule: 'relay-private' }
  return { kind: 'ok', url: url.href as RelayUrl }
}

/** Host and port, for people: what they see before it is used the first time. */
export function relayHostOf(url: RelayUrl): string {
  return new URL(url).host
}

/** An address that a stranger may send us to: none of this machine, of its networks, or of a cloud's inside. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !RESERVED_4.check(address, 'ipv4')
    case 6:
      return PUBLIC_6.check(address, 'ipv6') && !RESERVED_6.check(address, 'ipv6')
    default:
      return false
  }
}

/** The URL parser drops line breaks and blanks without a word, so they are refused before it. */
function read(text: string): URL | undefined {
  if (text.length > LIMITS.invite.relayCharacters || !/^wss?:\/\/[\x21-\x7e]+$/i.test(text)) return undefined
  try {
    const url = new URL(text)
    const isPlain = url.username === '' && url.password === '' && url.hash === '' && url.search === ''
    return isPlain && !/[?#@\\]/.test(text) && url.hostname !== '' ? url : undefined
  } catch {
    // No URL at all.
    return undefined
  }
}

/** Without brackets and final dot; numbers of any base were made dotted by the URL parser. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

function isPublicHost(host: string): boolean {
  if (isIP(host) !== 0) return isPublicAddress(host)
  // A name without a dot, or of these suffixes, is resolved by this machine or this network.
  return host.includes('.') && !/\.(?:localhost|local|internal|lan|home|intranet|corp|arpa)$/.test(host)
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || LOOPBACK.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
}

function blocks(list: readonly string[]): BlockList {
  const found = new BlockList()
  for (const entry of list) {
    const [address = '', bits] = entry.split('/')
    found.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }
  return found
}

const LOOPBACK = blocks(['127.0.0.0/8', '::1/128'])
/** This machine, private and link-local networks (the metadata services of clouds are there), documentation, multicast. */
const RESERVED_4 = blocks([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
])
/** Of IPv6 one block is public. Apart from the others: one list of both takes each IPv4 address for a mapped one. */
const PUBLIC_6 = blocks(['2000::/3'])
/** What of it is for documents, or wraps an IPv4 address. */
const RESERVED_6 = blocks(['2001::/23', '2001:db8::/32', '2002::/16'])
