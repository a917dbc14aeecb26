/**
 * Keeps the node told of what the session works on: reads the project when a hook has reported and once a minute, and
 * remembers for a while which files were edited, where files are shared. Who edits a file that a peer edits too gets one
 * line of ours.
 */
import type { Clock } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { Scope } from '../base/scope.ts'
import type { MeshNode } from '../mesh/node.ts'
import { type Project, readProject } from './project.ts'
import { audiencesOf, type Share } from './sharing.ts'

export interface SurroundingsDeps {
  readonly node: MeshNode
  readonly clock: Clock
  readonly guard: Guard
  /** The user's project folder. */
  readonly folder: string
  readonly share: Share
}

const LOOK_MS = 60_000
/** Hooks report in bursts. */
const LOOK_AGAIN_MS = 2_000

export class SurroundingsWatch {
  readonly #deps: SurroundingsDeps
  readonly #scope: Scope
  #project: Project
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(deps: SurroundingsDeps) {
    this.#deps = deps
    this.#scope = new Scope(deps.clock)
    this.#project = { folder: deps.folder, repository: undefined }
  }

  async start(): Promise<void> {
    this.#scope.every(LOOK_MS, () => this.look())
    await this.#read()
  }

  /** Soon, and not for each of many calls. */
  look(): void {
    const now = this.#deps.clock.monotonic()
    if (this.#scope.isStopped || now - this.#lookedAt < LOOK_AGAIN_MS) return
    this.#deps.guard.run('surroundings', () => this.#read())
  }

  stop(): Promise<void> {
    return this.#scope.stop()
  }

  async #read(): Promise<void> {
    const { node, clock, folder } = this.#deps
    this.#lookedAt = clock.monotonic()
    this.#project = await readProject(folder)
    if (!this.#scope.isStopped) node.presence.setAudiences(this.#audiences())
  }

  #audiences() {
    return audiencesOf(this.#project, [], this.#deps.share)
  }
}
