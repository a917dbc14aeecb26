/**
 * A relay as a child process, and two clients for it: one written straight from the published protocol that knows none of
 * our additions, and one that proves its key. Neither shares code with ours, but for the signature.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import WebSocket from 'ws'
import { toBase64Url } from '../../server/src/base/bytes.ts'
import { fingerprintOf } from '../../server/src/identity/ids.ts'
import { relayGroupOf, relayProofPayload } from '../../server/src/mmp/relay-proof.ts'
import type { NodeKeys } from '../../server/src/secure/session.ts'

const BUNDLE = fileURLToPath(new URL('../../server/dist/relay.mjs', import.meta.url))
export const TOKEN = 'a-token-for-the-tests-1'
export const OTHER_TOKEN = 'a-token-for-the-tests-2'
const DEADLINE_MS = 30_000

export interface RelayProcessOptions {
  readonly tokens?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly state?: string
  readonly port?: number
  readonly listen?: string
  readonly prefix?: readonly string[]
}

export class RelayProcess {
  readonly child: ChildProcess
  readonly url: string
  readonly port: number
  readonly state: string
  readonly metricsUrl: string | undefined
  readonly stderr: string[]
  readonly exited: Promise<number | string>

  constructor(child: ChildProcess, facts: { url: string; port: number; state: string; metrics?: string }, stderr: string[]) {
    this.child = child
    this.url = facts.url
    this.port = facts.port
    this.state = facts.state
    this.metricsUrl = facts.metrics
    this.stderr = stderr
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')))
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | string> {
    this.child.kill(signal)
    return this.exited
  }

  /** The counters and gauges, by name. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(this.metricsUrl ?? '')).text()
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(lines.map((line) => [(line.split(' ')[0] ?? '').replace(/^mesh_relay_/, ''), Number(line.split(' ')[1])]))
  }

  async residentMb(): Promise<number> {
    return ((await this.metrics()).get('resident_bytes') ?? 0) / 1_048_576
  }
}

/** Folders and processes of one test file. */
export class Relays {
  #cleanups: (() => unknown)[] = []

  folder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'sym-relay-'))
    this.#cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
    return folder
  }

  async start({
    tokens = [TOKEN, OTHER_TOKEN],
    args = [],
    env = {},
    state = this.folder(),
    port = 0,
    listen = `127.0.0.1:${port}`,
    prefix = [],
  }: RelayProcessOptions = {}): Promise<RelayProcess> {
    const file = path.join(this.folder(), 'tokens')
    writeFileSync(file, tokens.join('\n'))
    const withTokens = tokens.length > 0 ? ['--tokens-file', file] : []
    const metrics = prefix.length > 0 ? [] : ['--metrics', '127.0.0.1:0']
    const [command = '', ...rest] = [
      ...prefix,
      process.execPath,
      BUNDLE,
      '--json',
      '--listen',
      listen,
      '--state',
      state,
      ...metrics,
      ...withTokens,
      ...args,
    ]
    const child = spawn(command, rest, { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#cleanups.push(() => child.kill('SIGKILL'))
    const stderr: string[] = []
    createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line))
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve)
      child.once('exit', (code) => setTimeout(() => reject(new Error(`the relay ended with ${code}: ${stderr.join('\n')}`)), 100))
    })
    return new RelayProcess(child, JSON.parse(line), stderr)
  }

  onEnd(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup)
  }

  async end(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup()
  }
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a relay sends is looked at by tests as it is.
export type Json = any

