/**
 * The door of a server: `<ppid>-<pid>.door` in the run folder, present only while something waits for Claude or the
 * server wants to hear of events. A hook runs at every tool call and nearly always finds no door, so looking must cost
 * one listing of a small folder, and one more read where there is a door.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { findRunFileOfParent, isTextList, parseObject, parseRunName, replaceFile, runFolder, runPath } from './run-files.ts'
import { ensureClosedFolder } from './socket-path.ts'

/** Among the wants: the path of a file that a tool has edited. It is read of a tool's input only where this stands. */
export const WANTS_FILE = 'PostToolUse:file'

export interface Door {
  /** How many items wait to be shown. */
  readonly waiting: number
  /** Names of hook events that the server wants to hear of. */
  readonly wants: readonly string[]
}

export function writeDoor(root: string, ppid: number, pid: number, door: Door): void {
  ensureClosedFolder(runFolder(root))
  replaceFile(runPath(root, ppid, pid, 'door'), JSON.stringify(door))
}

export function removeDoor(root: string, ppid: number, pid: number): void {
  rmSync(runPath(root, ppid, pid, 'door'), { force: true })
}

/** The door of the server under the parent `ppid`, of several that of this session; undefined: nothing to do. */
export function readDoor(root: string, ppid: number, sessionId?: string): Door | undefined {
  const pids = doorsOf(root, ppid)
  if (pids.length === 0) return undefined
  // A single door may be that of another session: what that one wants to hear is not told of this one.
  const pid = findRunFileOfParent(root, ppid, sessionId)?.pid ?? (pids.length === 1 ? pids[0] : undefined)
  return pid === undefined || !pids.includes(pid) ? undefined : doorOf(root, ppid, pid)
}

/** Those of all servers under the parent: for who does not know yet which session it belongs to. */
export function readDoors(root: string, ppid: number): readonly Door[] {
  return doorsOf(root, ppid).flatMap((pid) => doorOf(root, ppid, pid) ?? [])
}

function doorOf(root: string, ppid: number, pid: number): Door | undefined {
  try {
    return parseDoor(readFileSync(runPath(root, ppid, pid, 'door'), 'utf8'))
  } catch {
    // Closed since it was listed.
    return undefined
  }
}

export function parseDoor(text: string): Door | undefined {
  const value = parseObject(text)
  if (value === undefined) return undefined
  const { waiting, wants } = value
  if (typeof waiting !== 'number' || !Number.isSafeInteger(waiting) || waiting < 0 || !isTextList(wants)) return undefined
  return { waiting, wants }
}

function doorsOf(root: string, ppid: number): readonly number[] {
  try {
    const names = readdirSync(runFolder(root)).map((name) => parseRunName(name, 'door'))
    return names.flatMap((name) => (name?.ppid === ppid ? [name.pid] : []))
  } catch {
    // No folder: no server has ever run here.
    return []
  }
}
