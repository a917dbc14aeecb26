/** Commands about the process that holds the node of a session: what it said lately, and ending it. */
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { asking, type CliDeps, type Commands, json, parsed, whole } from './command.ts'
import { statusView } from './views.ts'

interface LogsOptions {
  readonly json?: boolean
  readonly node?: string
  readonly limit: number
  readonly follow?: boolean
}

interface StopOptions {
  readonly json?: boolean
  readonly node?: string
  readonly yes?: boolean
}

const stopView = z.looseObject({ pid: z.number() })
/** How long a server may take to say goodbye and close its database. */
const GOODBYE_MS = 5_000
const LOOK_MS = 100

export function addProcessCommands({ deps, addForNode }: Commands): void {
  addForNode('logs', 'what the server of the running session noted lately: events, no words and no keys', 'logs --follow')
    .option('--limit <n>', 'at most this many lines', whole, 50)
    .option('--follow', 'go on with what comes, until Ctrl-C')
    .action(async (options: LogsOptions) => logs(deps, options))
  addForNode('stop', 'end the node of the running session; Claude Code goes on without the mesh', 'stop --yes')
    .option('--yes', 'do not ask')
    .action(async (options: StopOptions) => stop(deps, options))
}

async function logs(deps: CliDeps, options: LogsOptions): Promise<void> {
  await asking(deps, { node: options.node }, async (node) => {
    if (node.isOwn) {
      deps.out(
        options.json ? json([]) : 'No session of this project is running, so nothing is noted. What was done before: sym-mesh-channel log',
      )
      return
    }
    const lines = parsed(z.array(z.string()), await node.call('logs', { limit: options.limit }))
    if (options.json) deps.out(options.follow ? lines.map((line) => JSON.stringify({ line })).join('\n') : json(lines))
    else deps.out(lines.join('\n') || 'Nothing was noted. SYM_DEBUG=1 in the environment of the session notes more.')
    if (!options.follow) return
    const show = (line: unknown): void => deps.out(options.json ? JSON.stringify({ line }) : String(line))
    await node.follow('logs-follow', show, deps.signal)
  })
}

async function stop(deps: CliDeps, options: StopOptions): Promise<void> {
  await asking(deps, { node: options.node }, async (node) => {
    if (node.isOwn) {
      deps.out(options.json ? json({ stopped: null }) : 'No session of this project is running: nothing to stop.')
      return
    }
    const { name } = parsed(statusView, await node.call('status'))
    await consent(deps, options, `End ${name}? Its session has no mesh until it is started again, or reconnected with /mcp.`)
    const { pid } = parsed(stopView, await node.call('stop'))
    const hasEnded = await gone(deps, node)
    if (options.json) return deps.out(json({ stopped: name, pid, hasEnded }))
    deps.out(
      hasEnded ? `${name} has ended.` : `${name} was told to end, and is not gone after 5 seconds. To end it by force: kill -9 ${pid}`,
    )
  })
}

async function consent({ terminal }: CliDeps, { yes }: StopOptions, question: string): Promise<void> {
  if (yes) return
  if (terminal.absence !== undefined)
    throw new MeshError('argument-invalid', `${question} Nobody is at a terminal to ask; nothing was done. To agree beforehand: --yes`)
  if (!/^y(?:es)?$/i.test(await terminal.ask(`${question} [y/N] `))) throw new MeshError('argument-invalid', 'Nothing was done.')
}

async function gone(deps: CliDeps, node: { call(method: string): Promise<unknown> }): Promise<boolean> {
  for (let waited = 0; waited < GOODBYE_MS; waited += LOOK_MS) {
    await new Promise<void>((resolve) => void deps.after(LOOK_MS, resolve))
    const isThere = await node.call('status').then(
      () => true,
      () => false,
    )
    if (!isThere) return true
  }
  return false
}
