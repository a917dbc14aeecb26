/** Commands about what was kept: search it, walk a conversation, ask why something was not shown, write a note, forget. */
import * as z from 'zod'
import { LIMITS } from '../base/limits.ts'
import { parseWhen } from '../base/when.ts'
import { asking, type Commands, json, parsed, whole } from './command.ts'
import { formatItems } from './format.ts'
import { formatCatchUp, formatThread, formatWhy } from './memory-format.ts'
import { catchUpView, threadStep, whyView } from './memory-views.ts'
import { itemView } from './views.ts'

/** Longer than members are waited for. */
const CATCH_UP_MS = 15_000

interface RecallOptions {
  readonly json?: boolean
  readonly node?: string
  readonly peer?: string
  readonly group?: string
  readonly kind?: string
  readonly since?: string
  readonly until?: string
  readonly limit: number
  readonly offset?: number
}

export function addMemoryCommands(commands: Commands): void {
  addRecall(commands)
  addChanges(commands)
  addCatchUp(commands)
  const { deps, addForNode } = commands
  addForNode('thread <id>', 'a conversation from its first message on', 'thread m0123456789abcdef').action(async (id: string, options) =>
    asking(deps, { node: options.node }, async (node) => {
      const steps = parsed(z.array(threadStep), await node.call('thread', { id }))
      deps.out(options.json ? json(steps) : formatThread(steps))
    }),
  )
  addForNode('why [id]', 'why something was not shown to Claude, or how loudly; without an id the latest such', 'why m0123456789abcdef')
    .option('--limit <n>', 'at most this many', whole, 20)
    .action(async (id: string | undefined, options) =>
      asking(deps, { node: options.node }, async (node) => {
        const views = parsed(z.array(whyView), await node.call('why', id === undefined ? { limit: options.limit } : { id }))
        deps.out(options.json ? json(views) : formatWhy(views, id !== undefined))
      }),
    )
}

function addRecall({ deps, addForNode }: Commands): void {
  addForNode(
    'recall [words]',
    'search what was kept, best match first; without words the newest',
    'recall "retry budget" --peer me --since 3d',
  )
    .option('--peer <peer>', 'only what this peer said: its name, 8 digits of its fingerprint, or me')
    .option('--group <name>', 'only what was said in this group')
    .option('--kind <kind>', 'only messages, observations, notes, or one kind of observation')
    .option('--since <when>', 'only what came then or later: 2h, 3d, 2026-11-20')
    .option('--until <when>', 'only what came before')
    .option('--limit <n>', 'at most this many', whole, 10)
    .option('--offset <n>', 'skip this many, for the next page', whole)
    .action(async (words: string | undefined, options: RecallOptions) =>
      asking(deps, { node: options.node }, async (node) => {
        const { peer, group, kind, limit, offset = 0 } = options
        const at = (name: 'since' | 'until') => (options[name] === undefined ? undefined : parseWhen(name, options[name], deps.now()))
        const query = { text: words ?? '', peer, group, kind, since: at('since'), until: at('until'), limit, offset }
        const items = parsed(z.array(itemView), await node.call('recall', query))
        deps.out(options.json ? json(items) : formatItems(items))
      }),
    )
}

function addCatchUp({ deps, addForNode }: Commands): void {
  addForNode('catch-up', 'ask members that are here for what was said to the group before; recall finds it then', 'catch-up --limit 20')
    .option('--group <name>', 'of this group, left out the current one')
    .option('--limit <n>', `at most this many, ${LIMITS.history.items} if left out`, whole, LIMITS.history.items)
    .action(async (options: { json?: boolean; node?: string; group?: string; limit: number }) =>
      asking(deps, { node: options.node, meet: {} }, async (node) => {
        const { group, limit } = options
        const view = parsed(catchUpView, await node.call('catch-up', { group, limit: Math.min(limit, LIMITS.history.items) }, CATCH_UP_MS))
        deps.out(options.json ? json(view) : formatCatchUp(view))
      }),
    )
}

function addChanges({ deps, addForNode }: Commands): void {
  addForNode('remember <text>', 'keep a note of your own; it is sent to nobody', 'remember "the staging key is rotated on Mondays"').action(
    async (text: string, options) =>
      asking(deps, { node: options.node }, async (node) => {
        const id = parsed(z.string(), await node.call('remember', { text }))
        deps.out(options.json ? json({ id }) : `Kept as ${id}.`)
      }),
  )
  addForNode(
    'forget <id>',
    'take one message out of memory and inbox; copies that others have stay with them',
    'forget m0123456789abcdef',
  ).action(async (shown: string, options) =>
    asking(deps, { node: options.node }, async (node) => {
      const id = parsed(z.string(), await node.call('forget', { id: shown }))
      deps.out(options.json ? json({ id }) : `${id} is forgotten here.`)
    }),
  )
}
