/** What an author's wish for urgency or quiet is worth at the reader: decided there, by trust and by the person's own switch. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { USUAL_ATTENTION, whyWithheld } from '../../../server/src/mcp/attention.ts'
import { renderItem } from '../../../server/src/mcp/fence.ts'
import { surfaceItem } from '../../../server/src/mcp/surface.ts'
import { mayWake } from '../../../server/src/mcp/wake.ts'
import { Lab } from '../../support/mesh.ts'
import { countingRandom } from './rig.ts'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

/** What bob has of it, as his door sees it; his trust in the author as given. */
async function heard(priority: 'urgent' | 'low' | undefined, trust: 'member' | 'verified' = 'member') {
  const [a, b] = [await lab.start('alice'), await lab.start('bob')]
  await lab.meet(a, b)
  await a.say('the build is red', { to: 'bob', ...(priority === undefined ? {} : { priority }) })
  const [item] = b.node.inbox({ limit: 1 })
  if (!item) throw new Error('nothing arrived')
  return surfaceItem({ ...item, from: { ...item.from, trust } })
}

const dnd = { ...USUAL_ATTENTION, isDoNotDisturb: true }

describe('an urgent message', () => {
  it('of a verified peer passes do not disturb, wakes, and says who calls it urgent [R52, R116]', async () => {
    const item = await heard('urgent', 'verified')
    expect([whyWithheld(item, dnd), mayWake(item, 'directed')]).toEqual([undefined, true])
    expect(renderItem(item, countingRandom()).split('\n')[0]).toContain(', urgent, says this verified peer')
  })

  it('of anybody else is a message like any other [A8, R52]', async () => {
    const item = await heard('urgent', 'member')
    expect(whyWithheld(item, dnd)).toBe('do not disturb is on')
    expect(renderItem(item, countingRandom())).not.toContain('urgent')
  })
})

describe('a message of low priority', () => {
  it('wakes nobody, and one without a word about it does [R52, R116]', async () => {
    expect(mayWake(await heard('low', 'verified'), 'all')).toBe(false)
  })

  it('is shown like any other [R52]', async () => {
    expect(whyWithheld(await heard('low'), USUAL_ATTENTION)).toBeUndefined()
  })
})

describe('a message without priority', () => {
  it('to one peer may wake it, and is held by do not disturb, whoever wrote it [R52]', async () => {
    const item = await heard(undefined, 'verified')
    expect([whyWithheld(item, dnd), mayWake(item, 'directed')]).toEqual(['do not disturb is on', true])
  })
})
