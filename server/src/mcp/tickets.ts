/**
 * Text that was handed out and not yet known to have been read. Whoever prints it confirms with the ticket; without that
 * the items go back after a while: better shown twice than never.
 */
import { toHex } from '../base/bytes.ts'
import type { RandomBytes } from '../base/clock.ts'
import type { Scope } from '../base/scope.ts'

export const TICKET_TIMEOUT_MS = 10_000

export interface Ticket<W extends string> {
  readonly ids: ReadonlySet<string>
  readonly way: W
}

interface Open<W extends string> extends Ticket<W> {
  readonly cancelTimeout: () => void
}

export class Tickets<W extends string> {
  readonly #open = new Map<string, Open<W>>()
  readonly #scope: Scope
  readonly #random: RandomBytes
  readonly #onExpired: (ticket: Ticket<W>) => void

  constructor(scope: Scope, random: RandomBytes, onExpired: (ticket: Ticket<W>) => void) {
    this.#scope = scope
    this.#random = random
    this.#onExpired = onExpired
  }

  open(ids: ReadonlySet<string>, way: W): string {
    const name = toHex(this.#random(16))
    const cancelTimeout = this.#scope.after(TICKET_TIMEOUT_MS, () => {
      const expired = this.close(name)
      if (expired) this.#onExpired(expired)
    })
    this.#open.set(name, { ids, way, cancelTimeout })
    return name
  }

  /** What the ticket stood for; undefined when it is void. */
  close(name: string): Ticket<W> | undefined {
    const open = this.#open.get(name)
    open?.cancelTimeout()
    this.#open.delete(name)
    return open
  }

  /** The items that stand in open tickets. */
  taken(): ReadonlySet<string> {
    return new Set([...this.#open.values()].flatMap(({ ids }) => [...ids]))
  }

  /** These were read by another way. */
  forget(ids: readonly string[]): void {
    for (const [name, open] of this.#open) this.#open.set(name, { ...open, ids: without(open.ids, ids) })
  }
}

function without(ids: ReadonlySet<string>, gone: readonly string[]): ReadonlySet<string> {
  const rest = new Set(ids)
  for (const id of gone) rest.delete(id)
  return rest
}
