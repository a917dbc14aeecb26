/**
 * Peers that a person named by address (`SYM_PEERS`), for networks where multicast does not work. They are always
 * candidates; who answers there is known only after the handshake. Names are resolved when they are dialed.
 */
import { isIPv6 } from 'node:net'
import { MeshError } from '../base/errors.ts'
import type { Candidate, Discovery, DiscoveryEvents } from './discovery.ts'
import type { LanAddress } from './record.ts'

const MAX_PEERS = 64
const HOST = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/i

export type StaticPeer = LanAddress & { readonly dialect?: 'stock' }

/** Before the address of a stock node. */
const STOCK = 'stock:'

/** `host:port`, several separated by commas; IPv6 in brackets, `stock:` before that of a stock node. Throws MeshError that names the wrong entry. */
export function parseStaticPeers(text: string): readonly StaticPeer[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  if (entries.length > MAX_PEERS)
    throw new MeshError('settings-invalid', `SYM_PEERS names ${entries.length} peers; at most ${MAX_PEERS} are allowed`)
  const peers = entries.map(parseEntry)
  return [...new Map(peers.map((peer) => [nameOf(peer), peer])).values()]
}

export function createStaticDiscovery(peers: readonly StaticPeer[]): Discovery {
  const candidates = peers.map(candidateOf)
  let events: DiscoveryEvents | undefined
  const tellAll = () => {
    for (const candidate of candidates) events?.onFound(candidate)
  }
  return {
    start: async (_announcement, listener) => {
      events = listener
      tellAll()
    },
    update() {},
    refresh: tellAll,
    health: () => ({ problem: undefined }),
    stop: async () => {
      events = undefined
    },
  }
}

function parseEntry(text: string): StaticPeer {
  // A host may have that name.
  const entry = /^stock:.+:/.test(text) ? text.slice(STOCK.length) : text
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^[\]:]+)):(\d{1,5})$/.exec(entry) ?? []
  const host = bracketed ?? plain ?? ''
  const port = Number(digits)
  const isHost = bracketed === undefined ? HOST.test(host) : isIPv6(host)
  if (!isHost || port < 1 || port > 65_535) {
    throw new MeshError(
      'settings-invalid',
      `SYM_PEERS: ${JSON.stringify(text)} is no host:port (an IPv6 address goes in brackets: [fe80::1]:4000)`,
    )
  }
  return { kind: 'lan', host, port, ...(entry === text ? {} : { dialect: 'stock' as const }) }
}

function candidateOf(peer: StaticPeer): Candidate {
  const { kind, host, port, dialect } = peer
  const candidate = { source: 'static', id: `static:${nameOf(peer)}`, nodeId: undefined, groups: undefined } as const
  return { ...candidate, addresses: [{ kind, host, port }], ...(dialect === undefined ? {} : { dialect }) }
}

function nameOf({ host, port, dialect }: StaticPeer): string {
  return `${dialect === undefined ? '' : STOCK}${host.toLowerCase()}:${port}`
}
