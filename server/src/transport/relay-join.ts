/**
 * A join over a relay that a link names, in a node that runs: first the relay takes us in, within a few seconds, then the
 * group is changed. When either fails everything is as it was: the relays, and what was known of them. A relay that a
 * person configured is used as it is, whatever token the link has. One join at a time.
 */
import { assertNever, MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { Secret } from '../base/secret.ts'
import { readRelayPass } from '../mmp/relay-pass.ts'
import { parseRelayUrl as parseInviteRelay, type RelayUrl, relayHostOf } from '../mmp/relay-url.ts'
import type { Attempt, RelayHub } from './relay-hub.ts'
import { isLoopbackUrl, parseRelayUrl } from './relay-url.ts'
import type { RelayCause, RelayTarget } from './relay-wire.ts'

/** The relay of a link; that the link was typed by a person is for the caller to know. */
export interface LinkRelay {
  readonly url: RelayUrl
  readonly token: Secret | undefined
}

export interface JoinedOver<T> {
  readonly change: T
  /** Host of a relay that this node was not at before. */
  readonly newHost: string | undefined
  /** To be written down for the next sessions; undefined for a relay that a person configured. */
  readonly toKeep: LinkRelay | undefined
}

/** What a join needs of the hub. */
export type JoinHub = Pick<RelayHub, 'attempt' | 'add' | 'remove' | 'urls' | 'targets'>

export class RelayJoin {
  readonly #hub: JoinHub
  readonly #onAdded: () => void
  /** Those that links brought, by URL. */
  readonly #brought = new Map<string, LinkRelay>()
  #isBusy = false

  /**
   * `kept`: relays that links brought to an earlier session, and that the hub has. `onAdded`: this node is at a relay that
   * it was not at before.
   */
  constructor(hub: JoinHub, kept: readonly LinkRelay[] = [], onAdded: () => void = () => {}) {
    this.#hub = hub
    this.#onAdded = onAdded
    for (const relay of kept) this.#brought.set(relay.url, relay)
  }

  /** The relays that this node is at, or tries to reach. */
  known(): readonly string[] {
    return this.#hub.urls()
  }

  /**
   * The relay for an invite of ours: the one of this address, else what a person configured before what a link brought;
   * never one where we are guests.
   */
  own(address?: string): LinkRelay | undefined {
    const all = this.#hub.targets().filter(({ token }) => token === undefined || readRelayPass(token) === undefined)
    const own = address === undefined ? all : all.filter(({ url }) => url.href === address)
    const [first] = own.flatMap(({ url: { href }, token }) => {
      const verdict = parseInviteRelay(href, [href])
      return verdict.kind === 'ok' ? [{ url: verdict.url, token: token === undefined ? undefined : new Secret(token) }] : []
    })
    return first
  }

  /** Comes to the relay of an invite as its guest; what is in the way, or undefined. Where this node is already it stays as it is. */
  async visit(relay: LinkRelay): Promise<MeshError | undefined> {
    const former = this.#brought.get(relay.url)
    if (this.known().includes(relay.url) && !isPass(former?.token)) return undefined
    try {
      await this.#alone(() => this.#bring(relay, former, () => undefined))
      return undefined
    } catch (thrown) {
      if (thrown instanceof MeshError) return thrown
      throw thrown
    }
  }

  /** Comes to the relay of a group that this node is in, whether it answers now or later. Its host, if it was brought by the group. */
  async stay(relay: LinkRelay): Promise<string | undefined> {
    const former = this.#brought.get(relay.url)
    if (this.known().includes(relay.url) && former === undefined) return undefined
    if (former === undefined || !isSame(former, relay) || !this.known().includes(relay.url)) {
      await this.#hub.add(targetOf(relay))
      this.#onAdded()
    }
    this.#brought.set(relay.url, relay)
    return relayHostOf(relay.url)
  }

  /** Changes the group once the relay has taken us in. Throws, with nothing changed, when one of the two cannot be. */
  async over<T>(relay: LinkRelay | undefined, change: () => T): Promise<JoinedOver<T>> {
    if (relay === undefined) return { change: change(), newHost: undefined, toKeep: undefined }
    const former = this.#brought.get(relay.url)
    if (this.known().includes(relay.url) && (former === undefined || isSame(former, relay)))
      return { change: change(), newHost: undefined, toKeep: former }
    return this.#alone(() => this.#bring(relay, former, change))
  }

  /** Leaves the relays that links brought; tells their hosts. */
  async forget(): Promise<readonly string[]> {
    const urls = [...this.#brought.values()].map(({ url }) => url)
    this.#brought.clear()
    await Promise.all(urls.map((url) => this.#hub.remove(url)))
    return urls.map(relayHostOf)
  }

  async #alone<T>(join: () => Promise<T>): Promise<T> {
    if (this.#isBusy) throw new MeshError('limit-exceeded', 'another join over a relay is under way; try again. Nothing was changed')
    this.#isBusy = true
    try {
      return await join()
    } finally {
      this.#isBusy = false
    }
  }

  async #bring<T>(relay: LinkRelay, former: LinkRelay | undefined, change: () => T): Promise<JoinedOver<T>> {
    const attempt = await this.#hub.attempt(targetOf(relay), LIMITS.relayClient.joinMs)
    if (attempt.kind === 'failed') throw failure(relay, attempt)
    try {
      const done = change()
      this.#brought.set(relay.url, relay)
      this.#onAdded()
      return { change: done, newHost: relayHostOf(relay.url), toKeep: relay }
    } catch (thrown) {
      await (former ? this.#hub.add(targetOf(former)) : this.#hub.remove(relay.url))
      throw thrown
    }
  }
}

/** Plain `ws` to this machine is the person's own word; any other host must be public when it is dialed. */
export function targetOf({ url, token }: LinkRelay): RelayTarget {
  const parsed = parseRelayUrl(url)
  if (parsed.kind === 'refused') throw new MeshError('argument-invalid', `the relay of the link cannot be used: ${parsed.why}`)
  return { url: parsed.url, token: token?.reveal(), isForeign: !isLoopbackUrl(parsed.url) }
}

function isSame(a: LinkRelay, b: LinkRelay): boolean {
  return a.token === undefined || b.token === undefined ? a.token === b.token : a.token.equals(b.token)
}

/** Without the relay's own words: they are a stranger's. */
function failure({ url, token }: LinkRelay, { cause }: Extract<Attempt, { kind: 'failed' }>): MeshError {
  const why = cause === undefined ? NO_ANSWER : cause === 'token' && isPass(token) ? PASS_REFUSED : whyOf(cause, token !== undefined)
  return new MeshError('unreachable', `Nothing was changed: the relay ${relayHostOf(url)} ${why}`)
}

function isPass(token: Secret | undefined): boolean {
  return token !== undefined && readRelayPass(token.reveal()) !== undefined
}

const PASS_REFUSED =
  'does not take the pass of the invite: it has run out, the relay has another token by now, or it is of a kind that knows no passes. Ask for a new invite, or for the token of the relay (SYM_RELAY_URL, SYM_RELAY_TOKEN)'
const NO_ANSWER = 'could not be reached: it did not answer in time. Is it up, and is this the right address?'

function whyOf(cause: RelayCause, hasToken: boolean): string {
  switch (cause) {
    case 'token':
      return hasToken
        ? 'refuses the token of the link. Ask for a new link'
        : 'wants a token, and the link has none. Ask for a link that has it'
    case 'private':
      return 'is blocked: its name leads to a private address, and only a person may configure such a relay (SYM_RELAY_URL)'
    case 'dns':
      return 'could not be reached: its name cannot be resolved'
    case 'refused':
      return 'could not be reached: nothing listens there'
    case 'tls':
      return 'could not be reached safely: its TLS certificate is not accepted'
    case 'http':
      return 'could not be used: what answers there is no relay, or a proxy in between refuses the connection'
    case 'blocked':
      return 'could not be reached: a firewall, a proxy or the network is in the way'
    case 'timeout':
      return NO_ANSWER
    case 'refused-auth':
      return 'does not accept how this node authenticates'
    case 'id-taken':
    case 'duplicate':
    case 'replaced':
    case 'superseded':
      return 'has another connection under the id of this node'
    case 'busy':
      return 'is over a limit; try again later'
    case 'ended':
      return 'ended the connection before it took this node in'
    default:
      return assertNever(cause)
  }
}
