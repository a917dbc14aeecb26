/**
 * The relays by which private groups are reached. They stand in the files of the groups, not in settings: a session that
 * starts in such a group, or while an invite waits, comes to its relay, beside what was configured.
 */
import { Secret } from '../base/secret.ts'
import { isPrivateValue } from '../mmp/group.ts'
import { parseRelayUrl } from '../mmp/relay-url.ts'
import type { LinkRelay } from '../transport/relay-join.ts'
import { type GroupContent, type GroupRelay, groupValueOf, isJoining, isMemberNow } from './group-file.ts'
import type { GroupShelf } from './group-shelf.ts'

/** Of the group that this session starts in, and of groups that an invite is open for. */
export function relaysAtStart(shelf: GroupShelf, group: string, now: number): readonly LinkRelay[] {
  return shelf.read().groups.flatMap(({ content }) => {
    if (isJoining(content, now)) return linkRelaysOf(content.joining?.relay)
    return groupValueOf(content) === group && isMemberNow(content, now) ? linkRelaysOf(content.relay) : []
  })
}

/** The relay of this group, which may be none of ours. */
export function relayOfGroup(shelf: GroupShelf, group: string): LinkRelay | undefined {
  return isPrivateValue(group)
    ? relayOfContent(shelf.read().groups.find(({ content }) => groupValueOf(content) === group)?.content)
    : undefined
}

export function relayOfContent(content: GroupContent | undefined): LinkRelay | undefined {
  return linkRelaysOf(content?.relay)[0]
}

/** `leave --relay`: no group leads back to its relay. True when one did. */
export async function forgetGroupRelays(shelf: GroupShelf): Promise<boolean> {
  const found = shelf.read().groups.filter(({ content }) => content.relay !== undefined || content.joining?.relay !== undefined)
  await Promise.all(found.map((entry) => entry.change(withoutRelay)))
  return found.length > 0
}

function withoutRelay({ relay: _, joining, ...content }: GroupContent): GroupContent {
  if (joining === undefined) return content
  const { relay: __, ...rest } = joining
  return { ...content, joining: rest }
}

/** The address was agreed to by a person when it came into the file. */
function linkRelaysOf(relay: GroupRelay | undefined): readonly LinkRelay[] {
  const verdict = relay && parseRelayUrl(relay.url, [relay.url])
  if (relay === undefined || verdict?.kind !== 'ok') return []
  return [{ url: verdict.url, token: relay.token === undefined ? undefined : new Secret(relay.token) }]
}
