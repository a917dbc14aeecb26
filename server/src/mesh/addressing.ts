/**
 * Who is meant: a name, an id, a tag, the author of what is answered, or the group. What means nobody or several sends
 * nothing, and says whom it could have meant (R22 to R24).
 */
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { preview } from '../base/text.ts'
import { type Fingerprint, shortFingerprint } from '../identity/ids.ts'
import type { Admission } from './admission.ts'
import type { Inbox, InboxItem } from './inbox.ts'
import type { Link } from './link.ts'
import type { PeerBook, PeerRecord } from './peers.ts'
import { resolvePeer } from './resolve.ts'
import { idPrefix, type PeerView } from './views.ts'

export interface AddressingDeps {
  /** Our own name. */
  readonly name: string
  readonly now: () => number
  readonly inbox: Inbox
  readonly peers: PeerBook
  readonly admission: Admission
  /** All that can be written to, those included who hide. */
  readonly known: () => readonly PeerView[]
  readonly listed: () => readonly PeerView[]
  readonly linkTo: (fingerprint: Fingerprint, group: string) => Link | undefined
}

const BROADCAST_REACH_MS = LIMITS.outbox.broadcastTtlMs

export class Addressing {
  readonly #deps: AddressingDeps

  constructor(deps: AddressingDeps) {
    this.#deps = deps
  }

  /** Members of the group that say this tag: such as are here, since nobody says anything while away. */
  tagged(tag: string, group: string): readonly Fingerprint[] {
    const found = this.#deps.listed().filter((peer) => peer.group === group && peer.presence?.tags.includes(tag))
    if (found.length > 0) return found.map(({ fingerprint }) => fingerprint)
    throw new MeshError('peer-unknown', `nobody here carries the tag #${tag}; nothing was sent. sym_peers shows who carries what`)
  }

  /** Members of the group that are here, or were within the life of a group message. */
  audience(group: string): readonly Fingerprint[] {
    const since = this.#deps.now() - BROADCAST_REACH_MS
    return this.#deps.peers
      .all()
      .filter((peer) => peer.group === group)
      .filter((peer) => {
        const { trust } = this.#deps.admission.verdictOf(peer)
        const isLate = trust !== 'unknown' && peer.lastSeen > since
        return trust !== 'blocked' && (isLate || this.#deps.linkTo(peer.fingerprint, group))
      })
      .map(({ fingerprint }) => fingerprint)
  }

  /** The message that a shown id names. */
  parentOf(shownId: string): InboxItem {
    const prefix = idPrefix(shownId)
    const found = prefix === undefined ? [] : this.#deps.inbox.byPrefix(prefix)
    if (found[0] && found.length === 1) return found[0]
    throw new MeshError(
      'argument-invalid',
      `reply_to ${oneLineOf(shownId)} names no message in the inbox, or several; nothing was sent. sym_inbox shows ids`,
    )
  }

  /** Whom it goes to: who is named, else the author of what is answered, else the group. */
  recipientOf(to: string | undefined, parent: InboxItem | undefined): PeerView | undefined {
    if (to !== undefined) return this.resolve(to)
    return parent?.isDirected ? this.resolve(parent.fingerprint) : undefined
  }

  resolve(to: string): PeerView {
    const resolution = resolvePeer(to, this.#deps.known())
    if (resolution.kind === 'one') return resolution.peer
    const shown = oneLineOf(to)
    if (resolution.kind === 'none') {
      const isSelf = to.trim() === this.#deps.name
      const why = isSelf ? 'that is this node itself' : 'no peer has this name, id or fingerprint'
      throw new MeshError('peer-unknown', `${shown}: ${why}; nothing was sent. sym_peers lists who is known`)
    }
    const candidates = resolution.peers.map(
      (peer) => `  ${JSON.stringify(preview(peer.name))}  ${shortFingerprint(peer.fingerprint)}  ${peer.isHere ? 'here' : 'away'}`,
    )
    const text = [`${shown} means several peers; nothing was sent. Say which one by its fingerprint:`, ...candidates].join('\n')
    throw new MeshError('peer-ambiguous', text)
  }

  authorsCalled(text: string): readonly Fingerprint[] {
    const digits = text.replaceAll(' ', '').toLowerCase()
    const isStart = /^[0-9a-f]{8,64}$/.test(digits)
    const isCalled = (peer: PeerRecord): boolean =>
      peer.name === text || this.#deps.admission.faceOf(peer).name === text || (isStart && peer.fingerprint.startsWith(digits))
    const called = this.#deps.peers.all().filter(isCalled)
    return [...new Set(called.map(({ fingerprint }) => fingerprint))]
  }
}

export function oneLineOf(text: string): string {
  return JSON.stringify(text.slice(0, LIMITS.tool.targetCharacters))
}
