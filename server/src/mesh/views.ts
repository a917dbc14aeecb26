/**
 * What the node says of itself and of what it knows, as plain JSON values: the same for a tool of Claude, for a request
 * over the private socket and for the command line.
 */
import type { Fingerprint, NodeId } from '../identity/ids.ts'
import { type Judgement, type Loudness, reasonOf } from '../memory/judgement.ts'
import type { AttachmentFacts } from '../mmp/attachment.ts'
import type { AssertionId, Cat7 } from '../mmp/cmb.ts'
import type { Envelope, Priority } from '../mmp/envelope.ts'
import type { RelayHealth } from '../transport/relay-health.ts'
import type { QuestionState } from './question-book.ts'

/**
 * What became of one message at one recipient (R69). Each step after `sent` is signed by the recipient. `unreceipted`: sent
 * to a stock node, which signs none, and not sent again; people see it as sent.
 */
export type MessageState =
  | 'queued'
  | 'sent'
  | 'unreceipted'
  | 'received'
  | 'withdrawn'
  | 'surfaced'
  | 'answered'
  | 'declined'
  | 'expired'
  | 'refused'

/** `legacy`: a stock MMP node, whatever else is known of it. */
export type Trust = 'blocked' | 'unknown' | 'legacy' | 'member' | 'verified'
export type LinkKind = 'machine' | 'lan' | 'relay' | 'memory'

/** `unknown`: no hook has reported, or not for a while. */
export const STATUSES = ['idle', 'working', 'do-not-disturb', 'unknown'] as const
export type Status = (typeof STATUSES)[number]

/** What a peer says of itself while it is here: its own words, one line each, and nothing that anybody else could say for it. */
export interface PresenceView {
  readonly status: Status
  readonly summary: string | undefined
  /** What it is here for, in a word, and what it can be asked for. */
  readonly role: string | undefined
  readonly tags: readonly string[]
  readonly folder: string | undefined
  readonly branch: string | undefined
  /** It works in the folder, or in the repository, of this session. */
  readonly isSameFolder: boolean
  readonly isSameRepository: boolean
}

export interface PeerView {
  readonly name: string
  readonly fingerprint: Fingerprint
  readonly nodeId: NodeId
  readonly group: string
  readonly trust: Trust
  /** Why its words are not shown to Claude by themselves; undefined when they are. */
  readonly held: string | undefined
  /** The name was given by this user, and not by the peer itself. */
  readonly isPetname: boolean
  readonly isHere: boolean
  /** The path that the next message takes; undefined when the peer is away. */
  readonly path: LinkKind | undefined
  readonly lastSeen: number
  /** How a message would reach its Claude, by its own word; undefined when it has not said. */
  readonly reach: string | undefined
  /** Absent while it is away, and where it has not said anything. */
  readonly presence?: PresenceView
}

/** What tells one peer from another, without what it says of itself. */
export type Addressee = Omit<PeerView, 'reach' | 'presence'>

/** A peer in a list: each key once, however many groups and paths it is known in. */
export interface RosterView extends PeerView {
  readonly groups: readonly string[]
}

/** What a list of peers may be narrowed to, as seen from this session. */
export const PLACES = ['machine', 'folder', 'repository', 'group'] as const
export type Place = (typeof PLACES)[number]

/** What this node says of itself. */
export interface ProfileView {
  readonly name: string
  readonly fingerprint: Fingerprint
  readonly isHidden: boolean
  readonly role: string | undefined
  readonly tags: readonly string[]
  readonly status: Status
  /** Set by somebody, or derived from the project. */
  readonly summary: string | undefined
  readonly isSummaryDerived: boolean
  /** What peers that are reached over a network are told of the project; those of this machine are told all of it. */
  readonly shared: { readonly summary: string | undefined; readonly folder: string | undefined; readonly branch: string | undefined }
}

export interface RecipientView {
  readonly peer: string
  readonly fingerprint: Fingerprint
  readonly state: MessageState
  /** How it reached the recipient's Claude, once it did. */
  readonly way: string
  /** Why it stands where it stands, when there is more to say than the state. */
  readonly reason: string
}

export interface SendView {
  readonly id: AssertionId
  readonly shortId: string
  readonly group: string
  readonly isDirected: boolean
  /** True when the same key was used before: nothing was sent again. */
  readonly isRepeat: boolean
  /** Of a group message: whom its words name. */
  readonly mentions: readonly { readonly peer: string; readonly fingerprint: Fingerprint }[]
  readonly recipients: readonly RecipientView[]
  /** Of a group message: stock nodes that are here and do not get it, by the policy of the group. */
  readonly skipped?: readonly string[]
  /** The message of ours that this one replaces, and what became of that. */
  readonly replaced?: SendView
  /** Copies for the own sessions of this user. */
  readonly copies?: readonly SendView[]
}

/** One of our messages that is not through. */
export interface OutgoingView extends SendView {
  readonly focus: string
  readonly createdAt: number
  /** When it is given up. */
  readonly expiresAt: number
}

