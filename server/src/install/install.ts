/**
 * Installing without the plugin system: a server entry and our hooks in the host's own files, for the user or for one
 * project. A plan is made first and shown; nothing is written before somebody agreed. Run again it repairs what is stale
 * in both scopes and leaves alone what works (R3, R4, R5).
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { MeshError } from '../base/errors.ts'
import { editEnabled, editHooks, editServerEntry, hookProgramsOf, hooksFor, SERVER_KEY, serverEntryOf } from './entries.ts'
import { type Edit, type Edited, editHostFile, isObject, type JsonObject, readHostFile } from './host-file.ts'

export type Scope = 'user' | 'project'

export interface InstallContext {
  /** The host's folder, `~/.claude` or `$CLAUDE_CONFIG_DIR`. */
  readonly hostFolder: string
  /** The host's list of servers for this user, `~/.claude.json`. */
  readonly userServers: string
  readonly project: string
  /** The folder of this package. */
  readonly packageRoot: string
  readonly now: () => Date
}

export interface InitOptions {
  readonly scope: Scope
  readonly group: string | undefined
  readonly name: string | undefined
  readonly isForced: boolean
}

/** One file to edit, and what is to be done in it, in words. */
export interface Step {
  readonly file: string
  readonly does: readonly string[]
  apply(): Edited
}

export interface Plan {
  readonly steps: readonly Step[]
  /** An entry that works and was left alone, with what would replace it. */
  readonly live?: string
}

const GROUP_VARIABLE = 'CLAUDE_PLUGIN_OPTION_GROUP'

interface Files {
  readonly servers: string
  readonly settings: string
}

export function filesOf(scope: Scope, context: InstallContext): Files {
  return scope === 'user'
    ? { servers: context.userServers, settings: path.join(context.hostFolder, 'settings.json') }
    : { servers: path.join(context.project, '.mcp.json'), settings: path.join(context.project, '.claude/settings.local.json') }
}

export type EntryState =
  | { readonly kind: 'absent' }
  /** Under our key, of a form that we do not write. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'stale' | 'live'; readonly program: string; readonly group: string | undefined }

export function entryState(scope: Scope, context: InstallContext): EntryState {
  const entry = serverEntryOf(readHostFile(filesOf(scope, context).servers).content)
  if (!entry) return { kind: 'absent' }
  if (entry.program === undefined) return { kind: 'foreign' }
  const group = entry.env[GROUP_VARIABLE]
  const isLive = existsSync(entry.program)
  return { kind: isLive ? 'live' : 'stale', program: entry.program, group: typeof group === 'string' ? group : undefined }
}

/** Whether hooks of ours stand in the settings of the scope and their program is there. */
export function hooksAreThere(scope: Scope, context: InstallContext): boolean {
  const programs = hookProgramsOf(readHostFile(filesOf(scope, context).settings).content)
  return programs.length > 0 && programs.every((program) => existsSync(program))
}

export function planInit(options: InitOptions, context: InstallContext): Plan {
  demandNoPlugin(options, context)
  const { scope } = options
  const other: Scope = scope === 'user' ? 'project' : 'user'
  const healing = entryState(other, context).kind === 'stale' ? stepsFor(other, { ...options, group: undefined }, context) : []
  const state = entryState(scope, context)
  if (state.kind === 'foreign' && !options.isForced) return { steps: healing, live: `${whereOf(scope, context)}, written by somebody else` }
  const isOurs = state.kind === 'live' && state.program === programOf(context)
  const isRevert = options.group === 'default' && state.kind === 'live'
  if (state.kind === 'live' && !options.isForced && !isRevert && !(isOurs && !hasHooks(scope, context))) {
    return { steps: healing, live: `${whereOf(scope, context)}, which runs ${state.program}` }
  }
  return { steps: [...stepsFor(scope, options, context), ...healing] }
}

