/** The latest lines of a log, kept in memory for who asks later: the host keeps what a server says as it likes. */
import { LIMITS } from './limits.ts'

export class RecentLines {
  readonly #lines: string[] = []
  readonly #listeners = new Set<(line: string) => void>()

  add(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length > LIMITS.log.keptLines) this.#lines.shift()
    for (const listener of this.#listeners) listener(line)
  }

  /** Oldest first. */
  latest(count: number): readonly string[] {
    return this.#lines.slice(-count)
  }

  /** Returns the function that ends it. */
  subscribe(listener: (line: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
