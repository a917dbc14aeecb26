/**
 * A small file beside a message: a snippet, a patch, a log. It travels as the application data of the record, so that it is
 * signed and sealed with the words (MMP 6.2): a first line that says what it is, a line of JSON with the name and both
 * sizes, then the body of the message and the bytes of the file.
 *
 * The name is the author's, a plain file name and nothing else: no byte of it is ever used as a path.
 */
import * as z from 'zod'
import { concat, fromUtf8, utf8 } from '../base/bytes.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { oneLine } from '../base/text.ts'
import type { ApplicationData } from './cmb.ts'

export interface Attachment {
  /** As its author called it; for display. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** What stands beside the fields of a message. */
export interface Beside {
  readonly body: string | undefined
  readonly attachment: Attachment | undefined
}

const TYPE = { mediaType: 'application/octet-stream', schema: 'mesh-opaque-v1-attachment' }
const MAGIC = 'mesh-attachment-v1\n'
const header = z.strictObject({
  name: z.string().min(1).max(LIMITS.attachment.nameCharacters),
  body: z.int().min(-1),
  bytes: z.int().min(0),
})
/** More than any header has. */
const MAX_HEADER = 1_024

/** Throws `limit-exceeded` or `argument-invalid` with a sentence for the author. */
export function packAttachment(body: string | undefined, { name, bytes }: Attachment): ApplicationData {
  const { maxBytes, nameCharacters } = LIMITS.attachment
  const plain = oneLine(name.split(/[/\\]/).at(-1) ?? '', nameCharacters)
  if (plain === '') throw new MeshError('argument-invalid', 'the attachment has no name; give it one, such as notes.md. Nothing was sent')
  if (bytes.length > maxBytes)
    throw new MeshError(
      'limit-exceeded',
      `the attachment has ${bytes.length} bytes, the limit is ${maxBytes}; nothing was sent. Send the part that matters, or say where the file is`,
    )
  const words = utf8(body ?? '')
  const head = JSON.stringify({ name: plain, body: body === undefined ? -1 : words.length, bytes: bytes.length })
  return { ...TYPE, bytes: concat(utf8(`${MAGIC}${head}\n`), words, bytes) }
}

/** The bytes of an application part as they are kept: a packed attachment, or else a body as it is. */
export function openBeside(bytes: Uint8Array | undefined): Beside {
  if (bytes === undefined) return { body: undefined, attachment: undefined }
  return unpack(bytes) ?? { body: fromUtf8(bytes), attachment: undefined }
}

export interface AttachmentFacts {
  readonly name: string
  readonly size: number
}

/** The same for lists: what is there, without its bytes. */
export function besideOf(bytes: Uint8Array | undefined): {
  readonly body: string | undefined
  readonly attachment: AttachmentFacts | undefined
} {
  const { body, attachment } = openBeside(bytes)
  return { body, attachment: attachment && { name: attachment.name, size: attachment.bytes.length } }
}

function unpack(bytes: Uint8Array): Beside | undefined {
  if (fromUtf8(bytes.subarray(0, MAGIC.length)) !== MAGIC) return undefined
  const end = bytes.indexOf(0x0a, MAGIC.length)
  if (end < 0 || end > MAX_HEADER) return undefined
  const head = header.safeParse(parseJson(fromUtf8(bytes.subarray(MAGIC.length, end))))
  if (!head.success) return undefined
  const { name, body, bytes: size } = head.data
  const [start, split] = [end + 1, end + 1 + Math.max(0, body)]
  if (bytes.length !== split + size || size > LIMITS.attachment.maxBytes) return undefined
  const text = body < 0 ? undefined : fromUtf8(bytes.subarray(start, split))
  return { body: text, attachment: { name: oneLine(name, LIMITS.attachment.nameCharacters), bytes: bytes.slice(split) } }
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    // Words that begin like an attachment and are none stay words.
    return undefined
  }
}

/**
 * A name for our own disk, made of what any system takes: the beginning is ours, so it is never hidden, reserved, or that
 * of another file.
 */
export function safeFileName(shownId: string, name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/\.{2,}/g, '.')
    .slice(-LIMITS.attachment.nameCharacters)
    .replace(/[. ]+$/, '')
  return `${shownId.replace(/[^0-9a-z]/g, '')}-${plain === '' ? 'file' : plain}`
}
