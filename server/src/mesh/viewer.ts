/**
 * What is told of peers, of our own messages and of what arrived: plain values made from what the parts of the node know,
 * with names and trust as the user decided them. Reads and changes nothing.
 */
import { MeshError } from '../base/errors.ts'
import { type Fingerprint, shortFingerprint } from '../identity/ids.ts'
import type { MemoryItem } from '../memory/items.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import type { Envelope } from '../mmp/envelope.ts'
import { describeHold, isHold } from './access.ts'
import type { Admission } from './admission.ts'
import type { Verdicts } from './delivery.ts'
import { heldSentence, isHeldWay } from './held.ts'
import type { InboxItem } from './inbox.ts'
import type { Link } from './link.ts'
import type { Outbox, OutboxMessage } from './outbox.ts'
import type { PeerBook, PeerRecord } from './peers.ts'
import type { PresenceBook } from './presence-book.ts'
import type { Questions } from './questions.ts'
import {
  type Addressee,
  type InboxView,
  type MessageState,
  type PeerView,
  type RecipientView,
  relevanceOf,
  type SendView,
  shortIdOf,
  talkOf,
} from './views.ts'
import { describeWithdrawn, isWithdrawnWay } from './withdrawals.ts'

export interface ViewerDeps {
  readonly self: { readonly fingerprint: Fingerprint; readonly name: string }
  readonly startedAt: number
  readonly now: () => number
  readonly peers: PeerBook
  readonly admission: Admission
  readonly outbox: Outbox
  readonly said: PresenceBook
  readonly audiences: () => Parameters<PresenceBook['viewOf']>[2]
  readonly linkTo: (fingerprint: Fingerprint, group: string) => Link | undefined
  readonly isInFlight: (id: AssertionId, fingerprint: Fingerprint, group: string) => boolean
  readonly aboutQuestion: Questions['about']
}

export class Viewer {
  readonly #deps: ViewerDeps

  constructor(deps: ViewerDeps) {
    this.#deps = deps
  }

