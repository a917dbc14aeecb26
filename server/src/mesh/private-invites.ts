/** What a person does with invites to private groups, for the command line and for a typed slash command alike. */
import type { Clock, RandomBytes } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { oneLine } from '../base/text.ts'
import { shortFingerprint } from '../identity/ids.ts'
import type { UserKey } from '../identity/user-key.ts'
import { type GroupName, parseGroupName } from '../mmp/group.ts'
import { type RelayUrl, relayHostOf } from '../mmp/relay-url.ts'
import type { Invite } from '../secure/invite.ts'
import type { LinkRelay } from '../transport/relay-join.ts'
import { addInvite, type GroupContent, groupValueOf, isMemberNow, joiningOf, newGroup } from './group-file.ts'
import { relayOfContent } from './group-relays.ts'
import { findGroup, type GroupShelf, type ShelfEntry } from './group-shelf.ts'
import { describeRefusal } from './private-groups.ts'

export interface MadeInvite {
  readonly link: string
  readonly group: GroupName
  /** The group was made for it. */
  readonly isNew: boolean
  readonly relay: RelayUrl | undefined
}

export interface InviteTerms {
  readonly uses: number
  readonly lifeMs: number
  /** By which the group is reached from other networks, else that of the invite before. The link has a pass for it, never its token. */
  readonly relay: LinkRelay | 'none' | undefined
}

export interface InviteMaker {
  readonly shelf: GroupShelf
  readonly user: UserKey
  readonly now: number
  readonly random: RandomBytes
}

/** The group of this person's that the text means, by value or label; undefined where there is none yet. */
export function ownGroup(shelf: GroupShelf, text: string): GroupContent | undefined {
  const found = findGroup(shelf.read().groups, text).filter(({ content }) => content.owner)
  if (found.length > 1) throw severalGroups(text, found)
  return found[0]?.content
}

/** The private group of this user that a name means, whose open namesake has to be meant by its link; undefined where there is none. */
export function groupNamed(shelf: GroupShelf, text: string): GroupName | undefined {
  // Leads back, whatever somebody called a private group.
  if (text === 'default') return undefined
  const [entry, ...more] = findGroup(shelf.read().groups, text)
  if (entry && more.length > 0) throw severalGroups(text, [entry, ...more])
  return entry && groupValueOf(entry.content)
}

/** Makes the group if it is not there, and an invite to it. */
export async function makeInvite({ shelf, user, now, random }: InviteMaker, text: string, terms: InviteTerms): Promise<MadeInvite> {
  const known = ownGroup(shelf, text)
  const content = known ?? newGroup(demandLabel(text), user, now, random)
  await shelf.put(content, (before) => before)
  const group = groupValueOf(content)
  const [entry] = findGroup(shelf.read().groups, group)
  if (!entry) throw new MeshError('store-unreadable', `the file of ${group} cannot be read; see sym_status`)
  const made: { link?: string } = {}
  const relay = terms.relay === 'none' ? undefined : (terms.relay ?? relayOfContent(known))
  await entry.change((before) => {
    const { link, content: next } = addInvite(before, { ...terms, relay }, user, now, random)
    made.link = link
    return next
  })
  if (made.link === undefined) throw new MeshError('internal', 'no invite was made')
  return { link: made.link, group, isNew: known === undefined, relay: relay?.url }
}

/** From now on every session of this person looks for the inviter. The value of the group; it may be a member already. */
export async function takeInvite(shelf: GroupShelf, invite: Invite, now: number): Promise<GroupName> {
  const coming = joiningOf(invite)
  const content = await shelf.put(coming, (known) => (isMemberNow(known, now) ? known : coming))
  if (content.groupId === coming.groupId) return groupValueOf(content)
  throw new MeshError('argument-invalid', 'Another group has an id that begins alike. Nothing was changed')
}

/**
 * Resolves when we are in; rejects with the sentence of a refusal, or after the time with what happens next. `obstacle`:
 * why the relay of the invite could not be used.
 */
export function untilIn(
  shelf: GroupShelf,
  group: GroupName,
  clock: Pick<Clock, 'now' | 'after'>,
  { waitMs, obstacle }: { readonly waitMs: number; readonly obstacle?: MeshError | undefined },
): Promise<GroupName> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void): void => {
      timer.cancel()
      unwatch()
      act()
    }
    const look = (): void => {
      const content = findGroup(shelf.read().groups, group)[0]?.content
      const refusal = content?.refusal
      if (content && isMemberNow(content, clock.now())) end(() => resolve(group))
      else if (refusal !== undefined) end(() => reject(invalid(`You are not in: ${describeRefusal(refusal)}`)))
    }
    const unwatch = shelf.watch(look)
    const timer = clock.after(waitMs, () => end(() => reject(invalid(notIn(obstacle)))))
    look()
  })
}

function notIn(obstacle: MeshError | undefined): string {
  const where = obstacle === undefined ? 'on this network or at the relay of the invite' : 'on this network'
  const relay = obstacle === undefined ? '' : ` ${obstacle.message.replace(/^Nothing was changed: t/, 'T')}.`
  return `You are not in yet: the one who invited you is not here, which means ${where}, with a session of Claude Code running.${relay} The invite was kept, and is tried while a session of yours runs; do the same again then`
}

/** What a person should look at before saying yes. */
export function previewOf({ label, inviter, relay, expiresAt }: Invite): string {
  return [
    `Private group  ${label}`,
    `Invited by     a person with the key ${shortFingerprint(inviter)}; ask over another way whether that is who you think`,
    `Good until     ${new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    `Reached        ${relay === undefined ? 'on this machine and network' : `by the relay ${relayHostOf(relay)}, which this node connects to, and on this network`}`,
    'Members read what these sessions send to the group, and write to them. Its owner can take members out.',
  ].join('\n')
}

export function severalGroups(text: string, found: readonly ShelfEntry[]): MeshError {
  return invalid(`${oneLine(text, 80)} is several; say which: ${found.map(({ content }) => groupValueOf(content)).join(', ')}`)
}

function demandLabel(text: string): GroupName {
  const label = parseGroupName(text)
  const { labelCharacters } = LIMITS.privateGroup
  if (label && label.length <= labelCharacters) return label
  throw invalid(
    `${JSON.stringify(oneLine(text, 80))} is no name for a private group: lowercase letters, digits and single dashes, at most ${labelCharacters} characters`,
  )
}

const invalid = (text: string): MeshError => new MeshError('argument-invalid', text)
