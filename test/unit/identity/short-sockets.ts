import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { shortSocketPath } from '../../../server/src/local/socket-path.ts'

/** Removes what the lock of a folder with a long path left outside of the temporary folder of the test. */
export function removeShortSockets(nodeFolder: string): void {
  const short = shortSocketPath(nodeFolder, 'lock.', { uid: process.getuid?.() ?? 0, tmp: '/tmp' })
  for (const name of readdirSync(path.dirname(short))) {
    if (name.startsWith(path.basename(short))) rmSync(path.join(path.dirname(short), name))
  }
}
