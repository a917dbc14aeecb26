/** What arrived: seen, and taken out at the person's wish (R139). */
import { Argument } from 'commander'
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { parseWhen } from '../base/when.ts'
import { asking, type CliDeps, type Commands, json, parsed, whole } from './command.ts'
import { formatItems } from './format.ts'
import { itemView } from './views.ts'

type Action = 'list' | 'delete' | 'flush'

interface Options {
  readonly json?: boolean
  readonly node?: string
  readonly limit: number
  readonly unread?: boolean
  readonly mentions?: boolean
  readonly before?: string
  readonly all?: boolean
  readonly yes?: boolean
}

const removedView = z.looseObject({ removed: z.number() })

export function addInboxCommands({ deps, addForNode }: Commands): void {
  addForNode(
    'inbox',
    'what arrived, newest first; looking marks nothing as read. delete takes one out, flush what came before a time',
    'inbox flush --before 30d --yes',
  )
    .addArgument(new Argument('[action]', 'what to do').choices(['list', 'delete', 'flush']).default('list'))
    .argument('[id]', 'the message to delete')
    .option('--unread', 'only what Claude was not shown yet')
    .option('--mentions', 'only group messages that name this session')
    .option('--limit <n>', 'at most this many', whole, 20)
    .option('--before <when>', 'flush what came before: 30d, 2026-11-20')
    .option('--all', 'flush everything, unread too')
    .option('--yes', 'do not ask')
    .action(async (action: Action, id: string | undefined, options: Options) => {
      if (action === 'list') return list(deps, options)
      return remove(deps, requestOf(action, id, options, deps.now()), options)
    })
}

async function list(deps: CliDeps, options: Options): Promise<void> {
  await asking(deps, { node: options.node }, async (node) => {
    const query = { limit: options.limit, isUnreadOnly: options.unread === true, isMentionOnly: options.mentions === true }
    const items = parsed(z.array(itemView), await node.call('inbox', query))
    deps.out(options.json ? json(items) : formatItems(items))
  })
}

interface Removal {
  readonly method: 'inbox-delete' | 'inbox-flush'
  readonly params: object
  readonly question: string
}

function requestOf(action: 'delete' | 'flush', id: string | undefined, { before, all }: Options, now: number): Removal {
  if (action === 'delete') {
    if (id === undefined) throw new MeshError('argument-invalid', 'delete needs the id of a message; sym-mesh-channel inbox lists them')
    return { method: 'inbox-delete', params: { id }, question: `Take ${id} out of the inbox?` }
  }
  if (all) return { method: 'inbox-flush', params: {}, question: 'Take everything out of the inbox, unread messages too?' }
  if (before === undefined)
    throw new MeshError('argument-invalid', 'flush needs --before with a time, like 30d; everything goes with --all')
  const time = parseWhen('before', before, now)
  return {
    method: 'inbox-flush',
    params: { before: time },
    question: `Take out of the inbox what came before ${new Date(time).toISOString()}?`,
  }
}

async function remove(deps: CliDeps, { method, params, question }: Removal, options: Options): Promise<void> {
  if (!options.yes) {
    const { absence } = deps.terminal
    if (absence !== undefined)
      throw new MeshError('argument-invalid', `${question} Nobody is at a terminal to ask; nothing was done. To agree beforehand: --yes`)
    if (!/^y(?:es)?$/i.test(await deps.terminal.ask(`${question} [y/N] `))) throw new MeshError('argument-invalid', 'Nothing was done.')
  }
  await asking(deps, { node: options.node }, async (node) => {
    const { removed } = parsed(removedView, await node.call(method, params))
    deps.out(
      options.json
        ? json({ removed })
        : `${removed} ${removed === 1 ? 'message' : 'messages'} taken out of the inbox; memory keeps what it has.`,
    )
  })
}
