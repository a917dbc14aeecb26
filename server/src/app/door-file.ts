/**
 * The small file by which hooks learn that there is something for them. They only ask whether there is, so it is written
 * when that changes and not for each arrival; no file means that nothing waits and that no event is wanted.
 */
import { removeDoor, writeDoor } from '../local/door.ts'

export interface DoorFileOwner {
  readonly root: string
  readonly parentPid: number
  readonly pid: number
}

export class DoorFile {
  readonly #owner: DoorFileOwner
  #waiting = 0
  #wants: readonly string[] = []
  #written = ''

  constructor(owner: DoorFileOwner) {
    this.#owner = owner
  }

  /** Items that a hook could show. */
  setWaiting(count: number): void {
    this.#waiting = count
    this.#write()
  }

  /** Events that the server wants to hear of in any case. */
  setWants(events: readonly string[]): void {
    this.#wants = events
    this.#write()
  }

  remove(): void {
    this.#waiting = 0
    this.setWants([])
  }

  #write(): void {
    const [isWaiting, wants] = [this.#waiting > 0, this.#wants]
    const written = isWaiting || wants.length > 0 ? `${isWaiting} ${wants.join(' ')}` : ''
    if (written === this.#written) return
    this.#written = written
    const { root, parentPid, pid } = this.#owner
    if (written === '') removeDoor(root, parentPid, pid)
    else writeDoor(root, parentPid, pid, { waiting: this.#waiting, wants })
  }
}
