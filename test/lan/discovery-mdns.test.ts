/** mDNS passes the suite of all sources, in the hardest case: a host whose only interface is loopback. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { Candidate, Discovery, DiscoveryEvents } from '../../server/src/discovery/discovery.ts'
import { discoveryContract, OTHER_ID, OWN_ID } from '../contract/discovery.ts'
import { type Bundle, bundle } from '../support/bundle.ts'
import { Lab, type LabNode, whyNoLab } from '../support/lan-lab/lab.ts'

const why = whyNoLab()

describe.skipIf(why !== undefined)(`mDNS on loopback${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let script: Bundle
  beforeAll(async () => {
    script = await bundle(fileURLToPath(new URL('../support/lan-node.ts', import.meta.url)))
  })
  afterAll(() => script?.remove())

  if (why !== undefined) it('needs a lab', () => {})
  else
    discoveryContract('mDNS', async () => {
      const lab = new Lab(1)
      lab.exec(1, 'ip', 'link', 'set', 'eth0', 'down')
      const other = lab.spawn(1, script.file, OTHER_ID, '40002')
      return {
        discovery: remote(lab.spawn(1, script.file, OWN_ID, '40001')),
        nodeId: OTHER_ID,
        appear: () => other.tell({ do: 'start' }),
        disappear: () => other.tell({ do: 'stop' }),
        teardown: () => lab.down(),
      }
    })
})

/** A discovery that runs in a host of the lab. */
function remote(node: LabNode): Discovery {
  let problem: string | undefined
  const listen = async (events: DiscoveryEvents) => {
    for (;;) {
      const line = await node.line(({ event }) => event === 'found' || event === 'lost')
      problem = line['problem'] === undefined ? undefined : String(line['problem'])
      if (isCandidate(line['candidate'])) events.onFound(line['candidate'])
      else events.onLost(String(line['id']))
    }
  }
  return {
    start: async (_announcement, events) => {
      // Ends when the deadline of a line finds the process gone.
      listen(events).catch(() => {})
      node.tell({ do: 'start' })
    },
    update: ({ groups }) => node.tell({ do: 'update', groups }),
    refresh: () => node.tell({ do: 'refresh' }),
    health: () => ({ problem }),
    stop: async () => {
      node.tell({ do: 'stop' })
      await node.line(({ event }) => event === 'stopped')
    },
  }
}

function isCandidate(value: unknown): value is Candidate {
  return typeof value === 'object' && value !== null && 'addresses' in value
}
