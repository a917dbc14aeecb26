/** What becomes of a relay connection that ended, and how it is told to a person: one cause, one sentence, one next step. */
import type { RandomBytes } from '../base/clock.ts'
import { assertNever } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { oneLine } from '../base/text.ts'
import type { RelayCause } from './relay-wire.ts'

export interface RelayHealth {
  readonly host: string
  readonly state: 'connecting' | 'in' | 'waiting' | 'stopped'
  /** Why it is not in, or was not the last time. */
  readonly cause: RelayCause | undefined
  /** The relay's own words to it. */
  readonly said: string
  readonly peers: number
  readonly takesMail: boolean
}

/** Causes that time does not heal: trying on would only annoy the relay, or fight with another holder of our id. */
export function isLasting(cause: RelayCause): boolean {
  return ['token', 'refused-auth', 'id-taken', 'duplicate', 'replaced', 'private'].includes(cause)
}

/** 1 s, doubling to 30 s, up to a tenth more by chance; long for a relay that takes us in and drops us again and again. */
export function retryDelayMs(cause: RelayCause, failures: number, random: RandomBytes): number {
  const { retryMs, retryMaxMs, breakAfter, brokenMs, supersededMs } = LIMITS.relayClient
  const doubled = Math.min(retryMaxMs, retryMs * 2 ** Math.min(20, failures - 1))
  const least = cause === 'superseded' ? supersededMs : failures > breakAfter && isFlap(cause) ? brokenMs : doubled
  return least * (1 + ((random(1)[0] ?? 0) / 255) * 0.1)
}

/** It answers, and throws us out: another cause than one that cannot be reached. */
function isFlap(cause: RelayCause): boolean {
  return cause === 'ended' || cause === 'busy' || cause === 'timeout'
}

/** For `sym_status`; undefined while all is well. */
export function problemOf({ host, state, cause, said }: RelayHealth): string | undefined {
  if (state === 'in' || cause === undefined) return undefined
  const words = said === '' ? '' : ` (${JSON.stringify(oneLine(said, 80))})`
  const next = state === 'stopped' ? '"sym-mesh-channel reconnect" tries it again' : 'It is tried again by itself'
  return `Relay ${host}: ${sentenceOf(cause)}${words}. ${next}.`
}

/** What comes after the name of the relay and a colon. */
export function sentenceOf(cause: RelayCause): string {
  switch (cause) {
    case 'dns':
      return 'its name cannot be resolved; check SYM_RELAY_URL and the network'
    case 'refused':
      return 'nothing listens there; check the port, or start the relay'
    case 'tls':
      return 'its TLS certificate is not accepted; it must be valid for this host name'
    case 'private':
      return 'its name leads to a private address, which only a person may configure; set SYM_RELAY_URL if you mean it'
    case 'http':
      return 'what answers there is no relay, or a proxy in between refuses the connection'
    case 'blocked':
      return 'it cannot be reached; a firewall, a proxy or the network is in the way'
    case 'timeout':
      return 'it does not answer'
    case 'token':
      return 'it refuses the token; check SYM_RELAY_TOKEN'
    case 'refused-auth':
      return 'it does not accept how this node authenticates'
    case 'id-taken':
      return 'another key owns the id of this node there; ask who runs it'
    case 'duplicate':
    case 'replaced':
      return 'another connection holds the id of this node'
    case 'superseded':
      return 'the key of this node is connected from elsewhere; one of the two should end'
    case 'busy':
      return 'it is over a limit'
    case 'ended':
      return 'the connection ended'
    default:
      return assertNever(cause)
  }
}
