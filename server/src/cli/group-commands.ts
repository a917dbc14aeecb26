/**
 * Groups from the command line: which there are, joining, leaving, inviting. Whoever types here is a person, unless the
 * shell belongs to a model; so a join asks at a terminal, and `--yes` spares the question only outside of such a shell.
 */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { Secret } from '../base/secret.ts'
import { oneLine } from '../base/text.ts'
import { keepGroup, parseTarget } from '../install/keep.ts'
import { groupNamed } from '../mesh/private-invites.ts'
import { type GroupName, isPrivateValue, parseGroupValue } from '../mmp/group.ts'
import { explainRule, formatInviteLink, isToken, parseInviteLink } from '../mmp/invite-link.ts'
import { parseRelayUrl, type RelayUrl, relayHostOf } from '../mmp/relay-url.ts'
import { asking, type CliDeps, type Commands, json, type NodeAccess, parsed, whole } from './command.ts'
import { invitePrivate, joinPrivate, knownRelays, type PrivateInviteOptions } from './private-commands.ts'
import { agrees, demandPerson } from './terminal.ts'

const changeView = z.looseObject({
  groups: z.array(z.string()).min(1),
  joined: z.array(z.string()),
  left: z.array(z.string()),
  waiting: z.number(),
  kept: z.enum(['session', 'written', 'asked']),
  file: z.string().optional(),
  why: z.string().optional(),
  problem: z.string().optional(),
  /** Host of a relay that is new here. */
  relay: z.string().optional(),
  target: z.unknown().optional(),
})
type ChangeLines = z.infer<typeof changeView>
const forgottenView = z.looseObject({ hosts: z.array(z.string()), wasKept: z.boolean() })

/** A relay has some seconds to let us in. */
const JOIN_MS = LIMITS.relayClient.joinMs + 9_000

export function addGroupCommands({ deps, addForNode }: Commands): void {
  addForNode(
    'join <target>',
    'into a group, by name or link (-: asks for the link, unseen); shows what it is and asks first',
    'join sym://group/backend-team',
  )
    .option('--keep', 'stay in the other group too, for this session')
    .option('--ephemeral', 'for this session only')
    .option('--yes', 'do not ask')
    .action(async (target: string, options: JoinOptions) => join(deps, target, options))
  addForNode(
    'leave [group]',
    'out of a group that was joined beside another; --relay: off the relay that a link brought',
    'leave backend-team',
  )
    .option('--relay', 'off the relay that a link brought, here and in the next sessions')
    .action(async (group: string | undefined, options: LeaveOptions) => leave(deps, group, options))
  addForNode(
    'invite [group]',
    'the link to a group, to hand on; without a name: the current one; --private: to a private group, made if it is not there',
    'invite backend-team',
  )
    .option('--relay <url>', 'the relay by which the group is reached, wss://…; for a private one that of the session, or none')
    .option('--token-file <path>', 'a file with the token of that relay; it stands in the link and lasts')
    .option('--private', 'to a private group of yours, made if it is not there: signed, for one person, for 24 hours')
    .option('--uses <n>', 'for so many people', whole)
    .option('--hours <n>', 'for so long', whole)
    .option('--yes', 'do not ask')
    .action(async (group: string | undefined, options: InviteOptions) =>
      options.private ? inviteToPrivate(deps, group, options) : invite(deps, group, options),
    )
}

interface JoinOptions {
  readonly json?: boolean
  readonly node?: string
  readonly keep?: boolean
  readonly ephemeral?: boolean
  readonly yes?: boolean
}

async function join(deps: CliDeps, target: string, options: JoinOptions): Promise<void> {
  const wanted = await wantedBy(deps, target === '-' ? await askLink(deps) : target, options)
  if (wanted.kind === 'open') await consent(deps, wanted, options)
  const group = wanted.kind === 'open' ? wanted.group : await joinPrivate(deps, wanted.payload, options)
  await asking(deps, { node: options.node }, async (node) => {
    const { keep = false, ephemeral = false } = options
    report(deps, await changed(node, 'join', { group, keep, ephemeral, ...relayOf(wanted) }), options)
  })
}

