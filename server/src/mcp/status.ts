/** `sym_status` on one screen: who this is, who is here, how words arrive, what waits, what is wrong and what to do. */
import { LIMITS } from '../base/limits.ts'
import { shortFingerprint } from '../identity/ids.ts'
import type { LoopView, StatusView } from '../mesh/views.ts'
import type { Attention } from './attention.ts'
import type { Door, PushState } from './door.ts'
import { formatTokens, nameOf } from './fence.ts'
import { countReasons } from './reasons.ts'
import type { Waker } from './waker.ts'

export interface StatusParts {
  readonly door: Door
  readonly waker: Waker
  readonly attention: () => Attention
  /** What stands behind the host's channel flag. */
  readonly channel: string
  readonly about: () => readonly string[]
}

export function describeStatus(status: StatusView, { door, waker, attention, channel, about }: StatusParts): string {
  const groups = status.groups.map(({ name, serviceType }) => `${name} (${serviceType})`).join(', ')
  const counters = door.counters()
  const wakes = waker.counters()
  const withheld = countReasons(door.reasons().values())
  const lines = [
    `This node: ${nameOf(status.name)}  ${shortFingerprint(status.fingerprint)}  ${status.nodeId}`,
    `Group: ${groups}`,
    `Peers: ${status.peersHere} here, ${status.peersKnown} known${status.peersHidden === 0 ? '' : `, ${status.peersHidden} more here in no list by their own wish`} (sym_peers)${status.peersHere === 0 ? NOBODY_HERE : ''}`,
    `Listening: ${status.listen.join(', ') || 'nowhere'}`,
    ...status.relays.map(describeRelay),
    `Arrivals reach this session by: ${describeWays(door.pushState(), wakes.isArmed, attention(), channel)}`,
    `Inbox: ${status.inbox.unread} unread of ${status.inbox.total}${describeMentions(status.inbox.mentions)}${describeQuiet(status.inbox.quiet)}; waiting to be shown: ${counters.waiting}${withheld === '' ? '' : `; not shown unasked: ${withheld}`}`,
    `Outbox: ${status.outbox.waiting} not yet received. Memory: ${status.memory.items} items`,
    `Budget left for peers' words: ${counters.itemsLeft} items, ${formatTokens(counters.tokensLeft)}, ${wakes.wakesLeft} wakes; ` +
      `since start: ${counters.shownItems} items, ${formatTokens(counters.shownTokens)}, ${wakes.wakes} wakes`,
    ...describeLoop(status.loop),
    ...about(),
    ...status.notes.map((note) => `Note: ${note}`),
    ...status.problems.map((problem) => `Problem: ${problem}`),
  ]
  return lines.join('\n')
}

/** `, 2 of them naming this session`; empty where there is none. */
export function describeMentions(count: number): string {
  return count === 0 ? '' : `, ${count} of them naming this session`
}

function describeQuiet(count: number): string {
  return count === 0 ? '' : `, ${count} of them found irrelevant and not shown unasked`
}

/** Only where there is something to say of it. */
function describeLoop({ lastHour, open }: LoopView): readonly string[] {
  const said = lastHour === 0 ? [] : [`Said without a word of the user: ${lastHour} of at most ${LIMITS.loop.sendsPerHour} this hour`]
  const pairs = open.map(
    ({ peer, fingerprint, reason, until }) =>
      `Loop breaker open for ${nameOf(peer)} (${shortFingerprint(fingerprint)}) until ${new Date(until).toISOString().slice(11, 16)}Z: ${reason}. A typed prompt closes it here`,
  )
  return [...said, ...pairs]
}

/** What is wrong with it stands among the problems, with its cause. */
function describeRelay({ host, state, peers, takesMail }: StatusView['relays'][number]): string {
  if (state !== 'in') return `Relay: ${host}, ${state === 'stopped' ? 'given up' : 'not connected yet'}`
  return `Relay: ${host}, connected, ${peers} others there${takesMail ? '' : '; it keeps no mail for those who are away'}`
}

const NOBODY_HERE =
  '. Others appear by themselves when they are in the same group on this machine or network; where a network keeps multicast from passing, name one by SYM_PEERS=host:port'

const FLAG = '--dangerously-load-development-channels'
const HOOKS = 'hooks (next prompt, next tool use, end of turn) and mesh tool results'

function describeWays({ isProven, hint }: PushState, isArmed: boolean, { mode, isDoNotDisturb }: Attention, channel: string): string {
  if (mode !== 'push') return `nothing but sym_inbox, since mode is ${mode}`
  if (isDoNotDisturb) return 'nothing but sym_inbox, since do not disturb is on'
  if (isProven) return `channel push (proven in this session); also ${HOOKS}`
  const wake = isArmed ? '; a background hook wakes an idle session' : ''
  if (hint === true)
    return `${HOOKS}${wake}. The channel flag is set, but no push is proven to have arrived yet: it is once a pushed id is named in sym_fetch`
  const why = hint === false ? 'Claude Code was started without the channel flag' : 'nothing has shown yet that a push arrives'
  return `${HOOKS}${wake}. Channel push is not live: ${why}. To have it: claude ${FLAG} ${channel}`
}
