/** Tries a relay again that was given up, after its cause was removed. */
import * as z from 'zod'
import { asking, type Commands, json, parsed } from './command.ts'

const relays = z.array(z.looseObject({ host: z.string(), state: z.string() }))

export function addReconnectCommand({ deps, addForNode }: Commands): void {
  addForNode('reconnect', 'tries a relay again that was given up', 'reconnect').action(async (options: { json?: boolean; node?: string }) =>
    asking(deps, { node: options.node }, async (node) => {
      const tried = parsed(relays, await node.call('reconnect'))
      const lines = tried.map(({ host, state }) => `${host}: ${state === 'in' ? 'connected' : 'tried again; status tells how it went'}`)
      deps.out(options.json ? json(tried) : lines.join('\n') || 'There is no relay. SYM_RELAY_URL names one.')
    }),
  )
}
