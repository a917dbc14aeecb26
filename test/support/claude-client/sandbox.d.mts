import type { FakeModel, LoggedRequest, Rule } from './fake-model.mjs'

export interface SandboxOptions {
  /** Path of the client; the first one at hand if absent. */
  readonly client?: string
  /** A folder that stays; a temporary one if absent. */
  readonly dir?: string
  readonly rules?: readonly Rule[]
  /** Reaches the client, its hooks and its servers. */
  readonly env?: Readonly<Record<string, string>>
  /** False: the dialogs of a first start appear. */
  readonly trust?: boolean
  readonly quiet?: boolean
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly cwd?: string
  readonly timeout?: number
}

export interface RunResult {
  readonly code: number | string
  readonly out: string
  readonly err: string
  readonly ms: number
}

export type StreamEvent = Readonly<Record<string, unknown>>

export interface StreamSession {
  readonly pid: number
  readonly events: StreamEvent[]
  readonly err: string
  readonly done: Promise<number | string>
  raw(message: unknown): void
  send(text: string): void
  wait(predicate: (event: StreamEvent) => boolean, ms?: number): Promise<StreamEvent>
  end(): Promise<number | string>
  kill(): void
}

export interface Terminal {
  screen(): string
  keys(...keys: string[]): void
  line(text: string): Promise<void>
  waitScreen(regex: RegExp, ms?: number): Promise<string>
  pid(): number
  kill(): void
}

export class Sandbox {
  static create(options?: SandboxOptions): Promise<Sandbox>
  readonly client: string
  readonly dir: string
  readonly home: string
  readonly proj: string
  readonly log: string
  readonly model: FakeModel
  readonly env: Record<string, string>
  claude(args: readonly string[], options?: RunOptions): Promise<RunResult>
  install(market: string, plugin: string, options?: { config?: Readonly<Record<string, string>>; scope?: string }): Promise<string>
  print(prompt: string, args?: readonly string[], options?: RunOptions): Promise<RunResult>
  stream(args?: readonly string[], options?: { env?: Readonly<Record<string, string>> }): StreamSession
  tui(args?: readonly string[], options?: { env?: Readonly<Record<string, string>>; cols?: number; rows?: number }): Terminal
  /** What the client asked the model: the turns ("main"), its own requests for titles ("side"), or with `null` all. */
  requests(kind?: 'main' | 'side' | null): LoggedRequest[]
  settings(): Record<string, unknown>
  close(): Promise<void>
}

export function until<T>(check: () => T | Promise<T>, options?: { ms?: number; every?: number; what?: string }): Promise<NonNullable<T>>
export function sleep(ms: number): Promise<void>
export function readJsonl(file: string): Record<string, unknown>[]
export function hasTmux(): boolean
/** Everything that one request newly showed the model, whatever its role: hook context comes in system-role messages. */
export function shown(request: LoggedRequest): string
export function fresh(request: LoggedRequest): { role: string; parts: string[] }[]
export function printRequests(requests: readonly LoggedRequest[], options?: { max?: number; skip?: RegExp }): void
export function channelState(debugFile: string, server: string): { state: 'registered' | 'skipped' | 'unknown'; reason?: string }
export function channelFaults(params: unknown): string[]
