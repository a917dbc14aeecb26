/**
 * Which open groups there are nearby, also such as this node is not in. Names come from the network, so they are data:
 * whoever shows them says so. Where nobody of our own groups is here it looks around by itself now and then, since the
 * usual reason is that the others are in another group (R98).
 */
import type { Clock } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { Scope } from '../base/scope.ts'
import type { Discovery } from '../discovery/discovery.ts'
import type { NearbyGroup } from './views.ts'

export interface GroupFinderDeps {
  readonly clock: Clock
  readonly guard: Guard
  readonly discoveries: readonly Discovery[]
  /** The current one first. */
  readonly groups: () => readonly string[]
  /** Node ids of the peers of a group that are here. */
  readonly peersHere: (group: string) => readonly string[]
}

/** Answers to multicast questions come within a fraction of it. */
const LISTEN_MS = 1_000
const FIRST_LOOK_MS = 2_000
const LOOK_AGAIN_MS = 60_000

export class GroupFinder {
  readonly #deps: GroupFinderDeps

  constructor(deps: GroupFinderDeps) {
    this.#deps = deps
  }

  /** Asks the network and listens for a second. Ours first, also when nobody of them is there. */
  async find(scope: Scope): Promise<readonly NearbyGroup[]> {
    this.#ask()
    await new Promise<void>((resolve) => {
      const forget = scope.defer(resolve)
      scope.after(LISTEN_MS, () => {
        forget()
        resolve()
      })
    })
    return this.nearby()
  }

  /** What was heard lately. */
  nearby(): readonly NearbyGroup[] {
    const own = this.#deps.groups()
    const heard = this.#heard()
    for (const group of own) heard.set(group, new Set([...(heard.get(group) ?? []), ...this.#deps.peersHere(group)]))
    const all = [...heard].map(([name, nodes]) => ({
      name,
      nodes: nodes.size,
      isJoined: own.includes(name),
      isCurrent: own[0] === name,
    }))
    const rank = (group: NearbyGroup): number => (group.isCurrent ? 2 : Number(group.isJoined))
    return all.sort((a, b) => rank(b) - rank(a) || b.nodes - a.nodes || (a.name < b.name ? -1 : 1)).slice(0, LIMITS.group.listed)
  }

  /** One sentence when nobody of ours is here and somebody of another group is. */
  mismatch(): string | undefined {
    const nearby = this.nearby()
    if (nearby.some(({ isJoined, nodes }) => isJoined && nodes > 0)) return undefined
    const [other] = nearby.filter(({ isJoined, nodes }) => !isJoined && nodes > 0)
    if (other === undefined) return undefined
    const who = other.nodes === 1 ? 'a peer on this machine or network is' : `${other.nodes} peers on this machine or network are`
    return `Nobody of group ${nearby[0]?.name} is here, but ${who} in another group, ${JSON.stringify(other.name)}. If you belong together, one side joins the other's group.`
  }

  /** Looks around while nobody is here, until the scope stops. */
  watch(scope: Scope): void {
    const look = (): void => {
      const isAlone = this.#deps.groups().every((group) => this.#deps.peersHere(group).length === 0)
      if (isAlone) this.#ask()
    }
    scope.after(FIRST_LOOK_MS, look)
    scope.every(LOOK_AGAIN_MS, look)
  }

  #ask(): void {
    for (const discovery of this.#deps.discoveries) this.#deps.guard.run('browse', () => discovery.browse?.())
  }

  #heard(): Map<string, Set<string>> {
    const heard = new Map<string, Set<string>>()
    for (const { group, nodeIds } of this.#deps.discoveries.flatMap((discovery) => discovery.groupsSeen?.() ?? [])) {
      heard.set(group, new Set([...(heard.get(group) ?? []), ...nodeIds]))
    }
    return heard
  }
}
