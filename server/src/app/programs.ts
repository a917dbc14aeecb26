/**
 * The only file that starts another program: `claude`, at the wish of a person at the command line. Never a shell, never
 * an argument that came from a peer or a file.
 */
import { execFile, spawn } from 'node:child_process'

const VERSION_TIMEOUT_MS = 5_000
/** On Windows the program is a script, which only a shell could start; a person starts it there. */
const HOST = 'claude'

/** The version that `claude --version` prints first; undefined when it cannot be asked. */
export function hostVersion(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(HOST, ['--version'], { env, timeout: VERSION_TIMEOUT_MS, windowsHide: true }, (error, stdout) => {
      resolve(error ? undefined : /^\d+\.\d+\.\d+/.exec(stdout.trim())?.[0])
    })
  })
}

/** Runs Claude Code in this terminal until it ends; resolves to its exit code, or undefined when there is none to start. */
export function runHost(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | undefined> {
  return new Promise((resolve) => {
    const child = spawn(HOST, [...args], { env, stdio: 'inherit' })
    child.on('error', () => resolve(undefined))
    child.on('exit', (code, signal) => resolve(code ?? (signal === null ? 0 : 1)))
  })
}
