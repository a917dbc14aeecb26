/**
 * Runs a group of tests once for each Claude Code client at hand, since clients differ. Where there is none the group is
 * listed as skipped, with the reason in its name.
 */
import { describe } from 'vitest'
import { availableClients } from '../tools.mjs'

const NONE = { name: 'none', version: 'none', bin: '/nonexistent' }

export function describeClients(title, body) {
  const clients = availableClients()
  if (clients.length === 0) return describe.skip(`${title} (no client: set CC_BIN, or run npm test)`, () => body(NONE))
  for (const client of clients) describe(`${title} (${client.name} client ${client.version})`, () => body(client))
}
