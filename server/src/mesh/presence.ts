/**
 * What this node says of itself while a link is up: status, summary, how its Claude is reached, and of its project what
 * may be said. Each statement is whole, numbered above every earlier one of this node, and goes only to links for which
 * something changed. Links of this machine are told all of the project, the others what the person shares.
 *
 * Nothing here ends in anybody's context by itself: peers keep it for those who ask.
 */
import { sha256, tagged, toHex } from '../base/bytes.ts'
import type { Clock, Timer } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import { oneLine } from '../base/text.ts'
import type { Frame, FrameOf } from '../mmp/frames.ts'
import { demandNoSecret } from '../mmp/secrets.ts'
import type { Database } from '../store/database.ts'
import { type OwnWords, readOwnWords, saveOwnWords } from './own-words.ts'
import type { LinkKind, Status } from './views.ts'

/** What hooks report. */
export type Activity = Exclude<Status, 'do-not-disturb'>

/** What one audience may hear of the project. Names are shown, ids only compared. */
export interface Surroundings {
  readonly summary?: string | undefined
  readonly folder?: string | undefined
  readonly branch?: string | undefined
  readonly placeId?: string | undefined
  readonly repositoryId?: string | undefined
  /** Files that were edited lately. */
  readonly fileIds?: readonly string[]
}

export interface Audiences {
  readonly machine: Surroundings
  readonly network: Surroundings
  /** Of a group for which the person set something of its own. */
  readonly inGroup?: (group: string) => Surroundings | undefined
}

/** Where a statement goes. */
export interface Hearer {
  readonly kind: LinkKind
  readonly group: string
  send(frame: Frame): boolean
}

export interface PresenceDeps {
  readonly clock: Clock
  readonly guard: Guard
  readonly db: Database
  readonly hearers: () => readonly Hearer[]
}

type Statement = Omit<FrameOf<'mesh-opaque-v1-presence'>, 'seq'>

export class Presence {
  readonly #deps: PresenceDeps
  /** What each link heard last. */
  readonly #heard = new WeakMap<Hearer, string>()
  #audiences: Audiences = { machine: {}, network: {} }
  #activity: Activity = 'unknown'
  #summary: string | undefined
  #reach: string | undefined
  #isUndisturbed = false
  #own: OwnWords
  #seq = 0
  #decay: Timer | undefined
  #isStopped = false

  constructor(deps: PresenceDeps) {
    this.#deps = deps
    this.#own = readOwnWords(deps.db)
  }

  get status(): Status {
    return this.#isUndisturbed ? 'do-not-disturb' : this.#activity
  }

  get own(): OwnWords {
    return this.#own
  }

