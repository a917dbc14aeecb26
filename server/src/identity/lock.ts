/**
 * The lock of an identity: one writer per key. A listening socket decides (`lock-socket.ts`; on Windows a named pipe,
 * which has one first instance), since it dies with its holder. Beside it stands `lock.pid`, which keeps stock nodes
 * away and tells who the holder is (`lock-file.ts`).
 */
import type { Server } from 'node:net'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { systemCode } from '../base/errors.ts'
import { ensureClosedFolder, socketPath } from '../local/socket-path.ts'
import { dropLockFile, holderIn, lockFileState, takeLockFile } from './lock-file.ts'
import { closeServer, listening, takeSocket } from './lock-socket.ts'

export interface IdentityLock {
  /** Lets the next one in. Idempotent. */
  release(): Promise<void>
}

export type LockResult =
  | { readonly kind: 'held'; readonly lock: IdentityLock }
  /** `pid` is missing while the holder is still starting. */
  | { readonly kind: 'taken'; readonly pid?: number }

export interface LockDeps {
  readonly clock: Clock
  readonly random: RandomBytes
}

/** Takes the lock of the node folder `folder` (made if needed), or says who has it. Never waits for a holder. */
export async function acquireLock(folder: string, deps: LockDeps): Promise<LockResult> {
  ensureClosedFolder(folder)
  const before = await lockFileState(folder, deps.clock)
  if (before.kind === 'held') return taken(before.pid)
  const server = process.platform === 'win32' ? await firstPipe(folder) : await takeSocket(folder, deps.random)
  if (server === undefined) return taken(holderIn(folder))
  try {
    const after = await takeLockFile(folder, deps.clock, deps.random)
    if (after.kind === 'free') return { kind: 'held', lock: { release: () => release(server, folder) } }
    await closeServer(server)
    return taken(after.pid)
  } catch (thrown) {
    await closeServer(server)
    throw thrown
  }
}

function taken(pid: number | undefined): LockResult {
  return pid === undefined ? { kind: 'taken' } : { kind: 'taken', pid }
}

async function release(server: Server, folder: string): Promise<void> {
  if (!server.listening) return
  dropLockFile(folder)
  await closeServer(server)
}

async function firstPipe(folder: string): Promise<Server | undefined> {
  try {
    return await listening(socketPath(folder, 'lock', { platform: 'win32', uid: 0, tmp: '' }))
  } catch (thrown) {
    if (['EADDRINUSE', 'EACCES', 'EPERM'].includes(systemCode(thrown) ?? '')) return undefined
    throw thrown
  }
}
