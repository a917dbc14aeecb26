/**
 * The conversation around the words: what led to a message, whether it may be said by itself, whether an arrival may be
 * shown. Decisions are the loop breaker's; here they get their texts, and both users are told when it opens.
 */
import type { Clock } from '../base/clock.ts'
import { assertNever, MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import { type AssertionId, type Cat7, FIELD_NAMES, NEUTRAL } from '../mmp/cmb.ts'
import type { Envelope, Priority } from '../mmp/envelope.ts'
import { heldSentence, isHeldWay } from './held.ts'
import type { InboxItem } from './inbox.ts'
import { type Cause, LoopBreaker, type LoopRefusal, type Speech, type SpeechFacts } from './loop.ts'
import { Notices } from './notices.ts'
import type { LoopView } from './views.ts'

export interface TalkDeps {
  readonly clock: Clock
  readonly fingerprint: Fingerprint
  readonly nameOf: (fingerprint: Fingerprint) => string
  readonly onNotice: (text: string) => void
  readonly onCount: (name: string) => void
}

/** An admitted arrival that is not known yet. */
export interface Arriving {
  readonly id: AssertionId
  readonly group: string
  readonly from: Fingerprint
  readonly fields: Cat7
  readonly body: string | undefined
  readonly tags: readonly string[]
  readonly envelope: Envelope | undefined
}

/** What its author learns of another message of the same author. */
export interface Also {
  readonly of: AssertionId
  readonly way: string
}

/** What becomes of an arrival beside being kept. */
export interface Screening {
  /** Not shown unasked: `way` tells its author, `reason` our side. */
  readonly hold?: { readonly way: string; readonly reason: string }
  /** A call of ours waits for this and hands it over itself. */
  readonly isClaimed?: boolean
  /** Asked inside the write, behind `stored`: what changed for an earlier message. */
  readonly also?: () => Also | undefined
  /** Called inside the write, behind the inbox row. May run twice, as all of a write may. */
  readonly stored?: () => void
  /** Called when it is on disk; true: no other way is to show it. */
  readonly kept?: (item: InboxItem) => boolean
}

export interface Words {
  readonly fields: Cat7
  readonly body: string | undefined
}

export class Talk {
  readonly #deps: TalkDeps
  readonly #loop: LoopBreaker
  readonly #notices = new Notices()

  constructor(deps: TalkDeps) {
    this.#deps = deps
    this.#loop = new LoopBreaker(deps.fingerprint)
  }

  /** A person typed something to this session: the only thing that sets the loop breaker back. */
  humanTurn(): void {
    this.#loop.humanTurn()
  }

  /** Claude was, or may have been, shown these. */
  shown(items: readonly InboxItem[]): void {
    for (const item of items) this.#loop.surfaced(causeOf(item))
  }

  factsOf(speech: Speech): SpeechFacts {
    return this.#loop.factsOf(speech)
  }

  /** Throws `limit-exceeded` where the loop breaker does not let it out. */
  demandMaySay(words: Words, facts: SpeechFacts, to: Fingerprint | undefined, isAnswer = false): void {
    const refusal = this.#loop.refusal(textOf(words), facts, to, isAnswer, this.#now)
    if (refusal === undefined) return
    this.#deps.onCount(`loop-refused-${refusal}`)
    throw new MeshError('limit-exceeded', `${refusalOf(refusal)}; nothing was sent. ${UNTIL_A_PERSON}`)
  }

  said(id: AssertionId, words: Words, facts: SpeechFacts): void {
    this.#loop.said(id, textOf(words), facts, this.#now)
  }

  /** `isExpected`: the answer to an open question of ours. */
  screen(arriving: Arriving, isExpected: boolean): Screening {
    const { id, from, envelope } = arriving
    const { thread = id, hop = 0, auto = true, chain = [from] } = envelope ?? {}
    const heard = { id, from, thread, hop, chain, isAuto: auto, isExpected, text: textOf(arriving) }
    const wasOpen = this.#isOpen(from)
    const rule = this.#loop.judge(heard, this.#now)
    if (rule === undefined) return {}
    const way = `held-${rule}`
    this.#deps.onCount(`loop-${way}`)
    if (!wasOpen && this.#isOpen(from)) this.#tellOpened(from, heldSentence(way))
    return { hold: { way, reason: heldSentence(way) } }
  }

  /** A peer kept something of ours from its Claude. Where its loop breaker opened, ours does too. */
  heldThere(peer: Fingerprint, way: string): void {
    if (!isHeldWay(way) || !LOOP_WAYS.has(way)) return
    if (this.#loop.open(peer, way.slice('held-'.length), this.#now)) this.#tellOpened(peer, heldSentence(way))
  }

  /** Whether a typed prompt would change anything here. */
  get wantsPrompt(): boolean {
    return this.#loop.isAutomatic || this.#notices.isWaiting
  }

  notice(line: string): void {
    this.#notices.add(line)
    this.#deps.onNotice(line)
  }

  takeNotices(): readonly string[] {
    return this.#notices.take()
  }

  status(): LoopView {
    const { lastHour, thisTurn } = this.#loop.counters(this.#now)
    const wall = this.#deps.clock.now() - this.#now
    const open = this.#loop.openPairs(this.#now).map(({ peer, rule, untilMs }) => {
      return { peer: this.#deps.nameOf(peer), fingerprint: peer, reason: heldSentence(`held-${rule}`), until: Math.round(wall + untilMs) }
    })
    return { lastHour, thisTurn, open }
  }

  get #now(): number {
    return this.#deps.clock.monotonic()
  }

  #isOpen(peer: Fingerprint): boolean {
    return this.#loop.openPairs(this.#now).some((pair) => pair.peer === peer)
  }

  #tellOpened(peer: Fingerprint, reason: string): void {
    const minutes = LIMITS.loop.pairOpenMs / 60_000
    const name = JSON.stringify(this.#deps.nameOf(peer))
    const line = `Mesh: the loop breaker opened between this session and ${name} for ${minutes} min (${reason}). What either says by itself stays in the inbox; a typed prompt closes it here.`
    this.notice(line)
  }
}

