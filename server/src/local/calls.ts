/**
 * How hooks and the command line ask a running server: one connection per request on a private socket, one JSON line
 * there, one JSON line back. A request that watches gets `item` lines before its last line. Never TCP: whoever can
 * reach the socket is this user, since its folder is 0700 and it is 0600.
 *
 *     → {"method":"status","params":{}}
 *     ← {"item":…}                                     any number, only to a caller that watches
 *     ← {"ok":…}  or  {"error":{"code":"…","message":"…"}}
 */
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { TokenBucket } from '../base/bucket.ts'
import type { Clock } from '../base/clock.ts'
import { MeshError, messageOf, systemCode } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { parseObject } from './run-files.ts'
import { ensureSocketFolder } from './socket-path.ts'

export interface LocalRequest {
  readonly method: string
  readonly params?: object
}

export type LocalAnswer = { readonly ok: unknown } | { readonly error: LocalFailure }

export interface LocalFailure {
  readonly code: string
  readonly message: string
}

export interface LocalContext {
  /** Aborts when the caller is gone or the server stops. */
  readonly signal: AbortSignal
  /** Sends one line ahead of the answer, to a caller that watches. */
  sendItem(item: unknown): void
}

/** `params` is what the caller wrote: check it before use. What is thrown as `MeshError` reaches the caller as it is. */
export type LocalHandler = (params: unknown, context: LocalContext) => unknown
export type LocalHandlers = Readonly<Record<string, LocalHandler>>

export interface ServeLocalOptions {
  readonly clock: Clock
  /** Told of what a handler threw that is not a `MeshError`: a bug of ours. */
  readonly onError?: (method: string, thrown: unknown) => void
}

export interface LocalServer {
  /** Ends what runs and removes the socket. Idempotent. */
  stop(): Promise<void>
}

export interface CallLocalOptions {
  readonly clock: Clock
  /** Time until the answer; none for a caller that watches until it aborts. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Called for each `item` line. */
  readonly onItem?: (item: unknown) => void
}

const MAX_CALLERS = 64
const REQUEST_TIMEOUT_MS = 5_000
const MAX_ANSWER_BYTES = LIMITS.frame.maxBytes

/** Listens on `path` (see `socketPaths`). A socket file that a dead process left there is replaced. */
export async function serveLocal(path: string, handlers: LocalHandlers, options: ServeLocalOptions): Promise<LocalServer> {
  ensureSocketFolder(path)
  const callers = new Set<Socket>()
  const bucket = new TokenBucket(LIMITS.local.requestsPerSecond, LIMITS.local.requestsPerSecond, options.clock.monotonic())
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    if (callers.size >= MAX_CALLERS) return void socket.destroy()
    callers.add(socket)
    socket.once('close', () => callers.delete(socket))
    void serveCaller(socket, handlers, bucket, options)
  })
  await listen(server, path)
  return { stop: () => stop(server, callers) }
}

