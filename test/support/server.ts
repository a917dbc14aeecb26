/**
 * One session's server as a child process: the real bundle over stdio, in a state folder of its own. Everything that it
 * says is kept, and every wait is for an event with a deadline.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../server/src/base/clock.ts'
import { callLocal, type LocalAnswer } from '../../server/src/local/calls.ts'
import { listRunFiles, type RunFile } from '../../server/src/local/run-files.ts'

/** Another build can be put in its place, e.g. that of the last release. */
export const BUNDLE = process.env['SYM_TEST_BUNDLE'] ?? fileURLToPath(new URL('../../server/dist/server.mjs', import.meta.url))

export interface Push {
  readonly content: string
  readonly meta: Readonly<Record<string, string>>
}

export interface ServerOptions {
  /** State folder; shared by sessions of one user. */
  readonly root: string
  /** The user's project; its name makes the node's name. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly node?: string
  /** Who the host says it is. */
  readonly client?: { readonly name: string; readonly version: string }
  /** A command in front, e.g. `ip netns exec lab-1`. */
  readonly prefix?: readonly string[]
}

export interface ToolResult {
  readonly text: string
  readonly isError: boolean
}

/** What tests read of `status`. */
export interface NodeStatus {
  readonly groups: readonly { readonly name: string }[]
  readonly name: string
  readonly fingerprint: string
  readonly peersHere: number
  readonly peersKnown: number
  readonly nodeId: string
  readonly relays: readonly { readonly host: string; readonly state: string; readonly peers: number; readonly takesMail: boolean }[]
  readonly listen: readonly string[]
  readonly problems: readonly string[]
  readonly inbox: { readonly total: number; readonly unread: number }
  readonly outbox: { readonly waiting: number }
  readonly memory: { readonly items: number }
  readonly counters: Readonly<Record<string, number>>
  readonly wakes: { readonly wakes: number; readonly isArmed: boolean }
}

export class ServerProcess {
  readonly options: ServerOptions
  readonly child: ChildProcess
  readonly pushes: Push[] = []
  /** Progress of calls that asked for it. */
  readonly progress: { readonly progressToken: unknown; readonly progress: number; readonly message?: string }[] = []
  readonly stderr: string[] = []
  readonly exited: Promise<number | string>
  readonly root: string
  readonly #waiting = new Map<number, (result: unknown) => void>()
  readonly #watchers = new Set<() => void>()
  #nextId = 1

