/**
 * Installing and removing without the plugin system. What will be written is shown first; a person says yes, or a
 * program says `--yes`.
 */
import { CommanderError } from 'commander'
import { MeshError } from '../base/errors.ts'
import type { ProofFacts, RelayFacts } from '../doctor/facts.ts'
import { EXIT_OF, type Finding, formatFinding, healthOf } from '../doctor/finding.ts'
import { diagnoseProof, diagnoseRelay } from '../doctor/network.ts'
import { type InstallContext, type Plan, planInit, planUninstall, type Scope } from '../install/install.ts'
import { type CliDeps, type Commands, json } from './command.ts'

export interface InstallDeps {
  readonly context: InstallContext
  /** `SYM_NODE_NAME`, where it is set. */
  readonly nodeName: string | undefined
  /** Refuses what is no group name. */
  readonly parseGroup: (text: string) => string
  /** Asks the person; undefined where nobody is at a terminal. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined
  /** Sends a message from one node of this machine to another, and a word through the relay where there is one. */
  readonly prove: () => Promise<{ readonly proof: ProofFacts; readonly relay: RelayFacts }>
  /** Takes out every identity, inbox and setting of ours; returns the folder. */
  readonly purge: () => string
}

interface Options {
  readonly project?: boolean
  readonly group?: string
  readonly force?: boolean
  readonly yes?: boolean
  readonly purge?: boolean
  readonly json?: boolean
}

export function addInstallCommands({ deps, add }: Commands): void {
  add('init', 'install without the plugin system: adds the server and its hooks to Claude Code', 'init --project --group backend-team')
    .option('--project', 'for the project in this folder instead of every project')
    .option('--group <name>', 'the group that sessions begin in')
    .option('--force', 'replace an entry that works')
    .option('--yes', 'do not ask')
    .action(async (options: Options) => init(deps, options))
  add('uninstall', 'take out what init added; identities and mail stay', 'uninstall --yes')
    .option('--project', 'for the project in this folder')
    .option('--purge', 'also delete all identities, inboxes and settings of this user')
    .option('--yes', 'do not ask')
    .action(async (options: Options) => uninstall(deps, options))
}

async function init(deps: CliDeps, options: Options): Promise<void> {
  const { context, nodeName: name, parseGroup, prove } = deps.install()
  const group = options.group === undefined ? undefined : parseGroup(options.group)
  const plan = planInit({ scope: scopeOf(options), group, name, isForced: options.force === true }, context)
  const changes = await carryOut(plan, deps, options)
  if (plan.live !== undefined) {
    if (options.json) deps.out(json({ changes, live: plan.live }))
    const hint = `Left alone: ${plan.live}. To replace it, run init again with --force.`
    deps.err(hint)
    throw new CommanderError(2, 'sym.live', hint)
  }
  if (!options.json) deps.out(plan.steps.length === 0 ? 'Nothing to do: everything is in place.' : 'Written.')
  deps.progress('Trying it out: a message from one node of this machine to another …')
  const { proof, relay } = await prove()
  const findings = [...diagnoseProof(proof), ...diagnoseRelay(relay)]
  if (options.json) deps.out(json({ changes, proof: findings }))
  else for (const line of [...findings.map(formatFinding), afterProof(findings)]) deps.out(line)
  const code = EXIT_OF[healthOf(findings)]
  if (code === EXIT_OF.broken) throw new CommanderError(code, 'sym.proof', 'the proof failed')
}

/** A relay that is away is no reason not to begin. */
function afterProof(findings: readonly Finding[]): string {
  return healthOf(findings) === 'broken'
    ? 'Installed, but it does not work yet. sym-mesh-channel doctor looks at everything.'
    : 'Done. Sessions that start from now on take part: sym-mesh-channel launch starts one.'
}

async function uninstall(deps: CliDeps, options: Options): Promise<void> {
  const { context, purge } = deps.install()
  const plan = planUninstall(scopeOf(options), context)
  const extra = options.purge ? ['deletes every identity, inbox and setting of this user; peers will not know the next one'] : []
  const changes = await carryOut(plan, deps, options, extra)
  if (options.json) deps.out(json({ changes }))
  const purged = options.purge ? purge() : undefined
  if (options.json) return
  deps.out(plan.steps.length === 0 ? 'Nothing of ours was there.' : 'Done.')
  if (purged !== undefined) deps.out(`Deleted ${purged}.`)
}

async function carryOut(plan: Plan, deps: CliDeps, options: Options, extra: readonly string[] = []): Promise<readonly object[]> {
  const lines = [...plan.steps.flatMap(({ file, does }) => [file, ...does.map((what) => `  ${what}`)]), ...extra]
  if (!options.json) for (const line of lines) deps.out(line)
  if (lines.length > 0 && !options.yes) await consent(deps.install().ask)
  const changes = plan.steps.map((step) => ({ ...step.apply(), file: step.file, does: step.does }))
  for (const change of changes) {
    if (!options.json && change.kind === 'changed' && change.backup !== undefined) deps.out(`Backup: ${change.backup}`)
  }
  return changes
}

async function consent(ask: InstallDeps['ask']): Promise<void> {
  if (!ask) throw new MeshError('argument-invalid', 'Nobody is at a terminal to ask; nothing was written. To agree beforehand: --yes')
  if (!(await ask('Write this? [y/N] '))) throw new MeshError('argument-invalid', 'Nothing was written.')
}

const scopeOf = ({ project }: Options): Scope => (project ? 'project' : 'user')