export interface InboxView {
  readonly id: AssertionId
  readonly shortId: string
  readonly group: string
  readonly from: { readonly name: string; readonly fingerprint: Fingerprint; readonly trust: Trust }
  readonly isDirected: boolean
  readonly tags: readonly string[]
  readonly fields: Cat7
  /** Long text beside the seven fields. */
  readonly body: string | undefined
  /** A small file, saved by nobody but a person; the name is its author's. */
  readonly attachment?: AttachmentFacts | undefined
  readonly createdAt: number
  readonly receivedAt: number
  readonly surfacedAt: number | undefined
  readonly way: string | undefined
  /** It was said to a group and names this node. */
  readonly isMention: boolean
  /** Pushed to Claude by an earlier process of this node, so not pushed again. */
  readonly isPushed?: boolean
  /** The message that began the conversation: itself, where it began one. */
  readonly thread: AssertionId
  readonly replyTo: AssertionId | undefined
  /** An earlier message of its author that it replaces. */
  readonly replaces: AssertionId | undefined
  /** Messages that led to this one since a person last had a part in it. */
  readonly hop: number
  /** Said without a word of a person, as far as its author tells. */
  readonly isAuto: boolean
  /** Typed by a person, by the word of the author's node. */
  readonly isHuman: boolean
  /** Set where a reply is expected: until when, by the asker's clock, and how far it got here. */
  readonly question: { readonly until: number; readonly state?: QuestionState | undefined } | undefined
  /** The question of ours that this answers, or declines to answer. */
  readonly answerTo?: AnsweredQuestion | undefined
  /** The author wishes that it wakes an idle session. */
  readonly wake: boolean
  /** A wish of the author; absent: the usual one. */
  readonly priority?: Priority | undefined
  /** Why it is not shown to Claude unasked. */
  readonly held: string | undefined
  /** How loudly a group message speaks here, and why; undefined for what is never judged. */
  readonly relevance: RelevanceView | undefined
}

/** The loop breaker: what this session said by itself, and with whom it may not for now. */
export interface LoopView {
  readonly lastHour: number
  /** Since a person last typed something. */
  readonly thisTurn: number
  readonly open: readonly { readonly peer: string; readonly fingerprint: Fingerprint; readonly reason: string; readonly until: number }[]
}

export interface AnsweredQuestion {
  readonly id: AssertionId
  readonly shortId: string
  /** Our own words, in one line. */
  readonly text: string
  readonly isDecline: boolean
}

/** A question of ours, with what came so far. */
export interface AskView {
  readonly id: AssertionId
  /** The ticket: by it the call can go on waiting. */
  readonly shortId: string
  readonly group: string
  readonly text: string
  readonly state: QuestionState
  readonly askedAt: number
  readonly until: number
  /** Answers that end it. */
  readonly wanted: number
  /** In the order in which they came, each by its author; nothing is merged. */
  readonly answers: readonly { readonly item: InboxView; readonly isDecline: boolean }[]
  readonly recipients: readonly RecipientView[]
  /** Why a call that waited came back before the end of the question. */
  readonly why: string | undefined
}

/** What is open: our questions, and those that wait for our answer. */
export interface QuestionsView {
  readonly asked: readonly AskView[]
  readonly open: readonly { readonly item: InboxView; readonly until: number }[]
}

/** A person in a private group, as seen from here. */
export interface PersonView {
  /** Of the person's key; the same for all of its sessions. */
  readonly user: Fingerprint
  readonly group: string
  /** Its sessions that were met. */
  readonly sessions: readonly { readonly name: string; readonly fingerprint: Fingerprint; readonly isHere: boolean }[]
}

export interface GroupView {
  readonly name: string
  readonly kind: 'open' | 'private'
  readonly serviceType: string
  readonly isCurrent: boolean
  readonly members: readonly PeerView[]
}

/** An open group on this machine or network. */
export interface NearbyGroup {
  readonly name: string
  /** Nodes that are in it, as far as they were heard; ourselves excepted. */
  readonly nodes: number
  readonly isJoined: boolean
  readonly isCurrent: boolean
}

export interface StatusView {
  readonly name: string
  readonly nodeId: NodeId
  readonly fingerprint: Fingerprint
  readonly groups: readonly { readonly name: string; readonly serviceType: string; readonly peersHere: number }[]
  readonly peersHere: number
  /** Here and in no list, by their own wish: they hear what is said to the group. */
  readonly peersHidden: number
  readonly peersKnown: number
  readonly listen: readonly string[]
  readonly relays: readonly RelayHealth[]
  readonly problems: readonly string[]
  /** What the user should know and need not act on. */
  readonly notes: readonly string[]
  readonly inbox: {
    readonly total: number
    readonly unread: number
    readonly mentions: number
    readonly quiet: number
    readonly bytes: number
  }
  readonly outbox: { readonly waiting: number }
  readonly memory: { readonly items: number }
  readonly loop: LoopView
  readonly counters: Readonly<Record<string, number>>
}

export interface RelevanceView {
  readonly decision: Judgement['decision']
  readonly loudness: Loudness
  /** A clause of ours. */
  readonly reason: string
}

export function relevanceOf(judgement: Judgement | undefined): RelevanceView | undefined {
  return judgement && { decision: judgement.decision, loudness: judgement.loudness, reason: reasonOf(judgement) }
}

/** `m` or `asrt-` and at least 8 hex digits, as a prefix of an assertion id. */
export function idPrefix(text: string): string | undefined {
  const digits = /^(?:m|asrt-)?([0-9a-f]{8,64})$/.exec(text.trim().toLowerCase())?.[1]
  return digits === undefined ? undefined : `asrt-${digits}`
}

/** `m` and the first 16 digits of the assertion id: what lists show and accept. */
export function shortIdOf(id: AssertionId): string {
  return `m${id.slice('asrt-'.length, 'asrt-'.length + 16)}`
}

/** The conversation's part of a message; one that came without it is taken for the first of its thread, said by itself. */
export function talkOf(id: AssertionId, envelope: Envelope | undefined) {
  const { thread = id, replyTo, replaces, hop = 0, auto = true, isHuman = false, question, wake = false, priority } = envelope ?? {}
  return { thread, replyTo, replaces, hop, isAuto: auto, isHuman, question: question && { until: question.until }, wake, priority }
}
