/** Whether the product is installed, once, and whole. */
import type { EntryState } from '../install/install.ts'
import type { HostFacts } from './facts.ts'
import type { Finding } from './finding.ts'

export function diagnoseInstall(host: HostFacts): readonly Finding[] {
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
  return [
    ...faults,
    ...entries,
    ...diagnosePlugins(host, enabled.length, live),
    ...(enabled.length + live.length > 1 ? [] : live.flatMap((scope) => diagnoseHooks(scope, host))),
    ...hooks,
  ]
}

function diagnoseHooks(scope: 'user' | 'project', { hooks, hasHooksDisabled }: HostFacts): readonly Finding[] {
  if (hooks[scope] || hasHooksDisabled) return []
  return [
    {
      id: 'hooks-missing',
      level: 'warning',
      what: `The entry for the ${scope} stands without its hooks, or with hooks whose program is gone`,
      why: "peers' words reach Claude only beside the result of a mesh tool",
      next: `sym-mesh-channel init --force${scope === 'project' ? ' --project' : ''}`,
    },
  ]
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
  const moved = plugins.find((one) => one.isEnabled && one.missingFolder !== undefined)
  if (moved) {
    const market = moved.id.slice(moved.id.indexOf('@') + 1)
    return [
      {
        id: 'plugin-moved',
        level: 'problem',
        what: `The plugin ${moved.id} is used from ${moved.missingFolder}, and that folder is gone`,
        why: 'the server and the hooks cannot start',
        next: `claude plugin marketplace remove ${market}, then claude plugin marketplace add with the folder as it is now`,
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
