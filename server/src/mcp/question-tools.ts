/** Asking a peer or the group and having the answer in the same call, and answering what others ask. */
import * as z from 'zod'
import type { RandomBytes } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { oneLine, preview } from '../base/text.ts'
import type { MeshNode } from '../mesh/node.ts'
import type { AskView, QuestionsView, SendView } from '../mesh/views.ts'
import { parseArguments } from './arguments.ts'
import type { Door } from './door.ts'
import { introduce, nameOf, renderItem } from './fence.ts'
import { surfaceItem } from './surface.ts'
import { type Runners, type ToolCall, tool } from './tool.ts'

const MOST_SECONDS = LIMITS.question.waitMs / 1_000

const words = (meaning: string) =>
  z.string({ error: 'text is expected' }).min(1, 'it is empty').max(LIMITS.cmb.fieldBytes).optional().describe(meaning)
const id = (meaning: string) => z.string().min(8).max(80).describe(meaning)
const body = z
  .string()
  .max(LIMITS.body.maxBytes)
  .optional()
  .describe(`Long text beside it, byte for byte, at most ${LIMITS.body.maxBytes} bytes`)

export const SYM_ASK = tool(
  'sym_ask',
  'Ask and wait for the answer',
  'speak',
  'Asks one peer (to) or the whole group, and waits for the answer in this call. Returns the answers, quoted and each by its author, and a ticket where ' +
    'something is still to come: a later answer arrives by itself, and the ticket in a further call waits again, or with cancel takes the question back. ' +
    'The other side is free to decline. For what needs no answer use sym_send.',
  {
    question: words('What you want to know, in a few sentences; not together with ticket'),
    to: z
      .string()
      .min(1, 'it is empty')
      .max(LIMITS.tool.targetCharacters)
      .optional()
      .describe('One peer: its name, or at least 8 digits of its fingerprint. Left out: the whole group'),
    wait: z
      .number()
      .min(0)
      .max(MOST_SECONDS)
      .default(MOST_SECONDS)
      .describe(`Seconds to wait, ${MOST_SECONDS} if left out, 0 for a ticket at once`),
    answers: z.int().min(1).max(LIMITS.question.answers).optional().describe('Of the group: enough answers. Left out: all who were asked'),
    body,
    wake: z
      .boolean()
      .optional()
      .describe('A late answer may wake this session when it is idle. Left out: it is shown at the next occasion'),
    ticket: id('The id of an earlier question of this session: wait for it again, or see what came').optional(),
    cancel: z.boolean().optional().describe('With ticket: the question is taken back'),
  },
)
export const SYM_REPLY = tool(
  'sym_reply',
  'Answer a question',
  'speak',
  'Answers a question that a peer asked this session, by its id, or declines it with a reason. Either ends the question; the asker may be waiting for it. ' +
    'Returns how far the answer got. An id that is not open gives the list of those that are. To answer a message that is no question use sym_send with reply_to.',
  {
    id: id('The id of the question as it was shown: m and hex digits'),
    answer: words('The answer; not together with decline'),
    decline: words('Why there is no answer'),
    body,
  },
)

export interface QuestionToolDeps {
  readonly node: MeshNode
  readonly door: Door
  readonly random: RandomBytes
  /** Resolves when somebody could be here. */
  readonly ready: Promise<void>
  /** Throws above the rate of sends. */
  readonly demandSend: () => void
}

export function questionRunners(deps: QuestionToolDeps): Runners {
  return [
    [SYM_ASK.name, (input, call) => ask(deps, parseArguments(SYM_ASK.name, SYM_ASK.schema, input), call)],
    [SYM_REPLY.name, (input) => reply(deps, parseArguments(SYM_REPLY.name, SYM_REPLY.schema, input))],
  ]
}

type AskInput = z.infer<typeof SYM_ASK.schema>
type ReplyInput = z.infer<typeof SYM_REPLY.schema>

async function ask(deps: QuestionToolDeps, input: AskInput, { signal, progress }: ToolCall): Promise<string> {
  const options = { waitMs: Math.round(input.wait * 1_000), signal, onProgress: progress }
  const view = await (input.ticket === undefined ? askAnew(deps, input, options) : again(deps, input, input.ticket, options))
  const ids = view.answers.map(({ item }) => item.id)
  if (signal.aborted) {
    deps.node.releaseAnswers(ids)
    throw new MeshError('closed', 'the call was cancelled')
  }
  await deps.door.readByTool(view.answers.map(({ item }) => item.shortId))
  return describeAsk(view, deps.random)
}