  nameOf(fingerprint: Fingerprint): string {
    if (fingerprint === this.#deps.self.fingerprint) return this.#deps.self.name
    const peer = this.#deps.peers.all().find((one) => one.fingerprint === fingerprint)
    return peer ? this.#deps.admission.faceOf(peer).name : shortFingerprint(fingerprint)
  }

  addressee(peer: PeerRecord): Addressee {
    const { fingerprint, nodeId, group } = peer
    const link = this.#deps.linkTo(fingerprint, group)
    const lastSeen = link ? this.#deps.now() : peer.lastSeen
    return { ...this.#deps.admission.faceOf(peer), fingerprint, nodeId, group, lastSeen, isHere: link !== undefined, path: link?.kind }
  }

  /** With what has to be known beside it. */
  fullNameOf(fingerprint: Fingerprint): string {
    const isStock = this.#deps.peers.all().some((peer) => peer.fingerprint === fingerprint && peer.isStock)
    return `${this.nameOf(fingerprint)}${isStock ? ' (stock MMP node)' : ''}`
  }

  peer(peer: PeerRecord): PeerView {
    const { fingerprint, group } = peer
    const face = this.addressee(peer)
    const reach = face.isHere ? this.#deps.said.reachOf(fingerprint, group) : undefined
    // What a key says that is not admitted is not shown, be it a summary.
    const isAdmitted = face.held === undefined && face.trust !== 'blocked'
    const presence = face.isHere && isAdmitted && this.#deps.said.viewOf(fingerprint, group, this.#deps.audiences())
    return presence ? { ...face, reach, presence } : { ...face, reach }
  }

  /** Everybody has answered: nothing has to be read. */
  decided(message: OutboxMessage, answers: Verdicts): SendView {
    const { id, group, isDirected, envelope } = message
    const recipients = [...answers].map(([fingerprint, { state, way }]) => ({
      peer: this.nameOf(fingerprint),
      fingerprint,
      state,
      ...wayOf(way),
    }))
    return {
      id,
      shortId: shortIdOf(id),
      group,
      isDirected,
      isRepeat: false,
      mentions: this.#named(envelope),
      recipients,
      ...this.#skipped(message),
    }
  }

  sent(id: AssertionId, isRepeat: boolean): SendView {
    const message = this.#deps.outbox.get(id)
    if (!message) throw new MeshError('internal', 'a message that was just written is not there')
    const recipients = this.#deps.outbox.recipients(id).map(({ fingerprint, state: written, way, reason }) => {
      const isSent = written === 'queued' && this.#deps.isInFlight(id, fingerprint, message.group)
      const state = isSent ? 'sent' : written
      const isAway = (state === 'queued' || state === 'sent') && !this.#deps.linkTo(fingerprint, message.group)
      const shown = wayOf(way)
      const peer = this.nameOf(fingerprint)
      if (this.#deps.peers.get(fingerprint, message.group)?.isStock)
        return {
          peer,
          fingerprint,
          ...stockState(state, reason, this.#deps.linkTo(fingerprint, message.group)?.refusalOf(message.isDirected)),
          way: '',
        }
      return { peer, fingerprint, state, ...shown, reason: shown.reason || reason || (isAway ? AWAY : '') }
    })
    const { group, isDirected, envelope } = message
    return {
      id,
      shortId: shortIdOf(id),
      group,
      isDirected,
      isRepeat,
      mentions: this.#named(envelope),
      recipients,
      ...this.#skipped(message),
    }
  }

  #skipped({ group, isDirected }: OutboxMessage): Pick<SendView, 'skipped'> {
    if (isDirected) return {}
    const isSkipped = (peer: PeerRecord): boolean =>
      peer.isStock && peer.group === group && this.#deps.linkTo(peer.fingerprint, group) !== undefined
    const skipped = this.#deps.peers
      .all()
      .filter((peer) => isSkipped(peer) && this.#deps.admission.verdictOf(peer).access.kind !== 'admitted')
    return skipped.length === 0 ? {} : { skipped: skipped.map(({ fingerprint }) => this.nameOf(fingerprint)) }
  }

  #named(envelope: Envelope | undefined): SendView['mentions'] {
    return (envelope?.mentions ?? []).map((fingerprint) => ({ peer: this.nameOf(fingerprint), fingerprint }))
  }

  item(item: InboxItem): InboxView {
    const { id, group, fingerprint, isDirected, tags, fields, body, createdAt, receivedAt, surfacedAt, way, pushedAt } = item
    const held = item.held && (describeWithdrawn(item.held) ?? (isHold(item.held) ? describeHold(item.held) : item.held))
    const known = this.#deps.peers.get(fingerprint, group)
    const { name, trust } = this.#deps.admission.faceOf({ fingerprint, group, name: known?.name ?? item.authorName })
    const from = { name, fingerprint, trust }
    const isPushed = pushedAt !== undefined && pushedAt < this.#deps.startedAt
    const talk = talkOf(id, item.envelope)
    const { question, answerTo, wake = talk.wake } = this.#deps.aboutQuestion(item)
    // One literal, member by member: the door looks at hundreds of items in a row, and each spread costs more than all the rest.
    return {
      id,
      shortId: shortIdOf(id),
      group,
      from,
      isDirected,
      tags,
      fields,
      body,
      attachment: item.attachment,
      createdAt,
      receivedAt,
      surfacedAt,
      way,
      isPushed,
      thread: talk.thread,
      replyTo: talk.replyTo,
      replaces: talk.replaces,
      hop: talk.hop,
      isAuto: talk.isAuto,
      isHuman: talk.isHuman,
      question,
      answerTo,
      wake,
      priority: talk.priority,
      held,
      isMention: item.isMention,
      relevance: relevanceOf(item.judgement),
    }
  }

  kept(item: MemoryItem): InboxView {
    const { id, group, fingerprint, isDirected, tags, fields, body, attachment, createdAt, keptAt, thread, replyTo } = item
    const isOwn = fingerprint === this.#deps.self.fingerprint
    const known = this.#deps.peers.get(fingerprint, group)
    const { name, trust } = this.#deps.admission.faceOf({ fingerprint, group, name: known?.name ?? item.authorName })
    const from = isOwn ? { name: this.#deps.self.name, fingerprint, trust: 'verified' as const } : { name, fingerprint, trust }
    return {
      id,
      shortId: shortIdOf(id),
      group,
      from,
      isDirected,
      tags,
      fields,
      body,
      attachment,
      createdAt,
      receivedAt: keptAt,
      surfacedAt: undefined,
      way: undefined,
      held: undefined,
      isMention: false,
      relevance: undefined,
      ...talkOf(id, undefined),
      thread: thread ?? id,
      replyTo,
    }
  }
}

const AWAY = 'away; sent when it is back'

/** A stock node signs no receipts, so no more is claimed than that it was handed to the link. */
function stockState(state: MessageState, reason: string, refusal: string | undefined): Pick<RecipientView, 'state' | 'reason'> {
  if (state === 'queued') return { state, reason: refusal ?? AWAY }
  if (state !== 'sent' && state !== 'unreceipted') return { state, reason }
  const more = reason === '' ? '' : `; ${reason}`
  return { state: 'sent', reason: `no receipt: a stock MMP node; it left our encryption${more}` }
}

/** How it reached the other Claude, or why it does not. */
function wayOf(way: string): { way: string; reason: string } {
  if (isWithdrawnWay(way)) return { way: '', reason: heldSentence(way) }
  return isHeldWay(way) ? { way: '', reason: `kept in its inbox, not shown: ${heldSentence(way)}` } : { way, reason: '' }
}
