/**
 * The embedded router: the members of one process. Each group is an object of its own, and there is no table of ids
 * across groups, so nothing that one tenant does can be seen or felt by another.
 *
 * Two holders of one id: a proven owner wins over anybody without the key, the newest proof of the same key wins over an
 * older one, and between two without a key MMP's rule holds (the older one stays for its first five seconds).
 */
import type { Clock } from '../base/clock.ts'
import type { Fingerprint, NodeId } from '../identity/ids.ts'
import { hintOf } from '../mmp/relay-pass.ts'
import type { RelayGroup } from '../mmp/relay-proof.ts'
import type { RelayRoom } from '../mmp/relay-room.ts'
import type { RelayLimits } from './limits.ts'
import type { MemberBook } from './member-book.ts'
import { textFrame } from './outbound.ts'
import type { JoinOutcome, RelayMember, RelayRouter } from './router.ts'

/** MMP: a connection this young is not replaced. */
const YOUNG_MS = 5_000

/** All members of one token; within it who shares no room does not hear of each other. */
interface Hall {
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
  readonly #halls = new Map<RelayGroup, Hall>()
  /** By its hint, each group that has members. */
  readonly #hints = new Map<string, RelayGroup>()

  constructor(deps: LocalRouterDeps) {
    this.#deps = deps
  }

  get groups(): number {
    return this.#halls.size
  }

  async join(group: RelayGroup, member: RelayMember): Promise<JoinOutcome> {
    const refused = this.#refusal(group, member)
    if (refused) return refused
    if (member.proven && !member.isGuest) await this.#deps.book.note(group, member.nodeId, member.proven.publicKey)
    // While the disk was written somebody else may have come.
    return this.#refusal(group, member) ?? this.#enter(group, member)
  }

  leave(group: RelayGroup, member: RelayMember): void {
    const hall = this.#halls.get(group)
    if (hall?.members.get(member.nodeId) !== member) return
    this.#remove(hall, member)
    if (hall.members.size === 0) this.#forget(group)
    else tell(othersIn(hall, member), textFrame(`{"type":"relay-peer-left",${member.facts}}`))
  }

  send(group: RelayGroup, from: RelayMember, to: NodeId | undefined, frame: Buffer): number {
    const hall = this.#halls.get(group)
    if (hall === undefined) return 0
    if (to === undefined) return toOthers(hall, from, frame)
    const target = hall.members.get(to)
    if (target === undefined || target === from || !isTogether(from.rooms, target.rooms)) return 0
    target.deliver(frame, from)
    return 1
  }

  move(group: RelayGroup, member: RelayMember, rooms: ReadonlySet<RelayRoom>): void {
    const before = this.others(group, member)
    member.rooms = rooms
    if (this.#halls.get(group)?.members.get(member.nodeId) !== member) return
    const after = this.others(group, member)
    const [left, joined] = [without(before, after), without(after, before)]
    tell(left, textFrame(`{"type":"relay-peer-left",${member.facts}}`))
    tell(joined, textFrame(`{"type":"relay-peer-joined",${member.facts}}`))
  }

  others(group: RelayGroup, member: RelayMember): readonly RelayMember[] {
    const hall = this.#halls.get(group)
    return hall ? othersIn(hall, member) : []
  }

  groupOf(hint: string): RelayGroup | undefined {
    return this.#hints.get(hint)
  }

  async knows(group: RelayGroup, fingerprint: Fingerprint): Promise<boolean> {
    return this.#deps.book.knows(group, fingerprint)
  }

  wake(group: RelayGroup, fingerprint: Fingerprint): void {
    this.#halls.get(group)?.byKey.get(fingerprint)?.onMail()
  }

  expire(): Promise<void> {
    return this.#deps.book.expire()
  }

  #refusal(group: RelayGroup, member: RelayMember): Extract<JoinOutcome, { kind: 'refused' }> | undefined {
    const hall = this.#halls.get(group)
    const holder = hall?.members.get(member.nodeId)
    if (member.isGuest && this.#isFullOfGuests(hall, member)) return { kind: 'refused', why: 'group-full' }
    const owner = this.#deps.book.ownerOf(group, member.nodeId)
    if (owner !== undefined && !isKeyOf(member, owner)) return { kind: 'refused', why: 'id-taken' }
    if (holder === undefined) {
      const isReturning = member.proven !== undefined && hall?.byKey.has(member.proven.fingerprint)
      return !isReturning && (hall?.members.size ?? 0) >= this.#deps.limits.perGroup ? { kind: 'refused', why: 'group-full' } : undefined
    }
    if (holder.proven !== undefined) return isKeyOf(member, holder.proven.publicKey) ? undefined : { kind: 'refused', why: 'id-taken' }
    if (member.isGuest) return { kind: 'refused', why: 'id-taken' }
    const isYoung = this.#deps.clock.monotonic() - holder.since < YOUNG_MS
    return member.proven === undefined && isYoung ? { kind: 'refused', why: 'duplicate' } : undefined
  }

  #isFullOfGuests(hall: Hall | undefined, coming: RelayMember): boolean {
    const guests = [...(hall?.members.values() ?? [])].filter(({ isGuest, nodeId }) => isGuest && nodeId !== coming.nodeId)
    return guests.length >= this.#deps.limits.guestsPerGroup
  }

