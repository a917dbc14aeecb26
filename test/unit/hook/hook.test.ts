import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rootFolder } from '../../../server/src/app/settings.ts'
import { systemClock } from '../../../server/src/base/clock.ts'
import { type HookDeps, runHook } from '../../../server/src/hook/hook.ts'
import { hookMain, readAll, stateRoot } from '../../../server/src/hook/main.ts'
import { isTyped } from '../../../server/src/hook/prompt.ts'
import { type LocalServer, serveLocal } from '../../../server/src/local/calls.ts'
import { writeDoor } from '../../../server/src/local/door.ts'
import { runFolder, socketPaths, writeRunFile } from '../../../server/src/local/run-files.ts'

const PPID = 4_242
const PID = 4_243

let root = ''
let server: LocalServer | undefined
let calls: { method: string; params: unknown }[] = []

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hook-'))
  calls = []
})

afterEach(async () => {
  await server?.stop()
  server = undefined
  rmSync(root, { recursive: true, force: true })
})

/** A server of this session that answers `take` with `offer`. */
async function serve(offer: unknown, door: { waiting: number; wants: readonly string[] } = { waiting: 1, wants: [] }): Promise<void> {
  mkdirSync(runFolder(root), { recursive: true, mode: 0o700 })
  const { link, local } = socketPaths(root, PPID, PID)
  const note = (method: string, answer: unknown) => (params: unknown) => {
    calls.push({ method, params })
    if (answer instanceof Error) throw answer
    return answer
  }
  server = await serveLocal(local, { take: note('take', offer), shown: note('shown', null) }, { clock: systemClock })
  writeRunFile(root, PPID, { nodeId: 'n', pid: PID, start: null, sessionId: 's1', link, local })
  writeDoor(root, PPID, PID, door)
}

interface Ran {
  readonly stdout: string
  readonly stderr: readonly string[]
  readonly hasReadInput: boolean
}

async function run(event: string, input: unknown = { session_id: 's1' }, overrides: Partial<HookDeps> = {}): Promise<Ran> {
  let stdout = ''
  let hasReadInput = false
  const stderr: string[] = []
  const deps: HookDeps = {
    root,
    ppid: PPID,
    clock: systemClock,
    readInput() {
      hasReadInput = true
      return Promise.resolve(typeof input === 'string' ? input : JSON.stringify(input))
    },
    write(text) {
      calls.push({ method: 'write', params: undefined })
      stdout += text
      return Promise.resolve()
    },
    warn: (line) => void stderr.push(line),
    ...overrides,
  }
  await runHook(event, deps)
  return { stdout, stderr, hasReadInput }
}

const silent = { stdout: '', stderr: [] }

describe('a hook without mesh traffic', () => {
  it('ends with stdin unread where no server ever ran [R130, R132]', async () => {
    expect(await run('PostToolUse')).toEqual({ ...silent, hasReadInput: false })
  })

  it('ends with stdin unread where another session has a server [R127]', async () => {
    await serve({ ticket: 't', text: 'x' })
    expect(await run('PostToolUse', {}, { ppid: PPID + 1 })).toEqual({ ...silent, hasReadInput: false })
    expect(calls).toEqual([])
  })

  it('ends with stdin unread where nothing waits and the event is not wanted', async () => {
    await serve({ ticket: 't', text: 'x' }, { waiting: 0, wants: ['SessionStart'] })
    expect(await run('PostToolUse')).toEqual({ ...silent, hasReadInput: false })
    expect((await run('SessionStart')).hasReadInput).toBe(true)
  })

  it('ends silently where what waits is for another session of this parent [R127]', async () => {
    await serve({ ticket: 't', text: 'x' }, { waiting: 0, wants: [] })
    const [pid, sessionId] = [PID + 1, 's2']
    writeRunFile(root, PPID, { nodeId: 'm', pid, start: null, sessionId, ...socketPaths(root, PPID, pid) })
    writeDoor(root, PPID, pid, { waiting: 1, wants: [] })
    expect(await run('PostToolUse')).toMatchObject(silent)
    expect(calls).toEqual([])
  })

  it('does nothing for an event that it does not know', async () => {
    await serve({ ticket: 't', text: 'x' })
    for (const event of ['', 'stop', 'PreToolUse', '__proto__']) expect(await run(event)).toEqual({ ...silent, hasReadInput: false })
  })
})

