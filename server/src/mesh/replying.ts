/**
 * Questions of others, until we answered, declined, or they are over. Only what a member asked is a question here; what
 * it says is data like any message, and answering is this session's own choice.
 */
import type { Clock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import { buildCat7 } from '../mmp/cat7.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import type { FrameOf } from '../mmp/frames.ts'
import type { Database } from '../store/database.ts'
import { lineageOf } from './addressing.ts'
import type { Delivery } from './delivery.ts'
import { heldSentence } from './held.ts'
import type { Inbox } from './inbox.ts'
import type { Link } from './link.ts'
import type { Origin } from './loop.ts'
import type { Question, QuestionBook } from './question-book.ts'
import { type Arriving, causeOf, envelopeOf, type Screening, type Talk } from './talk.ts'
import { type PeerView, type SendView, shortIdOf } from './views.ts'
import type { Waits } from './waits.ts'

export interface ReplyRequest {
  /** The answer, or why there is none. */
  readonly text: string
  readonly isDecline: boolean
  readonly body?: string | undefined
  readonly origin?: Origin | undefined
}

export interface ReplyingDeps {
  readonly clock: Clock
  readonly db: Database
  readonly book: QuestionBook
  readonly waits: Waits
  readonly talk: Talk
  readonly inbox: Inbox
  readonly delivery: () => Delivery
  readonly peerOf: (fingerprint: Fingerprint, group: string) => PeerView | undefined
  readonly nameOf: (fingerprint: Fingerprint) => string
  readonly sendView: (id: AssertionId) => SendView
  /** News of a question: who waits for its asker, and whether the asker waits itself. */
  readonly onWaiting: (question: Question, waits: readonly Fingerprint[], isWaiting: boolean) => void
}

const WAY_TOO_MANY = 'held-questions'

export class Replying {
  readonly #deps: ReplyingDeps

  constructor(deps: ReplyingDeps) {
    this.#deps = deps
  }

  /** `hold`: what the loop breaker made of it. */
  screen(arriving: Arriving, screened: Screening): Screening {
    const { id, group, from, envelope } = arriving
    const { book, clock } = this.#deps
    const now = clock.now()
    const terms = envelope?.question
    if (!terms || terms.until <= now) return screened
    if (book.openOf(from) >= LIMITS.question.openPerPeer) return { hold: { way: WAY_TOO_MANY, reason: heldSentence(WAY_TOO_MANY) } }
    const until = Math.min(terms.until, now + LIMITS.question.openMs)
    return {
      ...screened,
      stored: () => book.addQuestion({ id, group, from, askedAt: now, until }),
      kept: () => {
        const question = book.question(id)
        if (question && !screened.hold) this.#deps.onWaiting(question, terms.waits ?? [], terms.waiting === true)
        return false
      },
    }
  }

  /** Throws `argument-invalid` with the open questions where this one is none of them. */
  async reply(question: Question, { text, isDecline, body, origin = 'model' }: ReplyRequest): Promise<SendView> {
    const { book, talk, inbox, clock, waits } = this.#deps
    const item = inbox.get(question.id)
    const asker = this.#deps.peerOf(question.from, question.group)
    if (!item || !asker) throw this.notOpen(shortIdOf(question.id))
    const words = { fields: buildCat7({ focus: text }), body }
    const facts = talk.factsOf({ group: question.group, to: question.from, isObservation: false, origin, cause: causeOf(item) })
    talk.demandMaySay(words, facts, question.from, true)
    const state = isDecline ? 'declined' : 'answered'
    const { message, verdicts } = await this.#deps.delivery().send({
      ...{ ...words, group: question.group, to: asker, recipients: [question.from], idempotencyKey: undefined },
      tags: [isDecline ? 'decline' : 'answer'],
      parents: lineageOf(item, { group: question.group, to: question.from }),
      envelope: envelopeOf(facts, {
        replyTo: question.id,
        wake: item.envelope?.question?.wake === true,
        isHuman: origin === 'person',
      }),
      settles: { of: question.id, author: question.from, state },
      alongside: () => {
        if (!book.endQuestion(question.id, state, clock.now())) throw this.notOpen(shortIdOf(question.id))
      },
    })
    waits.closed(question.id)
    talk.said(message.id, words, facts)
    await verdicts
    return this.#deps.sendView(message.id)
  }

  /** The oldest question of a member that Claude was shown, that is open, and that has held no turn yet. */
  toHold(isTrusted: (question: Question) => boolean): Question | undefined {
    const { book, inbox } = this.#deps
    return book
      .openQuestions()
      .find((question) => !question.isHeld && inbox.get(question.id)?.surfacedAt !== undefined && isTrusted(question))
  }

  async markHeld(id: AssertionId): Promise<void> {
    await this.#deps.db.write(() => this.#deps.book.markHeld(id))
  }

  /** The asker took it back, or has enough answers. Nobody else can say so. */
  async onClosed(link: Link, { of, state }: FrameOf<'mesh-opaque-v1-closed'>): Promise<void> {
    const { db, book, inbox, clock, waits } = this.#deps
    const question = this.#askedBy(link, of)
    if (!question) return
    const isCancelled = state === 'cancelled'
    waits.closed(of)
    await db.write(() => {
      book.endQuestion(of, isCancelled ? 'cancelled' : 'closed', clock.now())
      inbox.withhold(of, isCancelled ? 'its asker took the question back' : 'its asker has enough answers')
    })
  }

  onWaits(link: Link, { of, waits }: FrameOf<'mesh-opaque-v1-waits'>): void {
    const question = this.#askedBy(link, of)
    if (question) this.#deps.onWaiting(question, waits, true)
  }

  notOpen(shown: string): MeshError {
    const open = this.#deps.book.openQuestions()
    const lines = open.slice(0, 10).map(({ id, from }) => `  ${shortIdOf(id)} of ${JSON.stringify(this.#deps.nameOf(from))}`)
    const list = lines.length === 0 ? 'No question is open.' : ['Open questions:', ...lines].join('\n')
    return new MeshError(
      'argument-invalid',
      `${shown} is no open question: it was answered, is over, or was never asked; nothing was sent. ${list}`,
    )
  }

  #askedBy(link: Link, of: AssertionId): Question | undefined {
    const question = this.#deps.book.question(of)
    const isAsker = question?.from === link.peer.fingerprint && question.group === link.group
    return isAsker && question.state === 'open' ? question : undefined
  }
}
