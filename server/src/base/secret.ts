/**
 * A text that must not be seen: whatever prints, logs or serialises it gets `[secret]`. Only `reveal` gives it back, so
 * each place where a secret leaves can be found by that word.
 */
import { timingSafeEqual } from 'node:crypto'
import { inspect } from 'node:util'
import { sha256, utf8 } from './bytes.ts'

const SHOWN = '[secret]'

export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  /** Takes the same time whatever differs, the length included. */
  equals(other: Secret): boolean {
    return timingSafeEqual(sha256(utf8(this.#text)), sha256(utf8(other.reveal())))
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  [Symbol.toPrimitive](): string {
    return SHOWN
  }

  [inspect.custom](): string {
    return SHOWN
  }
}
