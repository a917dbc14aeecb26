/**
 * The relay: one process that passes on what it cannot read, and keeps mail for those who are away. HTTP and WebSocket on
 * one port. All that it knows of members and mail stands behind `RelayRouter` and `RelayQueue`; what is here is sockets.
 *
 * Until a connection has authenticated it costs one of a few places, a few seconds and a few kilobytes.
 */
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { toHex } from '../base/bytes.ts'
import { type Clock, type RandomBytes, systemRandom } from '../base/clock.ts'
import { MeshError, messageOf } from '../base/errors.ts'
import { Guard } from '../base/guard.ts'
import type { Log } from '../base/log.ts'
import { Scope } from '../base/scope.ts'
import { RELAY_CLOSE } from '../mmp/relay-frames.ts'
import type { Database } from '../store/database.ts'
import { Admission, clientAddress, plainAddress, Tokens } from './admission.ts'
import { Arrival } from './arrival.ts'
import { type ConnectionDeps, RelayConnection } from './connection.ts'
import type { RelayLimits } from './limits.ts'
import { LocalRouter } from './local-router.ts'
import { MemberBook } from './member-book.ts'
import { Metrics } from './metrics.ts'
import { Flusher } from './outbound.ts'
import { SqliteQueue } from './sqlite-queue.ts'

export interface RelayOptions {
  readonly host: string
  readonly port: number
  readonly tokens: readonly string[]
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
  /** Where the counters are served; loopback only. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined
  /** Addresses whose `X-Forwarded-For` is believed. */
  readonly proxies: readonly string[]
  readonly limits: RelayLimits
}

export interface RelayDeps {
  readonly clock: Clock
  readonly random?: RandomBytes
  readonly log: Log
  readonly db: Database
}

export interface Relay {
  readonly port: number
  readonly metricsPort: number | undefined
  readonly counters: Metrics
  /** Tells every member that it goes, and leaves nothing open. */
  stop(): Promise<void>
}

const SWEEP_MS = 1_000
const EXPIRE_MS = 60_000
const HEADER_BYTES = 8_192

/** What becomes of a socket is heard by its 'close'. */
const ignore = (): void => {}

export async function startRelay(options: RelayOptions, deps: RelayDeps): Promise<Relay> {
  const server = new RelayServer(options, deps)
  try {
    await server.start()
    return server
  } catch (thrown) {
    await server.stop()
    throw thrown
  }
}

class RelayServer implements Relay {
  readonly counters = new Metrics()
  readonly #options: RelayOptions
  readonly #deps: RelayDeps
  readonly #scope: Scope
  readonly #guard: Guard
  readonly #admission: Admission
  readonly #router: LocalRouter
  readonly #queue: SqliteQueue
  readonly #connection: ConnectionDeps
  readonly #http: http.Server
  readonly #ws: WebSocketServer
  readonly #proxies: ReadonlySet<string>
  /** By remote address and port, which an upgraded TLS socket shares with the TCP socket below it. */
  readonly #arrivals = new Map<string, Arrival>()
  readonly #startedAt: number
  #metricsPort: number | undefined

