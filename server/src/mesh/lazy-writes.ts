/**
 * Bookkeeping that may wait for a commit: what is lost with it costs a repetition and nothing else (a message counts as
 * not yet sent, a receipt as not yet acknowledged). A sync of the disk is the most expensive step of a message, so these
 * share one.
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
  #work: (() => void)[] = []
  #timer: Timer | undefined

  constructor(db: Database, clock: Clock, guard: Guard) {
    this.#db = db
    this.#clock = clock
    this.#guard = guard
  }

  add(work: () => void): void {
    this.#work.push(work)
    if (this.#work.length >= MOST) this.flush()
    else this.#timer ??= this.#clock.after(DELAY_MS, () => this.flush())
  }

  /** Hands what waits to the next commit. To be called before the database closes. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const batch = this.#work
    this.#work = []
    if (batch.length === 0) return
    this.#guard.run('lazy-write', () =>
      this.#db.write(() => {
        for (const work of batch) work()
      }),
    )
  }
}
