import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '../../server/src/base/clock.ts'
import { silentLog } from '../../server/src/base/log.ts'
import { createMachineDiscovery } from '../../server/src/discovery/machine.ts'
import { removeRunFile, writeRunFile } from '../../server/src/local/run-files.ts'
import { discoveryContract, OTHER_ID, OWN_ID } from './discovery.ts'

discoveryContract('same machine', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'sym-root-'))
  const { pid, ppid } = process
  // Two nodes of one process: the test's own, and with its parent's pid the other.
  const write = (nodeId: string, of: number) =>
    writeRunFile(root, ppid, {
      nodeId,
      pid: of,
      start: null,
      sessionId: null,
      link: path.join(root, nodeId),
      local: path.join(root, 'local'),
    })
  return {
    discovery: createMachineDiscovery({ clock: systemClock, log: silentLog, root }),
    nodeId: OTHER_ID,
    appear: () => {
      write(OWN_ID, pid)
      write(OTHER_ID, ppid)
    },
    disappear: () => removeRunFile(root, ppid, ppid),
    teardown: async () => rmSync(root, { recursive: true, force: true }),
  }
})
