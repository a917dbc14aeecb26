/** One run of the command line: as a program runs it, or, with `typed`, as a person at a terminal of their own. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../server/dist/cli.mjs', import.meta.url))

/** Whether a terminal can be played here. */
export const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version'], { stdio: 'ignore' }).status === 0

export interface CliPlace {
  readonly home: string
  readonly root: string
  /** A command in front, e.g. `ip netns exec lab-1`. */
  readonly prefix?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export function runCommand(place: CliPlace, project: string, args: readonly string[], typed?: readonly string[]): Promise<Ran> {
  const { home, root, prefix = [], env = {} } = place
  const cwd = path.join(home, project)
  mkdirSync(cwd, { recursive: true })
  const plain = [process.execPath, CLI, ...args]
  const line = plain.map((word) => `'${word}'`).join(' ')
  const [command = '', ...words] = [...prefix, ...(typed ? ['script', '-qec', line, '/dev/null'] : plain)]
  const variables = { PATH: process.env['PATH'], HOME: home, SYM_STATE_DIR: root, TERM: 'dumb', ...env }
  const child = spawn(command, words, { cwd, env: variables, stdio: [typed ? 'pipe' : 'ignore', 'pipe', 'pipe'] })
  const ran = { out: '', err: '' }
  const left = [...(typed ?? [])]
  child.stdout?.on('data', (chunk) => {
    ran.out += chunk
    const answer = /(?:\[y\/N\] |: )$/.test(ran.out) ? left.shift() : undefined
    if (answer !== undefined) child.stdin?.write(`${answer}\n`)
  })
  child.stderr?.on('data', (chunk) => (ran.err += chunk))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...ran })))
}
