/**
 * Whole nodes in one process: real keys, handshake, seal and store; the network is in memory and the clock stands still
 * until a test moves it. Waiting is for a state, turn by turn of the event loop, never for time.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Guard } from '../../server/src/base/guard.ts'
import { silentLog } from '../../server/src/base/log.ts'
import type { Announcement, Candidate, Discovery, DiscoveryEvents, SeenGroup } from '../../server/src/discovery/discovery.ts'
import { type Fingerprint, fingerprintOf } from '../../server/src/identity/ids.ts'
import { type UserKey, userKeyOf } from '../../server/src/identity/user-key.ts'
import type { Interests } from '../../server/src/memory/interests.ts'
import type { Retention } from '../../server/src/memory/memory.ts'
import { MEMORY_MIGRATIONS } from '../../server/src/memory/schema.ts'
import { parseAllowlist } from '../../server/src/mesh/allowlist.ts'
import { type GroupShelf, memoryShelf } from '../../server/src/mesh/group-shelf.ts'
import { MAIL_MIGRATIONS } from '../../server/src/mesh/mail-schema.ts'
import { MeshNode, type NodeDeps, type NodeEvent } from '../../server/src/mesh/node.ts'
import { DEFAULT_RATES, type Rates } from '../../server/src/mesh/rates.ts'
import { MESH_MIGRATIONS } from '../../server/src/mesh/schema.ts'
import type { SendRequest } from '../../server/src/mesh/sending.ts'
import type { TrustSource } from '../../server/src/mesh/trust-file.ts'
import type { InboxView } from '../../server/src/mesh/views.ts'
import { buildCat7 } from '../../server/src/mmp/cat7.ts'
import type { Cmb } from '../../server/src/mmp/cmb.ts'
import { type GroupName, parseGroupValue } from '../../server/src/mmp/group.ts'
import { type MintOptions, mintCmb } from '../../server/src/mmp/record.ts'
import type { NodeKeys } from '../../server/src/secure/session.ts'
import type { Database } from '../../server/src/store/database.ts'
import { openDatabase } from '../../server/src/store/open.ts'
import type { Transport } from '../../server/src/transport/connection.ts'
import { MemoryNetwork } from '../../server/src/transport/memory.ts'
import { alice, bob, carol, counting } from '../vectors/fixtures.ts'
import { FakeClock } from './fake-clock.ts'

export { alice, bob, carol, keysOf } from '../vectors/fixtures.ts'

export const PORT = 7_000
const DEADLINE_MS = 10_000
const KNOWN: Readonly<Record<string, NodeKeys>> = { alice, bob, carol }

export function group(name: string): GroupName {
  const parsed = parseGroupValue(name)
  if (!parsed) throw new Error(`${name} is no group`)
  return parsed
}

export function fingerprint(keys: NodeKeys): Fingerprint {
  return fingerprintOf(keys.publicKey)
}

/** A signed CMB by these keys, as a peer of them would mint it. */
export function cmbOf(author: NodeKeys, focus: string, changes: Partial<MintOptions> = {}): Cmb {
  return mintCmb({
    fields: buildCat7({ focus }),
    group: 'default',
    createdAt: 1_750_000_000_000,
    author: { nodeId: author.nodeId, name: 'somebody' },
    sign: (bytes) => author.sign(bytes),
    ...changes,
  })
}

/** Finds what the test tells it to find. */
export class ManualDiscovery implements Discovery {
  announcement: Announcement | undefined
  refreshes = 0
  /** Groups of every announcement, in order. */
  readonly announced: (readonly string[])[] = []
  seen: SeenGroup[] = []
  browses = 0
  problem: string | undefined
  #events: DiscoveryEvents | undefined

  async start(announcement: Announcement, events: DiscoveryEvents): Promise<void> {
    this.announcement = announcement
    this.announced.push(announcement.groups)
    this.#events = events
  }
  update(announcement: Announcement): void {
    this.announcement = announcement
    this.announced.push(announcement.groups)
  }
  refresh(): void {
    this.refreshes++
  }
  browse(): void {
    this.browses++
  }
  groupsSeen(): readonly SeenGroup[] {
    return this.seen
  }
  health() {
    return { problem: this.problem }
  }
  async stop(): Promise<void> {
    this.#events = undefined
  }
  find(candidate: Candidate): void {
    this.#events?.onFound(candidate)
  }
  lose(id: string): void {
    this.#events?.onLost(id)
  }
}

export interface PrivateHome {
  readonly shelf: GroupShelf
  readonly user: UserKey
  userKey(): Promise<UserKey>
}

/** A person with a key and no groups yet. */
export function privateHome(seedByte: number): PrivateHome {
  const user = userKeyOf(Buffer.alloc(32, seedByte).toString('base64url'))
  return { shelf: memoryShelf(), user, userKey: async () => user }
}

export interface StartOptions {
  readonly keys?: NodeKeys
  readonly rates?: Partial<Rates>
  readonly groups?: readonly [string, ...string[]]
  readonly transport?: (inner: Transport) => Transport
  readonly discovery?: ManualDiscovery
  readonly onGroups?: (groups: readonly string[]) => void
  /** The private groups of the user of the host. */
  readonly home?: PrivateHome
  /** What the user of the host decided about keys; the same value for all its nodes. */
  readonly trust?: TrustSource
  readonly allowedPeers?: string
  readonly interests?: () => Interests
  readonly retention?: Retention
  readonly relays?: NonNullable<NodeDeps['relays']>
  /** The name that the node tells; default is its host's. */
  readonly called?: string
}

