/** A hook as the client starts it: a child of the same parent as the server, which is the test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Sessions } from './sessions.ts'

const HOOK = fileURLToPath(new URL('../../server/dist/hook.mjs', import.meta.url))

export interface HookEnd {
  readonly code: number | string
  readonly out: string
  readonly err: string
}

export interface HookProcess {
  readonly child: ChildProcess
  readonly ended: Promise<HookEnd>
}

export function hookProcess(
  sessions: Sessions,
  root: string,
  event: string,
  input: object = {},
  env: Readonly<Record<string, string>> = {},
): HookProcess {
  const child = spawn(process.execPath, [HOOK, event], {
    env: { PATH: process.env['PATH'], SYM_STATE_DIR: root, CLAUDE_CODE_ENTRYPOINT: 'cli', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  sessions.onEnd(() => child.kill('SIGKILL'))
  const texts = { out: '', err: '' }
  for (const [name, stream] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk
    })
  }
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify(input))
  const ended = new Promise<HookEnd>((resolve) =>
    child.once('close', (code, signal) => resolve({ code: code ?? signal ?? 'none', ...texts })),
  )
  return { child, ended }
}

export const endOf = ({ ended }: HookProcess): Promise<HookEnd> => ended
