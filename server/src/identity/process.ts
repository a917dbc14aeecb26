/**
 * Whether a process that left a record is still the same one. A process id comes back after a while, so the start time
 * is compared where the system tells it without the help of another program (Linux).
 */
import { readFile } from 'node:fs/promises'
import { systemCode } from '../base/errors.ts'

/** Linux counts start times in hundredths of a second, whatever the kernel's own tick is. */
const TICK_MS = 10

/** Whether a process has this id now. One that we may not signal lives too. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return systemCode(thrown) === 'EPERM'
  }
}

/** The start of a process, in ticks since boot, as an opaque text; undefined where the system does not tell. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const stat = await readText(`/proc/${pid}/stat`)
  // The second field is the program's name in parentheses and may hold anything, a parenthesis too.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

/** Wall time of the start of a process in milliseconds, or undefined. Moves with the clock: compare with some slack. */
export async function startedAtMs(pid: number): Promise<number | undefined> {
  const ticks = await startTimeOf(pid)
  const boot = /^btime (\d+)$/m.exec((await readText('/proc/stat')) ?? '')?.[1]
  return ticks === undefined || boot === undefined ? undefined : Number(boot) * 1_000 + Number(ticks) * TICK_MS
}

/** Whether `pid` lives and is the process that recorded `start`; life alone decides where one of the two is unknown. */
export async function isSameProcess(pid: number, start: string | null | undefined): Promise<boolean> {
  if (!isAlive(pid)) return false
  const now = await startTimeOf(pid)
  return now === undefined || start === null || start === undefined || now === start
}

/** Those of the records whose process still lives and is the same one: all are asked at once, and none holds the others up. */
export async function livingOf<T extends { readonly pid: number; readonly start: string | null }>(
  records: readonly T[],
): Promise<readonly T[]> {
  const verdicts = await Promise.all(records.map(({ pid, start }) => isSameProcess(pid, start)))
  return records.filter((_, at) => verdicts[at])
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    // The process ended meanwhile, or this system has no such file.
    return undefined
  }
}
