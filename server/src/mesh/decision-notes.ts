/**
 * What the account of events says of a change in the files around groups and trust: from the content before and after,
 * whoever made it, in whichever process. Ids, keys and numbers; no name that somebody gave, no secret.
 */
import type { Fingerprint } from '../identity/ids.ts'
import type { AuditFacts } from '../store/audit-log.ts'
import { type GroupContent, groupValueOf, listOf } from './group-file.ts'
import type { TrustContent } from './trust-file.ts'

export interface Note {
  readonly what: string
  readonly facts: AuditFacts
}

/** `before` undefined: the group is new here. */
export function groupNotes(before: GroupContent | undefined, after: GroupContent): readonly Note[] {
  const group = groupValueOf(after)
  const note = (what: string, facts: AuditFacts = {}): Note => ({ what, facts: { group, ...facts } })
  const [was, is] = [before && listOf(before), listOf(after)]
  const isIn = after.certificate !== undefined && !after.removed
  const wasIn = before?.certificate !== undefined && !before.removed
  return [
    ...(isIn && !wasIn ? [note('private-joined', { isOwner: Number(after.owner !== undefined) })] : []),
    ...(isIn && wasIn && before.certificate !== after.certificate ? [note('private-renewed')] : []),
    ...(after.removed && !before?.removed ? [note('private-removed')] : []),
    ...(after.refusal !== undefined && after.refusal !== before?.refusal ? [note('private-refused', { reason: after.refusal })] : []),
    ...(is && was && is.epoch > was.epoch
      ? [note('private-epoch', { epoch: is.epoch, removed: is.serials.length - was.serials.length })]
      : []),
    ...(after.relay?.url !== before?.relay?.url ? [note('private-relay', { host: hostOf(after.relay?.url) })] : []),
    ...inviteNotes(before, after, note),
  ]
}

type MakeNote = (what: string, facts: AuditFacts) => Note

function inviteNotes(before: GroupContent | undefined, after: GroupContent, note: MakeNote): readonly Note[] {
  return (after.owner?.invites ?? []).flatMap((one) => {
    const was = before?.owner?.invites.find(({ id }) => id === one.id)
    const news = one.redeemed.filter(({ user }) => !was?.redeemed.some((known) => known.user === user))
    return [
      ...(was === undefined ? [note('invite-made', { invite: one.id, uses: one.uses })] : []),
      ...(one.revoked && !was?.revoked ? [note('invite-revoked', { invite: one.id })] : []),
      ...news.map(({ user }) => note('invite-redeemed', { invite: one.id, user })),
    ]
  })
}

export function trustNotes(before: TrustContent, after: TrustContent): readonly Note[] {
  const keys = new Set([...Object.keys(before.keys), ...Object.keys(after.keys)]) as Set<Fingerprint>
  const decisions = [...keys].flatMap((key) => {
    const [was, is] = [before.keys[key], after.keys[key]]
    const admitted = Object.keys(is?.admitted ?? {}).filter(
      (group) => JSON.stringify(was?.admitted?.[group]) !== JSON.stringify(is?.admitted?.[group]),
    )
    return [
      ...(was?.trust === is?.trust ? [] : [{ what: 'trust', facts: { key, decision: is?.trust ?? 'none' } }]),
      ...admitted.map((group) => ({ what: 'trust', facts: { key, decision: 'admitted', group } })),
      ...(was?.petname === is?.petname ? [] : [{ what: 'petname', facts: { key } }]),
    ]
  })
  const groups = [...new Set([...Object.keys(before.groups), ...Object.keys(after.groups)])]
  const policies = groups.filter((group) => JSON.stringify(before.groups[group]) !== JSON.stringify(after.groups[group]))
  return [
    ...decisions,
    ...policies.map((group) => ({
      what: 'group-policy',
      facts: { group, floor: after.groups[group]?.floor ?? 'member', share: shareOf(after, group) },
    })),
  ]
}

function shareOf({ groups }: TrustContent, group: string): string {
  const share = groups[group]?.share
  if (share === undefined) return 'usual'
  return (
    [share.folder ? 'folder' : '', share.branch ? 'branch' : '', share.files ? 'files' : ''].filter((word) => word !== '').join(' ') ||
    'nothing'
  )
}

function hostOf(url: string | undefined): string {
  return url === undefined || !URL.canParse(url) ? 'none' : new URL(url).host
}
