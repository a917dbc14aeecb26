/** Entry of the hooks. It runs at every prompt and tool use: what is not needed for a look is not even read. */
import { mayHaveDoor } from '../hook/look.ts'

if (mayHaveDoor(process.env, process.ppid)) {
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
process.exit(0)
