/**
 * Nodes on this machine, without a network: the run files that live servers keep in the state folder. Process id and
 * start time guard each entry, since an id comes back; a file whose process is gone is removed by whoever sees it first. The folder is closed to other
 * users, and files of others are not read, so what is found here was written by a process of this user.
 */
import { type FSWatcher, statSync, watch } from 'node:fs'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { Scope } from '../base/scope.ts'
import { parseNodeId } from '../identity/ids.ts'
import { livingOf } from '../identity/process.ts'
import { listRunFiles, type RunEntry, type RunFile, removeRunFile, runFolder } from '../local/run-files.ts'
import { ensureClosedFolder } from '../local/socket-path.ts'
import { parseGroupName } from '../mmp/group.ts'
import type { Announcement, Candidate, Discovery, DiscoveryEvents, DiscoveryHealth, SeenGroup } from './discovery.ts'

export interface MachineOptions {
  readonly clock: Clock
  readonly log: Log
  /** The state folder that the sessions of this user share. */
  readonly root: string
  /** Those whose process lives; default asks the system, once for all of them. */
  readonly living?: (runs: readonly RunFile[]) => Promise<readonly RunFile[]>
}

export function createMachineDiscovery(options: MachineOptions): Discovery {
  return new MachineDiscovery(options)
}

/** A new file is several events; all of them are over by then. */
const SETTLE_MS = 2
/** File systems tell times in steps of up to two seconds: of two changes within a step the second shows no other time. */
const SETTLED_MS = 3_000

class MachineDiscovery implements Discovery {
  readonly #options: MachineOptions
  readonly #guard: Guard
  readonly #scope: Scope
  readonly #present = new Map<string, Candidate>()
  #ownNodeId = ''
  #events: DiscoveryEvents | undefined
  #isScanDue = false
  /** What the folder held, as long as its time says that it holds the same. */
  #known: { readonly time: number; readonly entries: readonly RunEntry[] } | undefined
  #isScanning = false
  #isStale = false
  #problem: string | undefined

  constructor(options: MachineOptions) {
    this.#options = options
    this.#guard = new Guard(options.log)
    this.#scope = new Scope(options.clock)
  }

  async start(announcement: Announcement, events: DiscoveryEvents): Promise<void> {
    this.#ownNodeId = announcement.nodeId.toLowerCase()
    this.#events = events
    if (!this.#openFolder()) return
    this.#watch()
    this.#scope.every(LIMITS.machine.scanMs, () => void this.#scanNow())
    await this.#scanNow()
  }

  /** What others find of us is our run file, which is written where the sockets are. */
  update(announcement: Announcement): void {
    this.#ownNodeId = announcement.nodeId.toLowerCase()
  }

  refresh(): void {
    if (this.#scope.isStopped) return
    for (const candidate of this.#present.values()) this.#found(candidate)
    void this.#scanNow()
  }

  groupsSeen(): readonly SeenGroup[] {
    return [...this.#present.values()].flatMap(({ nodeId, groups = [] }) =>
      groups.flatMap((group) => (nodeId === undefined || !parseGroupName(group) ? [] : { group, nodeIds: [nodeId] })),
    )
  }

  health(): DiscoveryHealth {
    return { problem: this.#problem }
  }

  stop(): Promise<void> {
    return this.#scope.stop()
  }

  #openFolder(): boolean {
    try {
      ensureClosedFolder(runFolder(this.#options.root))
      return true
    } catch (thrown) {
      this.#problem = `Sessions on this machine cannot be found: ${messageOf(thrown)}.`
      return false
    }
  }

  /** Only makes it quicker: where the system cannot watch, the scan every few seconds finds the same. */
  #watch(): void {
    let watcher: FSWatcher
    try {
      watcher = watch(runFolder(this.#options.root), { persistent: false }, () => this.#scanSoon())
    } catch (thrown) {
      this.#options.log.debug('machine-unwatched', { why: messageOf(thrown) })
      return
    }
    watcher.on('error', () => watcher.close())
    this.#scope.defer(() => watcher.close())
  }

  #scanSoon(): void {
    if (this.#isScanDue) return
    this.#isScanDue = true
    this.#scope.after(SETTLE_MS, () => {
      this.#isScanDue = false
      void this.#scanNow()
    })
  }

  /** A look that fails is a bug that is counted; the next one is made all the same. */
  async #scanNow(): Promise<void> {
    await this.#scan().catch((thrown: unknown) => this.#guard.run('machine-scan', () => Promise.reject(thrown)))
  }

  /** One look at a time; what changed in the middle of it is seen by another one behind it. */
  async #scan(): Promise<void> {
    this.#isStale = true
    if (this.#isScanning || this.#problem !== undefined) return
    this.#isScanning = true
    try {
      while (this.#isStale && !this.#scope.isStopped) {
        this.#isStale = false
        this.#tell(await this.#living())
      }
    } finally {
      this.#isScanning = false
    }
  }

  #tell(candidates: readonly Candidate[]): void {
    if (this.#scope.isStopped) return
    const found = new Map(candidates.map((candidate) => [candidate.id, candidate] as const))
    for (const id of this.#present.keys()) if (!found.has(id)) this.#lost(id)
    for (const candidate of found.values()) if (!isSame(candidate, this.#present.get(candidate.id))) this.#found(candidate)
  }

  async #living(): Promise<readonly Candidate[]> {
    const { root, living = livingOf } = this.#options
    const entries = this.#entries(root)
    const alive = new Set(await living(entries.map(({ run }) => run)))
    for (const { ppid, run } of entries) if (!alive.has(run)) this.#guard.run('machine-remove', () => removeRunFile(root, ppid, run.pid))
    return entries.filter(({ run }) => alive.has(run)).flatMap((entry) => this.#candidateOf(entry))
  }

  /** Files come and go by name, which changes the folder: one that has not changed is not read again. */
  #entries(root: string): readonly RunEntry[] {
    const time = statSync(runFolder(root), { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY
    if (this.#known?.time === time) return this.#known.entries
    const entries = listRunFiles(root)
    const isSettled = this.#options.clock.now() - time > SETTLED_MS
    this.#known = isSettled ? { time, entries } : undefined
    return entries
  }

  #candidateOf({ run }: RunEntry): readonly Candidate[] {
    const nodeId = parseNodeId(run.nodeId)
    if (nodeId === undefined || nodeId === this.#ownNodeId) return []
    const addresses = [{ kind: 'machine', path: run.link }] as const
    return [{ source: 'machine', id: `machine:${nodeId}@${run.pid}`, nodeId, groups: run.groups, addresses }]
  }

  #found(candidate: Candidate): void {
    this.#present.set(candidate.id, candidate)
    this.#guard.run('machine-found', () => this.#events?.onFound(candidate))
  }

  #lost(id: string): void {
    this.#present.delete(id)
    this.#guard.run('machine-lost', () => this.#events?.onLost(id))
  }
}

function isSame(a: Candidate, b: Candidate | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
