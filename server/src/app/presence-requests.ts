/** What the command line may ask about who is here, and what this node says of itself. */
import * as z from 'zod'
import { LIMITS } from '../base/limits.ts'
import type { LocalHandlers } from '../local/calls.ts'
import type { MeshNode } from '../mesh/node.ts'
import { PLACES } from '../mesh/views.ts'
import { handler } from './handler.ts'

const peersRequest = z.strictObject({ isHereOnly: z.boolean().optional(), where: z.enum(PLACES).optional() }).optional()
const profileRequest = z.strictObject({
  summary: z.string().max(LIMITS.presence.summaryCharacters).optional(),
  isHidden: z.boolean().optional(),
  role: z.string().max(64).optional(),
  tags: z.array(z.string().max(64)).max(64).optional(),
})

export function presenceRequests(node: MeshNode): LocalHandlers {
  const profile = () => {
    const { groups, peersHere, inbox } = node.status()
    return { ...node.profile(), groups: groups.map(({ name }) => name), peersHere, unread: inbox.unread }
  }
  return {
    peers: handler(peersRequest, (query) => node.roster(query).peers),
    profile,
    setProfile: handler(profileRequest, async ({ summary, isHidden, role, tags }) => {
      if (summary !== undefined) node.setSummary(summary)
      if (role !== undefined) await node.presence.setRole(role)
      if (tags !== undefined) await node.presence.setTags(tags)
      if (isHidden !== undefined) await node.presence.setHidden(isHidden)
      return profile()
    }),
  }
}
