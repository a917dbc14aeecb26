/**
 * What was typed in this session, as far as it matters for `typed.ts`: hashes that a hook reported, never a word. Kept in
 * memory alone. Links count for the session, words until the next typed prompt, a command for ten minutes and one use.
 * After a prompt with a link or the word "join" it is quiet until the join or the end of the turn: nothing of peers is
 * surfaced unasked, so that nothing of theirs stands between what was typed and what is done.
 */
import { sha256, toHex, utf8 } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { type Change, decideChange, type Permission, type TypedCommand, type TypedFacts } from './typed.ts'

/** What a hook tells of one typed prompt that speaks of the mesh. */
export interface PromptReport {
  readonly links: readonly string[]
  readonly words: readonly string[]
  readonly command?: 'join' | 'invite' | undefined
}

export interface TypedTurnsDeps {
  readonly clock: Clock
  /** Hooks are installed beside this server. */
  readonly hasHooks: boolean
  /** Whether a push may arrive: the channel flag of the host; undefined where that cannot be read. */
  readonly hint: boolean | undefined
  /** Called when it begins or ends to be quiet. */
  readonly onQuiet?: (isQuiet: boolean) => void
}

const COMMAND_MS = 600_000
/** A turn that never ends must not hold back news for ever. */
const QUIET_MS = 600_000
const MAX_LINKS = 64
/** A header line of ours, as it stands above every quoted text. */
const QUOTED = /^\[begin [0-9a-f]{16}\]$/m

export const hashOf = (text: string): string => toHex(sha256(utf8(text)))
const JOIN = hashOf('join')

export class TypedTurns {
  readonly #deps: TypedTurnsDeps
  readonly #links = new Set<string>()
  #words: ReadonlySet<string> = new Set()
  #command: { readonly typed: TypedCommand; readonly untilMs: number } | undefined
  #quietUntilMs = Number.NEGATIVE_INFINITY
  #hasReported = false
  #isPeerTextSince = false
  #isPeerTextEver = false

  constructor(deps: TypedTurnsDeps) {
    this.#deps = deps
  }

  /** A prompt was typed; with a report when it speaks of the mesh. */
  prompt(report: PromptReport | undefined): void {
    this.#hasReported = true
    this.#words = new Set(report?.words)
    this.#isPeerTextSince = false
    if (report === undefined) return this.#setQuiet(false)
    for (const link of report.links) this.#addLink(link)
    const { command, links, words } = report
    if (command !== undefined) {
      this.#command = { typed: { name: command, links: new Set(links), words: new Set(words) }, untilMs: this.#now() + COMMAND_MS }
    }
    this.#setQuiet(command !== undefined || links.length > 0 || words.includes(JOIN))
  }

  /** Any other event that a hook reported. */
  event(name: string): void {
    this.#hasReported = true
    if (name === 'Stop') this.#setQuiet(false)
  }

  /** Text that went to the model by whatever way: notes whether words of peers were in it. */
  shown(text: string): void {
    if (QUOTED.test(text)) this.peerText()
  }

  peerText(): void {
    this.#isPeerTextSince = true
    this.#isPeerTextEver = true
  }

  /** A push was made; nobody knows whether it arrived. */
  pushed(): void {
    if (this.#deps.hint !== false) this.peerText()
  }

  decide(change: Change): Permission {
    return decideChange(change, this.facts(), hashOf)
  }

  /** The change was made: a command is used up by it, and the quiet is over. */
  done(permission: Permission): void {
    if (permission.kind === 'allowed' && permission.by === 'command') this.#command = undefined
    this.#setQuiet(false)
  }

  get isQuiet(): boolean {
    return this.#now() < this.#quietUntilMs
  }

  /** Hook events that must be heard of although nothing waits: the end of the quiet, and of what the words are good for. */
  wants(): readonly ('UserPromptSubmit' | 'Stop')[] {
    return this.isQuiet || this.#words.size > 0 ? ['UserPromptSubmit', 'Stop'] : []
  }

  facts(): TypedFacts {
    const command = this.#command && this.#now() < this.#command.untilMs ? this.#command.typed : undefined
    return {
      hasHooks: this.#deps.hasHooks || this.#hasReported,
      links: this.#links,
      words: this.#words,
      command,
      isPeerTextSince: this.#isPeerTextSince,
      isPeerTextEver: this.#isPeerTextEver,
    }
  }

  #addLink(link: string): void {
    this.#links.delete(link)
    this.#links.add(link)
    const [oldest] = this.#links
    if (this.#links.size > MAX_LINKS && oldest !== undefined) this.#links.delete(oldest)
  }

  #setQuiet(isQuiet: boolean): void {
    const before = this.isQuiet
    this.#quietUntilMs = isQuiet ? this.#now() + QUIET_MS : Number.NEGATIVE_INFINITY
    if (before !== isQuiet) this.#deps.onQuiet?.(isQuiet)
  }

  #now(): number {
    return this.#deps.clock.monotonic()
  }
}
