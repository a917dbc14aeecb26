/**
 * The door of a private group on one link: from the handshake until both sides have shown that they belong, nothing else
 * travels. Who dialed knocks; who was dialed answers a knock that it can check and nothing else; then the dialer shows
 * itself. So an outsider, on either side, learns that somebody is there and no more.
 */
import { toBase64Url } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { UserKey } from '../identity/user-key.ts'
import type { Frame, FrameOf } from '../mmp/frames.ts'
import { issueNode } from '../secure/certificate.ts'
import { isSameMac, knockMac, readIdentity, type Shown } from '../secure/membership.ts'
import type { RevocationList } from '../secure/revocation.ts'
import type { Session } from '../secure/session.ts'
import { type GroupContent, isJoining, rootOf } from './group-file.ts'
import type { Link } from './link.ts'

export type MemberFrame = FrameOf<'mesh-opaque-v1-member'>
type IdentityFrame = Extract<MemberFrame, { step: 'identity' }>

/** A group as this node knows it now. */
export interface KnownGroup {
  readonly content: GroupContent
  readonly list: RevocationList | undefined
}

export interface ProvenMember {
  readonly user: Fingerprint
  readonly serial: string
  readonly notAfter: number
  readonly key: Uint8Array
  /** The epoch that the other side knows. */
  readonly epoch: number
}

export interface GateDeps {
  readonly clock: Clock
  readonly guard: Guard
  readonly user: UserKey
  /** The key of this session. */
  readonly nodeKey: Uint8Array
  readonly group: () => KnownGroup
  /** Takes what the other side brought; afterwards `group()` knows it. */
  readonly takeList: (list: string) => Promise<void>
  readonly takeGrant: (grant: Extract<MemberFrame, { step: 'grant' }>) => Promise<boolean>
  /** Marks the invite used, durably, and gives the certificate; or the reason why not. */
  readonly redeem: (id: string, key: Uint8Array) => Promise<{ readonly certificate: string } | { readonly reason: string }>
  readonly onRefused: (reason: string) => void
  /** What came before the proof was done here and belongs behind it. */
  readonly forward: (frame: Frame) => void
}

export interface GateSettle {
  open(member: ProvenMember): void
  /** The rule is for our log; the other side sees the link close. */
  refuse(rule: string): void
}

export interface Gate {
  /** What comes behind the last step is handed on, in its order. */
  receive(frame: Frame): void
}

const MAX_WAITING = 64

type State = 'knocking' | 'listening' | 'showing' | 'waiting-for-grant' | 'over'