/** Asks once. Never throws: a server that is not there or does not answer is an answer too (`unreachable`, `timeout`). */
export function callLocal(path: string, request: LocalRequest, options: CallLocalOptions): Promise<LocalAnswer> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const timer = options.timeoutMs === undefined ? undefined : options.clock.after(options.timeoutMs, onTimeout)
    options.signal?.addEventListener('abort', onAbort, { once: true })
    if (options.signal?.aborted) onAbort()
    socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`))
    socket.once('error', (error) => settle(failure('unreachable', `no server answers at ${path} (${messageOf(error)})`)))
    socket.once('close', () => settle(failure('closed', 'the server ended before it answered')))
    readLines(socket, MAX_ANSWER_BYTES, (line) => {
      const value = line === undefined ? undefined : parseObject(line)
      if (value !== undefined && 'item' in value) options.onItem?.(value['item'])
      else settle(parseAnswer(value))
    })

    function onTimeout(): void {
      settle(failure('timeout', `no answer within ${options.timeoutMs} ms`))
    }
    function onAbort(): void {
      settle(failure('closed', 'the request was given up'))
    }
    function settle(answer: LocalAnswer): void {
      timer?.cancel()
      options.signal?.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(answer)
    }
  })
}

async function serveCaller(socket: Socket, handlers: LocalHandlers, bucket: TokenBucket, options: ServeLocalOptions): Promise<void> {
  const line = await firstLine(socket, options.clock)
  if (socket.destroyed) return
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  const send = (value: object) => void (socket.writable && socket.write(`${JSON.stringify(value)}\n`))
  const context = { signal: gone.signal, sendItem: (item: unknown) => send({ item: item ?? null }) }
  const answer = bucket.take(options.clock.monotonic())
    ? await answerTo(line, handlers, context, options)
    : failure('limit-exceeded', `more than ${LIMITS.local.requestsPerSecond} requests in a second; try again`)
  send(answer)
  socket.end()
}

/** The request line; undefined when it is too long. A caller that sends none in time is cut off. */
function firstLine(socket: Socket, clock: Clock): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = clock.after(REQUEST_TIMEOUT_MS, () => socket.destroy())
    const done = (line: string | undefined) => {
      timer.cancel()
      resolve(line)
    }
    socket.once('close', () => done(undefined))
    readLines(socket, LIMITS.local.requestBytes, done)
  })
}

async function answerTo(
  line: string | undefined,
  handlers: LocalHandlers,
  context: LocalContext,
  options: ServeLocalOptions,
): Promise<LocalAnswer> {
  if (line === undefined) return failure('limit-exceeded', `a request has at most ${LIMITS.local.requestBytes} bytes`)
  const method = parseObject(line)?.['method']
  if (typeof method !== 'string') return failure('argument-invalid', 'a request is one line: {"method": …, "params": {…}}')
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined
  if (handler === undefined) return failure('argument-invalid', `this server has no method ${JSON.stringify(method.slice(0, 64))}`)
  try {
    return { ok: (await handler(parseObject(line)?.['params'] ?? {}, context)) ?? null }
  } catch (thrown) {
    if (thrown instanceof MeshError) return failure(thrown.code, thrown.message)
    options.onError?.(method, thrown)
    return failure('internal', `${method} failed by a bug of this program; its log has the details`)
  }
}

/** Calls `onLine` per line, and once with undefined (then never again) when a line grows over the limit. */
function readLines(socket: Socket, maxBytes: number, onLine: (line: string | undefined) => void): void {
  let pieces: Buffer[] = []
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk
    for (let end = rest.indexOf(10); end >= 0 && bytes <= maxBytes; end = rest.indexOf(10)) {
      const line = Buffer.concat([...pieces, rest.subarray(0, end)])
      rest = rest.subarray(end + 1)
      pieces = []
      bytes = 0
      if (line.length > maxBytes) return overflow()
      onLine(line.toString('utf8'))
    }
    pieces.push(rest)
    bytes += rest.length
    if (bytes > maxBytes) overflow()
  })
  function overflow(): void {
    socket.removeAllListeners('data')
    // What follows is thrown away, so that the answer can still be read by whoever is writing.
    socket.resume()
    onLine(undefined)
  }
}

function parseAnswer(value: Readonly<Record<string, unknown>> | undefined): LocalAnswer {
  if (value !== undefined && 'ok' in value) return { ok: value['ok'] }
  const error = value?.['error']
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error) {
    return failure(String(error.code), String(error.message))
  }
  return failure('internal', 'the answer of the server cannot be read; update the older of the two programs')
}

function failure(code: string, message: string): LocalAnswer {
  return { error: { code, message } }
}

async function listen(server: Server, path: string): Promise<void> {
  try {
    await bind(server, path)
  } catch (thrown) {
    if (systemCode(thrown) !== 'EADDRINUSE' || process.platform === 'win32' || (await isAnswered(path))) throw inUse(path, thrown)
    rmSync(path, { force: true })
    await bind(server, path)
  }
  if (process.platform !== 'win32') chmodSync(path, 0o600)
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      // A failed accept (no descriptors left) costs that caller its connection, nothing else.
      server.on('error', () => {})
      resolve()
    })
  })
}

function inUse(path: string, cause: unknown): MeshError {
  return new MeshError('unreachable', `cannot listen on ${path} (${messageOf(cause)})`, { cause })
}

/** Whether a live process listens there; only a refusal proves that none does. */
export function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const settle = (isLive: boolean) => {
      socket.destroy()
      resolve(isLive)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', (error) => settle(!['ECONNREFUSED', 'ENOENT'].includes(systemCode(error) ?? '')))
  })
}

async function stop(server: Server, callers: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const socket of callers) socket.destroy()
  await closed
}
