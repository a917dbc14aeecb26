/**
 * The node of one process, put together: a slot of the project's identity, its database, the sockets, the three ways of
 * discovery. What was opened is closed in reverse order, also when the start fails half-way.
 */
import os from 'node:os'
import path from 'node:path'
import { systemClock, systemRandom } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import type { Log } from '../base/log.ts'
import { Scope } from '../base/scope.ts'
import { Secret } from '../base/secret.ts'
import { createMachineDiscovery } from '../discovery/machine.ts'
import { createMdnsDiscovery } from '../discovery/mdns.ts'
import { createRelayDiscovery } from '../discovery/relay.ts'
import { createStaticDiscovery, parseStaticPeers } from '../discovery/static.ts'
import { isLoopback } from '../discovery/subnet.ts'
import { startTimeOf } from '../identity/process.ts'
import { defaultNodeName, openSlot } from '../identity/slots.ts'
import { openStockKey } from '../identity/stock-keys.ts'
import { openUserKey } from '../identity/user-key.ts'
import { type LocalHandlers, serveLocal } from '../local/calls.ts'
import { removeRunFile, socketPaths, writeRunFile } from '../local/run-files.ts'
import type { Interests } from '../memory/interests.ts'
import { MEMORY_MIGRATIONS } from '../memory/schema.ts'
import { relaysAtStart } from '../mesh/group-relays.ts'
import { groupShelf } from '../mesh/group-shelf.ts'
import { MAIL_MIGRATIONS } from '../mesh/mail-schema.ts'
import { MeshNode } from '../mesh/node.ts'
import { MESH_MIGRATIONS } from '../mesh/schema.ts'
import { stockFile } from '../mesh/stock-file.ts'
import { trustFile } from '../mesh/trust-file.ts'
import { parseRelayUrl } from '../mmp/relay-url.ts'
import { AuditLog } from '../store/audit-log.ts'
import { openDatabase } from '../store/open.ts'
import type { RelayClientDeps } from '../transport/relay-client.ts'
import { RelayHub } from '../transport/relay-hub.ts'
import { type LinkRelay, RelayJoin, targetOf } from '../transport/relay-join.ts'
import { isPrivateLiteral } from '../transport/relay-url.ts'
import { createSocketTransport } from '../transport/socket.ts'
import type { Settings } from './settings.ts'
import { VERSION } from './version.ts'

export interface SessionOptions {
  readonly settings: Settings
  /** What the person follows and ignores as it is now; as it was at the start when absent. */
  readonly interests?: () => Interests
  readonly log: Log
  readonly guard: Guard
  /** The process that hooks share with this one. */
  readonly parentPid: number
  readonly pid: number
  /** What hooks and the command line may ask; called once the node is there. */
  readonly handlers: (node: MeshNode, relays: RelayJoin, folder: string) => LocalHandlers
}

export interface Session {
  readonly node: MeshNode
  /** Joins over relays that links name. */
  readonly relays: RelayJoin
  readonly name: string
  readonly folder: string
  /** The wanted name is held by another live process, and this is the next slot. */
  readonly heldBy: number | undefined
  readonly isFirstChoice: boolean
  stop(): Promise<void>
}

export async function startSession(options: SessionOptions): Promise<Session> {
  const scope = new Scope(systemClock, (thrown) => options.guard.run('stop', () => Promise.reject(thrown)))
  try {
    return await open(options, scope)
  } catch (thrown) {
    await scope.stop()
    throw thrown
  }
}

