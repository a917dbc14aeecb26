/**
 * A node with a home for a moment: real keys, handshake, disk and delivery, on loopback, in a folder that goes with it.
 * For what is shown or proven without a session.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { systemClock, systemRandom } from '../base/clock.ts'
import { deferred } from '../base/deferred.ts'
import { Guard } from '../base/guard.ts'
import { silentLog } from '../base/log.ts'
import type { Scope } from '../base/scope.ts'
import { createStaticDiscovery } from '../discovery/static.ts'
import { openSlot } from '../identity/slots.ts'
import { MEMORY_MIGRATIONS } from '../memory/schema.ts'
import { MeshNode, type NodeEvent } from '../mesh/node.ts'
import { DEFAULT_RATES } from '../mesh/rates.ts'
import { MESH_MIGRATIONS } from '../mesh/schema.ts'
import { parseGroupValue } from '../mmp/group.ts'
import { openDatabase } from '../store/open.ts'
import type { StreamAddress, Transport } from '../transport/connection.ts'
import { createSocketTransport } from '../transport/socket.ts'
import { VERSION } from './version.ts'

export const LOOPBACK = '127.0.0.1'
/** What the folder of a home begins with. */
export const TEMPORARY_HOME = 'sym-temporary-'
const DEADLINE_MS = 10_000

export interface TemporaryNodeOptions {
  readonly name: string
  /** Where the other one listens. */
  readonly peerPort: number | undefined
  /** An existing folder; the home is made in it. */
  readonly folder: string
  /** Its end ends the node and takes the home away. */
  readonly scope: Scope
  /** Puts something in front of the sockets. */
  readonly wrap?: (transport: Transport<StreamAddress>) => Transport
}

export async function startTemporaryNode({ name, peerPort, folder, scope, wrap }: TemporaryNodeOptions): Promise<MeshNode> {
  const home = mkdtempSync(path.join(folder, TEMPORARY_HOME))
  scope.defer(() => rmSync(home, { recursive: true, force: true }))
  const group = parseGroupValue('default')
  if (!group) throw new Error('unreachable')
  const slot = await openSlot(home, name, { clock: systemClock, random: systemRandom, hostname: os.hostname() })
  scope.defer(() => slot.lock.release())
  const db = await openDatabase(path.join(slot.identity.folder, 'mesh.db'), [...MESH_MIGRATIONS, ...MEMORY_MIGRATIONS])
  scope.defer(() => db.close())
  const guard = new Guard(silentLog)
  const sockets = createSocketTransport({ clock: systemClock, guard })
  const peers = peerPort === undefined ? [] : [{ kind: 'lan' as const, host: LOOPBACK, port: peerPort }]
  const node = new MeshNode(
    {
      clock: systemClock,
      guard,
      log: silentLog,
      db,
      transport: wrap ? wrap(sockets) : sockets,
      rates: DEFAULT_RATES,
      version: VERSION,
      discoveries: [createStaticDiscovery(peers)],
    },
    {
      name,
      hostname: os.hostname(),
      keys: slot.identity,
      groups: [group],
      serviceType: undefined,
      listen: [{ kind: 'lan', host: LOOPBACK, port: 0 }],
    },
  )
  scope.defer(() => node.stop())
  await node.start()
  return node
}

/** Where it listens. */
export function portOf(node: MeshNode): number {
  return Number(node.status().listen[0]?.split(':').at(-1))
}

/** The first event that fits. To be asked for before what causes it; rejects after ten seconds. */
export function heard(node: MeshNode, fits: (event: NodeEvent) => boolean): Promise<NodeEvent> {
  const found = deferred<NodeEvent>()
  const unsubscribe = node.subscribe((event) => {
    if (!fits(event)) return
    unsubscribe()
    timer.cancel()
    found.resolve(event)
  })
  const timer = systemClock.after(DEADLINE_MS, () =>
    found.reject(new Error('the nodes did not answer in time; run it again with SYM_DEBUG=1')),
  )
  return found.promise
}
