/**
 * The life of one message, in the order of its steps: here from our own tables, there as far as the others signed it by
 * receipts. The time of a step there is of their clock.
 */
import type { AssertionId } from '../mmp/cmb.ts'
import { heldSentence, isHeldWay } from './held.ts'
import type { InboxItem } from './inbox.ts'
import type { OutboxMessage, RecipientState } from './outbox.ts'
import type { Answer, Asked, Question } from './question-book.ts'
import { describeWithdrawn } from './withdrawals.ts'

export interface TraceStep {
  /** Undefined where only the fact is known. */
  readonly at: number | undefined
  /** `here`: of this node's clock. */
  readonly where: 'here' | 'there'
  readonly who: string
  readonly what: string
}

export interface TraceView {
  readonly id: AssertionId
  readonly direction: 'in' | 'out'
  readonly steps: readonly TraceStep[]
}

export interface OutgoingLife {
  readonly message: OutboxMessage
  readonly recipients: readonly RecipientState[]
  readonly asked: Asked | undefined
  readonly answers: readonly Answer[]
}

type Names = (fingerprint: Answer['from']) => string

export function traceOutgoing({ message, recipients, asked, answers }: OutgoingLife, nameOf: Names): TraceView {
  const here = (at: number | undefined, who: string, what: string): TraceStep => ({ at, where: 'here', who, what })
  const steps = [
    here(message.createdAt, 'this node', `signed and written down${asked ? ', as a question' : ''}`),
    ...recipients.flatMap((recipient) => stepsThere(recipient, nameOf(recipient.fingerprint))),
    ...answers.map(({ from, isDecline, at }) => here(at, nameOf(from), isDecline ? 'its refusal to answer arrived' : 'its answer arrived')),
    ...(asked?.endedAt === undefined ? [] : [here(asked.endedAt, 'this node', `the question ended: ${asked.state}`)]),
  ]
  return { id: message.id, direction: 'out', steps: inOrder(steps) }
}

export function traceIncoming(item: InboxItem, question: Question | undefined, nameOf: Names): TraceView {
  const author = nameOf(item.fingerprint)
  const here = (at: number | undefined, what: string): TraceStep => ({ at, where: 'here', who: 'this node', what })
  const steps: TraceStep[] = [
    { at: item.createdAt, where: 'there', who: author, what: item.held === 'unsigned' ? 'said, unsigned' : 'signed' },
    here(item.receivedAt, 'received and written down'),
    ...(item.held === undefined ? [] : [here(item.receivedAt, `not shown unasked: ${describeWithdrawn(item.held) ?? item.held}`)]),
    ...(item.pushedAt === undefined ? [] : [here(item.pushedAt, 'pushed to the host')]),
    ...(item.surfacedAt === undefined ? [] : [here(item.surfacedAt, `surfaced by ${item.way ?? '?'}`)]),
    ...(question === undefined ? [] : [here(question.endedAt, `the question is ${question.state}`)]),
  ]
  return { id: item.id, direction: 'in', steps: inOrder(steps) }
}

function stepsThere(recipient: RecipientState, who: string): readonly TraceStep[] {
  const { state, way, reason, sentAt, receivedAt, surfacedAt, endedAt } = recipient
  const there = (at: number, what: string): TraceStep => ({ at, where: 'there', who, what })
  const held = isHeldWay(way) && state !== 'withdrawn' ? `, not shown: ${heldSentence(way)}` : ''
  return [
    ...(sentAt === undefined ? [] : [{ at: sentAt, where: 'here' as const, who, what: 'sent on a link' }]),
    ...(receivedAt === undefined ? [] : [there(receivedAt, `received and written down${held}`)]),
    ...(surfacedAt === undefined ? [] : [there(surfacedAt, `surfaced${way === '' ? '' : ` by ${way}`}`)]),
    ...(endedAt === undefined
      ? []
      : [{ at: endedAt, where: state === 'expired' ? ('here' as const) : ('there' as const), who, what: state }]),
    ...(state === 'withdrawn' ? [{ at: undefined, where: 'there' as const, who, what: reason || heldSentence(way) }] : []),
    ...(state === 'unreceipted' ? [{ at: undefined, where: 'here' as const, who, what: unreceipted(reason) }] : []),
    ...(state === 'queued' || state === 'sent' ? [{ at: undefined, where: 'here' as const, who, what: waiting(reason) }] : []),
  ]
}

const unreceipted = (reason: string): string => `no receipt: a stock MMP node${reason === '' ? '' : `; ${reason}`}`
const waiting = (reason: string): string => `waits for its receipt${reason === '' ? '' : `: ${reason}`}`

/** What has no time comes last. */
function inOrder(steps: readonly TraceStep[]): readonly TraceStep[] {
  return [...steps].sort((a, b) => (a.at ?? Number.POSITIVE_INFINITY) - (b.at ?? Number.POSITIVE_INFINITY))
}
