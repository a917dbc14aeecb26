/**
 * Bookkeeping that may wait for a commit: what is lost with it costs a repetition and nothing else (a message counts as
 * not yet sent, a receipt as not yet acknowledged). A sync of the disk is the most expensive step of a message, so these
 * share one, and what a later fact makes needless is never written.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import type { Database } from '../store/database.ts'

const DELAY_MS = 250
const MOST = 256

export class LazyWrites {
  readonly #db: Database
  readonly #clock: Clock
  readonly #guard: Guard
  #work = new Map<unknown, () => void>()
  #timer: Timer | undefined

  constructor(db: Database, clock: Clock, guard: Guard) {
    this.#db = db
    this.#clock = clock
    this.#guard = guard
  }

  /** Under a key it can be dropped again as long as it waits. */
  add(work: () => void, key: unknown = work): void {
    this.#work.set(key, work)
    if (this.#work.size >= MOST) this.flush()
    else this.#timer ??= this.#clock.after(DELAY_MS, () => this.flush())
  }

  drop(key: unknown): void {
    this.#work.delete(key)
  }

  /** Hands what waits to the next commit. To be called before the database closes. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const batch = this.#work
    this.#work = new Map()
    if (batch.size === 0) return
    this.#guard.run('lazy-write', () =>
      this.#db.write(() => {
        for (const work of batch.values()) work()
      }),
    )
  }
}
