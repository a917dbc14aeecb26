/** `sym_status` on one screen: who this is, who is here, how words arrive, what waits, what is wrong and what to do. */
import { shortFingerprint } from '../identity/ids.ts'
import type { StatusView } from '../mesh/views.ts'
import type { Door, PushState } from './door.ts'
import { formatTokens, nameOf } from './fence.ts'

export function describeStatus(status: StatusView, door: Door, mode: Mode, about: readonly string[]): string {
  const groups = status.groups.map(({ name, serviceType }) => `${name} (${serviceType})`).join(', ')
  const counters = door.counters()
  const lines = [
    `This node: ${nameOf(status.name)}  ${shortFingerprint(status.fingerprint)}  ${status.nodeId}`,
    `Group: ${groups}`,
    `Peers: ${status.peersHere} here, ${status.peersKnown} known (sym_peers)${status.peersHere === 0 ? NOBODY_HERE : ''}`,
    `Listening: ${status.listen.join(', ') || 'nowhere'}`,
    `Arrivals reach this session by: ${describeWays(door.pushState(), mode)}`,
    `Inbox: ${status.inbox.unread} unread of ${status.inbox.total}; waiting to be shown: ${counters.waiting}`,
    `Outbox: ${status.outbox.waiting} not yet received. Memory: ${status.memory.items} items`,
    `Budget left for peers' words: ${counters.itemsLeft} items, ${formatTokens(counters.tokensLeft)}; shown since start: ${counters.shownItems} items, ${formatTokens(counters.shownTokens)}`,
    ...about,
    ...status.problems.map((problem) => `Problem: ${problem}`),
  ]
  return lines.join('\n')
}

/** `inbox`: nothing of peers is shown unasked. */
export type Mode = 'push' | 'inbox'

const NOBODY_HERE =
  '. Others appear by themselves when they are in the same group on this machine or network; where a network keeps multicast from passing, name one by SYM_PEERS=host:port'

const FLAG = '--dangerously-load-development-channels plugin:sym-mesh-channel@sym-mesh-channel'

function describeWays({ isProven, hint }: PushState, mode: Mode): string {
  if (mode === 'inbox') return 'nothing but sym_inbox, since mode is inbox'
  const hooks = 'hooks (next prompt, next tool use, end of turn) and mesh tool results'
  if (isProven) return `channel push (proven in this session); also ${hooks}`
  if (hint === true)
    return `${hooks}. The channel flag is set, but no push is proven to have arrived yet: it is once a pushed id is named in sym_fetch`
  const why = hint === false ? 'Claude Code was started without the channel flag' : 'nothing has shown yet that a push arrives'
  return `${hooks}. Channel push is not live: ${why}. To have it: claude ${FLAG}`
}

/** One word for peers: how a message would reach this session's Claude. */
export function reachOf({ isProven }: PushState, hasHooks: boolean, mode: Mode): string {
  if (mode === 'inbox') return 'inbox-only'
  if (isProven) return 'push'
  return hasHooks ? 'next-hook' : 'tool-result'
}
