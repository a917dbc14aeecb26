import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readDoor, removeDoor, writeDoor } from '../../../server/src/local/door.ts'
import {
  findRunFileOfParent,
  listRunFiles,
  parseRunFile,
  type RunFile,
  removeRunFile,
  runFolder,
  runPath,
  socketPaths,
  writeRunFile,
} from '../../../server/src/local/run-files.ts'
import { MAX_SOCKET_PATH_BYTES, type SocketPlace } from '../../../server/src/local/socket-path.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'run-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const PARENT = 100
const runOf = (pid: number, sessionId: string | null = null): RunFile => ({
  nodeId: '01890000-0000-7000-8000-000000000001',
  pid,
  start: '12345',
  sessionId,
  link: '/tmp/a.link',
  local: '/tmp/a.local',
})

/** Sets the age of a run file, since two written in a row may carry one time. */
function setAge(ppid: number, pid: number, seconds: number): void {
  utimesSync(runPath(root, ppid, pid, 'json'), 1_000_000 - seconds, 1_000_000 - seconds)
}

describe('a run file', () => {
  it('is read as it was written', () => {
    const run = { ...runOf(7, 's1'), groups: ['default'] }
    writeRunFile(root, PARENT, run)
    expect(listRunFiles(root)).toEqual([{ ppid: PARENT, run }])
    expect(parseRunFile(readFileSync(runPath(root, PARENT, 7, 'json'), 'utf8'))).toEqual(run)
  })

  it.skipIf(process.platform === 'win32')('is private in a private folder, also where the folder was open before [B4]', () => {
    mkdirSync(runFolder(root), { mode: 0o755 })
    chmodSync(runFolder(root), 0o755)
    writeRunFile(root, PARENT, runOf(7))
    expect(statSync(runFolder(root)).mode & 0o777).toBe(0o700)
    expect(statSync(runPath(root, PARENT, 7, 'json')).mode & 0o777).toBe(0o600)
    expect(readdirSync(runFolder(root))).toEqual(['100-7.json'])
  })

  it('may have keys that a newer version knows', () => {
    expect(parseRunFile(JSON.stringify({ ...runOf(7), later: 1 }))).toEqual(runOf(7))
  })

  it('with anything else amiss is no run file', () => {
    const wrong = [
      { pid: 0 },
      { pid: 1.5 },
      { pid: '7' },
      { nodeId: '' },
      { nodeId: 5 },
      { start: 5 },
      { sessionId: undefined },
      { link: null },
      { local: 'x'.repeat(2_000) },
      { groups: 'default' },
      { groups: [1] },
    ]
    for (const change of wrong) expect(parseRunFile(JSON.stringify({ ...runOf(7), ...change }))).toBeUndefined()
    for (const text of ['', '{', 'null', '[]', '7']) expect(parseRunFile(text)).toBeUndefined()
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseRunFile(JSON.stringify(value))).toBeUndefined()
      }),
    )
  })

  it('is removed with its door, and those of other servers stay', () => {
    for (const pid of [7, 8]) {
      writeRunFile(root, PARENT, runOf(pid))
      writeDoor(root, PARENT, pid, { waiting: 1, wants: [] })
    }
    removeRunFile(root, PARENT, 7)
    removeRunFile(root, PARENT, 7)
    expect(readdirSync(runFolder(root)).sort()).toEqual(['100-8.door', '100-8.json'])
  })
})

describe('the list of run files', () => {
  it('is empty where no server has run', () => {
    expect(listRunFiles(path.join(root, 'nowhere'))).toEqual([])
  })

  it('leaves out broken files, links, foreign names, folders, large files and files that speak for another process', () => {
    writeRunFile(root, PARENT, runOf(7))
    const folder = runFolder(root)
    writeFileSync(path.join(folder, '100-8.json'), '{')
    writeFileSync(path.join(folder, '100-9.json'), JSON.stringify(runOf(10)))
    writeFileSync(path.join(folder, '100-11.json'), JSON.stringify(runOf(11)) + ' '.repeat(20_000))
    writeFileSync(path.join(folder, '100-012.json'), JSON.stringify(runOf(12)))
    writeFileSync(path.join(folder, 'settings.json'), JSON.stringify(runOf(13)))
    writeFileSync(path.join(root, 'target'), JSON.stringify(runOf(14)))
    symlinkSync(path.join(root, 'target'), path.join(folder, '100-14.json'))
    mkdirSync(path.join(folder, '100-15.json'))
    expect(listRunFiles(root).map((entry) => entry.run.pid)).toEqual([7])
  })

  it('is bounded and keeps the newest', () => {
    for (let pid = 1; pid <= 70; pid++) {
      writeRunFile(root, PARENT, runOf(pid))
      setAge(PARENT, pid, pid)
    }
    const pids = listRunFiles(root).map((entry) => entry.run.pid)
    expect(pids).toEqual(Array.from({ length: 64 }, (_, index) => index + 1))
  })
})

