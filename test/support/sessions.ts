/** Sessions of one test file: homes and processes that are gone afterwards, and what several tests ask of them. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runFolder } from '../../server/src/local/run-files.ts'
import { type ServerOptions, ServerProcess, startServer, temporaryHome } from './server.ts'

export interface Home {
  readonly home: string
  readonly root: string
}

/** Rates that a test does not want to wait for; every check stays on. */
export const FAST = {
  sendsPerMinute: 1_000_000,
  cmbsPerMinute: 1_000_000,
  cmbsBurst: 1_000_000,
  cmbsPerDay: 10_000_000,
  linkFramesPerSecond: 100_000,
  linkFramesBurst: 100_000,
  linkBytesPerSecond: 1_000_000_000,
  linkBytesBurst: 1_000_000_000,
  handshakesPerAddressPerMinute: 100_000,
} as const

/** Keeps to loopback: nothing of a test is announced on a network. */
const LOCAL = { SYM_LISTEN: '127.0.0.1:0' }

export class Sessions {
  #cleanups: (() => unknown)[] = []

  home(settings?: object): Home {
    const { home, root, remove } = temporaryHome()
    this.#cleanups.push(remove)
    if (settings) {
      mkdirSync(root, { recursive: true, mode: 0o700 })
      writeFileSync(path.join(root, 'settings.json'), JSON.stringify(settings))
    }
    return { home, root }
  }

  /** A session in a project of its own; the same project again is the same node. */
  async start({ home, root }: Home, project: string, options: Partial<ServerOptions> = {}): Promise<ServerProcess> {
    const server = await startServer(this.#options({ home, root }, project, options))
    this.#cleanups.push(() => server.kill())
    // A tool answers once the node is up, or has failed.
    await server.call('sym_status')
    return server
  }

  /** The same, before the host has said hello. */
  spawn(home: Home, project: string, options: Partial<ServerOptions> = {}): ServerProcess {
    const server = new ServerProcess(this.#options(home, project, options))
    this.#cleanups.push(() => server.kill())
    return server
  }

  onEnd(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup)
  }

  async end(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup()
  }

  #options({ home, root }: Home, project: string, { env = {}, ...more }: Partial<ServerOptions>): ServerOptions {
    const cwd = path.join(home, project)
    mkdirSync(cwd, { recursive: true })
    return { root, cwd, env: { ...LOCAL, ...env }, ...more }
  }
}

export async function met(...servers: readonly ServerProcess[]): Promise<void> {
  for (const server of servers) await server.statusUntil(({ peersHere }) => peersHere >= servers.length - 1, 'all are here')
}

export interface Item {
  readonly id: string
  readonly seq: number
  readonly focus: string
  readonly from: string
}

/** The whole inbox, oldest first. */
export async function inboxOf(server: ServerProcess): Promise<readonly Item[]> {
  const items: Item[] = []
  for (let before: number | undefined; ; ) {
    const answer = await server.ask('inbox', { limit: 200, ...(before === undefined ? {} : { before }) })
    if ('error' in answer) throw new Error(answer.error.message)
    const page = answer.ok as readonly { id: string; seq: number; fields: { focus: { text: string } }; from: { name: string } }[]
    items.push(...page.map(({ id, seq, fields, from }) => ({ id, seq, focus: fields.focus.text, from: from.name })))
    if (page.length < 200) return items.reverse()
    before = page.at(-1)?.seq
  }
}

/** Names in the run folder: sockets, run files, door files. */
export function runNames(root: string): readonly string[] {
  try {
    return readdirSync(runFolder(root))
  } catch {
    // Never made.
    return []
  }
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
