/** `doctor`: what is wrong, why it matters, and the exact next step; and `launch`, which starts Claude Code the right way. */
import { CommanderError, Option } from 'commander'
import { MeshError } from '../base/errors.ts'
import { diagnose } from '../doctor/diagnose.ts'
import type { Facts, HostFacts } from '../doctor/facts.ts'
import { EXIT_OF, type Finding, formatFinding, healthOf, type Level } from '../doctor/finding.ts'
import { type CliDeps, type Commands, json } from './command.ts'

const MODES = ['push', 'inbox', 'off'] as const
type Mode = (typeof MODES)[number]

export interface DoctorDeps {
  gather(): Promise<Facts>
  /** What stands in the files of the host. */
  host(): Promise<HostFacts>
  /** Takes the rights of others from a file or folder of ours. */
  readonly close: (path: string) => void
  /** Runs Claude Code in this terminal; undefined when there is none. */
  readonly runHost: (args: readonly string[], variables: Readonly<Record<string, string>>) => Promise<number | undefined>
}

export function addDoctorCommands({ deps, add }: Commands): void {
  add('doctor', 'looks for what is wrong: installation, settings, sessions, files, network', 'doctor --json')
    .option('--fix', 'mend what is safe to mend: rights of files of ours')
    .action(async (options: { json?: boolean; fix?: boolean }) => doctor(deps, options))
  add(
    'launch [args...]',
    'starts Claude Code with the channel flag that fits how this was installed; what follows -- goes to it',
    'launch -- --continue',
  )
    .addOption(
      new Option('--mode <mode>', 'for this session alone: words are shown at once (push), wait (inbox), or the mesh is off').choices(
        MODES,
      ),
    )
    .action(async (args: readonly string[], { mode }: { mode?: Mode }) => launch(deps, args, mode))
}

async function doctor(deps: CliDeps, options: { json?: boolean; fix?: boolean }): Promise<void> {
  const { gather, close } = deps.doctor()
  deps.progress('Looking: files, sessions, network, and a message from one node of this machine to another …')
  const facts = await gather()
  const found = diagnose(facts)
  const mended = options.fix ? mend(facts, found, close) : []
  const findings = mended.length === 0 ? found : diagnose(await gather())
  const health = healthOf(findings)
  if (options.json) deps.out(json({ health, findings, mended }))
  else for (const line of [...mended.map((path) => `mended: ${path}`), ...findings.map(formatFinding), verdict(findings)]) deps.out(line)
  if (EXIT_OF[health] !== 0) throw new CommanderError(EXIT_OF[health], 'sym.health', health)
}

/** What is open to others is closed; everything else needs a person. */
function mend({ files }: Facts, findings: readonly Finding[], close: (path: string) => void): readonly string[] {
  if (!findings.some(({ id }) => id === 'mode-open')) return []
  const open = files.filter(({ mode }) => mode !== undefined && (mode & 0o077) !== 0)
  for (const { path } of open) close(path)
  return open.map(({ path }) => path)
}

function verdict(findings: readonly Finding[]): string {
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length
  const [problems, warnings] = [count('problem'), count('warning')]
  return `${healthOf(findings)}: ${problems} ${problems === 1 ? 'problem' : 'problems'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
}

async function launch(deps: CliDeps, args: readonly string[], mode: Mode | undefined): Promise<void> {
  const { host: look, runHost } = deps.doctor()
  const host = await look()
  const plugin = host.plugins.find(({ isEnabled }) => isEnabled)
  const hasEntry = [host.entries.user, host.entries.project].some((state) => state?.kind === 'live')
  if (plugin === undefined && !hasEntry) {
    throw new MeshError(
      'argument-invalid',
      'The mesh is not installed for this folder; sym-mesh-channel doctor says what to do. Nothing was started',
    )
  }
  const channel = plugin === undefined ? 'server:claude-sym-mesh' : `plugin:${plugin.id}`
  // Who wants nothing unasked needs no channel, and is not asked to confirm one.
  const flags = mode === undefined || mode === 'push' ? ['--dangerously-load-development-channels', channel] : []
  const code = await runHost([...flags, ...args], mode === undefined ? {} : { SYM_MODE: mode })
  if (code === undefined) throw new MeshError('unreachable', 'There is no claude on the PATH to start')
  if (code !== 0) throw new CommanderError(code, 'sym.host', `Claude Code ended with ${code}`)
}
