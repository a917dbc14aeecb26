import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '../../server/src/base/clock.ts'
import { Guard } from '../../server/src/base/guard.ts'
import { silentLog } from '../../server/src/base/log.ts'
import { createSocketTransport } from '../../server/src/transport/socket.ts'
import { transportContract } from './transport.ts'

transportContract('local socket', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sym-link-'))
  const at = (name: string) => (process.platform === 'win32' ? `\\\\.\\pipe\\${path.basename(folder)}-${name}` : path.join(folder, name))
  return {
    transport: createSocketTransport({ clock: systemClock, guard: new Guard(silentLog) }),
    at: { kind: 'machine', path: at('link') },
    nowhere: { kind: 'machine', path: at('nobody') },
    teardown: async () => rmSync(folder, { recursive: true, force: true }),
  }
})
