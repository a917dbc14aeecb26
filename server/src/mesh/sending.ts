/**
 * Saying something: to whom a request means it to go, whether it may be said, and what came of it within the first second.
 * One of our own messages can be said anew, or taken back, by another one that goes to the same nodes.
 */
import { utf8 } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { Memory } from '../memory/memory.ts'
import { buildCat7, type Cat7Input } from '../mmp/cat7.ts'
import type { AssertionId, CmbKey } from '../mmp/cmb.ts'
import type { Priority } from '../mmp/envelope.ts'
import { type Addressing, lineageOf, oneLineOf, SELF_TAG } from './addressing.ts'
import type { Delivery, Outgoing } from './delivery.ts'
import type { JoinedGroups } from './groups.ts'
import type { Link } from './link.ts'
import type { Origin, SpeechFacts } from './loop.ts'
import type { Mailbox } from './mailbox.ts'
import type { Outbox, OutboxMessage } from './outbox.ts'
import { tagOf } from './roster.ts'
import { causeOf, envelopeOf, type Talk } from './talk.ts'
import type { Viewer } from './viewer.ts'
import { type Addressee, idPrefix, type SendView, shortIdOf } from './views.ts'
import { WITHDRAWAL, type Withdrawals } from './withdrawals.ts'

export interface SendRequest {
  readonly fields: Cat7Input
  readonly body?: string | undefined
  /** A small text file that goes with it. */
  readonly attach?: { readonly name: string; readonly text: string } | undefined
  /** Who: id, name, fingerprint prefix, or `#tag`; the group when absent. */
  readonly to?: string | undefined
  readonly tags: readonly string[]
  /** The same key again gives the first result and sends nothing. */
  readonly key?: string | undefined
  /** The message that this one answers, as a shown id. It goes to its author, or to the group where it was said to the group. */
  readonly replyTo?: string | undefined
  /** A message of ours that this one replaces, as a shown id; it goes to the same nodes. */
  readonly replaces?: string | undefined
  /** Also to the other sessions of this node's user that do not get it anyway. */
  readonly self?: boolean | undefined
  /** Whether it may wake an idle session. Left out: a message to one peer may, an answer and what goes to the group may not. */
  readonly wake?: boolean | undefined
  /** A wish; the reader decides. Low wakes nobody. */
  readonly priority?: Priority | undefined
  /** Who says it; the model when absent. */
  readonly origin?: Origin | undefined
}

export interface SendingDeps {
  readonly clock: Clock
  readonly self: Fingerprint
  readonly groups: () => JoinedGroups
  readonly addressing: Addressing
  readonly talk: Talk
  readonly outbox: Outbox
  readonly memory: Memory
  readonly withdrawals: Withdrawals
  readonly viewer: Viewer
  readonly delivery: Pick<Delivery, 'send' | 'isInFlight'>
  readonly mailbox: () => Mailbox | undefined
  readonly linkTo: (fingerprint: Fingerprint, group: string) => Link | undefined
}

/** Where something goes, and what it goes on from. */
interface Target {
  readonly group: string
  readonly to: Addressee | undefined
  readonly recipients: readonly Fingerprint[]
  readonly tags: readonly string[]
  readonly parents: readonly CmbKey[]
  readonly replyTo: AssertionId | undefined
  readonly facts: SpeechFacts
  readonly replaced: OutboxMessage | undefined
}

export class Sending {
  readonly #deps: SendingDeps

  constructor(deps: SendingDeps) {
    this.#deps = deps
  }

