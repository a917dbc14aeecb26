/**
 * What was said to a group before this node came: asked of members that are here, at a person's wish and never by itself.
 * Each item is the record as its author signed it, so that a member can hand on words of others and change none of them.
 * What comes is kept to be found and for nothing else: it is in no inbox, judges nothing and is shown to nobody unasked.
 *
 * Invariant: only what was said to the whole group leaves here, never words to one node or to some of them, and only to an
 * admitted member of that group.
 */
import { TokenBucket } from '../base/bucket.ts'
import { fromBase64Url, toBase64Url } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import { type Fingerprint, fingerprintOf, type NodeId } from '../identity/ids.ts'
import { KEY_BYTES } from '../identity/keys.ts'
import type { MemoryItem } from '../memory/items.ts'
import type { Memory } from '../memory/memory.ts'
import type { Cmb } from '../mmp/cmb.ts'
import type { Frame, FrameOf } from '../mmp/frames.ts'
import { isPrivateValue, parseGroupValue } from '../mmp/group.ts'
import { decodeRecord, encodeRecord } from '../mmp/record.ts'
import type { NodeKeys } from '../secure/session.ts'
import type { Database } from '../store/database.ts'
import type { Verdict } from './access.ts'
import { BODY_TYPE } from './delivery.ts'
import type { Inbox } from './inbox.ts'
import type { Link } from './link.ts'
import type { PeerBook } from './peers.ts'
import { WITHDRAWAL } from './withdrawals.ts'

export interface HistoryDeps {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly guard: Guard
  readonly db: Database
  readonly memory: Memory
  readonly inbox: Inbox
  readonly peers: PeerBook
  readonly keys: NodeKeys
  readonly verdictOf: (author: { readonly fingerprint: Fingerprint; readonly group: string }) => Verdict
  readonly links: () => readonly Link[]
  readonly nameOf: (fingerprint: Fingerprint) => string
}

/** What a request to catch up brought. */
export interface CatchUpView {
  readonly group: string
  readonly asked: readonly { readonly peer: string; readonly fingerprint: Fingerprint; readonly answer: 'items' | 'busy' | 'none' }[]
  /** Items that were not known here. */
  readonly kept: number
  readonly known: number
  /** Not verified, not of this group, or of a key that may not speak here. */
  readonly refused: number
}

type AskFrame = FrameOf<'mesh-opaque-v1-history-ask'>
type ItemsFrame = FrameOf<'mesh-opaque-v1-history'>
type Item = ItemsFrame['items'][number]

interface Asked {
  readonly links: ReadonlySet<Link>
  /** Items that may still come, by whom. */
  readonly left: Map<Link, number>
  readonly answers: Map<Link, 'items' | 'busy'>
  /** As they came: one that is false must not stand in the way of a true one with its id. */
  readonly items: { readonly item: Item; readonly link: Link }[]
  readonly done: () => void
}

const MAX_ASKED = 3
const WAIT_MS = 5_000
const ITEMS_PER_FRAME = 10
/** Answers of the last days are looked through, to find as many as were wanted. */
const LOOKED_THROUGH = 1_000

export class History {
  readonly #deps: HistoryDeps
  readonly #asked = new Map<string, Asked>()
  readonly #budgets = new Map<Fingerprint, TokenBucket>()
  #untold = 0

  constructor(deps: HistoryDeps) {
    this.#deps = deps
  }

  /** Asks up to three members that are here for the last items of this group. Throws `unreachable` where nobody is. */
  async catchUp(group: string, limit: number): Promise<CatchUpView> {
    const { clock, random, nameOf } = this.#deps
    const links = this.#members(group)
    if (links.length === 0) throw new MeshError('unreachable', `no member of ${group} is here to be asked; try again when somebody is`)
    const of = toBase64Url(random(12))
    const asked = await new Promise<Asked>((resolve) => {
      const timer = clock.after(WAIT_MS, () => done())
      const done = (): void => {
        timer.cancel()
        this.#asked.delete(of)
        resolve(open)
      }
      const open: Asked = {
        ...{ links: new Set(links), answers: new Map(), items: [], done },
        left: new Map(links.map((link) => [link, limit])),
      }
      this.#asked.set(of, open)
      for (const link of links) link.send({ type: 'mesh-opaque-v1-history-ask', of, limit })
    })
    const outcome = await this.#keep(asked, group, limit)
    const peers = links.map((link) => {
      const { fingerprint } = link.peer
      return { peer: nameOf(fingerprint), fingerprint, answer: asked.answers.get(link) ?? ('none' as const) }
    })
    this.#untold += outcome.kept
    return { group, asked: peers, ...outcome }
  }

