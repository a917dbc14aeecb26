/**
 * Who may open a connection to us at all, before a byte of it is read: half-open connections per address and overall,
 * handshakes per address and overall, links overall. A policy without sockets or timers: the caller asks `admit` for
 * each accepted connection and gives the slot back. Nobody on the network can make the table grow without bound,
 * because an address is kept only while it holds a slot or its bucket is not full again.
 */
import { TokenBucket } from '../base/bucket.ts'
import { LIMITS } from '../base/limits.ts'

export type RefusalReason = 'half-open-address' | 'half-open' | 'links' | 'rate-address' | 'rate'

/** A place among the half-open connections, later among the links. */
export interface AcceptSlot {
  /** The handshake is done: no longer half-open. False when there are as many links as we keep; then release it. */
  authenticated(): boolean
  /** The connection ended. Idempotent. */
  release(): void
}

export type AcceptVerdict =
  | { readonly kind: 'admitted'; readonly slot: AcceptSlot }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }

interface AddressState {
  readonly bucket: TokenBucket
  halfOpen: number
}

const { accept, handshake } = LIMITS
const MAX_ADDRESSES = 4_096

/** Strangers of the LAN cannot take the last places from the sessions of this machine. */
function mostLinks(remote: string): number {
  return remote === 'local' ? accept.links : accept.lanLinks
}

export class AcceptLimits {
  readonly #monotonic: () => number
  readonly #overall: TokenBucket
  readonly #perAddress: { readonly burst: number; readonly perSecond: number }
  readonly #addresses = new Map<string, AddressState>()
  #halfOpen = 0
  #links = 0

  constructor(clock: { monotonic(): number }, perAddressPerMinute: number = handshake.perAddressPerMinute) {
    this.#perAddress = {
      burst: (handshake.perAddressBurst / handshake.perAddressPerMinute) * perAddressPerMinute,
      perSecond: perAddressPerMinute / 60,
    }
    this.#monotonic = () => clock.monotonic()
    this.#overall = new TokenBucket(handshake.perSecond, handshake.perSecond, clock.monotonic())
  }

  /** `remote` as a connection tells it: an IP address, or `local`, which only the limits for all apply to. */
  admit(remote: string): AcceptVerdict {
    const state = this.#stateOf(remote)
    if (state === undefined) return { kind: 'refused', reason: 'rate' }
    const reason = this.#refusal(remote, state)
    if (reason !== undefined) return { kind: 'refused', reason }
    this.#halfOpen++
    state.halfOpen++
    return { kind: 'admitted', slot: this.#slot(state, mostLinks(remote)) }
  }

  counts(): { readonly halfOpen: number; readonly links: number; readonly addresses: number } {
    return { halfOpen: this.#halfOpen, links: this.#links, addresses: this.#addresses.size }
  }

  #refusal(remote: string, state: AddressState): RefusalReason | undefined {
    const now = this.#monotonic()
    // Processes of this user are not strangers, and many sessions may start in one second.
    const isStranger = remote !== 'local'
    if (this.#links >= mostLinks(remote)) return 'links'
    if (this.#halfOpen >= accept.halfOpen) return 'half-open'
    if (isStranger && state.halfOpen >= accept.halfOpenPerAddress) return 'half-open-address'
    if (isStranger && !state.bucket.take(now)) return 'rate-address'
    return this.#overall.take(now) ? undefined : 'rate'
  }

  #slot(state: AddressState, most: number): AcceptSlot {
    let stage: 'half-open' | 'link' | 'released' = 'half-open'
    const leaveHalfOpen = () => {
      this.#halfOpen--
      state.halfOpen--
    }
    return {
      authenticated: () => {
        if (stage !== 'half-open' || this.#links >= most) return stage === 'link'
        leaveHalfOpen()
        this.#links++
        stage = 'link'
        return true
      },
      release: () => {
        if (stage === 'half-open') leaveHalfOpen()
        if (stage === 'link') this.#links--
        stage = 'released'
      },
    }
  }

  /** Undefined when the table is full of addresses that are all still counted. */
  #stateOf(remote: string): AddressState | undefined {
    const known = this.#addresses.get(remote)
    if (known !== undefined) return known
    if (this.#addresses.size >= MAX_ADDRESSES) this.#forgetIdle()
    if (this.#addresses.size >= MAX_ADDRESSES) return undefined
    const bucket = new TokenBucket(this.#perAddress.burst, this.#perAddress.perSecond, this.#monotonic())
    const state = { bucket, halfOpen: 0 }
    this.#addresses.set(remote, state)
    return state
  }

  #forgetIdle(): void {
    const now = this.#monotonic()
    for (const [remote, state] of this.#addresses) {
      if (state.halfOpen === 0 && state.bucket.available(now) >= this.#perAddress.burst) this.#addresses.delete(remote)
    }
  }
}
