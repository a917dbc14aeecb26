/**
 * A small JSON file in the state folder that all sessions of a user read and few change: trust, user key, memberships.
 *
 * Invariants: a change reads what is there under a lock that dies with its holder, and replaces the whole file at once
 * and durably, so that neither two writers nor a crash lose a word; a file that is no longer what its schema says is
 * never replaced, it is told with its path until a person repairs it.
 */
import { type FSWatcher, lstatSync, readdirSync, watch } from 'node:fs'
import path from 'node:path'
import type * as z from 'zod'
import { fromUtf8 } from '../base/bytes.ts'
import { type Clock, delay, type RandomBytes } from '../base/clock.ts'
import { MeshError, messageOf } from '../base/errors.ts'
import { readPrivateFile, writePrivateFile } from '../base/files.ts'
import { Scope } from '../base/scope.ts'
import { ensureClosedFolder } from '../local/socket-path.ts'
import { acquireLock, type IdentityLock } from './lock.ts'

export type SharedState<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'broken'; readonly problem: string }

/** What the parts that use such a file ask of it; a test or a node without a home has one in memory. */
export interface Shared<T> {
  /** As it stands on disk now. */
  read(): SharedState<T>
  /** Replaces the value by what `update` makes of it; returns the new one. Throws `store-unreadable` for a broken file. */
  change(update: (value: T) => T): Promise<T>
  /** Calls back when the file has changed, by whomever. Returns the function that ends it. */
  watch(onChange: () => void): () => void
}

export interface SharedFileOptions<T> {
  readonly file: string
  readonly schema: z.ZodType<T>
  /** The value where there is no file. */
  readonly empty: T
  readonly clock: Clock
  readonly random: RandomBytes
}

const MAX_FILE_BYTES = 1_048_576
const LOCK_WAIT_MS = 10_000
const LOCK_AGAIN_MS = 20
/** A replaced file is several events; all of them are over by then. */
const SETTLE_MS = 5
/** How often it is looked at where the system cannot watch. */
const LOOK_MS = 2_000

export function sharedFile<T>(options: SharedFileOptions<T>): Shared<T> {
  return {
    read: () => readState(options),
    change: (update) => change(options, update),
    watch: (onChange) => watchFile(options, onChange),
  }
}

/** The same in memory, for tests and for the demo. */
export function sharedValue<T>(initial: T): Shared<T> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    read: () => ({ kind: 'ok', value }),
    change: async (update) => {
      value = update(value)
      for (const listener of listeners) listener()
      return value
    },
    watch: (onChange) => {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}

function readState<T>({ file, schema, empty }: SharedFileOptions<T>): SharedState<T> {
  try {
    const text = readOwn(file)
    if (text === undefined) return { kind: 'ok', value: empty }
    const parsed = schema.safeParse(JSON.parse(text))
    if (parsed.success) return { kind: 'ok', value: parsed.data }
    const places = parsed.error.issues.map((issue) => issue.path.slice(0, 3).join('.') || 'the whole')
    return broken(file, `it is not what it should be at ${places.slice(0, 3).join(', ')}`)
  } catch (thrown) {
    // The parser's words quote what it read, and that may be a secret.
    return broken(file, thrown instanceof SyntaxError ? 'it is not valid JSON' : messageOf(thrown))
  }
}

/** The text of a file that is ours alone; undefined where there is none. */
function readOwn(file: string): string | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (!stat.isFile() || stat.size > MAX_FILE_BYTES) throw new Error('it is a link, a folder or too large')
  if (process.getuid && stat.uid !== process.getuid()) throw new Error('it belongs to another user')
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) throw new Error(`other users may read it; run: chmod 600 '${file}'`)
  const text = fromUtf8(readPrivateFile(file) ?? new Uint8Array())
  if (text === undefined) throw new Error('it is not UTF-8')
  return text
}

function broken(file: string, why: string): { readonly kind: 'broken'; readonly problem: string } {
  return { kind: 'broken', problem: `${file} cannot be used: ${why}. It was left as it is; repair it, or move it away to start anew` }
}

async function change<T>(options: SharedFileOptions<T>, update: (value: T) => T): Promise<T> {
  const lock = await lockFor(options)
  try {
    const state = readState(options)
    if (state.kind === 'broken') throw new MeshError('store-unreadable', state.problem)
    const next = update(state.value)
    if (next !== state.value) writePrivateFile(options.file, `${JSON.stringify(options.schema.parse(next), null, 2)}\n`)
    return next
  } finally {
    await lock.release()
  }
}

/** `<folder>/locks/<name>`: the lock has files of its own, which must not stand where the shared file is watched. */
async function lockFor<T>({ file, clock, random }: SharedFileOptions<T>): Promise<IdentityLock> {
  const folder = path.join(path.dirname(file), 'locks', path.basename(file, '.json'))
  ensureClosedFolder(path.dirname(file))
  const end = clock.monotonic() + LOCK_WAIT_MS
  for (;;) {
    const result = await acquireLock(folder, { clock, random })
    if (result.kind === 'held') return result.lock
    if (clock.monotonic() > end) throw new MeshError('timeout', `${file} is being changed by process ${result.pid ?? '?'}; try again`)
    await delay(clock, LOCK_AGAIN_MS)
  }
}

/** The folder is watched and not the file, which is another one after each change. */
function watchFile<T>({ file, clock }: SharedFileOptions<T>, onChange: () => void): () => void {
  return watchFolder(path.dirname(file), clock, (name) => name === path.basename(file), onChange)
}

/** Calls back when a file of the folder that is `wanted` was changed, made or removed. Returns the function that ends it. */
export function watchFolder(folder: string, clock: Clock, wanted: (name: string) => boolean, onChange: () => void): () => void {
  const scope = new Scope(clock)
  let [seen, isDue] = [stampsIn(folder, wanted), false]
  const look = (): void => {
    isDue = false
    const stamp = stampsIn(folder, wanted)
    if (stamp === seen) return
    seen = stamp
    onChange()
  }
  const lookSoon = (name: string | null): void => {
    if (isDue || (name !== null && !wanted(name))) return
    isDue = true
    scope.after(SETTLE_MS, look)
  }
  if (!isWatched(folder, scope, lookSoon)) scope.every(LOOK_MS, look)
  return () => void scope.stop()
}

function isWatched(folder: string, scope: Scope, onEvent: (name: string | null) => void): boolean {
  let watcher: FSWatcher
  try {
    ensureClosedFolder(folder)
    watcher = watch(folder, { persistent: false }, (_event, name) => onEvent(name))
  } catch {
    // No watch on this system, or none left: the caller looks by time.
    return false
  }
  watcher.on('error', () => watcher.close())
  scope.defer(() => watcher.close())
  return true
}

/** What tells one state of the files from another; of a folder that is not there, nothing. */
function stampsIn(folder: string, wanted: (name: string) => boolean): string {
  const names = readdirSync(ensured(folder)).filter(wanted).sort()
  return names.map((name) => `${name} ${stampOf(path.join(folder, name))}`).join('\n')
}

function ensured(folder: string): string {
  ensureClosedFolder(folder)
  return folder
}

function stampOf(file: string): string {
  const stat = lstatSync(file, { throwIfNoEntry: false, bigint: true })
  return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.mode}`
}
