/**
 * Keeps the node told of what the session works on: reads the project when a hook has reported and once a minute, and
 * remembers for a while which files were edited, where files are shared. Who edits a file that a peer edits too is told.
 */
import path from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { Scope } from '../base/scope.ts'
import type { MeshNode } from '../mesh/node.ts'
import type { PeerView } from '../mesh/views.ts'
import { EditedFiles } from './edited-files.ts'
import { type Project, readProject } from './project.ts'
import { audiencesOf, fileIdOf, pathInProject, type Share } from './sharing.ts'

export interface SurroundingsDeps {
  readonly node: MeshNode
  readonly clock: Clock
  readonly guard: Guard
  /** The user's project folder. */
  readonly folder: string
  readonly share: Share
  /** What the person set for groups apart, in the place of `share`. */
  readonly shareIn: (group: string) => Share | undefined
  /** Whether the person lets this peer be named unasked. */
  readonly mayName: (peer: PeerView) => boolean
}

/** A file that somebody else edits too. */
export interface SameFile {
  /** Ours, relative to the repository. */
  readonly file: string
  readonly peers: readonly PeerView[]
}

const LOOK_MS = 60_000
/** Hooks report in bursts. */
const LOOK_AGAIN_MS = 2_000

export class SurroundingsWatch {
  readonly #deps: SurroundingsDeps
  readonly #scope: Scope
  readonly #edited: EditedFiles
  #project: Project
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(deps: SurroundingsDeps) {
    this.#deps = deps
    this.#scope = new Scope(deps.clock)
    this.#edited = new EditedFiles(deps.clock)
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

  /** Claude has edited this file. Says who else does, where somebody is to be named. */
  edited(file: string): SameFile | undefined {
    const { node, mayName } = this.#deps
    const known = this.sharesFiles ? pathInProject(this.#project, this.#real(file)) : undefined
    if (known === undefined) return undefined
    this.#edited.add(known)
    this.#tell()
    const editors = node.editorsOf(fileIdOf(this.#project, known)).filter(mayName)
    const peers = this.#edited.toName(known, editors)
    return peers.length === 0 ? undefined : { file: known, peers }
  }

  /** With anybody on the network: then it is worth knowing what is edited. */
  get sharesFiles(): boolean {
    const { node, share, shareIn } = this.#deps
    return node.joinedGroups().some((group) => (shareIn(group) ?? share).files)
  }

  /** What is shared is another thing now. */
  policyChanged(): void {
    if (!this.#scope.isStopped) this.#tell()
  }

  stop(): Promise<void> {
    return this.#scope.stop()
  }

  async #read(): Promise<void> {
    this.#lookedAt = this.#deps.clock.monotonic()
    this.#project = await readProject(this.#deps.folder)
    if (!this.#scope.isStopped) this.#tell()
  }

  #tell(): void {
    const { node, share, shareIn } = this.#deps
    node.presence.setAudiences(audiencesOf(this.#project, this.#edited.recent(), share, shareIn))
  }

  /** The path as the project's real folder has it, where the client names the project through a symbolic link. */
  #real(file: string): string {
    const { folder } = this.#deps
    const inside = path.relative(folder, path.resolve(folder, file))
    return inside.startsWith('..') || path.isAbsolute(inside) ? file : path.join(this.#project.folder, inside)
  }
}
