/** What the command line tells of this installation and of a session that has not begun. Opens no socket. */
import { existsSync, lstatSync, readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { toBase64Url } from '../base/bytes.ts'
import { systemClock, systemRandom } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import type { OwnDeps, PlanLine, VersionFacts } from '../cli/own-commands.ts'
import { isLoopback } from '../discovery/subnet.ts'
import { nodeFolder, openIdentity } from '../identity/identity.ts'
import { acquireLock } from '../identity/lock.ts'
import { defaultNodeName } from '../identity/slots.ts'
import { isPrivateValue, serviceTypeOf } from '../mmp/group.ts'
import { type Environment, readSettings, rootFolder, type Settings } from './settings.ts'
import { describeShare } from './sharing.ts'
import { VERSION } from './version.ts'

export interface OwnProcess {
  readonly env: Environment
  readonly cwd: string
  readonly packageRoot: string
}

const TOKEN_BYTES = 32

export function ownDeps({ env, cwd, packageRoot }: OwnProcess): OwnDeps {
  const root = rootFolder(env).value
  return {
    version: () => versionFacts(path.resolve(packageRoot)),
    folderOf: (name) => nodeFolder(root, name),
    diskUse: () => diskUse(root),
    makeKey: (name) => makeKey(root, name ?? nameOf(readSettings(env, cwd))),
    newToken: () => toBase64Url(systemRandom(TOKEN_BYTES)),
    plan: () => planOf(readSettings(env, cwd)),
  }
}

function nameOf({ nodeName, projectName }: Settings): string {
  return nodeName.value ?? defaultNodeName(os.hostname(), projectName.value)
}

/** By where the package lies: the host's own copy, a folder of npm, or any other. */
function versionFacts(folder: string): VersionFacts {
  const base = { version: VERSION, node: process.versions.node, folder }
  const market = /[\\/]plugins[\\/]cache[\\/]([^\\/]+)[\\/]sym-mesh-channel[\\/]/.exec(`${folder}${path.sep}`)?.[1]
  if (market !== undefined) {
    const upgrade = `claude plugin marketplace update ${market} && claude plugin update sym-mesh-channel@${market}`
    return { ...base, installedBy: 'plugin', upgrade }
  }
  if (path.basename(path.dirname(folder)) === 'node_modules')
    return { ...base, installedBy: 'npm', upgrade: 'npm install -g sym-mesh-channel@latest' }
  return { ...base, installedBy: 'folder', upgrade: `git -C '${folder}' pull` }
}

function diskUse(root: string): readonly { readonly path: string; readonly bytes: number }[] {
  if (!existsSync(root)) return []
  return readdirSync(root)
    .map((name) => ({ path: path.join(root, name), bytes: bytesBelow(path.join(root, name)) }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
}

function bytesBelow(place: string): number {
  const stat = lstatSync(place, { throwIfNoEntry: false })
  if (stat?.isFile()) return stat.size
  if (!stat?.isDirectory()) return 0
  return readdirSync(place).reduce((sum, name) => sum + bytesBelow(path.join(place, name)), 0)
}

async function makeKey(root: string, name: string): ReturnType<OwnDeps['makeKey']> {
  const deps = { clock: systemClock, random: systemRandom, hostname: os.hostname() }
  const folder = nodeFolder(root, name)
  const file = path.join(folder, 'identity.json')
  const isNew = !existsSync(file)
  const taken = await acquireLock(folder, deps)
  if (taken.kind === 'taken')
    throw new MeshError(
      'identity-locked',
      `${name} is in use by process ${taken.pid ?? '?'}; its key is there already. sym-mesh-channel whoami --node ${name} shows it`,
    )
  try {
    const { fingerprint } = openIdentity(root, name, deps)
    return { name, fingerprint, file, isNew }
  } finally {
    await taken.lock.release()
  }
}

function planOf(settings: Settings): readonly PlanLine[] {
  const { root, project, group, serviceType, listen, peers, relay, attention, share, allowedPeers, nodeName, projectName } = settings
  const name = nameOf(settings)
  const isKnown = existsSync(path.join(nodeFolder(root.value, name), 'identity.json'))
  const isAlone = isLoopback(listen.value.host)
  const port = listen.value.port === 0 ? 'a free port' : `port ${listen.value.port}`
  return [
    { name: 'Name', value: name, source: nodeName.value === undefined ? projectName.source : nodeName.source },
    { name: 'Key', value: isKnown ? 'is there' : 'would be made', source: path.join(root.value, 'nodes', name) },
    { name: 'Project', value: project.value, source: project.source },
    { name: 'Group', value: group.value, source: group.source },
    { name: 'Announces', value: isAlone ? 'nothing: it listens on loopback' : announced(settings), source: serviceType.source },
    { name: 'Listens', value: `${listen.value.host}, ${port}`, source: listen.source },
    { name: 'Dials', value: peers.value || 'who is found', source: peers.source },
    { name: 'Relay', value: relay.value?.url.host ?? 'none', source: relay.source },
    {
      name: 'Hears',
      value: allowedPeers.value === undefined ? 'who the group lets in' : 'SYM_ALLOWED_PEERS alone',
      source: allowedPeers.source,
    },
    { name: 'Tells', value: describeShare(share), source: '' },
    {
      name: 'Shows',
      value: `mode ${attention.mode}, do not disturb ${attention.isDoNotDisturb ? 'on' : 'off'}, wakes ${attention.wake}`,
      source: '',
    },
    { name: 'State', value: root.value, source: root.source },
  ]
}

/** As it is seen on the network. */
function announced({ group, serviceType }: Settings): string {
  if (isPrivateValue(group.value)) return 'no group name: the group is private'
  return serviceType.value ?? serviceTypeOf(group.value)
}
