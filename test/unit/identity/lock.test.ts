import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, systemRandom } from '../../../server/src/base/clock.ts'
import { acquireLock, type IdentityLock, type LockResult } from '../../../server/src/identity/lock.ts'
import { startTimeOf } from '../../../server/src/identity/process.ts'
import { type Bundled, bundled } from '../store/bundled.ts'
import { removeShortSockets } from './short-sockets.ts'

const STARTERS = Number(process.env['LOCK_STARTERS'] ?? 30)
const ROUNDS = Number(process.env['LOCK_ROUNDS'] ?? 5)

let program: Bundled
let root: string
let folder: string
let starters: Starter[]
let locks: IdentityLock[]

beforeAll(async () => {
  program = await bundled(new URL('./starter.ts', import.meta.url))
})
afterAll(() => program.remove())
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'lock-'))
  folder = path.join(root, 'nodes', 'alice')
  starters = []
  locks = []
})
afterEach(async () => {
  await Promise.all(starters.map((starter) => starter.kill()))
  for (const lock of locks) await lock.release()
  rmSync(root, { recursive: true, force: true })
})

class Starter {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>
  readonly #exited: Promise<unknown>

  constructor(nodeFolder: string) {
    this.#child = spawn(process.execPath, [program.file, nodeFolder], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
    this.#exited = once(this.#child, 'exit')
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async answer(): Promise<string> {
    return (await this.#lines.next()).value ?? 'ended'
  }

  ask(command: string): Promise<string> {
    this.#child.stdin.write(`${command}\n`)
    return this.answer()
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }
}

async function start(count: number, nodeFolder = folder): Promise<Starter[]> {
  const fresh = Array.from({ length: count }, () => new Starter(nodeFolder))
  starters.push(...fresh)
  for (const starter of fresh) expect(await starter.answer()).toBe('ready')
  return fresh
}

async function acquire(nodeFolder = folder): Promise<LockResult> {
  const result = await acquireLock(nodeFolder, { clock: systemClock, random: systemRandom })
  if (result.kind === 'held') locks.push(result.lock)
  return result
}

function putLockFile(text: string, ageMs = 0): void {
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, 'lock.pid')
  writeFileSync(file, text)
  utimesSync(file, (Date.now() - ageMs) / 1_000, (Date.now() - ageMs) / 1_000)
}

describe('the lock of an identity', () => {
  it('is held by one and says by whom, and is free after release [R19]', async () => {
    const [other] = await start(1)
    expect(await other?.ask('take')).toBe('held')
    expect(await acquire()).toEqual({ kind: 'taken', pid: other?.pid })
    expect(await other?.ask('release')).toBe('released')
    expect(await acquire()).toMatchObject({ kind: 'held' })
    expect(await other?.ask('take')).toBe(`taken ${process.pid}`)
  })

  it('is not given twice to one process', async () => {
    const first = await acquire()
    expect(await acquire()).toEqual({ kind: 'taken', pid: process.pid })
    if (first.kind === 'held') await first.lock.release()
    if (first.kind === 'held') await first.lock.release()
    expect(await acquire()).toMatchObject({ kind: 'held' })
  })

  it('heals at once after kill -9 [R19]', async () => {
    const [other] = await start(1)
    expect(await other?.ask('take')).toBe('held')
    await other?.kill()
    expect(await acquire()).toMatchObject({ kind: 'held' })
  })

  it('stays with a holder that is stopped and does not answer', async () => {
    const [other] = await start(1)
    expect(await other?.ask('take')).toBe('held')
    process.kill(other?.pid ?? 0, 'SIGSTOP')
    expect(await acquire()).toMatchObject({ kind: 'taken' })
    process.kill(other?.pid ?? 0, 'SIGCONT')
  })

  it.skipIf(process.platform === 'win32')('stays private and leaves a bounded number of files', async () => {
    for (let n = 0; n < 40; n++) {
      const result = await acquire()
      expect(statSync(folder).mode & 0o777).toBe(0o700)
      if (result.kind === 'held') await result.lock.release()
    }
    const names = readdirSync(folder)
    expect(names.length).toBeLessThanOrEqual(16)
    expect(names).toContain('lock.40.sock')
  })

  it('removes what a killed starter left between two steps', async () => {
    const [other] = await start(1)
    await other?.kill()
    mkdirSync(folder, { recursive: true })
    const rest = path.join(folder, `lock.${other?.pid}-00ff.tmp`)
    writeFileSync(rest, '')
    await acquire()
    expect(readdirSync(folder)).not.toContain(path.basename(rest))
  })

  it('works where the path is too long for a socket', async () => {
    const long = path.join(root, 'x'.repeat(60), 'y'.repeat(60), 'alice')
    const [other] = await start(1, long)
    expect(await other?.ask('take')).toBe('held')
    expect(await acquire(long)).toEqual({ kind: 'taken', pid: other?.pid })
    expect(await acquire(`${long}2`)).toMatchObject({ kind: 'held' })
    await other?.kill()
    expect(await acquire(long)).toMatchObject({ kind: 'held' })
    for (const each of [long, `${long}2`]) removeShortSockets(each)
  })

  it('counts a socket that answers in any way but by refusing as a live holder', async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const foreign = createServer().listen(path.join(folder, 'lock.9.sock'))
    await once(foreign, 'listening')
    expect(await acquire()).toMatchObject({ kind: 'taken' })
    foreign.close()
    await once(foreign, 'close')
    expect(await acquire()).toMatchObject({ kind: 'held' })
  })
})

