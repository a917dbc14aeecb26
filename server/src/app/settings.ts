/**
 * Where every setting comes from. First found wins: environment, project file, plugin option, `<root>/settings.json`,
 * default; an empty string and an unexpanded `${…}` count as absent. All faults are told at once, each with its source,
 * so that a leaked shell export is seen (R9, R10).
 */
import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as z from 'zod'
import { MeshError, messageOf, systemCode } from '../base/errors.ts'
import { parseStaticPeers } from '../discovery/static.ts'
import { type Attention, MODES, type Mode, USUAL_ATTENTION, WAKE_WISHES } from '../mcp/attention.ts'
import { INTEREST_KINDS, type Interest, type Interests, parseInterest } from '../memory/interests.ts'
import type { Retention } from '../memory/memory.ts'
import { type Allowlist, parseAllowlist } from '../mesh/allowlist.ts'
import { DEFAULT_RATES, type Rates } from '../mesh/rates.ts'
import { type GroupName, parseGroupValue } from '../mmp/group.ts'
import { parseWireName } from '../mmp/name.ts'
import type { Address } from '../transport/connection.ts'
import { isLoopbackUrl, parseRelayUrl } from '../transport/relay-url.ts'
import type { RelayTarget } from '../transport/relay-wire.ts'
import { ANY_HOST } from '../transport/socket.ts'
import { personFile } from './person-file.ts'
import { joinShares, type Share } from './sharing.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Setting<T> {
  readonly value: T
  /** For people: `SYM_GROUP`, the path of a file, `default`. */
  readonly source: string
}

export interface Settings {
  /** State folder, `~/.sym`. */
  readonly root: Setting<string>
  readonly project: Setting<string>
  /** Explicit node name; undefined: the default name of the project. */
  readonly nodeName: Setting<string | undefined>
  /** Name of the project, for the default node name. */
  readonly projectName: Setting<string>
  readonly group: Setting<GroupName>
  readonly serviceType: Setting<string | undefined>
  readonly peers: Setting<string>
  readonly listen: Setting<Extract<Address, { kind: 'lan' }>>
  /** Whose words alone may reach Claude; undefined: no such list. */
  readonly allowedPeers: Setting<Allowlist | undefined>
  readonly isDebug: boolean
  readonly sessionId: string | undefined
  readonly rates: Rates
  /** What the person lets through to Claude, as it was at the start. */
  readonly attention: Attention
  /** What the person wants to hear of and what not. */
  readonly interests: Interests
  /** How long and how much is remembered. */
  readonly retention: Retention
  /** What may leave the machine of the project. */
  readonly share: Share
  /** What the project's own file says of it: its no counts in each group. */
  readonly projectShare: Partial<Record<keyof Share, boolean | undefined>>
  readonly relay: Setting<RelayTarget | undefined>
  /** A join by a link wrote the relay down, not the person. */
  readonly isRelayFromLink: boolean
  /** Where the relay's token was found; empty without one. */
  readonly relayTokenSource: string
}

const MAX_MUTES = 256
const positive = z.number().positive().finite()
const share = z.strictObject({ folder: z.boolean().optional(), branch: z.boolean().optional(), files: z.boolean().optional() })
const projectFile = z.strictObject({ name: z.string().optional(), group: z.string().optional(), share: z.optional(share) })
const listOf = (entry: z.ZodType<string>) => z.array(entry).max(MAX_MUTES).optional()
const mutes = z.strictObject({
  peers: listOf(
    z
      .string()
      .transform((text) => text.replaceAll(' ', '').toLowerCase())
      .refine((text) => /^[0-9a-f]{8,64}$/.test(text), 'a fingerprint is expected, at least 8 of its digits'),
  ),
  kinds: listOf(z.string().max(64)),
  groups: listOf(z.string().max(128)),
})
/** `fromLink`: a join wrote it; the link was somebody else's text. */
const relay = z.strictObject({ url: z.string(), token: z.string().optional(), fromLink: z.boolean().optional() })
const kept = z.strictObject({ days: positive.optional(), megabytes: positive.optional() })
const settingsFile = z.strictObject({
  group: z.string().optional(),
  mode: z.enum(MODES).optional(),
  dnd: z.boolean().optional(),
  mutes: z.optional(mutes),
  wake: z.enum(WAKE_WISHES).optional(),
  share: z.optional(share),
  relay: z.optional(relay),
  follow: z.array(z.string().max(200)).max(64).optional(),
  ignore: z.array(z.string().max(200)).max(64).optional(),
  memory: z.optional(kept),
  rates: z.strictObject(Object.fromEntries(Object.keys(DEFAULT_RATES).map((name) => [name, positive.optional()]))).optional(),
})

