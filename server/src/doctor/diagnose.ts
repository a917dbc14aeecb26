/** From facts to findings: pure, one function for each area, each finding with the cause and the next step (R147). */
import type { EntryState } from '../install/install.ts'
import type { Facts, FileFacts, HostFacts, SessionFacts, SessionStatus } from './facts.ts'
import type { Finding } from './finding.ts'

const LEAST_NODE = 20
/** Hooks and tools were seen to work from here on. */
const LEAST_CLIENT = '2.1.197'
const LOW_DISK_BYTES = 200 * 1_048_576
const FULL_DISK_BYTES = 8 * 1_048_576
const CHANNEL_FLAG = '--dangerously-load-development-channels'

export function diagnose(facts: Facts): readonly Finding[] {
  return [
    ...diagnosePrograms(facts),
    ...diagnoseInstall(facts.host),
    ...diagnoseSettings(facts),
    ...diagnoseSessions(facts),
    ...diagnoseFiles(facts),
    ...diagnoseMachine(facts),
  ]
}

function diagnosePrograms({ node, host, version }: Facts): readonly Finding[] {
  const findings: Finding[] = [{ id: 'version', level: 'good', what: `sym-mesh-channel ${version} on Node ${node}` }]
  if (Number(node.split('.')[0]) < LEAST_NODE) {
    findings.push({
      id: 'node-old',
      level: 'problem',
      what: `Node ${node} is too old`,
      why: `the server needs Node ${LEAST_NODE} or newer and does not start`,
      next: `install Node ${LEAST_NODE} or newer, and look with: node --version`,
    })
  }
  if (host.client === undefined) {
    findings.push({ id: 'client-missing', level: 'note', what: 'There is no claude on the PATH, so its version is not known' })
  } else if (isOlder(host.client, LEAST_CLIENT)) {
    findings.push({
      id: 'client-old',
      level: 'warning',
      what: `Claude Code ${host.client} is older than ${LEAST_CLIENT}, the oldest that was tried`,
      why: 'hooks or plugin options may not work there',
      next: 'claude update',
    })
  }
  return findings
}

function diagnoseInstall(host: HostFacts): readonly Finding[] {
  const faults = host.faults.map(
    (what): Finding => ({
      id: 'host-file',
      level: 'problem',
      what,
      why: 'Claude Code cannot read it either, so nothing in it counts',
      next: 'mend the file, or restore a copy from before',
    }),
  )
  const entries = (['user', 'project'] as const).flatMap((scope) => diagnoseEntry(scope, host.entries[scope]))
  const enabled = host.plugins.filter(({ isEnabled }) => isEnabled)
  const live = (['user', 'project'] as const).filter((scope) => host.entries[scope]?.kind === 'live')
  const hooks: readonly Finding[] = host.hasHooksDisabled
    ? [
        {
          id: 'hooks-off',
          level: 'warning',
          what: 'Hooks are switched off in the settings of Claude Code (disableAllHooks)',
          why: "peers' words reach Claude only beside the result of a mesh tool",
          next: 'take "disableAllHooks" out of ~/.claude/settings.json',
        },
      ]
    : []
  return [...faults, ...entries, ...diagnosePlugins(host, enabled.length, live), ...hooks]
}

function diagnosePlugins({ plugins, faults }: HostFacts, enabled: number, live: readonly string[]): readonly Finding[] {
  if (enabled + live.length > 1) {
    return [
      {
        id: 'installed-twice',
        level: 'problem',
        what: `Installed ${enabled + live.length} times: ${[...plugins.filter((one) => one.isEnabled).map(({ id }) => `plugin ${id}`), ...live.map((scope) => `entry for the ${scope}`)].join(', ')}`,
        why: 'every session is several nodes, and what arrives at one is not seen by the other',
        next:
          enabled > 0 && live.length > 0 ? `sym-mesh-channel uninstall${live.includes('user') ? '' : ' --project'}` : 'keep one of them',
      },
    ]
  }
  if (enabled === 1) return [{ id: 'installed', level: 'good', what: `Installed as plugin ${plugins.find((one) => one.isEnabled)?.id}` }]
  if (live.length === 1) return [{ id: 'installed', level: 'good', what: `Installed by an entry for the ${live[0]}` }]
  const disabled = plugins[0]
  if (disabled) {
    const next = `claude plugin enable ${disabled.id}`
    return [{ id: 'plugin-disabled', level: 'problem', what: `The plugin ${disabled.id} is disabled`, why: 'no session is a node', next }]
  }
  if (faults.length > 0) return []
  return [
    {
      id: 'not-installed',
      level: 'problem',
      what: 'Neither the plugin nor an entry of init is installed for this folder',
      why: 'sessions here are no nodes',
      next: 'claude plugin install sym-mesh-channel@sym-mesh-channel (after: claude plugin marketplace add sym-mesh/sym-mesh-channel), or: sym-mesh-channel init',
    },
  ]
}