  /** One line about what was brought since the last one; undefined where there is nothing new. */
  takeDigest(): string | undefined {
    const count = this.#untold
    this.#untold = 0
    if (count === 0) return undefined
    return `From the history of the group: ${count} earlier ${count === 1 ? 'message was' : 'messages were'} kept; sym_recall finds them.`
  }

  /** False where the frame is none of these. */
  onFrame(link: Link, frame: Frame): boolean {
    if (frame.type === 'mesh-opaque-v1-history-ask') this.#deps.guard.run('history', () => this.#answer(link, frame))
    else if (frame.type === 'mesh-opaque-v1-history') this.#deps.guard.run('history', () => this.#heard(link, frame))
    else return false
    return true
  }

  /** A stock node has no frame to answer with. */
  #members(group: string): readonly Link[] {
    const best = new Map<Fingerprint, Link>()
    for (const link of this.#deps.links()) {
      const { fingerprint } = link.peer
      if (link.group === group && !link.isStock && this.#isAdmitted(fingerprint, group) && !best.has(fingerprint))
        best.set(fingerprint, link)
    }
    return [...best.values()].slice(0, MAX_ASKED)
  }

  #isAdmitted(fingerprint: Fingerprint, group: string): boolean {
    return this.#deps.verdictOf({ fingerprint, group }).access.kind === 'admitted'
  }

  #answer(link: Link, { of, limit }: AskFrame): void {
    const { fingerprint } = link.peer
    const type = 'mesh-opaque-v1-history'
    if (!this.#isAdmitted(fingerprint, link.group)) return
    if (!this.#mayAsk(fingerprint)) return void link.send({ type, of, items: [], end: 'busy' })
    const items = this.#offer(link.group, limit)
    for (let at = 0; at < items.length - ITEMS_PER_FRAME; at += ITEMS_PER_FRAME)
      link.send({ type, of, items: items.slice(at, at + ITEMS_PER_FRAME) })
    const rest = items.length === 0 ? 0 : Math.floor((items.length - 1) / ITEMS_PER_FRAME) * ITEMS_PER_FRAME
    link.send({ type, of, items: items.slice(rest), end: 'done' })
  }

  #mayAsk(peer: Fingerprint): boolean {
    const now = this.#deps.clock.monotonic()
    const { asksBurst, asksPerHour } = LIMITS.history
    // Who asked long ago has a full budget again, with or without a memory of it.
    if (this.#budgets.size >= 256) this.#budgets.clear()
    const budget = this.#budgets.get(peer) ?? new TokenBucket(asksBurst, asksPerHour / 3_600, now)
    this.#budgets.set(peer, budget)
    return budget.take(now)
  }

  /** The newest first: as many as are wanted and fit. */
  #offer(group: string, limit: number): readonly Item[] {
    const { memory, clock } = this.#deps
    const since = clock.now() - (isPrivateValue(parseGroupValue(group) ?? '') ? LIMITS.cmb.pastMs : LIMITS.history.openMs)
    const offered: Item[] = []
    let bytes = 0
    for (const kept of memory.saidTo(group, since, LOOKED_THROUGH)) {
      const item = this.#isForAll(kept) ? this.#itemOf(kept) : undefined
      if (!item) continue
      bytes += JSON.stringify(item).length
      if (offered.length >= Math.min(limit, LIMITS.history.items) || bytes > LIMITS.history.bytes) break
      offered.push(item)
    }
    return offered
  }

  /** Notes to oneself were said to nobody, and a tag with # names those whom it was said to. */
  #isForAll({ id, fingerprint, tags, attachment }: MemoryItem): boolean {
    const { db } = this.#deps
    if (attachment) return false
    if (tags.some((tag) => tag.startsWith('#') || tag === WITHDRAWAL)) return false
    if (db.get('SELECT 1 AS one FROM withdrawn WHERE id = ?', id)) return false
    const isOwn = fingerprint === this.#self
    return !isOwn || db.get('SELECT 1 AS one FROM outbox WHERE id = ? AND directed = 0', id) !== undefined
  }

  /** The record as it was signed; undefined where it cannot be made again byte for byte, or its author may not speak here. */
  #itemOf(kept: MemoryItem): Item | undefined {
    const author = this.#authorOf(kept)
    if (!author) return undefined
    const { id, key, fields, authorName, createdAt, group, parents, body, signature, tags } = kept
    const application = body === undefined ? undefined : { ...BODY_TYPE, bytes: new TextEncoder().encode(body) }
    const named = { nodeId: author.nodeId, name: authorName }
    const cmb: Cmb = { id, key, fields, author: named, createdAt, group, to: undefined, parents, application, signature }
    const record = encodeRecord(cmb)
    if (decodeRecord(record, author.publicKey).kind !== 'ok') return undefined
    return { cmb: record, tags: [...tags], key: toBase64Url(author.publicKey) }
  }

  #authorOf({ fingerprint, group }: MemoryItem): { readonly nodeId: NodeId; readonly publicKey: Uint8Array } | undefined {
    const { keys, peers } = this.#deps
    if (fingerprint === this.#self) return keys
    const nodeId = this.#isAdmitted(fingerprint, group) ? peers.get(fingerprint, group)?.nodeId : undefined
    const publicKey = nodeId && peers.pinnedKeyOf(nodeId)
    return nodeId && publicKey ? { nodeId, publicKey } : undefined
  }

  #heard(link: Link, { of, items, end }: ItemsFrame): void {
    const asked = this.#asked.get(of)
    if (!asked?.links.has(link) || asked.answers.has(link)) return
    const left = asked.left.get(link) ?? 0
    asked.items.push(...items.slice(0, left).map((item) => ({ item, link })))
    asked.left.set(link, Math.max(0, left - items.length))
    if (end === undefined) return
    asked.answers.set(link, end === 'busy' ? 'busy' : 'items')
    if (asked.answers.size === asked.links.size) asked.done()
  }

  async #keep({ items }: Asked, group: string, limit: number): Promise<Pick<CatchUpView, 'kept' | 'known' | 'refused'>> {
    const { db, memory, inbox, clock } = this.#deps
    const verified = items.map(({ item, link }) => ({ item, read: this.#read(item, link, group) }))
    const good = verified.flatMap(({ item, read }) => (read ? [{ ...read, tags: item.tags }] : []))
    const once = [...new Map(good.map((one) => [one.cmb.id, one])).values()]
    const fresh = once.filter(({ cmb }) => memory.get(cmb.id) === undefined && !inbox.knows(cmb.id))
    const newest = [...fresh].sort((a, b) => b.cmb.createdAt - a.cmb.createdAt).slice(0, limit)
    await db.write(() => {
      for (const { cmb, author, tags } of newest.reverse()) memory.keep({ cmb, author, tags, keptAt: clock.now(), part: 'aside' })
    })
    return { kept: newest.length, known: once.length - fresh.length, refused: verified.length - good.length }
  }

  /** By its author's signature alone; who handed it on has no part in it. */
  #read(
    { cmb: record, key, tags }: Item,
    { group: linked }: Link,
    group: string,
  ): { readonly cmb: Cmb; readonly author: Fingerprint } | undefined {
    const publicKey = fromBase64Url(key, KEY_BYTES)
    const decoded = publicKey && decodeRecord(record, publicKey)
    if (!publicKey || decoded?.kind !== 'ok' || linked !== group || tags.some((tag) => tag.startsWith('#'))) return undefined
    const { cmb } = decoded
    const age = this.#deps.clock.now() - cmb.createdAt
    const isInTime = age >= -LIMITS.cmb.futureMs && age <= LIMITS.cmb.pastMs
    const author = fingerprintOf(publicKey)
    const isTrue = cmb.group === group && cmb.to === undefined && isInTime && this.#isAuthor(author, cmb.author.nodeId, publicKey)
    return isTrue && this.#maySpeak(author, group) ? { cmb, author } : undefined
  }

  /** One key has one id and one id one key, as on links. */
  #isAuthor(author: Fingerprint, nodeId: NodeId, publicKey: Uint8Array): boolean {
    const { peers, keys } = this.#deps
    if (author === this.#self) return nodeId === keys.nodeId
    const pinned = peers.pinnedKeyOf(nodeId)
    return nodeId !== keys.nodeId && !peers.hasOtherId(nodeId, author) && (!pinned || fingerprintOf(pinned) === fingerprintOf(publicKey))
  }

  /** In an open group a key that was never met is shown as unknown; into a private one nobody comes without a certificate. */
  #maySpeak(author: Fingerprint, group: string): boolean {
    if (author === this.#self) return true
    const { access } = this.#deps.verdictOf({ fingerprint: author, group })
    if (access.kind === 'admitted') return true
    const isStranger = access.kind === 'pending' && access.reason === 'stranger'
    return isStranger && !isPrivateValue(parseGroupValue(group) ?? '')
  }

  get #self(): Fingerprint {
    return fingerprintOf(this.#deps.keys.publicKey)
  }
}
