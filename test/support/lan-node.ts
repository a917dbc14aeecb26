/**
 * A node that only discovers: runs in a host of the lab, told by JSON lines on stdin what to do, and tells on stdout
 * what it found and when (nanoseconds of the system's monotonic clock, which all hosts of the lab share).
 */
import { createInterface } from 'node:readline'
import { systemClock, systemRandom } from '../../server/src/base/clock.ts'
import { silentLog } from '../../server/src/base/log.ts'
import type { Announcement } from '../../server/src/discovery/discovery.ts'
import { createMdnsDiscovery } from '../../server/src/discovery/mdns.ts'

const [nodeId = '', port = '0'] = process.argv.slice(2)
const discovery = createMdnsDiscovery({ clock: systemClock, random: systemRandom, log: silentLog })
const announcement = (groups: readonly string[]): Announcement => ({
  nodeId,
  name: 'node',
  publicKey: '',
  hostname: `host-${port}`,
  groups,
  serviceType: undefined,
  port: Number(port),
})

const say = (event: string, facts: object = {}) => {
  const at = Number(process.hrtime.bigint()) / 1e6
  process.stdout.write(`${JSON.stringify({ event, at, ...facts })}\n`)
}

const commands: Record<string, (line: { groups?: string[] }) => unknown> = {
  start: ({ groups = ['default'] }) => {
    say('starting')
    const onFound = (candidate: object) => say('found', { candidate, problem: discovery.health().problem })
    return discovery.start(announcement(groups), { onFound, onLost: (id) => say('lost', { id }) })
  },
  update: ({ groups = [] }) => discovery.update(announcement(groups)),
  refresh: () => discovery.refresh(),
  browse: () => discovery.browse?.(),
  groups: () => say('groups', { groups: discovery.groupsSeen?.().map(({ group, nodeIds }) => [group, nodeIds.length]) }),
  health: () => say('health', { problem: discovery.health().problem }),
  stop: () => discovery.stop().then(() => say('stopped')),
}

createInterface({ input: process.stdin }).on('line', (text) => {
  const line = JSON.parse(text)
  void Promise.resolve(commands[line.do]?.(line)).catch((thrown) => say('failed', { why: String(thrown) }))
})
say('up')