  /** The summary that was set, or what was derived for those who may hear everything. */
  get summary(): { readonly text: string | undefined; readonly isDerived: boolean } {
    return { text: this.#summary ?? this.#audiences.machine.summary, isDerived: this.#summary === undefined }
  }

  get audiences(): Audiences {
    return this.#audiences
  }

  /** A report of the hooks. It decays: whoever stops reporting may have crashed in the middle of its work. */
  setActivity(activity: Activity): void {
    this.#decay?.cancel()
    this.#decay = undefined
    if (activity !== 'unknown' && !this.#isStopped) {
      this.#decay = this.#deps.clock.after(LIMITS.presence.statusMs, () =>
        this.#deps.guard.run('presence', () => this.setActivity('unknown')),
      )
    }
    this.#change(() => {
      this.#activity = activity
    })
  }

  /** The person's wish, which no report overrides. */
  setDoNotDisturb(isOn: boolean): void {
    this.#change(() => {
      this.#isUndisturbed = isOn
    })
  }

  /** Empty text takes it back. Throws on a text that is too long or holds a secret. */
  setSummary(text: string): void {
    const { summaryCharacters } = LIMITS.presence
    if (text.length > summaryCharacters) {
      throw new MeshError('limit-exceeded', `the summary has ${text.length} characters, the limit is ${summaryCharacters}; say it shorter`)
    }
    demandNoSecret('the summary', text)
    const line = oneLine(text, summaryCharacters)
    this.#change(() => {
      this.#summary = line === '' ? undefined : line
    })
  }

  setReach(reach: string): void {
    this.#change(() => {
      this.#reach = reach
    })
  }

  /** Peers leave this node out of their lists; who knows it can still write to it. Resolves when it is on disk. */
  setHidden(isHidden: boolean): Promise<void> {
    return this.#setOwn({ isHidden })
  }

  /** What this node is here for, and what it can be asked for: words joined by dashes. Empty takes back. Throws on other text. */
  setRole(role: string): Promise<void> {
    return this.#setOwn({ role: role === '' ? undefined : demandWord('role', role) })
  }

  setTags(tags: readonly string[]): Promise<void> {
    const words = [...new Set(tags.map((tag) => demandWord('tag', tag.replace(/^#/, ''))))]
    if (words.includes('self'))
      throw new MeshError('argument-invalid', '#self means the own sessions of whoever writes it; take another word for a tag')
    const { tags: most } = LIMITS.presence
    if (words.length > most) throw new MeshError('limit-exceeded', `${words.length} tags were given, the limit is ${most}`)
    return this.#setOwn({ tags: words })
  }

  setAudiences(audiences: Audiences): void {
    this.#change(() => {
      this.#audiences = audiences
    })
  }

  /** The first words on a new link. */
  greet(hearer: Hearer): void {
    this.#tell(hearer, this.#nextSeq())
  }

  /** The lease runs out without it. */
  renew(): void {
    const seq = this.#nextSeq()
    for (const hearer of this.#deps.hearers()) this.#tell(hearer, seq)
  }

  stop(): void {
    this.#isStopped = true
    this.#decay?.cancel()
  }

  #setOwn(changes: Partial<OwnWords>): Promise<void> {
    this.#change(() => {
      this.#own = { ...this.#own, ...changes }
    })
    return saveOwnWords(this.#deps.db, this.#own)
  }

  #change(apply: () => void): void {
    apply()
    const news = this.#deps.hearers().filter((hearer) => this.#heard.get(hearer) !== textOf(this.#statementFor(hearer)))
    if (news.length === 0) return
    const seq = this.#nextSeq()
    for (const hearer of news) this.#tell(hearer, seq)
  }

  #tell(hearer: Hearer, seq: number): void {
    const statement = this.#statementFor(hearer)
    // What was not taken (the other side reads too slowly) is said with the next renewal.
    if (hearer.send({ ...statement, seq })) this.#heard.set(hearer, textOf(statement))
  }

  /** Rises over restarts too, with the wall clock, so that a dying link of the process before says nothing newer. */
  #nextSeq(): number {
    this.#seq = Math.max(this.#seq + 1, this.#deps.clock.now())
    return this.#seq
  }

  #statementFor({ kind, group }: Hearer): Statement {
    const type = 'mesh-opaque-v1-presence'
    const reach = given({ reach: this.#reach })
    const { isHidden, role, tags } = this.#own
    if (isHidden) return { type, hidden: true, ...reach }
    const { machine, network, inGroup } = this.#audiences
    const told = kind === 'machine' ? machine : (inGroup?.(group) ?? network)
    const { summary, folder, branch, placeId, repositoryId, fileIds = [] } = told
    const files = fileIds.slice(0, LIMITS.presence.files).map((id) => markOf('file', group, id))
    const status = this.status
    return {
      type,
      ...reach,
      ...given({ summary: this.#summary ?? summary, role, folder, branch }),
      ...given({ status: status === 'unknown' ? undefined : status }),
      ...given({
        place: placeId && markOf('place', group, placeId),
        repository: repositoryId && markOf('repository', group, repositoryId),
      }),
      ...(tags.length === 0 ? {} : { tags: [...tags] }),
      ...(files.length === 0 ? {} : { files }),
    }
  }
}

/**
 * A thing that two members may both know (a folder, a repository, a file in it), as a hash under the name of the group:
 * members find equals and can test guesses; the same thing looks different in every group.
 */
export function markOf(kind: 'place' | 'repository' | 'file', group: string, id: string): string {
  return toHex(sha256(tagged('mesh-mark-v1', kind, group, id))).slice(0, 32)
}

function demandWord(what: string, text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,31}$/.test(text)) return text
  throw new MeshError(
    'argument-invalid',
    `${JSON.stringify(text.slice(0, 64))} is no ${what}; use lowercase letters, digits and dashes, like code-review`,
  )
}

/** The members that have a value. */
function given<T extends Readonly<Record<string, string | undefined>>>(members: T): { [K in keyof T]?: string } {
  const found: { [K in keyof T]?: string } = {}
  for (const name of Object.keys(members) as (keyof T)[]) {
    const value = members[name]
    if (value !== undefined && value !== '') found[name] = value
  }
  return found
}

const textOf = (statement: Statement): string => JSON.stringify(statement)
