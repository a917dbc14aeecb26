/**
 * What arrived, on disk before its receipt leaves. The id is unique in the table, so journal and dedupe are one durable
 * step. Unread items are never evicted: a full inbox refuses new ones, and the sender keeps them.
 */
import { LIMITS } from '../base/limits.ts'
import { type Fingerprint, parseFingerprint } from '../identity/ids.ts'
import { isQuiet, type Judgement, readJudgement, writeJudgement } from '../memory/judgement.ts'
import { Quota } from '../memory/quota.ts'
import { type AttachmentFacts, besideOf } from '../mmp/attachment.ts'
import { parseCat7 } from '../mmp/cat7.ts'
import type { AssertionId, Cat7, Cmb } from '../mmp/cmb.ts'
import { type Envelope, readEnvelope } from '../mmp/envelope.ts'
import { parseAssertionId } from '../mmp/signature.ts'
import type { Database, SqlRow, SqlValue } from '../store/database.ts'
import type { Hold } from './access.ts'

export interface InboxItem {
  readonly seq: number
  readonly id: AssertionId
  readonly group: string
  readonly fingerprint: Fingerprint
  readonly authorName: string
  readonly isDirected: boolean
  readonly tags: readonly string[]
  readonly fields: Cat7
  readonly body: string | undefined
  readonly attachment: AttachmentFacts | undefined
  readonly createdAt: number
  readonly receivedAt: number
  readonly surfacedAt: number | undefined
  readonly way: string | undefined
  readonly pushedAt: number | undefined
  /** Why it is not shown to Claude unasked; undefined when it may be. */
  readonly held: string | undefined
  readonly envelope: Envelope | undefined
  /** How loudly it speaks, and why; undefined for what is never judged. */
  readonly judgement: Judgement | undefined
  /** A group message that names this node. */
  readonly isMention: boolean
}

export interface Arrival {
  readonly cmb: Cmb
  readonly from: Fingerprint
  readonly tags: readonly string[]
  readonly receivedAt: number
  /** Why it may not reach Claude unasked; undefined when it may. */
  readonly held: string | undefined
  /** Asked once it is known to be new and to fit: why it is held after all. */
  readonly screen?: () => { readonly held?: string | undefined; readonly isClaimed?: boolean | undefined }
  /** It is pushed as soon as it is written: that is journaled in the same step. */
  readonly isPush?: boolean
  readonly envelope?: Envelope | undefined
  /** Asked once, of what is new: how loudly it speaks, and whether it names this node. */
  readonly judge?: () => { readonly judgement: Judgement | undefined; readonly isMention: boolean }
}

/** Of what is not shown unasked: how many, by what was decided. */
export interface QuietCount {
  readonly lastSeq: number
  readonly rejected: number
  readonly redundant: number
  readonly ignored: number
}

/** What was stored, or why nothing was. */
export type Journaled = InboxItem | 'duplicate' | 'full'

export interface InboxQuery {
  readonly isUnreadOnly?: boolean | undefined
  /** Only group messages that name this node. */
  readonly isMentionOnly?: boolean | undefined
  readonly limit: number
  /** Only items before this sequence number (paging back from the newest). */
  readonly before?: number | undefined
}

const MAX_READ = 500
const MAX_READ_BODY = 4_096
/** What a row costs beside its texts. */
const ROW_BYTES = 512
/** What a person may see at all. */
const IN_SIGHT = `held IS NOT 'blocked' AND held IS NOT 'not-a-member' AND (surfaced_at IS NOT NULL OR coalesce(held, '') NOT LIKE 'withdrawn%')`
const UNSURFACED = 'surfaced_at IS NULL AND held IS NULL AND quiet = 0'
const QUIET = 'surfaced_at IS NULL AND held IS NULL AND quiet = 1'

export class Inbox {
  readonly #db: Database
  readonly #quota: Quota
  /** Items as they stand on disk. */
  readonly #read = new Map<AssertionId, InboxItem>()
  /** The last answer of `unsurfaced`, until something changes. */
  #unsurfaced: { readonly limit: number; readonly items: readonly InboxItem[] } | undefined

  constructor(db: Database) {
    this.#db = db
    this.#quota = new Quota(db, 'inbox', LIMITS.inbox)
    db.onRollback(() => {
      this.#read.clear()
      this.#unsurfaced = undefined
    })
  }

