/**
 * An append-only account of what happened around trust: links, keys, groups, refusals, what was shown. Each line carries
 * the hash of the line before it, so that a line that was changed, taken out or put in between shows; whoever can write
 * the files can also write them anew from some line on, which only a copy kept elsewhere reveals. Ids, rules and sizes,
 * never a word that somebody said.
 *
 * Lines are written together a little later, off the path of the messages: a crash costs at most the last moment. What a
 * crash cut in half is taken off at the next start, and said.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import path from 'node:path'
import { sha256, toHex, utf8 } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import { Scope } from '../base/scope.ts'

export type AuditFacts = Readonly<Record<string, string | number>>

export interface AuditEntry {
  readonly seq: number
  /** Milliseconds, by this machine's clock. */
  readonly at: number
  readonly what: string
  readonly facts: AuditFacts
}

/** The one who writes. There is one writer for each folder: the holder of the identity's lock. */
export interface Audit {
  note(what: string, facts: AuditFacts): void
}

export const noAudit: Audit = { note() {} }

export type Verified =
  | { readonly kind: 'whole'; readonly entries: number; readonly last: string }
  | { readonly kind: 'broken'; readonly file: string; readonly line: number; readonly why: string }

interface Tail {
  readonly seq: number
  readonly hash: string
}

const NAME = 'audit.log'
const START: Tail = { seq: 0, hash: '' }
const WRITE_MS = 500
/** More than any line has. */
const TAIL_BYTES = 16_384
const LINE = /^([0-9a-f]{64}) (\{.*\})$/

export class AuditLog implements Audit {
  readonly #file: string
  readonly #clock: Clock
  readonly #scope: Scope
  readonly #onFailed: (thrown: unknown) => void
  #tail: Tail
  #bytes: number
  #waiting: string[] = []
  #isScheduled = false
  #second = 0
  #inSecond = 0
  #dropped = 0

  /** PRECONDITION: nobody else writes in this folder. `onFailed` hears of a disk that does not take the lines. */
  constructor(folder: string, clock: Clock, onFailed: (thrown: unknown) => void) {
    this.#file = path.join(folder, NAME)
    this.#clock = clock
    this.#scope = new Scope(clock)
    this.#onFailed = onFailed
    const { tail, bytes, cut } = readTail(folder)
    this.#tail = tail
    this.#bytes = bytes
    if (cut > 0) this.note('cut', { bytes: cut })
  }

