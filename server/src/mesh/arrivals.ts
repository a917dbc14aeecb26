/**
 * What was verified and may be kept, on its way to the disk: all that came within one turn of the event loop is journaled
 * in one write, and its receipts with it, one for each author. Only then are they handed on. When that write fails each
 * arrival is tried by itself, so that what cannot be kept harms no other.
 */
import type { Clock } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import type { Part } from '../memory/anchors.ts'
import type { Judgement } from '../memory/judgement.ts'
import type { Memory } from '../memory/memory.ts'
import { openBeside } from '../mmp/attachment.ts'
import type { AssertionId, Cmb } from '../mmp/cmb.ts'
import type { Envelope } from '../mmp/envelope.ts'
import type { ReceiptItem } from '../mmp/receipt.ts'
import type { Database } from '../store/database.ts'
import type { HoldReason } from './access.ts'
import type { Inbox, InboxItem, Journaled } from './inbox.ts'
import type { Link } from './link.ts'
import type { OpenReceipt, ReceiptBook, Told } from './receipts.ts'
import type { ContactRequests } from './requests.ts'
import type { Arriving, Screening } from './talk.ts'

/** Who says something, by a link or by mail; proven in both cases. */
export type Speaker = Pick<Link, 'peer' | 'group' | 'send'> & { readonly isStock?: boolean }

export interface Arrival {
  readonly link: Speaker
  readonly cmb: Cmb
  readonly tags: readonly string[]
  readonly envelope: Envelope | undefined
  /** Why it may not reach Claude unasked; undefined when it may. */
  readonly held: HoldReason | 'unsigned' | undefined
}

/** Whether and how it matters to this session, and what it is to later ones. */
export interface Judged {
  readonly judgement: Judgement | undefined
  readonly part: Part
  /** It was said to a group and names this node. */
  readonly isMention: boolean
}

export interface ArrivalsDeps {
  readonly clock: Clock
  readonly guard: Guard
  readonly db: Database
  readonly inbox: Inbox
  readonly memory: Memory
  readonly receipts: ReceiptBook
  readonly requests: ContactRequests
  /** Asked once of each admitted arrival, inside its write. */
  readonly judge: (arrival: Omit<Arrival, 'held'>) => Judged
  /** Whether what arrives now is pushed to Claude at once. */
  readonly isPushing: () => boolean
  /** Asked once of each admitted arrival, inside its write. */
  readonly screen: (arriving: Arriving) => Screening
}

export interface ArrivalsEvents {
  /** On disk, and not held. */
  readonly onKept: (item: InboxItem) => void
  readonly onReceipts: (receipts: readonly OpenReceipt[]) => void
  readonly onFull: (link: Speaker, id: AssertionId) => void
}

interface Result {
  readonly arrival: Arrival
  readonly journaled: Journaled
  readonly screening: Screening
}

interface Written {
  readonly results: readonly Result[]
  readonly receipts: readonly OpenReceipt[]
}

export class Arrivals {
  readonly #deps: ArrivalsDeps
  readonly #events: ArrivalsEvents
  /** Each is judged once, since it is remembered as heard: a write that runs again must not take it for its own copy. */
  readonly #screened = new WeakMap<Arrival, Screening>()
  /** What the next commit takes. */
  #waiting: Arrival[] = []

  constructor(deps: ArrivalsDeps, events: ArrivalsEvents) {
    this.#deps = deps
    this.#events = events
  }

  add(arrival: Arrival): void {
    this.#waiting.push(arrival)
    if (this.#waiting.length === 1) this.#deps.guard.run('receive', () => this.#keep(this.#waiting))
  }

  /** `batch` grows until the commit begins, and not after: what comes later begins a new one. */
  async #keep(batch: readonly Arrival[]): Promise<void> {
    let written: Written
    try {
      written = await this.#deps.db.write(() => this.#write(batch))
    } catch (thrown) {
      if (this.#waiting === batch) this.#waiting = []
      if (batch.length === 1) throw thrown
      for (const arrival of batch) this.#deps.guard.run('receive', () => this.#keep([arrival]))
      return
    }
    this.#tell(written)
  }

  #write(batch: readonly Arrival[]): Written {
    if (this.#waiting === batch) this.#waiting = []
    const now = this.#deps.clock.now()
    const results = batch.map((arrival) => this.#journal(arrival, now))
    return {
      results,
      receipts: this.#deps.receipts.add(
        results.flatMap((result) => this.#receiptsFor(result, now)),
        now,
      ),
    }
  }

  #journal(arrival: Arrival, now: number): Result {
    const { inbox, memory, isPushing, requests } = this.#deps
    const { link, cmb, tags, envelope, held } = arrival
    const from = link.peer.fingerprint
    let screening: Screening = {}
    if (held === 'stranger' && !requests.hasRoom(from)) return { arrival, journaled: 'full', screening }
    const screen = () => {
      const arriving = { id: cmb.id, group: cmb.group, from, fields: cmb.fields, body: bodyOf(cmb), tags, envelope }
      screening = this.#screened.get(arrival) ?? this.#deps.screen(arriving)
      this.#screened.set(arrival, screening)
      return { held: screening.hold?.reason, isClaimed: screening.isClaimed }
    }
    let judged: Judged = { judgement: undefined, part: 'aside', isMention: false }
    const judge = (): Judged => {
      judged = this.#deps.judge(arrival)
      return judged
    }
    const journaled = inbox.journal({
      ...{ cmb, from, tags, receivedAt: now, held, isPush: isPushing(), envelope },
      ...(held === undefined ? { screen, judge } : {}),
    })
    const isKept = typeof journaled === 'object' && held === undefined
    if (isKept) memory.keep({ cmb, author: from, tags, keptAt: now, part: judged.part, envelope })
    if (typeof journaled === 'object') screening.stored?.()
    return { arrival, journaled, screening }
  }

  /** A copy of what we have means that the author missed what it was told. */
  #receiptsFor({ arrival, journaled, screening }: Result, now: number): readonly Told[] {
    if (journaled === 'full' || arrival.link.isStock) return []
    const { cmb, link } = arrival
    const told = (item: Omit<ReceiptItem, 'of'>, of = cmb.id): Told => ({
      author: link.peer.fingerprint,
      group: link.group,
      item: { of, ...item },
    })
    const also = typeof journaled === 'object' ? screening.also?.() : undefined
    const known = journaled === 'duplicate' ? this.#deps.inbox.get(cmb.id) : undefined
    const received = told({ state: 'received', ...(screening.hold ? { way: screening.hold.way } : {}), at: now })
    if (also) return [received, told({ state: 'received', way: also.way, at: now }, also.of)]
    if (known?.surfacedAt === undefined || known.way === undefined) return [received]
    return [received, told({ state: 'surfaced', way: known.way, at: known.surfacedAt })]
  }

  /** The inbox has it, so it is shown first; the author waits for no answer that could not come a moment later. */
  #tell({ results, receipts }: Written): void {
    for (const { arrival, journaled, screening } of results) {
      if (journaled === 'full') this.#events.onFull(arrival.link, arrival.cmb.id)
      else if (journaled !== 'duplicate' && !screening.kept?.(journaled) && journaled.held === undefined) this.#events.onKept(journaled)
    }
    this.#events.onReceipts(receipts)
  }
}

function bodyOf({ application }: Cmb): string | undefined {
  return openBeside(application?.bytes).body
}
