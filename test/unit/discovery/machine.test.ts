import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import type { Discovery } from '../../../server/src/discovery/discovery.ts'
import { createMachineDiscovery } from '../../../server/src/discovery/machine.ts'
import { startTimeOf } from '../../../server/src/identity/process.ts'
import { type RunFile, removeRunFile, runFolder, runPath, writeRunFile } from '../../../server/src/local/run-files.ts'
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
    discovery = createMachineDiscovery({ clock, log: silentLog, root, living: async (runs) => runs.filter(({ pid }) => !dead.has(pid)) })
  })
  afterEach(async () => {
    await discovery.stop()
    expect(clock.pending).toBe(0)
    rmSync(root, { recursive: true, force: true })
  })

  const start = () => discovery.start(announcementOf(OWN_ID, 0), told)
  /** The next look of its own, to its end. */
  const scan = () => {
    clock.advance(LIMITS.machine.scanMs)
    return new Promise<void>((resolve) => setImmediate(resolve))
  }
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
    await scan()
    expect(told.found.map(({ nodeId }) => nodeId)).toEqual([idOf(7)])
    write(7, { groups: ['team'] })
    removeRunFile(root, 1, 8)
    await scan()
    expect(told.found.map(({ groups }) => groups)).toEqual([undefined, ['team']])
  })

  it('removes the file of a process that is gone', async () => {
    write(7)
    await start()
    dead.add(7)
    await scan()
    expect(told.lost).toEqual([`machine:${idOf(7)}@7`])
    expect(existsSync(runPath(root, 1, 7, 'json'))).toBe(false)
  })

  it('looks into a folder that has not changed only for processes that are gone, and sees the change that follows', async () => {
    write(7)
    write(8)
    const long = new Date(clock.now() - 60_000)
    utimesSync(runFolder(root), long, long)
    await start()
    dead.add(7)
    await scan()
    expect(told.lost).toEqual([`machine:${idOf(7)}@7`])
    write(9)
    await scan()
    expect(told.found.map(({ nodeId }) => nodeId).sort()).toEqual([idOf(7), idOf(8), idOf(9)])
  })

  it('asks for all processes at once, without holding anything up, and again for what changed meanwhile [R38]', async () => {
    const asked: number[][] = []
    let answer = (): void => {}
    const living = (runs: readonly RunFile[]) => {
      asked.push(runs.map(({ pid }) => pid).sort())
      return new Promise<readonly RunFile[]>((resolve) => {
        answer = () => resolve(runs)
      })
    }
    discovery = createMachineDiscovery({ clock, log: silentLog, root, living })
    for (const pid of [7, 8, 9]) write(pid)
    const started = start()
    await scan()
    await scan()
    expect(asked).toEqual([[7, 8, 9]])
    write(11)
    answer()
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(asked).toEqual([
      [7, 8, 9],
      [11, 7, 8, 9],
    ])
    answer()
    await started
    expect(told.found).toHaveLength(4)
  })

  it('goes on looking after a look that failed', async () => {
    let isBroken = true
    const living = async (runs: readonly RunFile[]) => {
      if (isBroken) throw new Error('too many open files')
      return runs
    }
    discovery = createMachineDiscovery({ clock, log: silentLog, root, living })
    write(7)
    await start()
    expect(told.found).toEqual([])
    isBroken = false
    await scan()
    expect(told.found).toHaveLength(1)
  })

  it.runIf(process.platform === 'linux')('drops the dead and those whose process id is another one’s by now [R38]', async () => {
    const start = await startTimeOf(process.pid)
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
    await once(gone, 'exit')
    // Names of run files carry both ids, so one process can stand for several servers.
    const put = (ppid: number, pid: number, nodeId: string, started: string | null) =>
      writeRunFile(root, ppid, { nodeId, pid, start: started, sessionId: null, link: path.join(root, nodeId), local: 'x' })
    put(1, gone.pid ?? 0, idOf(1), start ?? null)
    put(2, process.pid, idOf(2), start ?? null)
    put(3, process.pid, idOf(3), '1')
    put(4, process.pid, idOf(4), null)
    discovery = createMachineDiscovery({ clock, log: silentLog, root })
    await discovery.start(announcementOf(OWN_ID, 0), told)
    expect(told.found.map(({ nodeId }) => nodeId).sort()).toEqual([idOf(2), idOf(4)])
    expect([1, 2, 3, 4].map((ppid) => existsSync(runPath(root, ppid, ppid === 1 ? (gone.pid ?? 0) : process.pid, 'json')))).toEqual([
      false,
      true,
      false,
      true,
    ])
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