  constructor(options: RelayOptions, deps: RelayDeps) {
    const { clock, log, db, random = systemRandom } = deps
    const { limits } = options
    this.#options = options
    this.#deps = deps
    this.#startedAt = clock.monotonic()
    this.#guard = new Guard(log)
    this.#scope = new Scope(clock, (thrown) => this.#guard.run('stop', () => Promise.reject(thrown)))
    this.#admission = new Admission(limits)
    this.#router = new LocalRouter({ clock, limits, book: new MemberBook(db, clock, limits) })
    this.#queue = new SqliteQueue({ db, clock, random, log, limits })
    this.#proxies = new Set(options.proxies.map(plainAddress))
    this.#connection = {
      clock,
      random,
      log,
      limits,
      tokens: new Tokens(options.tokens),
      router: this.#router,
      queue: this.#queue,
      metrics: this.counters,
      flusher: new Flusher(),
      relayId: relayIdOf(db, random),
    }
    this.#ws = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: limits.messageBytes })
    this.#http = this.#createServer()
  }

  get port(): number {
    return portOf(this.#http)
  }

  get metricsPort(): number | undefined {
    return this.#metricsPort
  }

  async start(): Promise<void> {
    const { host, port, metrics } = this.#options
    await listen(this.#http, host, port)
    this.#scope.defer(() => this.#close())
    if (metrics) await this.#serveMetrics(metrics)
    this.#scope.every(SWEEP_MS, () => this.#guard.run('sweep', () => this.#sweep()))
    this.#scope.every(EXPIRE_MS, () => this.#guard.run('expire', () => this.#expire()))
    await this.#expire()
  }

  stop(): Promise<void> {
    return this.#scope.stop()
  }

  #createServer(): http.Server {
    const { tls, limits } = this.#options
    const common = { maxHeaderSize: HEADER_BYTES, headersTimeout: limits.authMs, requestTimeout: limits.authMs, keepAliveTimeout: 1_000 }
    const server = tls
      ? https.createServer({ ...common, cert: read(tls.certFile), key: read(tls.keyFile), handshakeTimeout: limits.authMs })
      : http.createServer(common)
    server.maxConnections = limits.connections
    server.on('connection', (socket: Socket) => this.#guard.run('connection', () => this.#onConnection(socket)))
    server.on('request', (request, response) => this.#guard.run('request', () => this.#onRequest(request, response)))
    server.on('upgrade', (request, socket, head) => this.#guard.run('upgrade', () => this.#onUpgrade(request, socket, head)))
    // Bytes that are no HTTP, or a TLS handshake that fails: there is nothing to say to whoever sent them.
    server.on('clientError', (_error, socket: Duplex) => socket.destroy())
    return server
  }

  /** Counts from the first packet on: who connects and says nothing holds a place too. */
  #onConnection(socket: Socket): void {
    const remote = plainAddress(socket.remoteAddress ?? 'unknown')
    const place = this.#admission.enter(this.#proxies.has(remote) ? undefined : remote)
    if (place === undefined) {
      this.counters.count('refused_address')
      socket.destroy()
      return
    }
    this.counters.count('accepted')
    const key = keyOf(socket)
    // Absolute: no byte that arrives puts it off.
    const timer = this.#deps.clock.after(this.#options.limits.authMs, () =>
      this.#guard.run('deadline', () => this.#onDeadline(key, socket)),
    )
    this.#arrivals.set(key, new Arrival(socket, remote, place, timer))
    socket.on('error', ignore)
    socket.on('close', () => this.#gone(key))
  }

  #gone(key: string): void {
    this.#arrivals.get(key)?.free()
    this.#arrivals.delete(key)
  }

  #onDeadline(key: string, socket: Socket): void {
    const connection = this.#arrivals.get(key)?.connection
    if (connection?.isIn) return
    if (connection) connection.close(RELAY_CLOSE.authTimeout, 'no authentication in time')
    else socket.destroy()
  }

  #onRequest(request: http.IncomingMessage, response: http.ServerResponse): void {
    const isHealth = request.method === 'GET' && request.url === '/health'
    if (!isHealth) this.counters.count('refused_http')
    const status = isHealth ? (this.#queue.isHealthy ? 200 : 503) : 404
    const body = isHealth ? JSON.stringify({ status: status === 200 ? 'ok' : 'storage' }) : ''
    response.writeHead(status, { connection: 'close', 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body)
  }

  #onUpgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    if (socket !== request.socket) socket.on('error', ignore)
    const arrival = this.#arrivals.get(keyOf(request.socket))
    // Only a browser sends an origin, and no page has any business here.
    if (arrival === undefined || request.headers.origin !== undefined || !this.#isAdmitted(arrival, request)) {
      this.counters.count('refused_http')
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
      return
    }
    const { length } = head
    this.#ws.handleUpgrade(request, socket, head, (ws) => {
      arrival.connection = new RelayConnection(ws, socket, arrival, this.#connection)
      arrival.limitBytes(socket, length, this.#options.limits.bytesBefore)
    })
  }

  /** Behind a proxy the place is counted for the client that it speaks for. */
  #isAdmitted(arrival: Arrival, request: http.IncomingMessage): boolean {
    if (!this.#proxies.has(arrival.remote)) return true
    const forwarded = request.headers['x-forwarded-for']
    const place = this.#admission.enter(
      clientAddress(arrival.remote, Array.isArray(forwarded) ? forwarded.join() : forwarded, this.#proxies),
    )
    if (place === undefined) return false
    arrival.moveTo(place)
    return true
  }

  #sweep(): void {
    for (const { connection } of this.#arrivals.values()) connection?.beat()
  }

  async #expire(): Promise<void> {
    this.counters.count('expired', await this.#queue.expire())
    await this.#router.expire()
  }

  async #serveMetrics({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
    const server = http.createServer((request, response) => {
      const isAsked = request.method === 'GET' && request.url === '/metrics'
      response.writeHead(isAsked ? 200 : 404, { connection: 'close', 'content-type': 'text/plain; version=0.0.4' })
      response.end(isAsked ? this.#metricsText() : '')
    })
    await listen(server, host, port)
    this.#metricsPort = portOf(server)
    this.#scope.defer(() => new Promise<void>((done) => server.close(() => done())))
  }

  #metricsText(): string {
    const { items, bytes } = this.#queue.usage()
    return this.counters.text({
      connections: this.#arrivals.size,
      waiting: this.#admission.waiting,
      groups: this.#router.groups,
      queue_items: items,
      queue_bytes: bytes,
      resident_bytes: process.memoryUsage.rss(),
      uptime_seconds: Math.round((this.#deps.clock.monotonic() - this.#startedAt) / 1_000),
    })
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((done) => this.#http.close(() => done()))
    for (const { connection, socket } of this.#arrivals.values()) {
      if (connection) connection.close(RELAY_CLOSE.shutdown, 'the relay is stopping')
      else socket.destroy()
    }
    this.#ws.close()
    await closed
  }
}

/** The name of this relay in proofs: random, and the same after a restart. */
function relayIdOf(db: Database, random: RandomBytes): string {
  db.run("INSERT OR IGNORE INTO relay VALUES ('id', ?)", toHex(random(16)))
  return String(db.get("SELECT value FROM relay WHERE name = 'id'")?.['value'])
}

function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (thrown) {
    throw new MeshError('settings-invalid', `${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown })
  }
}

function listen(server: http.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (thrown: unknown): void =>
      reject(new MeshError('unreachable', `cannot listen on ${host} port ${port}: ${messageOf(thrown)}`, { cause: thrown }))
    server.once('error', failed)
    server.listen({ host, port }, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

function portOf(server: http.Server): number {
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
