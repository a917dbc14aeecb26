/**
 * The private groups of this node: who may come in, what an outsider is shown of them, and what travels between members
 * so that a removal reaches everybody: the list of removed certificates and the secret of the newest epoch, handed on over
 * each proven link. What is decided stands in files that all sessions share; whoever changes one is heard by all.
 */
import { toHex } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import type { HiddenService } from '../discovery/discovery.ts'
import { type Fingerprint, parseFingerprint } from '../identity/ids.ts'
import type { UserKey } from '../identity/user-key.ts'
import type { Frame } from '../mmp/frames.ts'
import { type GroupName, isPrivateValue, privateRoom } from '../mmp/group.ts'
import { lanTagOf } from '../secure/membership.ts'
import type { Session } from '../secure/session.ts'
import type { Audit } from '../store/audit-log.ts'
import type { Database } from '../store/database.ts'
import type { AccessInput } from './access.ts'
import { groupNotes } from './decision-notes.ts'
import { type GroupContent, groupValueOf, isJoining, isMemberNow, listOf, redeem, renew, takeGrant, takeList } from './group-file.ts'
import type { GroupShelf, ShelfEntry } from './group-shelf.ts'
import type { Link } from './link.ts'
import { createGate, type Gate, type GateSettle, grantOf, type KnownGroup, type MemberFrame, type ProvenMember } from './member-gate.ts'

export interface PrivateGroupsDeps {
  readonly shelf: GroupShelf
  /** Asked for when there is a private group, and not before. */
  readonly userKey: () => Promise<UserKey>
  readonly nodeKey: Uint8Array
  readonly clock: Clock
  readonly random: RandomBytes
  readonly guard: Guard
  readonly db: Database
  readonly links: () => readonly Link[]
  readonly audit: Audit
}

export interface PrivateGroupsEvents {
  /** A frame that came with the proof and belongs behind it. */
  readonly onFrame: (link: Link, frame: Frame) => void
  /** A membership began or ended, ours or another's: links, announcements and access are to be looked at again. */
  readonly onChanged: () => void
}

interface Held extends KnownGroup {
  readonly value: GroupName
  readonly entry: ShelfEntry
}

const DAY_MS = 86_400_000

export class PrivateGroups {
  readonly #deps: PrivateGroupsDeps
  readonly #events: PrivateGroupsEvents
  /** One per start of the node, so that two sightings of one boot are one node and nothing else follows from it. */
  readonly #instances = new Map<string, string>()
  readonly #proven = new WeakMap<Link, ProvenMember>()
  /** `<fingerprint> <group>` → who vouched for the session, and by which certificate. */
  readonly #members = new Map<string, { readonly user: Fingerprint; readonly serial: string }>()
  #held: ReadonlyMap<string, Held> = new Map()
  #problems: readonly string[] = []
  #user: UserKey | undefined
  #hasRead = false
  #unwatch = (): void => {}

  constructor(deps: PrivateGroupsDeps, events: PrivateGroupsEvents) {
    this.#deps = deps
    this.#events = events
    for (const row of deps.db.all('SELECT * FROM member')) {
      const [fingerprint, user] = [parseFingerprint(String(row['fingerprint'])), parseFingerprint(String(row['user_key']))]
      if (fingerprint && user) this.#members.set(keyOf(fingerprint, String(row['room'])), { user, serial: String(row['serial']) })
    }
  }

  async start(): Promise<void> {
    await this.#read()
    this.#unwatch = this.#deps.shelf.watch(() => this.#deps.guard.run('private-groups', () => this.#onShelf()))
  }

  /** Looks at the files now: what was just written would else be heard of a moment later. */
  look(): Promise<void> {
    return this.#onShelf()
  }

  stop(): void {
    this.#unwatch()
  }

