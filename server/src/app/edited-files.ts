/**
 * The files that this session edited lately, and for each peer that edits one of them too one line of ours, once an hour
 * per file and peer. A line names the peer and our own path, never a word of the peer; and peers cannot make it many.
 */
import { TokenBucket } from '../base/bucket.ts'
import type { Clock } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'

export interface Editor {
  readonly name: string
  readonly fingerprint: Fingerprint
}

export class EditedFiles {
  readonly #clock: Clock
  readonly #hints: TokenBucket
  /** The latest first. */
  #files: readonly { readonly path: string; readonly at: number }[] = []
  readonly #hinted = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
    const { hintsPerHour } = LIMITS.presence
    this.#hints = new TokenBucket(hintsPerHour, hintsPerHour / 3_600, clock.monotonic())
  }

  /** Paths, the latest first. */
  recent(): readonly string[] {
    const since = this.#clock.monotonic() - LIMITS.presence.fileMs
    this.#files = this.#files.filter(({ at }) => at > since)
    return this.#files.map(({ path }) => path)
  }

  add(path: string): void {
    const others = this.#files.filter((file) => file.path !== path)
    this.#files = [{ path, at: this.#clock.monotonic() }, ...others].slice(0, LIMITS.presence.files)
  }

  /** Of these editors of the file the ones to be named now; nobody when they were, or when too many were lately. */
  toName<E extends Editor>(path: string, editors: readonly E[]): readonly E[] {
    const now = this.#clock.monotonic()
    for (const [key, at] of this.#hinted) if (now - at >= LIMITS.presence.hintAgainMs) this.#hinted.delete(key)
    const news = editors.filter(({ fingerprint }) => !this.#hinted.has(keyOf(path, fingerprint)))
    if (news.length === 0 || !this.#hints.take(now)) return []
    for (const { fingerprint } of news) this.#hinted.set(keyOf(path, fingerprint), now)
    return news
  }
}

const keyOf = (path: string, fingerprint: Fingerprint): string => `${fingerprint} ${path}`