export interface TestNode {
  readonly host: string
  readonly node: MeshNode
  readonly keys: NodeKeys
  readonly db: Database
  readonly guard: Guard
  readonly discovery: ManualDiscovery
  readonly events: NodeEvent[]
  say(focus: string, more?: Partial<SendRequest>): ReturnType<MeshNode['send']>
  /** Oldest first. */
  inbox(): readonly InboxView[]
  focuses(): readonly string[]
  knows(other: string): boolean
  stop(): Promise<void>
}

/** A temporary folder with the stores of all nodes, a network and a clock. */
export class Lab {
  readonly clock = new FakeClock()
  readonly network = new MemoryNetwork({ clock: this.clock })
  readonly folder = mkdtempSync(path.join(tmpdir(), 'sym-mesh-'))
  readonly #running = new Set<TestNode>()
  #seed = 1

  /** The same host again opens the same store. */
  async start(host: string, options: StartOptions = {}): Promise<TestNode> {
    const {
      keys = KNOWN[host] ?? alice,
      rates = {},
      groups = ['default'],
      transport = (inner) => inner,
      discovery = new ManualDiscovery(),
      called = host,
      allowedPeers = '',
      onGroups,
      interests,
      retention,
    } = options
    const guard = new Guard(silentLog)
    const db = await this.openStore(host)
    const node = new MeshNode(
      {
        clock: this.clock,
        random: counting(this.#seed++ * 17),
        guard,
        log: silentLog,
        db,
        transport: transport(this.network.transport(host)),
        discoveries: [discovery],
        rates: { ...DEFAULT_RATES, ...rates },
        version: '0.1.0',
        ...(options.trust ? { trust: options.trust } : {}),
        ...(options.relays ? { relays: options.relays } : {}),
        ...(options.home ? { privateGroups: options.home } : {}),
      },
      {
        name: called,
        hostname: host,
        keys,
        groups: [group(groups[0]), ...groups.slice(1).map(group)],
        serviceType: undefined,
        allowedPeers: parseAllowlist(allowedPeers),
        listen: [{ kind: 'lan', host, port: PORT }],
        ...(onGroups === undefined ? {} : { onGroups }),
        ...(interests === undefined ? {} : { interests }),
        ...(retention === undefined ? {} : { retention }),
      },
    )
    const events: NodeEvent[] = []
    node.subscribe((event) => events.push(event))
    await node.start()
    const running: TestNode = {
      host,
      node,
      keys,
      db,
      guard,
      discovery,
      events,
      say: (focus, more = {}) => node.send({ fields: { focus }, tags: ['message'], ...more }),
      inbox: () => [...node.inbox({ limit: 1_000 })].reverse(),
      focuses: () => [...node.inbox({ limit: 1_000 })].reverse().map(({ fields }) => fields.focus.text),
      knows: (other) => node.peers().some((peer) => peer.isHere && peer.name === other),
      stop: async () => {
        this.#running.delete(running)
        await node.stop()
        db.close()
      },
    }
    this.#running.add(running)
    return running
  }

  openStore(host: string): Promise<Database> {
    return openDatabase(path.join(this.folder, host, 'mesh.db'), [...MESH_MIGRATIONS, ...MAIL_MIGRATIONS, ...MEMORY_MIGRATIONS])
  }

  /** `from` learns the address of `to`, as from `SYM_PEERS`. */
  introduce(from: TestNode, to: { readonly host: string }): void {
    from.discovery.find({
      source: 'static',
      id: `static:${to.host}`,
      nodeId: undefined,
      groups: undefined,
      addresses: [{ kind: 'lan', host: to.host, port: PORT }],
    })
    this.clock.advance(0)
  }

  /** Both are linked and have told their names. */
  async meet(a: TestNode, b: TestNode): Promise<void> {
    this.introduce(a, b)
    await this.linked(a, b)
  }

  async linked(a: TestNode, b: TestNode): Promise<void> {
    const isLinked = (one: TestNode, other: TestNode) =>
      one.node.peers().some((peer) => peer.isHere && peer.fingerprint === other.node.fingerprint && peer.name === other.node.status().name)
    await until(() => isLinked(a, b) && isLinked(b, a), `${a.host} and ${b.host} are linked`)
  }

  /** Time passes in steps, and what it sets off has its turns in between. */
  async pass(ms: number, stepMs = 500): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left))
      await turns(3)
    }
  }

  /** `act` while time passes, until it is done. */
  async during<T>(act: Promise<T>, stepMs = 250): Promise<T> {
    let isDone = false
    const settled = act.finally(() => {
      isDone = true
    })
    settled.catch(() => {})
    await turns(5)
    for (let steps = 0; !isDone && steps < 1_000; steps++) await this.pass(stepMs, stepMs)
    return settled
  }

  async close(): Promise<void> {
    for (const running of [...this.#running]) await running.stop()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Some turns of the event loop: commits and frames of one step are done. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

export async function until(fits: () => boolean, what: string): Promise<void> {
  const end = Date.now() + DEADLINE_MS
  while (!fits()) {
    if (Date.now() > end) throw new Error(`never came: ${what}`)
    await turns(1)
  }
}