interface Found {
  readonly text: string
  readonly source: string
}

export function readSettings(env: Environment, cwd: string): Settings {
  const faults: string[] = []
  const fault = (text: string): undefined => void faults.push(text)
  const variable = (name: string): Found | undefined => found(env[name], name)
  const project = variable('CLAUDE_PROJECT_DIR')
  const folder = project?.text ?? cwd
  const shared = readProjectFile(folder, fault)
  const root = rootFolder(env)
  const own = readJson(personFile(root.value), settingsFile, fault)
  const group = [
    variable('SYM_GROUP'),
    found(shared?.value.group, shared?.file ?? ''),
    found(env['CLAUDE_PLUGIN_OPTION_GROUP'], 'plugin option group'),
    found(own?.group, personFile(root.value)),
  ].find((candidate) => candidate !== undefined)
  const url =
    variable('SYM_RELAY_URL') ??
    found(env['CLAUDE_PLUGIN_OPTION_RELAY_URL'], 'plugin option relay_url') ??
    found(own?.relay?.url, personFile(root.value))
  const isRelayFromLink = own?.relay?.fromLink === true && url?.source === personFile(root.value)
  const ownToken = found(own?.relay?.token, personFile(root.value))
  const token = isRelayFromLink
    ? ownToken
    : (variable('SYM_RELAY_TOKEN') ??
      found(env['CLAUDE_PLUGIN_OPTION_RELAY_TOKEN'], 'plugin option relay_token') ??
      (own?.relay?.fromLink === true ? undefined : ownToken))
  const settings: Settings = {
    root,
    project: { value: folder, source: project?.source ?? 'working directory' },
    nodeName: readNodeName(variable('SYM_NODE_NAME'), fault),
    projectName: shared?.value.name
      ? { value: shared.value.name, source: shared.file }
      : { value: path.basename(folder) || 'project', source: 'folder name' },
    group: readGroup(group, fault),
    serviceType: readServiceType(variable('SYM_SERVICE_TYPE'), fault),
    peers: readPeers(variable('SYM_PEERS'), fault),
    listen: readListen(variable('SYM_LISTEN'), fault),
    allowedPeers: readAllowedPeers(variable('SYM_ALLOWED_PEERS'), fault),
    isDebug: variable('SYM_DEBUG') !== undefined,
    sessionId: found(env['CLAUDE_CODE_SESSION_ID'], '')?.text,
    rates: { ...DEFAULT_RATES, ...definedOnly(own?.rates ?? {}) },
    interests: interestsOf(own, fault),
    retention: own?.memory ?? {},
    share: joinShares(own?.share, shared?.value.share),
    projectShare: shared?.value.share ?? {},
    attention: attentionOf(own, readMode(variable('SYM_MODE'), fault)),
    relay: readRelay(url, token, isRelayFromLink, fault),
    isRelayFromLink,
    relayTokenSource: token?.source ?? '',
  }
  if (faults.length > 0)
    throw new MeshError('settings-invalid', `The mesh cannot start with these settings:\n${faults.map((line) => `  ${line}`).join('\n')}`)
  return settings
}

/** What a running session follows of the person's own file, and the rest of it as a text to compare. */
export interface PersonWishes {
  readonly attention: Attention
  readonly interests: Interests
  readonly others: string
}