interface OpenWanted {
  readonly kind: 'open'
  readonly group: GroupName
  readonly relay?: RelayUrl | undefined
  readonly token?: Secret | undefined
}
type Wanted = OpenWanted | { readonly kind: 'private'; readonly payload: Secret }

/** Not an argument: those are seen by every user of the machine. */
async function askLink({ terminal }: CliDeps): Promise<string> {
  demandPerson(terminal)
  return terminal.askSecret('Invite link: ')
}

function relayOf(wanted: Wanted): object {
  if (wanted.kind === 'private' || wanted.relay === undefined) return {}
  const { relay: url, token } = wanted
  return { relay: { url, ...(token === undefined ? {} : { token: token.reveal() }) } }
}

/** A name, or a link: to an open group, or to a private one. */
async function wantedBy(deps: CliDeps, target: string, { node }: JoinOptions): Promise<Wanted> {
  if (!target.includes('://')) return { kind: 'open', group: groupNamed(deps.home().groups, target) ?? demandGroup(target) }
  const strict = parseInviteLink(target, { isTyped: true })
  // A relay in a private network is no stranger's word where it is configured already.
  const isPrivateRelay = strict.kind === 'refused' && strict.rule === 'relay-private'
  const verdict = isPrivateRelay ? parseInviteLink(target, { isTyped: true, knownRelays: await knownRelays(deps, node) }) : strict
  if (verdict.kind === 'refused')
    throw invalid(`This is no invite link that can be used: ${explainRule(verdict.rule)}. Nothing was changed`)
  const { link } = verdict
  return link
}

async function consent(
  { terminal, origin, out }: CliDeps,
  { group, relay }: OpenWanted,
  { yes, keep, ephemeral, json: isJson }: JoinOptions,
): Promise<void> {
  if (yes && origin !== 'model') return
  demandPerson(terminal)
  const place = keep ? 'beside the current group' : 'in the place of the current group'
  const span = keep || ephemeral ? 'for this session' : 'here and in the next sessions'
  const who = isPrivateValue(group)
    ? 'It is private: its members write to these sessions, and read what they send to the group.'
    : 'It is open: whoever knows the name can join, write to these sessions, and read what they send to the group.'
  const way =
    relay === undefined ? '' : ` By the relay ${relayHostOf(relay)}, which this node connects to and stays at until leave --relay.`
  const preview = `Group ${group}, ${place}, ${span}.${way} ${who}`
  if (!isJson) out(preview)
  if (!(await agrees(terminal, 'Join?'))) throw invalid('Nothing was changed.')
}

/** Asks the node, and writes down what only this side may write: files of the host. */
async function changed(node: NodeAccess, method: 'join' | 'leave', params: object): Promise<ChangeLines> {
  const change = parsed(changeView, await node.call(method, params, JOIN_MS))
  const target = change.kept === 'asked' ? parseTarget(change.target) : undefined
  if (change.kept !== 'asked') return change
  if (target === undefined) return { ...change, kept: 'session', problem: 'the session named no place that is known' }
  const problem = keepGroup(target, change.groups[0] ?? 'default')
  return problem === undefined ? { ...change, kept: 'written', file: target.file } : { ...change, kept: 'session', problem }
}

function report(deps: CliDeps, change: ChangeLines, { json: isJson }: { readonly json?: boolean }): void {
  deps.out(isJson ? json({ ...change, target: undefined }) : formatChange(change).join('\n'))
}

function formatChange({ groups, left, waiting, kept, file, why, problem, relay }: ChangeLines): readonly string[] {
  const [current, ...others] = groups
  const also = others.length === 0 ? '' : `, also in ${others.join(', ')}`
  return [
    `In group ${current}${also}${left.length === 0 ? '' : `; left ${left.join(', ')}`}`,
    ...(relay === undefined ? [] : [`Connected to the relay ${relay}; leave --relay ends that`]),
    ...(waiting === 0 ? [] : [`${waiting} not yet received there: sent when this node is in that group again, or expired`]),
    ...(kept === 'written' ? [`The next sessions start in ${current} too (${file})`] : [`For this session only${reasonOf(why, problem)}`]),
  ]
}

function reasonOf(why: string | undefined, problem: string | undefined): string {
  if (problem !== undefined) return `: it could not be written down (${oneLine(problem, 300)})`
  return why === undefined ? '' : `: ${why} names the group of the next ones`
}

