/**
 * Relays that are not ours: one written from the published protocol alone, and one that passes everything on to a real one
 * and keeps, changes or repeats what it sees.
 */
import type { AddressInfo } from 'node:net'
import WebSocket, { WebSocketServer } from 'ws'

async function listening(): Promise<WebSocketServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.once('listening', resolve))
  return server
}

const urlOf = (server: WebSocketServer): string => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`

/** Knows none of our additions, and checks as little as the deployed one does. */
export class PublishedRelay {
  accepted = 0
  readonly #server: WebSocketServer
  readonly #members = new Map<string, { readonly name: string; readonly socket: WebSocket }>()

  /** With `limits` it claims to take mail, and never says a word about any. */
  static async start(token: string, limits?: object): Promise<PublishedRelay> {
    return new PublishedRelay(await listening(), token, limits)
  }

  private constructor(server: WebSocketServer, token: string, limits: object | undefined) {
    this.#server = server
    server.on('connection', (socket) => {
      let self = ''
      socket.on('error', () => {})
      socket.on('close', () => {
        if (this.#members.get(self)?.socket !== socket) return
        this.#members.delete(self)
        this.#tell(self, { type: 'relay-peer-left', nodeId: self })
      })
      socket.on('message', (data) => {
        const message = JSON.parse(String(data))
        if (message.type === 'relay-auth') {
          if (message.token !== token) return socket.close(4003)
          self = message.nodeId
          this.accepted++
          const peers = [...this.#members].map(([nodeId, { name }]) => ({ nodeId, name }))
          this.#members.set(self, { name: message.name, socket })
          socket.send(JSON.stringify({ type: 'relay-peers', peers, ...(limits ? { limits } : {}) }))
          this.#tell(self, { type: 'relay-peer-joined', nodeId: self, name: message.name })
        } else if (message.payload) {
          const text = JSON.stringify({ from: self, fromName: this.#members.get(self)?.name, payload: message.payload })
          if (message.to) this.#members.get(message.to)?.socket.send(text)
        }
      })
    })
  }

  get url(): string {
    return urlOf(this.#server)
  }

  /** To every member, as it is. */
  say(...texts: readonly string[]): void {
    for (const { socket } of this.#members.values()) for (const text of texts) socket.send(text)
  }

  closeAll(code: number): void {
    for (const { socket } of this.#members.values()) socket.close(code)
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
  }

  #tell(except: string, message: object): void {
    for (const [nodeId, { socket }] of this.#members) if (nodeId !== except) socket.send(JSON.stringify(message))
  }
}

/** Sits between a session and a relay, unmasked: all that either says. */
export class Forwarder {
  /** Both directions, each message as it came. */
  readonly seen: string[] = []
  #relay: WebSocket | undefined
  readonly #server: WebSocketServer

  static async to(url: string, change: (text: string) => readonly string[] = (text) => [text]): Promise<Forwarder> {
    return new Forwarder(await listening(), url, change)
  }

  private constructor(server: WebSocketServer, url: string, change: (text: string) => readonly string[]) {
    this.#server = server
    server.on('connection', (client) => {
      const relay = new WebSocket(url)
      this.#relay ??= relay
      const waiting: string[] = []
      const toRelay = (text: string): unknown => (relay.readyState === WebSocket.OPEN ? relay.send(text) : waiting.push(text))
      relay.on('open', () => {
        for (const text of waiting.splice(0)) relay.send(text)
      })
      client.on('message', (data) => {
        this.seen.push(String(data))
        for (const text of change(String(data))) toRelay(text)
      })
      relay.on('message', (data) => {
        this.seen.push(String(data))
        client.send(String(data))
      })
      for (const [one, other] of [
        [client, relay],
        [relay, client],
      ] as const) {
        one.on('error', () => {})
        one.on('close', (code) => (code >= 4_000 || code === 1_001 ? other.close(code) : other.terminate()))
      }
    })
  }

  /** Says something to the relay as the first session that came. */
  toRelay(text: string): void {
    this.#relay?.send(text)
  }

  get url(): string {
    return urlOf(this.#server)
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
  }
}
