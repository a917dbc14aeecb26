/**
 * The life of a component: what it opened is closed in reverse order, once, and nothing that it scheduled fires after
 * it stopped. Every component owns one scope; `stop()` is idempotent and total (one failing closer does not keep the
 * others from running).
 */
import { type Clock, roughly } from './clock.ts'

export type Closer = () => void | Promise<void>

export class Scope {
  readonly #clock: Clock
  readonly #abort = new AbortController()
  readonly #onError: (thrown: unknown) => void
  #closers: Closer[] = []
  #stopping: Promise<void> | undefined

  constructor(clock: Clock, onError: (thrown: unknown) => void = () => {}) {
    this.#clock = clock
    this.#onError = onError
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get isStopped(): boolean {
    return this.#abort.signal.aborted
  }

  /** Runs `closer` at stop; at once when the scope has stopped already. Returns a function that forgets it. */
  defer(closer: Closer): () => void {
    if (this.isStopped) {
      void this.#run(closer)
      return () => {}
    }
    this.#closers.push(closer)
    return () => {
      this.#closers = this.#closers.filter((other) => other !== closer)
    }
  }

  /** Calls `fn` once after `delayMs` unless the scope stops first. Returns a function that cancels it. */
  after(delayMs: number, fn: () => void): () => void {
    if (this.isStopped) return () => {}
    const timer = this.#clock.after(delayMs, () => {
      forget()
      fn()
    })
    const forget = this.defer(() => timer.cancel())
    return () => {
      forget()
      timer.cancel()
    }
  }

  /** Calls `fn` about every `periodMs`, together with what else is due then, until the scope stops or the returned function is called. */
  every(periodMs: number, fn: () => void): () => void {
    let cancel = this.after(roughly(this.#clock, periodMs), tick)
    let isCancelled = false
    const self = this
    function tick(): void {
      if (isCancelled) return
      cancel = self.after(roughly(self.#clock, periodMs), tick)
      fn()
    }
    return () => {
      isCancelled = true
      cancel()
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#abort.abort()
    const closers = this.#closers.reverse()
    this.#closers = []
    for (const closer of closers) await this.#run(closer)
  }

  async #run(closer: Closer): Promise<void> {
    try {
      await closer()
    } catch (thrown) {
      this.#onError(thrown)
    }
  }
}
