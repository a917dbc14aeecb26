/** What the command line may ask of memory, and may do to it. */
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { LocalHandlers } from '../local/calls.ts'
import type { MeshNode } from '../mesh/node.ts'
import { handler } from './handler.ts'

const id = z.string().min(1).max(80)
const recallRequest = z.strictObject({
  text: z.string().max(512),
  limit: z.int().min(1).max(500),
  offset: z.int().min(0),
  peer: z.string().min(1).max(LIMITS.tool.targetCharacters).optional(),
  group: z.string().max(128).optional(),
  kind: z.string().max(64).optional(),
  since: z.number().optional(),
  until: z.number().optional(),
})
const rememberRequest = z.strictObject({ text: z.string().min(1).max(LIMITS.cmb.fieldBytes) })
const whyRequest = z.strictObject({ id: id.optional(), limit: z.int().min(1).max(500).optional() })

const flushRequest = z.strictObject({ before: z.number().optional() })
const catchUpRequest = z.strictObject({ group: z.string().max(128).optional(), limit: z.int().min(1).max(LIMITS.history.items) })

const WHY_LATELY = 20

/** `atDoor`: what keeps waiting items from being shown at this moment, by shown id. */
export function memoryRequests(node: MeshNode, atDoor: () => ReadonlyMap<string, string>): LocalHandlers {
  const { recollection } = node
  return {
    recall: handler(recallRequest, (query) => recollection.search(query)),
    thread: handler(z.strictObject({ id }), (request) => recollection.thread(request.id)),
    remember: handler(rememberRequest, ({ text }) => node.remember({ focus: text }, ['note'])),
    forget: handler(z.strictObject({ id }), (request) => recollection.forget(request.id)),
    'inbox-delete': handler(z.strictObject({ id }), async (request) => ({ removed: await recollection.takeOut(request.id) })),
    'inbox-flush': handler(flushRequest, async ({ before }) => ({ removed: await recollection.flush(before ?? Number.MAX_SAFE_INTEGER) })),
    'catch-up': handler(catchUpRequest, ({ group = node.joinedGroups()[0], limit }) =>
      node.history.catchUp(demandJoined(node, group), limit),
    ),
    why: handler(whyRequest, (request) =>
      request.id === undefined ? recollection.whyLately(request.limit ?? WHY_LATELY, atDoor()) : [recollection.why(request.id, atDoor())],
    ),
  }
}

function demandJoined(node: MeshNode, group: string): string {
  const groups = node.joinedGroups()
  if (groups.some((joined) => joined === group)) return group
  throw new MeshError(
    'argument-invalid',
    `this node is not in the group ${JSON.stringify(group)}; it is in ${groups.join(', ')}. Nobody was asked`,
  )
}
