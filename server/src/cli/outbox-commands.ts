/** What we said and who has not got it yet: seen, sent again, or given up (R70, R73). */
import { Argument } from 'commander'
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { asking, type Commands, json, type NodeAccess, parsed, whole } from './command.ts'
import { formatOutgoing, formatSend } from './format.ts'
import { outgoingView, sendView } from './views.ts'

type Action = 'list' | 'retry' | 'drop' | 'cancel'

interface Options {
  readonly json?: boolean
  readonly node?: string
  readonly limit: number
}

const dropped = z.looseObject({ dropped: z.number() })

export function addOutboxCommands({ deps, addForNode }: Commands): void {
  addForNode(
    'outbox',
    'what we said that waits or did not arrive, and why; send it again, give it up, or take back what nobody was shown',
    'outbox drop m1f2e3d4c5b6a7980',
  )
    .addArgument(new Argument('[action]', 'what to do').choices(['list', 'retry', 'drop', 'cancel']).default('list'))
    .argument('[id]', 'the message to drop or cancel')
    .option('--limit <n>', 'at most this many', whole, 20)
    .action(async (action: Action, id: string | undefined, options: Options) =>
      asking(deps, { node: options.node, ...(action === 'retry' ? { meet: {} } : {}) }, async (node) => {
        const line = await act(node, action, id)
        if (line !== undefined && !options.json) deps.out(line)
        if (line !== undefined && (action === 'drop' || action === 'cancel')) return
        const items = parsed(z.array(outgoingView), await node.call('outbox', { limit: options.limit }))
        deps.out(options.json ? json(items) : formatOutgoing(items, deps.now()))
      }),
    )
}

async function act(node: NodeAccess, action: Action, id: string | undefined): Promise<string | undefined> {
  if (action === 'list') return undefined
  if (action === 'cancel') return cancel(node, id)
  if (action === 'retry') {
    await node.call('outbox-retry')
    return 'Sent again to whoever is here.'
  }
  if (id === undefined) throw new MeshError('argument-invalid', 'drop needs the id of a message; sym-mesh-channel outbox lists them')
  const { dropped: count } = parsed(dropped, await node.call('outbox-drop', { id }))
  return count === 0
    ? 'Everybody has it already, or it was given up before: nothing to drop.'
    : `Given up for ${count} ${count === 1 ? 'peer' : 'peers'}.`
}

/** A line for each recipient: where it was shown it stands. */
async function cancel(node: NodeAccess, id: string | undefined): Promise<string> {
  if (id === undefined) throw new MeshError('argument-invalid', 'cancel needs the id of a message of yours, as send printed it')
  const view = parsed(sendView, await node.call('outbox-cancel', { id }))
  const isSeen = view.recipients.some(({ state }) => state === 'surfaced' || state === 'answered')
  return [formatSend(view), ...(isSeen ? ['Where it was surfaced it was read before, and stands.'] : [])].join('\n')
}
