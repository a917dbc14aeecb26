/**
 * What the command line may ask of a node, over the private socket or in its own process: one table, each request parsed
 * at this border. Answers are the plain views of the node.
 */
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { LocalHandlers } from '../local/calls.ts'
import type { MeshNode } from '../mesh/node.ts'
import { PRIORITIES } from '../mmp/envelope.ts'
import { handler } from './handler.ts'
import { memoryRequests } from './memory-requests.ts'
import { presenceRequests } from './presence-requests.ts'
import { relayRequests } from './relay-requests.ts'
import { talkRequests } from './talk-requests.ts'

const field = z.string().max(LIMITS.cmb.fieldBytes).optional()
const scale = z.number().min(-1).max(1).optional()
const sendRequest = z.strictObject({
  fields: z.strictObject({
    focus: z.string().min(1),
    issue: field,
    intent: field,
    motivation: field,
    commitment: field,
    perspective: field,
    mood: z.union([z.string(), z.strictObject({ text: z.string(), valence: scale, arousal: scale })]).optional(),
  }),
  body: z.string().max(LIMITS.body.maxBytes).optional(),
  attach: z.strictObject({ name: z.string().min(1).max(200), text: z.string().max(LIMITS.attachment.maxBytes) }).optional(),
  to: z.string().min(1).max(LIMITS.tool.targetCharacters).optional(),
  tags: z.array(z.string().max(64)).max(8),
  key: z.string().min(1).max(128).optional(),
  replyTo: z.string().min(8).max(80).optional(),
  replaces: z.string().min(8).max(80).optional(),
  self: z.boolean().optional(),
  wake: z.boolean().optional(),
  priority: z.enum(PRIORITIES).optional(),
  origin: z.enum(['model', 'person', 'program']).optional(),
})
const inboxRequest = z.strictObject({
  limit: z.int().min(1).max(500),
  isUnreadOnly: z.boolean().optional(),
  isMentionOnly: z.boolean().optional(),
  before: z.int().optional(),
})
const outboxRequest = z.strictObject({ limit: z.int().min(1).max(500) })
const fetchRequest = z.strictObject({ id: z.string().max(80) })

/** Facts about the process that holds the node. */
export interface ProcessFacts {
  readonly version: string
  readonly project: string
  readonly sessionId: string | undefined
  readonly pid: number
}

export function createRequests(
  node: MeshNode,
  facts: ProcessFacts,
  more: () => Readonly<Record<string, unknown>> = () => ({}),
  atDoor: () => ReadonlyMap<string, string> = () => new Map(),
): LocalHandlers {
  return {
    status: () => ({ ...node.status(), ...facts, ...more() }),
    ...presenceRequests(node),
    ...relayRequests(node),
    ...talkRequests(node),
    groups: () => node.groups(),
    requests: () => node.requests(),
    people: () => node.people(),
    send: handler(sendRequest, (request) => node.send(request)),
    inbox: handler(inboxRequest, (query) => node.inbox(query)),
    outbox: handler(outboxRequest, ({ limit }) => node.unfinished(limit)),
    'outbox-retry': () => node.retryUnfinished(),
    'outbox-cancel': handler(fetchRequest, ({ id }) => node.cancelOutgoing(id)),
    'outbox-drop': handler(fetchRequest, async ({ id }) => ({ dropped: await node.dropOutgoing(id) })),
    ...memoryRequests(node, atDoor),
    fetch: handler(fetchRequest, ({ id }) => {
      const item = node.fetch(id)
      if (!item) throw new MeshError('argument-invalid', `no item ${JSON.stringify(id)} is kept here, or several begin like that`)
      return item
    }),
    watch: (_params, { signal, sendItem }) =>
      new Promise((resolve) => {
        const unsubscribe = node.subscribe(sendItem)
        signal.addEventListener('abort', () => resolve(unsubscribe()), { once: true })
      }),
  }
}
