/**
 * Which relays may be asked at all. A relay is told a token and who we are, so it is spoken to over TLS; plain `ws` is for
 * this machine alone. An address that somebody else chose (an invite) must not make us knock at private networks, at this
 * machine, or at the metadata service of a cloud: only a person may configure such a relay.
 */
import dns from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { systemCode } from '../base/errors.ts'
import { isPublicAddress } from '../mmp/relay-url.ts'

const MAX_CHARACTERS = 2_048

export interface RelayUrl {
  readonly href: string
  /** For people: without path and query. */
  readonly host: string
}

export type ParsedRelayUrl = { readonly kind: 'ok'; readonly url: RelayUrl } | { readonly kind: 'refused'; readonly why: string }

/** Says in words why a text is none; never repeats more than its host. */
export function parseRelayUrl(text: string): ParsedRelayUrl {
  const refused = (why: string): ParsedRelayUrl => ({ kind: 'refused', why })
  if (text.length > MAX_CHARACTERS || !URL.canParse(text)) return refused('it is no URL; it looks like wss://relay.example')
  const url = new URL(text)
  if (url.protocol !== 'wss:' && url.protocol !== 'ws:') return refused('it does not begin with wss://')
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return refused('it holds a user, a password or a fragment; give the token apart')
  if (url.protocol === 'ws:' && !isLoopbackName(hostOf(url))) return refused(`ws:// is for this machine alone; use wss://${url.host}`)
  return { kind: 'ok', url: { href: url.href, host: url.host } }
}

/** Whether the host of the URL is an address that only a person may choose. A name is looked at when it is resolved. */
export function isPrivateLiteral({ href }: RelayUrl): boolean {
  const host = hostOf(new URL(href))
  return isLoopbackName(host) || (isIP(host) !== 0 && !isPublicAddress(host))
}

/** Plain `ws`, which is for this machine alone. */
export function isLoopbackUrl({ href }: RelayUrl): boolean {
  const url = new URL(href)
  return url.protocol === 'ws:' && isLoopbackName(hostOf(url))
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** Asks the system as usual, and fails with `EPRIVATE` when what a name leads to is not public. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0)
    const allowed = addresses.filter(({ address }) => isPublicAddress(address))
    const [first] = allowed
    if (first === undefined) return callback(Object.assign(new Error('the name leads to no public address'), { code: 'EPRIVATE' }), '', 0)
    if (options.all) callback(null, allowed)
    else callback(null, first.address, first.family)
  })
}

/** Why a connection could not be made, as far as the system tells. */
export type DialCause = 'dns' | 'refused' | 'tls' | 'blocked' | 'private' | 'http'

export function dialCauseOf(thrown: unknown): DialCause {
  const code = systemCode(thrown) ?? ''
  if (code === 'EPRIVATE') return 'private'
  if (['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME'].includes(code)) return 'dns'
  if (code === 'ECONNREFUSED') return 'refused'
  if (/^(?:ERR_(?:TLS|SSL|OSSL)|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO_|HOSTNAME_|EPROTO)/.test(code)) return 'tls'
  if (thrown instanceof Error && /Unexpected server response/.test(thrown.message)) return 'http'
  return 'blocked'
}
