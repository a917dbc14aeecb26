/**
 * The list of peers as people see it: each key once, whatever groups and paths it is known in, narrowed to what is near,
 * and always in the same order (here before away, then by name, then by key).
 */
import { assertNever } from '../base/errors.ts'
import type { PeerView, Place, RosterView } from './views.ts'

export interface RosterQuery {
  readonly isHereOnly?: boolean | undefined
  /** Narrowed to this; everybody when absent. */
  readonly where?: Place | undefined
}

export interface Roster {
  readonly peers: readonly RosterView[]
  /** Peers that are here and do not tell where they work, when that was asked for. */
  readonly silent: number
}

export function rosterOf(known: readonly PeerView[], { isHereOnly, where }: RosterQuery, currentGroup: string): Roster {
  const all = merge(known).filter((peer) => peer.isHere || !isHereOnly)
  const peers = where === undefined ? all : all.filter((peer) => isAt(where, peer, currentGroup))
  const asksPlace = where === 'folder' || where === 'repository'
  const silent = asksPlace ? all.filter((peer) => peer.isHere && peer.presence?.folder === undefined).length : 0
  return { peers: peers.sort(inOrder), silent }
}

/** One key in two groups is one peer: the best view of it, with all of its groups. */
function merge(known: readonly PeerView[]): RosterView[] {
  const views = new Map<string, PeerView[]>()
  for (const peer of known) views.set(peer.fingerprint, [...(views.get(peer.fingerprint) ?? []), peer])
  return [...views.values()].flatMap((same) => {
    const [best] = [...same].sort((a, b) => rank(b) - rank(a) || b.lastSeen - a.lastSeen)
    return best ? [{ ...best, groups: [...new Set(same.map(({ group }) => group))].sort() }] : []
  })
}

function isAt(where: Place, peer: RosterView, currentGroup: string): boolean {
  switch (where) {
    // A link of this machine proves the place; of a peer that is away, or comes over the network, nothing is known.
    case 'machine':
      return peer.path === 'machine'
    case 'folder':
      return peer.presence?.isSameFolder ?? false
    case 'repository':
      return peer.presence?.isSameRepository ?? false
    case 'group':
      return peer.groups.includes(currentGroup)
    default:
      return assertNever(where)
  }
}

/** Here before away, and of two links to one machine the shorter. */
function rank({ isHere, path }: PeerView): number {
  return Number(isHere) * 2 + Number(path === 'machine')
}

function inOrder(a: RosterView, b: RosterView): number {
  const byPresence = Number(b.isHere) - Number(a.isHere)
  const byName = a.name < b.name ? -1 : Number(a.name > b.name)
  return byPresence || byName || (a.fingerprint < b.fingerprint ? -1 : 1)
}

/** `#rust`: whoever carries the tag. A peer that calls itself so is meant by its fingerprint. */
export function tagOf(to: string | undefined): string | undefined {
  return /^#([a-z0-9][a-z0-9-]{0,62})$/.exec(to?.trim() ?? '')?.[1]
}
