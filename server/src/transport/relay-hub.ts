/**
 * All relays of the node, as one more way to dial and to be dialed: beside it the sockets stay as they are. Whoever is at
 * a relay is told to whoever watches, as an address of its own kind.
 */
import { deferred } from '../base/deferred.ts'
import { MeshError } from '../base/errors.ts'
import type { Fingerprint, NodeId } from '../identity/ids.ts'
import { parseNodeId } from '../identity/ids.ts'
import type { RelayRoom } from '../mmp/relay-room.ts'
import type { Connection, Listener, RelayAddress, StreamAddress, Transport } from './connection.ts'
import type { PutOutcome, RelayClient, RelayClientDeps, RelayClientEvents, RelayMail } from './relay-client.ts'
import type { RelayHealth } from './relay-health.ts'
import { isPrivateLiteral } from './relay-url.ts'
import type { RelayCause, RelayTarget } from './relay-wire.ts'

/** Hears who is at the relays. */
export interface RelayWatcher {
  readonly onHere: (address: RelayAddress) => void
  readonly onGone: (address: RelayAddress) => void
}

export interface MailEvents {
  readonly onMail: (mail: RelayMail) => void
  /** A relay that takes mail is there: what waits can go. */
  readonly onOpen: () => void
}

/** `cause` is undefined when the time was over. */
export type Attempt = { readonly kind: 'in' } | { readonly kind: 'failed'; readonly cause: RelayCause | undefined }

export class RelayHub {
  readonly #deps: RelayClientDeps
  readonly #clients = new Map<string, RelayClient>()
  readonly #attempts = new Set<RelayClient>()
  readonly #here = new Map<string, RelayAddress>()
  #watcher: RelayWatcher | undefined
  #accept: ((connection: Connection) => void) | undefined
  #acceptStock: ((connection: Connection) => void) | undefined
  #mail: MailEvents | undefined
  #rooms: readonly RelayRoom[] = []

  constructor(deps: Omit<RelayClientDeps, 'rooms'>) {
    this.#deps = { ...deps, rooms: () => this.#rooms }
  }

  /** Comes to this relay and stays; the same URL again with another token takes the place of the first. */
  async add(target: RelayTarget): Promise<void> {
    const key = target.url.href
    demandPublic(target)
    await this.remove(key)
    // Most sessions have no relay, and WebSockets take memory before they are used.
    const { RelayClient } = await import('./relay-client.ts')
    this.#clients.set(key, new RelayClient(target, this.#deps, this.#eventsOf(key)))
  }

