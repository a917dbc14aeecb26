/**
 * Asking and answering, joined: our questions, those of others, and the waits between them. What arrives is looked at
 * here first, since an answer that was asked for passes the loop breaker.
 */

import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import type { Frame } from '../mmp/frames.ts'
import { Asking, type AskingDeps, type AskRequest, type WaitOptions } from './asking.ts'
import type { InboxItem } from './inbox.ts'
import type { Link } from './link.ts'
import { type Answer, type Asked, type Question, QuestionBook } from './question-book.ts'
import { Replying, type ReplyingDeps, type ReplyRequest } from './replying.ts'
import type { Arriving, Screening } from './talk.ts'
import { type AskView, type InboxView, type QuestionsView, type SendView, shortIdOf, type Trust } from './views.ts'
import { Waits } from './waits.ts'

type Own = 'book' | 'waits' | 'onWaiting'
export interface QuestionsDeps extends Omit<AskingDeps, Own>, Omit<ReplyingDeps, Own> {
  readonly fingerprint: Fingerprint
  readonly trustOf: (fingerprint: Fingerprint, group: string) => Trust
}

const KEPT_MS = 30 * 86_400_000
/** Open ones that are listed. */
const MAX_LISTED = 50

export class Questions {
  readonly #deps: QuestionsDeps
  readonly #book: QuestionBook
  readonly #waits: Waits
  readonly #asking: Asking
  readonly #replying: Replying

