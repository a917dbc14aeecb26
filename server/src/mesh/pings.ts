/** Who answers now, and how soon: pings of a link with the answers to them, and a group asked peer by peer. */
import type { Clock } from '../base/clock.ts'
import type { Scope } from '../base/scope.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { Link } from './link.ts'
import type { LinkKind, PeerView } from './views.ts'

/** Of one link. Answers have no name, and come in the order of the questions. */
export class Pings {
  readonly #clock: Clock
  readonly #scope: Scope
  readonly #send: () => boolean
  readonly #open: (() => void)[] = []

  constructor(clock: Clock, scope: Scope, send: () => boolean) {
    this.#clock = clock
    this.#scope = scope
    this.#send = send
  }

  /** False when it could not be sent. */
  ask(onAnswer = (): void => {}): boolean {
    const isSent = this.#send()
    if (isSent) this.#open.push(onAnswer)
    return isSent
  }

  answered(): void {
    this.#open.shift()?.()
  }

  roundTrip(withinMs: number): Promise<number | undefined> {
    const asked = this.#clock.monotonic()
    return new Promise((resolve) => {
      const end = (ms: number | undefined): void => {
        cancel()
        forget()
        resolve(ms)
      }
      const cancel = this.#scope.after(withinMs, () => end(undefined))
      const forget = this.#scope.defer(() => resolve(undefined))
      if (!this.ask(() => end(this.#clock.monotonic() - asked))) end(undefined)
    })
  }
}

export interface Answer {
  readonly name: string
  readonly fingerprint: Fingerprint
  readonly path: LinkKind
  /** There and back; undefined: no answer in time. */
  readonly ms: number | undefined
}

const ANSWER_MS = 3_000

/** Each over the path that its next message takes. */
export async function askAll(
  peers: readonly PeerView[],
  linkTo: (fingerprint: Fingerprint, group: string) => Link | undefined,
): Promise<readonly Answer[]> {
  const asked = peers.flatMap(({ name, fingerprint, group }) => {
    const link = linkTo(fingerprint, group)
    return link ? [{ name, fingerprint, link }] : []
  })
  return Promise.all(
    asked.map(async ({ name, fingerprint, link }) => ({ name, fingerprint, path: link.kind, ms: await link.roundTrip(ANSWER_MS) })),
  )
}