  constructor(options: ServerOptions) {
    const { root, cwd, env = {}, node = process.execPath, prefix = [] } = options
    this.options = options
    const [command = node, ...args] = [...prefix, node, BUNDLE]
    this.root = root
    this.child = spawn(command, args, {
      cwd: cwd ?? path.dirname(root),
      env: { PATH: process.env['PATH'], HOME: path.dirname(root), SYM_STATE_DIR: root, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.exited = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')))
    if (!this.child.stdout || !this.child.stderr) throw new Error('no pipes')
    createInterface({ input: this.child.stdout }).on('line', (line) => this.#onLine(line))
    createInterface({ input: this.child.stderr }).on('line', (line) => this.stderr.push(line))
    this.child.stdin?.on('error', () => {})
  }

  /** Handshake of MCP; resolves to the `initialize` result. */
  async initialize(): Promise<Record<string, unknown>> {
    const { client = { name: 'test', version: '1' } } = this.options
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: client }
    const result = await this.request('initialize', params)
    this.#write({ method: 'notifications/initialized' })
    return result
  }

  async request(method: string, params: unknown, deadlineMs = 15_000): Promise<Record<string, unknown>> {
    const id = this.#nextId++
    const answer = new Promise<Record<string, unknown>>((resolve) => this.#waiting.set(id, resolve as (result: unknown) => void))
    this.#write({ id, method, params })
    return withDeadline(answer, deadlineMs, () => `no answer to ${method}; stderr:\n${this.stderr.join('\n')}`)
  }

  async call(name: string, args: unknown = {}): Promise<ToolResult> {
    const result = (await this.request('tools/call', { name, arguments: args })) as { content: { text: string }[]; isError?: boolean }
    return { text: result.content.map(({ text }) => text).join('\n'), isError: result.isError === true }
  }

  /** A call with progress, which can be given up like by a host. */
  begin(name: string, args: object): { readonly result: Promise<ToolResult>; cancel(): void } {
    const id = this.#nextId
    const result = this.request('tools/call', { name, arguments: args, _meta: { progressToken: `p${id}` } }, 70_000).then((answer) => {
      const { content, isError } = answer as { content: { text: string }[]; isError?: boolean }
      return { text: content.map(({ text }) => text).join('\n'), isError: isError === true }
    })
    return { result, cancel: () => this.#write({ method: 'notifications/cancelled', params: { requestId: id } }) }
  }

  /** Asks a tool again until its text fits: for what another process does in its own time. */
  async callUntil(name: string, args: unknown, fits: (text: string) => boolean, deadlineMs = 10_000): Promise<string> {
    const end = Date.now() + deadlineMs
    for (;;) {
      const { text } = await this.call(name, args)
      if (fits(text)) return text
      if (Date.now() > end) throw new Error(`${name} never fitted; last:\n${text}\nstderr:\n${this.stderr.join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  waitForPush(fits: (push: Push) => boolean, deadlineMs = 10_000): Promise<Push> {
    const found = new Promise<Push>((resolve) => {
      const look = (): void => {
        const push = this.pushes.find(fits)
        if (!push) return
        this.#watchers.delete(look)
        resolve(push)
      }
      this.#watchers.add(look)
      look()
    })
    return withDeadline(
      found,
      deadlineMs,
      () => `no such push; pushes:\n${this.pushes.map(({ content }) => content).join('\n')}\nstderr:\n${this.stderr.join('\n')}`,
    )
  }

  /** What the server says of itself in the run folder; undefined once it has gone. */
  runFile(): RunFile | undefined {
    return listRunFiles(this.root).find(({ run }) => run.pid === this.child.pid)?.run
  }

  /** A request over the private socket, as the command line makes it. */
  async ask(method: string, params: object = {}, timeoutMs = 15_000): Promise<LocalAnswer> {
    const path = this.runFile()?.local
    if (path === undefined) throw new Error(`no run file; stderr:\n${this.stderr.join('\n')}`)
    return callLocal(path, { method, params }, { clock: systemClock, timeoutMs })
  }

  /** The node's view of itself: counters, ports, problems. */
  async status(): Promise<NodeStatus> {
    const answer = await this.ask('status')
    if ('error' in answer) throw new Error(answer.error.message)
    return answer.ok as NodeStatus
  }

  /** Asks for the status again until it fits: for what another process does in its own time. */
  async statusUntil(fits: (status: NodeStatus) => boolean, what: string, deadlineMs = 15_000): Promise<NodeStatus> {
    const end = Date.now() + deadlineMs
    for (;;) {
      const status = await this.status()
      if (fits(status)) return status
      if (Date.now() > end)
        throw new Error(`never came: ${what}; last:\n${JSON.stringify(status, null, 1)}\nstderr:\n${this.stderr.join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** The TCP port that strangers can reach. */
  async port(): Promise<number> {
    const { listen } = await this.status()
    const port = Number(listen.map((address) => /:(\d+)$/.exec(address)?.[1]).find((digits) => digits !== undefined))
    if (!port) throw new Error(`no port in ${listen.join(', ')}`)
    return port
  }

  /** The host goes: stdin ends. Resolves to the exit code. */
  stop(): Promise<number | string> {
    this.child.stdin?.end()
    return withDeadline(this.exited, 10_000, () => 'the server did not end')
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | string> {
    this.child.kill(signal)
    return withDeadline(this.exited, 10_000, () => `the server did not end by ${signal}; stderr:\n${this.stderr.join('\n')}`)
  }

  #write(message: object): void {
    this.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }

  #onLine(line: string): void {
    const message = JSON.parse(line) as { id?: number; method?: string; params?: unknown; result?: unknown; error?: unknown }
    if (message.method === 'notifications/claude/channel') {
      this.pushes.push(message.params as Push)
      for (const look of [...this.#watchers]) look()
    }
    if (message.method === 'notifications/progress') this.progress.push(message.params as never)
    if (message.id === undefined) return
    this.#waiting.get(message.id)?.(message.result ?? { content: [{ text: JSON.stringify(message.error) }], isError: true })
    this.#waiting.delete(message.id)
  }
}

export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const server = new ServerProcess(options)
  await server.initialize()
  return server
}

/** A home folder that is gone after the test. */
export function temporaryHome(): { readonly home: string; readonly root: string; remove(): void } {
  const home = mkdtempSync(path.join(tmpdir(), 'sym-'))
  return { home, root: path.join(home, 'state'), remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }) }
}

async function withDeadline<T>(promise: Promise<T>, ms: number, complaint: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(complaint())), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