/** A WebSocket whose messages can be waited for, each one once. */
export class RawClient {
  readonly ws: WebSocket
  readonly seen: Json[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  #watchers = new Set<() => void>()
  #next = 0

  constructor(url: string, options: WebSocket.ClientOptions = {}) {
    this.ws = new WebSocket(url, { perMessageDeflate: false, ...options })
    this.ws.on('message', (data) => {
      this.onMessage(JSON.parse(String(data)))
    })
    this.ws.on('error', () => {})
    this.closed = new Promise((resolve) => this.ws.once('close', (code, reason) => resolve({ code, reason: String(reason) })))
  }

  protected onMessage(message: Json): void {
    this.seen.push(message)
    for (const watcher of this.#watchers) watcher()
  }

  async opened(): Promise<this> {
    if (this.ws.readyState === WebSocket.OPEN) return this
    await new Promise((resolve, reject) => {
      this.ws.once('open', resolve)
      this.ws.once('error', reject)
    })
    return this
  }

  send(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** The next message, not yet waited for, that fits; those before it are skipped. */
  async next(fits: (message: Json) => boolean, what = 'a message'): Promise<Json> {
    const look = (): Json => {
      while (this.#next < this.seen.length) {
        const message = this.seen[this.#next++]
        if (fits(message)) return message
      }
      return undefined
    }
    return this.#until(look, what)
  }

  ofType(type: string): Promise<Json> {
    return this.next((message) => message.type === type, type)
  }

  /** Resolves once the relay has handled everything that was sent before. */
  async settled(): Promise<void> {
    const before = this.seen.filter(({ type }) => type === 'relay-pong').length
    this.send({ type: 'relay-ping' })
    await this.#until(() => this.seen.filter(({ type }) => type === 'relay-pong').length > before || undefined, 'the answer to a ping')
  }

  async end(): Promise<void> {
    this.ws.close()
    await this.closed
  }

  async #until<T>(look: () => T | undefined, what: string): Promise<T> {
    const found = look()
    if (found !== undefined) return found
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#watchers.delete(watcher)
        this.ws.off('close', watcher)
      }
      const fail = (why: string): void => {
        settle()
        reject(new Error(`${what}: ${why}; seen ${JSON.stringify(this.seen.slice(-5)).slice(0, 500)}`))
      }
      const watcher = (): void => {
        const value = look()
        if (value !== undefined) {
          settle()
          resolve(value)
        } else if (this.ws.readyState === WebSocket.CLOSED) fail('closed')
      }
      const timer = setTimeout(() => fail('not in time'), DEADLINE_MS)
      this.#watchers.add(watcher)
      this.ws.on('close', watcher)
    })
  }
}

/** A client as the published protocol describes it: nothing of ours. */
export class StockClient extends RawClient {
  static async join(url: string, nodeId: string, name: string, token: string | undefined = TOKEN): Promise<StockClient> {
    const client = await new StockClient(url).opened()
    client.send({ type: 'relay-auth', nodeId, name, ...(token === undefined ? {} : { token }) })
    await client.ofType('relay-peers')
    return client
  }

  protected override onMessage(message: Json): void {
    if (message.type === 'relay-ping') this.send({ type: 'relay-pong' })
    super.onMessage(message)
  }
}

/** A client that proves its key, and takes its mail unless told not to. */
export class ProvenClient extends StockClient {
  readonly mail: { id: string; sealed: string }[] = []
  takes = true

  /** Undefined: it knows of none. */
  rooms: readonly string[] | undefined

  static async prove(
    url: string,
    keys: NodeKeys,
    token: string = TOKEN,
    options: WebSocket.ClientOptions = {},
    rooms?: readonly string[],
  ): Promise<ProvenClient> {
    const client = await new ProvenClient(url, options).opened()
    client.rooms = rooms
    await client.auth(keys, token)
    await client.ofType('relay-peers')
    return client
  }

  async auth(keys: NodeKeys, token: string = TOKEN, group: string = token): Promise<void> {
    this.send({
      type: 'relay-auth',
      nodeId: keys.nodeId,
      name: `node-${keys.nodeId.slice(-4)}`,
      token,
      publicKey: toBase64Url(keys.publicKey),
      proof: 'v1',
    })
    const { nonce, relayId } = await this.ofType('relay-challenge')
    const facts = { relayId, nonce: Buffer.from(nonce, 'base64url'), group: relayGroupOf(group), nodeId: keys.nodeId }
    this.send({ type: 'relay-proof', sig: toBase64Url(keys.sign(relayProofPayload(facts))), ...(this.rooms ? { rooms: this.rooms } : {}) })
  }

  async put(to: NodeKeys, id: string, sealed: Uint8Array, more: object = {}): Promise<Json> {
    this.send({ type: 'relay-put', id, to: fingerprintOf(to.publicKey), sealed: toBase64Url(sealed), ...more })
    return this.next(
      (message) => message.id === id && (message.type === 'relay-stored' || message.type === 'relay-refused'),
      `answer for ${id}`,
    )
  }

  protected override onMessage(message: Json): void {
    if (message.type === 'relay-mail') {
      this.mail.push(message)
      if (this.takes) this.send({ type: 'relay-taken', ids: [message.id] })
    }
    super.onMessage(message)
  }
}
