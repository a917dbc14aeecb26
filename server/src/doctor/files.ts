/** The state folder: rights, what cannot be read, who holds a name, and the disk below it. */
import type { Facts, FileFacts, LockFacts } from './facts.ts'
import type { Finding } from './finding.ts'

const LOW_DISK_BYTES = 200 * 1_048_576
const FULL_DISK_BYTES = 8 * 1_048_576

export function diagnoseFiles({ files, locks }: Facts): readonly Finding[] {
  return [...files.flatMap((file) => [...diagnoseFault(file), ...diagnoseMode(file)]), ...locks.flatMap((lock) => diagnoseLock(lock))]
}

interface Fault {
  readonly id: string
  readonly why: string
  readonly next: (path: string) => string
}

const FAULTS: Readonly<Record<FileFacts['kind'], Fault>> = {
  folder: { id: 'folder-broken', why: 'nothing in it can be used', next: (path) => `ls -ld '${path}'` },
  identity: {
    id: 'file-broken',
    why: 'a node with this name does not start; the file is never replaced, since nobody can give a lost key back',
    next: (path) => `restore ${path} from a copy, or move it away to start as somebody new`,
  },
  database: {
    id: 'database-broken',
    why: 'a node with this name does not start: its inbox and outbox cannot be read',
    next: (path) => `mv '${path}' '${path}.broken' (the key stays; inbox, outbox and memory begin anew)`,
  },
  trust: { id: 'trust-broken', why: 'what you decided about keys does not count, and nobody new is let in', next: moveAway },
  user: { id: 'user-broken', why: 'private groups cannot be used', next: moveAway },
  group: {
    id: 'group-broken',
    why: 'that private group cannot be used',
    next: (path) => `mend the file named above in ${path}, or take its group out with a new invite`,
  },
}

function moveAway(path: string): string {
  return `mend ${path}, or: mv '${path}' '${path}.broken'`
}

function diagnoseFault({ kind, path, fault, mode }: FileFacts): readonly Finding[] {
  // Open to others it is refused too; that is told as such.
  if (fault === undefined || isOpenToOthers(mode)) return []
  const { id, why, next } = FAULTS[kind]
  return [{ id, level: 'problem', what: fault, why, next: next(path) }]
}

const isOpenToOthers = (mode: number | undefined): boolean => mode !== undefined && (mode & 0o077) !== 0

function diagnoseMode({ kind, path, mode }: FileFacts): readonly Finding[] {
  if (mode === undefined || !isOpenToOthers(mode)) return []
  const isWritable = (mode & 0o022) !== 0
  const isRefused = isWritable || ['identity', 'trust', 'user'].includes(kind)
  return [
    {
      id: 'mode-open',
      level: isRefused ? 'problem' : 'warning',
      what: `${path} can be ${isWritable ? 'written' : 'read'} by other users (mode ${mode.toString(8)})`,
      why: isRefused ? 'the node refuses to use it' : 'others on this machine can read keys or mail',
      next: `chmod go-rwx '${path}'`,
    },
  ]
}

function diagnoseLock({ name, path, pid, state }: LockFacts): readonly Finding[] {
  if (state === 'session') return []
  if (state === 'dead') {
    const what = `The lock of ${name} was left by process ${pid}, which has ended`
    const why = 'the process was killed; a lock counts only while its holder lives'
    return [{ id: 'lock-stale', level: 'note', what, why, next: 'nothing: the next session takes the name over by itself' }]
  }
  return [
    {
      id: 'lock-held',
      level: 'warning',
      what: `The name ${name} is held by process ${pid}, which is no session of this version (${path})`,
      why: `a session that wants this name is called ${name}-2, and has another key`,
      next: `ps -fp ${pid} tells what it is; when it is not needed: kill ${pid}`,
    },
  ]
}

export function diagnoseDisk({ freeBytes, root, proof, platform }: Facts): readonly Finding[] {
  // Where nothing could be written the proof says so.
  if (freeBytes === undefined || freeBytes >= LOW_DISK_BYTES || (proof.kind === 'failed' && proof.code === 'ENOSPC')) return []
  const isFull = freeBytes < FULL_DISK_BYTES
  return [
    {
      id: isFull ? 'disk-full' : 'disk-low',
      level: isFull ? 'problem' : 'warning',
      what: `${Math.floor(freeBytes / 1_048_576)} MB are free where ${root} lies`,
      why: isFull ? 'nothing can be kept, so nothing is taken or sent' : 'what peers send may soon not be kept',
      next: `make room; ${platform === 'win32' ? 'Get-PSDrive' : `df -h '${root}'`} shows the disk`,
    },
  ]
}
