/**
 * Who is meant: a name, an id, a tag, the author of what is answered, or the group. What means nobody or several sends
 * nothing, and says whom it could have meant (R22 to R24).
 */
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { preview } from '../base/text.ts'
import { type Fingerprint, shortFingerprint } from '../identity/ids.ts'
import type { MemoryItem } from '../memory/items.ts'
import type { Memory } from '../memory/memory.ts'
import { wordsBehindAt } from '../memory/mention.ts'
import { addressOf } from '../mmp/address.ts'
import type { AssertionId, Cat7, CmbKey } from '../mmp/cmb.ts'
import type { Admission } from './admission.ts'
import type { Inbox, InboxItem } from './inbox.ts'
import type { Link } from './link.ts'
import type { PeerBook, PeerRecord } from './peers.ts'
import { resolvePeer } from './resolve.ts'
import { type Addressee, idPrefix, type PeerView } from './views.ts'

/** A message that is answered. */
export type Parent = Pick<InboxItem, 'id' | 'group' | 'fingerprint' | 'isDirected' | 'fields' | 'envelope'>

export interface AddressingDeps {
  /** Our own name. */
  readonly name: string
  readonly self: Fingerprint
  readonly now: () => number
  readonly inbox: Inbox
  readonly memory: Memory
  /** To whom a message of ours went. */
  readonly recipientsOf: (id: AssertionId) => readonly Fingerprint[]
  readonly peers: PeerBook
  readonly admission: Admission
  /** All that can be written to, those included who hide. */
  readonly known: () => readonly Addressee[]
  readonly listed: () => readonly PeerView[]
  readonly linkTo: (fingerprint: Fingerprint, group: string) => Link | undefined
  /** Whether this key is vouched for by the user of this node. */
  readonly isOwnUser: (fingerprint: Fingerprint, group: string) => boolean
}

/** `#self`: the other sessions of the same user. */
export const SELF_TAG = 'self'

const BROADCAST_REACH_MS = LIMITS.outbox.broadcastTtlMs

export class Addressing {
  readonly #deps: AddressingDeps

  constructor(deps: AddressingDeps) {
    this.#deps = deps
  }

  /** Members of the group that say this tag or role: such as are here, since nobody says anything while away. */
  tagged(tag: string, group: string): readonly Fingerprint[] {
    if (tag === SELF_TAG) return this.#ownIn(group)
    const isMeant = ({ presence }: PeerView): boolean => presence?.role === tag || (presence?.tags.includes(tag) ?? false)
    const found = this.#deps.listed().filter((peer) => peer.group === group && isMeant(peer))
    if (found.length > 0) return found.map(({ fingerprint }) => fingerprint)
    throw new MeshError('peer-unknown', `nobody here carries the tag #${tag}; nothing was sent. sym_peers shows who carries what`)
  }

