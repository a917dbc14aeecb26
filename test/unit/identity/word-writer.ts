/** Adds words to a shared file until it is killed, and prints each when it is on disk. */
import * as z from 'zod'
import { systemClock, systemRandom } from '../../../server/src/base/clock.ts'
import { sharedFile } from '../../../server/src/identity/shared-file.ts'

const schema = z.strictObject({ words: z.array(z.string()) })
const shared = sharedFile({ file: process.argv[2] ?? '', schema, empty: { words: [] }, clock: systemClock, random: systemRandom })
const alive = setInterval(() => {}, 1_000)
for (let count = 0; count < 500; count++) {
  await shared.change(({ words }) => ({ words: [...words, `${process.pid}-${count}`] }))
  process.stdout.write(`${process.pid}-${count}\n`)
}
clearInterval(alive)
