/**
 * Links over the operating system: TCP between machines, a unix socket or a Windows pipe on one machine. Whoever can
 * connect is a stranger until the handshake; the folder of a unix socket is closed to other users besides.
 */
import { chmodSync, rmSync } from 'node:fs'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import { MeshError, messageOf, systemCode } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { ensureSocketFolder } from '../local/socket-path.ts'
import type { Connection, Listener, StreamAddress, Transport } from './connection.ts'
import { StreamConnection, type StreamDeps } from './stream.ts'

/** Listen here for "on every address": IPv6 and IPv4 on one port where the system has both. */
export const ANY_HOST = '::'

const ANY_HOST_4 = '0.0.0.0'
const NO_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL']
/** A backstop below the policy for accepts, which answers by its own rules. */
const MAX_SOCKETS = LIMITS.accept.links + LIMITS.accept.halfOpen

export function createSocketTransport(deps: StreamDeps): Transport<StreamAddress> {
  return {
    listen: (at, onConnection) => listen(at, onConnection, deps),
    dial: (to, signal) => dial(to, signal, deps),
  }
}

/** `::ffff:1.2.3.4`, which a socket for both families tells, is `1.2.3.4`: limits must not count one host as two. */
export function normalizeAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return mapped?.[1] ?? address
}

async function listen(
  at: StreamAddress,
  onConnection: (connection: Connection) => void,
  deps: StreamDeps,
): Promise<Listener<StreamAddress>> {
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    const options = { kind: at.kind, direction: 'inbound', remote: remoteOf(socket, at) } as const
    const connection = new StreamConnection(socket, options, deps)
    deps.guard.run('accept', () => onConnection(connection))
  })
  server.maxConnections = MAX_SOCKETS
  const address = at.kind === 'lan' ? await listenOnPort(server, at.host, at.port) : await listenOnPath(server, at.path)
  // Too many open files and the like: the listener goes on, the connection is lost.
  server.on('error', () => {})
  return { address, stop: async () => void server.close() }
}

async function listenOnPort(server: Server, host: string, port: number): Promise<StreamAddress> {
  try {
    // Without a host Node takes the same address, and spares the look-up of a name, which costs 20 ms at its first use.
    await bind(server, host === ANY_HOST ? { port } : { host, port })
  } catch (thrown) {
    if (host !== ANY_HOST || !NO_IPV6.includes(systemCode(thrown) ?? '')) throw unreachable(`cannot listen on ${host} port ${port}`, thrown)
    return listenOnPort(server, ANY_HOST_4, port)
  }
  return { kind: 'lan', host, port: portOf(server.address()) }
}

async function listenOnPath(server: Server, path: string): Promise<StreamAddress> {
  ensureSocketFolder(path)
  try {
    await bind(server, { path })
  } catch (thrown) {
    if (systemCode(thrown) !== 'EADDRINUSE' || !(await isStale(path))) throw unreachable(`cannot listen on ${path}`, thrown)
    rmSync(path, { force: true })
    await bind(server, { path })
  }
  // Until here the folder alone kept others out; the file does so by itself.
  if (process.platform !== 'win32') chmodSync(path, 0o600)
  return { kind: 'machine', path }
}

function bind(server: Server, options: net.ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** A socket file that nobody answers was left by a process that was killed. */
function isStale(path: string): Promise<boolean> {
  if (process.platform === 'win32') return Promise.resolve(false)
  return new Promise((resolve) => {
    const probe = net.connect({ path })
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (thrown) => resolve(['ECONNREFUSED', 'ENOENT'].includes(systemCode(thrown) ?? '')))
  })
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new MeshError('internal', 'a TCP listener has no port')
  return address.port
}

function dial(to: StreamAddress, signal: AbortSignal, deps: StreamDeps): Promise<Connection> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(stopped())
    const socket = open(to)
    const giveUp = (error: MeshError) => {
      settle()
      socket.destroy()
      reject(error)
    }
    const onAbort = () => giveUp(stopped())
    const onError = (thrown: unknown) => giveUp(unreachable(`${nameOf(to)} cannot be reached`, thrown))
    const onConnect = () => {
      settle()
      socket.pause()
      resolve(new StreamConnection(socket, { kind: to.kind, direction: 'outbound', remote: remoteOf(socket, to) }, deps))
    }
    const seconds = LIMITS.link.dialTimeoutMs / 1_000
    const timer = deps.clock.after(LIMITS.link.dialTimeoutMs, () => {
      giveUp(new MeshError('timeout', `${nameOf(to)} did not answer within ${seconds} seconds`, { retryable: true }))
    })
    // All three end with the attempt: a timeout that outlives it would cut a working connection.
    const settle = () => {
      timer.cancel()
      signal.removeEventListener('abort', onAbort)
      socket.off('connect', onConnect)
      socket.off('error', onError)
      socket.on('error', () => {})
    }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', onConnect)
    socket.once('error', onError)
  })
}

function open(to: StreamAddress): Socket {
  try {
    return to.kind === 'lan' ? net.connect({ host: to.host, port: to.port }) : net.connect({ path: to.path })
  } catch (thrown) {
    throw unreachable(`${nameOf(to)} is no address`, thrown)
  }
}

function remoteOf(socket: Socket, address: StreamAddress): string {
  if (address.kind === 'machine') return 'local'
  return normalizeAddress(socket.remoteAddress ?? 'unknown')
}

function nameOf(address: StreamAddress): string {
  if (address.kind === 'machine') return address.path
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

function unreachable(what: string, cause: unknown): MeshError {
  return new MeshError('unreachable', `${what}: ${messageOf(cause)}`, { cause, retryable: true })
}

function stopped(): MeshError {
  return new MeshError('closed', 'dialing was stopped')
}
