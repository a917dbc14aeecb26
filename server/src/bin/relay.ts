/** Entry of the relay as a program of its own. */
import { runRelay } from '../app/relay.ts'
import { VERSION } from '../app/version.ts'
import { runRelayProgram } from '../cli/relay-command.ts'

const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort())
const out = (line: string): void => void process.stdout.write(`${line}\n`)
const err = (line: string): void => void process.stderr.write(`${line}\n`)
// A log reader that went away is no reason to end.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})
// What gets here is a bug that no guard saw: say so and go, for the state is no longer known.
process.on('uncaughtException', (thrown) => {
  err(`sym-mesh-channel-relay: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  process.exit(1)
})
process.exitCode = await runRelayProgram(process.argv.slice(2), VERSION, {
  relay: (flags) => runRelay(flags, { env: process.env, out, err, signal: ending.signal }),
  out,
  err,
})
