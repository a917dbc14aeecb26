/** Rows of memory as values, and the words under which they are found. */
import { type Fingerprint, parseFingerprint } from '../identity/ids.ts'
import { parseBlockKey, parseCmbKey } from '../mmp/address.ts'
import { type AttachmentFacts, besideOf, openBeside } from '../mmp/attachment.ts'
import { parseCat7 } from '../mmp/cat7.ts'
import { type AssertionId, type Cat7, type Cmb, type CmbKey, FIELD_NAMES, NEUTRAL } from '../mmp/cmb.ts'
import { parseAssertionId } from '../mmp/signature.ts'
import type { SqlRow, SqlValue } from '../store/database.ts'
import { type Candidate, PARTS, type Part } from './anchors.ts'

export interface MemoryItem {
  readonly seq: number
  readonly id: AssertionId
  readonly key: CmbKey
  readonly group: string
  readonly fingerprint: Fingerprint
  readonly authorName: string
  readonly part: Part
  readonly thread: AssertionId | undefined
  readonly replyTo: AssertionId | undefined
  readonly isDirected: boolean
  readonly tags: readonly string[]
  readonly fields: Cat7
  readonly body: string | undefined
  readonly attachment: AttachmentFacts | undefined
  readonly parents: readonly CmbKey[]
  readonly createdAt: number
  readonly keptAt: number
  readonly signature: string
}

export function wordsOf(cmb: Cmb, body: Uint8Array | null): string {
  const texts = FIELD_NAMES.map((name) => cmb.fields[name].text).filter((text) => text !== NEUTRAL)
  const { body: text = '', attachment } = openBeside(body ?? undefined)
  // The store takes no U+0000 in a text; here it would only part words.
  return [...texts, text, attachment?.name ?? '', cmb.author.name].join('\n').replaceAll('\0', ' ')
}

export function readItem(row: SqlRow | undefined): MemoryItem | undefined {
  const candidate = readCandidate(row)
  const key = parseCmbKey(String(row?.['key']))
  if (!row || !candidate || !key) return undefined
  const body = row['body']
  return {
    ...candidate,
    seq: Number(row['seq']),
    key,
    group: String(row['room']),
    authorName: String(row['author_name']),
    thread: idOf(row['thread']),
    replyTo: idOf(row['reply_to']),
    isDirected: row['directed'] === 1,
    tags: listOf(row['tags']),
    ...besideOf(body instanceof Uint8Array ? body : undefined),
    parents: listOf(row['parents']).flatMap((parent) => parseBlockKey(parent) ?? []),
    createdAt: Number(row['created_at']),
    signature: String(row['signature']),
  }
}

export function readCandidate(row: SqlRow | undefined): Candidate | undefined {
  if (!row) return undefined
  const id = parseAssertionId(String(row['id']))
  const fingerprint = parseFingerprint(String(row['fingerprint']))
  const fields = parseCat7(JSON.parse(String(row['fields'])))
  if (!id || !fingerprint || fields.kind !== 'ok') return undefined
  // What another version called otherwise is found and judges nothing.
  const part = PARTS.find((one) => one === row['part']) ?? 'aside'
  return { id, fingerprint, part, fields: fields.fields, keptAt: Number(row['kept_at']) }
}

function idOf(value: SqlValue | undefined): AssertionId | undefined {
  return typeof value === 'string' ? parseAssertionId(value) : undefined
}

function listOf(value: SqlValue | undefined): readonly string[] {
  const list: unknown = JSON.parse(String(value))
  return Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : []
}
