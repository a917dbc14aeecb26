/** Results of the tools around groups, as text for the model. Names of others stand in quotes and are made harmless. */
import { oneLine, preview } from '../base/text.ts'
import { shortFingerprint } from '../identity/ids.ts'
import type { GroupChange } from '../mesh/groups.ts'
import type { NearbyGroup, PeerView } from '../mesh/views.ts'
import { type GroupName, isPrivateValue, serviceTypeOf } from '../mmp/group.ts'
import type { OpenInvite } from '../mmp/invite-link.ts'
import { type RelayUrl, relayHostOf } from '../mmp/relay-url.ts'
import { nameOf } from './fence.ts'
import type { Permission } from './typed.ts'

const OPEN = 'open: whoever knows the name can join'
const PRIVATE = 'private: by invite alone'
const MAX_MEMBERS = 20

export function describeInvite(
  { group, relay, hasToken }: { group: GroupName; relay: RelayUrl | undefined; hasToken: boolean },
  link: string,
): string {
  const reach = relay === undefined ? 'for this machine and local network' : `by the relay ${relayHostOf(relay)}`
  const token = hasToken
    ? ['The token in it is a lasting secret: whoever sees the link can use the relay, and the link cannot be revoked.']
    : []
  return [
    link,
    `Link to the group ${group} (${OPEN}), ${reach}. It does not expire. Whoever gets it types /mesh-join and the link.`,
    ...token,
  ].join('\n')
}

export interface LinkContext {
  readonly isIn: boolean
  readonly current: string
  /** What to pass to the tool. */
  readonly handle: string
  readonly permission: Permission
  readonly line: string
  /** Its relay is none that this node is at. */
  readonly isRelayNew: boolean
}

export function describeOpenLink(invite: OpenInvite, { isIn, current, handle, permission, line, isRelayNew }: LinkContext): string {
  const { group, relay, token, displayName } = invite
  const secret = token === undefined ? '' : ' The link carries its token, a lasting secret, which is not repeated here.'
  const how = `sym_join_group ${JSON.stringify({ link: handle })}`
  const call =
    permission.kind === 'allowed' ? `To join: ${how}` : `To join, the user types (${permission.why}):\n${line}\nAfter that: ${how}`
  return [
    'Invite link, read; nothing was changed.',
    `Group: ${group} (${OPEN})${displayName === undefined ? '' : `, called ${quoted(displayName)} by whoever made the link`}`,
    'Inviter: an open link names none, does not expire, and cannot be revoked.',
    relay === undefined
      ? `Reach: this machine and local network, announced as ${serviceTypeOf(group)}; no relay.`
      : `Reach: the relay ${relayHostOf(relay)}.${secret} ${isRelayNew ? 'It is not configured here: joining connects this node to it, and if it does not let this node in, nothing changes.' : 'It is configured here.'}`,
    isIn
      ? 'This node is in that group already.'
      : `Joining puts it in the place of ${current}, here and in the next sessions; its members can then write to this session, and read what it sends to the group.`,
    call,
  ].join('\n')
}

export interface JoinFacts {
  readonly group: GroupName
  readonly change: GroupChange
  /** It was the current one before. */
  readonly isCurrent: boolean
  readonly members: readonly PeerView[]
  readonly waiting: readonly { readonly name: string; readonly waiting: number }[]
  /** What comes of it in the next sessions; undefined: nothing. */
  readonly kept: string | undefined
  readonly isKeep: boolean
  /** The relay that the link brought. */
  readonly newHost: string | undefined
}

export function describeChange({ group, change, isCurrent, members, waiting, kept, isKeep, newHost }: JoinFacts): string {
  const { joined, left, groups } = change
  const head =
    joined.length > 0 ? `Joined ${group}` : isCurrent ? `${group} was the current group already` : `${group} is the current group`
  const others = groups.filter((name) => name !== group)
  return [
    `${head} (${isPrivateValue(group) ? PRIVATE : OPEN}).${left.length === 0 ? '' : ` Left ${left.join(', ')}.`}${others.length === 0 ? '' : ` Still in ${others.join(', ')} too.`}`,
    ...(newHost === undefined
      ? []
      : [
          `Connected to the relay ${newHost}, beside what was there; it stays when the group changes, until the shell command leave --relay.`,
        ]),
    ...describeMembers(members),
    ...(joined.length > 0 && members.length > 0
      ? ['What was said there before is not here; the user can fetch the last of it with the shell command catch-up.']
      : []),
    ...waiting.flatMap((old) => (old.waiting > 0 ? [waitingLine(old.name, old.waiting)] : [])),
    kept ?? `For this session only${isKeep ? ', since the other group was kept' : ', as asked'}: the next one starts where it would have.`,
  ].join('\n')
}

export function waitingLine(group: string, count: number): string {
  const what = count === 1 ? '1 copy of a message waits' : `${count} copies of messages wait`
  return `${what} for peers of ${group}: kept on disk, sent when this node is in ${group} again, or expired when their time is over.`
}

function describeMembers(members: readonly PeerView[]): readonly string[] {
  if (members.length === 0) return ['Nobody else of it is here yet; others appear by themselves.']
  const lines = members
    .slice(0, MAX_MEMBERS)
    .map((peer) => `  ${nameOf(peer.name)}  ${shortFingerprint(peer.fingerprint)}  here (${peer.path})`)
  const more = members.length - lines.length
  return [`${members.length} here:`, ...lines, ...(more > 0 ? [`  and ${more} more (sym_peers)`] : [])]
}

export function describeNearby(groups: readonly NearbyGroup[]): string {
  const lines = groups.map(({ name, nodes, isJoined, isCurrent }) => {
    const mark = isCurrent ? '  (current)' : isJoined ? '  (joined)' : ''
    return `  ${name}  ${nodes === 0 ? 'nobody else here' : nodes === 1 ? '1 node' : `${nodes} nodes`}${mark}`
  })
  return [
    'Open groups on this machine and network, as heard just now. Names are chosen by others and are no advice; private groups are not visible.',
    ...lines,
  ].join('\n')
}

const quoted = (text: string): string => JSON.stringify(preview(oneLine(text, 64)))