function diagnoseEntry(scope: 'user' | 'project', state: EntryState | undefined): readonly Finding[] {
  if (state?.kind === 'stale') {
    return [
      {
        id: 'entry-stale',
        level: 'problem',
        what: `The entry claude-sym-mesh for the ${scope} names a program that is gone: ${state.program}`,
        why: 'the server cannot start; the package was moved or removed',
        next: `sym-mesh-channel init${scope === 'project' ? ' --project' : ''}`,
      },
    ]
  }
  if (state?.kind !== 'foreign') return []
  const what = `The entry claude-sym-mesh for the ${scope} was written by somebody else and is left alone`
  return [{ id: 'entry-foreign', level: 'note', what }]
}

function diagnoseSettings({ settings, host }: Facts): readonly Finding[] {
  if (settings.kind === 'invalid') {
    const why = 'the node of a session here does not start, and every mesh tool says so'
    return [
      { id: 'settings-invalid', level: 'problem', what: settings.message, why, next: 'correct what is named, then start a new session' },
    ]
  }
  const lines = settings.lines.map(
    ({ name, value, source }): Finding => ({ id: `setting-${name}`, level: 'note', what: `${name} = ${value} (${source})` }),
  )
  const leaked = settings.lines.find(({ name, source }) => name === 'group' && source === 'SYM_GROUP')
  const option = host.plugins.find((one) => one.isEnabled)?.group
  if (leaked === undefined || option === undefined || option === leaked.value) return lines
  const shadowed: Finding = {
    id: 'group-shadowed',
    level: 'warning',
    what: `SYM_GROUP=${leaked.value} in the environment hides the group ${option} of the plugin's configuration`,
    why: 'sessions from this shell are in another group than those from elsewhere',
    next: 'unset SYM_GROUP',
  }
  return [...lines, shadowed]
}

function diagnoseSessions({ sessions, settings }: Facts): readonly Finding[] {
  const answering = sessions.flatMap(({ status }) => (status ? [status] : []))
  const none: Finding = { id: 'no-session', level: 'note', what: 'No session with a mesh node is running' }
  const own = settings.kind === 'ok' ? settings.group : undefined
  return [
    ...(answering.length === 0 ? [none] : answering.flatMap((status) => diagnoseSession(status, own))),
    ...sessions.flatMap((session) => diagnoseProcess(session)),
  ]
}

function diagnoseSession({ name, groups, peersHere, problems, push }: SessionStatus, own: string | undefined): readonly Finding[] {
  const findings: Finding[] = [
    { id: 'session', level: 'good', what: `Session ${name}: in ${groups.join(', ') || 'no group'}, ${peersHere} peers here` },
    ...problems.map((what): Finding => ({ id: 'session-problem', level: 'warning', what: `Session ${name}: ${what}` })),
  ]
  if (own !== undefined && groups[0] !== undefined && !groups.includes(own)) {
    findings.push({
      id: 'group-mismatch',
      level: 'warning',
      what: `Session ${name} is in ${groups.join(', ')}, and a session that starts here now would be in ${own}`,
      why: 'sessions in different groups do not see each other',
      next: `in one of the two: /mesh-join ${own}`,
    })
  }
  return [...findings, ...diagnosePush(name, push)]
}

function diagnosePush(name: string, push: SessionStatus['push']): readonly Finding[] {
  if (push === undefined || push.isProven) return []
  const what = `Session ${name}: channel push is not ${push.hint === true ? 'proven yet' : 'live'}; words arrive by hooks`
  if (push.hint === true) return [{ id: 'push-unproven', level: 'note', what }]
  const next = `claude ${CHANNEL_FLAG} plugin:sym-mesh-channel@sym-mesh-channel, or: sym-mesh-channel launch`
  return [{ id: 'push-off', level: 'note', what, why: 'Claude Code was started without the channel flag', next }]
}

