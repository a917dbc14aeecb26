/**
 * Edits of JSON files that are not ours: the host's settings and its list of servers. Only the members that change are
 * written, and at most the layout of their neighbour; comments, order, indentation, numbers and a byte order mark stay. Before the file is replaced the
 * new text is parsed again and must differ from the old in those members and in nothing else, a backup stands beside it,
 * and the file must still be what was read: a host that writes at the same moment wins, and the edit begins anew. What
 * cannot be edited safely is left byte for byte as it is, with a sentence that says why (R6).
 */
import { lstatSync, mkdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { applyEdits, modify, type ParseError, parse } from 'jsonc-parser'
import { MeshError, systemCode } from '../base/errors.ts'
import { replaceDurably } from '../base/files.ts'

export type JsonObject = { readonly [member: string]: unknown }

/** One member to set, or with `undefined` to take out. Members on the way are made where they are missing. */
export interface Edit {
  readonly path: readonly [string, ...string[]]
  readonly value: unknown
}

export interface HostFile {
  /** Where the bytes lie: behind a symbolic link, the file that it names. */
  readonly file: string
  /** Undefined: there is no such file. */
  readonly bytes: Buffer | undefined
  readonly content: JsonObject
  readonly mode: number
}

export type Edited =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'changed'; readonly file: string; readonly backup: string | undefined }

/** More than any such file has in practice. */
const MAX_BYTES = 64 * 1_048_576
const MAX_ATTEMPTS = 5
const BYTE_ORDER_MARK = '\ufeff'
const ODD_SHAPE = 'has a shape (a name twice, say) that cannot be edited without changing more than was asked for'
const PARSE = { allowTrailingComma: true, disallowComments: false, allowEmptyContent: true }

/** Throws MeshError `host-file` for a file that cannot be understood. */
export function readHostFile(file: string): HostFile {
  const target = targetOf(file)
  const stat = statOf(target)
  if (stat === undefined) return { file: target, bytes: undefined, content: {}, mode: 0o600 }
  if (!stat.isFile()) throw refused(target, 'is not a file')
  if (stat.size > MAX_BYTES) throw refused(target, `has ${stat.size} bytes, more than such a file should`)
  const bytes = readFileSync(target)
  return { file: target, bytes, content: parseContent(textOf(bytes, target), target), mode: stat.mode & 0o777 }
}

/**
 * Applies what `edits` makes of the content. It is asked again when somebody else wrote meanwhile. The backup is
 * `<file>.bak-<time>`; without a time there is none.
 */
export function editHostFile(file: string, edits: (content: JsonObject) => readonly Edit[], now?: Date): Edited {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const before = readHostFile(file)
    const wanted = edits(before.content)
    const text = before.bytes === undefined ? '{}\n' : textOf(before.bytes, before.file)
    const after = withEdits(text, wanted, before.file)
    if (before.bytes === undefined ? wanted.length === 0 : after === text) return { kind: 'unchanged' }
    proveEdit(before, wanted, after)
    const backup = replace(before, after, now)
    if (backup !== undefined) return { kind: 'changed', file: before.file, backup: backup === '' ? undefined : backup }
  }
  throw refused(file, 'is being written by another program again and again; close it and try again')
}

function targetOf(file: string): string {
  try {
    return realpathSync(file)
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw refused(file, `cannot be reached (${systemCode(thrown) ?? 'unknown'})`)
    if (lstatSync(file, { throwIfNoEntry: false })) throw refused(file, 'is a link that leads nowhere')
    return path.resolve(file)
  }
}

function statOf(file: string): Stats | undefined {
  return statSync(file, { throwIfNoEntry: false })
}

function textOf(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw refused(file, 'is not UTF-8 text')
  }
}

function parseContent(text: string, file: string): JsonObject {
  const errors: ParseError[] = []
  const content: unknown = parse(withoutMark(text), errors, PARSE) ?? {}
  const [first] = errors
  if (first) throw refused(file, `is no valid JSON near character ${first.offset + 1}`)
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw refused(file, 'does not hold a JSON object')
  return { ...content }
}

const withoutMark = (text: string): string => (text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text)

function withEdits(text: string, edits: readonly Edit[], file: string): string {
  try {
    return edits.reduce((current, edit) => withEdit(current, edit), text)
  } catch {
    // The library throws where a member on the way is no object.
    throw refused(file, ODD_SHAPE)
  }
}

function withEdit(text: string, { path, value }: Edit): string {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : ''
  const plain = withoutMark(text)
  const source = plain.trim() === '' ? '{}\n' : plain
  return mark + applyEdits(source, modify(source, [...path], value, { formattingOptions: formattingOf(source) }))
}

/** As the file has it already. */
function formattingOf(text: string): { insertSpaces: boolean; tabSize: number; eol: string } {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  }
}

/** The text must parse, and hold what was there and what was wanted: nothing more, nothing less. */
function proveEdit({ content, file }: HostFile, edits: readonly Edit[], text: string): void {
  const expected = edits.reduce<JsonObject>((current, { path, value }) => withMember(current, path, value), content)
  if (!isDeepStrictEqual(parseContent(text, file), expected)) {
    throw refused(file, ODD_SHAPE)
  }
}

function withMember(object: JsonObject, [name, ...rest]: readonly [string, ...string[]], value: unknown): JsonObject {
  const [next, ...further] = rest
  const inner = object[name]
  if (next !== undefined && value === undefined && !isObject(inner)) return object
  const member = next === undefined ? value : withMember(isObject(inner) ? inner : {}, [next, ...further], value)
  if (member !== undefined) return { ...object, [name]: member }
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The path of the backup, '' where nothing was there to save; undefined when the file changed since it was read. */
function replace(before: HostFile, text: string, now: Date | undefined): string | undefined {
  const { file, bytes, mode } = before
  if ((mode & 0o222) === 0) throw refused(file, 'is read-only')
  try {
    if (bytes === undefined) mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    const backup = bytes === undefined || now === undefined ? '' : backupName(file, now)
    if (bytes !== undefined && backup !== '') replaceDurably(backup, bytes, mode)
    return replaceDurably(file, text, mode, () => isUnchanged(before)) ? backup : undefined
  } catch (thrown) {
    throw refused(file, `cannot be replaced (${systemCode(thrown) ?? 'unknown'})`)
  }
}

function isUnchanged({ file, bytes }: HostFile): boolean {
  const current = statOf(file) && readFileSync(file)
  return bytes === undefined ? current === undefined : current?.equals(bytes) === true
}

function backupName(file: string, now: Date): string {
  return `${file}.bak-${now.toISOString().replace(/[-:.]/g, '')}`
}

function refused(file: string, why: string): MeshError {
  return new MeshError('host-file', `${file} ${why}; it was left as it is. Mend it, then run the command again`)
}
