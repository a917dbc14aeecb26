/**
 * Private groups from the command line. What is decided goes into the file of the group, which every session watches; a
 * person decides, by typing it, and what lets somebody in or takes somebody out is asked at a terminal.
 */
import * as z from 'zod'
import { systemRandom } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { Secret } from '../base/secret.ts'
import { oneLine } from '../base/text.ts'
import { type Fingerprint, shortFingerprint } from '../identity/ids.ts'
import { type GroupContent, groupValueOf, isOpen, membersOf, ownerOf, removeMember, revokeInvite } from '../mesh/group-file.ts'
import { findGroup, type ShelfEntry } from '../mesh/group-shelf.ts'
import { type MadeInvite, makeInvite, ownGroup, previewOf, severalGroups, takeInvite, untilIn } from '../mesh/private-invites.ts'
import type { GroupName } from '../mmp/group.ts'
import { explainRule } from '../mmp/invite-link.ts'
import { parseRelayUrl, type RelayUrl } from '../mmp/relay-url.ts'
import { via } from '../mmp/wire.ts'
import { explainInvite, type Invite, type InviteVerdict, readInvite } from '../secure/invite.ts'
import type { LinkRelay } from '../transport/relay-join.ts'
import { asking, type CliDeps, type Commands, json, type NodeAccess, parsed } from './command.ts'
import { agrees, demandPerson } from './terminal.ts'
import { type PersonLine, personView } from './views.ts'

/** The relay's own address comes back as it was configured. */
const ownRelayView = z
  .object({
    url: via((text) => (parseRelayUrl(text, [text]).kind === 'ok' ? (text as RelayUrl) : undefined)),
    token: z.string().exactOptional(),
  })
  .nullable()
const VISIT_MS = LIMITS.relayClient.joinMs + 9_000
const HOUR_MS = 3_600_000
/** As long as a person waits for a prompt; the sessions go on after it. */
const ANSWER_MS = 20_000

interface NodeOptions {
  readonly node?: string
  readonly json?: boolean
}

export interface PrivateInviteOptions extends NodeOptions {
  readonly relay?: string
  readonly uses?: number
  readonly hours?: number
  readonly yes?: boolean
}

export interface PrivateJoinOptions extends NodeOptions {
  readonly yes?: boolean
}

export function addPrivateCommands({ deps, add, addForNode }: Commands): void {
  add('invites', 'the invites to private groups that you made, and what became of them', 'invites').action(async (options) =>
    listInvites(deps, options),
  )
  add('revoke <id>', 'take an invite back, by the id that invites shows', 'revoke 1a2b3c4d').action(async (id: string) => revoke(deps, id))
  addForNode('members [group]', 'who is in a private group', 'members backend-team').action(async (text: string | undefined, options) =>
    listMembers(deps, text, options),
  )
  for (const [name, isBan, does] of [
    ['remove', false, 'take a person out of a private group of yours; a new invite brings it back'],
    ['ban', true, 'the same, and no invite brings it back'],
  ] as const) {
    addForNode(`${name} <member>`, does, `${name} 1a2b3c4d5e6f7a8b`)
      .option('--group <group>', 'the private group, where you have several')
      .action(async (text: string, options) => takeOut(deps, text, options, isBan))
  }
}

/** Asks, makes the group if it is not there, and a link for it. */
export async function invitePrivate(deps: CliDeps, label: string, options: PrivateInviteOptions): Promise<MadeInvite> {
  const home = deps.home()
  const known = ownGroup(home.groups, label)
  const { uses = 1, hours = LIMITS.privateGroup.inviteMs / HOUR_MS } = options
  const terms = `${uses === 1 ? 'one person' : `${uses} people`}, within ${hours} h`
  const name = oneLine(known?.label ?? label, 64)
  await consent(
    deps,
    known ? `Make an invite to ${name} for ${terms}?` : `Make the private group ${name}, and an invite for ${terms}?`,
    options,
  )
  const relay = await relayFor(deps, options)
  const maker = { shelf: home.groups, user: await home.userKey(), now: deps.now(), random: systemRandom }
  return makeInvite(maker, label, { uses, lifeMs: hours * HOUR_MS, relay })
}

/** Takes an invite after a look at it, and waits a little for the inviter; the value of the group to switch to. */
export async function joinPrivate(deps: CliDeps, payload: Secret, options: PrivateJoinOptions): Promise<GroupName> {
  const verdict = await readKnowing(deps, payload, options)
  if (verdict.kind === 'refused') throw invalid(`This invite cannot be used: ${explainInvite(verdict.rule)}. Nothing was changed`)
  deps.out(previewOf(verdict.invite))
  await consent(deps, 'Join?', options)
  const { groups } = deps.home()
  // A node has to be up to look for the inviter: the session of this project, or one of this command.
  return asking(deps, { node: options.node }, async (node) => {
    const obstacle = await visit(node, verdict.invite)
    const group = await takeInvite(groups, verdict.invite, deps.now())
    return untilIn(groups, group, deps, { waitMs: ANSWER_MS, obstacle })
  })
}

