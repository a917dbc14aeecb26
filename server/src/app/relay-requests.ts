/** What the command line may ask of the relays of a node. */
import type { LocalHandlers } from '../local/calls.ts'
import type { MeshNode } from '../mesh/node.ts'

export function relayRequests(node: MeshNode): LocalHandlers {
  return {
    reconnect: () => {
      node.reconnectRelays()
      return node.status().relays
    },
  }
}
