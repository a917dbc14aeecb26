/**
 * The embedded router: the members of one process. Each group is an object of its own, and there is no table of ids
 * across groups, so nothing that one tenant does can be seen or felt by another.
 *
 * Two holders of one id: a proven owner wins over anybody without the key, the newest proof of the same key wins over an
 * older one, and between two without a key MMP's rule holds (the older one stays for its first five seconds).
 */
import type { Clock } from '../base/clock.ts'
import type { Fingerprint, NodeId } from '../identity/ids.ts'
import type { RelayGroup } from '../mmp/relay-proof.ts'
import type { RelayLimits } from './limits.ts'
import type { MemberBook } from './member-book.ts'
import { textFrame } from './outbound.ts'
import type { JoinOutcome, RelayMember, RelayRouter } from './router.ts'

/** MMP: a connection this young is not replaced. */
const YOUNG_MS = 5_000

interface Room {
  readonly members: Map<NodeId, RelayMember>
  readonly byKey: Map<Fingerprint, RelayMember>
}

export interface LocalRouterDeps {
  readonly clock: Clock
  readonly book: MemberBook
  readonly limits: RelayLimits
}

export class LocalRouter implements RelayRouter {
  readonly #deps: LocalRouterDeps
  readonly #rooms = new Map<RelayGroup, Room>()

  constructor(deps: LocalRouterDeps) {
    this.#deps = deps
  }

  get groups(): number {
    return this.#rooms.size
  }

  async join(group: RelayGroup, member: RelayMember): Promise<JoinOutcome> {
    const refused = this.#refusal(group, member)
    if (refused) return refused
    if (member.proven) await this.#deps.book.note(group, member.nodeId, member.proven.publicKey)
    // While the disk was written somebody else may have come.
    return this.#refusal(group, member) ?? this.#enter(group, member)
  }

  leave(group: RelayGroup, member: RelayMember): void {
    const room = this.#rooms.get(group)
    if (room?.members.get(member.nodeId) !== member) return
    this.#remove(room, member)
    if (room.members.size === 0) this.#rooms.delete(group)
    else tell(room, member, `{"type":"relay-peer-left",${member.facts}}`)
  }

  send(group: RelayGroup, from: RelayMember, to: NodeId | undefined, frame: Buffer): number {
    const room = this.#rooms.get(group)
    if (room === undefined) return 0
    if (to === undefined) return toOthers(room, from, frame, from)
    const target = room.members.get(to)
    if (target === undefined || target === from) return 0
    target.deliver(frame, from)
    return 1
  }

  members(group: RelayGroup): readonly RelayMember[] {
    return [...(this.#rooms.get(group)?.members.values() ?? [])]
  }

  async knows(group: RelayGroup, fingerprint: Fingerprint): Promise<boolean> {
    return this.#deps.book.knows(group, fingerprint)
  }

  wake(group: RelayGroup, fingerprint: Fingerprint): void {
    this.#rooms.get(group)?.byKey.get(fingerprint)?.onMail()
  }

  expire(): Promise<void> {
    return this.#deps.book.expire()
  }

  #refusal(group: RelayGroup, member: RelayMember): Extract<JoinOutcome, { kind: 'refused' }> | undefined {
    const room = this.#rooms.get(group)
    const holder = room?.members.get(member.nodeId)
    const owner = this.#deps.book.ownerOf(group, member.nodeId)
    if (owner !== undefined && !isKeyOf(member, owner)) return { kind: 'refused', why: 'id-taken' }
    if (holder === undefined) {
      const isReturning = member.proven !== undefined && room?.byKey.has(member.proven.fingerprint)
      return !isReturning && (room?.members.size ?? 0) >= this.#deps.limits.perGroup ? { kind: 'refused', why: 'group-full' } : undefined
    }
    if (holder.proven !== undefined) return isKeyOf(member, holder.proven.publicKey) ? undefined : { kind: 'refused', why: 'id-taken' }
    const isYoung = this.#deps.clock.monotonic() - holder.since < YOUNG_MS
    return member.proven === undefined && isYoung ? { kind: 'refused', why: 'duplicate' } : undefined
  }

  #enter(group: RelayGroup, member: RelayMember): JoinOutcome {
    const room = this.#rooms.get(group) ?? { members: new Map(), byKey: new Map() }
    this.#rooms.set(group, room)
    // One key, one connection: also when it comes back under another id.
    const sameId = room.members.get(member.nodeId)
    const sameKey = member.proven && room.byKey.get(member.proven.fingerprint)
    for (const old of new Set([sameId, sameKey])) if (old) this.#replace(room, old, member)
    const others = [...room.members.values()]
    room.members.set(member.nodeId, member)
    if (member.proven) room.byKey.set(member.proven.fingerprint, member)
    // Who takes its own place was never gone, but the others learn that it begins anew.
    tell(room, member, `{"type":"relay-peer-joined",${member.facts}}`)
    return { kind: 'joined', others }
  }

  #replace(room: Room, old: RelayMember, by: RelayMember): void {
    this.#remove(room, old)
    const isSameKey = old.proven !== undefined && isKeyOf(by, old.proven.publicKey)
    if (old.nodeId !== by.nodeId) tell(room, old, `{"type":"relay-peer-left",${old.facts}}`)
    old.replaced(isSameKey ? 'same-key' : 'same-id')
  }

  #remove(room: Room, member: RelayMember): void {
    room.members.delete(member.nodeId)
    if (member.proven && room.byKey.get(member.proven.fingerprint) === member) room.byKey.delete(member.proven.fingerprint)
  }
}

function isKeyOf(member: RelayMember, publicKey: Uint8Array): boolean {
  return member.proven !== undefined && Buffer.compare(member.proven.publicKey, publicKey) === 0
}

function tell(room: Room, about: RelayMember, text: string): void {
  if (room.members.size > 0) toOthers(room, about, textFrame(text), undefined)
}

function toOthers(room: Room, except: RelayMember, frame: Buffer, from: RelayMember | undefined): number {
  let sent = 0
  for (const member of room.members.values()) {
    if (member === except) continue
    member.deliver(frame, from)
    sent++
  }
  return sent
}