const LOOP_WAYS = new Set(['held-hops', 'held-circle', 'held-thread'])

const UNTIL_A_PERSON = 'What the user types next sets this back; tell the user if something still has to be said.'

function refusalOf(refusal: LoopRefusal): string {
  switch (refusal) {
    case 'same':
      return 'nearly the same words were exchanged shortly before, and nobody typed anything since'
    case 'pair':
      return 'the loop breaker is open for this peer, and nobody typed anything since'
    case 'hour':
      return `this session said ${LIMITS.loop.sendsPerHour} things by itself within an hour`
    case 'turn':
      return `this session said ${LIMITS.loop.sendsPerTurn} things by itself since the user last typed something`
    default:
      return assertNever(refusal)
  }
}

export function causeOf({ id, fingerprint, group, envelope }: Pick<InboxItem, 'id' | 'fingerprint' | 'group' | 'envelope'>): Cause {
  const { thread = id, hop = 0, chain = [fingerprint] } = envelope ?? {}
  return { from: fingerprint, group, thread, hop, chain }
}

function textOf({ fields, body = '' }: Words): string {
  const spoken = FIELD_NAMES.map((name) => fields[name].text).filter((text) => text !== NEUTRAL)
  return [...spoken, body].join('\n')
}

export interface EnvelopeWishes {
  readonly replyTo?: AssertionId | undefined
  readonly wake?: boolean | undefined
  readonly priority?: Priority | undefined
  readonly isHuman?: boolean | undefined
  readonly question?: Envelope['question'] | undefined
  readonly mentions?: readonly Fingerprint[] | undefined
  readonly replaces?: AssertionId | undefined
}

export function envelopeOf(
  { hop, auto, chain, thread }: SpeechFacts,
  { replyTo, wake, priority, isHuman, question, mentions = [], replaces }: EnvelopeWishes,
): Envelope {
  return {
    ...(thread === undefined ? {} : { thread }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...{ hop, auto, chain: [...chain] },
    ...(question === undefined ? {} : { question }),
    ...(wake ? { wake: true } : {}),
    ...(replaces === undefined ? {} : { replaces }),
    ...(mentions.length === 0 ? {} : { mentions: [...mentions] }),
    ...(priority === undefined ? {} : { priority }),
    ...(isHuman ? { isHuman: true } : {}),
  }
}
