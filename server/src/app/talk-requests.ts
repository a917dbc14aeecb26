/** What the command line may ask about questions, answers, and the life of a message. */
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { LocalHandlers } from '../local/calls.ts'
import type { MeshNode } from '../mesh/node.ts'
import { handler } from './handler.ts'

const text = z.string().min(1).max(LIMITS.cmb.fieldBytes)
const body = z.string().max(LIMITS.body.maxBytes).optional()
const origin = z.enum(['model', 'person', 'program']).optional()
const id = z.string().min(1).max(80)
const askRequest = z.strictObject({
  question: text.optional(),
  ticket: id.optional(),
  to: z.string().min(1).max(LIMITS.tool.targetCharacters).optional(),
  body,
  answers: z.int().min(1).max(LIMITS.question.answers).optional(),
  waitMs: z.int().min(0).max(LIMITS.question.waitMs),
  origin,
})
const replyRequest = z.strictObject({ id, text, isDecline: z.boolean().optional(), body, origin })
const traceRequest = z.strictObject({ id })

/** How an answer reached the person at the command line. */
const WAY = 'command'

export function talkRequests(node: MeshNode): LocalHandlers {
  return {
    ask: (params, { signal, sendItem }) =>
      handler(askRequest, async ({ question, ticket, waitMs, ...request }) => {
        const options = { waitMs, signal, onProgress: (line: string) => sendItem({ progress: line }) }
        if ((question === undefined) === (ticket === undefined))
          throw new MeshError('argument-invalid', 'a question or the ticket of one is needed, and not both')
        const view = await (question === undefined ? node.answers(ticket ?? '', options) : node.ask({ question, ...request }, options))
        const ids = view.answers.map(({ item }) => item.id)
        if (signal.aborted) node.releaseAnswers(ids)
        else await node.markSurfaced(ids, WAY)
        return view
      })(params, { signal, sendItem }),
    reply: handler(replyRequest, ({ id: shown, isDecline = false, ...request }) => node.reply(shown, { isDecline, ...request })),
    questions: () => node.questions(),
    trace: handler(traceRequest, ({ id: shown }) => {
      const found = node.trace(shown)
      if (!found) throw new MeshError('argument-invalid', `no message ${JSON.stringify(shown)} is kept here, or several begin like that`)
      return found
    }),
  }
}