async function open({ settings, interests, log, guard, parentPid, pid, handlers }: SessionOptions, scope: Scope): Promise<Session> {
  const root = settings.root.value
  const hostname = os.hostname()
  const baseName = settings.nodeName.value ?? defaultNodeName(hostname, settings.projectName.value)
  const slot = await openSlot(root, baseName, {
    clock: systemClock,
    random: systemRandom,
    hostname,
    ...(settings.sessionId ? { sessionId: settings.sessionId } : {}),
  })
  scope.defer(() => slot.lock.release())
  const { identity } = slot
  const db = await openDatabase(path.join(identity.folder, 'mesh.db'), [...MESH_MIGRATIONS, ...MAIL_MIGRATIONS, ...MEMORY_MIGRATIONS])
  scope.defer(() => db.close())
  const audit = new AuditLog(identity.folder, systemClock, (thrown) => guard.run('audit', () => Promise.reject(thrown)))
  scope.defer(() => audit.stop())
  audit.note('start', { pid, version: VERSION })
  const sockets = socketPaths(root, parentPid, pid)
  const start = (await startTimeOf(pid)) ?? null
  const groups = [settings.group.value] as const
  const run = { nodeId: identity.nodeId, pid, start, sessionId: settings.sessionId ?? null, ...sockets }
  const shelf = groupShelf(path.join(root, 'groups'), { clock: systemClock, random: systemRandom })
  const configured = settings.relay.value?.url.href
  const groupRelays = relaysAtStart(shelf, settings.group.value, systemClock.now()).filter(({ url }) => url !== configured)
  const relays = await relaysOf(settings, groupRelays, { clock: systemClock, random: systemRandom, guard, log, audit, keys: identity })
  scope.defer(() => relays.stop())
  const node = new MeshNode(
    {
      clock: systemClock,
      guard,
      log,
      db,
      rates: settings.rates,
      privateGroups: {
        shelf,
        userKey: () => openUserKey(root, { clock: systemClock, random: systemRandom }),
      },
      trust: trustFile(path.join(root, 'trust.json'), { clock: systemClock, random: systemRandom }),
      stock: {
        source: stockFile(path.join(root, 'stock.json'), { clock: systemClock, random: systemRandom }),
        sealingKey: () => openStockKey(identity.folder, { clock: systemClock, random: systemRandom }),
      },
      version: VERSION,
      audit,
      transport: relays.transport(createSocketTransport({ clock: systemClock, guard })),
      relays,
      discoveries: [
        createMachineDiscovery({ clock: systemClock, log, root }),
        createStaticDiscovery(parseStaticPeers(settings.peers.value)),
        createRelayDiscovery(relays),
        // Whoever listens on loopback alone wants nothing of the network: nothing is announced, nobody is looked for.
        ...(isLoopback(settings.listen.value.host) ? [] : [createMdnsDiscovery({ clock: systemClock, random: systemRandom, log })]),
      ],
    },
    {
      name: slot.slotName,
      hostname,
      keys: identity,
      groups,
      serviceType: settings.serviceType.value,
      allowedPeers: settings.allowedPeers.value,
      interests: interests ?? (() => settings.interests),
      retention: settings.retention,
      listen: [{ kind: 'machine', path: sockets.link }, settings.listen.value, { kind: 'relay', relay: '', nodeId: identity.nodeId }],
      onListening: () => writeRunFile(root, parentPid, { ...run, groups }),
      onGroups: (joined) => writeRunFile(root, parentPid, { ...run, groups: joined }),
    },
  )
  scope.defer(() => removeRunFile(root, parentPid, pid))
  scope.defer(() => node.stop())
  await node.start()
  const relayJoin = new RelayJoin(relays, [...linkRelayOf(settings), ...groupRelays], () => node.relayAdded())
  const local = await serveLocal(sockets.local, handlers(node, relayJoin, identity.folder), {
    clock: systemClock,
    onError: (method, thrown) => guard.run(`local-${method}`, () => Promise.reject(thrown)),
  })
  scope.defer(() => local.stop())
  return {
    node,
    relays: relayJoin,
    name: slot.slotName,
    folder: identity.folder,
    heldBy: slot.heldBy,
    isFirstChoice: slot.isFirstChoice,
    stop: () => scope.stop(),
  }
}

/** Waits for nothing: a relay that is away must not hold up the start. */
async function relaysOf(settings: Settings, ofGroups: readonly LinkRelay[], deps: Omit<RelayClientDeps, 'rooms'>): Promise<RelayHub> {
  const hub = new RelayHub(deps)
  if (settings.relay.value) await hub.add(settings.relay.value)
  for (const relay of ofGroups) {
    const target = targetOf(relay)
    // An address of the own network is a person's to configure, and was taken out again.
    if (!(target.isForeign && isPrivateLiteral(target.url))) await hub.add(target)
  }
  return hub
}

/** The relay that a link brought to an earlier session. */
function linkRelayOf({ relay: { value }, isRelayFromLink }: Settings): readonly LinkRelay[] {
  if (!isRelayFromLink || value === undefined) return []
  const verdict = parseRelayUrl(value.url.href, [value.url.href])
  return verdict.kind === 'ok' ? [{ url: verdict.url, token: value.token === undefined ? undefined : new Secret(value.token) }] : []
}
