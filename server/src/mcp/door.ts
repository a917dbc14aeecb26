/**
 * The one door: every word of a peer that Claude reads without having asked for it passes here, by channel notification,
 * by hook or beside a tool result, under one budget. What was surfaced one way is not surfaced another way, and nothing
 * counts as surfaced before it was: a hook's text when the hook says that it was written, a push only in a session
 * where pushes are proven to arrive (`push-proof.ts`).
 */
import type { Clock, RandomBytes } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { Scope } from '../base/scope.ts'
import { oneLine } from '../base/text.ts'
import { type Attention, USUAL_ATTENTION, whyWithheld } from './attention.ts'
import { type BudgetCounters, type BudgetShare, ContextBudget, OverflowNotes } from './budget.ts'
import { estimateTokens, introduce, type Push, renderItem, renderPush, type SurfaceItem } from './fence.ts'
import { holdText, type OpenQuestions } from './hold.ts'
import { PushProof } from './push-proof.ts'
import { type Ticket, Tickets } from './tickets.ts'

/** The path by which an item came into the context; goes into the receipt. */
export type Way = 'push' | 'hook' | 'wake' | 'tool'

export const HOOK_EVENTS = ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'Stop'] as const
export type HookEvent = (typeof HOOK_EVENTS)[number]

/** The durable side: what arrived, was admitted and found relevant. */
export interface DoorSource {
  /** Items not yet surfaced, oldest first. Asked at every event, so it must be cheap. */
  pending(): readonly SurfaceItem[]
  /** Whether this item is in the inbox and was shown by no way, be it in `pending` or not (too many, or not admitted). */
  isUnread(id: string): boolean
  /** Journals that a push is about to be made. */
  markPushed(ids: readonly string[]): Promise<void>
  /** Afterwards `pending` no longer returns these. */
  markSurfaced(ids: readonly string[], way: Way): Promise<void>
}

export interface DoorDeps {
  readonly source: DoorSource
  /** Sends `notifications/claude/channel`. */
  readonly push: (params: Push) => Promise<void>
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
  /** How much of the usual budget holds, where a person changed it. */
  readonly budget?: BudgetShare
  /** What the person lets through now; asked each time, so a change holds at once. */
  readonly attention?: () => Attention
  /** While it says so nothing is surfaced unasked: something that the user typed is about to be done. */
  readonly isQuiet?: () => boolean
  /** Whether the server declared the channel to the host. */
  readonly isDeclared: boolean
  /** Whether the parent's command line shows the channel flag; undefined when it could not be read. */
  readonly hint?: boolean
  /** One line of ours for a session that begins (who is here, how much is unread); asked at its start and at prompts. */
  readonly headline?: (event: HookEvent) => string | undefined
  /** Questions that may hold the end of a turn. */
  readonly questions?: OpenQuestions
  /** Called with the number of items that a hook could take, whenever it changed. */
  readonly onWaiting?: (count: number) => void
}

/** Text handed out, not yet known to have been read. */
export interface Offer {
  readonly ticket: string
  readonly text: string
}

export interface PushState {
  readonly declared: boolean
  readonly isProven: boolean
  readonly hint: boolean | undefined
}

export interface DoorCounters extends BudgetCounters {
  readonly waiting: number
  readonly surfaced: Readonly<Record<Way, number>>
}

const MAX_STOPS_IN_A_ROW = 3
const PIGGY_BACK_CHARACTERS = 4_000
interface OfferOptions {
  readonly headline?: string
  /** Whether lines about what did not fit may stand in it. */
  readonly hasNotes?: boolean
  /** Without an item that it wants there is no offer. */
  readonly wants?: (item: SurfaceItem) => boolean
}

/** Room kept for the introduction and the lines about what did not fit. */
const NOTES_CHARACTERS = 1_200
const HEADLINE_CHARACTERS = 1_000
const PUSH_AGAIN_MS = 60_000
/** More than the budget lets through at once. */
const BACKLOG_ITEMS = LIMITS.context.overall.itemsBurst
const LOOK_AGAIN_MS = 250

