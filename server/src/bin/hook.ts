/** Entry of the hooks. It runs at every prompt and tool use: what is not needed for a look is not even read. */
import { mayBeWanted, mayWait } from '../hook/look.ts'
import { peekAtPrompt } from '../hook/peek.ts'

const [event = ''] = process.argv.slice(2)
const streams = { env: process.env, ppid: process.ppid, stdout: () => process.stdout, stderr: () => process.stderr }
const peek = event === 'UserPromptSubmit' ? peekAtPrompt() : undefined
let code = 0
if (event === 'wait' && mayWait(process.env)) {
  const { runWaiterProcess } = await import('../hook/main.ts')
  code = await runWaiterProcess({ env: process.env, parentPid: () => process.ppid, stderr: () => process.stderr })
} else if (event === 'persist') {
  const { runPersistProcess } = await import('../hook/main.ts')
  await runPersistProcess(streams)
} else if (event !== 'wait' && (peek?.speaksOfMesh || mayBeWanted(process.env, process.ppid, event))) {
  const { runHookProcess } = await import('../hook/main.ts')
  await runHookProcess({ ...streams, args: process.argv.slice(2), stdin: () => process.stdin, peek })
}
process.exit(code)