export function createGate(deps: GateDeps, link: Link, session: Session, settle: GateSettle): Gate {
  const isDialer = session.role === 'client'
  let state: State = isDialer ? 'knocking' : 'listening'
  /** The invite that the other side proved to hold. */
  let invited: string | undefined

  const refuse = (rule: string): void => {
    state = 'over'
    settle.refuse(rule)
  }
  const open = (shown: Extract<Shown, { kind: 'member' }>, frame: Pick<IdentityFrame, 'user'>, epoch: number): void => {
    state = 'over'
    settle.open({ ...shown, key: keyOf(frame.user), epoch })
  }
  const shownBy = async (frame: IdentityFrame): Promise<{ shown: Shown; epoch: number }> => {
    if (frame.list !== undefined) await deps.takeList(frame.list)
    const { content, list } = deps.group()
    const facts = { groupId: content.groupId, root: rootOf(content), list }
    const epoch = frame.list !== undefined && frame.list === content.list ? (list?.epoch ?? 0) : 0
    return { shown: readIdentity(frame, facts, session.peer.publicKey, deps.clock.now()), epoch }
  }

  async function onIdentity(frame: IdentityFrame): Promise<void> {
    const { shown, epoch } = await shownBy(frame)
    if (shown.kind === 'refused') return refuse(shown.rule)
    if (state === 'knocking') return onHost(shown, frame, epoch)
    if (shown.kind === 'member') return open(shown, frame, epoch)
    if (invited === undefined) return refuse('not-a-member')
    const answer = await deps.redeem(invited, shown.key)
    if ('reason' in answer) {
      link.send({ type: 'mesh-opaque-v1-member', step: 'refused', reason: answer.reason })
      return refuse(answer.reason)
    }
    await grant(frame, answer.certificate)
  }

  /** The one that we dialed: a member, and where we come with an invite, the person who made it. */
  function onHost(shown: Shown, frame: IdentityFrame, epoch: number): void {
    if (shown.kind !== 'member') return refuse('not-a-member')
    const { content } = deps.group()
    const isInvited = isJoining(content, deps.clock.now())
    if (isInvited && shown.user !== content.joining?.inviter) return refuse('not-the-inviter')
    link.send(ownIdentity(deps))
    if (!isInvited) return open(shown, frame, epoch)
    state = 'waiting-for-grant'
    host = { shown, frame }
  }
  let host: { shown: Extract<Shown, { kind: 'member' }>; frame: IdentityFrame } | undefined

  async function grant(frame: IdentityFrame, certificate: string): Promise<void> {
    const { content, list } = deps.group()
    const secret = content.epochs[0]?.secret
    if (secret === undefined || content.list === undefined) return refuse('no-epoch')
    link.send(grantOf(content, certificate, content.list, secret))
    const { shown } = await shownBy({ ...frame, certificate })
    if (shown.kind === 'member') open(shown, frame, list?.epoch ?? 0)
    else refuse('bad-certificate')
  }

  async function onFrame(frame: MemberFrame): Promise<void> {
    if (frame.step === 'knock' && state === 'listening') {
      const known = answerable(deps.group().content, frame, session.transcriptHash)
      if (known === undefined) return refuse('bad-knock')
      invited = known.invite
      state = 'showing'
      link.send(ownIdentity(deps))
    } else if (frame.step === 'identity' && (state === 'knocking' || state === 'showing')) {
      await onIdentity(frame)
    } else if (frame.step === 'grant' && state === 'waiting-for-grant' && host) {
      if (!(await deps.takeGrant(frame))) return refuse('bad-grant')
      open(host.shown, host.frame, deps.group().list?.epoch ?? 0)
    } else if (frame.step === 'refused' && state === 'waiting-for-grant') {
      deps.onRefused(frame.reason)
      refuse(frame.reason)
    } else refuse('unexpected-step')
  }

  if (isDialer) link.send(knock(deps, session.transcriptHash))
  // One at a time: what comes while a file is written waits its turn.
  const waiting: Frame[] = []
  const run = async (): Promise<void> => {
    for (let frame = waiting[0]; frame !== undefined; frame = waiting[0]) {
      if (state === 'over') deps.forward(frame)
      else if (frame.type === 'mesh-opaque-v1-member') await onFrame(frame)
      else refuse('not-a-member')
      waiting.shift()
    }
  }
  return {
    receive: (frame) => {
      waiting.push(frame)
      if (waiting.length > MAX_WAITING) return refuse('too-many-frames')
      if (waiting.length === 1) deps.guard.run('member-gate', run)
    },
  }
}

function knock({ group, clock }: GateDeps, transcriptHash: Uint8Array): MemberFrame {
  const { content } = group()
  const epochs = content.epochs.map(({ number, secret }) => ({ number, mac: knockMac(secret, 'epoch', `${number}`, transcriptHash) }))
  const base = { type: 'mesh-opaque-v1-member', step: 'knock', epochs } as const
  const { joining } = content
  if (!joining || !isJoining(content, clock.now())) return base
  return { ...base, invite: { id: joining.id, mac: knockMac(joining.secret, 'invite', joining.id, transcriptHash) } }
}

/** Whether the knock shows a secret that we know: of an epoch, or of an invite of ours. */
function answerable(
  content: GroupContent,
  frame: Extract<MemberFrame, { step: 'knock' }>,
  hash: Uint8Array,
): { readonly invite?: string } | undefined {
  const fits = (kind: 'epoch' | 'invite', name: string, secret: string | undefined, mac: string): boolean =>
    secret !== undefined && isSameMac(mac, knockMac(secret, kind, name, hash))
  const { invite } = frame
  if (invite && fits('invite', invite.id, content.owner?.invites.find(({ id }) => id === invite.id)?.secret, invite.mac))
    return { invite: invite.id }
  const isKnown = frame.epochs.some(({ number, mac }) =>
    fits('epoch', `${number}`, content.epochs.find((epoch) => epoch.number === number)?.secret, mac),
  )
  return isKnown ? {} : undefined
}

function ownIdentity({ user, nodeKey, clock, group }: GateDeps): MemberFrame {
  const { certificate, list } = group().content
  const now = clock.now()
  const node = issueNode(nodeKey, { notBefore: now, notAfter: now + LIMITS.privateGroup.nodeCertificateMs }, user)
  const shown = {
    user: toBase64Url(user.publicKey),
    node,
    ...(certificate === undefined ? {} : { certificate }),
    ...(list === undefined ? {} : { list }),
  }
  return { type: 'mesh-opaque-v1-member', step: 'identity', ...shown }
}

/** What a member needs: its certificate, what is known of the group, and how to reach it. */
export function grantOf({ relay }: GroupContent, certificate: string, list: string, secret: string): MemberFrame {
  return { type: 'mesh-opaque-v1-member', step: 'grant', certificate, list, secret, ...(relay ? { relay } : {}) }
}

const keyOf = (text: string): Uint8Array => Buffer.from(text, 'base64url')