describe('a hook with mesh traffic', () => {
  it('asks the server of its own session, where one of another session began later and has nothing [R127]', async () => {
    await serve({ ticket: 't', text: 'x' })
    const [pid, sessionId] = [PID + 1, 's2']
    writeRunFile(root, PPID, { nodeId: 'm', pid, start: null, sessionId, ...socketPaths(root, PPID, pid) })
    writeDoor(root, PPID, pid, { waiting: 0, wants: ['Stop'] })
    expect((await run('PostToolUse')).stdout).toContain('"x"')
  })

  it.each(['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'Stop'])(
    'prints what waits at %s, and confirms after it was written [R119, R130]',
    async (event) => {
      await serve({ ticket: 't1', text: 'From the mesh: "quoted"\n| hi' })
      const { stdout, stderr } = await run(event, { session_id: 's1', hook_event_name: event, prompt: 'hello', stop_hook_active: false })
      expect(JSON.parse(stdout)).toEqual({
        hookSpecificOutput: { hookEventName: event, additionalContext: 'From the mesh: "quoted"\n| hi' },
      })
      expect(stderr).toEqual([])
      expect(calls.map(({ method }) => method)).toEqual(['take', 'write', 'shown'])
      expect(calls[2]?.params).toEqual({ ticket: 't1' })
    },
  )

  it('is silent when the server has nothing to say [R130]', async () => {
    await serve(null)
    expect(await run('PostToolUse')).toMatchObject(silent)
    expect(calls.map(({ method }) => method)).toEqual(['take'])
  })

  it('tells the server the session, and of a prompt only whether it was typed', async () => {
    await serve(null)
    await run('UserPromptSubmit', { session_id: 's1', prompt: 'my secret plan', transcript_path: '/x', cwd: '/y' })
    await run('UserPromptSubmit', { session_id: 's1', prompt: '<task-notification>woken</task-notification>' })
    await run('PostToolUse', { session_id: 's1', tool_name: 'Bash', tool_input: { command: 'secret' }, tool_response: 'secret' })
    expect(calls.map(({ params }) => params)).toEqual([
      { event: 'UserPromptSubmit', sessionId: 's1', isTyped: true },
      { event: 'UserPromptSubmit', sessionId: 's1', isTyped: false },
      { event: 'PostToolUse', sessionId: 's1' },
    ])
  })

  it('tells at the end of a turn whether it was put off already, and takes unreadable input for that [R67]', async () => {
    await serve(null)
    await run('Stop', { session_id: 's1', stop_hook_active: false })
    await run('Stop', { session_id: 's1', stop_hook_active: true })
    await run('Stop', 'not json')
    expect(calls.map(({ params }) => params)).toEqual([
      { event: 'Stop', sessionId: 's1', isStopHookActive: false },
      { event: 'Stop', sessionId: 's1', isStopHookActive: true },
      { event: 'Stop', isStopHookActive: true },
    ])
  })

  it('finds its server by the parent process, also under a session id that is new since /clear', async () => {
    await serve({ ticket: 't1', text: 'x' })
    expect((await run('PostToolUse', { session_id: 'another' })).stdout).not.toBe('')
  })

  it.each([
    ['Edit', { file_path: '/p/a.ts', old_string: 'secret' }, '/p/a.ts'],
    ['Write', { file_path: '/p/b.ts', content: 'secret' }, '/p/b.ts'],
    ['NotebookEdit', { notebook_path: '/p/c.ipynb', new_source: 'secret' }, '/p/c.ipynb'],
  ])('tells the path of a file that %s has edited where files are shared, and nothing else of it [R44]', async (tool, given, file) => {
    await serve(null, { waiting: 0, wants: ['PostToolUse:file'] })
    await run('PostToolUse', { session_id: 's1', tool_name: tool, tool_input: given, tool_response: 'secret' })
    expect(calls.map(({ params }) => params)).toEqual([{ event: 'PostToolUse', sessionId: 's1', file }])
  })

  it('tells no path where files are not shared, and none of a tool that edits nothing [R44]', async () => {
    await serve(null, { waiting: 1, wants: [] })
    const edit = { session_id: 's1', tool_name: 'Edit', tool_input: { file_path: '/p/a.ts' } }
    await run('PostToolUse', edit)
    expect(calls.map(({ params }) => params)).toEqual([{ event: 'PostToolUse', sessionId: 's1' }])
    writeDoor(root, PPID, PID, { waiting: 0, wants: ['PostToolUse:file'] })
    calls = []
    await run('PostToolUse', { ...edit, tool_name: 'Read' })
    await run('PostToolUse', { ...edit, tool_name: 'Bash', tool_input: { command: 'cat x', file_path: 7 } })
    await run('PostToolUse', { ...edit, tool_input: { file_path: '' } })
    await run('PostToolUse', { ...edit, tool_input: { file_path: 'x'.repeat(5_000) } })
    await run('PostToolUse', { ...edit, tool_input: null })
    await run('PostToolUse', 'not json')
    expect(calls).toEqual([])
    expect((await run('Stop', edit)).hasReadInput).toBe(false)
  })

  it('leaves what waits for the session when it runs inside a subagent', async () => {
    await serve({ ticket: 't1', text: 'x' })
    expect(await run('PostToolUse', { session_id: 's1', agent_id: 'a1' })).toMatchObject(silent)
    expect(calls).toEqual([])
  })

  it('does not confirm what could not be written', async () => {
    await serve({ ticket: 't1', text: 'x' })
    const { stderr } = await run('PostToolUse', {}, { write: () => Promise.reject(new Error('EPIPE')) })
    expect(stderr).toEqual(['sym-mesh-channel: EPIPE'])
    expect(calls.map(({ method }) => method)).toEqual(['take'])
  })
})

describe('a hook that meets trouble', () => {
  it('says nothing when the server has just gone [R132]', async () => {
    await serve({ ticket: 't1', text: 'x' })
    await server?.stop()
    expect(await run('PostToolUse')).toMatchObject(silent)
  })

  it('says one line when the server fails [R132]', async () => {
    await serve(new Error('boom'))
    const { stdout, stderr } = await run('PostToolUse')
    expect(stdout).toBe('')
    expect(stderr).toHaveLength(1)
  })

  it.each([
    ['no object', 'text'],
    ['no text', { ticket: 't' }],
    ['an empty text', { ticket: 't', text: '' }],
    ['numbers', { ticket: 1, text: 2 }],
    ['a text over the limit of the host', { ticket: 't', text: 'x'.repeat(10_001) }],
  ])('prints nothing when the answer is %s [R132]', async (_, answer) => {
    await serve(answer)
    expect(await run('PostToolUse')).toMatchObject(silent)
    expect(calls.map(({ method }) => method)).toEqual(['take'])
  })

  it('survives input that is no object, or cannot be read [R132]', async () => {
    await serve(null)
    for (const input of ['', 'null', '[]', '{', '5', '{"session_id":7}']) expect(await run('PostToolUse', input)).toMatchObject(silent)
    expect(await run('PostToolUse', {}, { readInput: () => Promise.resolve(undefined) })).toMatchObject(silent)
    const broken = await run('PostToolUse', {}, { readInput: () => Promise.reject(new Error('EIO')) })
    expect(broken.stderr).toEqual(['sym-mesh-channel: EIO'])
  })
})

describe('a prompt', () => {
  it.each([
    ['fix the bug', true],
    ['/mesh-status', true],
    ['a < b?', true],
    ['<task-notification>x</task-notification>', false],
    ['  <task-notification>', false],
    ['<system-reminder>', false],
    ['[SYSTEM NOTIFICATION - not user input]', false],
    ['', false],
    [undefined, false],
    [7, false],
  ])('%j counts as typed: %s [C2]', (prompt, expected) => {
    expect(isTyped(prompt)).toBe(expected)
  })
})

describe('the hook as a process', () => {
  it('joins streams and environment, and stays silent without a server', async () => {
    let touched = ''
    const touch = (name: string) => () => {
      touched += name
      return new PassThrough()
    }
    const streams = { stdin: touch('in'), stdout: touch('out'), stderr: touch('err') }
    await hookMain({ args: ['Stop'], env: { SYM_STATE_DIR: root }, ppid: PPID, home: () => '/nowhere', clock: systemClock, ...streams })
    expect(touched).toBe('')
  })

  it('writes what the server gave', async () => {
    await serve({ ticket: 't1', text: 'hello' })
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    stdin.end('{"session_id":"s1"}')
    const streams = { stdin: () => stdin, stdout: () => stdout, stderr: () => stderr }
    await hookMain({
      args: ['PostToolUse'],
      env: { SYM_STATE_DIR: root },
      ppid: PPID,
      home: () => '/nowhere',
      clock: systemClock,
      ...streams,
    })
    expect(String(stdout.read())).toContain('"additionalContext":"hello"')
    expect(calls.at(-1)?.method).toBe('shown')
  })

  it('reads stdin up to a bound', async () => {
    const stream = new PassThrough()
    const whole = readAll(stream, systemClock)
    stream.write(Buffer.alloc(3_000_000))
    stream.write(Buffer.alloc(3_000_000))
    expect(await whole).toBeUndefined()
  })

  it.each([
    { SYM_STATE_DIR: '/state', HOME: '/home/u' },
    { SYM_STATE_DIR: ' /state/ ' },
    { SYM_STATE_DIR: 'relative' },
    { SYM_STATE_DIR: '', HOME: '/home/u' },
    { SYM_STATE_DIR: `\${SYM_STATE_DIR}`, HOME: '/home/u' },
    { HOME: '' },
    {},
  ])('looks for state where the server keeps it: %j [R9, R10]', (env) => {
    expect(stateRoot(env, homedir)).toBe(rootFolder(env).value)
  })
})