  note(what: string, facts: AuditFacts): void {
    if (this.#scope.isStopped || !this.#isWithinRate()) return
    const lost = this.#dropped === 0 ? {} : { dropped: this.#dropped }
    this.#dropped = 0
    const seq = this.#tail.seq + 1
    const text = JSON.stringify({ seq, at: Math.trunc(this.#clock.now()), what, facts: { ...facts, ...lost } })
    const hash = hashOf(this.#tail.hash, text)
    this.#tail = { seq, hash }
    this.#waiting.push(`${hash} ${text}\n`)
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#scope.after(WRITE_MS, () => this.#write())
  }

  /** Writes what waits, and ends. */
  stop(): Promise<void> {
    this.#write()
    return this.#scope.stop()
  }

  #write(): void {
    this.#isScheduled = false
    const text = this.#waiting.join('')
    this.#waiting = []
    if (text === '') return
    try {
      if (this.#bytes > 0 && this.#bytes + text.length > LIMITS.audit.fileBytes) this.#rotate()
      appendFileSync(this.#file, text, { mode: 0o600 })
      this.#bytes += text.length
    } catch (thrown) {
      this.#onFailed(thrown)
    }
  }

  /** `audit.log` becomes `audit.log.1`, and so on; the chain goes on in the new file. */
  #rotate(): void {
    rmSync(`${this.#file}.${LIMITS.audit.files - 1}`, { force: true })
    for (let n = LIMITS.audit.files - 2; n >= 0; n--) {
      const from = n === 0 ? this.#file : `${this.#file}.${n}`
      if (existsSync(from)) renameSync(from, `${this.#file}.${n + 1}`)
    }
    this.#bytes = 0
  }

  /** Anyone on the network can cause refusals: a flood is counted, not written. */
  #isWithinRate(): boolean {
    const second = Math.floor(this.#clock.monotonic() / 1_000)
    if (second !== this.#second) [this.#second, this.#inSecond] = [second, 0]
    if (++this.#inSecond <= LIMITS.audit.perSecond) return true
    this.#dropped++
    return false
  }
}

/** Walks the whole chain, oldest file first. */
export function verifyAudit(folder: string): Verified {
  const files = auditFiles(folder)
  // The oldest file may have gone; then the first line that is left has nothing before it to be held to.
  let tail: Tail | undefined = files.length < LIMITS.audit.files ? START : undefined
  for (const file of files) {
    for (const [index, line] of linesOf(file).entries()) {
      const step = follow(tail, line)
      if (typeof step === 'string') return { kind: 'broken', file, line: index + 1, why: step }
      tail = step
    }
  }
  return { kind: 'whole', entries: tail?.seq ?? 0, last: tail?.hash ?? '' }
}

/** Every entry that can be read, oldest first. */
export function readAudit(folder: string): readonly AuditEntry[] {
  return auditFiles(folder).flatMap((file) => linesOf(file).flatMap((line) => parseEntry(LINE.exec(line)?.[2]) ?? []))
}

function auditFiles(folder: string): readonly string[] {
  const names = Array.from({ length: LIMITS.audit.files }, (_, n) => (n === 0 ? NAME : `${NAME}.${n}`))
  return names
    .reverse()
    .map((name) => path.join(folder, name))
    .filter((file) => existsSync(file))
}

/** The next link of the chain, or what is wrong with it. */
function follow(before: Tail | undefined, line: string): Tail | string {
  const [, hash, text] = LINE.exec(line) ?? []
  const entry = parseEntry(text)
  if (hash === undefined || text === undefined || entry === undefined) return 'it is no entry'
  if (before === undefined) return { seq: entry.seq, hash }
  const { seq, hash: previous } = before
  if (entry.seq !== seq + 1) return `entry ${seq + 1} is missing`
  return hashOf(previous, text) === hash ? { seq: entry.seq, hash } : 'it, or the line before it, was changed'
}

function parseEntry(text: string | undefined): AuditEntry | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    if (typeof value !== 'object' || value === null) return undefined
    const { seq, at, what, facts } = { seq: 0, at: 0, what: '', facts: {}, ...value }
    return Number.isSafeInteger(seq) && typeof what === 'string' ? { seq, at, what, facts } : undefined
  } catch {
    return undefined
  }
}

function linesOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8')
  return text.split('\n').filter((line, index, all) => line !== '' || index < all.length - 1)
}

/** Where the chain stands, after what a crash left of a line was taken off. */
function readTail(folder: string): { readonly tail: Tail; readonly bytes: number; readonly cut: number } {
  const file = path.join(folder, NAME)
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  const end = endOf(file, size)
  if (end < size) truncateSync(file, end)
  const newest = [...auditFiles(folder)].reverse().find((one) => statSync(one).size > 0)
  const [, hash, text] =
    LINE.exec(newest === undefined ? '' : (lastBytes(newest).toString('utf8').trimEnd().split('\n').at(-1) ?? '')) ?? []
  const entry = parseEntry(text)
  return { tail: hash !== undefined && entry ? { seq: entry.seq, hash } : START, bytes: end, cut: size - end }
}

/** Where the last whole line ends. */
function endOf(file: string, size: number): number {
  const last = size === 0 ? Buffer.alloc(0) : lastBytes(file)
  return size - last.length + last.lastIndexOf(0x0a) + 1
}

function lastBytes(file: string): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length)
    return bytes
  } finally {
    closeSync(descriptor)
  }
}

function hashOf(before: string, text: string): string {
  return toHex(sha256(utf8(`mesh-audit-v1\n${before}\n${text}`)))
}
