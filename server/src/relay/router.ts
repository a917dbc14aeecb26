/**
 * Who is connected, and how a message finds them: the first of the two things that a relay keeps. All state about members
 * stands behind this interface, so that several relay processes can share it over a message bus; the server itself knows
 * only its own sockets.
 *
 * A group is a world of its own: every call names one, and nothing is ever looked up across groups.
 */
import type { Fingerprint, NodeId } from '../identity/ids.ts'
import type { RelayGroup } from '../mmp/relay-proof.ts'
import type { RelayRoom } from '../mmp/relay-room.ts'

/** One connection that was let in. */
export interface RelayMember {
  readonly nodeId: NodeId
  readonly name: string
  /** What others are told of it: members of a JSON object, without its braces. */
  readonly facts: string
  /** Present when it proved this key. */
  readonly proven: { readonly publicKey: Uint8Array; readonly fingerprint: Fingerprint } | undefined
  /** It came with a pass: it has no mailbox, owns no id, and takes one of few places. */
  readonly isGuest: boolean
  /** Who shares none of them neither sees it nor reaches it. Changed by the router alone. */
  rooms: ReadonlySet<RelayRoom>
  /** When it came in, on the clock that only grows. */
  readonly since: number
  /** Takes one finished WebSocket frame. `from` waits while this member reads too slowly. */
  deliver(frame: Buffer, from: RelayMember | undefined): void
  /** Something was put into its mailbox. */
  onMail(): void
  /** Another connection takes its place. */
  replaced(by: 'same-key' | 'same-id'): void
  /** Reads nothing more from it until the returned function is called. */
  hold(): () => void
}

export type JoinOutcome = { readonly kind: 'joined' } | { readonly kind: 'refused'; readonly why: 'duplicate' | 'id-taken' | 'group-full' }

export interface RelayRouter {
  /** Lets it in and tells the others, or says why not. Settles two holders of one id. */
  join(group: RelayGroup, member: RelayMember): Promise<JoinOutcome>
  /** Tells the others, unless another connection has taken its place. */
  leave(group: RelayGroup, member: RelayMember): void
  /** It is in other rooms now; who sees it no longer, or anew, is told. */
  move(group: RelayGroup, member: RelayMember, rooms: ReadonlySet<RelayRoom>): void
  /** How many members the frame went to; without `to` to all that the sender shares a room with. */
  send(group: RelayGroup, from: RelayMember, to: NodeId | undefined, frame: Buffer): number
  /** Whom it shares a room with. */
  others(group: RelayGroup, member: RelayMember): readonly RelayMember[]
  /** The group of this hint, while it has members. */
  groupOf(hint: string): RelayGroup | undefined
  /** Whether this key has proven itself in this group of late: others have no mailbox here. */
  knows(group: RelayGroup, fingerprint: Fingerprint): Promise<boolean>
  /** Tells the member with this key, if it is here, that mail waits. */
  wake(group: RelayGroup, fingerprint: Fingerprint): void
  /** Forgets who has not come for long. */
  expire(): Promise<void>
}
