/** What the command line reads of a node's answers: tolerant, since the running session may be of another version. */
import * as z from 'zod'
import { parseFingerprint } from '../identity/ids.ts'
import { via } from '../mmp/wire.ts'

export const peerView = z.looseObject({
  name: z.string(),
  fingerprint: z.string(),
  group: z.string(),
  trust: z.string(),
  isHere: z.boolean(),
  path: z.string().optional(),
  lastSeen: z.number(),
  reach: z.string().optional(),
  held: z.string().optional(),
  groups: z.array(z.string()).optional(),
  presence: z
    .looseObject({
      status: z.string(),
      summary: z.string().optional(),
      role: z.string().optional(),
      tags: z.array(z.string()).optional(),
    })
    .optional(),
})
export const profileView = z.looseObject({
  name: z.string(),
  fingerprint: z.string(),
  groups: z.array(z.string()),
  isHidden: z.boolean(),
  role: z.string().optional(),
  tags: z.array(z.string()).optional(),
  status: z.string(),
  summary: z.string().optional(),
  isSummaryDerived: z.boolean(),
  shared: z.looseObject({ summary: z.string().optional(), folder: z.string().optional(), branch: z.string().optional() }),
  peersHere: z.number(),
  unread: z.number(),
})
export const itemView = z.looseObject({
  shortId: z.string(),
  group: z.string(),
  from: z.looseObject({ name: z.string(), fingerprint: z.string(), trust: z.string() }),
  isDirected: z.boolean(),
  tags: z.array(z.string()),
  fields: z.record(z.string(), z.looseObject({ text: z.string() })),
  body: z.string().optional(),
  attachment: z.looseObject({ name: z.string(), size: z.number() }).optional(),
  held: z.string().optional(),
  receivedAt: z.number(),
  surfacedAt: z.number().optional(),
  way: z.string().optional(),
  isMention: z.boolean().optional(),
})
const sent = z.looseObject({
  shortId: z.string(),
  group: z.string(),
  isDirected: z.boolean(),
  mentions: z.array(z.looseObject({ peer: z.string(), fingerprint: z.string() })).optional(),
  recipients: z.array(z.looseObject({ peer: z.string(), fingerprint: z.string(), state: z.string(), way: z.string(), reason: z.string() })),
})
export const sendView = sent.extend({
  replaced: sent.optional(),
  copies: z.array(sent).optional(),
  skipped: z.array(z.string()).optional(),
})
export const outgoingView = sendView.extend({ focus: z.string(), createdAt: z.number(), expiresAt: z.number() })
export const personView = z.looseObject({
  user: via(parseFingerprint),
  group: z.string(),
  sessions: z.array(z.looseObject({ name: z.string(), fingerprint: via(parseFingerprint), isHere: z.boolean() })),
})
export const requestView = z.looseObject({
  fingerprint: via(parseFingerprint),
  group: z.string(),
  name: z.string(),
  messages: z.number(),
  until: z.number(),
})
export const statusView = z.looseObject({
  name: z.string(),
  nodeId: z.string(),
  fingerprint: z.string(),
  groups: z.array(z.looseObject({ name: z.string(), serviceType: z.string(), peersHere: z.number().optional() })),
  peersHere: z.number(),
  peersKnown: z.number(),
  peersHidden: z.number().optional(),
  listen: z.array(z.string()),
  problems: z.array(z.string()),
  notes: z.array(z.string()).optional(),
  inbox: z.looseObject({ total: z.number(), unread: z.number(), mentions: z.number().optional() }),
  outbox: z.looseObject({ waiting: z.number() }),
  memory: z.looseObject({ items: z.number() }),
  version: z.string().optional(),
  project: z.string().optional(),
  pid: z.number().optional(),
})
export const nodeEvent = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('arrived'), item: itemView }),
  z.looseObject({ kind: z.literal('peer-here'), peer: peerView }),
  z.looseObject({ kind: z.literal('peer-away'), peer: peerView }),
  z.looseObject({ kind: z.literal('answer'), item: itemView }),
  z.looseObject({ kind: z.literal('withdrawn'), id: z.string() }),
  z.looseObject({ kind: z.literal('notice'), text: z.string() }),
  z.looseObject({ kind: z.literal('receipt'), id: z.string(), from: z.string(), state: z.string() }),
])

export type PeerLine = z.infer<typeof peerView>
export type ProfileLines = z.infer<typeof profileView>
export type PersonLine = z.infer<typeof personView>
export type RequestLine = z.infer<typeof requestView>
export type ItemLine = z.infer<typeof itemView>
export type SendLines = z.infer<typeof sendView>
export type OutgoingLines = z.infer<typeof outgoingView>
export type StatusLines = z.infer<typeof statusView>
export type EventLine = z.infer<typeof nodeEvent>
