/** Who is at a relay is a candidate like any other: the relay's word is a hint, and only the handshake proves anything. */

import { LIMITS } from '../base/limits.ts'
import { isPrivateValue } from '../mmp/group.ts'
import { COMMON_ROOM, type RelayRoom, relayRoomOf } from '../mmp/relay-room.ts'
import type { RelayAddress } from '../transport/connection.ts'
import type { Announcement, Candidate, Discovery, DiscoveryEvents } from './discovery.ts'

/** Where it is heard who is there. */
export interface RelayPresence {
  /** Only who is in one of these rooms is told of. */
  setRooms(rooms: readonly RelayRoom[]): void
  watch(watcher: { readonly onHere: (address: RelayAddress) => void; readonly onGone: (address: RelayAddress) => void }): void
}

export function createRelayDiscovery(presence: RelayPresence): Discovery {
  const here = new Map<string, Candidate>()
  let events: DiscoveryEvents | undefined
  return {
    start: async (announcement, listener) => {
      events = listener
      presence.setRooms(roomsOf(announcement))
      presence.watch({
        onHere: (address) => {
          const candidate = candidateOf(address)
          // Who comes anew has to be dialed anew, whatever became of the last try.
          if (here.has(candidate.id)) events?.onLost(candidate.id)
          here.set(candidate.id, candidate)
          events?.onFound(candidate)
        },
        onGone: (address) => {
          const { id } = candidateOf(address)
          if (here.delete(id)) events?.onLost(id)
        },
      })
    },
    update: (announcement) => presence.setRooms(roomsOf(announcement)),
    refresh: () => {
      for (const candidate of here.values()) events?.onFound(candidate)
    },
    health: () => ({ problem: undefined }),
    stop: async () => {
      events = undefined
    },
  }
}

/** The groups that we are in, and those that we have an invite to. */
/** Stock nodes name no rooms: who admits them is also where such are. */
function roomsOf({ groups, hidden = [], stock }: Announcement): readonly RelayRoom[] {
  const open = groups.filter((group) => !isPrivateValue(group))
  const own = [...open, ...hidden.map(({ room }) => room)].map(relayRoomOf)
  return [...new Set(stock ? [COMMON_ROOM, ...own] : own)].slice(0, LIMITS.relayRooms).sort()
}

function candidateOf(address: RelayAddress): Candidate {
  const id = `relay:${address.nodeId}@${address.relay}`
  return { source: 'relay', id, nodeId: address.nodeId, groups: undefined, addresses: [address] }
}