  /** What a hello says in the place of the group's name; undefined for a private group that we are not in. */
  roomOf(group: string): string | undefined {
    if (!isPrivateValue(group)) return group
    const held = this.#held.get(group)
    return held && (this.isMember(group) || isJoining(held.content, this.#deps.clock.now())) ? privateRoom(held.content.groupId) : undefined
  }

  /** The group that a room stands for, if it is ours. */
  groupOf(room: string): string | undefined {
    if (!room.includes(':')) return room
    return [...this.#held.values()].find(({ content }) => privateRoom(content.groupId) === room)?.value
  }

  isMember(group: string): boolean {
    const held = this.#held.get(group)
    return held !== undefined && isMemberNow(held.content, this.#deps.clock.now())
  }

  /** Groups that an invite is open for: looked for until an inviter answers. */
  joining(): readonly GroupName[] {
    const now = this.#deps.clock.now()
    return [...this.#held.values()].filter(({ content }) => isJoining(content, now)).map(({ value }) => value)
  }

  membershipOf(key: Fingerprint, group: string): AccessInput['membership'] {
    if (!isPrivateValue(group)) return 'open'
    const known = this.#members.get(keyOf(key, group))
    const isRemoved = known === undefined || this.#held.get(group)?.list?.serials.includes(known.serial)
    return isRemoved === false ? 'proven' : 'none'
  }

  /** The person behind a session's key in a private group. */
  /** Whether this key in this group is vouched for by the user of this node. */
  isOwnUser(key: Fingerprint, group: string): boolean {
    return this.#user !== undefined && this.userOf(key, group) === this.#user.fingerprint
  }

  userOf(key: Fingerprint, group: string): Fingerprint | undefined {
    return this.#members.get(keyOf(key, group))?.user
  }

  problems(groups: readonly string[]): readonly string[] {
    const missing = groups.filter((group) => isPrivateValue(group) && !this.isMember(group)).map((group) => this.#whyNot(group))
    return [...this.#problems, ...missing]
  }

  /** Guards a link of a private group until both sides have shown that they belong; undefined for an open one. */
  gate(link: Link, session: Session, settle: GateSettle): Gate | undefined {
    if (!isPrivateValue(link.group)) return undefined
    const { clock, nodeKey, guard } = this.#deps
    const user = this.#user
    const held = this.#held.get(link.group)
    if (user === undefined || held === undefined) {
      return { receive: () => settle.refuse('not-a-member') }
    }
    const group = (): KnownGroup => this.#held.get(link.group) ?? held
    const forward = (frame: Frame): void => {
      if (link.isOpen) this.#events.onFrame(link, frame)
    }
    return createGate(
      {
        ...{ clock, guard, user, nodeKey, group, forward },
        takeList: (list) => this.#change(link.group, (content) => takeList(content, list, undefined)),
        takeGrant: (grant) => this.#takeGrant(link.group, grant),
        redeem: (id, key) => this.#redeem(link.group, id, key),
        onRefused: (reason) => this.#deps.guard.run('private-refused', () => this.#refused(link.group, reason)),
      },
      link,
      session,
      {
        open: (member) => {
          this.#remember(link, member)
          settle.open(member)
          this.#welcome(link, member)
        },
        refuse: (rule) => settle.refuse(rule),
      },
    )
  }

  /** A frame about membership on a link that is proven already. */
  onFrame(link: Link, frame: MemberFrame): void {
    this.#deps.guard.run('private-frame', async () => {
      if (frame.step === 'epoch') await this.#change(link.group, (content) => takeList(content, frame.list, frame.secret))
      if (frame.step === 'grant') await this.#takeGrant(link.group, frame)
    })
  }

  /** What discovery announces and recognises for these groups, without a name, a host or a key. */
  hidden(groups: readonly string[]): readonly HiddenService[] {
    const ours = groups.filter((group) => this.isMember(group)).map((group) => this.#serviceOf(group))
    return [...ours, ...this.joining().map((group) => ({ group, room: this.roomOf(group) ?? '', accepts: () => true }))]
  }

  #serviceOf(group: string): HiddenService {
    const instance = this.#instances.get(group) ?? `p${toHex(this.#deps.random(16))}`
    this.#instances.set(group, instance)
    const secrets = (): readonly string[] => this.#held.get(group)?.content.epochs.map(({ secret }) => secret) ?? []
    const now = (): number => this.#deps.clock.now()
    return {
      group,
      room: this.roomOf(group) ?? '',
      instance,
      tag: () => lanTagOf(secrets()[0] ?? '', instance, now()),
      // A member that was away at a removal still announces by an older secret, and hears of the new one when it is dialed.
      accepts: (other, tag) =>
        // Midnight is not at the same moment on two clocks.
        [-DAY_MS, 0, DAY_MS].some((shift) => secrets().some((secret) => lanTagOf(secret, other, now() + shift) === tag)),
    }
  }

  #whyNot(group: string): string {
    const content = this.#held.get(group)?.content
    const start = `The group of this session is ${group}, a private one, and this node is not in it, nor in any other in its place: `
    if (content === undefined) return `${start}there is no membership here. Join it by an invite: sym-mesh-channel join <link>`
    if (content.removed) return `${start}its owner removed you. A new invite brings you back`
    if (isJoining(content, this.#deps.clock.now()))
      return `${start}the one who invited you is not here yet. It is tried as long as the invite lasts`
    if (content.refusal !== undefined) return `${start}${describeRefusal(content.refusal)}`
    return `${start}the certificate has run out. Its owner renews it when you meet, or with a new invite`
  }

  /** After both have shown themselves: who knows less is told more. */
  #welcome(link: Link, member: ProvenMember): void {
    this.#deps.guard.run('private-welcome', async () => {
      this.#tellEpoch(link, member.epoch)
      await this.#renew(link, member)
    })
  }

  #tellEpoch(link: Link, known: number): void {
    const content = this.#held.get(link.group)?.content
    const [epoch] = content?.epochs ?? []
    const list = this.#held.get(link.group)?.list
    if (content?.list === undefined || epoch === undefined || list?.epoch !== epoch.number || known >= epoch.number) return
    link.send({ type: 'mesh-opaque-v1-member', step: 'epoch', list: content.list, secret: epoch.secret })
  }

  async #renew(link: Link, { key }: ProvenMember): Promise<void> {
    const held = this.#held.get(link.group)
    const { clock, random } = this.#deps
    if (!held?.content.owner || !renew(held.content, key, clock.now(), random)) return
    let certificate: string | undefined
    await this.#change(link.group, (content) => {
      const renewed = renew(content, key, clock.now(), random)
      certificate = renewed?.certificate
      return renewed?.content ?? content
    })
    const { content } = this.#held.get(link.group) ?? held
    const secret = content.epochs[0]?.secret
    if (certificate === undefined || content.list === undefined || secret === undefined) return
    link.send(grantOf(content, certificate, content.list, secret))
  }

  async #redeem(group: string, id: string, key: Uint8Array): Promise<{ readonly certificate: string } | { readonly reason: string }> {
    const { clock, random } = this.#deps
    let answer: { readonly certificate: string } | { readonly reason: string } = { reason: 'invite-unknown' }
    await this.#change(group, (content) => {
      const redemption = redeem(content, id, key, clock.now(), random)
      answer = redemption.kind === 'granted' ? { certificate: redemption.certificate } : { reason: redemption.reason }
      return redemption.kind === 'granted' ? redemption.content : content
    })
    return answer
  }

  async #takeGrant(group: string, { certificate, list, secret, relay }: Extract<MemberFrame, { step: 'grant' }>): Promise<boolean> {
    const user = this.#user
    if (user === undefined) return false
    await this.#change(group, (content) => takeGrant(content, certificate, list, secret, user, this.#deps.clock.now(), relay))
    return this.isMember(group)
  }

  #refused(group: string, reason: string): Promise<void> {
    return this.#change(group, ({ joining: _, ...content }) => ({ ...content, refusal: reason }))
  }

  /** Writes, and knows it at once: the file's own event would come too late for the next frame. */
  async #change(group: string, update: (content: Held['content']) => Held['content']): Promise<void> {
    const held = this.#held.get(group)
    if (!held) return
    const content = await held.entry.change(update)
    if (content === held.content) return
    this.#note(this.#held.get(group)?.content, content)
    this.#held = new Map(this.#held).set(group, heldOf({ ...held.entry, content }))
    this.#tellAll()
  }

  async #onShelf(): Promise<void> {
    await this.#read()
    this.#tellAll()
  }

  /** Members that are here hear of the newest epoch, those who are out of it see the link close. */
  #tellAll(): void {
    for (const link of this.#deps.links()) {
      const member = this.#proven.get(link)
      if (!member) continue
      if (this.membershipOf(link.peer.fingerprint, link.group) === 'none') {
        // It may know that it was removed; what it needs for that is signed, and no secret.
        link.close('removed')
        continue
      }
      this.#tellEpoch(link, member.epoch)
      this.#proven.set(link, { ...member, epoch: Math.max(member.epoch, this.#held.get(link.group)?.content.epochs[0]?.number ?? 0) })
    }
    this.#events.onChanged()
  }

  async #read(): Promise<void> {
    const { groups, problems } = this.#deps.shelf.read()
    if (groups.length > 0) this.#user ??= await this.#deps.userKey()
    this.#problems = problems
    const before = new Map([...this.#held.values()].map(({ content }) => [content.groupId, content]))
    // What is there at the start is no news.
    if (this.#hasRead) for (const { content } of groups) this.#note(before.get(content.groupId), content)
    this.#hasRead = true
    this.#held = new Map(groups.map((entry) => [groupValueOf(entry.content), heldOf(entry)]))
  }

  #note(before: GroupContent | undefined, after: GroupContent): void {
    for (const { what, facts } of groupNotes(before, after)) this.#deps.audit.note(what, facts)
  }

  #remember(link: Link, member: ProvenMember): void {
    this.#proven.set(link, member)
    const { fingerprint } = link.peer
    this.#members.set(keyOf(fingerprint, link.group), { user: member.user, serial: member.serial })
    const { db, guard } = this.#deps
    guard.run('private-member', () =>
      db.write(() => db.run('INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?)', fingerprint, link.group, member.user, member.serial)),
    )
  }
}

function heldOf(entry: ShelfEntry): Held {
  const { content } = entry
  return { value: groupValueOf(content), entry, content, list: listOf(content) }
}

export function describeRefusal(reason: string): string {
  switch (reason) {
    case 'invite-used':
      return 'the invite was used up. Ask for a new one'
    case 'invite-revoked':
      return 'the invite was revoked. Ask for a new one'
    case 'invite-expired':
      return 'the invite has expired. Ask for a new one'
    case 'group-full':
      return 'the group is full'
    case 'banned':
      return 'its owner has banned you'
    default:
      return 'the one who invited you does not know the invite'
  }
}

const keyOf = (fingerprint: Fingerprint, group: string): string => `${fingerprint} ${group}`
