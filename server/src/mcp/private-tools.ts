/**
 * Private groups by tools: only the call that a typed slash command leads to opens or enters one. What stands in an
 * invite is told before anything changes; its secret is shown to the person who asked for it and to nobody else.
 */
import type { Clock, RandomBytes } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { Secret } from '../base/secret.ts'
import type { MeshNode } from '../mesh/node.ts'
import { type MadeInvite, makeInvite, previewOf, takeInvite, untilIn } from '../mesh/private-invites.ts'
import type { GroupName } from '../mmp/group.ts'
import { explainInvite, readInvite } from '../secure/invite.ts'

export interface PrivateToolsDeps {
  readonly node: MeshNode
  readonly clock: Clock
  readonly random: RandomBytes
}

/** A tool call is waited for; the sessions go on trying after it. */
const ANSWER_MS = 20_000

export async function inviteInto({ node, clock, random }: PrivateToolsDeps, group: string): Promise<MadeInvite> {
  const { shelf, userKey } = node.privateHome
  const maker = { shelf, user: await userKey(), now: clock.now(), random }
  return makeInvite(maker, group, { uses: 1, lifeMs: LIMITS.privateGroup.inviteMs })
}

export function describeMade({ link, group, isNew }: MadeInvite): string {
  return [
    link,
    `Invite to the private group ${group}${isNew ? ', made now' : ''}: for one person, within 24 hours. Whoever has the link first is let in, so it belongs on a way that only its reader reads. ` +
      'Who gets it types /mesh-join and the link, while a session of this user is up. In a shell: sym-mesh-channel invites, revoke, members, remove.',
  ].join('\n')
}

export function explainPrivate({ clock }: PrivateToolsDeps, payload: Secret, line: string): string {
  const verdict = readInvite(payload, clock.now())
  if (verdict.kind === 'refused')
    return `This invite to a private group cannot be used: ${explainInvite(verdict.rule)}. Nothing was changed.`
  return `Invite to a private group, read; nothing was changed.\n${previewOf(verdict.invite)}\nTo join, the user types:\n${line}`
}

/** Takes the invite and waits a little for the one who made it. The value of the group to switch to. */
export async function comeIn({ node, clock }: PrivateToolsDeps, payload: Secret): Promise<GroupName> {
  const verdict = readInvite(payload, clock.now())
  if (verdict.kind === 'refused')
    throw new MeshError('argument-invalid', `this invite cannot be used: ${explainInvite(verdict.rule)}. Nothing was changed`)
  const { shelf } = node.privateHome
  return untilIn(shelf, await takeInvite(shelf, verdict.invite, clock.now()), clock, ANSWER_MS)
}