export class Door {
  readonly #deps: DoorDeps
  readonly #scope: Scope
  readonly #budget: ContextBudget
  readonly #hookNotes = new OverflowNotes()
  readonly #pushNotes = new OverflowNotes()
  readonly #tickets: Tickets<Way>
  /** Items whose place in the budget is paid: shown again after a timeout, or by a hook after an unproven push. */
  readonly #paid = new Set<string>()
  /** Items that are surfaced, while the source is still writing it down. */
  readonly #done = new Set<string>()
  /** Items chosen for a push that was not made yet. */
  readonly #pushing = new Set<string>()
  /** Items of pushes that were made and may have vanished. */
  readonly #pushed = new Set<string>()
  readonly #proof: PushProof
  readonly #surfaced: Record<Way, number> = { push: 0, hook: 0, wake: 0, tool: 0 }
  /** Items that found no room in the budget when they were last looked at. */
  readonly #overBudget = new Set<string>()
  #pushes: Promise<void> = Promise.resolve()
  #cancelPushAgain: (() => void) | undefined
  #cancelLook: (() => void) | undefined
  #lookedMs = Number.NEGATIVE_INFINITY
  #isInitialised = false
  #stopsInARow = 0
  #waitingTold = 0

  constructor(deps: DoorDeps) {
    this.#deps = deps
    this.#scope = new Scope(deps.clock)
    this.#proof = new PushProof(deps.random)
    this.#budget = new ContextBudget(deps.clock.monotonic(), deps.budget)
    this.#tickets = new Tickets(this.#scope, deps.random, (ticket) => this.#onExpired(ticket))
  }

  /** The host listens from now on; what arrived before is pushed now. */
  onInitialised(): Promise<void> {
    this.#isInitialised = true
    return this.onArrived()
  }