  /**
   * The other sessions of this node's user that are here, each once, by group: over the socket of this machine, which
   * belongs to the user alone, or vouched for by the user's key in a private group. A name or a claim proves nothing.
   */
  ownSessions(): ReadonlyMap<string, readonly Fingerprint[]> {
    const own = this.#deps
      .known()
      .filter((peer) => peer.isHere && (peer.path === 'machine' || this.#deps.isOwnUser(peer.fingerprint, peer.group)))
    const found = new Map<string, Fingerprint[]>()
    const seen = new Set<Fingerprint>()
    for (const { fingerprint, group } of own) {
      if (seen.has(fingerprint)) continue
      seen.add(fingerprint)
      found.set(group, [...(found.get(group) ?? []), fingerprint])
    }
    return found
  }

  #ownIn(group: string): readonly Fingerprint[] {
    const own = this.ownSessions().get(group) ?? []
    if (own.length > 0) return own
    throw new MeshError('peer-unknown', 'no other session of this user is here; nothing was sent. sym_peers shows who is')
  }

  /** Members of the group that are here, or were within the life of a group message. */
  audience(group: string): readonly Fingerprint[] {
    const since = this.#deps.now() - BROADCAST_REACH_MS
    return this.#deps.peers
      .all()
      .filter((peer) => peer.group === group)
      .filter((peer) => {
        const { trust, access } = this.#deps.admission.verdictOf(peer)
        if (peer.isStock && access.kind !== 'admitted') return false
        const isLate = trust !== 'unknown' && peer.lastSeen > since
        return trust !== 'blocked' && (isLate || this.#deps.linkTo(peer.fingerprint, group))
      })
      .map(({ fingerprint }) => fingerprint)
  }

  /** Of those, who can answer a question: a stock node has no frame for that. */
  askable(group: string): readonly Fingerprint[] {
    return this.audience(group).filter((fingerprint) => !this.#deps.peers.get(fingerprint, group)?.isStock)
  }

  /** Throws for a stock node. */
  demandAskable({ fingerprint, group, name }: Addressee): void {
    if (!this.#deps.peers.get(fingerprint, group)?.isStock) return
    const why = 'is a stock MMP node, which knows no questions; nothing was asked. Send it a message: it may answer with one'
    throw new MeshError('argument-invalid', `${JSON.stringify(preview(name))} ${why}`)
  }

  /** The message that a shown id names: in the inbox, or in memory, which keeps it longer and has our own words too. */
  parentOf(shownId: string): Parent {
    const prefix = idPrefix(shownId)
    const [items, kept] = prefix === undefined ? [[], []] : [this.#deps.inbox.byPrefix(prefix), this.#deps.memory.byPrefix(prefix)]
    const isOne = new Set([...items, ...kept].map(({ id }) => id)).size === 1
    const found = isOne ? (items[0] ?? (kept[0] && asParent(kept[0]))) : undefined
    if (found) return found
    throw new MeshError(
      'argument-invalid',
      `reply_to ${oneLineOf(shownId)} names no message that is kept here, or several; nothing was sent. sym_inbox and sym_recall show ids`,
    )
  }

  /** Whom it goes to: who is named, else the other side of what is answered, else the group. */
  recipientOf(to: string | undefined, parent: Parent | undefined): Addressee | undefined {
    if (to !== undefined) return this.resolve(to)
    if (!parent?.isDirected) return undefined
    if (parent.fingerprint !== this.#deps.self) return this.resolve(parent.fingerprint)
    const [recipient, other] = this.#deps.recipientsOf(parent.id)
    if (recipient !== undefined && other === undefined) return this.resolve(recipient)
    throw new MeshError(
      'argument-invalid',
      'reply_to names words of this session, and to whom they went is not known any more; name the peer',
    )
  }

  /**
   * Whom an `@name` in words to a group means, of those who get them: found like `to`. A word that is nobody's name stays
   * text; one that means several sends nothing.
   */
  mentionedIn(fields: Cat7, group: string, recipients: readonly Fingerprint[]): readonly Fingerprint[] {
    const words = wordsBehindAt(fields)
    if (words.length === 0) return []
    const getting = new Set(recipients)
    const peers = this.#deps.known().filter((peer) => peer.group === group && getting.has(peer.fingerprint))
    const found = words.flatMap((readings) => {
      const hit = readings
        .map((word) => ({ word, resolution: resolvePeer(word, peers) }))
        .find(({ resolution }) => resolution.kind !== 'none')
      if (hit?.resolution.kind === 'several') throw severalMeant(`@${hit.word}`, hit.resolution.peers)
      return hit?.resolution.kind === 'one' ? [hit.resolution.peer.fingerprint] : []
    })
    return [...new Set(found)]
  }

  resolve(to: string): Addressee {
    const resolution = resolvePeer(to, this.#deps.known())
    if (resolution.kind === 'one') return resolution.peer
    const shown = oneLineOf(to)
    if (resolution.kind === 'none') {
      const isSelf = to.trim() === this.#deps.name
      const why = isSelf ? 'that is this node itself' : 'no peer has this name, id or fingerprint'
      throw new MeshError('peer-unknown', `${shown}: ${why}; nothing was sent. sym_peers lists who is known`)
    }
    throw severalMeant(to, resolution.peers)
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

/**
 * What an answer descends from, as the address of its words (MMP 5.4). Short words can be guessed from their address, so
 * it is told to those alone who heard them.
 */
export function lineageOf(
  parent: Parent | undefined,
  audience: { readonly group: string; readonly to: Fingerprint | undefined },
): readonly CmbKey[] {
  if (parent === undefined || parent.group !== audience.group) return []
  return parent.isDirected && parent.fingerprint !== audience.to ? [] : [addressOf(parent.fields).key]
}

/** How many messages led to it is not remembered that long: it is taken for the first of its kind. */
function asParent({ id, group, fingerprint, isDirected, fields, thread }: MemoryItem): Parent {
  const envelope = thread === undefined ? undefined : { thread, hop: 0, auto: true, chain: [fingerprint] }
  return { id, group, fingerprint, isDirected, fields, envelope }
}

function severalMeant(word: string, peers: readonly Addressee[]): MeshError {
  const candidates = peers.map(
    (peer) => `  ${JSON.stringify(preview(peer.name))}  ${shortFingerprint(peer.fingerprint)}  ${peer.isHere ? 'here' : 'away'}`,
  )
  const head = `${oneLineOf(word)} means several peers; nothing was sent. Say which one by its fingerprint:`
  return new MeshError('peer-ambiguous', [head, ...candidates].join('\n'))
}

export function oneLineOf(text: string): string {
  return JSON.stringify(text.slice(0, LIMITS.tool.targetCharacters))
}
