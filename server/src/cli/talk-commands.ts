/** Commands that ask, answer, and tell the life of one message. */
import { InvalidArgumentError } from 'commander'
import * as z from 'zod'
import { oneLine } from '../base/text.ts'
import { asking, type Commands, json, parsed, whole } from './command.ts'
import { formatItem, formatSend } from './format.ts'
import { itemView, sendView } from './views.ts'

const MOST_SECONDS = 50
/** Beside the wait itself. */
const ANSWER_MS = 5_000

const recipientView = z.looseObject({ peer: z.string(), state: z.string(), way: z.string(), reason: z.string() })
const askView = z.looseObject({
  shortId: z.string(),
  text: z.string(),
  state: z.string(),
  wanted: z.number(),
  answers: z.array(z.looseObject({ item: itemView, isDecline: z.boolean() })),
  recipients: z.array(recipientView),
  why: z.string().optional(),
})
const traceView = z.looseObject({
  id: z.string(),
  direction: z.string(),
  steps: z.array(z.looseObject({ at: z.number().optional(), where: z.string(), who: z.string(), what: z.string() })),
})

export function addTalkCommands({ deps, addForNode }: Commands): void {
  addForNode(
    'ask <question>',
    'a question to one peer, or to the group; waits for the answer',
    'ask --to claude-laptop-api "which branch?"',
  )
    .option('--to <peer>', 'its name, or at least 8 digits of its fingerprint')
    .option('--body <text>', 'long text beside the question')
    .option('--wait <seconds>', `at most this long, ${MOST_SECONDS} if left out; 0 gives a ticket`, seconds, MOST_SECONDS)
    .option('--answers <n>', 'of the group: enough answers', whole)
    .option('--ticket', 'the question is the id of an earlier one: wait for it again')
    .action(async (question: string, { node: name, to, body, wait, answers, ticket, json: isJson }) =>
      asking(deps, { node: name, meet: { to } }, async (node) => {
        const what = ticket ? { ticket: question } : { question, to, body, answers, origin: deps.origin }
        const answer = await node.call('ask', { ...what, waitMs: wait * 1_000 }, wait * 1_000 + ANSWER_MS)
        const view = parsed(askView, answer)
        deps.out(isJson ? json(answer) : formatAsk(view))
      }),
    )
  addForNode('reply <id> <text>', 'the answer to a question that a peer asked', 'reply m1f0c93ab52d87e64 "the branch is main"')
    .option('--decline', 'the text says why there is no answer')
    .option('--body <text>', 'long text beside the answer')
    .action(async (id: string, text: string, { node: name, decline, body, json: isJson }) =>
      asking(deps, { node: name }, async (node) => {
        const view = parsed(sendView, await node.call('reply', { id, text, isDecline: decline === true, body, origin: deps.origin }))
        deps.out(isJson ? json(view) : formatSend(view))
      }),
    )
  addForNode('trace <id>', 'the life of one message, here and by receipts there', 'trace m1f0c93ab52d87e64').action(
    async (id: string, { node: name, json: isJson }) =>
      asking(deps, { node: name }, async (node) => {
        const view = parsed(traceView, await node.call('trace', { id }))
        deps.out(isJson ? json(view) : formatTrace(view))
      }),
  )
}

function formatAsk({ shortId, state, wanted, answers, recipients, why }: z.infer<typeof askView>): string {
  const head = `${shortId}  ${state}, ${answers.length} of ${wanted}${why === undefined ? '' : `: ${why}`}`
  const texts = answers.map(({ item, isDecline }) => `${isDecline ? 'declined\n' : ''}${formatItem(item)}`)
  const silent = recipients.filter((one) => !['answered', 'declined'].includes(one.state))
  const lines = silent.map(({ peer, state: at, reason }) => `  ${oneLine(peer, 64)}  ${at}${reason === '' ? '' : `, ${reason}`}`)
  return [head, ...texts, ...lines].join('\n')
}

function formatTrace({ id, direction, steps }: z.infer<typeof traceView>): string {
  const lines = steps.map(({ at, where, who, what }) => {
    const time = at === undefined ? '-'.padEnd(24) : new Date(at).toISOString()
    return `  ${time}  ${where.padEnd(5)}  ${oneLine(who, 64)}: ${oneLine(what, 200)}`
  })
  return [`${id}  ${direction === 'in' ? 'came in' : 'went out'}`, ...lines].join('\n')
}

function seconds(text: string): number {
  const value = Number(text)
  if (!/^\d{1,2}$/.test(text) || value > MOST_SECONDS)
    throw new InvalidArgumentError(`A whole number from 0 to ${MOST_SECONDS} is expected.`)
  return value
}
