/** Entry of the hooks. Only what `hook` needs is in this bundle: it runs at every prompt and tool use. */
import { homedir } from 'node:os'
import { systemClock } from '../base/clock.ts'
import { hookMain } from '../hook/main.ts'

await hookMain({
  args: process.argv.slice(2),
  env: process.env,
  ppid: process.ppid,
  home: homedir,
  clock: systemClock,
  stdin: () => process.stdin,
  stdout: () => process.stdout,
  stderr: () => process.stderr,
})
process.exit(0)
