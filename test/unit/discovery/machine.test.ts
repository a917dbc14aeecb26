import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import type { Discovery } from '../../../server/src/discovery/discovery.ts'
import { createMachineDiscovery } from '../../../server/src/discovery/machine.ts'
import { removeRunFile, runFolder, runPath, writeRunFile } from '../../../server/src/local/run-files.ts'
import { announcementOf, OWN_ID, Told } from '../../contract/discovery.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const idOf = (n: number) => `0197a000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`

describe('same-machine registry', () => {
  let root: string
  let clock: FakeClock
  let told: Told
  let discovery: Discovery
  let dead: Set<number>

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'sym-root-'))
    clock = new FakeClock()
    told = new Told()
    dead = new Set()
    discovery = createMachineDiscovery({ clock, log: silentLog, root, isAlive: (pid) => !dead.has(pid) })
  })
  afterEach(async () => {
    await discovery.stop()
    expect(clock.pending).toBe(0)
    rmSync(root, { recursive: true, force: true })
  })

  const start = () => discovery.start(announcementOf(OWN_ID, 0), told)
  const write = (pid: number, more: { nodeId?: string; groups?: readonly string[] } = {}) =>
    writeRunFile(root, 1, {
      nodeId: idOf(pid),
      pid,
      start: null,
      sessionId: null,
      link: path.join(root, `${pid}.link`),
      local: 'x',
      ...more,
    })

  it('finds a node with its socket and groups [R30]', async () => {
    write(7, { groups: ['team'] })
    await start()
    expect(told.found).toEqual([
      {
        source: 'machine',
        id: `machine:${idOf(7)}@7`,
        nodeId: idOf(7),
        groups: ['team'],
        addresses: [{ kind: 'machine', path: path.join(root, '7.link') }],
      },
    ])
  })

  it('looks again every few seconds, whatever the system tells of changes [R30]', async () => {
    await start()
    write(7)
    clock.advance(LIMITS.machine.scanMs)
    expect(told.found.map(({ nodeId }) => nodeId)).toEqual([idOf(7)])
    write(7, { groups: ['team'] })
    removeRunFile(root, 1, 8)
    clock.advance(LIMITS.machine.scanMs)
    expect(told.found.map(({ groups }) => groups)).toEqual([undefined, ['team']])
  })

  it('removes the file of a process that is gone', async () => {
    write(7)
    await start()
    dead.add(7)
    clock.advance(LIMITS.machine.scanMs)
    expect(told.lost).toEqual([`machine:${idOf(7)}@7`])
    expect(existsSync(runPath(root, 1, 7, 'json'))).toBe(false)
  })

  it('takes as many entries as the limit says, and not one more', async () => {
    for (let n = 0; n <= LIMITS.machine.entries; n++) write(1_000 + n)
    await start()
    expect(told.found).toHaveLength(LIMITS.machine.entries)
  })

  it('ignores what is no run file of a node', async () => {
    write(7, { nodeId: 'me' })
    writeFileSync(runPath(root, 1, 8, 'json'), 'null')
    writeFileSync(runPath(root, 1, 9, 'json'), '{"nodeId":')
    await start()
    expect(told.found).toEqual([])
    expect(discovery.health().problem).toBeUndefined()
  })

  it('closes its folder to other users, and says so where it cannot', async () => {
    write(7)
    if (process.platform === 'win32') return
    chmodSync(runFolder(root), 0o755)
    await start()
    expect(statSync(runFolder(root)).mode & 0o777).toBe(0o700)
    await discovery.stop()
    rmSync(runFolder(root), { recursive: true })
    writeFileSync(runFolder(root), 'a file')
    discovery = createMachineDiscovery({ clock, log: silentLog, root })
    await start()
    expect(discovery.health().problem).toContain('Sessions on this machine')
  })
})
