/**
 * Which session of those that run is meant. Where the name of this project is held by a process that does not answer, no
 * second node is started beside it: it is waited for, and told apart whether it is not ready yet or hangs (R145).
 */
import os from 'node:os'
import { delay, systemClock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { statusView } from '../cli/views.ts'
import { nodeFolder } from '../identity/identity.ts'
import { lockHolderOf } from '../identity/lock-file.ts'
import { defaultNodeName } from '../identity/slots.ts'
import { callLocal } from '../local/calls.ts'
import { listRunFiles } from '../local/run-files.ts'
import type { Settings } from './settings.ts'

/** For one look at a session that may be busy. */
const PROBE_MS = 2_500
/** For a session that begins. */
const PATIENCE_MS = 8_000
const AGAIN_MS = 250

interface Answering {
  readonly path: string
  readonly name: string
  readonly project: string | undefined
  readonly pid: number
}

/** The local socket of the session of this name, else of the first slot of this project. */
export async function runningSession(settings: Settings, name: string | undefined): Promise<string | undefined> {
  return chosen(await answering(settings), settings, name)
}

/** The same, waiting while the holder of the name is not ready. Throws `timeout` where it stays silent. */
export async function runningWithPatience(settings: Settings, name: string | undefined): Promise<string | undefined> {
  const end = systemClock.monotonic() + PATIENCE_MS
  for (;;) {
    const all = await answering(settings)
    const found = chosen(all, settings, name)
    if (found !== undefined) return found
    const holder = await holderOf(settings, name)
    // One that answers is the session of another project, whose name is the same.
    if (holder === undefined || all.some(({ pid }) => pid === holder)) return undefined
    if (systemClock.monotonic() > end) throw silent(holder, settings)
    await delay(systemClock, AGAIN_MS)
  }
}

function chosen(all: readonly Answering[], { project }: Settings, name: string | undefined): string | undefined {
  const wanted = all.filter((one) => (name === undefined ? one.project === project.value : one.name === name))
  return [...wanted].sort((a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1))[0]?.path
}

async function answering({ root }: Settings): Promise<readonly Answering[]> {
  const answers = listRunFiles(root.value).map(async ({ run }): Promise<readonly Answering[]> => {
    const status = await statusOf(run.local)
    return status ? [{ path: run.local, name: status.name, project: status.project, pid: run.pid }] : []
  })
  return (await Promise.all(answers)).flat()
}

/** The process that holds the name which this command would take, if it is a session that lives or begins. */
async function holderOf(settings: Settings, name: string | undefined): Promise<number | undefined> {
  const wanted = name ?? settings.nodeName.value ?? defaultNodeName(os.hostname(), settings.projectName.value)
  const holder = await lockHolderOf(nodeFolder(settings.root.value, wanted), systemClock)
  if (!holder?.isLive) return undefined
  // A program of another kind leaves no run file, however long it runs; a session does within seconds.
  const isOurs = hasBegun(holder.pid, settings) || systemClock.now() - holder.writtenMs < PATIENCE_MS
  return isOurs ? holder.pid : undefined
}

function hasBegun(pid: number, { root }: Settings): boolean {
  return listRunFiles(root.value).some(({ run }) => run.pid === pid)
}

function silent(pid: number, settings: Settings): MeshError {
  const isHanging = hasBegun(pid, settings)
  const what = isHanging
    ? `The session of this project (process ${pid}) failed to answer within 8 seconds; restart it. More is told by: sym-mesh-channel doctor`
    : `The session of this project (process ${pid}) is not ready yet; try again in a moment. If it stays so: sym-mesh-channel doctor`
  return new MeshError('timeout', what, { retryable: !isHanging })
}

async function statusOf(path: string): Promise<{ name: string; project?: string | undefined } | undefined> {
  try {
    const answer = await callLocal(path, { method: 'status' }, { clock: systemClock, timeoutMs: PROBE_MS })
    return 'ok' in answer ? statusView.safeParse(answer.ok).data : undefined
  } catch {
    // Ended since it was listed, or too busy to be asked.
    return undefined
  }
}
