/** The account of events: read, proven whole, or written out for somebody else (R151). */
import { Argument, CommanderError } from 'commander'
import type { AuditEntry, Verified } from '../store/audit-log.ts'
import { type Commands, json, whole } from './command.ts'

export interface LogDeps {
  /** The node's folder, its entries oldest first, and the proof. */
  read(node: string | undefined): Promise<{ readonly folder: string; readonly entries: readonly AuditEntry[] }>
  verify(node: string | undefined): Promise<Verified>
}

interface Options {
  readonly json?: boolean
  readonly node?: string
  readonly limit: number
}

export function addLogCommands({ deps, addForNode }: Commands): void {
  addForNode('log', 'the account of links, keys, groups, refusals and what was shown; verify proves that no line was changed', 'log verify')
    .addArgument(new Argument('[action]', 'what to do').choices(['show', 'verify', 'export']).default('show'))
    .option('--limit <n>', 'show at most this many, the newest', whole, 50)
    .action(async (action: 'show' | 'verify' | 'export', options: Options) => {
      const log = deps.log()
      if (action === 'verify') return report(await log.verify(options.node), options, deps.out)
      const { entries } = await log.read(options.node)
      const chosen = action === 'export' ? entries : entries.slice(-options.limit)
      if (action === 'export') for (const entry of chosen) deps.out(JSON.stringify(entry))
      else deps.out(options.json ? json(chosen) : chosen.map(line).join('\n') || 'Nothing is written yet.')
    })
}

function report(verified: Verified, { json: isJson }: Options, out: (line: string) => void): void {
  if (isJson) out(json(verified))
  else if (verified.kind === 'whole')
    out(
      `Whole: ${verified.entries} entries. The last one is ${verified.last.slice(0, 16) || 'none'}; kept elsewhere, it shows whether all was written anew.`,
    )
  else out(`Broken: ${verified.file}, line ${verified.line}: ${verified.why}`)
  if (verified.kind === 'broken') throw new CommanderError(1, 'sym.log', 'broken')
}

function line({ at, what, facts }: AuditEntry): string {
  const pairs = Object.entries(facts).map(([name, value]) => `${name}=${typeof value === 'string' ? JSON.stringify(value) : value}`)
  return [new Date(at).toISOString(), what, ...pairs].join('  ')
}
