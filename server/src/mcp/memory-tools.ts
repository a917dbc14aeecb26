/** What was kept, searched: ranked by its words, narrowed, in pages that fit one result. */
import * as z from 'zod'
import type { Clock } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import { parseWhen } from '../base/when.ts'
import type { RecallRequest } from '../mesh/recollection.ts'
import type { InboxView } from '../mesh/views.ts'
import { parseArguments } from './arguments.ts'
import { type Runners, tool } from './tool.ts'

const MOST = 50
const USUAL = 10
const when = (meaning: string) => z.string().max(40).optional().describe(`${meaning}: 2h, 3d, 2026-11-20 or 2026-11-20T14:00`)

export const SYM_RECALL = tool(
  'sym_recall',
  'Search what was kept',
  'read',
  'Searches what peers and this node said, ranked by its words, in short form; an empty query gives the newest. It can be narrowed to an author, a group, ' +
    'a kind, a time. Only kept text is searched, nothing is asked of peers. What is unread is in sym_inbox, whole texts by sym_fetch.',
  {
    query: z.string().max(512).default('').describe('Words to look for'),
    peer: z
      .string()
      .min(1)
      .max(LIMITS.tool.targetCharacters)
      .optional()
      .describe('Only what this peer said: its name or 8 digits of its fingerprint; "me" for this node'),
    group: z.string().min(1).max(128).optional().describe('Only what was said in this group'),
    kind: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('Only this kind: message, observation, note, or a kind of observation such as decision'),
    since: when('Only what came at this time or later'),
    until: when('Only what came before'),
    limit: z.int().min(1).max(MOST).default(USUAL).describe(`At most this many, ${USUAL} if left out`),
    offset: z.int().min(0).max(100_000).default(0).describe('Skip this many, for the next page'),
  },
)

export interface MemoryToolDeps {
  readonly clock: Clock
  readonly recall: (request: RecallRequest) => readonly InboxView[]
  /** As many of them as fit into one result, fenced. */
  readonly list: (items: readonly InboxView[]) => { readonly shown: readonly unknown[]; readonly text: string }
}

export function memoryRunners({ clock, recall, list }: MemoryToolDeps): Runners {
  return [
    [
      SYM_RECALL.name,
      (input) => {
        const { query, since, until, offset, limit, ...narrow } = parseArguments(SYM_RECALL.name, SYM_RECALL.schema, input)
        const at = (name: string, text: string | undefined) => (text === undefined ? undefined : parseWhen(name, text, clock.now()))
        const items = recall({ text: query, limit, offset, ...narrow, since: at('since', since), until: at('until', until) })
        if (items.length === 0) return nothing(query, offset)
        const { shown, text } = list(items)
        return shown.length < items.length || items.length === limit ? `${text}\n\nGo on with offset: ${offset + shown.length}.` : text
      },
    ],
  ]
}

function nothing(query: string, offset: number): string {
  if (offset > 0) return 'No more.'
  return query === '' ? 'Nothing of that is kept.' : 'Nothing kept has these words.'
}
