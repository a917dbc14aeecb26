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
import { explainRule } from '../mmp/invite-link.ts'
import { parseRelayUrl, relayHostOf } from '../mmp/relay-url.ts'
import { explainInvite, readInvite } from '../secure/invite.ts'
import type { RelayJoin } from '../transport/relay-join.ts'

export interface PrivateToolsDeps {
  readonly node: MeshNode
  readonly clock: Clock
  readonly random: RandomBytes
  readonly relays: RelayJoin
}

/** A tool call is waited for; the sessions go on trying after it. */
const ANSWER_MS = 20_000

/** Over the relay that this node is at, if there is one; `asked`: the user named it. */
export async function inviteInto({ node, clock, random, relays }: PrivateToolsDeps, group: string, asked?: string): Promise<MadeInvite> {
  const relay = relays.own(asked === undefined ? undefined : addressOf(asked, relays))
  if (asked !== undefined && relay === undefined)
    throw invalid(
      'this node is not at that relay, so it could let nobody in there; the user sets it first (SYM_RELAY_URL), and the token there too. No link was made',
    )
  const { shelf, userKey } = node.privateHome
  const maker = { shelf, user: await userKey(), now: clock.now(), random }
  return makeInvite(maker, group, { uses: 1, lifeMs: LIMITS.privateGroup.inviteMs, relay })
}

export function describeMade({ link, group, isNew, relay }: MadeInvite): string {
  return [
    link,
    `Invite to the private group ${group}${isNew ? ', made now' : ''}: for one person, within 24 hours. Whoever has the link first is let in, so it belongs on a way that only its reader reads. ` +
      `${relay === undefined ? 'It reaches this machine and network; no relay is set here.' : `It names the relay ${relayHostOf(relay)}, with a pass that ends with the invite; the token of the relay is given to who was let in.`} ` +
      'Who gets it types /mesh-join and the link, while a session of this user is up. In a shell: sym-mesh-channel invites, revoke, members, remove.',
  ].join('\n')
}

/** `line`: what the user has to type first; undefined when it was typed. */
export function explainPrivate({ clock, relays }: PrivateToolsDeps, payload: Secret, line: string | undefined): string {
  const verdict = readInvite(payload, clock.now(), relays.known())
  if (verdict.kind === 'refused')
    return `This invite to a private group cannot be used: ${explainInvite(verdict.rule)}. Nothing was changed.`
  return `Invite to a private group, read; nothing was changed.\n${previewOf(verdict.invite)}\n${line === undefined ? 'To join, once the user has said yes: sym_join_group with this link' : `To join, the user types:\n${line}`}`
}

/** Takes the invite and waits a little for the one who made it. The value of the group to switch to. */
export async function comeIn({ node, clock, relays }: PrivateToolsDeps, payload: Secret): Promise<GroupName> {
  const verdict = readInvite(payload, clock.now(), relays.known())
  if (verdict.kind === 'refused')
    throw new MeshError('argument-invalid', `this invite cannot be used: ${explainInvite(verdict.rule)}. Nothing was changed`)
  const { shelf } = node.privateHome
  const { relay, pass } = verdict.invite
  // On the same network it works without the relay too, so what is in its way ends nothing.
  const obstacle = relay === undefined ? undefined : await relays.visit({ url: relay, token: pass })
  return untilIn(shelf, await takeInvite(shelf, verdict.invite, clock.now()), clock, { waitMs: ANSWER_MS, obstacle })
}

function addressOf(text: string, relays: RelayJoin): string {
  const verdict = parseRelayUrl(text, relays.known(), true)
  if (verdict.kind === 'ok') return verdict.url
  throw invalid(`no link was made: ${explainRule(verdict.rule).replace('its', 'the')}`)
}

const invalid = (text: string): MeshError => new MeshError('argument-invalid', text)
