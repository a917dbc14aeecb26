/**
 * The small file by which hooks learn that there is something for them. They only ask whether there is, so it is written
 * when that changes and not for each arrival; no file means that nothing waits, which is what hooks nearly always find.
 */
import { removeDoor, writeDoor } from '../local/door.ts'

export interface DoorFileOwner {
  readonly root: string
  readonly parentPid: number
  readonly pid: number
}

export class DoorFile {
  readonly #owner: DoorFileOwner
  #isWaiting = false
  #isWanted = false

  constructor(owner: DoorFileOwner) {
    this.#owner = owner
  }

  /** `waiting`: items that a hook could show. `wants`: events that the server wants to hear of in any case. */
  update(waiting: number, wants: readonly string[]): void {
    if (this.#isWaiting === waiting > 0 && this.#isWanted === wants.length > 0) return
    this.#isWaiting = waiting > 0
    this.#isWanted = wants.length > 0
    const { root, parentPid, pid } = this.#owner
    if (this.#isWaiting || this.#isWanted) writeDoor(root, parentPid, pid, { waiting, wants })
    else removeDoor(root, parentPid, pid)
  }

  remove(): void {
    this.update(0, [])
  }
}