/** The wishes as they stand in the file now, or the fault of the file. */
export function readPersonWishes(root: string, mode?: Mode): PersonWishes | string {
  const faults: string[] = []
  const own = readJson(personFile(root), settingsFile, (text) => void faults.push(text))
  const interests = interestsOf(own, (text) => void faults.push(text))
  if (faults.length > 0) return faults.join('; ')
  const { mode: _mode, dnd: _dnd, mutes: _mutes, wake: _wake, follow: _follow, ignore: _ignore, ...others } = own ?? {}
  return { attention: attentionOf(own, mode), interests, others: JSON.stringify(others) }
}

/** `$SYM_STATE_DIR` or `~/.sym`. */
export function rootFolder(env: Environment): Setting<string> {
  const given = found(env['SYM_STATE_DIR'], 'SYM_STATE_DIR')
  if (given) return { value: path.resolve(given.text), source: given.source }
  return { value: path.join(found(env['HOME'], 'HOME')?.text ?? os.homedir(), '.sym'), source: 'default' }
}

function found(text: string | undefined, source: string): Found | undefined {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' || /^\$\{[^}]*\}$/.test(trimmed) ? undefined : { text: trimmed, source }
}

type Fault = (text: string) => undefined

function interestsOf(own: z.infer<typeof settingsFile> | undefined, fault: Fault): Interests {
  return { follow: readInterests(own?.follow, fault), ignore: readInterests(own?.ignore, fault) }
}

function readInterests(texts: readonly string[] | undefined, fault: Fault): readonly Interest[] {
  return (texts ?? []).flatMap((text) => {
    const interest = parseInterest(text)
    const kinds = INTEREST_KINDS.map((kind) => `${kind}:`).join(' ')
    if (!interest)
      fault(`settings.json: ${JSON.stringify(text.slice(0, 80))} cannot be followed or ignored. It begins with one of ${kinds}`)
    return interest ?? []
  })
}

function readGroup(given: Found | undefined, fault: Fault): Setting<GroupName> {
  const group = parseGroupValue(given?.text ?? 'default')
  if (group) return { value: group, source: given?.source ?? 'default' }
  fault(
    `${given?.source}: ${JSON.stringify(given?.text.slice(0, 80))} is no group name. Use lowercase letters, digits and single dashes, like backend-team`,
  )
  return readGroup(undefined, fault)
}