  #forget(group: RelayGroup): void {
    this.#halls.delete(group)
    this.#hints.delete(hintOf(group))
  }

  #enter(group: RelayGroup, member: RelayMember): JoinOutcome {
    const hall = this.#halls.get(group) ?? { members: new Map(), byKey: new Map() }
    this.#halls.set(group, hall)
    this.#hints.set(hintOf(group), group)
    // One key, one connection: also when it comes back under another id.
    const sameId = hall.members.get(member.nodeId)
    const sameKey = member.proven && hall.byKey.get(member.proven.fingerprint)
    for (const old of new Set([sameId, sameKey])) if (old) this.#replace(hall, old, member)
    hall.members.set(member.nodeId, member)
    if (member.proven) hall.byKey.set(member.proven.fingerprint, member)
    // Who takes its own place was never gone, but the others learn that it begins anew.
    tell(othersIn(hall, member), textFrame(`{"type":"relay-peer-joined",${member.facts}}`))
    return { kind: 'joined' }
  }

  #replace(hall: Hall, old: RelayMember, by: RelayMember): void {
    this.#remove(hall, old)
    const isSameKey = old.proven !== undefined && isKeyOf(by, old.proven.publicKey)
    const [before, after] = [othersIn(hall, old), old.nodeId === by.nodeId ? othersIn(hall, by) : []]
    tell(without(before, after), textFrame(`{"type":"relay-peer-left",${old.facts}}`))
    old.replaced(isSameKey ? 'same-key' : 'same-id')
  }

  #remove(hall: Hall, member: RelayMember): void {
    hall.members.delete(member.nodeId)
    if (member.proven && hall.byKey.get(member.proven.fingerprint) === member) hall.byKey.delete(member.proven.fingerprint)
  }
}

function isKeyOf(member: RelayMember, publicKey: Uint8Array): boolean {
  return member.proven !== undefined && Buffer.compare(member.proven.publicKey, publicKey) === 0
}

function isTogether(one: ReadonlySet<RelayRoom>, other: ReadonlySet<RelayRoom>): boolean {
  // Who names no rooms has the very same set as all others who name none.
  if (one === other) return true
  for (const room of one) if (other.has(room)) return true
  return false
}

function othersIn(hall: Hall, member: RelayMember): readonly RelayMember[] {
  return [...hall.members.values()].filter((other) => other !== member && isTogether(member.rooms, other.rooms))
}

function without(members: readonly RelayMember[], less: readonly RelayMember[]): readonly RelayMember[] {
  const gone = new Set(less)
  return gone.size === 0 ? members : members.filter((member) => !gone.has(member))
}

function tell(members: readonly RelayMember[], frame: Buffer): void {
  for (const member of members) member.deliver(frame, undefined)
}

function toOthers(hall: Hall, from: RelayMember, frame: Buffer): number {
  let sent = 0
  for (const member of hall.members.values()) {
    if (member === from || !isTogether(from.rooms, member.rooms)) continue
    member.deliver(frame, from)
    sent++
  }
  return sent
}
