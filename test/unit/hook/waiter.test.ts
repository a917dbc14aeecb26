import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../server/src/base/clock.ts'
import { deferred } from '../../../server/src/base/deferred.ts'
import { mayBeWanted, mayWait } from '../../../server/src/hook/look.ts'
import { runWaiterProcess } from '../../../server/src/hook/main.ts'
import { MAX_AGE_MS, runWaiter, SERVER_TIMEOUT_MS, type WaiterDeps } from '../../../server/src/hook/waiter.ts'
import { type LocalHandlers, type LocalServer, serveLocal } from '../../../server/src/local/calls.ts'
import { writeDoor } from '../../../server/src/local/door.ts'
import { runFolder, socketPaths, writeRunFile } from '../../../server/src/local/run-files.ts'
import { ManualClock } from '../mcp/rig.ts'

const PPID = 5_242
const PID = 5_243

let root = ''
let server: LocalServer | undefined
let calls: { method: string; params: unknown }[] = []

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'wait-'))
  calls = []
})

afterEach(async () => {
  await server?.stop()
  server = undefined
  rmSync(root, { recursive: true, force: true })
})

const pathsOf = () => socketPaths(root, PPID, PID)

async function listen(wake: LocalHandlers[string]): Promise<void> {
  mkdirSync(runFolder(root), { recursive: true, mode: 0o700 })
  const shown = (params: unknown): null => {
    calls.push({ method: 'shown', params })
    return null
  }
  const handlers: LocalHandlers = {
    wake: (params, context) => {
      calls.push({ method: 'wake', params })
      return wake?.(params, context)
    },
    shown,
  }
  server = await serveLocal(pathsOf().local, handlers, { clock: systemClock })
}

const announce = () => writeRunFile(root, PPID, { nodeId: 'n', pid: PID, start: null, sessionId: 's1', ...pathsOf() })

function wait(overrides: Partial<WaiterDeps> = {}) {
  const written: string[] = []
  const code = runWaiter({
    root,
    parentPid: () => PPID,
    sessionId: 's1',
    clock: systemClock,
    write(text) {
      calls.push({ method: 'write', params: undefined })
      written.push(text)
      return Promise.resolve()
    },
    ...overrides,
  })
  return { code, written }
}

describe('the background hook', () => {
  it('writes what wakes, confirms it, and ends with the code that wakes [R116, R119]', async () => {
    const wake = deferred<unknown>()
    await listen(() => wake.promise)
    announce()
    const { code, written } = wait()
    wake.resolve({ ticket: 't1', text: 'From the mesh: hi' })
    expect(await code).toBe(2)
    expect(written).toEqual(['From the mesh: hi'])
    expect(calls.map(({ method }) => method)).toEqual(['wake', 'write', 'shown'])
    expect(calls[2]?.params).toEqual({ ticket: 't1' })
  })

  it('waits for a server that starts with it [R116, R129]', async () => {
    const { code } = wait()
    await listen(() => ({ ticket: 't1', text: 'x' }))
    announce()
    expect(await code).toBe(2)
  })

  it('waits for the socket of a server whose file is there already', async () => {
    mkdirSync(runFolder(root), { recursive: true, mode: 0o700 })
    announce()
    const { code } = wait()
    await listen(() => ({ ticket: 't1', text: 'x' }))
    expect(await code).toBe(2)
  })

  it.each([
    ['nothing: another waits already', null],
    ['something else', { ticket: 't' }],
    ['an empty text', { ticket: 't', text: '' }],
    ['a text over the limit of the host', { ticket: 't', text: 'x'.repeat(10_001) }],
  ])('leaves silently with 0 when it is answered with %s [R116, R132]', async (_, answer) => {
    await listen(() => answer)
    announce()
    const { code, written } = wait()
    expect([await code, written]).toEqual([0, []])
  })

  it('leaves silently when the server fails, or ends [R116, R132]', async () => {
    const asked = deferred()
    await listen(() => {
      asked.resolve()
      return new Promise(() => {})
    })
    announce()
    const { code, written } = wait()
    await asked.promise
    await server?.stop()
    expect([await code, written]).toEqual([0, []])
  })

  it('leaves without a wake when its text could not be written: the items go back [R119, R132]', async () => {
    await listen(() => ({ ticket: 't1', text: 'x' }))
    announce()
    const { code } = wait({ write: () => Promise.reject(new Error('EPIPE')) })
    expect(await code).toBe(0)
    expect(calls.map(({ method }) => method)).toEqual(['wake'])
  })

  it('leaves when the client has gone, at its maximum age, and where no server comes [R116]', async () => {
    const held = new Promise(() => {})
    await listen(() => held)
    announce()
    const orphaned = new ManualClock()
    let parent = PPID
    const first = wait({ clock: orphaned, parentPid: () => parent })
    parent = 1
    orphaned.advance(5_000)
    expect(await first.code).toBe(0)

    const old = new ManualClock()
    const second = wait({ clock: old })
    old.advance(MAX_AGE_MS)
    expect(await second.code).toBe(0)

    const late = new ManualClock()
    const third = wait({ clock: late, parentPid: () => PPID + 1 })
    for (let ms = 0; ms < SERVER_TIMEOUT_MS; ms += 100) {
      late.advance(100)
      await Promise.resolve()
      await Promise.resolve()
      await Promise.resolve()
      await Promise.resolve()
    }
    expect(await third.code).toBe(0)
    for (const clock of [orphaned, old, late]) expect(clock.timers).toBe(0)
  })

  it('as a process writes to stderr and gives its code', async () => {
    await listen(() => ({ ticket: 't1', text: 'hello' }))
    announce()
    const stderr = new PassThrough()
    const env = { SYM_STATE_DIR: root, CLAUDE_CODE_SESSION_ID: 's1' }
    expect(await runWaiterProcess({ env, parentPid: () => PPID, stderr: () => stderr })).toBe(2)
    expect(String(stderr.read())).toBe('hello')
  })

  it.each([
    [{ CLAUDE_CODE_ENTRYPOINT: 'cli' }, true],
    [{ CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' }, false],
    [{ CLAUDE_CODE_ENTRYPOINT: '' }, false],
    [{}, false],
  ])('waits in an interactive session alone: %j [R116]', (env, expected) => {
    expect(mayWait(env)).toBe(expected)
  })
})

describe('the first look', () => {
  const wanted = (event: string) => mayBeWanted({ SYM_STATE_DIR: root }, PPID, event)

  it('ends where there is no door, and where a door wants other events [R130, R132]', () => {
    expect(wanted('Stop')).toBe(false)
    writeDoor(root, PPID, PID, { waiting: 0, wants: ['Stop', 'PostToolUse:file'] })
    expect(['Stop', 'PostToolUse', 'SessionStart', 'UserPromptSubmit', ''].map(wanted)).toEqual([true, true, false, false, false])
    writeDoor(root, PPID, PID, { waiting: 1, wants: [] })
    expect(wanted('SessionStart')).toBe(true)
  })

  it.each(['', '{', 'null', '[]', '{"waiting":0}', '{"waiting":"0","wants":[]}'])('goes on where the door reads %j', (text) => {
    writeDoor(root, PPID, PID, { waiting: 0, wants: [] })
    writeFileSync(path.join(runFolder(root), `${PPID}-${PID}.door`), text)
    expect(wanted('Stop')).toBe(true)
  })
})
