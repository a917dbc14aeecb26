/**
 * Where the group of the next sessions is written down, and the writing. The host reads it from the plugin's options in the
 * user's settings, or from the entry that `init` made; where there is neither it is our own `settings.json`. One text is
 * changed and nothing else, whole or not at all; what cannot be edited safely is left as it is, with a sentence. Always a
 * text: the host drops its whole settings file for anything else among the options.
 */
import { homedir } from 'node:os'
import path from 'node:path'
import { messageOf } from '../base/errors.ts'
import { serverEntryOf } from './entries.ts'
import { type Edit, editHostFile, isObject, type JsonObject, readHostFile } from './host-file.ts'

/** One member of one file. */
export interface KeepTarget {
  readonly kind: 'plugin' | 'entry' | 'own'
  readonly file: string
  readonly path: Edit['path']
}

export type KeepPlan =
  | KeepTarget
  /** Environment or project decide, whatever is written anywhere. */
  | { readonly kind: 'fixed'; readonly source: string }

export interface KeepContext {
  /** What the setting came from: `SYM_GROUP`, a file, `plugin option group`, `default`. */
  readonly source: string
  readonly root: string
  readonly project: string
  /** `CLAUDE_PLUGIN_DATA`; undefined outside of a plugin. */
  readonly pluginData: string | undefined
  /** `CLAUDE_CONFIG_DIR`. */
  readonly configFolder: string | undefined
  readonly home: string | undefined
  /** Asked by the command line with no session running, so nothing tells how sessions are started here. */
  readonly isShell: boolean
}

const PLUGIN = 'sym-mesh-channel'
const OPTION = 'CLAUDE_PLUGIN_OPTION_GROUP'
const ENTRY_PATH: KeepTarget['path'] = ['mcpServers', 'claude-sym-mesh', 'env', OPTION]

export function planKeep(context: KeepContext): KeepPlan {
  const { source, root, pluginData } = context
  const ownFile = path.join(root, 'settings.json')
  const own: KeepTarget = { kind: 'own', file: ownFile, path: ['group'] }
  if (source !== 'default' && source !== 'plugin option group' && source !== ownFile) return { kind: 'fixed', source }
  if (pluginData !== undefined) return pluginTarget(pluginData) ?? own
  const hostFolder = context.configFolder ?? path.join(context.home ?? homedir(), '.claude')
  return entryTarget(context) ?? (context.isShell ? enabledPlugin(hostFolder) : undefined) ?? own
}

/** `…/plugins/data/sym-mesh-channel-<market>`: the host's folder is three above. One that was only loaded has no options. */
export function pluginTarget(pluginData: string): KeepTarget | undefined {
  const folder = path.resolve(pluginData)
  const name = path.basename(folder)
  const market = name.startsWith(`${PLUGIN}-`) ? name.slice(PLUGIN.length + 1) : ''
  if (market === '' || market === 'inline') return undefined
  return optionOf(path.resolve(folder, '../../..'), `${PLUGIN}@${market}`)
}

/** Writes the group; returns what is in the way, or undefined. */
export function keepGroup(target: KeepTarget, group: string): string | undefined {
  try {
    editHostFile(target.file, () => [{ path: target.path, value: group }])
    return undefined
  } catch (thrown) {
    return messageOf(thrown)
  }
}

/** A target as it comes over the private socket: nothing but the three places that there are. */
export function parseTarget(value: unknown): KeepTarget | undefined {
  if (!isObject(value) || typeof value['file'] !== 'string' || !path.isAbsolute(value['file'])) return undefined
  const members = value['path']
  if (!Array.isArray(members) || !members.every((member): member is string => typeof member === 'string')) return undefined
  const [first, id = ''] = members
  const isOption = members.length === 4 && first === 'pluginConfigs' && id.startsWith(`${PLUGIN}@`) && members[2] === 'options'
  const { file } = value
  if (isOption && members[3] === 'group') return { kind: 'plugin', file, path: ['pluginConfigs', id, 'options', 'group'] }
  if (members.join('/') === ENTRY_PATH.join('/')) return { kind: 'entry', file, path: ENTRY_PATH }
  return members.join('/') === 'group' ? { kind: 'own', file, path: ['group'] } : undefined
}

function optionOf(hostFolder: string, id: string): KeepTarget {
  return { kind: 'plugin', file: path.join(hostFolder, 'settings.json'), path: ['pluginConfigs', id, 'options', 'group'] }
}

/** A group in an entry of `init` wins over our own file, so it is changed there. An entry of the project is the team's. */
function entryTarget({ source, configFolder, home }: KeepContext): KeepTarget | undefined {
  if (source !== 'plugin option group') return undefined
  const file = path.join(configFolder ?? home ?? homedir(), '.claude.json')
  return serverEntryOf(contentOf(file))?.env[OPTION] === undefined ? undefined : { kind: 'entry', file, path: ENTRY_PATH }
}

/** The one plugin of ours that is switched on. */
function enabledPlugin(hostFolder: string): KeepTarget | undefined {
  const enabled = contentOf(path.join(hostFolder, 'settings.json'))['enabledPlugins']
  const ids = isObject(enabled) ? Object.keys(enabled).filter((id) => id.startsWith(`${PLUGIN}@`) && enabled[id] === true) : []
  const [id] = ids
  return ids.length === 1 && id !== undefined ? optionOf(hostFolder, id) : undefined
}

function contentOf(file: string): JsonObject {
  try {
    return readHostFile(file).content
  } catch {
    // Not to be understood, so not to be edited either: as if it were not there.
    return {}
  }
}
