/**
 * What every command of the command line has in common: its help with an example, `--json`, a node to ask, and answers
 * parsed before they are shown. Each group of commands is a file of its own that adds them to the program.
 */
import { type Command, InvalidArgumentError } from 'commander'
import type * as z from 'zod'
import type { Clock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { UserKey } from '../identity/user-key.ts'
import type { GroupShelf } from '../mesh/group-shelf.ts'
import type { StockSource } from '../mesh/stock-file.ts'
import type { TrustSource } from '../mesh/trust-file.ts'
import type { AttentionEditor } from './attention-commands.ts'
import type { DoctorDeps } from './doctor-commands.ts'
import type { InstallDeps } from './install-commands.ts'
import type { LogDeps } from './log-commands.ts'
import type { OwnDeps } from './own-commands.ts'
import type { RelayFlags } from './relay-command.ts'
import type { Terminal } from './terminal.ts'
import type { Screen } from './watch-command.ts'

/** A node to ask: the running session's, or one of this process. */
export interface NodeAccess {
  /** True when no session was running and this process holds the node. */
  readonly isOwn: boolean
  /** `timeoutMs`: for a call that waits for others. */
  call(method: string, params?: object, timeoutMs?: number): Promise<unknown>
  /** Tells of events until the signal aborts. */
  watch(onEvent: (event: unknown) => void, signal: AbortSignal): Promise<void>
  /** The same for any request that goes on. */
  follow(method: string, onItem: (item: unknown) => void, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export interface OpenOptions {
  /** Name of the node, when the project has several. */
  readonly node?: string | undefined
  /** What a node of this process waits for before it answers: one peer (by `to`), or whoever is near. */
  readonly meet?: { readonly to?: string | undefined }
}

export interface UserHome {
  readonly trust: TrustSource
  /** What was decided about stock nodes. */
  readonly stock: StockSource
  /** The private groups. */
  readonly groups: GroupShelf
  userKey(): Promise<UserKey>
  /** The identity of this name as text, with its private key. */
  exportIdentity(name: string): string
  /** `user`: what became of the key of the person, if one came with it; one that is here already stays. */
  importIdentity(text: string): Promise<{ readonly name: string; readonly fingerprint: Fingerprint; readonly user?: 'here' | 'another' }>
  readFile(file: string): string
  /** Makes a new private file; throws when there is one. */
  writeNewFile(file: string, text: string): void
}

export interface CliDeps {
  readonly version: string
  open(options: OpenOptions): Promise<NodeAccess>
  /** What the running session that this line is for says of itself; undefined when there is none. Starts nothing. */
  runningStatus(): Promise<unknown>
  demo(print: (line: string) => void): Promise<void>
  /** Changes what the person lets through, in their settings. */
  attention(): AttentionEditor
  /** What installing needs to know of this machine; asked only by the commands that install. */
  install(): InstallDeps
  doctor(): DoctorDeps
  /** Runs a relay until the person ends it. */
  relay(flags: RelayFlags): Promise<void>
  log(): LogDeps
  own(): OwnDeps
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  /** Says what takes its time; nothing where nobody looks. */
  readonly progress: (line: string) => void
  readonly now: () => number
  readonly after: Clock['after']
  /** Aborts when the person ends the program. */
  readonly signal: AbortSignal
  readonly isDebug: boolean
  /** Who runs this: a person at a terminal, a program, or the model in its shell. */
  readonly origin: 'model' | 'person' | 'program'
  /** Where a person sits; what changes who may speak is asked there and nowhere else. */
  readonly terminal: Terminal
  /** Where output is a terminal that can be drawn on. */
  readonly screen: Screen | undefined
  /** The files of this user that commands change. */
  home(): UserHome
}

/** The program while commands are added to it. */
export interface Commands {
  readonly deps: CliDeps
  /** A command with help, an example, and `--json`. */
  add(name: string, description: string, example: string): Command
  /** The same, for a command that asks one node: with `--node`. */
  addForNode(name: string, description: string, example: string): Command
}

export function commandsOf(program: Command, deps: CliDeps): Commands {
  const add = (name: string, description: string, example: string): Command =>
    program
      .command(name)
      .description(description)
      .addHelpText('after', `\nExample:\n  $ sym-mesh-channel ${example}`)
      .option('--json', 'print JSON')
  return {
    deps,
    add,
    addForNode: (name, description, example) =>
      add(name, description, example).option('--node <name>', 'the node of this name, where the project has several'),
  }
}

/** Opens the node, uses it, and closes it whatever happens. */
export async function asking<T>(deps: CliDeps, options: OpenOptions, use: (node: NodeAccess) => Promise<T>): Promise<T> {
  const node = await deps.open(options)
  try {
    return await use(node)
  } finally {
    await node.close()
  }
}

/** The answer of a node that may be of another version. */
export function parsed<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  throw new MeshError(
    'internal',
    'the running session gave an answer that this version does not understand; restart the session after an update',
  )
}

/** For options that count items. */
export function whole(text: string): number {
  const value = Number(text)
  if (!/^\d{1,3}$/.test(text) || value < 1 || value > 500) throw new InvalidArgumentError('A whole number from 1 to 500 is expected.')
  return value
}

export const json = (value: unknown): string => JSON.stringify(value, null, 2)
