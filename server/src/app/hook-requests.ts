/**
 * What the hooks of this session ask over the private socket: `take` hands out text for the context and tells that an event
 * happened, `shown` says that the text was written, `wake` is held open by the background hook that wakes an idle session.
 * Every parameter is checked here; the events drive the turn, the activity that peers see, and the loop breaker.
 */
import * as z from 'zod'
import type { LocalHandlers } from '../local/calls.ts'
import { type Door, HOOK_EVENTS, type HookEvent, type Offer } from '../mcp/door.ts'
import type { Waker } from '../mcp/waker.ts'

/** Who hears of the turns of this session. */
export interface TurnListener {
  /** The person typed a prompt. */
  humanTurn?(): void
  setActivity?(status: 'working' | 'idle'): void
}

export interface HookParts {
  readonly door: Door
  readonly waker: Waker
}

export interface HookServer {
  /** Undefined until the door is there. */
  current(): HookParts | undefined
  /** A hook that is held open may come before the door. */
  readonly ready: Promise<HookParts>
  readonly turns: TurnListener
  /** Claude has edited this file: a line of ours for it, where there is something to say. */
  edited(file: string): string | undefined
  /** Called behind each event. */
  onEvent(event: HookEvent): void
}

const takeRequest = z.object({
  event: z.enum(HOOK_EVENTS),
  isTyped: z.boolean().optional(),
  isStopHookActive: z.boolean().optional(),
  source: z.string().max(32).optional(),
  file: z.string().max(4_096).optional(),
})
type TakeRequest = z.infer<typeof takeRequest>
const shownRequest = z.object({ ticket: z.string().max(64) })

export function hookRequests({ current, ready, turns, edited, onEvent }: HookServer): LocalHandlers {
  return {
    take: (params) => {
      const request = takeRequest.safeParse(params).data
      const found = current()
      if (request === undefined || found === undefined) return null
      const { event, isTyped = false, isStopHookActive = false, file } = request
      if (isTyped) turns.humanTurn?.()
      const offer = found.door.take(event, { isStopHookActive })
      report(request, offer, found.waker, turns)
      onEvent(event)
      return withLine(file === undefined ? undefined : edited(file), offer) ?? null
    },
    shown: async (params) => {
      const request = shownRequest.safeParse(params).data
      if (request !== undefined) await current()?.door.shown(request.ticket)
      return null
    },
    wake: async (_params, { signal }) => (await (await ready).waker.wait(signal)) ?? null,
  }
}

/** Alone, the line needs no ticket that means anything: it is not repeated when it is lost. */
function withLine(line: string | undefined, offer: Offer | undefined): Offer | undefined {
  if (line === undefined) return offer
  return offer ? { ...offer, text: `${line}\n\n${offer.text}` } : { ticket: 'line', text: line }
}

/** A stop that was put off is a turn that goes on. */
function report({ event, source }: TakeRequest, offer: Offer | undefined, waker: Waker, turns: TurnListener): void {
  // A conversation is made shorter in the middle of a turn as well as between turns.
  if (source === 'compact') return
  const isIdle = event === 'SessionStart' || (event === 'Stop' && offer === undefined)
  if (isIdle) waker.idle()
  else waker.working()
  turns.setActivity?.(isIdle ? 'idle' : 'working')
}