  /** Call inside a write. A held item is kept for the person and never shown to Claude unasked. */
  journal(arrival: Arrival): Journaled {
    const { cmb, from, tags, receivedAt, isPush, envelope } = arrival
    if (this.knows(cmb.id)) return 'duplicate'
    const fields = JSON.stringify(cmb.fields)
    const body = cmb.application?.bytes ?? null
    const talk = envelope ? JSON.stringify(envelope) : null
    const { judgement, isMention } = arrival.judge?.() ?? { judgement: undefined, isMention: false }
    const why = judgement ? writeJudgement(judgement) : null
    const bytes = Buffer.byteLength(fields) + (body?.length ?? 0) + (talk?.length ?? 0) + (why?.length ?? 0) + ROW_BYTES
    if (!this.#makeRoom(from, bytes)) return 'full'
    const screened = arrival.screen?.()
    const held = arrival.held ?? screened?.held
    const isCounted = judgement !== undefined && isQuiet(judgement)
    // What a waiting call hands over itself is not pushed.
    const isPushed = isPush && !screened?.isClaimed && held === undefined && !isCounted
    const pushedAt = isPushed ? receivedAt : undefined
    const seq = this.#db.insert(
      `INSERT INTO inbox (id, room, fingerprint, author_name, directed, tags, fields, body, created_at, received_at, bytes, held, pushed_at, envelope, judgement, quiet, mention)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      cmb.id,
      cmb.group,
      from,
      cmb.author.name,
      cmb.to === undefined ? 0 : 1,
      JSON.stringify(tags),
      fields,
      body,
      cmb.createdAt,
      receivedAt,
      bytes,
      held ?? null,
      pushedAt ?? null,
      talk,
      why,
      isCounted ? 1 : 0,
      isMention ? 1 : 0,
    )
    if (seq === undefined) return 'duplicate'
    this.#quota.count(from, 1, bytes)
    this.#unsurfaced = undefined
    const item = itemOf({ ...arrival, held }, { seq, pushedAt, judgement, isMention })
    // Behind a backlog it must not push out those that are looked at before it.
    return this.#read.size < MAX_READ ? this.#remember(item) : item
  }

  /** Whether it arrived before, be it still here or evicted. */
  knows(id: AssertionId): boolean {
    const sql = 'SELECT 1 AS hit FROM inbox WHERE id = ? UNION ALL SELECT 1 FROM seen WHERE id = ?'
    return this.#db.get(sql, id, id) !== undefined
  }

  /** Newest first. */
  list({ isUnreadOnly, isMentionOnly, limit, before }: InboxQuery): readonly InboxItem[] {
    const conditions = [isUnreadOnly ? 'surfaced_at IS NULL' : 'TRUE', isMentionOnly ? 'mention = 1' : 'TRUE', IN_SIGHT, 'seq < ?']
    const sql = `SELECT * FROM inbox WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT ?`
    return this.#items(sql, before ?? Number.MAX_SAFE_INTEGER, limit)
  }

  /** Oldest first: what no way has shown to Claude yet. Where it is too much, each peer in turn, so that no flood hides another. */
  unsurfaced(limit: number): readonly InboxItem[] {
    if (this.#unsurfaced?.limit === limit) return this.#unsurfaced.items
    const oldest = this.#db.all(`SELECT id FROM inbox WHERE ${UNSURFACED} ORDER BY seq LIMIT ?`, limit)
    const chosen = oldest.length < limit ? oldest : this.#inTurn(limit)
    const items = chosen.flatMap((row) => this.#ofRow(row) ?? [])
    this.#unsurfaced = { limit, items }
    return items
  }

  /** What arrived after this number and is only counted. */
  quiet(afterSeq: number): QuietCount {
    const by = `json_extract(judgement, '$.by') = 'ignored' AS ignored, json_extract(judgement, '$.decision') AS decision`
    const rows = this.#db.all(
      `SELECT count(*) AS n, max(seq) AS last, ${by} FROM inbox WHERE ${QUIET} AND seq > ? GROUP BY ignored, decision`,
      afterSeq,
    )
    const sum = (wanted: (row: SqlRow) => boolean): number => rows.filter(wanted).reduce((total, row) => total + Number(row['n']), 0)
    return {
      lastSeq: Math.max(afterSeq, ...rows.map((row) => Number(row['last']))),
      ignored: sum((row) => row['ignored'] === 1),
      rejected: sum((row) => row['ignored'] !== 1 && row['decision'] === 'rejected'),
      redundant: sum((row) => row['ignored'] !== 1 && row['decision'] === 'redundant'),
    }
  }

  /** The door looks at what waits at every event; a row is read once. */
  get(id: AssertionId): InboxItem | undefined {
    const known = this.#read.get(id) ?? this.#items('SELECT * FROM inbox WHERE id = ?', id)[0]
    return known && this.#remember(known)
  }

  /** Items whose id begins with this; at most two, enough to tell "one" from "several". */
  byPrefix(prefix: string): readonly InboxItem[] {
    return this.#items('SELECT * FROM inbox WHERE id >= ? AND id < ? LIMIT 2', prefix, `${prefix}~`)
  }

  /** What nobody was shown is not shown any more; false when it was. Call inside a write. */
  withhold(id: AssertionId, reason: string): boolean {
    const changed = this.#db.run('UPDATE inbox SET held = ? WHERE id = ? AND surfaced_at IS NULL AND held IS NULL', reason, id)
    if (changed > 0) this.#forget(id)
    return changed > 0
  }

  /** What its author took back is out of sight, however it was held; false when it was shown. Call inside a write. */
  withdraw(id: AssertionId, reason: string): boolean {
    const changed = this.#db.run('UPDATE inbox SET held = ? WHERE id = ? AND surfaced_at IS NULL', reason, id)
    if (changed > 0) this.#forget(id)
    return changed > 0
  }

  /** Marks as surfaced what was not yet; returns the items that changed. Call inside a write. */
  markSurfaced(ids: readonly AssertionId[], way: string, at: number): readonly InboxItem[] {
    return ids.flatMap((id) => {
      const item = this.get(id)
      const changed = this.#db.run('UPDATE inbox SET surfaced_at = ?, way = ? WHERE id = ? AND surfaced_at IS NULL', at, way, id)
      this.#forget(id)
      return item && changed > 0 ? [{ ...item, surfacedAt: at, way }] : []
    })
  }

  /** Journals a push before it is made, so that a crash in between never repeats it. Call inside a write. */
  markPushed(ids: readonly AssertionId[], at: number): void {
    for (const id of ids) {
      this.#db.run('UPDATE inbox SET pushed_at = ? WHERE id = ? AND pushed_at IS NULL', at, id)
      this.#forget(id)
    }
  }

  /** Who has said something that was not shown yet, and how it is held. */
  waiting(): readonly { readonly fingerprint: Fingerprint; readonly group: string; readonly held: string | undefined }[] {
    return this.#db.all('SELECT DISTINCT fingerprint, room, held FROM inbox WHERE surfaced_at IS NULL').flatMap((row) => {
      const fingerprint = parseFingerprint(String(row['fingerprint']))
      return fingerprint ? [{ fingerprint, group: String(row['room']), held: optionalText(row['held']) }] : []
    })
  }

  /** Holds otherwise, or lets go, what this author said and Claude was not shown. Call inside a write. */
  hold(author: { readonly fingerprint: Fingerprint; readonly group: string }, from: string | undefined, to: Hold | undefined): void {
    const sql = 'UPDATE inbox SET held = ? WHERE fingerprint = ? AND room = ? AND held IS ? AND surfaced_at IS NULL'
    this.#db.run(sql, to ?? null, author.fingerprint, author.group, from ?? null)
    this.#read.clear()
    this.#unsurfaced = undefined
  }

  /** At the person's wish. A copy that comes later is still a duplicate. Call inside a write. */
  forget(id: AssertionId): void {
    this.#evict('id = ?', id, 1)
  }

  /** At the person's wish: what came before this time, unread too. Tells how many. Call inside a write. */
  flush(before: number): number {
    return this.#evict('received_at < ?', before, Number.MAX_SAFE_INTEGER)
  }

  /** Takes out what was read long ago, and what nobody decided about. Call inside a write. */
  prune(now: number): void {
    this.#evict("held IN ('stranger', 'blocked', 'not-a-member') AND received_at < ?", now - LIMITS.requests.keptMs, 1_000)
    this.#evict('surfaced_at < ?', now - LIMITS.inbox.readKeptMs, 1_000)
    this.#db.run('DELETE FROM seen WHERE at < ?', now - LIMITS.cmb.pastMs - LIMITS.cmb.futureMs)
  }

  /** Of the unread: `quiet` is what is only counted and never shown unasked, `mentions` are group messages that name this node. */
  totals(): { total: number; unread: number; mentions: number; quiet: number; bytes: number } {
    const count = 'SELECT count(*) AS n FROM inbox WHERE surfaced_at IS NULL AND'
    const unread = Number(this.#db.get(`${count} ${IN_SIGHT}`)?.['n'] ?? 0)
    const mentions = Number(this.#db.get(`${count} mention = 1 AND ${IN_SIGHT}`)?.['n'] ?? 0)
    const quiet = Number(this.#db.get(`SELECT count(*) AS n FROM inbox WHERE ${QUIET}`)?.['n'] ?? 0)
    return { total: this.#quota.rows, unread, mentions, quiet, bytes: this.#quota.bytes }
  }

  #inTurn(limit: number): readonly SqlRow[] {
    const ranked = `SELECT seq, row_number() OVER (PARTITION BY fingerprint ORDER BY seq) AS place FROM inbox WHERE ${UNSURFACED}`
    const chosen = `SELECT seq FROM (${ranked}) ORDER BY place, seq LIMIT ?`
    return this.#db.all(`SELECT id FROM inbox WHERE seq IN (${chosen}) ORDER BY seq`, limit)
  }

  #ofRow(row: SqlRow): InboxItem | undefined {
    const id = parseAssertionId(String(row['id']))
    return id && this.get(id)
  }

  #remember(item: InboxItem): InboxItem {
    // Long bodies are rare and large: they are read again instead of being kept.
    if ((item.body?.length ?? 0) > MAX_READ_BODY) return item
    this.#read.delete(item.id)
    this.#read.set(item.id, item)
    if (this.#read.size > MAX_READ) this.#read.delete(this.#read.keys().next().value ?? item.id)
    return item
  }

  #forget(id: AssertionId): void {
    this.#read.delete(id)
    this.#unsurfaced = undefined
  }

  #makeRoom(from: Fingerprint, bytes: number): boolean {
    while (this.#quota.isAboveShare(from, bytes)) {
      if (this.#evict('surfaced_at IS NOT NULL AND fingerprint = ?', from, 100) === 0) return false
    }
    while (this.#quota.isFull(bytes)) if (this.#evict('surfaced_at IS NOT NULL AND TRUE = ?', 1, 100) === 0) return false
    return true
  }

  #evict(condition: string, parameter: SqlValue, limit: number): number {
    const rows = this.#db.all(
      `SELECT seq, id, fingerprint, bytes, received_at FROM inbox WHERE ${condition} ORDER BY seq LIMIT ?`,
      parameter,
      limit,
    )
    for (const row of rows) {
      this.#db.run('INSERT OR IGNORE INTO seen VALUES (?, ?)', row['id'] ?? '', row['received_at'] ?? 0)
      this.#db.run('DELETE FROM inbox WHERE seq = ?', row['seq'] ?? 0)
      const id = parseAssertionId(String(row['id']))
      if (id) this.#forget(id)
      this.#quota.count(String(row['fingerprint']), -1, -Number(row['bytes']))
    }
    return rows.length
  }

  #items(sql: string, ...parameters: readonly SqlValue[]): readonly InboxItem[] {
    return this.#db.all(sql, ...parameters).flatMap((row) => readItem(row) ?? [])
  }
}

type Written = Pick<InboxItem, 'seq' | 'pushedAt' | 'judgement' | 'isMention'>

function itemOf({ cmb, from, tags, receivedAt, held, envelope }: Arrival, { seq, pushedAt, judgement, isMention }: Written): InboxItem {
  return {
    seq,
    id: cmb.id,
    group: cmb.group,
    fingerprint: from,
    authorName: cmb.author.name,
    isDirected: cmb.to !== undefined,
    tags,
    fields: cmb.fields,
    ...besideOf(cmb.application?.bytes),
    createdAt: cmb.createdAt,
    receivedAt,
    surfacedAt: undefined,
    way: undefined,
    pushedAt,
    held,
    envelope,
    judgement,
    isMention,
  }
}

function readItem(row: SqlRow): InboxItem | undefined {
  const fingerprint = parseFingerprint(String(row['fingerprint']))
  const id = parseAssertionId(String(row['id']))
  const fields = parseCat7(JSON.parse(String(row['fields'])))
  if (!id || !fingerprint || fields.kind !== 'ok') return undefined
  const body = row['body']
  return {
    seq: Number(row['seq']),
    id,
    group: String(row['room']),
    fingerprint,
    authorName: String(row['author_name']),
    isDirected: row['directed'] === 1,
    tags: parseTags(String(row['tags'])),
    fields: fields.fields,
    ...besideOf(body instanceof Uint8Array ? body : undefined),
    createdAt: Number(row['created_at']),
    receivedAt: Number(row['received_at']),
    surfacedAt: optionalNumber(row['surfaced_at']),
    way: row['way'] === null ? undefined : String(row['way']),
    pushedAt: optionalNumber(row['pushed_at']),
    held: optionalText(row['held']),
    envelope: readEnvelope(row['envelope']),
    judgement: readJudgement(row['judgement']),
    isMention: row['mention'] === 1,
  }
}

const optionalText = (value: SqlValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined)
export const optionalNumber = (value: SqlValue | undefined): number | undefined => (typeof value === 'number' ? value : undefined)

export function parseTags(text: string): readonly string[] {
  const value: unknown = JSON.parse(text)
  return Array.isArray(value) ? value.filter((tag) => typeof tag === 'string') : []
}