/** On the same network it works without the relay too, so what is in its way ends nothing. */
async function visit(node: NodeAccess, { relay: url, pass }: Invite): Promise<MeshError | undefined> {
  if (url === undefined) return undefined
  const token = pass === undefined ? {} : { token: pass.reveal() }
  const obstacle = parsed(z.string().nullable(), await node.call('visit-relay', { relay: { url, ...token } }, VISIT_MS))
  return obstacle === null ? undefined : new MeshError('unreachable', obstacle)
}

/** A relay in a private network is no stranger's word where it is configured already. */
async function readKnowing(deps: CliDeps, payload: Secret, { node: name }: NodeOptions): Promise<InviteVerdict> {
  const verdict = readInvite(payload, deps.now())
  if (verdict.kind === 'ok' || verdict.rule !== 'invite-relay-private') return verdict
  return readInvite(payload, deps.now(), await knownRelays(deps, name))
}

/** The relays that the node is at, or tries to reach. */
export function knownRelays(deps: CliDeps, node: string | undefined): Promise<readonly string[]> {
  return asking(deps, { node }, async (access) => parsed(z.array(z.string()), await access.call('known-relays')))
}

/** Of the running session, so that whoever comes by it finds somebody there. */
async function relayFor(deps: CliDeps, { relay: text, node: name }: PrivateInviteOptions): Promise<LinkRelay | 'none' | undefined> {
  if (text === 'none') return 'none'
  const wanted = text === undefined ? undefined : parseRelayUrl(text, [text])
  if (wanted?.kind === 'refused') throw invalid(`No link was made: ${explainRule(wanted.rule).replace('its', 'the')}`)
  const found = await asking(deps, { node: name }, async (node) =>
    parsed(ownRelayView, await node.call('own-relay', wanted === undefined ? {} : { url: wanted.url })),
  )
  if (found === null && text !== undefined)
    throw invalid(
      'This node is not at that relay, so it could let nobody in there: set SYM_RELAY_URL and SYM_RELAY_TOKEN, and start the session anew. No link was made',
    )
  return found === null ? undefined : { url: found.url, token: found.token === undefined ? undefined : new Secret(found.token) }
}

async function listInvites(deps: CliDeps, { json: isJson }: NodeOptions): Promise<void> {
  const now = deps.now()
  const invites = deps
    .home()
    .groups.read()
    .groups.flatMap(({ content }) => (content.owner?.invites ?? []).map((one) => ({ content, one })))
    .map(({ content, one: { id, expiresAt, uses, redeemed, revoked, createdAt } }) => {
      const isUsed = redeemed.length >= uses
      const state = isOpen({ id, expiresAt, uses, redeemed, createdAt, secret: '', ...(revoked ? { revoked } : {}) }, now)
        ? 'open'
        : revoked
          ? 'revoked'
          : isUsed
            ? 'used up'
            : 'expired'
      return { id, group: groupValueOf(content), state, uses, redeemed: redeemed.length, expiresAt }
    })
  if (isJson) return deps.out(json(invites))
  const lines = invites.map(
    ({ id, group, state, uses, redeemed, expiresAt }) =>
      `${id}  ${group}  ${state}  ${redeemed} of ${uses} used  until ${new Date(expiresAt).toISOString().slice(0, 16)}`,
  )
  deps.out(lines.length === 0 ? 'You made no invite to a private group.' : lines.join('\n'))
}

/** Less than it was is decided without a question. */
async function revoke(deps: CliDeps, id: string): Promise<void> {
  const found = deps
    .home()
    .groups.read()
    .groups.filter(({ content }) => content.owner?.invites.some((one) => id.length >= 4 && one.id.startsWith(id)))
  const [entry, ...more] = found
  const matches = entry?.content.owner?.invites.filter((one) => one.id.startsWith(id)) ?? []
  if (!entry || more.length > 0 || matches.length !== 1)
    throw invalid(`no invite of yours is ${JSON.stringify(oneLine(id, 32))}, or several begin so; sym-mesh-channel invites lists them`)
  await entry.change((content) => revokeInvite(content, id))
  deps.out(`${matches[0]?.id} is revoked. Who is in stays in: sym-mesh-channel members`)
}

