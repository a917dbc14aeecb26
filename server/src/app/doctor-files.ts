/** What the doctor looks at in the state folder and on the disk below it. Reads alone. */
import { closeSync, lstatSync, openSync, readdirSync, readSync, statfsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { systemClock, systemRandom } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { FileFacts, LockFacts } from '../doctor/facts.ts'
import { checkIdentity } from '../identity/identity.ts'
import { lockHolderOf } from '../identity/lock-file.ts'
import { groupShelf } from '../mesh/group-shelf.ts'
import { trustFile } from '../mesh/trust-file.ts'

const DEPS = { clock: systemClock, random: systemRandom }
/** What a database begins with. */
const DATABASE_HEAD = 'SQLite format 3\0'

/** Root, the folders of nodes, what is in them, trust and groups. */
export function gatherFiles(root: string): readonly FileFacts[] {
  const nodes = path.join(root, 'nodes')
  const names = namesIn(nodes)
  const folders = [root, nodes, ...names.map((name) => path.join(nodes, name))]
  return [
    ...folders.flatMap((folder) => factsOf(folder, 'folder', () => undefined)),
    ...names.flatMap((name) => [
      ...factsOf(path.join(nodes, name, 'identity.json'), 'identity', () => identityFault(root, name)),
      ...factsOf(path.join(nodes, name, 'mesh.db'), 'database', databaseFault),
    ]),
    ...factsOf(path.join(root, 'trust.json'), 'trust', trustFault),
    ...factsOf(path.join(root, 'user.json'), 'user', () => undefined),
    ...groupFaults(path.join(root, 'groups')),
  ]
}

/** Who holds the name of each node; `sessions` are the processes that left a run file. */
export async function gatherLocks(root: string, sessions: ReadonlySet<number>): Promise<readonly LockFacts[]> {
  const found = namesIn(path.join(root, 'nodes')).map(async (name): Promise<readonly LockFacts[]> => {
    const folder = path.join(root, 'nodes', name)
    const holder = await lockHolderOf(folder, systemClock).catch(() => undefined)
    if (holder === undefined) return []
    const state = !holder.isLive ? 'dead' : sessions.has(holder.pid) ? 'session' : 'stranger'
    return [{ name, path: path.join(folder, 'lock.pid'), pid: holder.pid, state }]
  })
  return (await Promise.all(found)).flat()
}

/** The latest change of a database: a clock that says less went back. */
export function lastWrittenAt(root: string): number | undefined {
  const nodes = path.join(root, 'nodes')
  const files = namesIn(nodes).flatMap((name) => ['identity.json', 'mesh.db', 'mesh.db-wal'].map((file) => path.join(nodes, name, file)))
  const times = files.flatMap((file) => lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? [])
  return times.length === 0 ? undefined : Math.max(...times)
}

/** Of the nearest folder that exists: the state folder may not have been made yet. */
export function freeBytesAt(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    const above = path.dirname(folder)
    return above === folder ? undefined : freeBytesAt(above)
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    // No node was ever started here.
    return []
  }
}

function factsOf(file: string, kind: FileFacts['kind'], faultOf: (file: string) => string | undefined): readonly FileFacts[] {
  const stat = lstatSync(file, { throwIfNoEntry: false })
  if (!stat) return []
  return [{ kind, path: file, mode: process.platform === 'win32' ? undefined : stat.mode & 0o777, fault: faultOf(file) }]
}

function identityFault(root: string, name: string): string | undefined {
  return thrownBy(() => checkIdentity(root, name, { ...DEPS, hostname: os.hostname() }))
}

function trustFault(file: string): string | undefined {
  const state = trustFile(file, DEPS).read()
  return state.kind === 'broken' ? state.problem : undefined
}

function groupFaults(folder: string): readonly FileFacts[] {
  if (namesIn(folder).length === 0) return []
  return groupShelf(folder, DEPS)
    .read()
    .problems.map((fault) => ({ kind: 'group', path: folder, mode: undefined, fault }))
}

function databaseFault(file: string): string | undefined {
  return thrownBy(() => {
    const head = Buffer.alloc(DATABASE_HEAD.length)
    const descriptor = openSync(file, 'r')
    try {
      const length = readSync(descriptor, head)
      if (length > 0 && head.toString('latin1', 0, length) !== DATABASE_HEAD)
        throw new Error(`${file} is no database any more: its first bytes are others`)
    } finally {
      closeSync(descriptor)
    }
  })
}

function thrownBy(use: () => unknown): string | undefined {
  try {
    use()
    return undefined
  } catch (thrown) {
    return messageOf(thrown)
  }
}
