/**
 * What we put into the host's files when the plugin system is not used, and how we know it again: one server entry and
 * the handlers of our hooks, both naming files of this package by absolute path. Pure.
 */
import { type Edit, isObject, type JsonObject } from './host-file.ts'

/** Key of the entry; the tools are then `mcp__claude-sym-mesh__sym_send` and so on. */
export const SERVER_KEY = 'claude-sym-mesh'
const SERVER_FILE = /[\\/]server[\\/]dist[\\/]server\.mjs$/
const HOOK_FILE = /[\\/]server[\\/]dist[\\/]hook\.mjs$/
const PLUGIN_ROOT = /\$\{CLAUDE_PLUGIN_ROOT\}[\\/]*/

export interface ServerEntry {
  /** Absolute path of the program; undefined when the entry is not of a form that we write. */
  readonly program: string | undefined
  readonly env: JsonObject
}

/** The entry under our key, whoever wrote it. */
export function serverEntryOf(content: JsonObject): ServerEntry | undefined {
  const servers = content['mcpServers']
  const entry = isObject(servers) ? servers[SERVER_KEY] : undefined
  if (!isObject(entry)) return undefined
  const program = Array.isArray(entry['args']) ? entry['args'][0] : undefined
  return {
    program: typeof program === 'string' && SERVER_FILE.test(program) ? program : undefined,
    env: isObject(entry['env']) ? entry['env'] : {},
  }
}

export function editServerEntry(program: string, env: JsonObject): Edit {
  return { path: ['mcpServers', SERVER_KEY], value: { type: 'stdio', command: 'node', args: [program], env } }
}

/** The handlers of `hooks.json`, with the folder of this package in place of the plugin's. */
export function hooksFor(packageRoot: string, hooksFile: JsonObject): JsonObject {
  const withRoot = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(PLUGIN_ROOT, `${packageRoot.replace(/[\\/]+$/, '')}/`)
    if (Array.isArray(value)) return value.map(withRoot)
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withRoot(member)])) : value
  }
  const hooks = hooksFile['hooks']
  return isObject(hooks) ? Object.fromEntries(Object.entries(hooks).map(([event, groups]) => [event, withRoot(groups)])) : {}
}

/** Edits that leave exactly `wanted` of ours among the hooks; with `{}` none. Handlers of others keep their place. */
export function editHooks(content: JsonObject, wanted: JsonObject): readonly Edit[] {
  const present = isObject(content['hooks']) ? content['hooks'] : {}
  const events = new Set([...Object.keys(present), ...Object.keys(wanted)])
  const changed = [...events].flatMap((event) => {
    const groups = present[event]
    if (groups !== undefined && !Array.isArray(groups)) return []
    const others = (groups ?? []).flatMap((group: unknown) => withoutOurs(group))
    const next = [...others, ...listOf(wanted[event])]
    return JSON.stringify(next) === JSON.stringify(groups ?? []) ? [] : [{ event, next }]
  })
  const left = { ...present, ...Object.fromEntries(changed.map(({ event, next }) => [event, next])) }
  const isEmptied = changed.length > 0 && Object.values(left).every((groups) => Array.isArray(groups) && groups.length === 0)
  if (isEmptied) return [{ path: ['hooks'], value: undefined }]
  return changed.map(({ event, next }) => ({ path: ['hooks', event] as const, value: next.length === 0 ? undefined : next }))
}

/** Files that our handlers in this content name. */
export function hookProgramsOf(content: JsonObject): readonly string[] {
  const hooks = isObject(content['hooks']) ? Object.values(content['hooks']) : []
  return hooks.flatMap((groups) => listOf(groups).flatMap((group) => handlersOf(group).flatMap((handler) => hookProgram(handler) ?? [])))
}

/** A group keeps what is not ours; one that held nothing else goes. */
function withoutOurs(group: unknown): readonly unknown[] {
  const handlers = handlersOf(group)
  const others = handlers.filter((handler) => hookProgram(handler) === undefined)
  if (others.length === handlers.length || !isObject(group)) return [group]
  return others.length === 0 ? [] : [{ ...group, hooks: others }]
}

function handlersOf(group: unknown): readonly unknown[] {
  return isObject(group) ? listOf(group['hooks']) : []
}

function hookProgram(handler: unknown): string | undefined {
  const program = isObject(handler) && Array.isArray(handler['args']) ? handler['args'][0] : undefined
  return typeof program === 'string' && HOOK_FILE.test(program) ? program : undefined
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

const ENABLED = 'enabledMcpjsonServers'

/** A project's server is started without a question only when it is named here. */
export function editEnabled(content: JsonObject, isWanted: boolean): readonly Edit[] {
  const present = listOf(content[ENABLED])
  if (present.includes(SERVER_KEY) === isWanted) return []
  const next = isWanted ? [...present, SERVER_KEY] : present.filter((name) => name !== SERVER_KEY)
  return [{ path: [ENABLED], value: next.length === 0 ? undefined : next }]
}