async function listMembers(deps: CliDeps, text: string | undefined, options: NodeOptions): Promise<void> {
  const entry = pickGroup(deps, text)
  const value = groupValueOf(entry.content)
  const met = await asking(deps, { node: options.node, meet: {} }, async (node) => peopleOf(node, value))
  const own = (await deps.home().userKey()).fingerprint
  const known = membersOf(entry.content).map(({ user, since, notAfter }) => ({ user, since, notAfter }))
  const all = [
    ...known,
    ...met
      .filter(({ user }) => !known.some((one) => one.user === user))
      .map(({ user }) => ({ user, since: undefined, notAfter: undefined })),
  ]
  const members = all.map((one) => ({
    ...one,
    isYou: one.user === own,
    sessions: met.find(({ user }) => user === one.user)?.sessions ?? [],
  }))
  if (options.json) return deps.out(json({ group: value, isOwner: entry.content.owner !== undefined, members }))
  const lines = members.map(({ user, since, isYou, sessions }) => {
    const names = sessions.map(({ name, isHere }) => `${oneLine(name, 64)}${isHere ? '' : ' (away)'}`).join(', ')
    return `${shortFingerprint(user)}  ${isYou ? 'you' : names || 'not met yet'}${since === undefined ? '' : `  since ${new Date(since).toISOString().slice(0, 10)}`}`
  })
  const note = entry.content.owner ? [] : ['Its owner has the whole list; these were met.']
  deps.out([value, ...lines, ...note].join('\n'))
}

async function takeOut(deps: CliDeps, text: string, options: NodeOptions & { readonly group?: string }, isBan: boolean): Promise<void> {
  demandPerson(deps.terminal)
  const entry = pickGroup(deps, options.group)
  ownerOf(entry.content)
  const value = groupValueOf(entry.content)
  const met = await asking(deps, { node: options.node, meet: {} }, async (node) => peopleOf(node, value))
  const user = pickMember(text, entry.content, met)
  if (user === (await deps.home().userKey()).fingerprint) throw invalid('That is you, the owner. Nothing was changed')
  const names =
    met
      .find((one) => one.user === user)
      ?.sessions.map(({ name }) => oneLine(name, 64))
      .join(', ') ?? 'not met'
  const question = `Take ${shortFingerprint(user)} (${names}) out of ${value}${isBan ? ', for good' : ''}? All its sessions lose the group at once.`
  if (!(await agrees(deps.terminal, question))) return deps.out('Nothing was changed.')
  await entry.change((content) => removeMember(content, user, isBan, systemRandom))
  deps.out(`${shortFingerprint(user)} is out of ${value}. Members that are here know it now, the others when they meet one who does.`)
}

async function peopleOf(node: NodeAccess, value: string): Promise<readonly PersonLine[]> {
  return parsed(z.array(personView), await node.call('people')).filter(({ group }) => group === value)
}

/** By the key of the person, or by the name or key of a session of it. */
function pickMember(text: string, content: GroupContent, met: readonly PersonLine[]): Fingerprint {
  const digits = text.replace(/[ :-]/g, '').toLowerCase()
  const isKey = (key: string): boolean => digits.length >= 8 && key.startsWith(digits)
  const users = new Set([
    ...membersOf(content).flatMap(({ user }) => (isKey(user) ? [user] : [])),
    ...met.flatMap(({ user, sessions }) =>
      isKey(user) || sessions.some(({ name, fingerprint }) => name === text || isKey(fingerprint)) ? [user] : [],
    ),
  ])
  const [user, ...more] = users
  if (user !== undefined && more.length === 0) return user
  throw invalid(
    `${JSON.stringify(oneLine(text, 80))} is ${user === undefined ? 'no member that is known' : 'several members'}; nothing was changed. sym-mesh-channel members lists them`,
  )
}

function pickGroup(deps: CliDeps, text: string | undefined): ShelfEntry {
  const { groups } = deps.home().groups.read()
  const found = text === undefined ? groups : findGroup(groups, text)
  const [entry, ...more] = found
  if (entry && more.length === 0) return entry
  if (entry) throw severalGroups(text ?? 'the group', found)
  throw invalid(
    text === undefined
      ? 'You are in no private group. sym-mesh-channel invite <group> --private makes one'
      : `You are in no private group ${JSON.stringify(oneLine(text, 80))}`,
  )
}

async function consent({ terminal, origin }: CliDeps, question: string, { yes }: { readonly yes?: boolean }): Promise<void> {
  if (yes && origin !== 'model') return
  demandPerson(terminal)
  if (!(await agrees(terminal, question))) throw invalid('Nothing was changed.')
}

const invalid = (text: string): MeshError => new MeshError('argument-invalid', text)