async function askAnew({ node, ready, demandSend }: QuestionToolDeps, input: AskInput, options: Parameters<MeshNode['ask']>[1]) {
  const { question, to, answers, body: text, wake, cancel } = input
  if (question === undefined || cancel === true)
    throw new MeshError('argument-invalid', 'sym_ask: question is missing, or the ticket of an earlier one')
  demandSend()
  await ready
  return node.ask({ question, to, answers, body: text, wake }, options)
}

function again({ node, door }: QuestionToolDeps, input: AskInput, ticket: string, options: Parameters<MeshNode['answers']>[1]) {
  const { question, to, cancel } = input
  if (question !== undefined || to !== undefined)
    throw new MeshError('argument-invalid', 'sym_ask: a ticket stands for a question that was asked; leave out question and to')
  const [plain = ticket] = door.noteNamedIds([ticket])
  return cancel === true ? node.cancelQuestion(plain) : node.answers(plain, options)
}

async function reply(
  { node, door, demandSend }: QuestionToolDeps,
  { id: shownId, answer, decline, body: text }: ReplyInput,
): Promise<string> {
  const said = answer ?? decline
  if (said === undefined || (answer !== undefined && decline !== undefined))
    throw new MeshError('argument-invalid', 'sym_reply: either answer or decline is needed, and not both')
  demandSend()
  const [plain = shownId] = door.noteNamedIds([shownId])
  // Who answers by its id has read it, whichever way it came.
  await door.readByTool([plain])
  const view = await node.reply(plain, { text: said, isDecline: answer === undefined, body: text })
  return `${answer === undefined ? 'Declined' : 'Answered'}: ${view.shortId}${describeRecipients(view)}`
}

function describeRecipients({ recipients }: Pick<SendView, 'recipients'>): string {
  const lines = recipients.map(({ peer, state, way, reason }) => {
    const how = way === '' ? '' : ` (by ${way})`
    return `  ${nameOf(peer)}  ${state}${how}${reason === '' ? '' : ` - ${reason}`}`
  })
  return lines.map((line) => `\n${line}`).join('')
}

/** Room for what stands around the answers. */
const AROUND_CHARACTERS = 2_000

export function describeAsk(view: AskView, random: RandomBytes): string {
  const items = view.answers.map(({ item }) => surfaceItem(item))
  const shown: string[] = []
  let left = LIMITS.tool.resultCharacters - AROUND_CHARACTERS
  for (const item of items) {
    const text = renderItem(item, random)
    left -= text.length + 2
    if (left < 0) break
    shown.push(text)
  }
  const quoted = shown.length === 0 ? [] : [introduce(items.slice(0, shown.length)), ...shown]
  const more = items.length - shown.length
  return [headOf(view), ...quoted, ...(more > 0 ? [`${more} more by sym_inbox.`] : [])].join('\n\n')
}

function headOf(view: AskView): string {
  const { shortId, state, why, answers, wanted } = view
  const given = answers.filter(({ isDecline }) => !isDecline).length
  const count = `${given} of ${wanted} ${wanted === 1 ? 'answer' : 'answers'}`
  if (state !== 'open') return `Question ${shortId}: ${state}, ${count}.${given > 0 ? '' : describeRecipients(view)}`
  const silent = {
    recipients: view.recipients.filter(({ fingerprint }) => !answers.some(({ item }) => item.from.fingerprint === fingerprint)),
  }
  const because = why === undefined ? '' : ` ${sentence(why)}`
  return `Question ${shortId} is open, ${count}.${because} Later answers arrive by themselves; sym_ask with ticket ${shortId} waits again.${describeRecipients(silent)}`
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** What is open on either side, in our words: ids, names, our own questions. */
export function describeOpen({ asked, open }: QuestionsView, now: number): readonly string[] {
  const minutes = (ms: number): string => `${Math.max(0, Math.round(ms / 60_000))} min`
  const theirs = open.map(({ item }) => `  ${item.shortId} of ${nameOf(item.from.name)}, ${minutes(now - item.receivedAt)} ago`)
  const ours = asked.map(({ shortId, text, askedAt, answers, wanted, recipients }) => {
    const states = recipients.slice(0, 5).map(({ peer, state }) => `${nameOf(peer)} ${state}`)
    const own = JSON.stringify(preview(oneLine(text, 80)).replaceAll('"', "'"))
    return `  ${shortId} ${own}, ${minutes(now - askedAt)} ago, ${answers.length} of ${wanted}: ${states.join(', ')}`
  })
  return [
    ...(theirs.length === 0 ? [] : [['Questions that wait for this session (sym_reply):', ...theirs].join('\n')]),
    ...(ours.length === 0 ? [] : [['Questions of this session that are open (sym_ask with ticket):', ...ours].join('\n')]),
  ]
}
