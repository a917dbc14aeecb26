/**
 * Wakes an idle session: a background hook of the host holds one request open here, and its answer is the wake. There is
 * one such waiter at a time, so the server is the lock and no second wake can be under way. What is said goes through the
 * door like by every other way: one ticket, one budget for the words, and a budget of its own for the wakes.
 */
import type { Clock } from '../base/clock.ts'
import { Scope } from '../base/scope.ts'
import type { Attention } from './attention.ts'
import type { Offer, PushState } from './door.ts'
import type { SurfaceItem } from './fence.ts'
import { mayWake, type Turn, wakeDueMs } from './wake.ts'
import { WakeBudget, type WakeRates } from './wake-budget.ts'

/** What the waker needs of the door. */
export interface WakeDoor {
  /** What a hook could show now. */
  showable(): readonly SurfaceItem[]
  /** Text that holds at least one item that `wants`, or nothing. */
  takeToWake(wants: (item: SurfaceItem) => boolean): Offer | undefined
  pushState(): PushState
}

export interface WakerDeps {
  readonly door: WakeDoor
  readonly clock: Clock
  readonly rates: WakeRates
  readonly attention: () => Attention
  /** Whether the host's background hooks are known to wake. */
  readonly canWake: () => boolean
  /** Called when a waiter came or went. */
  readonly onArmed?: () => void
}

export interface WakeCounters {
  readonly wakes: number
  readonly wakesLeft: number
  readonly isArmed: boolean
}

type Waiter = (offer: Offer | undefined) => void

/** The words did not fit their budget: tried again with the next event, or after this time. */
const TRY_AGAIN_MS = 60_000

export class Waker {
  readonly #deps: WakerDeps
  readonly #scope: Scope
  readonly #budget: WakeBudget
  #waiter: Waiter | undefined
  #turn: Turn = { state: 'idle' }
  #sinceMs: number | undefined
  #cancelLook: (() => void) | undefined

  constructor(deps: WakerDeps) {
    this.#deps = deps
    this.#scope = new Scope(deps.clock)
    this.#budget = new WakeBudget(deps.rates, deps.clock.monotonic())
    this.#scope.defer(() => this.#answer(undefined))
  }

  /** Resolves with the text that wakes, or with nothing when the waiter is not needed: then it goes. */
  wait(signal: AbortSignal): Promise<Offer | undefined> {
    if (this.#waiter !== undefined || !this.#isWanted() || this.#scope.isStopped || signal.aborted) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const waiter: Waiter = (offer) => {
        signal.removeEventListener('abort', leave)
        resolve(offer)
      }
      const leave = (): void => {
        if (this.#waiter === waiter) this.#answer(undefined)
      }
      this.#waiter = waiter
      signal.addEventListener('abort', leave, { once: true })
      this.#deps.onArmed?.()
      this.look()
    })
  }

  /** A hook reported: the turn goes on. */
  working(): void {
    this.#turn = { state: 'working', lastEventMs: this.#now() }
    this.look()
  }

  /** The turn has ended, and nothing continued it. */
  idle(): void {
    this.#turn = { state: 'idle' }
    this.look()
  }

  /** Call whenever something that counts here has changed: an arrival, the person's wishes, a proof that pushes arrive. */
  look(): void {
    this.#cancelLook?.()
    this.#cancelLook = undefined
    if (this.#waiter === undefined) return
    if (!this.#isWanted()) return this.#answer(undefined)
    const isWaiting = this.#deps.door.showable().some((item) => this.#wakes(item))
    if (!isWaiting) this.#sinceMs = undefined
    else this.#wakeOrWait()
  }

  get isArmed(): boolean {
    return this.#waiter !== undefined
  }

  counters(): WakeCounters {
    return { ...this.#budget.counters(this.#now()), isArmed: this.isArmed }
  }

  stop(): Promise<void> {
    return this.#scope.stop()
  }

  #wakeOrWait(): void {
    this.#sinceMs ??= this.#now()
    const { declared, hint } = this.#deps.door.pushState()
    const dueMs = wakeDueMs({ turn: this.#turn, mayBePushed: declared && hint === true, sinceMs: this.#sinceMs })
    const waitMs = Math.max(dueMs - this.#now(), this.#budget.waitMs(this.#now()))
    if (waitMs > 0) this.#lookAfter(waitMs)
    else this.#wake()
  }

  #wake(): void {
    // The door tells of what it hands out, which leads back to `look`: without a waiter that ends there.
    const waiter = this.#waiter
    this.#waiter = undefined
    const offer = this.#deps.door.takeToWake((item) => this.#wakes(item))
    this.#waiter = waiter
    if (offer === undefined) return this.#lookAfter(TRY_AGAIN_MS)
    this.#budget.spend(this.#now())
    this.#sinceMs = undefined
    // The turn that this begins is a turn, whether or not a hook will say so.
    this.#turn = { state: 'working', lastEventMs: this.#now() }
    this.#answer(offer)
  }

  #answer(offer: Offer | undefined): void {
    const waiter = this.#waiter
    this.#waiter = undefined
    this.#cancelLook?.()
    this.#cancelLook = undefined
    waiter?.(offer)
    if (waiter !== undefined && !this.#scope.isStopped) this.#deps.onArmed?.()
  }

  #wakes(item: SurfaceItem): boolean {
    return mayWake(item, this.#deps.attention().wake)
  }

  /** Where pushes arrive they wake, and where nothing is shown unasked nothing wakes. */
  #isWanted(): boolean {
    const { mode, wake } = this.#deps.attention()
    return this.#deps.canWake() && mode === 'push' && wake !== 'off' && !this.#deps.door.pushState().isProven
  }

  #lookAfter(waitMs: number): void {
    this.#cancelLook = this.#scope.after(waitMs, () => {
      this.#cancelLook = undefined
      this.look()
    })
  }

  #now(): number {
    return this.#deps.clock.monotonic()
  }
}
