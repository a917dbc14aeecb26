/**
 * The registry of live servers on this machine: `<root>/run/<ppid>-<pid>.json`, one per server, named after its parent
 * (the Claude Code process) so that a hook, a child of the same parent, finds the server of its own session. Each file
 * is written and removed only by the process whose pid its name carries, so that the late end of an old server never
 * removes the record of a new one. Not durable on purpose: after a loss of power no server lives.
 *
 * Read by hooks, so it starts fast: no schema library, no process is asked anything.
 */
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { LIMITS } from '../base/limits.ts'
import { ensureClosedFolder, type SocketPlace, socketPath } from './socket-path.ts'

export interface RunFile {
  readonly nodeId: string
  readonly pid: number
  /** The start time of the process as the system tells it; null where it was not captured. */
  readonly start: string | null
  /** The Claude Code session; null until it is known. */
  readonly sessionId: string | null
  /** Socket for links between nodes: handshake and frames as on TCP. */
  readonly link: string
  /** Socket for hooks and the command line: one JSON line per request. */
  readonly local: string
  readonly groups?: readonly string[]
}

export interface RunEntry {
  readonly ppid: number
  readonly run: RunFile
}

const isWindows = process.platform === 'win32'
const MAX_FILE_BYTES = 16_384
const MAX_NAMES = 1_024

export function runFolder(root: string): string {
  return path.join(root, 'run')
}

/** The two sockets of the server `pid` under the parent `ppid`. Pure: whoever listens calls `ensureSocketFolder`. */
export function socketPaths(root: string, ppid: number, pid: number, place: SocketPlace = thisMachine()): { link: string; local: string } {
  const at = (kind: string) => socketPath(runFolder(root), `${ppid}-${pid}.${kind}`, place)
  return { link: at('link'), local: at('local') }
}

/** What the text of a run file says, or undefined. Unknown keys are ignored: a newer version may run beside this one. */
export function parseRunFile(text: string): RunFile | undefined {
  const value = parseObject(text)
  if (value === undefined) return undefined
  const { nodeId, pid, start, sessionId, link, local, groups } = value
  if (!isText(nodeId) || !isPid(pid) || !isText(link) || !isText(local)) return undefined
  if (!isTextOrNull(start) || !isTextOrNull(sessionId)) return undefined
  const run = { nodeId, pid, start, sessionId, link, local }
  if (groups === undefined) return run
  return isTextList(groups) ? { ...run, groups } : undefined
}

export function writeRunFile(root: string, ppid: number, run: RunFile): void {
  ensureClosedFolder(runFolder(root))
  replaceFile(runPath(root, ppid, run.pid, 'json'), `${JSON.stringify(run)}\n`)
}

/** Removes all that the server `pid` left in the run folder. Call it only for oneself or for a process known dead. */
export function removeRunFile(root: string, ppid: number, pid: number): void {
  for (const kind of ['json', 'door']) rmSync(runPath(root, ppid, pid, kind), { force: true })
  if (isWindows) return
  const sockets = socketPaths(root, ppid, pid)
  for (const socket of [sockets.link, sockets.local]) rmSync(socket, { force: true })
}

/** Every readable run file of this user, newest first, at most `LIMITS.machine.entries`. Whether they live is not asked. */
export function listRunFiles(root: string): readonly RunEntry[] {
  return readRunFiles(root, () => true)
}

/** The server under the parent `ppid`: of several the one with this session id, else the newest. */
export function findRunFileOfParent(root: string, ppid: number, sessionId?: string): RunFile | undefined {
  const found = readRunFiles(root, (name) => name.ppid === ppid)
  const ofSession = sessionId === undefined ? undefined : found.find((entry) => entry.run.sessionId === sessionId)
  return (ofSession ?? found[0])?.run
}

interface RunName {
  readonly ppid: number
  readonly pid: number
}

/** `<ppid>-<pid>.<kind>`, or undefined for any other name. */
export function parseRunName(name: string, kind: string): RunName | undefined {
  const match = /^([1-9]\d{0,9})-([1-9]\d{0,9})\.([a-z]+)$/.exec(name)
  return match?.[3] === kind ? { ppid: Number(match[1]), pid: Number(match[2]) } : undefined
}

export function runPath(root: string, ppid: number, pid: number, kind: string): string {
  return path.join(runFolder(root), `${ppid}-${pid}.${kind}`)
}

/** Replaces a file at once but not durably: readers see the old content or the new. */
export function replaceFile(file: string, text: string): void {
  const temporary = `${file}.tmp`
  rmSync(temporary, { force: true })
  writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 })
  renameSync(temporary, file)
}

/** A JSON object, or undefined. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    // Half a file or a foreign one: the same as none.
    return undefined
  }
}

export function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_NAMES && value.every(isText)
}

function readRunFiles(root: string, wants: (name: RunName) => boolean): readonly RunEntry[] {
  const found: { entry: RunEntry; changedMs: number }[] = []
  for (const dirent of listFolder(runFolder(root))) {
    const name = parseRunName(dirent.name, 'json')
    if (name === undefined || !wants(name)) continue
    const file = readOwnFile(path.join(runFolder(root), dirent.name))
    const run = file && parseRunFile(file.text)
    // The name decides who may remove the file, so a file that speaks for another process is not believed.
    if (run?.pid === name.pid) found.push({ entry: { ppid: name.ppid, run }, changedMs: file?.changedMs ?? 0 })
  }
  found.sort((a, b) => b.changedMs - a.changedMs || b.entry.run.pid - a.entry.run.pid)
  return found.slice(0, LIMITS.machine.entries).map(({ entry }) => entry)
}

function listFolder(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).slice(0, MAX_NAMES)
  } catch {
    // No folder: no server has ever run here. One that we may not read has nothing of ours in it.
    return []
  }
}

function readOwnFile(file: string): { text: string; changedMs: number } | undefined {
  let descriptor: number | undefined
  try {
    descriptor = openSync(file, constants.O_RDONLY | (isWindows ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK))
    const stat = fstatSync(descriptor)
    const isOwn = isWindows || stat.uid === process.getuid?.()
    if (!stat.isFile() || !isOwn || stat.size > MAX_FILE_BYTES) return undefined
    return { text: readFileSync(descriptor, 'utf8'), changedMs: stat.mtimeMs }
  } catch {
    // Removed since it was listed, or a link: not a server.
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function thisMachine(): SocketPlace {
  return { platform: process.platform, uid: process.getuid?.() ?? 0, tmp: tmpdir() }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 1_024
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || isText(value)
}

function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}
