/**
 * Which letters of an author have come (the sliding window of RFC 6479): each number once, in any order, as long as it is
 * not too far behind the highest. What is older than the window is refused, and never taken for new.
 */
import type { Fingerprint } from '../identity/ids.ts'
import type { Database } from '../store/database.ts'

export const WINDOW = 8_192

/** A bit for each number, at its rest modulo the size of the window. */
export interface WindowState {
  readonly highest: number
  readonly seen: Uint8Array
}

export type Freshness = 'fresh' | 'seen' | 'old'

export const EMPTY: WindowState = { highest: 0, seen: new Uint8Array(WINDOW / 8) }

export function freshness({ highest, seen }: WindowState, counter: number): Freshness {
  if (counter > highest) return 'fresh'
  if (counter <= highest - WINDOW) return 'old'
  return (seen[byteOf(counter)] ?? 0) & bitOf(counter) ? 'seen' : 'fresh'
}

export function marked({ highest, seen }: WindowState, counter: number): WindowState {
  const next = Uint8Array.from(seen)
  // Places that the window moves over belong to other numbers from now on.
  for (let passed = Math.max(highest + 1, counter - WINDOW + 1); passed <= counter; passed++)
    next[byteOf(passed)] = (next[byteOf(passed)] ?? 0) & ~bitOf(passed)
  next[byteOf(counter)] = (next[byteOf(counter)] ?? 0) | bitOf(counter)
  return { highest: Math.max(highest, counter), seen: next }
}

const byteOf = (counter: number): number => (counter % WINDOW) >> 3
const bitOf = (counter: number): number => 1 << (counter % 8)

export class LetterWindows {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  freshness(from: Fingerprint, counter: number): Freshness {
    return freshness(this.#read(from), counter)
  }

  /** Call inside a write. */
  mark(from: Fingerprint, counter: number): void {
    const { highest, seen } = marked(this.#read(from), counter)
    const sql = `INSERT INTO letter_in VALUES (?, ?, ?) ON CONFLICT (fingerprint) DO UPDATE SET highest = excluded.highest, seen = excluded.seen`
    this.#db.run(sql, from, highest, seen)
  }

  #read(from: Fingerprint): WindowState {
    const row = this.#db.get('SELECT highest, seen FROM letter_in WHERE fingerprint = ?', from)
    return row?.['seen'] instanceof Uint8Array ? { highest: Number(row['highest']), seen: row['seen'] } : EMPTY
  }
}