  /** Comes to this relay only if it takes us in within this time: else it is left again, and all is as before. */
  async attempt(target: RelayTarget, withinMs: number): Promise<Attempt> {
    demandPublic(target)
    const { RelayClient } = await import('./relay-client.ts')
    const outcome = deferred<Attempt>()
    const client: RelayClient = new RelayClient(target, this.#deps, {
      ...this.#eventsOf(target.url.href),
      onIn: () => this.#adopt(target.url.href, client) && outcome.resolve({ kind: 'in' }),
      onEnd: (cause) => outcome.resolve({ kind: 'failed', cause }),
    })
    this.#attempts.add(client)
    const timer = this.#deps.clock.after(withinMs, () => outcome.resolve({ kind: 'failed', cause: undefined }))
    const result = await outcome.promise
    timer.cancel()
    if (result.kind === 'failed') {
      this.#attempts.delete(client)
      await client.stop()
    }
    return result
  }

  urls(): readonly string[] {
    return [...this.#clients.keys()]
  }

  /** Those that this node is at or tries to reach, what was configured first. */
  targets(): readonly RelayTarget[] {
    return [...this.#clients.values()].map(({ target }) => target)
  }

  async remove(url: string): Promise<void> {
    const client = this.#clients.get(url)
    this.#clients.delete(url)
    await client?.stop()
  }

  health(): readonly RelayHealth[] {
    return [...this.#clients.values()].map((client) => client.health())
  }

  reconnect(): void {
    for (const client of this.#clients.values()) client.reconnect()
  }

  /** Tells of everybody who is here, and of every change from now on. */
  watch(watcher: RelayWatcher): void {
    this.#watcher = watcher
    for (const address of this.#here.values()) watcher.onHere(address)
  }

  /** In none until it is told. */
  setRooms(rooms: readonly RelayRoom[]): void {
    this.#rooms = rooms
    for (const client of [...this.#clients.values(), ...this.#attempts]) client.roomsChanged()
  }

  takeMail(events: MailEvents): void {
    this.#mail = events
    if (this.takesMail) events.onOpen()
  }

  get takesMail(): boolean {
    return [...this.#clients.values()].some((client) => client.takesMail)
  }

  /** Leaves it at the first relay that stores it. */
  async put(id: string, to: Fingerprint, sealed: Uint8Array, ttlMs: number): Promise<PutOutcome> {
    let last: PutOutcome = { kind: 'refused', reason: 'away' }
    for (const client of this.#clients.values()) {
      if (!client.takesMail) continue
      last = await client.put(id, to, sealed, ttlMs)
      if (last.kind === 'stored') return last
    }
    return last
  }

  /** The sockets with the relays beside them. */
  transport(sockets: Transport<StreamAddress>): Transport {
    return {
      listen: async (at, onConnection) => (at.kind === 'relay' ? this.#listen(at, onConnection) : sockets.listen(at, onConnection)),
      dial: async (to, signal) => (to.kind === 'relay' ? this.#dial(to) : sockets.dial(to, signal)),
    }
  }

  async stop(): Promise<void> {
    this.#watcher = undefined
    this.#accept = undefined
    this.#acceptStock = undefined
    this.#mail = undefined
    await Promise.all([...this.#clients.values(), ...this.#attempts].map((client) => client.stop()))
    this.#clients.clear()
  }

  /** From here on it is one of ours; one of the same URL with another token goes. */
  #adopt(key: string, client: RelayClient): boolean {
    if (!this.#attempts.delete(client)) return false
    const former = this.#clients.get(key)
    this.#clients.set(key, client)
    this.#deps.guard.run('relay-swap', () => former?.stop())
    return true
  }

  #eventsOf(key: string): RelayClientEvents {
    return {
      onIn: () => {},
      onEnd: () => {},
      onHere: (nodeId) => this.#onHere({ kind: 'relay', relay: key, nodeId }),
      onGone: (nodeId) => this.#onGone({ kind: 'relay', relay: key, nodeId }),
      onConnection: (connection) => (this.#accept ? this.#accept(connection) : connection.close()),
      onStock: (connection) => (this.#acceptStock ? this.#acceptStock(connection) : connection.close()),
      onMail: (mail) => this.#mail?.onMail(mail),
      onMailOpen: () => this.#mail?.onOpen(),
    }
  }

  #listen(address: RelayAddress, onConnection: (connection: Connection) => void): Listener {
    const isStock = address.dialect === 'stock'
    if (isStock) this.#acceptStock = onConnection
    else this.#accept = onConnection
    return {
      address,
      stop: async () => {
        if (isStock) this.#acceptStock = undefined
        else this.#accept = undefined
      },
    }
  }

  #dial({ relay, nodeId, dialect }: RelayAddress): Connection {
    const peer: NodeId | undefined = parseNodeId(nodeId)
    const connection = peer && this.#clients.get(relay)?.dial(peer, dialect)
    if (connection) return connection
    throw new MeshError('unreachable', 'the peer is not at the relay', { retryable: true })
  }

  #onHere(address: RelayAddress): void {
    this.#here.set(keyOf(address), address)
    this.#watcher?.onHere(address)
  }

  #onGone(address: RelayAddress): void {
    this.#here.delete(keyOf(address))
    this.#watcher?.onGone(address)
  }
}

function demandPublic({ isForeign, url }: RelayTarget): void {
  if (!isForeign || !isPrivateLiteral(url)) return
  throw new MeshError(
    'argument-invalid',
    `${url.host} is a private address, which only a person may configure; set SYM_RELAY_URL if you mean it`,
  )
}

function keyOf({ relay, nodeId }: RelayAddress): string {
  return `${nodeId} ${relay}`
}