interface LeaveOptions {
  readonly json?: boolean
  readonly node?: string
  readonly relay?: boolean
}

async function leave(deps: CliDeps, group: string | undefined, options: LeaveOptions): Promise<void> {
  const { relay = false, node: name } = options
  if ((group === undefined) !== relay) throw invalid('leave takes a group, or --relay, and one of the two. Nothing was changed')
  await asking(deps, { node: name }, async (node) => {
    if (group !== undefined) return report(deps, await changed(node, 'leave', { group }), options)
    const forgotten = parsed(forgottenView, await node.call('forget-relay'))
    deps.out(options.json ? json(forgotten) : formatForgotten(forgotten))
  })
}

function formatForgotten({ hosts, wasKept }: z.infer<typeof forgottenView>): string {
  if (hosts.length === 0 && !wasKept) return 'No link brought a relay; one that you configured stays'
  const named = hosts.length === 0 ? 'The relay of a link' : `Relay ${hosts.map((host) => oneLine(host, 200)).join(', ')}`
  return `${named} is forgotten, here and for the next sessions; other running sessions keep it until they end`
}

interface InviteOptions extends PrivateInviteOptions {
  readonly private?: boolean
  readonly json?: boolean
  readonly node?: string
  readonly tokenFile?: string
}

/** Its first invite makes the group and brings this session into it. */
async function inviteToPrivate(deps: CliDeps, name: string | undefined, options: InviteOptions): Promise<void> {
  if (name === undefined) throw invalid('Say which private group: invite <group> --private. No link was made')
  if (options.tokenFile !== undefined)
    throw invalid('A private invite holds no token: that of the running session goes to who was let in. No link was made')
  const { link, group, isNew } = await invitePrivate(deps, name, options)
  if (isNew)
    await asking(deps, { node: options.node }, async (node) =>
      report({ ...deps, out: deps.err }, await changed(node, 'join', { group }), {}),
    )
  deps.out(options.json ? json({ group, link }) : link)
  if (!options.json)
    deps.err(
      'Whoever has the link first is let in, once; hand it on over a way that only they read. sym-mesh-channel invites lists what became of it.',
    )
}

async function invite(
  deps: CliDeps,
  name: string | undefined,
  { relay: address, tokenFile, node: nodeName, json: isJson }: InviteOptions,
): Promise<void> {
  const group = name === undefined ? await currentGroup(deps, nodeName) : demandGroup(name)
  const relay = address === undefined ? undefined : parseRelayUrl(address, [address])
  if (relay?.kind === 'refused') throw invalid(`No link was made: ${explainRule(relay.rule).replace('its', 'the')}`)
  if (tokenFile !== undefined && relay === undefined) throw invalid('A token belongs to a relay: give --relay too. No link was made')
  const token = tokenFile === undefined ? undefined : readToken(tokenFile)
  const link = formatInviteLink({ group, relay: relay?.url, token })
  deps.out(isJson ? json({ group, link }) : link)
  if (!isJson && token !== undefined) deps.err('The token in it is a lasting secret: whoever sees the link can use the relay.')
}

async function currentGroup(deps: CliDeps, node: string | undefined): Promise<GroupName> {
  let current = ''
  await asking(deps, { node }, async (access) => {
    const groups = parsed(z.array(z.looseObject({ name: z.string(), isCurrent: z.boolean() })), await access.call('groups'))
    current = groups.find(({ isCurrent }) => isCurrent)?.name ?? ''
  })
  return demandGroup(current)
}

/** Never from an argument: those are seen by every user of the machine. */
function readToken(file: string): Secret {
  const text = readFileSync(file, 'utf8').trim()
  if (!isToken(text)) throw invalid(`The file holds no token: ${explainRule('link-token').replace('its token', 'it')}. No link was made`)
  return new Secret(text)
}

function demandGroup(text: string): GroupName {
  const group = parseGroupValue(text)
  if (group) return group
  throw invalid(
    `${JSON.stringify(text.slice(0, 80))} is no group name. Use lowercase letters, digits and single dashes, at most ${LIMITS.group.nameCharacters} characters, like backend-team`,
  )
}

const invalid = (text: string): MeshError => new MeshError('argument-invalid', text)
