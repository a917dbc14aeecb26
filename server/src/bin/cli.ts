/** Entry of the command line program. */
import { fileURLToPath } from 'node:url'
import { attentionEditor } from '../app/attention-file.ts'
import { logOf, openNode, runningStatus } from '../app/cli.ts'
import { runDemo } from '../app/demo.ts'
import { gatherFacts, gatherHostFacts, gatherProof } from '../app/doctor.ts'
import { installDeps } from '../app/install.ts'
import { ownDeps } from '../app/own.ts'
import { runHost } from '../app/programs.ts'
import { createScreen } from '../app/screen.ts'
import { rootFolder } from '../app/settings.ts'
import { createTerminal } from '../app/terminal.ts'
import { userHome } from '../app/user-home.ts'
import { VERSION } from '../app/version.ts'
import { systemClock } from '../base/clock.ts'
import { closeToOthers } from '../base/files.ts'
import { runCli } from '../cli/program.ts'
import { readAll } from '../hook/main.ts'

const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort())
const out = (line: string): void => void process.stdout.write(`${line}\n`)
const err = (line: string): void => void process.stderr.write(`${line}\n`)
// A reader that has seen enough (`| head`) is no fault.
process.stdout.on('error', () => process.exit(0))
const packageRoot = fileURLToPath(new URL('../..', import.meta.url))
const install = () =>
  installDeps({
    env: process.env,
    cwd: process.cwd(),
    packageRoot,
    stdin: process.stdin,
    stderr: process.stderr,
    prove: () => gatherProof(process.env, process.cwd()),
  })
/** What another program pipes in; nothing from a terminal. */
const pipedInput = async (): Promise<string> => (process.stdin.isTTY ? '' : ((await readAll(process.stdin, systemClock)) ?? ''))
const progress = (line: string): void => void (process.stderr.isTTY && err(line))
const own = { env: process.env, cwd: process.cwd(), pid: process.pid, parentPid: process.ppid, writeLog: err, progress }
// What is only waited for with unreferenced timers must not end the process before its answer.
const alive = setInterval(() => {}, 60_000)
process.exitCode = await runCli(process.argv.slice(2), {
  version: VERSION,
  open: (options) => openNode(own, options),
  runningStatus: async () => runningStatus(own, await pipedInput()),
  demo: (print) => runDemo(print),
  install,
  log: () => logOf(own),
  own: () => ownDeps({ env: process.env, cwd: process.cwd(), packageRoot }),
  attention: () => attentionEditor(rootFolder(process.env).value),
  doctor: () => ({
    gather: () => gatherFacts(process.env, process.cwd(), install().context),
    host: () => gatherHostFacts(process.env, install().context),
    close: closeToOthers,
    runHost: (args, variables) => runHost(args, { ...process.env, ...variables }),
  }),
  relay: async (flags) => (await import('../app/relay.ts')).runRelay(flags, { env: process.env, out, err, signal: ending.signal }),
  out,
  err,
  progress,
  now: () => systemClock.now(),
  after: (delayMs, fn) => systemClock.after(delayMs, fn),
  signal: ending.signal,
  terminal: createTerminal(process.env, process.stdin, process.stdout),
  screen: createScreen(process.env, process.stdin, process.stdout),
  home: () => userHome(process.env, process.cwd()),
  isDebug: (process.env['SYM_DEBUG'] ?? '') !== '',
  origin: (process.env['CLAUDECODE'] ?? '') !== '' ? 'model' : process.stdin.isTTY ? 'person' : 'program',
})
clearInterval(alive)
