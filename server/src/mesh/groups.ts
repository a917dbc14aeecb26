/**
 * The groups that this node is in, and the hot swap between them. A change is all or nothing: the new group is announced
 * and accepted before the old one is given up, and what cannot be announced leaves everything as it was. Peers of groups
 * that stay keep their links; what waits for a peer of a group that was left waits for the day it is joined again.
 */
import { MeshError, messageOf } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { GroupName } from '../mmp/group.ts'

/** The current group comes first: what is said to nobody in particular goes there. */
export type JoinedGroups = readonly [GroupName, ...GroupName[]]

export interface GroupChange {
  readonly groups: JoinedGroups
  readonly joined: readonly GroupName[]
  readonly left: readonly GroupName[]
}

export interface GroupsDeps {
  /** Tells everybody which groups this node is in. What it throws takes the change back. */
  readonly announce: (groups: JoinedGroups) => void
  /** Called after a change holds. */
  readonly onChanged: (change: GroupChange) => void
}

export class Groups {
  readonly #deps: GroupsDeps
  #joined: JoinedGroups

  constructor(groups: JoinedGroups, deps: GroupsDeps) {
    this.#joined = groups
    this.#deps = deps
  }

  get all(): JoinedGroups {
    return this.#joined
  }

  has(group: string): boolean {
    return this.#joined.some((own) => own === group)
  }

  /** Makes `group` the current one, in the place of the one before it, or with `keep` beside it. */
  join(group: GroupName, keep: boolean): GroupChange {
    const [current, ...others] = this.#joined
    const stay = [...(keep ? [current] : []), ...others].filter((other) => other !== group)
    if (stay.length >= LIMITS.group.joined)
      throw new MeshError(
        'limit-exceeded',
        `a node is in at most ${LIMITS.group.joined} groups at once; leave one first. Nothing was changed`,
      )
    return this.#change([group, ...stay])
  }

  leave(group: GroupName): GroupChange {
    if (!this.has(group))
      throw new MeshError(
        'argument-invalid',
        `this node is not in the group ${group}; it is in ${this.#joined.join(', ')}. Nothing was changed`,
      )
    const [current, ...others] = this.#joined.filter((other) => other !== group)
    if (current === undefined)
      throw new MeshError('argument-invalid', `${group} is the only group of this node; join another one in its place. Nothing was changed`)
    return this.#change([current, ...others])
  }

  #change(groups: JoinedGroups): GroupChange {
    const before = this.#joined
    const left = before.filter((group) => !groups.includes(group))
    const change = { groups, left, joined: groups.filter((group) => !before.includes(group)) }
    try {
      if (left.length > 0) this.#hold([...groups, ...left])
      this.#hold(groups)
    } catch (thrown) {
      this.#restore(before)
      throw new MeshError('internal', `the group could not be changed (${messageOf(thrown)}); nothing was changed`, { cause: thrown })
    }
    this.#deps.onChanged(change)
    return change
  }

  /** Handshakes are accepted for these before anybody is told of them. */
  #hold(groups: JoinedGroups): void {
    this.#joined = groups
    this.#deps.announce(groups)
  }

  #restore(groups: JoinedGroups): void {
    this.#joined = groups
    try {
      this.#deps.announce(groups)
    } catch {
      // The same fault again: who asks is told of it, and the groups are as they were.
    }
  }
}