describe('the server of a hook', () => {
  it('is the one under the same parent process', () => {
    writeRunFile(root, PARENT, runOf(7))
    writeRunFile(root, 200, runOf(8))
    expect(findRunFileOfParent(root, PARENT)?.pid).toBe(7)
    expect(findRunFileOfParent(root, 300)).toBeUndefined()
    expect(findRunFileOfParent(root, 10)).toBeUndefined()
  })

  it('is, of several, the one of its session, else the newest', () => {
    for (const [pid, session] of [
      [7, 'old'],
      [8, 'mine'],
      [9, 'new'],
    ] as const) {
      writeRunFile(root, PARENT, runOf(pid, session))
      setAge(PARENT, pid, 100 - pid)
    }
    expect(findRunFileOfParent(root, PARENT, 'mine')?.pid).toBe(8)
    expect(findRunFileOfParent(root, PARENT, 'unknown')?.pid).toBe(9)
    expect(findRunFileOfParent(root, PARENT)?.pid).toBe(9)
  })
})

describe('the sockets of a server', () => {
  const linux: SocketPlace = { platform: 'linux', uid: 501, tmp: '/tmp' }

  it('stand beside its run file', () => {
    expect(socketPaths('/home/u/.sym', 1, 2, linux)).toEqual({ link: '/home/u/.sym/run/1-2.link', local: '/home/u/.sym/run/1-2.local' })
  })

  it('move to a short folder where the path would be too long for the system', () => {
    const long = `/home/${'x'.repeat(120)}/.sym`
    const { link, local } = socketPaths(long, 1, 2, linux)
    expect(link).toMatch(/^\/tmp\/sym-501\/[0-9a-f]{16}-1-2\.link$/)
    expect(local).not.toBe(link)
    expect(socketPaths(`${long}2`, 1, 2, linux).link).not.toBe(link)
    const longTmp = { ...linux, tmp: `/private/${'y'.repeat(90)}` }
    expect(socketPaths(long, 4_194_304, 4_194_304, longTmp).link.length).toBeLessThanOrEqual(MAX_SOCKET_PATH_BYTES)
  })

  it('are named pipes on Windows', () => {
    const windows: SocketPlace = { platform: 'win32', uid: 0, tmp: 'C:\\Temp' }
    expect(socketPaths('C:\\Users\\u\\.sym', 1, 2, windows).local).toMatch(/^\\\\\.\\pipe\\sym-[0-9a-f]{16}-1-2\.local$/)
  })
})

describe('a door', () => {
  it('is absent, then says what waits, then is absent again', () => {
    expect(readDoor(root, PARENT)).toBeUndefined()
    writeDoor(root, PARENT, 7, { waiting: 2, wants: ['Stop'] })
    writeDoor(root, PARENT, 7, { waiting: 3, wants: [] })
    expect(readDoor(root, PARENT)).toEqual({ waiting: 3, wants: [] })
    expect(readDoor(root, 7)).toBeUndefined()
    removeDoor(root, PARENT, 7)
    removeDoor(root, PARENT, 7)
    expect(readDoor(root, PARENT)).toBeUndefined()
  })

  it('of several is that of the server which the hook belongs to', () => {
    for (const pid of [7, 8]) {
      writeRunFile(root, PARENT, runOf(pid, `session-${pid}`))
      writeDoor(root, PARENT, pid, { waiting: pid, wants: [] })
    }
    expect(readDoor(root, PARENT, 'session-7')).toEqual({ waiting: 7, wants: [] })
    expect(readDoor(root, PARENT, 'session-8')).toEqual({ waiting: 8, wants: [] })
    removeDoor(root, PARENT, 7)
    expect(readDoor(root, PARENT, 'session-8')).toEqual({ waiting: 8, wants: [] })
    // What another session of this parent wants to hear is nothing to a session that has no door.
    expect(readDoor(root, PARENT, 'session-7')).toBeUndefined()
  })

  it('that cannot be read is closed', () => {
    writeDoor(root, PARENT, 7, { waiting: 1, wants: [] })
    for (const text of ['', '{', '{"waiting":-1,"wants":[]}', '{"waiting":1}', '{"waiting":1,"wants":[1]}']) {
      writeFileSync(runPath(root, PARENT, 7, 'door'), text)
      expect(readDoor(root, PARENT)).toBeUndefined()
    }
  })
})
