/** What the doctor looks at in the files of the host: the plugin, entries and hooks of `init`. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { messageOf } from '../base/errors.ts'
import type { HostFacts, PluginFacts } from '../doctor/facts.ts'
import { isObject, type JsonObject, readHostFile } from '../install/host-file.ts'
import { entryState, filesOf, hooksAreThere, type InstallContext, type Scope } from '../install/install.ts'

const PLUGIN = /^sym-mesh-channel@/

export function gatherHost(context: InstallContext, client: string | undefined): HostFacts {
  const faults: string[] = []
  const content = (file: string): JsonObject => {
    try {
      return readHostFile(file).content
    } catch (thrown) {
      faults.push(messageOf(thrown))
      return {}
    }
  }
  const user = content(path.join(context.hostFolder, 'settings.json'))
  for (const file of new Set([context.userServers, filesOf('project', context).servers, filesOf('project', context).settings]))
    content(file)
  // A file that cannot be read is among the faults.
  const entry = (scope: Scope) => orElse(undefined, () => entryState(scope, context))
  const hooks = (scope: Scope) => orElse(true, () => hooksAreThere(scope, context))
  return {
    client,
    faults,
    plugins: pluginsOf(user),
    entries: { user: entry('user'), project: entry('project') },
    hooks: { user: hooks('user'), project: hooks('project') },
    hasHooksDisabled: user['disableAllHooks'] === true,
  }
}

function orElse<T>(otherwise: T, use: () => T): T {
  try {
    return use()
  } catch {
    return otherwise
  }
}

function pluginsOf(settings: JsonObject): readonly PluginFacts[] {
  const enabled = isObject(settings['enabledPlugins']) ? settings['enabledPlugins'] : {}
  const configs = isObject(settings['pluginConfigs']) ? settings['pluginConfigs'] : {}
  return Object.entries(enabled).flatMap(([id, isEnabled]) => {
    const config = configs[id]
    const options = isObject(config) ? config['options'] : undefined
    const group = isObject(options) && typeof options['group'] === 'string' && options['group'] !== '' ? options['group'] : undefined
    return PLUGIN.test(id) ? [{ id, isEnabled: isEnabled === true, group, missingFolder: missingFolderOf(id, settings) }] : []
  })
}

/** A marketplace that is a folder is used in place: where it was moved away, nothing of the plugin starts. */
function missingFolderOf(id: string, settings: JsonObject): string | undefined {
  const markets = settings['extraKnownMarketplaces']
  const market = isObject(markets) ? markets[id.slice(id.indexOf('@') + 1)] : undefined
  const source = isObject(market) ? market['source'] : undefined
  const folder = isObject(source) && source['source'] === 'directory' ? source['path'] : undefined
  return typeof folder === 'string' && !existsSync(folder) ? folder : undefined
}
