/**
 * What a person may ask of memory and may do to it: search, walk a conversation, ask why something was not shown, write a
 * note to oneself, forget. Answers are plain views; nothing here sends anything.
 */
import type { Clock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import type { Fingerprint } from '../identity/ids.ts'
import { lexicalEncoder } from '../memory/encoder.ts'
import type { MemoryItem } from '../memory/items.ts'
import { type AskedSignal, askedSignals, type JudgedWords, type Judgement, type Loudness, reasonOf } from '../memory/judgement.ts'
import type { Memory } from '../memory/memory.ts'
import type { MemoryQuery } from '../memory/query.ts'
import type { AssertionId, CmbKey } from '../mmp/cmb.ts'
import { type Tether, tetherOf } from '../mmp/tether.ts'
import type { Database } from '../store/database.ts'
import { describeHold, isHold } from './access.ts'
import type { Inbox, InboxItem } from './inbox.ts'
import { type InboxView, idPrefix, shortIdOf } from './views.ts'
import { describeWithdrawn } from './withdrawals.ts'

export interface RecallRequest extends Omit<MemoryQuery, 'from'> {
  /** Name or digits of a fingerprint of the author; `me` for our own words. */
  readonly peer?: string | undefined
}

/** One message of a conversation, and how far it went from the one that it answers. */
export interface ThreadStep {
  readonly item: InboxView
  readonly replyTo: string | undefined
  /** What it descends from by its signed record: ids of what is kept here, else the beginnings of their addresses. */
  readonly parents: readonly string[]
  /** How far it is from the first of those that is here. Measured by the encoder of this version; null where the two cannot be compared. */
  readonly tether: Tether | undefined
}

/** Something that did not even reach the inbox. */
export interface Refused {
  readonly at: number
  readonly from: Fingerprint
  /** As it was claimed; nothing of it was believed. */
  readonly id: AssertionId | undefined
  readonly rule: string
}

export interface WhyView {
  readonly id: string
  readonly from: string
  readonly group: string
  readonly receivedAt: number
  /** Where it stands, in a sentence. */
  readonly outcome: string
  readonly judgement: JudgedView | undefined
}

export interface JudgedView {
  readonly decision: Judgement['decision']
  readonly loudness: Loudness
  readonly signals: readonly AskedSignal[]
  readonly words: JudgedWords | undefined
}

export interface RecollectionDeps {
  readonly clock: Clock
  readonly db: Database
  readonly memory: Memory
  readonly inbox: Inbox
  readonly self: Fingerprint
  /** The keys that a text may stand for; empty for nobody. */
  readonly authorsCalled: (text: string) => readonly Fingerprint[]
  readonly nameOf: (fingerprint: Fingerprint) => string
  readonly viewOf: (item: MemoryItem) => InboxView
}

type AtDoor = ReadonlyMap<string, string>
const NOTHING_THERE: AtDoor = new Map()
const MAX_REFUSED = 500
const MAX_ANCESTORS = 64

export class Recollection {
  readonly #deps: RecollectionDeps
  readonly #refused: Refused[] = []
  #toldSeq = 0

  constructor(deps: RecollectionDeps) {
    this.#deps = deps
  }

  search({ peer, ...query }: RecallRequest): readonly InboxView[] {
    const from = peer === undefined ? undefined : this.#authors(peer)
    return this.#deps.memory.search({ ...query, from }).map((item) => this.#deps.viewOf(item))
  }

  /** The conversation that this message belongs to, from its beginning. */
  thread(shown: string): readonly ThreadStep[] {
    const item = this.#kept(shown)
    const line = this.#ancestors(item)
    const first = line.at(-1) ?? item
    const talk = this.#deps.memory.thread(first.thread ?? first.id)
    const steps = [...new Map([...line, ...talk, item].map((step) => [step.id, step])).values()]
    return steps.sort((a, b) => a.createdAt - b.createdAt || a.seq - b.seq).map((step) => this.#stepOf(step))
  }

  /** Out of memory and out of the inbox; a copy that comes later is still known as one. */
  async forget(shown: string): Promise<string> {
    const { db, memory, inbox } = this.#deps
    const prefix = idPrefix(shown)
    const ids = new Set(prefix ? [...memory.byPrefix(prefix), ...inbox.byPrefix(prefix)].map(({ id }) => id) : [])
    const [id] = ids
    if (id === undefined || ids.size > 1) throw unknownId(shown)
    await db.write(() => {
      memory.forget(id)
      inbox.forget(id)
    })
    return shortIdOf(id)
  }

  /** Out of the inbox alone. Throws for an id that is not there. */
  async takeOut(shown: string): Promise<number> {
    const { db, inbox } = this.#deps
    const prefix = idPrefix(shown)
    const [item, other] = prefix ? inbox.byPrefix(prefix) : []
    if (item === undefined || other !== undefined) throw unknownId(shown)
    await db.write(() => inbox.forget(item.id))
    return 1
  }

  /** Empties the inbox of what came before this time; tells how many. */
  flush(before: number): Promise<number> {
    const { db, inbox } = this.#deps
    return db.write(() => inbox.flush(before))
  }

  /** To be called with what did not reach the inbox. The oldest of many are dropped. */
  noteRefused(refused: Refused): void {
    this.#refused.push(refused)
    if (this.#refused.length > MAX_REFUSED) this.#refused.shift()
  }

  /** `atDoor`: what withholds items at this moment, by their shown ids: a mute, a mode, the budget. */
  why(shown: string, atDoor: AtDoor = NOTHING_THERE): WhyView {
    const prefix = idPrefix(shown)
    const [item, other] = prefix ? this.#deps.inbox.byPrefix(prefix) : []
    if (item && !other) return this.#whyOf(item, atDoor)
    const refused = prefix ? this.#refused.findLast(({ id }) => id?.startsWith(prefix)) : undefined
    if (refused) return this.#whyRefused(refused)
    throw unknownId(shown)
  }

  /** What was lately not shown unasked, newest first. */
  whyLately(limit: number, atDoor: AtDoor = NOTHING_THERE): readonly WhyView[] {
    const { inbox } = this.#deps
    const quiet = inbox
      .list({ limit: 500, isUnreadOnly: true })
      .filter(({ id, judgement, held }) => held !== undefined || isToned(judgement) || atDoor.has(shortIdOf(id)))
    const views = [...quiet.map((item) => this.#whyOf(item, atDoor)), ...this.#refused.map((refused) => this.#whyRefused(refused))]
    return views.sort((a, b) => b.receivedAt - a.receivedAt).slice(0, limit)
  }

  /** One line about what came since the last one and is only counted; undefined when there is nothing new. */
  takeDigest(): string | undefined {
    const { lastSeq, rejected, redundant, ignored } = this.#deps.inbox.quiet(this.#toldSeq)
    this.#toldSeq = lastSeq
    const parts = [
      ...(rejected > 0 ? [`${rejected} far from what this session said`] : []),
      ...(redundant > 0 ? [`${redundant} repeating what is known here`] : []),
      ...(ignored > 0 ? [`${ignored} that the user ignores`] : []),
    ]
    const total = rejected + redundant + ignored
    if (total === 0) return undefined
    return `Not shown: ${total} group ${total === 1 ? 'message' : 'messages'} (${parts.join(', ')}); sym_inbox has them.`
  }

  #authors(peer: string): readonly Fingerprint[] {
    const found = peer === 'me' ? [this.#deps.self] : this.#deps.authorsCalled(peer)
    if (found.length > 0) return found
    throw new MeshError(
      'peer-unknown',
      `${JSON.stringify(peer.slice(0, 64))}: no peer has this name or fingerprint; sym_peers lists who is known, "me" is this node`,
    )
  }

  #kept(shown: string): MemoryItem {
    const prefix = idPrefix(shown)
    const [item, other] = prefix ? this.#deps.memory.byPrefix(prefix) : []
    if (!item || other) throw unknownId(shown)
    return item
  }

  /** What it descends from and what that does, up to the first that is kept here. */
  #ancestors(item: MemoryItem): readonly MemoryItem[] {
    const line: MemoryItem[] = []
    const seen = new Set<string>([item.id])
    let above = this.#parentOf(item)
    while (above && !seen.has(above.id) && line.length < MAX_ANCESTORS) {
      seen.add(above.id)
      line.push(above)
      above = this.#parentOf(above)
    }
    return line
  }

  /** By its envelope, which names one message, else by its lineage, which names words: the earliest that said them. */
  #parentOf({ replyTo, parents }: MemoryItem): MemoryItem | undefined {
    const { memory } = this.#deps
    const answered = replyTo && memory.get(replyTo)
    return answered || parents.flatMap((key) => memory.byKey(key)[0] ?? [])[0]
  }

  #stepOf(step: MemoryItem): ThreadStep {
    const encode = lexicalEncoder.encode
    const parent = this.#parentOf(step)
    const tether = parent && tetherOf(encode(step.fields), encode(parent.fields), lexicalEncoder.config.fieldWeights)
    const parents = step.parents.map((key) => this.#shownParent(key, parent))
    return { item: this.#deps.viewOf(step), replyTo: step.replyTo && shortIdOf(step.replyTo), parents, tether }
  }

  #shownParent(key: CmbKey, parent: MemoryItem | undefined): string {
    const found = parent?.key === key ? parent : this.#deps.memory.byKey(key)[0]
    return found ? shortIdOf(found.id) : key.slice(0, 'cmb-'.length + 16)
  }

  #whyOf(item: InboxItem, atDoor: AtDoor): WhyView {
    const { id, fingerprint, group, receivedAt, judgement } = item
    return {
      id: shortIdOf(id),
      from: this.#deps.nameOf(fingerprint),
      group,
      receivedAt,
      outcome: outcomeOf(item, atDoor.get(shortIdOf(id))),
      judgement: judgement && judgedView(judgement),
    }
  }

  #whyRefused({ at, from, id, rule }: Refused): WhyView {
    const outcome = `refused before it reached the inbox: ${rule}`
    return { id: id ? shortIdOf(id) : '', from: this.#deps.nameOf(from), group: '', receivedAt: at, outcome, judgement: undefined }
  }
}

function judgedView(judgement: Judgement): JudgedView {
  const { decision, loudness, words } = judgement
  return { decision, loudness, signals: askedSignals(judgement), words }
}

function isToned(judgement: Judgement | undefined): boolean {
  return judgement !== undefined && judgement.loudness !== 'whole'
}

function outcomeOf({ surfacedAt, way, held, pushedAt, isDirected, judgement }: InboxItem, atDoor: string | undefined): string {
  if (surfacedAt !== undefined) return `shown at ${new Date(surfacedAt).toISOString()} by ${way ?? 'an unknown way'}`
  if (held !== undefined) return `kept from Claude: ${describeWithdrawn(held) ?? (isHold(held) ? describeHold(held) : held)}`
  // What is only counted never comes to the door.
  if (atDoor !== undefined) return `not shown for now: ${atDoor}${judgement ? `; else it would be ${toneOf(judgement)}` : ''}`
  if (pushedAt !== undefined) return 'pushed; whether the push arrived is not known, so it is shown again by the next way'
  if (isDirected || !judgement) return 'waits to be shown; it is never judged'
  return judgement.loudness === 'count' ? toneOf(judgement) : `waits to be ${toneOf(judgement)}`
}

/** How loudly it speaks, and why. */
function toneOf(judgement: Judgement): string {
  const reason = reasonOf(judgement)
  switch (judgement.loudness) {
    case 'whole':
      return `shown in full: ${reason}`
    case 'headline':
      return `shown as a headline: ${reason}`
    case 'mood':
      return `shown by its mood alone: ${reason}`
    case 'count':
      return `not shown unasked, only counted: ${reason}`
  }
}

function unknownId(shown: string): MeshError {
  return new MeshError('argument-invalid', `no item ${JSON.stringify(shown.slice(0, 80))} is kept here, or several begin like that`)
}
