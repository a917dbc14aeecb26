/**
 * The wall around every entry from outside (socket, mDNS, local request, timer). No input ends the process: what is
 * thrown here is a bug of ours, counted under the entry's name and logged without content.
 */
import { messageOf } from './errors.ts'
import type { Log } from './log.ts'

export class Guard {
  readonly #log: Log
  readonly #counts = new Map<string, number>()

  constructor(log: Log) {
    this.#log = log
  }

  /** Runs `fn`; a throw or a rejection becomes a counter. */
  run(name: string, fn: () => unknown): void {
    try {
      const result = fn()
      if (result instanceof Promise) result.catch((thrown: unknown) => this.#count(name, thrown))
    } catch (thrown) {
      this.#count(name, thrown)
    }
  }

  /** `fn` behind this guard, as a callback. */
  wrap<A extends readonly unknown[]>(name: string, fn: (...args: A) => unknown): (...args: A) => void {
    return (...args) => this.run(name, () => fn(...args))
  }

  /** Bugs met so far, by entry. */
  counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  #count(name: string, thrown: unknown): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
    this.#log.error('bug', { entry: name, error: messageOf(thrown) })
  }
}
