/**
 * What becomes of a join in the next sessions. Our own file is written here; the host's files are written by a hook behind
 * the tool call, or by the command line, never by the server: it only says what is to be written, and hears how it went.
 */
import { type KeepPlan, type KeepTarget, keepGroup, planKeep } from '../install/keep.ts'
import type { GroupKeeper } from '../mcp/group-tools.ts'
import type { GroupName } from '../mmp/group.ts'
import type { LinkRelay } from '../transport/relay-join.ts'
import { keepRelay } from './kept-relay.ts'
import type { Environment, Settings } from './settings.ts'

/** A group that waits for somebody to write it down. */
export interface Pending {
  readonly group: GroupName
  readonly target: KeepTarget
}

export class SessionGroupKeeper implements GroupKeeper {
  readonly #settings: Settings
  readonly #plan: KeepPlan
  #pending: Pending | undefined
  #problem: string | undefined

  constructor(settings: Settings, env: Environment) {
    this.#settings = settings
    this.#plan = keepPlanOf(settings, env)
  }

  keep(group: GroupName, relay?: LinkRelay): string {
    this.#problem = undefined
    if (relay === undefined || this.#plan.kind === 'fixed') return this.#keepGroup(group)
    const obstacle = keepRelay(this.#settings, relay)
    // A group without its relay would be a group with nobody in it.
    if (obstacle !== undefined) return `For this session only, because its relay cannot be written down: ${obstacle}`
    return `${this.#keepGroup(group)} Relay and token, if it has one, stand in settings.json of the state folder (0600) for them; the shell command leave --relay forgets both.`
  }

  #keepGroup(group: GroupName): string {
    const plan = this.#plan
    switch (plan.kind) {
      case 'fixed':
        return `For this session only: ${plan.source} names the group of the next ones; change it there.`
      case 'own': {
        const problem = keepGroup(plan, group)
        return problem === undefined ? `The next sessions start in ${group} too (${plan.file}).` : notKept(problem)
      }
      case 'plugin':
      case 'entry':
        this.#pending = { group, target: plan }
        return `The hook behind this call writes it to ${plan.file}, so that the next sessions start in ${group} too.`
    }
  }

  /** What is to be written; whoever asks writes it, and tells with `settle`. */
  get pending(): Pending | undefined {
    return this.#pending
  }

  settle(group: string, problem: string | undefined): void {
    if (this.#pending?.group === group) this.#pending = undefined
    this.#problem = problem
  }

  /** For the status: a join that the next session would not know of. */
  problems(): readonly string[] {
    const unwritten =
      this.#pending &&
      `The group ${this.#pending.group} is not written down yet: no hook reported that it was done. Set the option group by hand if it stays so.`
    return [...(unwritten === undefined ? [] : [unwritten]), ...(this.#problem === undefined ? [] : [notKept(this.#problem)])]
  }
}

export function keepPlanOf({ group, root, project }: Settings, env: Environment, isShell = false): KeepPlan {
  const given = (text: string | undefined): string | undefined => (text === undefined || text.trim() === '' ? undefined : text)
  return planKeep({
    source: group.source,
    root: root.value,
    project: project.value,
    pluginData: given(env['CLAUDE_PLUGIN_DATA']),
    configFolder: given(env['CLAUDE_CONFIG_DIR']),
    home: given(env['HOME']),
    isShell,
  })
}

function notKept(problem: string): string {
  return `For this session only, because it could not be written down: ${problem}`
}