  constructor(deps: QuestionsDeps) {
    this.#deps = deps
    this.#book = new QuestionBook(deps.db)
    this.#waits = new Waits(deps.fingerprint)
    const shared = { ...deps, book: this.#book, waits: this.#waits }
    this.#asking = new Asking(shared)
    this.#replying = new Replying({ ...shared, onWaiting: (question, waits, isWaiting) => this.#onWaiting(question, waits, isWaiting) })
  }

  ask(request: AskRequest, options: WaitOptions): Promise<AskView> {
    return this.#asking.ask(request, options)
  }

  async answers(prefix: string, options: WaitOptions): Promise<AskView> {
    return this.#asking.answers(this.#ownBy(prefix).id, options)
  }

  async cancel(prefix: string): Promise<AskView> {
    return this.#asking.cancel(this.#ownBy(prefix).id)
  }

  async reply(prefix: string | undefined, shown: string, request: ReplyRequest): Promise<SendView> {
    const found = prefix === undefined ? [] : this.#book.questionsByPrefix(prefix)
    const [question] = found
    if (!question || found.length > 1 || question.state !== 'open') throw this.#replying.notOpen(JSON.stringify(shown.slice(0, 80)))
    return this.#replying.reply(question, request)
  }

  /** What is open on either side, oldest first. */
  list(): QuestionsView {
    const open = this.#book.openQuestions().slice(0, MAX_LISTED)
    return {
      asked: this.#book
        .openAsked()
        .slice(0, MAX_LISTED)
        .map(({ id }) => this.#asking.view(id, undefined)),
      open: open.flatMap(({ id, until }) => {
        const item = this.#deps.viewOf(id)
        return item ? [{ item, until }] : []
      }),
    }
  }

  /** What the tables of questions know of a message: ours, or another's. */
  lifeOf(id: AssertionId): {
    readonly asked: Asked | undefined
    readonly answers: readonly Answer[]
    readonly question: Question | undefined
  } {
    return { asked: this.#book.asked(id), answers: this.#book.answers(id), question: this.#book.question(id) }
  }

  toHold(): AssertionId | undefined {
    const isTrusted = ({ from, group }: Question): boolean => ['member', 'verified'].includes(this.#deps.trustOf(from, group))
    return this.#replying.toHold(isTrusted)?.id
  }

  markHeld(id: AssertionId): Promise<void> {
    return this.#replying.markHeld(id)
  }

  /** What the loop breaker and the questions make of an admitted arrival. `isHeir`: it takes the place of one that passed. */
  screen(arriving: Arriving, isHeir = false): Screening {
    const asked = this.#asking.expects(arriving)
    const screened = this.#deps.talk.screen(arriving, isHeir || asked !== undefined)
    return asked ? this.#asking.screenAnswer(arriving, asked) : this.#replying.screen(arriving, screened)
  }

  /** What an item is in a conversation of question and answer. */
  about({ id, envelope }: InboxItem): Pick<InboxView, 'question' | 'answerTo'> & { readonly wake?: boolean } {
    const question = envelope?.question && this.#book.question(id)
    const answer = envelope?.replyTo && this.#book.answer(id)
    const asked = answer && this.#book.asked(answer.question)
    return {
      question: envelope?.question && { until: envelope.question.until, state: question?.state },
      answerTo: asked && { id: asked.id, shortId: shortIdOf(asked.id), text: asked.text, isDecline: answer?.isDecline === true },
      // An answer wakes the asker when the asker wanted that, whatever the answer says.
      ...(asked ? { wake: asked.wake } : {}),
    }
  }

  isClaimed(id: AssertionId): boolean {
    return this.#asking.isClaimed(id)
  }

  settle(ids: readonly AssertionId[], isShown: boolean): void {
    this.#asking.settle(ids, isShown)
  }

  onFrame(link: Link, frame: Frame): boolean {
    if (frame.type === 'mesh-opaque-v1-closed') this.#deps.guard.run('closed', () => this.#replying.onClosed(link, frame))
    else if (frame.type === 'mesh-opaque-v1-waits') this.#deps.guard.run('waits', () => this.#replying.onWaits(link, frame))
    else return false
    return true
  }

  onReceipt(id: AssertionId, from: Fingerprint, state: string): void {
    this.#asking.look(id, `${this.#deps.nameOf(from)}: ${state}`)
  }

  linkUp(link: Link): void {
    this.#asking.linkUp(link)
  }

  linkDown(): void {
    this.#asking.look()
  }

  /** Ends what is over, and reminds once of what is open for long. */
  async tick(): Promise<void> {
    const { db, clock, talk } = this.#deps
    const before = clock.now() - LIMITS.question.remindMs
    const isOver = this.#book.hasOver(clock.now(), KEPT_MS)
    const ended = isOver ? await db.write(() => this.#book.expire(clock.now(), KEPT_MS)) : []
    for (const asked of ended) {
      talk.notice(`Mesh: no answer came to the question ${shortIdOf(asked.id)}: ${this.#fateOf(asked)}.`)
      this.#asking.look(asked.id)
    }
    if (!this.#book.hasReminders(before)) return
    const due = await db.write(() => this.#book.takeReminders(before))
    for (const asked of due.asked) {
      talk.notice(
        `Mesh: the question ${shortIdOf(asked.id)} is still open: ${this.#fateOf(asked)}. sym_ask with this ticket waits again, sym_fetch tells what was asked.`,
      )
    }
    for (const { id, from } of due.questions) {
      talk.notice(
        `Mesh: ${JSON.stringify(this.#deps.nameOf(from))} still waits for an answer to ${shortIdOf(id)}; sym_reply answers or declines.`,
      )
    }
  }

  stop(): void {
    this.#asking.stop()
  }

  /** News of who waits for us: our own waits may be in vain, and those we wait for have to know. */
  #onWaiting({ id, from, group }: Question, waits: readonly Fingerprint[], isWaiting: boolean): void {
    const now = this.#deps.clock.monotonic()
    const before = this.#waits.waiting(group, now).length
    const name = JSON.stringify(this.#deps.nameOf(from))
    const why = `${name} asks this session too (question ${shortIdOf(id)}), so this call stopped waiting. Answer that one by sym_reply; this question stays open`
    const crossed = isWaiting ? this.#waits.asked(id, from, waits, group, now) : this.#waits.askedBack(waits, group)
    for (const question of crossed) this.#asking.crossed(question, why)
    if (this.#waits.waiting(group, now).length === before) return
    for (const { question } of this.#waits.ours(group)) {
      const asked = this.#book.asked(question)
      if (asked) this.#asking.tellWaits(asked)
    }
  }

  #ownBy(prefix: string): Asked {
    const found = this.#book.askedByPrefix(prefix)
    if (found[0] && found.length === 1) return found[0]
    const open = this.#book.openAsked().map(({ id }) => shortIdOf(id))
    const list = open.length === 0 ? 'No question of this session is open.' : `Open: ${open.join(', ')}.`
    throw new MeshError('argument-invalid', `this session asked no question with that id. ${list}`)
  }

  #fateOf({ id }: Asked): string {
    const lines = this.#deps
      .recipients(id)
      .map(({ peer, state, reason }) => `${JSON.stringify(peer)} ${fate(state)}${reason === '' ? '' : `, ${reason}`}`)
    return lines.slice(0, 5).join('; ') || 'it reached nobody'
  }
}

function fate(state: string): string {
  return state === 'received' ? 'received, not surfaced' : state
}
