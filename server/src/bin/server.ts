/**
 * Entry of the MCP server. The host has its answer before the SDK is loaded, and the shell before the node; signals and
 * the end of stdin lead to the same end.
 */

import { VERSION } from '../app/version.ts'
import { systemClock } from '../base/clock.ts'
import { introduce } from '../mcp/introduction.ts'

const answered = await introduce(VERSION, process.stdin, process.stdout, systemClock)
const { startShell } = await import('../mcp/shell.ts')
const shell = await startShell(VERSION, answered)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void shell.close())
// What gets here is a bug that no guard saw: say so and go, for the state is no longer known.
process.on('uncaughtException', (thrown) => {
  process.stderr.write(`sym-mesh-channel: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exit(1)
})
const { runServer } = await import('../app/server.ts')
await runServer(shell, {
  env: process.env,
  cwd: process.cwd(),
  pid: process.pid,
  parentPid: process.ppid,
  currentParentPid: () => process.ppid,
  writeLog: (line) => process.stderr.write(`${line}\n`),
})
process.exit(0)
