/** Commands about this installation and this node that change nothing in the mesh: who, which version, what it costs, what would be. */
import * as z from 'zod'
import { parseFingerprint } from '../identity/ids.ts'
import { wordsOf } from '../secure/words.ts'
import { asking, type CliDeps, type Commands, json, parsed } from './command.ts'
import { statusView } from './views.ts'

export interface VersionFacts {
  readonly version: string
  readonly node: string
  /** The folder of this package. */
  readonly folder: string
  readonly installedBy: 'plugin' | 'npm' | 'folder'
  /** The command that brings the next version. */
  readonly upgrade: string
}

export interface PlanLine {
  readonly name: string
  readonly value: string
  readonly source: string
}

export interface OwnDeps {
  version(): VersionFacts
  /** Where the identity of this name lies. */
  folderOf(name: string): string
  /** Bytes below the state folder, by its first level. */
  diskUse(): readonly { readonly path: string; readonly bytes: number }[]
  /** The identity of this name, or of this project; made if it is not there. */
  makeKey(
    name: string | undefined,
  ): Promise<{ readonly name: string; readonly fingerprint: string; readonly file: string; readonly isNew: boolean }>
  /** A token for a relay: 256 random bits. */
  newToken(): string
  /** What a session that starts here would do. Throws `settings-invalid` with every fault. */
  plan(): readonly PlanLine[]
}

interface Options {
  readonly json?: boolean
  readonly node?: string
}

const costView = statusView.extend({
  budget: z
    .looseObject({ shownItems: z.number(), shownTokens: z.number(), itemsLeft: z.number(), tokensLeft: z.number(), waiting: z.number() })
    .optional(),
  wakes: z.looseObject({ wakes: z.number(), wakesLeft: z.number() }).optional(),
  loop: z.looseObject({ lastHour: z.number() }).optional(),
})

export function addOwnCommands(commands: Commands): void {
  const { deps, add, addForNode } = commands
  addForNode('whoami', 'name, key and groups of this node, and where its identity lies', 'whoami').action(async (options: Options) =>
    whoami(deps, options),
  )
  addForNode('cost', 'what the mesh has cost this session: words in the context, wakes, disk', 'cost').action(async (options: Options) =>
    cost(deps, options),
  )
  add('version', 'which version this is, where it lies, and how to have the next one', 'version --json').action((options: Options) => {
    const facts = deps.own().version()
    const lines = [
      `sym-mesh-channel ${facts.version} on Node ${facts.node}`,
      `Installed   ${facts.installedBy}, in ${facts.folder}`,
      `To upgrade  ${facts.upgrade}`,
    ]
    deps.out(options.json ? json(facts) : lines.join('\n'))
  })
  add('dry-run', 'what a session that starts here would do, each value with its source; opens and sends nothing', 'dry-run').action(
    (options: Options) => {
      const plan = deps.own().plan()
      const width = Math.max(...plan.map(({ name }) => name.length))
      const lines = plan.map(({ name, value, source }) => `${name.padEnd(width)}  ${value}${source === '' ? '' : `  (${source})`}`)
      deps.out(options.json ? json(plan) : lines.join('\n'))
    },
  )
  add('keygen [name]', 'makes the key of a node before its first session; one that is there is kept', 'keygen ci-runner')
    .option('--token', 'a token for a relay instead: 256 random bits')
    .action(async (name: string | undefined, options: Options & { token?: boolean }) => keygen(deps, name, options))
}

async function whoami(deps: CliDeps, options: Options): Promise<void> {
  await asking(deps, { node: options.node }, async (node) => {
    const { name, nodeId, fingerprint, groups } = parsed(statusView, await node.call('status'))
    const key = parseFingerprint(fingerprint)
    const words = key ? wordsOf(key).join(' ') : ''
    const view = { name, nodeId, fingerprint, words, groups: groups.map((group) => group.name), folder: deps.own().folderOf(name) }
    const lines = [
      `Name         ${name}`,
      `Fingerprint  ${fingerprint}`,
      `Words        ${words}`,
      `Node id      ${nodeId}`,
      `Groups       ${view.groups.join(', ')}`,
      `Identity     ${view.folder}`,
    ]
    deps.out(options.json ? json(view) : lines.join('\n'))
  })
}

async function cost(deps: CliDeps, options: Options): Promise<void> {
  await asking(deps, { node: options.node }, async (node) => {
    const { budget, wakes, loop, inbox, memory } = parsed(costView, await node.call('status'))
    const disk = deps.own().diskUse()
    if (options.json) return deps.out(json({ isRunning: !node.isOwn, budget, wakes, loop, inbox, memory, disk }))
    const total = disk.reduce((sum, { bytes }) => sum + bytes, 0)
    const session =
      budget === undefined
        ? ['Context  no session of this project is running: nothing']
        : [
            `Context  ${budget.shownItems} items, about ${budget.shownTokens} tokens shown to Claude since its start; ${budget.waiting} wait`,
            `Budget   ${budget.itemsLeft} items and ${budget.tokensLeft} tokens left before only headlines come`,
            ...(wakes === undefined ? [] : [`Wakes    ${wakes.wakes} since its start, ${wakes.wakesLeft} left for now`]),
            ...(loop === undefined ? [] : [`Unasked  ${loop.lastHour} messages said in the last hour without a word of the user`]),
          ]
    const kept = `Kept     ${inbox.total} in the inbox, ${memory.items} in memory`
    const places = disk.map(({ path, bytes }) => `         ${sizeOf(bytes)}  ${path}`)
    deps.out([...session, kept, `Disk     ${sizeOf(total)} in all`, ...places].join('\n'))
  })
}

async function keygen(deps: CliDeps, name: string | undefined, options: Options & { token?: boolean }): Promise<void> {
  if (options.token) {
    const token = deps.own().newToken()
    return deps.out(options.json ? json({ token }) : token)
  }
  const made = await deps.own().makeKey(name)
  if (options.json) return deps.out(json(made))
  deps.out(
    [
      made.isNew ? `Made ${made.name}.` : `${made.name} has a key already; it was left as it is.`,
      `Fingerprint  ${made.fingerprint}`,
      `File         ${made.file}`,
    ].join('\n'),
  )
}

function sizeOf(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.ceil(bytes / 1_024)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`
}
