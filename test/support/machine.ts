/** A machine of one person: home, project, a `claude` that tells its version, and the command line run there. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryHome } from './server.ts'

export const CLI = fileURLToPath(new URL('../../server/dist/cli.mjs', import.meta.url))

export interface Finding {
  readonly id: string
  readonly level: string
  readonly what: string
  readonly why?: string
  readonly next?: string
}

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export type Machine = ReturnType<typeof machine>

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What runs instead of Node with the command line: gets both and the arguments. */
  readonly within?: (command: readonly string[]) => readonly string[]
}

export function machine(client = '2.1.329') {
  const { home, root, remove } = temporaryHome()
  const [project, bin] = [path.join(home, 'proj'), path.join(home, 'bin')]
  for (const folder of [project, bin]) mkdirSync(folder, { recursive: true })
  const program = `#!/bin/sh\nif [ "$1" = --version ]; then echo "${client} (Claude Code)"; else printf '%s\\n' "$@" > "${home}/args"; echo "$SYM_MODE" > "${home}/mode"; exit 7; fi\n`
  writeFileSync(path.join(bin, 'claude'), program, { mode: 0o755 })
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: home, SYM_STATE_DIR: root, SYM_LISTEN: '127.0.0.1:0' }
  const run = (args: readonly string[], { env: more = {}, within = (command) => command }: RunOptions = {}): Promise<Ran> =>
    new Promise((resolve) => {
      const [command = '', ...rest] = within([process.execPath, CLI, ...args])
      const child = spawn(command, rest, { cwd: project, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] })
      const ran = { out: '', err: '' }
      child.stdout.on('data', (chunk) => (ran.out += chunk))
      child.stderr.on('data', (chunk) => (ran.err += chunk))
      child.on('close', (code) => resolve({ code, ...ran }))
    })
  const doctor = async (options: RunOptions = {}, args: readonly string[] = []) => {
    const { code, out, err } = await run(['doctor', '--json', ...args], options)
    if (out === '') throw new Error(`the doctor said nothing: ${err}`)
    const { health, findings } = JSON.parse(out) as { health: string; findings: readonly Finding[] }
    return { code, health, ids: findings.filter(({ level }) => ['warning', 'problem'].includes(level)).map(({ id }) => id), findings }
  }
  const write = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(home, name)), { recursive: true })
    writeFileSync(path.join(home, name), text)
  }
  const read = (name: string): string => readFileSync(path.join(home, name), 'utf8')
  return { home, root, project, run, doctor, write, read, remove }
}
