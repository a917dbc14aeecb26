/** A process of an owner: redeems an invite for people in turn, and prints each certificate once it is on disk, as a node sends it. */
import { systemClock, systemRandom } from '../../../server/src/base/clock.ts'
import { signerFromSeed } from '../../../server/src/identity/keys.ts'
import { type GroupContent, type Redemption, redeem } from '../../../server/src/mesh/group-file.ts'
import { groupShelf } from '../../../server/src/mesh/group-shelf.ts'

const [folder = '', id = '', ...people] = process.argv.slice(2)
const alive = setInterval(() => {}, 1_000)
const [entry] = groupShelf(folder, { clock: systemClock, random: systemRandom }).read().groups
for (const person of people) {
  const key = signerFromSeed(new Uint8Array(32).fill(Number(person))).publicKey
  const outcome: { redemption?: Redemption } = {}
  await entry?.change((content): GroupContent => {
    outcome.redemption = redeem(content, id, key, Date.now(), systemRandom)
    return outcome.redemption.kind === 'granted' ? outcome.redemption.content : content
  })
  const { redemption } = outcome
  process.stdout.write(redemption?.kind === 'granted' ? `${person} ${redemption.certificate}\n` : `${person} -\n`)
}
clearInterval(alive)
