/**
 * `lock.pid`, the lock of stock nodes: line 1 the process id, line 2 JSON. A process is its holder as long as it lives,
 * so that file alone cannot be taken over safely (two that find it stale both think they won); our lock is the socket in
 * `lock.ts`, and this file is kept beside it so that stock and we never share an identity.
 *
 * We write no `start` (stock's form of it needs another program) and add `ticks`, which stock ignores.
 */
import { linkSync, lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import path from 'node:path'
import { toHex } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { systemCode } from '../base/errors.ts'
import { readPrivateFile } from '../base/files.ts'
import { isAlive, isSameProcess, startedAtMs, startTimeOf } from './process.ts'

export type LockFileState = { readonly kind: 'free' } | { readonly kind: 'held'; readonly pid?: number }

export interface LockHolder {
  readonly pid: number
  /** Wall time of the file. */
  readonly writtenMs: number
  readonly isLive: boolean
}

interface LockRecord {
  readonly pid: number
  /** Wall time at which it was written. */
  readonly createdAt?: number
  /** Start of the holder; only we write it. */
  readonly ticks?: string
}

/** A file that cannot be parsed may be half written: stock gives it this long. */
const HALF_WRITTEN_MS = 2_000
const BOOT_SLACK_MS = 5_000
const MAX_TRIES = 5

/** Whether a live process other than this one holds the file. */
export async function lockFileState(folder: string, clock: Clock): Promise<LockFileState> {
  const file = fileIn(folder)
  const text = readPrivateFile(file)?.toString('utf8')
  if (text === undefined) return { kind: 'free' }
  const writtenMs = lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const record = parseRecord(text)
  if (record === undefined) return clock.now() - writtenMs < HALF_WRITTEN_MS ? { kind: 'held' } : { kind: 'free' }
  if (record.pid === process.pid || !(await isHolderLive(record, writtenMs, clock))) return { kind: 'free' }
  return { kind: 'held', pid: record.pid }
}

/** The live process that the file names, this one too; undefined while a new holder has not written it yet. */
export function holderIn(folder: string): number | undefined {
  const pid = parseRecord(readPrivateFile(fileIn(folder))?.toString('utf8') ?? '')?.pid
  return pid !== undefined && isAlive(pid) ? pid : undefined
}

/** Whom the file names, and whether that process still is the one that wrote it; undefined without a file that says so. */
export async function lockHolderOf(folder: string, clock: Clock): Promise<LockHolder | undefined> {
  const pid = parseRecord(readPrivateFile(fileIn(folder))?.toString('utf8') ?? '')?.pid
  if (pid === undefined) return undefined
  const writtenMs = lstatSync(fileIn(folder), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return { pid, writtenMs, isLive: (await lockFileState(folder, clock)).kind === 'held' }
}

/** Makes the file ours. PRECONDITION: we hold the lock socket, so only a stock node can be in the way. */
export async function takeLockFile(folder: string, clock: Clock, random: RandomBytes): Promise<LockFileState> {
  const ticks = await startTimeOf(process.pid)
  const second = JSON.stringify({ start: null, createdAt: clock.now(), ...(ticks === undefined ? {} : { ticks }) })
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const state = await lockFileState(folder, clock)
    if (state.kind === 'held') return state
    if (replaceFree(folder, `${process.pid}\n${second}\n`, toHex(random(6)))) return { kind: 'free' }
  }
  return { kind: 'held' }
}

/** Removes the file if it is ours. */
export function dropLockFile(folder: string): void {
  const text = readPrivateFile(fileIn(folder))?.toString('utf8')
  if (text !== undefined && parseRecord(text)?.pid === process.pid) rmSync(fileIn(folder), { force: true })
}

/**
 * Puts our file in place of a free one. A link neither overwrites nor shows half a file; what was moved away is read
 * again, since a stock node may have put its own there after we had looked.
 */
function replaceFree(folder: string, content: string, suffix: string): boolean {
  const temporary = path.join(folder, `lock.pid.${suffix}.tmp`)
  const old = path.join(folder, `lock.pid.${suffix}.old`)
  const seen = readPrivateFile(fileIn(folder))?.toString('utf8')
  try {
    if (seen !== undefined) {
      renameSync(fileIn(folder), old)
      if (readPrivateFile(old)?.toString('utf8') !== seen) {
        linkSync(old, fileIn(folder))
        return false
      }
    }
    writeFileSync(temporary, content, { flag: 'wx', mode: 0o600 })
    linkSync(temporary, fileIn(folder))
    return true
  } catch (thrown) {
    if (['EEXIST', 'ENOENT'].includes(systemCode(thrown) ?? '')) return false
    throw thrown
  } finally {
    rmSync(temporary, { force: true })
    rmSync(old, { force: true })
  }
}

async function isHolderLive(record: LockRecord, writtenMs: number, clock: Clock): Promise<boolean> {
  if (!isAlive(record.pid)) return false
  if (record.ticks !== undefined) return isSameProcess(record.pid, record.ticks)
  if (record.createdAt === undefined) return writtenMs >= clock.now() - uptime() * 1_000 - BOOT_SLACK_MS
  // Who started after the file was written did not write it: the id was given to another process.
  const started = await startedAtMs(record.pid)
  return started === undefined || started <= record.createdAt + BOOT_SLACK_MS
}

function parseRecord(text: string): LockRecord | undefined {
  const [first = '', second = ''] = text.split('\n')
  const pid = /^[1-9]\d{0,9}$/.test(first.trim()) ? Number(first) : undefined
  if (pid === undefined) return undefined
  const { createdAt, ticks } = parseSecond(second)
  return {
    pid,
    ...(typeof createdAt === 'number' ? { createdAt } : {}),
    ...(typeof ticks === 'string' ? { ticks } : {}),
  }
}

function parseSecond(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    // A lock of the oldest form has a process id alone.
    return {}
  }
}

function fileIn(folder: string): string {
  return path.join(folder, 'lock.pid')
}
