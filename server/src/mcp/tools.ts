/**
 * What Claude can do: each tool with its words, its schema and its hints. The host shows the model names and
 * descriptions only, so a description says what it does, what it returns, what it does not do, and which sibling to use.
 */
import * as z from 'zod'
import { LIMITS } from '../base/limits.ts'
import { PRIORITIES } from '../mmp/envelope.ts'
import { GROUP_TOOLS } from './group-tools.ts'
import { SYM_RECALL } from './memory-tools.ts'
import { SYM_PEERS, SYM_SET_SUMMARY } from './presence-tools.ts'
import { SYM_ASK, SYM_REPLY } from './question-tools.ts'
import { type Tool, tool } from './tool.ts'

const field = (meaning: string) => z.string().max(LIMITS.cmb.fieldBytes).optional().describe(meaning)
const focus = z
  .string({ error: 'text is expected' })
  .min(1, 'it is empty')
  .max(LIMITS.tool.textBytes)
  .describe(
    'What this is about, in one or two sentences: what the reader sees first. To a group, @name names a peer: its session hears and counts it',
  )
const mood = z
  .union([
    z.string().max(LIMITS.cmb.fieldBytes),
    z.strictObject({
      text: z.string().max(LIMITS.cmb.fieldBytes),
      valence: z.number().min(-1).max(1).optional(),
      arousal: z.number().min(-1).max(1).optional(),
    }),
  ])
  .optional()
  .describe('How it feels from here, in a word; or an object with text, valence and arousal, both from -1 to 1')
const otherFields = {
  issue: field('The problem or question behind it'),
  intent: field('What you mean to do next, or want to happen'),
  motivation: field('Why it matters'),
  commitment: field('What you take on, promise or claim ("artifact: path" for a result)'),
  perspective: field('From where you see it: role, module, branch, evidence'),
  mood,
}
const to = z
  .string()
  .min(1, 'it is empty')
  .max(LIMITS.tool.targetCharacters)
  .optional()
  .describe(
    'One peer: its name, or at least 8 digits of its fingerprint, as sym_peers shows them. #word: those here that carry this tag or role. Left out: the whole group',
  )
const key = z
  .string()
  .min(1)
  .max(128)
  .optional()
  .describe('Any text of yours: the same key again returns the first result and sends nothing')
const id = z.string().min(8).max(80).describe('An id as it was shown: m and hex digits')
const limit = (most: number, usual: number) => z.int().min(1).max(most).default(usual).describe(`At most this many, ${usual} if left out`)

const replyTo = z
  .string()
  .min(8)
  .max(80)
  .optional()
  .describe('The id of a message that this one answers; without to it goes to its author.')
const replaces = z
  .string()
  .min(8)
  .max(80)
  .optional()
  .describe(
    'The id of a message of this session that this one replaces: goes to the same peers (no to, no reply_to). Who was not shown the old one sees only this',
  )
const wake = z
  .boolean()
  .optional()
  .describe('Whether it may wake an idle session. Left out: a message to one peer may, a reply and a group message may not')

const priority = z
  .enum(PRIORITIES)
  .optional()
  .describe('A wish that the reader decides about: low wakes nobody; urgent passes a do-not-disturb, from a verified peer alone')

export const OBSERVATION_KINDS = ['context', 'decision', 'claim', 'finding', 'blocker', 'done'] as const

export const SYM_STATUS = tool(
  'sym_status',
  'Mesh status',
  'read',
  "Tells this node's own name, fingerprint and group, who is here in numbers, how peers' words reach this session, what is unread, and " +
    'problems with the next step. Changes nothing. For the list of peers use sym_peers.',
  {},
)
export const SYM_SEND = tool(
  'sym_send',
  'Send a message',
  'speak',
  'Sends a message to one peer (to) or to the whole group. focus is the message; body carries long text byte for byte. Returns an id and, for each ' +
    'recipient, how far its copy got: queued (on our disk), sent, received (on its disk), surfaced (in its Claude). It waits at most a second; a peer ' +
    'that is away gets it when it is back. It does not wait for an answer. To share what you noticed with everybody use sym_observe.',
  {
    focus,
    ...otherFields,
    to,
    body: z.string().max(LIMITS.body.maxBytes).optional().describe(`Long text beside the fields, at most ${LIMITS.body.maxBytes} bytes`),
    attach: z
      .strictObject({ name: z.string().min(1).max(200), text: z.string().max(LIMITS.attachment.maxBytes) })
      .optional()
      .describe(
        `A small text file that goes with it (name, text; at most ${LIMITS.attachment.maxBytes} bytes): a snippet or patch. It is saved there only by its user`,
      ),
    key,
    reply_to: replyTo,
    replaces,
    self: z.boolean().optional().describe("Also to the user's own other sessions that would not get it; to: #self for them alone"),
    wake,
    priority,
  },
)
export const SYM_OBSERVE = tool(
  'sym_observe',
  'Share an observation',
  'speak',
  'Shares one observation with the whole group in the seven CAT7 fields: a decision, a surprise, a blocker, something finished, a shared thing about ' +
    'to change. focus is required, fields left out are neutral. Returns an id and how far each copy got, as sym_send does. For words to one peer use sym_send.',
  { focus, ...otherFields, kind: z.enum(OBSERVATION_KINDS).optional().describe('What sort of observation it is'), key },
)
export const SYM_INBOX = tool(
  'sym_inbox',
  'Mesh inbox',
  'read',
  'Lists what arrived and was not yet shown, newest first, in short form; what it returns counts as shown. With all: true also what was shown before. ' +
    'Whole texts by sym_fetch, older things by sym_recall.',
  {
    limit: limit(50, 10),
    all: z.boolean().default(false).describe('Also what was shown before'),
    mentions: z.boolean().default(false).describe('Only group messages that name this session'),
    before: z.int().min(1).optional().describe('Go on below this number, as a result names it'),
  },
)
export const SYM_FETCH = tool(
  'sym_fetch',
  'Fetch a whole text',
  'read',
  'Returns the whole text behind an id that was shown: all fields and the body, quoted. For an id of our own message it also tells what became of it. ' +
    'Long texts come in pages (from).',
  { id, from: z.int().min(0).default(0).describe('Character to go on from, as a result names it') },
)
export const SYM_GROUP_INFO = tool(
  'sym_group_info',
  'Mesh group',
  'read',
  'Tells about the groups that this node is in: name, kind, how it is announced on the network, its members and which of them are here. Changes nothing.',
  {},
)

export const TOOLS: readonly Tool[] = [
  SYM_STATUS,
  SYM_PEERS,
  SYM_SET_SUMMARY,
  SYM_SEND,
  SYM_OBSERVE,
  SYM_ASK,
  SYM_REPLY,
  SYM_INBOX,
  SYM_FETCH,
  SYM_RECALL,
  SYM_GROUP_INFO,
  ...GROUP_TOOLS,
]
