/**
 * Who may try at all, and who may come in. Before anybody has proven anything it costs a place: few per address, some in
 * all, each for a few seconds. Tokens are kept as hashes and compared in constant time; nobody can learn from the time of
 * an answer how much of a guess was right.
 */
import { timingSafeEqual } from 'node:crypto'
import { fromHex } from '../base/bytes.ts'
import { hintOf, readRelayPass } from '../mmp/relay-pass.ts'
import { type RelayGroup, relayGroupOf } from '../mmp/relay-proof.ts'
import type { RelayRoom } from '../mmp/relay-room.ts'
import type { RelayLimits } from './limits.ts'

/** Who came by a pass. */
export interface Guest {
  readonly room: RelayRoom
  /** Milliseconds since 1970. */
  readonly until: number
}

/** Where somebody comes in, and for how long: a guest until its pass ends, a holder of the token without an end. */
export interface Admitted {
  readonly group: RelayGroup
  readonly guest: Guest | undefined
}

/** Maps a token to its group. Without tokens the relay is open, and different tokens still never meet. */
export class Tokens {
  readonly #groups: readonly { readonly group: RelayGroup; readonly hash: Uint8Array }[]
  readonly #byHint: ReadonlyMap<string, RelayGroup>

  constructor(tokens: readonly string[]) {
    this.#groups = tokens.map((token) => {
      const group = relayGroupOf(token)
      return { group, hash: bytesOf(group) }
    })
    this.#byHint = new Map(this.#groups.map(({ group }) => [hintOf(group), group]))
  }

  get isOpen(): boolean {
    return this.#groups.length === 0
  }

  groupFor(token: string | undefined): RelayGroup | undefined {
    const given = relayGroupOf(token ?? '')
    if (this.isOpen) return given
    const hash = bytesOf(given)
    let found: RelayGroup | undefined
    for (const known of this.#groups) if (timingSafeEqual(known.hash, hash)) found = known.group
    return found
  }

  /** `groupHere`: the group of this hint that has members now; an open relay knows no other. */
  admit(token: string | undefined, now: number, groupHere: (hint: string) => RelayGroup | undefined): Admitted | undefined {
    const pass = token === undefined ? undefined : readRelayPass(token)
    if (pass === undefined) {
      const group = this.groupFor(token)
      return group && { group, guest: undefined }
    }
    const group = this.isOpen ? groupHere(pass.hint) : this.#byHint.get(pass.hint)
    if (group === undefined || now > pass.until || !pass.opens(group)) return undefined
    return { group, guest: { room: pass.room, until: pass.until } }
  }
}

function bytesOf(group: RelayGroup): Uint8Array {
  return fromHex(group) ?? new Uint8Array()
}

/** The place of a connection that has not come in yet. */
export interface Place {
  /** It came in, or it went: the place is free. Idempotent. */
  free(): void
}

export class Admission {
  readonly #limits: RelayLimits
  readonly #perAddress = new Map<string, number>()
  #waiting = 0

  constructor(limits: RelayLimits) {
    this.#limits = limits
  }

  get waiting(): number {
    return this.#waiting
  }

  /** `address` undefined: it is not known yet for whom a proxy speaks. */
  enter(address: string | undefined): Place | undefined {
    const key = address === undefined ? undefined : networkOf(address)
    const count = key === undefined ? 0 : (this.#perAddress.get(key) ?? 0)
    if (this.#waiting >= this.#limits.unauthenticated || count >= this.#limits.unauthenticatedPerAddress) return undefined
    this.#waiting++
    if (key !== undefined) this.#perAddress.set(key, count + 1)
    let isFree = false
    return {
      free: () => {
        if (isFree) return
        isFree = true
        this.#waiting--
        if (key !== undefined) this.#leave(key)
      },
    }
  }

  #leave(key: string): void {
    const count = (this.#perAddress.get(key) ?? 1) - 1
    if (count === 0) this.#perAddress.delete(key)
    else this.#perAddress.set(key, count)
  }
}

/** One subscriber has a whole /64 of IPv6, so that is what counts as one address. */
export function networkOf(address: string): string {
  const plain = plainAddress(address)
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('%')[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return [...left, ...gap, ...right]
    .slice(0, 4)
    .map((part) => part.replace(/^0+(?=.)/, ''))
    .join(':')
}

/** `::ffff:192.0.2.1` is 192.0.2.1. */
export function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
}

/**
 * For whom a connection speaks. The header is believed only when the connection itself comes from a configured proxy, and
 * then only its last entry that is no such proxy: what stands before it was written by the client.
 */
export function clientAddress(remote: string, forwarded: string | undefined, proxies: ReadonlySet<string>): string {
  const hops = [...(forwarded ?? '').split(',').map((hop) => plainAddress(hop.trim())), plainAddress(remote)]
  const last = hops.findLastIndex((hop) => hop !== '' && !proxies.has(hop))
  if (!proxies.has(plainAddress(remote)) || last < 0) return plainAddress(remote)
  return (hops[last] ?? '').slice(0, 64)
}
