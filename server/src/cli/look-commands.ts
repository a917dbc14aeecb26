/** Commands that look and change nothing: the demo and the status. */
import { asking, type Commands, json, parsed } from './command.ts'
import { formatStatus } from './format.ts'
import { statusView } from './views.ts'

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
}
