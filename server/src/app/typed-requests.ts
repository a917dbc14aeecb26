/**
 * What hooks tell of the user's prompts, beside what they ask for: every event that a hook reports passes here before the
 * door sees it, and every text that a hook takes away is looked at for words of peers.
 */
import * as z from 'zod'
import type { LocalHandlers } from '../local/calls.ts'
import type { TypedTurns } from '../mcp/typed-turns.ts'
import type { SessionGroupKeeper } from './group-keeper.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const report = z.object({
  links: z.array(hash).max(32),
  words: z.array(hash).max(512),
  command: z.enum(['join', 'invite']).optional(),
})
const event = z.object({ event: z.string(), isTyped: z.boolean().optional(), prompt: report.optional().catch(undefined) })
const outcome = z.object({ group: z.string().max(64), problem: z.string().max(1_000).optional() })

/** The same handlers, with `take` reporting to `typed`. `onEvent` follows each event. */
export function withTyped(handlers: LocalHandlers, typed: TypedTurns, onEvent: () => void): LocalHandlers {
  const { take, wake } = handlers
  return {
    ...handlers,
    ...(take === undefined
      ? {}
      : {
          take: async (params, context) => {
            noteEvent(params, typed)
            const offer = await take(params, context)
            if (isText(offer)) typed.shown(offer.text)
            onEvent()
            return offer
          },
        }),
    ...(wake === undefined
      ? {}
      : {
          wake: async (params, context) => {
            const offer = await wake(params, context)
            if (isText(offer)) typed.shown(offer.text)
            return offer
          },
        }),
  }
}

/** What the hook behind a join asks, and tells. */
export function keepRequests(keeper: SessionGroupKeeper): LocalHandlers {
  return {
    persist: () => keeper.pending ?? null,
    persisted: (params) => {
      const told = outcome.safeParse(params)
      if (told.success) keeper.settle(told.data.group, told.data.problem)
      return null
    },
  }
}

function noteEvent(params: unknown, typed: TypedTurns): void {
  const { success, data } = event.safeParse(params)
  if (!success) return
  if (data.event !== 'UserPromptSubmit') typed.event(data.event)
  else if (data.isTyped === true) typed.prompt(data.prompt)
}

function isText(offer: unknown): offer is { readonly text: string } {
  return typeof offer === 'object' && offer !== null && 'text' in offer && typeof offer.text === 'string'
}
