/**
 * Our questions: asking, waiting in the same call, collecting answers, and an end that can be seen. A wait is a favour of
 * the moment: when it is over, for whatever reason, the question stays open on disk, and what comes later is shown like
 * any arrival. An answer that a waiting call hands over is claimed by it, and no other way shows it.
 */
import type { Clock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import { oneLine } from '../base/text.ts'
import type { Fingerprint } from '../identity/ids.ts'
import { buildCat7 } from '../mmp/cat7.ts'
import type { AssertionId, Cat7 } from '../mmp/cmb.ts'
import type { Database } from '../store/database.ts'
import type { Delivery } from './delivery.ts'
import { isHeldWay } from './held.ts'
import type { InboxItem } from './inbox.ts'
import type { Link } from './link.ts'
import type { Origin } from './loop.ts'
import type { Outbox } from './outbox.ts'
import type { Asked, QuestionBook } from './question-book.ts'
import { type Arriving, envelopeOf, type Screening, type Talk } from './talk.ts'
import { type Addressee, type AskView, type InboxView, type RecipientView, shortIdOf } from './views.ts'
import type { Waits } from './waits.ts'

export interface AskRequest {
  readonly question: string
  readonly body?: string | undefined
  /** Whom; the group when absent. */
  readonly to?: string | undefined
  /** Answers that end the question; from everybody who was asked when absent. */
  readonly answers?: number | undefined
  /** A late answer may wake this session. */
  readonly wake?: boolean | undefined
  readonly origin?: Origin | undefined
}

export interface WaitOptions {
  /** 0 to the limit; 0 does not wait. */
  readonly waitMs: number
  /** Ends the wait; the question stays open. */
  readonly signal?: AbortSignal | undefined
  /** Told what becomes of the question while the call waits. */
  readonly onProgress?: ((line: string) => void) | undefined
}

export interface AskingDeps {
  readonly clock: Clock
  readonly guard: Guard
  readonly db: Database
  readonly book: QuestionBook
  readonly waits: Waits
  readonly talk: Talk
  readonly outbox: Outbox
  readonly delivery: () => Delivery
  readonly resolve: (to: string) => Addressee
  readonly currentGroup: () => string
  readonly audience: (group: string) => readonly Fingerprint[]
  /** Throws where the peer knows no questions. */
  readonly demandAskable: (peer: Addressee) => void
  readonly linkTo: (fingerprint: Fingerprint, group: string) => Link | undefined
  readonly recipients: (id: AssertionId) => readonly RecipientView[]
  /** Whom the words of a question to the group name. */
  readonly mentionedIn: (fields: Cat7, group: string, recipients: readonly Fingerprint[]) => readonly Fingerprint[]
  readonly nameOf: (fingerprint: Fingerprint) => string
  readonly viewOf: (id: AssertionId) => InboxView | undefined
  /** An answer that is shown by nobody any more, since the call that waited for it is gone. */
  readonly onReleased: (id: AssertionId) => void
  readonly onAnswer: (question: AssertionId, item: InboxItem) => void
}

interface Waiting {
  readonly progress: (line: string) => void
  readonly stop: (why: string | undefined) => void
}

const BEAT_MS = 10_000
const TEXT_CHARACTERS = 120

export class Asking {
  readonly #deps: AskingDeps
  readonly #waiting = new Map<AssertionId, Waiting>()
  /** Answers that a call hands over. */
  readonly #claimed = new Set<AssertionId>()

  constructor(deps: AskingDeps) {
    this.#deps = deps
  }

  async ask(request: AskRequest, options: WaitOptions): Promise<AskView> {
    const { clock, waits, talk, book } = this.#deps
    const to = request.to === undefined ? undefined : this.#deps.resolve(request.to)
    if (to) this.#deps.demandAskable(to)
    const group = to?.group ?? this.#deps.currentGroup()
    const recipients = to ? [to.fingerprint] : this.#deps.audience(group)
    if (recipients.length === 0) throw nobodyToAsk()
    const words = { fields: buildCat7({ focus: request.question }), body: request.body }
    const origin = request.origin ?? 'model'
    const facts = talk.factsOf({ group, to: to?.fingerprint, isObservation: false, origin })
    talk.demandMaySay(words, facts, to?.fingerprint)
    const blockers = waits.blockers(recipients, group, clock.monotonic())
    const isBlocked = blockers.length === recipients.length
    const isWaiting = options.waitMs > 0 && !isBlocked
    const askedAt = clock.now()
    const until = askedAt + LIMITS.question.openMs
    const wake = request.wake === true
    const question = {
      until,
      waits: [...waits.waiting(group, clock.monotonic())],
      ...(isWaiting ? { waiting: true as const } : {}),
      ...(wake ? { wake } : {}),
    }
    const wanted = Math.min(request.answers ?? recipients.length, recipients.length)
    const text = oneLine(request.question, TEXT_CHARACTERS)
    const { message, verdicts } = await this.#deps.delivery().send({
      ...{ ...words, group, to, recipients, tags: ['question'], idempotencyKey: undefined },
      envelope: envelopeOf(facts, {
        ...{ question, wake: true, isHuman: origin === 'person' },
        mentions: to ? [] : this.#deps.mentionedIn(words.fields, group, recipients),
      }),
      alongside: (id) => book.addAsked({ id, group, text, wanted, wake, askedAt, until }),
    })
    talk.said(message.id, words, facts)
    if (isWaiting) return this.#wait(message.id, options, question.waits.length)
    await verdicts
    return this.view(message.id, isBlocked && options.waitMs > 0 ? this.#blockedBy(blockers, group) : undefined)
  }

  /** What came so far; waits for more where the question is open. */
  async answers(id: AssertionId, options: WaitOptions): Promise<AskView> {
    const asked = this.#deps.book.asked(id)
    if (!asked) throw new MeshError('internal', 'a question that was just found is not there')
    if (asked.state !== 'open' || options.waitMs <= 0) return this.view(id, undefined)
    if (this.#isInVain(asked)) return this.view(id, this.#blockedBy(this.#open(asked), asked.group))
    return this.#wait(id, options, undefined)
  }

  /** Ends a question of ours; whom it had reached is told. */
  async cancel(id: AssertionId): Promise<AskView> {
    const { db, book, clock, outbox } = this.#deps
    const isNews = await db.write(() => {
      for (const { fingerprint, state } of outbox.recipients(id)) {
        if (state === 'queued') outbox.advance(id, fingerprint, 'expired', clock.now(), '', 'taken back before it was sent')
      }
      return book.endAsked(id, 'cancelled', clock.now())
    })
    if (isNews) this.#ended(id)
    return this.view(id, undefined)
  }

  /** The open question of ours that this answers, for the first time, from one who was asked. */
  expects({ from, envelope }: Arriving): Asked | undefined {
    const asked = envelope?.replyTo && this.#deps.book.asked(envelope.replyTo)
    if (asked?.state !== 'open') return undefined
    const isAsked = this.#deps.outbox.recipients(asked.id).some(({ fingerprint }) => fingerprint === from)
    const hasAnswered = this.#deps.book.answers(asked.id).some((answer) => answer.from === from)
    return isAsked && !hasAnswered ? asked : undefined
  }

  screenAnswer({ id, from, tags }: Arriving, asked: Asked): Screening {
    const isClaimed = this.#waiting.has(asked.id)
    return {
      isClaimed,
      stored: () => {
        if (isClaimed) this.#claimed.add(id)
        this.#record({ id, question: asked.id, from, isDecline: tags.includes('decline'), at: this.#deps.clock.now() })
      },
      kept: (item) => this.#kept(item, asked),
    }
  }

  isClaimed(id: AssertionId): boolean {
    return this.#claimed.has(id)
  }

  /** They were handed over, or the call that claimed them could not do it. */
  settle(ids: readonly AssertionId[], isShown: boolean): void {
    for (const id of ids) if (this.#claimed.delete(id) && !isShown) this.#deps.onReleased(id)
  }

  /** Our wait for this cannot come to an end: the person who could answer waits for us. */
  crossed(id: AssertionId, why: string): void {
    this.#waiting.get(id)?.stop(why)
  }

  /** A receipt came, a peer came or went. */
  look(id?: AssertionId, news?: string): void {
    for (const question of id === undefined ? [...this.#waiting.keys()] : [id]) {
      const waiting = this.#waiting.get(question)
      if (news !== undefined) waiting?.progress(news)
      const asked = waiting && this.#deps.book.asked(question)
      if (!asked) continue
      if (asked.state !== 'open') waiting.stop(undefined)
      else if (this.#reachable(asked).length === 0) waiting.stop('nobody who could answer is here now, or it is not shown there')
    }
  }

  /** To whom we wait for: that we wait, and who waits for us. */
  tellWaits(asked: Asked): void {
    const { waits, clock, linkTo } = this.#deps
    const waiting = [...waits.waiting(asked.group, clock.monotonic())]
    for (const target of this.#open(asked))
      linkTo(target, asked.group)?.send({ type: 'mesh-opaque-v1-waits', of: asked.id, waits: waiting })
  }

  /** This peer may not know that these questions of ours are over. */
  linkUp(link: Link): void {
    const { book, clock, outbox } = this.#deps
    for (const asked of book.closedEarly(link.group, clock.now())) {
      const recipient = outbox.recipients(asked.id).find(({ fingerprint }) => fingerprint === link.peer.fingerprint)
      if (recipient && ['sent', 'received', 'surfaced'].includes(recipient.state)) sendClosed(link, asked)
    }
    this.look()
  }

  view(id: AssertionId, why: string | undefined): AskView {
    const { book, viewOf, recipients } = this.#deps
    const asked = book.asked(id)
    if (!asked) throw new MeshError('internal', 'a question that was just asked is not there')
    const answers = book.answers(id).flatMap(({ id: answerId, isDecline }) => {
      const item = viewOf(answerId)
      return item ? [{ item, isDecline }] : []
    })
    const { group, text, state, askedAt, until, wanted } = asked
    return { id, shortId: shortIdOf(id), group, text, state, askedAt, until, wanted, answers, recipients: recipients(id), why }
  }

  stop(): void {
    for (const { stop } of [...this.#waiting.values()]) stop('this node is stopping')
  }

  /** `told`: how many the question said wait for us; more may have come while it was written. */
  async #wait(id: AssertionId, { waitMs, signal, onProgress }: WaitOptions, told: number | undefined): Promise<AskView> {
    const { clock, guard, waits, book } = this.#deps
    const asked = book.asked(id)
    if (!asked) throw new MeshError('internal', 'a question that was just asked is not there')
    this.#waiting.get(id)?.stop('another call waits for it now')
    const why = await new Promise<string | undefined>((resolve) => {
      const end = (reason: string | undefined): void => {
        timer.cancel()
        beat.cancel()
        signal?.removeEventListener('abort', aborted)
        this.#waiting.delete(id)
        waits.end(id)
        resolve(reason)
      }
      const aborted = (): void => end(ABORTED)
      const timer = clock.after(waitMs, () => end(`no answer within ${Math.round(waitMs / 1_000)} s`))
      const progress = (line: string): void => guard.run('progress', () => onProgress?.(line))
      const tick = (): void => {
        progress('still waiting')
        beat = clock.after(BEAT_MS, tick)
      }
      let beat = clock.after(BEAT_MS, tick)
      this.#waiting.set(id, { stop: end, progress })
      waits.begin({ question: id, group: asked.group, targets: this.#open(asked) })
      if (told !== waits.waiting(asked.group, clock.monotonic()).length) this.tellWaits(asked)
      signal?.addEventListener('abort', aborted, { once: true })
      if (signal?.aborted) aborted()
      else if (this.#isInVain(asked)) end(this.#blockedBy(this.#open(asked), asked.group))
      else this.look(id)
    })
    if (why === ABORTED) {
      this.settle(
        book.answers(id).map((answer) => answer.id),
        false,
      )
      throw new MeshError('closed', `the call was cancelled; the question stays open as ${shortIdOf(id)}`)
    }
    return this.view(id, why)
  }

  /** Call inside a write. The last answer that can come ends the question. */
  #record(answer: Parameters<QuestionBook['addAnswer']>[0]): void {
    const { book, outbox, clock } = this.#deps
    const asked = book.asked(answer.question)
    if (!asked || !book.addAnswer(answer)) return
    const answers = book.answers(asked.id)
    const given = answers.filter(({ isDecline }) => !isDecline).length
    const isAll = answers.length >= outbox.recipients(asked.id).length
    if (given >= asked.wanted) book.endAsked(asked.id, 'answered', clock.now())
    else if (isAll) book.endAsked(asked.id, given > 0 ? 'answered' : 'declined', clock.now())
  }

  #kept(item: InboxItem, asked: Asked): boolean {
    const { book, onAnswer, nameOf } = this.#deps
    const isHandedOver = this.#waiting.has(asked.id)
    if (!isHandedOver) this.#claimed.delete(item.id)
    if (isHandedOver) this.#claimed.add(item.id)
    this.look(asked.id, `${nameOf(item.fingerprint)} answered`)
    if (book.asked(asked.id)?.state !== 'open') this.#ended(asked.id)
    if (isHandedOver) onAnswer(asked.id, item)
    return isHandedOver
  }

  #ended(id: AssertionId): void {
    const asked = this.#deps.book.asked(id)
    if (!asked) return
    for (const target of this.#open(asked)) {
      const link = this.#deps.linkTo(target, asked.group)
      if (link && asked.state !== 'declined') sendClosed(link, asked)
    }
    this.look(id)
  }

  /** Who was asked and has said nothing yet. */
  #open(asked: Asked): readonly Fingerprint[] {
    const answered = new Set(this.#deps.book.answers(asked.id).map(({ from }) => from))
    return this.#deps.outbox.recipients(asked.id).flatMap(({ fingerprint }) => (answered.has(fingerprint) ? [] : [fingerprint]))
  }

  /** Of these, who is here and may show it to its Claude. */
  #reachable(asked: Asked): readonly Fingerprint[] {
    const held = new Set(this.#deps.outbox.recipients(asked.id).flatMap(({ fingerprint, way }) => (isHeldWay(way) ? [fingerprint] : [])))
    return this.#open(asked).filter((target) => !held.has(target) && this.#deps.linkTo(target, asked.group))
  }

  /** All who could answer wait for us. */
  #isInVain(asked: Asked): boolean {
    const open = this.#open(asked)
    return open.length > 0 && this.#deps.waits.blockers(open, asked.group, this.#deps.clock.monotonic()).length === open.length
  }

  #blockedBy(blockers: readonly Fingerprint[], group: string): string {
    const names = blockers.map((peer) => JSON.stringify(this.#deps.nameOf(peer)))
    const own = this.#deps.book.openQuestions().filter((question) => question.group === group)
    const ids = own.map(({ id }) => shortIdOf(id)).join(', ')
    return `${names.join(', ')} waits for this session, so this call does not wait. Answer first by sym_reply${ids === '' ? '' : ` (open: ${ids})`}`
  }
}

const ABORTED = 'aborted'

function sendClosed(link: Link, asked: Asked): void {
  const state = asked.state === 'cancelled' ? 'cancelled' : 'answered'
  link.send({ type: 'mesh-opaque-v1-closed', of: asked.id, state })
}

function nobodyToAsk(): MeshError {
  return new MeshError(
    'peer-unknown',
    'nobody else is in the group now, and nobody was lately; nothing was asked. sym_peers lists who is known',
  )
}
