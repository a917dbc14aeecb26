/**
 * The command line: what a person or a program runs without Claude. It asks the running session of this project, and
 * where none runs it is the node itself for as long as the command takes.
 *
 * Exit codes: 0 done, 1 it could not be done (the reason is on stderr), 2 the command was not understood.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import * as z from 'zod'
import { MeshError, messageOf } from '../base/errors.ts'
import { formatEvent, formatItems, formatPeers, formatSend, formatStatus } from './format.ts'
import { itemView, nodeEvent, peerView, sendView, statusView } from './views.ts'

/** A node to ask: the running session's, or one of this process. */
export interface NodeAccess {
  /** True when no session was running and this process holds the node. */
  readonly isOwn: boolean
  call(method: string, params?: object): Promise<unknown>
  /** Tells of events until the signal aborts. */
  watch(onEvent: (event: unknown) => void, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export interface OpenOptions {
  /** Name of the node, when the project has several. */
  readonly node?: string | undefined
  /** What a node of this process waits for before it answers: one peer (by `to`), or whoever is near. */
  readonly meet?: { readonly to?: string | undefined }
}

export interface CliDeps {
  readonly version: string
  open(options: OpenOptions): Promise<NodeAccess>
  demo(print: (line: string) => void): Promise<void>
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  readonly now: () => number
  /** Aborts when the person ends the program. */
  readonly signal: AbortSignal
  readonly isDebug: boolean
}

const FIELDS = ['issue', 'intent', 'motivation', 'commitment', 'perspective', 'mood'] as const

/** Runs one command; resolves to the exit code. */
export async function runCli(argv: readonly string[], deps: CliDeps): Promise<number> {
  const program = createProgram(deps)
  if (argv.length === 0) {
    deps.out(program.helpInformation().trimEnd())
    return 0
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return 0
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
    deps.err(deps.isDebug && thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown))
    return 1
  }
}

export function createProgram(deps: CliDeps): Command {
  const program = new Command('sym-mesh-channel')
    .description('Claude Code sessions that find each other and talk. Without a command: this help.')
    .version(deps.version)
    .showSuggestionAfterError()
    .showHelpAfterError('(--help lists what is accepted)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => deps.out(text.trimEnd()), writeErr: (text) => deps.err(text.trimEnd()) })
  const add = (name: string, description: string, example: string): Command => {
    const command = program.command(name).description(description).addHelpText('after', `\nExample:\n  $ sym-mesh-channel ${example}`)
    return command.option('--json', 'print JSON')
  }
  const withNode = (command: Command): Command => command.option('--node <name>', 'the node of this name, where the project has several')

  add('demo', 'two nodes in two temporary homes meet and talk; shows every step', 'demo')
    .allowExcessArguments(false)
    .action(async (options: { json?: boolean }) => deps.demo(options.json ? (line) => deps.out(JSON.stringify({ line })) : deps.out))
  withNode(add('status', 'who this node is, its group, what waits, what is wrong', 'status --json')).action(async (options) =>
    asking(deps, { node: options.node }, async (node) => {
      const status = parsed(statusView, await node.call('status'))
      deps.out(options.json ? json(status) : formatStatus(status, node.isOwn))
    }),
  )
  withNode(add('peers', 'who is here and who was', 'peers')).action(async (options) =>
    asking(deps, { node: options.node, meet: {} }, async (node) => {
      const peers = parsed(z.array(peerView), await node.call('peers'))
      deps.out(options.json ? json(peers) : formatPeers(peers, deps.now()))
    }),
  )
  const send = withNode(
    add('send <text>', 'a message to one peer, or to the whole group', 'send --to claude-laptop-api "the schema is on main"'),
  )
    .option('--to <peer>', 'its name, or at least 8 digits of its fingerprint')
    .option('--body <text>', 'long text beside the message')
    .option('--key <text>', 'the same key again gives the first result and sends nothing')
  withFields(send).action(async (text: string, options) => speak(deps, text, options, ['message']))
  const kinds = new Option('--kind <kind>', 'what sort of observation').choices([
    'context',
    'decision',
    'claim',
    'finding',
    'blocker',
    'done',
  ])
  const observe = withNode(
    add('observe <focus>', 'an observation for the whole group, in CAT7 fields', 'observe "tests are red on main" --intent "bisecting"'),
  )
    .option('--key <text>', 'the same key again gives the first result and sends nothing')
    .addOption(kinds)
  withFields(observe).action(async (text: string, options) =>
    speak(deps, text, options, options.kind ? ['observation', options.kind] : ['observation']),
  )
  withNode(add('inbox', 'what arrived, newest first; looking marks nothing as read', 'inbox --unread --limit 5'))
    .option('--unread', 'only what Claude was not shown yet')
    .option('--limit <n>', 'at most this many', whole, 20)
    .action(async (options) =>
      asking(deps, { node: options.node }, async (node) => {
        const items = parsed(z.array(itemView), await node.call('inbox', { limit: options.limit, isUnreadOnly: options.unread === true }))
        deps.out(options.json ? json(items) : formatItems(items))
      }),
    )
  withNode(add('watch', 'who comes and goes and what is said, live, until Ctrl-C', 'watch')).action(async (options) =>
    asking(deps, { node: options.node }, (node) =>
      node.watch((event) => {
        const known = nodeEvent.safeParse(event)
        if (known.success) deps.out(options.json ? JSON.stringify(event) : formatEvent(known.data, deps.now()))
      }, deps.signal),
    ),
  )
  return program
}

function withFields(command: Command): Command {
  for (const field of FIELDS) command.option(`--${field} <text>`, `the CAT7 field ${field}`)
  return command
}

interface SpeakOptions {
  readonly json?: boolean
  readonly node?: string
  readonly to?: string
  readonly body?: string
  readonly key?: string
  readonly [field: string]: unknown
}

async function speak(deps: CliDeps, focus: string, options: SpeakOptions, tags: readonly string[]): Promise<void> {
  const { node: name, to, body, key } = options
  const fields = Object.fromEntries(FIELDS.flatMap((field) => (typeof options[field] === 'string' ? [[field, options[field]]] : [])))
  await asking(deps, { node: name, meet: { to } }, async (node) => {
    const view = parsed(sendView, await node.call('send', { fields: { focus, ...fields }, body, to, key, tags }))
    deps.out(options.json ? json(view) : formatSend(view))
  })
}

async function asking(deps: CliDeps, options: OpenOptions, use: (node: NodeAccess) => Promise<void>): Promise<void> {
  const node = await deps.open(options)
  try {
    await use(node)
  } finally {
    await node.close()
  }
}

function parsed<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  throw new MeshError(
    'internal',
    'the running session gave an answer that this version does not understand; restart the session after an update',
  )
}

function whole(text: string): number {
  const value = Number(text)
  if (!/^\d{1,3}$/.test(text) || value < 1 || value > 500) throw new InvalidArgumentError('A whole number from 1 to 500 is expected.')
  return value
}

const json = (value: unknown): string => JSON.stringify(value, null, 2)
