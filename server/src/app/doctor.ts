/** Gathers what the doctor looks at: the host's files, our state folder, the running sessions, the machine. */
import { lstatSync, readdirSync, statfsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { systemClock, systemRandom } from '../base/clock.ts'
import { MeshError, messageOf } from '../base/errors.ts'
import { Guard } from '../base/guard.ts'
import { createLog } from '../base/log.ts'
import { statusView } from '../cli/views.ts'
import { openMdnsPort } from '../discovery/mdns-port.ts'
import { probeMulticast } from '../discovery/probe.ts'
import { isLoopback, usableInterfaces } from '../discovery/subnet.ts'
import type { Facts, FileFacts, HostFacts, MulticastFacts, SessionFacts, SessionStatus, SettingsFacts } from '../doctor/facts.ts'
import { checkIdentity } from '../identity/identity.ts'
import { isAlive, isSameProcess } from '../identity/process.ts'
import { isObject, type JsonObject, readHostFile } from '../install/host-file.ts'
import { entryState, filesOf, type InstallContext } from '../install/install.ts'
import { callLocal } from '../local/calls.ts'
import { listRunFiles } from '../local/run-files.ts'
import { hostVersion } from './programs.ts'
import { type Environment, readSettings, rootFolder } from './settings.ts'
import { RELEASED_AT, VERSION } from './version.ts'

const ANSWER_MS = 2_000
const PLUGIN = /^sym-mesh-channel@/

export async function gatherFacts(env: Environment, cwd: string, context: InstallContext): Promise<Facts> {
  const root = rootFolder(env).value
  const settings = gatherSettings(env, cwd)
  return {
    now: systemClock.now(),
    releasedAt: RELEASED_AT,
    node: process.versions.node,
    version: VERSION,
    root,
    host: gatherHost(context, await hostVersion({ ...env })),
    settings,
    sessions: await Promise.all(listRunFiles(root).map(({ ppid, run }) => gatherSession(ppid, run))),
    files: gatherFiles(root),
    freeBytes: freeBytesAt(root),
    multicast: await gatherMulticast(settings),
  }
}

function gatherHost(context: InstallContext, client: string | undefined): HostFacts {
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
  const state = (scope: 'user' | 'project') => {
    try {
      return entryState(scope, context)
    } catch {
      // Its file is among the faults.
      return undefined
    }
  }
  const entries = { user: state('user'), project: state('project') }
  return { client, faults, plugins: pluginsOf(user), entries, hasHooksDisabled: user['disableAllHooks'] === true }
}

function pluginsOf(settings: JsonObject): HostFacts['plugins'] {
  const enabled = isObject(settings['enabledPlugins']) ? settings['enabledPlugins'] : {}
  const configs = isObject(settings['pluginConfigs']) ? settings['pluginConfigs'] : {}
  return Object.entries(enabled).flatMap(([id, isEnabled]) => {
    const config = configs[id]
    const options = isObject(config) ? config['options'] : undefined
    const group = isObject(options) && typeof options['group'] === 'string' && options['group'] !== '' ? options['group'] : undefined
    return PLUGIN.test(id) ? [{ id, isEnabled: isEnabled === true, group }] : []
  })
}

function gatherSettings(env: Environment, cwd: string): SettingsFacts {
  try {
    const { group, nodeName, projectName, listen, root, attention } = readSettings(env, cwd)
    const name = nodeName.value === undefined ? projectName : nodeName
    const lines = [
      { name: 'group', value: group.value, source: group.source },
      { name: nodeName.value === undefined ? 'project name' : 'node name', value: name.value ?? '', source: name.source },
      { name: 'state folder', value: root.value, source: root.source },
      { name: 'mode', value: attention.mode, source: 'settings.json or default' },
    ]
    return { kind: 'ok', group: group.value, lines, isLoopbackOnly: isLoopback(listen.value.host) }
  } catch (thrown) {
    if (!(thrown instanceof MeshError)) throw thrown
    return { kind: 'invalid', message: thrown.message }
  }
}

async function gatherSession(parentPid: number, run: { pid: number; start: string | null; local: string }): Promise<SessionFacts> {
  const isAliveNow = await isSameProcess(run.pid, run.start)
  const status = isAliveNow ? await statusOf(run.local) : undefined
  // A parent of 1 is what is left of a client that has ended.
  return { pid: run.pid, parentPid, isAlive: isAliveNow, isParentAlive: isAlive(parentPid), status }
}

async function statusOf(local: string): Promise<SessionStatus | undefined> {
  const answer = await callLocal(local, { method: 'status' }, { clock: systemClock, timeoutMs: ANSWER_MS }).catch(() => undefined)
  const parsed = statusView.safeParse(answer !== undefined && 'ok' in answer ? answer.ok : undefined)
  if (!parsed.success) return undefined
  const { name, version = '', groups, peersHere, problems } = parsed.data
  const push = parsed.data['push']
  return {
    name,
    version,
    groups: groups.map((group) => group.name),
    peersHere,
    problems,
    push: isObject(push)
      ? { isProven: push['isProven'] === true, hint: typeof push['hint'] === 'boolean' ? push['hint'] : undefined }
      : undefined,
  }
}

/** Root, the folders of nodes, their identities. */
function gatherFiles(root: string): readonly FileFacts[] {
  const nodes = path.join(root, 'nodes')
  const names = namesIn(nodes)
  const folders = [root, nodes, ...names.map((name) => path.join(nodes, name))].flatMap((folder) => factsOf(folder))
  const identities = names.flatMap((name) => {
    const [facts] = factsOf(path.join(nodes, name, 'identity.json'))
    return facts
      ? [
          {
            ...facts,
            fault: faultOf(() => checkIdentity(root, name, { clock: systemClock, random: systemRandom, hostname: os.hostname() })),
          },
        ]
      : []
  })
  return [...folders, ...identities]
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    // No node was ever started here.
    return []
  }
}

function factsOf(file: string): readonly FileFacts[] {
  const stat = lstatSync(file, { throwIfNoEntry: false })
  if (!stat) return []
  return [{ path: file, mode: process.platform === 'win32' ? undefined : stat.mode & 0o777, fault: undefined }]
}

function faultOf(use: () => unknown): string | undefined {
  try {
    use()
    return undefined
  } catch (thrown) {
    return messageOf(thrown)
  }
}

/** Of the nearest folder that exists: the state folder may not have been made yet. */
function freeBytesAt(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    const above = path.dirname(folder)
    return above === folder ? undefined : freeBytesAt(above)
  }
}

async function gatherMulticast(settings: SettingsFacts): Promise<MulticastFacts> {
  if (settings.kind === 'ok' && settings.isLoopbackOnly) return { kind: 'unused' }
  const interfaces = usableInterfaces(os.networkInterfaces()).filter((one) => !one.isLoopback)
  if (interfaces.length === 0) return { kind: 'no-network' }
  const guard = new Guard(createLog(() => {}, 'error', systemClock))
  const results = await probeMulticast({ open: openMdnsPort, interfaces, clock: systemClock, random: systemRandom, guard })
  return { kind: 'probed', interfaces: results.map((result) => ({ name: result.interface, problem: result.problem })) }
}