  /** Call after each arrival. Resolves when the pushes that it led to were made. */
  onArrived(): Promise<void> {
    if (this.#waitingTold >= BACKLOG_ITEMS && this.#now() - this.#lookedMs < LOOK_AGAIN_MS) return this.#lookLater()
    this.#lookedMs = this.#now()
    this.#tellWaiting()
    this.#pushes = this.#pushes.then(() => this.#pushNew()).catch((thrown: unknown) => this.#warn('push failed', thrown))
    return this.#pushes
  }

  /** What a hook may say now. Undefined: nothing. */
  take(event: HookEvent, options: { readonly isStopHookActive?: boolean } = {}): Offer | undefined {
    if (event === 'Stop') return this.#takeAtStop(options.isStopHookActive ?? false)
    // The server may not have been up at the start of the session: the first prompt brings the line then.
    const headline = event === 'PostToolUse' ? undefined : this.#deps.headline?.(event)
    return this.#offer('hook', LIMITS.context.hookCharacters, headline === undefined ? {} : { headline })
  }

  /** What a waiter may say to wake the session: all that waits, if that holds something which `wants`. */
  takeToWake(wants: (item: SurfaceItem) => boolean): Offer | undefined {
    return this.#offer('wake', LIMITS.context.hookCharacters, { hasNotes: false, wants })
  }

  /** What a hook could show now, the budget aside. */
  showable(): readonly SurfaceItem[] {
    return this.#available()
  }

  /** What goes beside the result of a tool; call `shown` when the result was written. */
  piggyBack(maxCharacters = PIGGY_BACK_CHARACTERS): Offer | undefined {
    return this.#offer('tool', maxCharacters)
  }

  /** The text of the ticket was written: its items are surfaced. After the timeout a ticket means nothing. */
  async shown(ticket: string): Promise<void> {
    const open = this.#tickets.close(ticket)
    if (open) await this.#settle(open.ids, open.way)
  }

  /** Items that a tool returned because the model asked for them, also such as `pending` leaves out. */
  readByTool(ids: readonly string[]): Promise<void> {
    return this.#settle(
      ids.filter((id) => this.#deps.source.isUnread(id)),
      'tool',
    )
  }

  /** Every id in a tool's arguments goes through here: proves the push where it can, and returns the plain ids. */
  noteNamedIds(ids: readonly string[]): readonly string[] {
    if (this.#proof.isProvenBy(ids)) this.#prove()
    return ids.map((id) => PushProof.plain(id))
  }

  pushState(): PushState {
    return { declared: this.#deps.isDeclared, isProven: this.#proof.isProven, hint: this.#deps.hint }
  }

  /** Why items that wait were not shown unasked, by id; those that simply wait for their way are left out. */
  reasons(): ReadonlyMap<string, string> {
    const attention = this.#attention()
    const reasonOf = (item: SurfaceItem) =>
      whyWithheld(item, attention) ?? (this.#overBudget.has(item.id) ? 'over the budget for now' : undefined)
    return new Map(
      this.#deps.source.pending().flatMap((item) => {
        const reason = this.#done.has(item.id) ? undefined : reasonOf(item)
        return reason === undefined ? [] : [[item.id, reason] as const]
      }),
    )
  }

  counters(): DoorCounters {
    return { ...this.#budget.counters(this.#now()), waiting: this.#available().length, surfaced: { ...this.#surfaced } }
  }

  stop(): Promise<void> {
    return this.#scope.stop()
  }

  /** A turn may be continued by news, but peers that answer each other must not keep it going. */
  #takeAtStop(isContinuation: boolean): Offer | undefined {
    if (!isContinuation) this.#stopsInARow = 0
    if (this.#stopsInARow >= MAX_STOPS_IN_A_ROW) return undefined
    const news = this.#available().length === 0 ? undefined : this.#offer('hook', LIMITS.context.hookCharacters, { hasNotes: false })
    const offer = news ?? (isContinuation ? undefined : this.#hold())
    if (offer) this.#stopsInARow++
    return offer
  }

  /** A question that was shown before holds nothing that has to be confirmed. */
  #hold(): Offer | undefined {
    const { questions, random } = this.#deps
    if (questions === undefined || !this.#isOpen() || this.#scope.isStopped) return undefined
    const attention = this.#attention()
    const pay = (item: SurfaceItem, characters: number): boolean =>
      whyWithheld(item, attention) === undefined && this.#budget.take(item, estimateTokens(characters), this.#now())
    const text = holdText(questions, random, pay)
    return text === undefined ? undefined : { ticket: this.#tickets.open(new Set(), 'hook'), text }
  }

  #offer(way: Way, maxCharacters: number, { headline, hasNotes = true, wants }: OfferOptions = {}): Offer | undefined {
    if (this.#scope.isStopped) return undefined
    const { shown, held } = this.#choose(maxCharacters - NOTES_CHARACTERS)
    // What was chosen in vain is paid, and shown by the next way for nothing.
    if (wants !== undefined && !shown.some(({ item }) => wants(item))) return undefined
    const notes = hasNotes && this.#isOpen() ? this.#hookNotes.take(held, this.#now()) : []
    const ours = headline === undefined ? [] : [oneLine(headline, HEADLINE_CHARACTERS)]
    const quoted = shown.length === 0 ? [] : [[introduce(shown.map(({ item }) => item)), ...shown.map(({ text }) => text)].join('\n\n')]
    const parts = [...ours, ...quoted, ...(notes.length === 0 ? [] : [`In the mesh inbox: ${notes.join('; ')}.`])]
    if (parts.length === 0) return undefined
    return { ticket: this.#open(new Set(shown.map(({ item }) => item.id)), way), text: parts.join('\n\n') }
  }

  /** Oldest first, as many as fit into the text and the budget; whoever is held once is held for the rest, to keep the order. */
  #choose(room: number): { shown: readonly { item: SurfaceItem; text: string }[]; held: readonly SurfaceItem[] } {
    const shown: { item: SurfaceItem; text: string }[] = []
    const held: SurfaceItem[] = []
    const heldPeers = new Set<string>()
    let left = room
    for (const item of this.#available()) {
      const text = heldPeers.has(item.from.fingerprint) ? undefined : this.#renderWithin(item, left - 2)
      if (text === undefined) {
        held.push(item)
        heldPeers.add(item.from.fingerprint)
        continue
      }
      shown.push({ item, text })
      left -= text.length + 2
    }
    return { shown, held }
  }

  #renderWithin(item: SurfaceItem, room: number): string | undefined {
    const text = renderItem(item, this.#deps.random)
    return text.length <= room && this.#pay(item, text.length) ? text : undefined
  }

  #pay(item: SurfaceItem, characters: number): boolean {
    if (this.#paid.has(item.id)) return true
    if (!this.#budget.take(item, estimateTokens(characters), this.#now())) {
      this.#overBudget.add(item.id)
      return false
    }
    this.#overBudget.delete(item.id)
    this.#paid.add(item.id)
    return true
  }

  /** What may be handed out now: by a hook as long as pushes are unproven, else only what no push has carried. */
  #available(): readonly SurfaceItem[] {
    if (!this.#isOpen()) return []
    const attention = this.#attention()
    const taken = this.#tickets.taken()
    const isFree = (id: string) =>
      !taken.has(id) && !this.#done.has(id) && !(this.#proof.isProven && (this.#pushed.has(id) || this.#pushing.has(id)))
    return this.#deps.source.pending().filter((item) => isFree(item.id) && whyWithheld(item, attention) === undefined)
  }

  #attention(): Attention {
    return this.#deps.attention?.() ?? USUAL_ATTENTION
  }

  #isOpen(): boolean {
    return this.#attention().mode === 'push' && this.#deps.isQuiet?.() !== true
  }

  #open(ids: ReadonlySet<string>, way: Way): string {
    const ticket = this.#tickets.open(ids, way)
    this.#tellWaiting()
    return ticket
  }

  /** Nobody confirmed. What a proven push has carried was read all the same. */
  #onExpired({ ids }: Ticket<Way>): void {
    this.#deps.log.debug('ticket expired', { items: ids.size })
    if (this.#proof.isProven) this.#settlePushed()
    // Others may wait behind these, and only an arrival or a hook would bring them.
    void this.onArrived()
  }

  /** Marks items surfaced, each at most once, in memory at once and in the source as soon as it can. */
  async #settle(ids: Iterable<string>, way: Way): Promise<void> {
    const fresh = [...ids].filter((id) => !this.#done.has(id))
    if (fresh.length === 0) return this.#tellWaiting()
    for (const id of fresh) this.#done.add(id)
    for (const id of fresh) for (const waiting of [this.#paid, this.#pushing, this.#pushed, this.#overBudget]) waiting.delete(id)
    this.#tickets.forget(fresh)
    this.#surfaced[way] += fresh.length
    this.#tellWaiting()
    try {
      await this.#deps.source.markSurfaced(fresh, way)
      for (const id of fresh) this.#done.delete(id)
    } catch (thrown) {
      // They stay in `#done`: not shown again by this process, shown as unread by the next.
      this.#warn('surfaced, but not written down', thrown)
    }
  }

  /** Behind a backlog one more arrival changes nothing at once, so a flood does not make us read the backlog each time. */
  #lookLater(): Promise<void> {
    this.#cancelLook ??= this.#scope.after(LOOK_AGAIN_MS, () => {
      this.#cancelLook = undefined
      void this.onArrived()
    })
    return this.#pushes
  }

  async #pushNew(): Promise<void> {
    if (!this.#isInitialised || !this.#deps.isDeclared || this.#scope.isStopped) return
    const { chosen, held } = this.#choosePushes()
    for (const { item } of chosen) this.#pushing.add(item.id)
    try {
      if (chosen.length > 0) await this.#deps.source.markPushed(chosen.map(({ item }) => item.id))
      for (const { item, push } of chosen) await this.#push(item, push)
      await this.#pushOverflow(held)
    } finally {
      for (const { item } of chosen) this.#pushing.delete(item.id)
      this.#tellWaiting()
    }
  }

  #choosePushes(): { chosen: readonly { item: SurfaceItem; push: Push }[]; held: readonly SurfaceItem[] } {
    const chosen: { item: SurfaceItem; push: Push }[] = []
    const held: SurfaceItem[] = []
    for (const item of this.#available()) {
      if (item.isPushed || this.#pushed.has(item.id)) continue
      const push = renderPush(item, this.#deps.random, this.#proof.idFor(item.id))
      if (this.#pay(item, push.content.length)) chosen.push({ item, push })
      else held.push(item)
    }
    return { chosen, held }
  }

  async #push(item: SurfaceItem, push: Push): Promise<void> {
    // A hook may have shown it while the push was journaled (what is settled is no longer in `#pushing`), or show it now.
    if (!this.#pushing.has(item.id) || this.#tickets.taken().has(item.id) || this.#scope.isStopped) return
    await this.#deps.push(push)
    if (this.#pushing.has(item.id)) this.#pushed.add(item.id)
    this.#proof.remember(push.meta['msg_id'] ?? '')
    this.#deps.log.debug('pushed', { id: item.id, characters: push.content.length })
    if (this.#proof.isProven) this.#settlePushed()
  }

  async #pushOverflow(held: readonly SurfaceItem[]): Promise<void> {
    if (held.length === 0) return
    const notes = this.#pushNotes.take(held, this.#now())
    if (notes.length > 0) await this.#deps.push({ content: `In the mesh inbox: ${notes.join('; ')}.`, meta: { kind: 'overflow' } })
    this.#cancelPushAgain?.()
    this.#cancelPushAgain = this.#scope.after(PUSH_AGAIN_MS, () => void this.onArrived())
  }

  #prove(): void {
    this.#deps.log.info('push proven')
    this.#settlePushed()
  }

  /** In a proven session every push that was made has arrived, unless a hook is showing the item just now. */
  #settlePushed(): void {
    const taken = this.#tickets.taken()
    void this.#settle(
      [...this.#pushed].filter((id) => !taken.has(id)),
      'push',
    )
  }

  #tellWaiting(): void {
    if (this.#scope.isStopped) return
    const count = this.#available().length
    if (count === this.#waitingTold) return
    this.#waitingTold = count
    this.#deps.onWaiting?.(count)
  }

  #now(): number {
    return this.#deps.clock.monotonic()
  }

  #warn(event: string, thrown: unknown): void {
    this.#deps.log.warn(event, { error: messageOf(thrown) })
  }
}
