/**
 * Links that hold a token, under short names: a result shows the name, so that the token is not repeated into the
 * conversation, and a later call can still use the link. In memory, for ten minutes, a few at a time.
 */
import { toHex } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import { Secret } from '../base/secret.ts'

const HANDLE = /^invite:[0-9a-f]{16}$/

export class InviteHandles {
  readonly #clock: Clock
  readonly #random: RandomBytes
  readonly #links = new Map<string, { readonly link: Secret; readonly untilMs: number }>()

  constructor(clock: Clock, random: RandomBytes) {
    this.#clock = clock
    this.#random = random
  }

  put(link: string): string {
    const handle = `invite:${toHex(this.#random(8))}`
    this.#links.set(handle, { link: new Secret(link), untilMs: this.#clock.monotonic() + LIMITS.invite.handleMs })
    const [oldest] = this.#links.keys()
    if (this.#links.size > LIMITS.invite.handles && oldest !== undefined) this.#links.delete(oldest)
    return handle
  }

  /** The link behind a handle; the text itself when it is none; undefined for a handle that is over. */
  resolve(text: string): string | undefined {
    if (!HANDLE.test(text.trim())) return text
    const found = this.#links.get(text.trim())
    return found && this.#clock.monotonic() < found.untilMs ? found.link.reveal() : undefined
  }
}
