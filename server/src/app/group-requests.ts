/** What the command line may ask about groups: the person at it has typed the wish, so no rule of typing stands here. */
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { Secret } from '../base/secret.ts'
import { type KeepPlan, keepGroup } from '../install/keep.ts'
import type { LocalHandlers } from '../local/calls.ts'
import { forgetGroupRelays, relayOfGroup } from '../mesh/group-relays.ts'
import type { MeshNode } from '../mesh/node.ts'
import { type GroupName, isPrivateValue, parseGroupValue } from '../mmp/group.ts'
import { explainRule, isToken } from '../mmp/invite-link.ts'
import { parseRelayUrl } from '../mmp/relay-url.ts'
import type { LinkRelay, RelayJoin } from '../transport/relay-join.ts'
import { handler } from './handler.ts'
import { forgetKeptRelay, keepRelay } from './kept-relay.ts'
import type { Settings } from './settings.ts'

const name = z.string().min(1).max(LIMITS.group.nameCharacters)
const joinRequest = z.strictObject({
  group: name,
  keep: z.boolean().optional(),
  ephemeral: z.boolean().optional(),
  relay: z.strictObject({ url: z.string().max(LIMITS.invite.relayCharacters), token: z.string().optional() }).optional(),
})
const relayAddress = z.string().max(LIMITS.invite.relayCharacters)
const ownRelayRequest = z.strictObject({ url: relayAddress.optional() })
const visitRequest = z.strictObject({ relay: z.strictObject({ url: relayAddress, token: z.string().optional() }) })
const pingRequest = z.strictObject({ group: name.optional() })
const leaveRequest = z.strictObject({ group: name })

export interface GroupRequestsDeps {
  readonly node: MeshNode
  readonly relays: RelayJoin
  readonly settings: Settings
  readonly plan: () => KeepPlan
}

export function createGroupRequests({ node, relays, settings, plan }: GroupRequestsDeps): LocalHandlers {
  const after = (): object => ({ groups: node.joinedGroups() })
  const waiting = (left: readonly GroupName[]): object => ({ waiting: left.reduce((sum, group) => sum + node.waitingIn(group), 0) })
  return {
    nearby: () => node.findGroups(),
    ping: handler(pingRequest, async ({ group = node.joinedGroups()[0] }) => ({ group, answers: await node.ping(group) })),
    join: handler(joinRequest, async ({ group, keep = false, ephemeral = false, relay }) => {
      const wanted = demandGroup(group)
      if (isPrivateValue(wanted)) await node.lookAtPrivateGroups()
      const own = relayOfGroup(node.privateHome.shelf, wanted)
      const stayHost = own && (await relays.stay(own))
      const {
        change,
        newHost = stayHost,
        toKeep,
      } = await relays.over(relay && demandRelay(relay, relays), () => node.joinGroup(wanted, { keep }))
      const { joined, left } = change
      const lasting = keep || ephemeral ? { kept: 'session' } : keptWith(settings, toKeep, plan(), wanted)
      return { ...after(), joined, left, ...waiting(left), ...(newHost === undefined ? {} : { relay: newHost }), ...lasting }
    }),
    'forget-relay': async () => {
      const hosts = await relays.forget()
      const wasOfGroup = await forgetGroupRelays(node.privateHome.shelf)
      return { hosts, wasKept: forgetKeptRelay(settings.root.value) || wasOfGroup }
    },
    /** For an invite that the command line makes: with its token, over the private socket. */
    'own-relay': handler(ownRelayRequest, ({ url }) => {
      const relay = relays.own(url)
      return relay === undefined ? null : { url: relay.url, ...(relay.token === undefined ? {} : { token: relay.token.reveal() }) }
    }),
    'known-relays': () => relays.known(),
    /** Comes to the relay of an invite, before it is known who is there; null, or what is in the way. */
    'visit-relay': handler(visitRequest, async ({ relay }) => (await relays.visit(demandRelay(relay, relays)))?.message ?? null),
    leave: handler(leaveRequest, ({ group }) => {
      const [before] = node.joinedGroups()
      const { left, groups } = node.leaveGroup(demandGroup(group))
      return { ...after(), joined: [], left, ...waiting(left), ...(before === groups[0] ? { kept: 'session' } : kept(plan(), groups[0])) }
    }),
  }
}

/** A group without its relay would be a group with nobody in it: both are kept, or none. */
function keptWith(settings: Settings, relay: LinkRelay | undefined, plan: KeepPlan, group: GroupName): object {
  const problem = relay === undefined || plan.kind === 'fixed' ? undefined : keepRelay(settings, relay)
  return problem === undefined ? kept(plan, group) : { kept: 'session', problem }
}

function demandRelay({ url, token }: { readonly url: string; readonly token?: string | undefined }, relays: RelayJoin): LinkRelay {
  const verdict = parseRelayUrl(url, relays.known(), true)
  if (verdict.kind === 'refused') throw new MeshError('argument-invalid', `Nothing was changed: ${explainRule(verdict.rule)}`)
  if (token !== undefined && !isToken(token)) throw new MeshError('argument-invalid', `Nothing was changed: ${explainRule('link-token')}`)
  return { url: verdict.url, token: token === undefined ? undefined : new Secret(token) }
}

/** Our own file is written here; a file of the host is for the asker to write. */
function kept(plan: KeepPlan, group: GroupName): object {
  if (plan.kind === 'fixed') return { kept: 'session', why: plan.source }
  if (plan.kind !== 'own') return { kept: 'asked', target: plan }
  const problem = keepGroup(plan, group)
  return problem === undefined ? { kept: 'written', file: plan.file } : { kept: 'session', problem }
}

function demandGroup(text: string): GroupName {
  const group = parseGroupValue(text)
  if (group) return group
  throw new MeshError(
    'argument-invalid',
    `${JSON.stringify(text.slice(0, 80))} is no group name. Use lowercase letters, digits and single dashes, like backend-team`,
  )
}