describe('many starters', () => {
  it.each(['take', 'socket'])(
    `on one stale lock: exactly one of ${STARTERS} wins, in every round (%s) [B6]`,
    { timeout: 1_200_000 },
    async (command) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      await start(STARTERS)
      for (let round = 0; round < ROUNDS; round++) {
        const racing = starters.slice(-STARTERS)
        const answers = await Promise.all(racing.map((starter) => starter.ask(command)))
        const winners = racing.filter((_, index) => answers[index] === 'held')
        expect(answers.filter((answer) => !/^(held|taken (\d+|undefined))$/.test(answer))).toEqual([])
        expect(winners).toHaveLength(1)
        const [winner] = winners
        await winner?.kill()
        starters = starters.filter((starter) => starter !== winner)
        await start(1)
      }
    },
  )

  it('that take and release without pause are never inside together [B6]', { timeout: 60_000 }, async () => {
    const crowd = await start(8)
    const critical = path.join(root, 'critical')
    const answers = await Promise.all(crowd.map((starter) => starter.ask(`loop 60 ${critical}`)))
    const held = answers.map((answer) => Number(answer.split(' ')[1]))
    expect(answers.map((answer) => answer.split(' ')[2])).toEqual(crowd.map(() => '0'))
    expect(held.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(0)
  })

  it('both win with a lock that is a file alone, which is why ours is not [B6]', () => {
    mkdirSync(folder, { recursive: true })
    const file = path.join(folder, 'stock.pid')
    writeFileSync(file, 'dead')
    const looks = () => readFileSync(file, 'utf8') === 'dead'
    const takes = (name: string) => {
      rmSync(file)
      writeFileSync(file, name, { flag: 'wx' })
      return true
    }
    const [aLooks, bLooks] = [looks(), looks()]
    expect([aLooks && takes('a'), bLooks && takes('b')]).toEqual([true, true])
  })
})

describe('lock.pid, the lock of stock nodes,', () => {
  it('is written in their form while we hold, and removed at release', async () => {
    const result = await acquire()
    const [first, second] = readFileSync(path.join(folder, 'lock.pid'), 'utf8').split('\n')
    expect(first).toBe(String(process.pid))
    expect(JSON.parse(second ?? '')).toMatchObject({ start: null, createdAt: expect.any(Number) })
    if (result.kind === 'held') await result.lock.release()
    expect(readdirSync(folder)).not.toContain('lock.pid')
  })

  it('of a live process is respected, with its id [R19]', async () => {
    const [other] = await start(1)
    putLockFile(`${other?.pid}\n${JSON.stringify({ start: 'Thu Jan  1 00:00:00 2026', createdAt: Date.now() + 1_000 })}\n`)
    expect(await acquire()).toEqual({ kind: 'taken', pid: other?.pid })
    putLockFile(`${other?.pid}\n`)
    expect(await acquire()).toEqual({ kind: 'taken', pid: other?.pid })
    await other?.kill()
    expect(await acquire()).toMatchObject({ kind: 'held' })
  })

  it('of a process that ended is replaced', async () => {
    const [other] = await start(1)
    await other?.kill()
    putLockFile(`${other?.pid}\n${JSON.stringify({ start: null, createdAt: Date.now() })}\n`)
    expect(await acquire()).toMatchObject({ kind: 'held' })
    expect(readFileSync(path.join(folder, 'lock.pid'), 'utf8')).toMatch(new RegExp(`^${process.pid}\n`))
  })

  it.runIf(process.platform === 'linux')('does not hold for a process that only got the id later', async () => {
    const [other] = await start(1)
    const late = { start: null, createdAt: Date.now() - 3_600_000 }
    putLockFile(`${other?.pid}\n${JSON.stringify(late)}\n`)
    const result = await acquire()
    expect(result).toMatchObject({ kind: 'held' })
    if (result.kind === 'held') await result.lock.release()
    putLockFile(`${other?.pid}\n${JSON.stringify({ ...late, ticks: await startTimeOf(other?.pid ?? 0) })}\n`)
    expect(await acquire()).toMatchObject({ kind: 'taken' })
  })

  it('that cannot be read is held while it may be half written, and stale afterwards', async () => {
    putLockFile('')
    expect(await acquire()).toEqual({ kind: 'taken' })
    putLockFile('', 5_000)
    expect(await acquire()).toMatchObject({ kind: 'held' })
  })

  it('with an id alone and older than the last start of the machine is stale', async () => {
    const [other] = await start(1)
    putLockFile(`${other?.pid}\n`, 10 * 365 * 86_400_000)
    expect(await acquire()).toMatchObject({ kind: 'held' })
  })
})