/** Takes out exactly what `init` puts in, in one scope. */
export function planUninstall(scope: Scope, context: InstallContext): Plan {
  const { servers, settings } = filesOf(scope, context)
  const isOurs = serverEntryOf(readHostFile(servers).content)?.program !== undefined
  const entry = step(servers, [`takes out the server ${SERVER_KEY}`], context, (content) => (isOurs ? withoutServer(content) : []))
  const hooks = step(settings, ['takes out our hooks'], context, (content) => [
    ...editHooks(content, {}),
    ...(scope === 'project' && isOurs ? editEnabled(content, false) : []),
  ])
  return { steps: [entry, hooks].filter((one) => one.isNeeded) }
}

function demandNoPlugin({ isForced }: InitOptions, context: InstallContext): void {
  const enabled = readHostFile(path.join(context.hostFolder, 'settings.json')).content['enabledPlugins']
  const plugin = isObject(enabled)
    ? Object.keys(enabled).find((id) => id.startsWith('sym-mesh-channel@') && enabled[id] === true)
    : undefined
  if (plugin === undefined || isForced) return
  throw new MeshError(
    'argument-invalid',
    `The plugin ${plugin} is installed already; with an entry beside it every session would be two nodes. Nothing was written. To use the entry instead: claude plugin uninstall ${plugin}`,
  )
}

function stepsFor(scope: Scope, options: InitOptions, context: InstallContext): readonly Step[] {
  const { servers, settings } = filesOf(scope, context)
  const env = environmentOf(scope, options, context)
  const group = typeof env[GROUP_VARIABLE] === 'string' ? `in group ${env[GROUP_VARIABLE]}` : 'in the group default'
  const steps = [
    step(servers, [`starts the server ${SERVER_KEY} with every session, ${group}`], context, () => [
      editServerEntry(programOf(context), env),
    ]),
    step(settings, ['lets our hooks show what peers sent at start, prompt, tool use and stop'], context, (content) => [
      ...editHooks(content, hooksOf(context)),
      ...(scope === 'project' ? editEnabled(content, true) : []),
    ]),
  ]
  return steps.filter((one) => one.isNeeded)
}

/** Name, group and relay of an entry that is repaired stay; a group on the command line wins with `--force`, `default` always. */
function environmentOf(scope: Scope, { group, name, isForced }: InitOptions, context: InstallContext): JsonObject {
  const { [GROUP_VARIABLE]: kept, ...rest } = serverEntryOf(readHostFile(filesOf(scope, context).servers).content)?.env ?? {}
  const isKept = kept !== undefined && group !== 'default' && !(isForced && group !== undefined)
  const chosen = isKept ? kept : group === 'default' ? undefined : group
  return {
    ...(name === undefined || 'SYM_NODE_NAME' in rest ? {} : { SYM_NODE_NAME: name }),
    ...rest,
    ...(chosen === undefined ? {} : { [GROUP_VARIABLE]: chosen }),
  }
}

function withoutServer(content: JsonObject): readonly Edit[] {
  const servers = content['mcpServers']
  const isAlone = isObject(servers) && Object.keys(servers).length === 1
  return [isAlone ? { path: ['mcpServers'], value: undefined } : { path: ['mcpServers', SERVER_KEY], value: undefined }]
}

function hasHooks(scope: Scope, context: InstallContext): boolean {
  const { content } = readHostFile(filesOf(scope, context).settings)
  return editHooks(content, hooksOf(context)).length === 0 && hookProgramsOf(content).length > 0
}

function hooksOf({ packageRoot }: InstallContext): JsonObject {
  return hooksFor(packageRoot, readHostFile(path.join(packageRoot, 'hooks/hooks.json')).content)
}

function programOf({ packageRoot }: InstallContext): string {
  return path.join(packageRoot, 'server/dist/server.mjs')
}

function whereOf(scope: Scope, context: InstallContext): string {
  return `the entry ${SERVER_KEY} in ${filesOf(scope, context).servers}`
}

function step(
  file: string,
  does: readonly string[],
  { now }: InstallContext,
  edits: (content: JsonObject) => readonly Edit[],
): Step & { readonly isNeeded: boolean } {
  return { file, does, isNeeded: edits(readHostFile(file).content).length > 0, apply: () => editHostFile(file, edits, now()) }
}