  /** Throws with a sentence for the caller; nothing was sent then. */
  async send(request: SendRequest): Promise<SendView> {
    const { talk, outbox, addressing, viewer } = this.#deps
    const target = request.replaces === undefined ? this.#target(request) : this.#targetAgain(request.replaces, request)
    const { group, to, recipients, facts, replaced } = target
    const { attach } = request
    const attachment = attach && { name: attach.name, bytes: utf8(attach.text) }
    const words = { fields: buildCat7(request.fields), body: request.body, attachment }
    const isKnown = request.key !== undefined && outbox.byIdempotencyKey(request.key) !== undefined
    // What takes the place of other words is nearly always like them.
    if (!isKnown) talk.demandMaySay(words, facts, to?.fingerprint, replaced !== undefined)
    const { message, isRepeat, verdicts } = await this.#deps.delivery.send({
      ...words,
      ...{ tags: target.tags, group, to, recipients, parents: target.parents, idempotencyKey: request.key },
      envelope: envelopeOf(facts, {
        replyTo: target.replyTo,
        wake: request.priority !== 'low' && (request.wake ?? (to !== undefined && target.replyTo === undefined)),
        priority: request.priority,
        isHuman: request.origin === 'person',
        mentions: to ? [] : addressing.mentionedIn(words.fields, group, recipients),
        replaces: replaced?.id,
      }),
      ...(replaced ? { alongside: (id) => this.#withdraw(replaced, id) } : {}),
    })
    if (!isRepeat) talk.said(message.id, words, facts)
    const away = isRepeat ? [] : recipients.filter((recipient) => !this.#deps.linkTo(recipient, group))
    const [answers] = await Promise.all([verdicts, this.#deps.mailbox()?.leave(message, away)])
    const isDecided = !isRepeat && answers.size === recipients.length
    const sent = isDecided ? viewer.decided(message, answers) : viewer.sent(message.id, isRepeat)
    const view = request.self && !isRepeat ? { ...sent, copies: await this.#copyToSelf(request, words, target) } : sent
    return replaced ? { ...view, replaced: viewer.sent(replaced.id, false) } : view
  }

  /** Takes a message of ours back where nobody was shown it; what became of it. Throws for an id that is none of ours. */
  async cancel(shownId: string): Promise<SendView> {
    const { outbox, talk, viewer, delivery } = this.#deps
    const original = this.#own(shownId)
    const open = outbox.recipients(original.id).filter(({ state }) => state === 'queued' || state === 'sent' || state === 'received')
    const there = open.filter(({ fingerprint }) => this.#mayHaveLeft(original, fingerprint)).map(({ fingerprint }) => fingerprint)
    if (open.length === 0) return viewer.sent(original.id, false)
    const { group } = original
    const to = this.#onlyRecipient(original)
    const facts = talk.factsOf({ group, to: to?.fingerprint, isObservation: true, origin: 'person' })
    const outgoing: Outgoing = {
      ...{ fields: buildCat7({ focus: `${shortIdOf(original.id)} is taken back` }), body: undefined, tags: [WITHDRAWAL] },
      ...{ group, to, recipients: there, idempotencyKey: undefined },
      envelope: envelopeOf(facts, { replaces: original.id }),
      alongside: (id) => this.#withdraw(original, id),
    }
    const { message, verdicts } = await delivery.send(outgoing)
    const away = there.filter((recipient) => !this.#deps.linkTo(recipient, group))
    await Promise.all([verdicts, this.#deps.mailbox()?.leave(message, away)])
    return viewer.sent(original.id, false)
  }

  /** A message for each group in which sessions of the same user are, for those that the first one does not reach. */
  async #copyToSelf(
    request: SendRequest,
    words: Pick<Outgoing, 'fields' | 'body' | 'attachment'>,
    target: Target,
  ): Promise<readonly SendView[]> {
    const { addressing, delivery, viewer } = this.#deps
    const copies: SendView[] = []
    for (const [group, own] of addressing.ownSessions()) {
      const recipients = own.filter((fingerprint) => !target.recipients.includes(fingerprint))
      if (recipients.length === 0) continue
      // Who led to it in one group is no business of another.
      const facts = group === target.group ? target.facts : { ...target.facts, chain: [this.#deps.self], thread: undefined }
      const { message, verdicts } = await delivery.send({
        ...words,
        ...{ group, to: undefined, recipients, tags: [...request.tags, `#${SELF_TAG}`], idempotencyKey: undefined },
        envelope: envelopeOf(facts, { priority: request.priority, isHuman: request.origin === 'person' }),
      })
      await verdicts
      copies.push(viewer.sent(message.id, false))
    }
    return copies
  }

  #target(request: SendRequest): Target {
    const { addressing, talk, groups } = this.#deps
    const parent = request.replyTo === undefined ? undefined : addressing.parentOf(request.replyTo)
    const tag = tagOf(request.to)
    const to = tag === undefined ? addressing.recipientOf(request.to, parent) : undefined
    const group = to?.group ?? groups().find((name) => name === parent?.group) ?? groups()[0]
    const facts = talk.factsOf({
      ...{ group, to: to?.fingerprint, isObservation: request.tags.includes('observation'), origin: request.origin ?? 'model' },
      cause: parent && causeOf(parent),
    })
    return {
      ...{ group, to, facts, replyTo: parent?.id, replaced: undefined },
      recipients: to ? [to.fingerprint] : tag === undefined ? addressing.audience(group) : addressing.tagged(tag, group),
      tags: [...request.tags, ...markOfTag(tag)],
      parents: lineageOf(parent, { group, to: to?.fingerprint }),
    }
  }

  /** The same nodes, the same place in a conversation. */
  #targetAgain(shownId: string, { to: given, replyTo, origin = 'model' }: SendRequest): Target {
    const { talk, outbox, memory } = this.#deps
    if (given !== undefined || replyTo !== undefined)
      throw new MeshError(
        'argument-invalid',
        'what replaces a message goes to whom that one went, and answers what that one answered; leave out to and reply_to. Nothing was sent',
      )
    const replaced = this.#own(shownId)
    const { group, tags, envelope } = replaced
    const to = this.#onlyRecipient(replaced)
    const facts = talk.factsOf({ group, to: to?.fingerprint, isObservation: tags.includes('observation'), origin })
    return {
      ...{ group, to, tags, replaced, replyTo: envelope?.replyTo, parents: memory.get(replaced.id)?.parents ?? [] },
      facts: { ...facts, thread: envelope?.thread },
      recipients: outbox.recipients(replaced.id).map(({ fingerprint }) => fingerprint),
    }
  }

  #onlyRecipient({ id, isDirected }: OutboxMessage): Addressee | undefined {
    const [recipient] = this.#deps.outbox.recipients(id)
    return isDirected && recipient ? this.#deps.addressing.resolve(recipient.fingerprint) : undefined
  }

  /** A plain message of ours that still stands. */
  #own(shownId: string): OutboxMessage {
    const { outbox, withdrawals } = this.#deps
    const prefix = idPrefix(shownId)
    const [message, other] = prefix === undefined ? [] : outbox.byPrefix(prefix)
    const no = (why: string): MeshError => new MeshError('argument-invalid', `${oneLineOf(shownId)} ${why}; nothing was sent`)
    if (!message || other) throw no('is no message of this session, or several begin like that')
    if (message.envelope?.question) throw no('is a question: it ends by its answer, or by sym_ask with its ticket and cancel')
    if (message.tags.some((tag) => NOT_PLAIN.has(tag))) throw no('is no plain message: an answer stands, and what was taken back stays so')
    const successor = withdrawals.successor(message.id)
    if (successor) throw no(`was taken back or replaced already, by ${shortIdOf(successor)}`)
    return message
  }

  /** Call inside a write: where it has not left yet it ends here. */
  #withdraw(original: OutboxMessage, by: AssertionId): void {
    const { outbox, withdrawals, clock, self } = this.#deps
    withdrawals.note(original.id, by, { from: self, group: original.group })
    for (const { fingerprint, state } of outbox.recipients(original.id)) {
      if (state !== 'queued' || this.#mayHaveLeft(original, fingerprint)) continue
      outbox.advance(original.id, fingerprint, 'withdrawn', clock.now(), '', 'taken back before it was sent')
    }
  }

  /** A copy may be under way, at a relay, or there. */
  #mayHaveLeft(message: OutboxMessage, recipient: Fingerprint): boolean {
    const { id, group } = message
    const { outbox, delivery, mailbox } = this.#deps
    const state = outbox.recipients(id).find(({ fingerprint }) => fingerprint === recipient)?.state
    return state !== 'queued' || delivery.isInFlight(id, recipient, group) || (mailbox()?.hasLeft(message, recipient) ?? false)
  }
}

const NOT_PLAIN: ReadonlySet<string> = new Set(['answer', 'decline', WITHDRAWAL])

/** Tells the reader that it was meant by its tag, and everybody that it was not said to all. */
function markOfTag(tag: string | undefined): readonly string[] {
  return tag === undefined ? [] : [`#${tag}`]
}
