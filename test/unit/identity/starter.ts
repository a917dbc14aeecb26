/**
 * A process that takes locks on demand. Each line on stdin is a command, answered by one line:
 * `take` tries once and keeps what it gets (`held`, or `taken <pid>`); `release` lets go (`released`);
 * `socket` tries for the socket alone, without the file beside it;
 * `loop <n> <folder>` takes and releases n times and makes `folder` while it holds (`looped <held> <intruders>`).
 */
import { mkdirSync, rmdirSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { systemClock, systemRandom } from '../../../server/src/base/clock.ts'
import { acquireLock, type LockResult } from '../../../server/src/identity/lock.ts'
import { takeSocket } from '../../../server/src/identity/lock-socket.ts'

const [, , folder = ''] = process.argv
const take = () => acquireLock(folder, { clock: systemClock, random: systemRandom })
let current: LockResult | undefined

async function obey(line: string): Promise<string> {
  const [command, count, critical = ''] = line.split(' ')
  if (command === 'take') {
    current = await take()
    return current.kind === 'held' ? 'held' : `taken ${current.pid}`
  }
  if (command === 'socket') return (await takeSocket(folder, systemRandom)) === undefined ? 'taken undefined' : 'held'
  if (command === 'release') {
    if (current?.kind === 'held') await current.lock.release()
    return 'released'
  }
  return loop(Number(count), critical)
}

async function loop(count: number, critical: string): Promise<string> {
  let held = 0
  let intruders = 0
  for (let n = 0; n < count; n++) {
    const result = await take()
    if (result.kind === 'taken') continue
    held++
    try {
      mkdirSync(critical)
      await new Promise((resolve) => setImmediate(resolve))
      rmdirSync(critical)
    } catch {
      // Another holder had made it: this is what the test counts.
      intruders++
    }
    await result.lock.release()
  }
  return `looped ${held} ${intruders}`
}

writeSync(1, 'ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await obey(line).catch((thrown: unknown) => `failed ${thrown}`)
  writeSync(1, `${answer}\n`)
}
