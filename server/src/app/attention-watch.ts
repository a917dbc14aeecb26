/**
 * The person's wishes in `<root>/settings.json`, as they stand now: read again whenever the file changes, so that a command
 * typed elsewhere holds in every running session within a second. A file with a fault changes nothing; the last good wishes
 * hold, and the fault is told.
 */
import { type FSWatcher, watch } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../base/clock.ts'
import { ensurePrivateFolder } from '../base/files.ts'
import type { Guard } from '../base/guard.ts'
import { Scope } from '../base/scope.ts'
import { type Attention, type Mode, USUAL_ATTENTION } from '../mcp/attention.ts'
import { type Interests, NO_INTERESTS } from '../memory/interests.ts'
import { personFile } from './person-file.ts'
import { type PersonWishes, readPersonWishes } from './settings.ts'

export interface AttentionWatchDeps {
  readonly root: string
  readonly clock: Clock
  readonly guard: Guard
  /** Of this session alone, whatever the file says. */
  readonly mode?: Mode | undefined
}

/** A file is replaced in several steps, and each of them is told. */
const SETTLE_MS = 50
/** How often the file is read where the system does not tell of changes. */
const POLL_MS = 2_000

export class AttentionWatch {
  readonly #deps: AttentionWatchDeps
  readonly #scope: Scope
  readonly #listeners = new Set<() => void>()
  #wishes: PersonWishes = { attention: USUAL_ATTENTION, interests: NO_INTERESTS, others: '' }
  #fault: string | undefined
  #cancelRead: (() => void) | undefined

  constructor(deps: AttentionWatchDeps) {
    this.#deps = deps
    this.#scope = new Scope(deps.clock)
    this.#read()
  }

  get attention(): Attention {
    return this.#wishes.attention
  }

  /** What the person follows and ignores. */
  get interests(): Interests {
    return this.#wishes.interests
  }

  /** The rest of the file, to compare with: what holds from the next start on. */
  get others(): string {
    return this.#wishes.others
  }

  get fault(): string | undefined {
    return this.#fault
  }

  /** Calls `listener` after each change of the file. Returns the function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  start(): void {
    const { root } = this.#deps
    try {
      ensurePrivateFolder(root)
      const watcher = watch(root, { persistent: false }, (_event, name) => {
        if (name === null || name === path.basename(personFile(root))) this.#readSoon()
      })
      this.#scope.defer(() => watcher.close())
      watcher.on('error', () => this.#poll(watcher))
    } catch {
      // No folder to watch, or no watches left on this system: looking now and then is slower and as good.
      this.#poll(undefined)
    }
  }

  stop(): Promise<void> {
    return this.#scope.stop()
  }

  #poll(watcher: FSWatcher | undefined): void {
    watcher?.close()
    this.#scope.every(POLL_MS, () => this.#deps.guard.run('settings', () => this.#readAndTell()))
  }

  #readSoon(): void {
    this.#cancelRead ??= this.#scope.after(SETTLE_MS, () => {
      this.#cancelRead = undefined
      this.#deps.guard.run('settings', () => this.#readAndTell())
    })
  }

  #readAndTell(): void {
    const before = JSON.stringify([this.#wishes, this.#fault])
    this.#read()
    if (JSON.stringify([this.#wishes, this.#fault]) === before) return
    for (const listener of this.#listeners) this.#deps.guard.run('settings-listener', listener)
  }

  #read(): void {
    const read = readPersonWishes(this.#deps.root, this.#deps.mode)
    this.#fault = typeof read === 'string' ? read : undefined
    if (typeof read !== 'string') this.#wishes = read
  }
}
