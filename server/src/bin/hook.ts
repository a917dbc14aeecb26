/** Entry of the hooks. It runs at every prompt and tool use: what is not needed for a look is not even read. */
import { mayBeWanted, mayWait } from '../hook/look.ts'

const [event = ''] = process.argv.slice(2)
let code = 0
if (event === 'wait' && mayWait(process.env)) {
  const { runWaiterProcess } = await import('../hook/main.ts')
  code = await runWaiterProcess({ env: process.env, parentPid: () => process.ppid, stderr: () => process.stderr })
} else if (event !== 'wait' && mayBeWanted(process.env, process.ppid, event)) {
  const { runHookProcess } = await import('../hook/main.ts')
  await runHookProcess({
    args: process.argv.slice(2),
    env: process.env,
    ppid: process.ppid,
    stdin: () => process.stdin,
    stdout: () => process.stdout,
    stderr: () => process.stderr,
  })
}
process.exit(code)
