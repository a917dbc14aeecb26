/** Commands that look and change nothing: who is here, what arrived, what happens. */
import * as z from 'zod'
import { asking, type Commands, json, parsed, whole } from './command.ts'
import { formatEvent, formatItems, formatStatus } from './format.ts'
import { itemView, nodeEvent, statusView } from './views.ts'

export function addLookCommands({ deps, add, addForNode }: Commands): void {
  add('demo', 'two nodes in two temporary homes meet and talk; shows every step', 'demo')
    .allowExcessArguments(false)
    .action(async (options: { json?: boolean }) => deps.demo(options.json ? (line) => deps.out(JSON.stringify({ line })) : deps.out))
  addForNode('status', 'who this node is, its group, what waits, what is wrong', 'status --json').action(async (options) =>
    asking(deps, { node: options.node }, async (node) => {
      const status = parsed(statusView, await node.call('status'))
      deps.out(options.json ? json(status) : formatStatus(status, node.isOwn))
    }),
  )
  addForNode('inbox', 'what arrived, newest first; looking marks nothing as read', 'inbox --unread --limit 5')
    .option('--unread', 'only what Claude was not shown yet')
    .option('--mentions', 'only group messages that name this session')
    .option('--limit <n>', 'at most this many', whole, 20)
    .action(async (options) =>
      asking(deps, { node: options.node }, async (node) => {
        const items = parsed(
          z.array(itemView),
          await node.call('inbox', {
            limit: options.limit,
            isUnreadOnly: options.unread === true,
            isMentionOnly: options.mentions === true,
          }),
        )
        deps.out(options.json ? json(items) : formatItems(items))
      }),
    )
  addForNode('watch', 'who comes and goes and what is said, live, until Ctrl-C', 'watch').action(async (options) =>
    asking(deps, { node: options.node }, (node) =>
      node.watch((event) => {
        const known = nodeEvent.safeParse(event)
        if (known.success) deps.out(options.json ? JSON.stringify(event) : formatEvent(known.data, deps.now()))
      }, deps.signal),
    ),
  )
}