function readNodeName(given: Found | undefined, fault: Fault): Setting<string | undefined> {
  const isFolderName = given !== undefined && !/[/\\\0:*?"<>|]/.test(given.text) && !given.text.startsWith('.')
  if (given && (!isFolderName || !parseWireName(given.text))) {
    fault(
      `${given.source}: ${JSON.stringify(given.text.slice(0, 80))} is no node name. Use letters, digits and dashes, at most 64 bytes, no / or leading dot`,
    )
  }
  return { value: given?.text, source: given?.source ?? 'default' }
}

/** The mode of one session, whatever the person's file says; undefined where it is not set or is none. */
export function modeOf(env: Environment): Mode | undefined {
  return readMode(found(env['SYM_MODE'], 'SYM_MODE'), () => undefined)
}

function readMode(given: Found | undefined, fault: Fault): Mode | undefined {
  const mode = MODES.find((one) => one === given?.text)
  if (given && mode === undefined)
    fault(`${given.source}: ${JSON.stringify(given.text.slice(0, 80))} is no mode. There are ${MODES.join(', ')}`)
  return mode
}

function readServiceType(given: Found | undefined, fault: Fault): Setting<string | undefined> {
  if (given && !/^_[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?\._tcp$/.test(given.text)) {
    fault(`${given.source}: ${JSON.stringify(given.text.slice(0, 80))} is no service type. It looks like _sym._tcp`)
  }
  return { value: given?.text, source: given?.source ?? 'default' }
}

function readPeers(given: Found | undefined, fault: Fault): Setting<string> {
  try {
    parseStaticPeers(given?.text ?? '')
  } catch (thrown) {
    fault(`${given?.source}: ${messageOf(thrown)}`)
  }
  return { value: given?.text ?? '', source: given?.source ?? 'default' }
}

/** A wish for fewer speakers that cannot be understood stops the start: it must not be a wish for all. */
function readAllowedPeers(given: Found | undefined, fault: Fault): Setting<Allowlist | undefined> {
  try {
    return { value: parseAllowlist(given?.text ?? ''), source: given?.source ?? 'default' }
  } catch (thrown) {
    fault(`${given?.source}: ${messageOf(thrown)}`)
    return { value: undefined, source: 'default' }
  }
}

/** Any address will do where a person configured it, and a public one where a link did. Neither token nor URL is repeated. */
function readRelay(given: Found | undefined, token: Found | undefined, isFromLink: boolean, fault: Fault): Settings['relay'] {
  if (!given) return { value: undefined, source: 'default' }
  const parsed = parseRelayUrl(given.text)
  if (parsed.kind === 'refused') fault(`${given.source}: ${parsed.why}`)
  const value =
    parsed.kind === 'ok' ? { url: parsed.url, token: token?.text, isForeign: isFromLink && !isLoopbackUrl(parsed.url) } : undefined
  return { value, source: given.source }
}

/** `addr:port`, `[v6]:port`, `:port`; port 0 lets the system choose. */
function readListen(given: Found | undefined, fault: Fault): Settings['listen'] {
  const everywhere = { kind: 'lan', host: ANY_HOST, port: 0 } as const
  if (!given) return { value: everywhere, source: 'default' }
  const match = /^(?:\[([0-9a-f:.%a-z]+)\]|([^:\s]*)):(\d{1,5})$/i.exec(given.text)
  const port = Number(match?.[3])
  if (!match || port > 65_535) {
    fault(
      `${given.source}: ${JSON.stringify(given.text.slice(0, 80))} is no address to listen on. It looks like 0.0.0.0:7342 or 192.168.1.5:0`,
    )
    return { value: everywhere, source: 'default' }
  }
  return { value: { kind: 'lan', host: match[1] ?? (match[2] || ANY_HOST), port }, source: given.source }
}

/** `.sym-mesh.json`, or the older `.claude-mesh.json`: written by the team, so nothing secret and nothing unknown. */
function readProjectFile(folder: string, fault: Fault): { readonly file: string; readonly value: z.infer<typeof projectFile> } | undefined {
  for (const name of ['.sym-mesh.json', '.claude-mesh.json']) {
    const file = path.join(folder, name)
    const value = readJson(file, projectFile, fault)
    if (value) return { file, value }
  }
  return undefined
}

function readJson<T>(file: string, schema: z.ZodType<T>, fault: Fault): T | undefined {
  try {
    const text = readFileSync(file, 'utf8').replace(/^\ufeff/, '')
    // An empty project file is a wish to take part with the defaults.
    const parsed = schema.safeParse(text.trim() === '' ? {} : JSON.parse(text))
    if (parsed.success) return parsed.data
    const issues = parsed.error.issues.map((issue) =>
      issue.code === 'unrecognized_keys' ? `unknown ${issue.keys.join(', ')}` : `${issue.path.join('.')}: ${issue.message}`,
    )
    return fault(`${file}: ${issues.join('; ')}`)
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(thrown) ?? '')) return undefined
    return fault(`${file} cannot be read: ${messageOf(thrown)}`)
  }
}

function definedOnly(rates: Readonly<Record<string, number | undefined>>): Partial<Rates> {
  return Object.fromEntries(Object.entries(rates).filter(([, value]) => value !== undefined))
}

function attentionOf(own: z.infer<typeof settingsFile> | undefined, forSession: Mode | undefined): Attention {
  const { mode, wake, isDoNotDisturb } = USUAL_ATTENTION
  const { peers = [], kinds = [], groups = [] } = own?.mutes ?? {}
  return {
    mode: forSession ?? own?.mode ?? mode,
    isDoNotDisturb: own?.dnd ?? isDoNotDisturb,
    mutes: { peers, kinds, groups },
    wake: own?.wake ?? wake,
  }
}
