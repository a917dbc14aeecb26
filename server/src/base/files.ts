/**
 * Small private files. A write is all or nothing: temporary file, fsync, rename, fsync of the folder, so that a loss of
 * power leaves the old content or the new (P6 of the threat model). Files are 0600 and folders 0700 from the moment of
 * creation; symbolic links are not followed.
 */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { MeshError, systemCode } from './errors.ts'

const isWindows = process.platform === 'win32'

/** Makes the folder (and those above it) if needed, and refuses one that others can write to or that is not ours. */
export function ensurePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stat = lstatSync(folder)
  if (!stat.isDirectory()) throw new MeshError('store-unreadable', `${folder} is not a folder; move it away and start again`)
  if (isWindows) return
  if (process.getuid && stat.uid !== process.getuid()) {
    throw new MeshError('store-unreadable', `${folder} belongs to another user; run: sudo chown -R $(id -un) '${folder}'`)
  }
  if ((stat.mode & 0o022) !== 0) {
    throw new MeshError('store-unreadable', `${folder} can be written by other users; run: chmod 700 '${folder}'`)
  }
}

/** The content, or undefined when there is no such file. Throws on anything else (a link, no permission). */
export function readPrivateFile(file: string): Buffer | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, constants.O_RDONLY | (isWindows ? 0 : constants.O_NOFOLLOW))
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined
    throw thrown
  }
  try {
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Replaces the file by `content`, atomically and durably, with mode 0600. */
export function writePrivateFile(file: string, content: string | Uint8Array): void {
  replaceDurably(file, content, 0o600)
}

/**
 * The same for a file that is not ours, with the mode that it has. `isStillWanted` is asked at the last moment, when the
 * new content is on disk beside the file: false leaves the file as it is, and the result is false.
 */
export function replaceDurably(file: string, content: string | Uint8Array, mode: number, isStillWanted = () => true): boolean {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    writeDurably(temporary, content, mode)
    if (!isStillWanted()) {
      rmSync(temporary, { force: true })
      return false
    }
    renameWithRetry(temporary, file)
  } catch (thrown) {
    rmSync(temporary, { force: true })
    throw thrown
  }
  syncPath(path.dirname(file))
  return true
}

function writeDurably(file: string, content: string | Uint8Array, mode: number): void {
  const descriptor = openSync(file, 'wx', mode)
  try {
    if (!isWindows) fchmodSync(descriptor, mode)
    writeFileSync(descriptor, content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** A virus scanner or an indexer may hold a file open on Windows for a moment. */
function renameWithRetry(from: string, to: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      renameSync(from, to)
      return
    } catch (thrown) {
      const isBusy = ['EBUSY', 'EPERM', 'EACCES'].includes(systemCode(thrown) ?? '')
      if (!isWindows || !isBusy || attempt === 10) throw thrown
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10 * attempt)
    }
  }
}

/** Takes every right of group and others from a file or folder; a link is not followed. */
export function closeToOthers(file: string): void {
  const { mode } = lstatSync(file)
  if (!isWindows) chmodSync(file, mode & 0o700)
}

/** Brings a folder's names, or what another program wrote into a file, onto the disk. Windows has no such call for folders. */
export function syncPath(target: string): void {
  if (isWindows) return
  const descriptor = openSync(target, constants.O_RDONLY)
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** `parent/name` for a name that came from outside; throws when it would leave the folder or is no portable file name. */
export function safeJoin(parent: string, name: string): string {
  const isReserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name)
  if (name === '' || name.startsWith('.') || /[/\\\0:*?"<>|]/.test(name) || /[. ]$/.test(name) || isReserved) {
    throw new MeshError('name-invalid', `${JSON.stringify(name)} cannot be a folder name; use letters, digits and dashes`)
  }
  const joined = path.resolve(parent, name)
  if (path.dirname(joined) !== path.resolve(parent)) {
    throw new MeshError('name-invalid', `${JSON.stringify(name)} leads out of ${parent}; use letters, digits and dashes`)
  }
  return joined
}