function diagnoseProcess({ pid, parentPid, isAlive, isParentAlive, status }: SessionFacts): readonly Finding[] {
  if (isAlive && !isParentAlive) {
    const what = `Process ${pid} is a mesh server whose Claude Code (${parentPid}) has ended`
    return [{ id: 'orphan', level: 'warning', what, why: 'it holds a name and answers as a session that is gone', next: `kill ${pid}` }]
  }
  if (isAlive && status === undefined) {
    const what = `The mesh server ${pid} lives and does not answer`
    return [{ id: 'no-answer', level: 'problem', what, why: 'hooks and commands of its session do nothing', next: 'restart that session' }]
  }
  return []
}

function diagnoseFiles({ files }: Facts): readonly Finding[] {
  return files.flatMap((file) => [...diagnoseFault(file), ...diagnoseMode(file)])
}

function diagnoseFault({ path, fault, mode }: FileFacts): readonly Finding[] {
  // Open to others it is refused too; that is told as such.
  if (fault === undefined || isOpenToOthers(mode)) return []
  const why = 'a node with this name does not start; the file is never replaced, since nobody can give a lost key back'
  return [
    {
      id: 'file-broken',
      level: 'problem',
      what: fault,
      why,
      next: `restore ${path} from a copy, or move it away to start as somebody new`,
    },
  ]
}

const isOpenToOthers = (mode: number | undefined): boolean => mode !== undefined && (mode & 0o077) !== 0

function diagnoseMode({ path, mode }: FileFacts): readonly Finding[] {
  if (mode === undefined || !isOpenToOthers(mode)) return []
  const isWritable = (mode & 0o022) !== 0
  const isRefused = isWritable || path.endsWith('identity.json')
  return [
    {
      id: 'mode-open',
      level: isRefused ? 'problem' : 'warning',
      what: `${path} can be ${isWritable ? 'written' : 'read'} by other users (mode ${mode.toString(8)})`,
      why: isRefused ? 'the node refuses to start with it' : 'others on this machine can read keys or mail',
      next: `chmod go-rwx '${path}'`,
    },
  ]
}

function diagnoseMachine({ now, releasedAt, freeBytes, root, multicast, settings }: Facts): readonly Finding[] {
  const findings: Finding[] = []
  if (now < releasedAt) {
    findings.push({
      id: 'clock-wrong',
      level: 'problem',
      what: `The clock says ${new Date(now).toISOString().slice(0, 10)}, before this version was made`,
      why: 'peers refuse what is dated more than 30 days ago',
      next: 'set the clock of this machine',
    })
  }
  if (freeBytes !== undefined && freeBytes < LOW_DISK_BYTES) {
    const isFull = freeBytes < FULL_DISK_BYTES
    findings.push({
      id: isFull ? 'disk-full' : 'disk-low',
      level: isFull ? 'problem' : 'warning',
      what: `${Math.floor(freeBytes / 1_048_576)} MB are free where ${root} lies`,
      why: isFull ? 'nothing can be kept, so nothing is taken or sent' : 'what peers send may soon not be kept',
      next: `make room; df -h '${root}' shows the disk`,
    })
  }
  const isLoopback = settings.kind === 'ok' && settings.isLoopbackOnly
  return [...findings, ...(isLoopback ? [LOOPBACK] : []), ...diagnoseMulticast(multicast)]
}

const LOOPBACK: Finding = {
  id: 'loopback-only',
  level: 'note',
  what: 'SYM_LISTEN is a loopback address: sessions of this machine meet, other machines do not',
}

function diagnoseMulticast(multicast: Facts['multicast']): readonly Finding[] {
  if (multicast.kind === 'unused') return []
  if (multicast.kind === 'no-network') return [{ id: 'no-network', level: 'note', what: 'This machine has no network but loopback' }]
  return multicast.interfaces.map(({ name, problem }): Finding => {
    if (problem === undefined) {
      const what = `Multicast on ${name}: what is sent is heard on this machine (whether the network carries it, only a second machine shows)`
      return { id: 'multicast', level: 'good', what }
    }
    return {
      id: 'multicast-blocked',
      level: 'warning',
      what: `Multicast on ${name}: ${problem}`,
      why: 'peers on this network are not found by themselves',
      next: 'allow UDP 5353 for node in the firewall, or name a peer: SYM_PEERS=host:port',
    }
  })
}

function isOlder(version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0))
  for (const [index, part] of (b ?? []).entries()) if ((a?.[index] ?? 0) !== part) return (a?.[index] ?? 0) < part
  return false
}
