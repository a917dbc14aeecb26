/**
 * Hands a member its mail: in order, some items at a time, and forgets an item only when the member says that it has it.
 * What was sent and not taken when the connection ends is sent again on the next one.
 */
import type { Mailbox, RelayQueue, StoredItem } from './queue.ts'

export interface MailDrainDeps {
  readonly queue: RelayQueue
  readonly mailbox: Mailbox
  /** Items sent and not taken yet, at most. */
  readonly window: number
  /** False while the member reads too slowly; `wake` is called when that is over. */
  readonly canSend: () => boolean
  readonly send: (item: StoredItem) => void
}

/** Read from the disk at once; large items would fill the memory otherwise. */
const PAGE = 8

export class MailDrain {
  readonly #deps: MailDrainDeps
  readonly #pending = new Set<string>()
  #lastSeq = 0
  #isFilling = false
  #isAsked = false
  #isStopped = false

  constructor(deps: MailDrainDeps) {
    this.#deps = deps
  }

  /** There may be something to send. */
  async wake(): Promise<void> {
    this.#isAsked = true
    if (this.#isFilling) return
    this.#isFilling = true
    try {
      while (this.#isAsked) {
        this.#isAsked = false
        await this.#fill()
      }
    } finally {
      this.#isFilling = false
    }
  }

  /** How many of these were really pending: an item that was never sent cannot be taken. */
  async taken(ids: readonly string[]): Promise<number> {
    const known = ids.filter((id) => this.#pending.has(id))
    if (known.length === 0) return 0
    await this.#deps.queue.ack(this.#deps.mailbox, known)
    for (const id of known) this.#pending.delete(id)
    await this.wake()
    return known.length
  }

  stop(): void {
    this.#isStopped = true
  }

  async #fill(): Promise<void> {
    while (this.#mayGoOn()) {
      const room = Math.min(PAGE, this.#deps.window - this.#pending.size)
      const items = await this.#deps.queue.next(this.#deps.mailbox, this.#lastSeq, room)
      if (items.length === 0) return
      for (const item of items) {
        if (this.#isStopped) return
        this.#lastSeq = item.seq
        this.#pending.add(item.id)
        this.#deps.send(item)
      }
    }
  }

  #mayGoOn(): boolean {
    return !this.#isStopped && this.#pending.size < this.#deps.window && this.#deps.canSend()
  }
}
