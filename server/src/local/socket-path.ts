/**
 * Where private sockets live. A unix socket path is limited to about 100 bytes by the kernel, so a path that would be
 * longer moves into `<tmp>/sym-<uid>/` under a hash of the folder it stands for. The folder is 0700 and ours: whoever
 * can enter it can talk to the socket. On Windows the same name becomes a named pipe.
 */
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync } from 'node:fs'
import path from 'node:path'
import { ensurePrivateFolder } from '../base/files.ts'

/** Linux allows 107 bytes and macOS 103; some are kept back for temporary names beside the final one. */
export const MAX_SOCKET_PATH_BYTES = 100

export interface SocketPlace {
  readonly platform: NodeJS.Platform
  readonly uid: number
  /** The folder for temporary files, used only when the path beside the folder is too long. */
  readonly tmp: string
}

/** The path (or pipe name) of the socket `name` that belongs to `folder`. Pure: makes nothing. */
export function socketPath(folder: string, name: string, place: SocketPlace): string {
  if (place.platform === 'win32') return `\\\\.\\pipe\\sym-${hashOf(folder.toLowerCase())}-${name}`
  const beside = path.join(folder, name)
  return fitsSocket(beside) ? beside : shortSocketPath(folder, name, place)
}

/** The path of the socket in the short folder, whatever the length of its own. */
export function shortSocketPath(folder: string, name: string, place: Pick<SocketPlace, 'uid' | 'tmp'>): string {
  const short = `${hashOf(path.resolve(folder))}-${name}`
  const inTmp = path.join(place.tmp, `sym-${place.uid}`, short)
  return fitsSocket(inTmp) ? inTmp : path.join('/tmp', `sym-${place.uid}`, short)
}

export function fitsSocket(file: string): boolean {
  return Buffer.byteLength(file) <= MAX_SOCKET_PATH_BYTES
}

/** Makes the folder of a socket and closes it to others. A pipe has none. */
export function ensureSocketFolder(socket: string): void {
  if (socket.startsWith('\\\\.\\pipe\\')) return
  ensureClosedFolder(path.dirname(socket))
}

/** A folder that is ours and 0700. A looser one that is ours is closed, since nothing in it is meant for others. */
export function ensureClosedFolder(folder: string): void {
  ensurePrivateFolder(folder)
  if (process.platform !== 'win32' && (lstatSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700)
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
