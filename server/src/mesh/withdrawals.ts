/**
 * Messages that their author took back, or replaced by a newer one, before they were shown. The wish travels as a message
 * of its own (`replaces` of its envelope), so it waits on disk and at a relay like any; where it comes before what it
 * means, that is known when it comes. What was shown already stays as it was, and its author is told so by receipts.
 *
 * Invariant: only the author of a message takes it back, in the group in which it was said.
 */
import type { Clock } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { Memory } from '../memory/memory.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import { parseAssertionId } from '../mmp/signature.ts'
import type { Database, Migration } from '../store/database.ts'
import type { Inbox, InboxItem } from './inbox.ts'
import type { Also, Arriving, Screening } from './talk.ts'
import { shortIdOf } from './views.ts'

export const WITHDRAWAL_MIGRATION: Migration = {
  id: 'withdrawals-1',
  sql: `
    -- By whom which message was taken back, ours among them, and by which other message.
    CREATE TABLE withdrawn (
      id TEXT PRIMARY KEY,
      fingerprint TEXT NOT NULL,
      room TEXT NOT NULL,
      successor TEXT NOT NULL,
      at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX withdrawn_at ON withdrawn (at);
  `,
}

/** Tag of a message that takes another one back and says nothing in its place. */
export const WITHDRAWAL = 'withdrawal'
/** Beginning of what stands in `held` of a message that was taken back; behind it the shown id of what came instead. */
const WITHDRAWN = 'withdrawn'
const IS_OVER = `${WITHDRAWN} by `

/** Ways of the receipt `received` for a message that was taken back: not shown, and pushed where nobody knows who reads. */
const WAY = 'held-withdrawn'
const WAY_PUSHED = 'held-withdrawn-pushed'
/** And for the message that took it back and has nothing else to say. */
const WAY_ITSELF = 'held-withdrawal'

export function isWithdrawnWay(way: string): boolean {
  return way === WAY || way === WAY_PUSHED
}

/** Why an item is held, in a sentence; undefined where that is not the reason. */
export function describeWithdrawn(held: string): string | undefined {
  if (held === WITHDRAWN) return 'it takes back a message that was not shown'
  return held.startsWith(IS_OVER) ? `its author took it back before it was shown, by ${held.slice(IS_OVER.length)}` : undefined
}

export function isWithdrawn({ held, surfacedAt }: Pick<InboxItem, 'held' | 'surfacedAt'>): boolean {
  return surfacedAt === undefined && held !== undefined && describeWithdrawn(held) !== undefined
}

export interface WithdrawalsDeps {
  readonly clock: Clock
  readonly db: Database
  readonly inbox: Inbox
  readonly memory: Memory
  /** On disk: nobody is shown it any more. */
  readonly onWithdrawn: (id: AssertionId) => void
}

export class Withdrawals {
  readonly #deps: WithdrawalsDeps

  constructor(deps: WithdrawalsDeps) {
    this.#deps = deps
  }

  /**
   * What an admitted arrival does to an earlier message, and an earlier one to it. `judge` is asked for everything else;
   * `isHeir`: it takes the place of a message that would have been shown. Call inside the write.
   */
  screen(arriving: Arriving, judge: (isHeir: boolean) => Screening): Screening {
    const successor = this.#successorOf(arriving)
    if (successor !== undefined) return this.#late(arriving, successor)
    const of = replacedBy(arriving)
    if (of === undefined) return judge(false)
    const before = this.#deps.inbox.get(of)
    const isTheirs = before === undefined || isOf(before, arriving)
    if (!isTheirs) return judge(false)
    const isShown = before?.surfacedAt !== undefined
    const screening = judge(before !== undefined && !isShown && before.held === undefined)
    const isSilent = arriving.tags.includes(WITHDRAWAL) && !isShown
    let told: Also | undefined
    return {
      ...screening,
      ...(isSilent ? { hold: { way: WAY_ITSELF, reason: WITHDRAWN } } : {}),
      stored: () => {
        screening.stored?.()
        if (isSilent) this.#deps.memory.forget(arriving.id)
        told = before ? this.#withhold(before, arriving) : this.#expect(of, arriving)
      },
      kept: (item) => {
        if (told) this.#deps.onWithdrawn(of)
        return screening.kept?.(item) ?? false
      },
      also: () => told,
    }
  }

  /** Notes that a message of ours was taken back. Call inside a write. */
  note(id: AssertionId, by: AssertionId, { from, group }: { readonly from: Fingerprint; readonly group: string }): void {
    const sql = 'INSERT OR IGNORE INTO withdrawn VALUES (?, ?, ?, ?, ?)'
    this.#deps.db.run(sql, id, from, group, by, Math.trunc(this.#deps.clock.now()))
  }

  /** What was said in the place of a message, or took it back; undefined where nothing did. */
  successor(id: AssertionId): AssertionId | undefined {
    return parseAssertionId(String(this.#deps.db.get('SELECT successor FROM withdrawn WHERE id = ?', id)?.['successor']))
  }

  /** Call inside a write. */
  prune(): void {
    const { db, clock } = this.#deps
    db.run('DELETE FROM withdrawn WHERE at < ?', clock.now() - LIMITS.cmb.pastMs - LIMITS.cmb.futureMs)
  }

  /** It comes behind what took it back. */
  #late(arriving: Arriving, successor: AssertionId): Screening {
    return {
      hold: { way: WAY, reason: `${IS_OVER}${shortIdOf(successor)}` },
      stored: () => void this.#deps.memory.forget(arriving.id),
    }
  }

  #successorOf({ id, from, group }: Arriving): AssertionId | undefined {
    const sql = 'SELECT successor FROM withdrawn WHERE id = ? AND fingerprint = ? AND room = ?'
    return parseAssertionId(String(this.#deps.db.get(sql, id, from, group)?.['successor']))
  }

  #withhold(before: InboxItem, { id }: Arriving): Also | undefined {
    const { inbox, memory } = this.#deps
    if (!inbox.withdraw(before.id, `${IS_OVER}${shortIdOf(id)}`)) return undefined
    memory.forget(before.id)
    return { of: before.id, way: before.pushedAt === undefined ? WAY : WAY_PUSHED }
  }

  #expect(of: AssertionId, { id, from, group }: Arriving): undefined {
    if (!this.#deps.inbox.knows(of)) this.note(of, id, { from, group })
    return undefined
  }
}

/** Questions and answers have ends of their own. */
function replacedBy({ envelope, tags }: Arriving): AssertionId | undefined {
  return envelope?.question || tags.includes('answer') || tags.includes('decline') ? undefined : envelope?.replaces
}

function isOf(before: InboxItem, { from, group }: Arriving): boolean {
  const isPlain = before.envelope?.question === undefined && !before.tags.includes('answer') && !before.tags.includes('decline')
  return isPlain && before.fingerprint === from && before.group === group
}
