/**
 * The hook as a process: arguments, environment and streams joined to `runHook`. Stdin is not even opened unless
 * something waits, since opening it is a good part of what such a short process costs.
 */
import { homedir } from 'node:os'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { type Clock, systemClock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { runHook } from './hook.ts'
import type { Peek } from './peek.ts'
import { runWaiter } from './waiter.ts'

/** The host puts the result of a tool on stdin; more than this is not read to its end. */
const MAX_INPUT_BYTES = 4_194_304
const INPUT_TIMEOUT_MS = 1_500
const KEEP_ALIVE_MS = 3_600_000

export interface HookProcess {
  /** Arguments after the program's name: the event. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly ppid: number
  readonly home: () => string
  readonly clock: Clock
  readonly stdin: () => Readable
  /** The standard input, where it was read already. */
  readonly peek?: Peek | undefined
  readonly stdout: () => Writable
  readonly stderr: () => Writable
}

/** The same with the clock and the home folder of this system. */
export function runHookProcess(process: Omit<HookProcess, 'clock' | 'home'>): Promise<void> {
  return hookMain({ ...process, clock: systemClock, home: homedir })
}

export interface WaiterProcess {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly parentPid: () => number
  readonly stderr: () => Writable
}

/** Resolves when all is written and confirmed; whoever calls it exits with 0 then. */
export function hookMain({ args, env, ppid, home, clock, stdin, peek, stdout, stderr }: HookProcess): Promise<void> {
  return runHook(args[0] ?? '', {
    root: stateRoot(env, home),
    ppid,
    clock,
    ...(peek === undefined ? {} : { speaksOfMesh: peek.speaksOfMesh }),
    readInput: () => (peek === undefined ? readAll(stdin(), clock) : Promise.resolve(peek.input)),
    write: (text) => writeAll(stdout(), text),
    pause: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
    warn: (line) => void stderr().write(`${line.replace(/\s+/g, ' ').slice(0, 300)}\n`),
  })
}

/** `$SYM_STATE_DIR` or `~/.sym`, found as the server finds it, but without its settings code; a test compares the two. */
export function stateRoot(env: HookProcess['env'], home: () => string): string {
  const given = found(env['SYM_STATE_DIR'])
  return given === undefined ? path.join(found(env['HOME']) ?? home(), '.sym') : path.resolve(given)
}

/** An empty value and a literal that the host failed to expand count as absent. */
function found(text = ''): string | undefined {
  const trimmed = text.trim()
  return trimmed === '' || /^\$\{[^}]*\}$/.test(trimmed) ? undefined : trimmed
}

/** The hook behind a join, as a process; it reads no input. */
export async function runPersistProcess({
  env,
  ppid,
  stdout,
  stderr,
}: Pick<HookProcess, 'env' | 'ppid' | 'stdout' | 'stderr'>): Promise<void> {
  try {
    // It alone carries the editor of the host's files.
    const { persistGroup } = await import('./persist.ts')
    const sessionId = env['CLAUDE_CODE_SESSION_ID']
    await persistGroup({ root: stateRoot(env, homedir), ppid, sessionId, clock: systemClock, write: (text) => writeAll(stdout(), text) })
  } catch (thrown) {
    stderr().write(`sym-mesh-channel: ${messageOf(thrown).slice(0, 300)}\n`)
  }
}

/** Everything until the end; undefined when there is too much of it or no end in time. */
export function readAll(stream: Readable, clock: Clock): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const timer = clock.after(INPUT_TIMEOUT_MS, () => done(undefined))
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MAX_INPUT_BYTES) done(undefined)
      else chunks.push(chunk)
    })
    stream.once('end', () => done(Buffer.concat(chunks).toString('utf8')))
    stream.once('error', () => done(undefined))
    function done(text: string | undefined): void {
      timer.cancel()
      stream.destroy()
      resolve(text)
    }
  })
}

/** The background hook as a process; resolves to its exit code. */
export async function runWaiterProcess({ env, parentPid, stderr }: WaiterProcess): Promise<number> {
  // What it waits for uses timers that keep no process alive.
  const alive = setInterval(() => {}, KEEP_ALIVE_MS)
  try {
    return await runWaiter({
      root: stateRoot(env, homedir),
      parentPid,
      sessionId: found(env['CLAUDE_CODE_SESSION_ID']),
      clock: systemClock,
      write: (text) => writeAll(stderr(), text),
    })
  } finally {
    clearInterval(alive)
  }
}

function writeAll(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject)
    stream.write(text, (error) => (error ? reject(error) : resolve()))
  })
}
