import { systemClock } from '../../server/src/base/clock.ts'
import { MemoryNetwork } from '../../server/src/transport/memory.ts'
import { transportContract } from './transport.ts'

for (const delayMs of [0, 2]) {
  transportContract(`memory, ${delayMs} ms`, async () => {
    const transport = new MemoryNetwork({ clock: systemClock, delayMs }).transport('alice')
    return {
      transport,
      at: { kind: 'lan', host: 'alice', port: 0 },
      nowhere: { kind: 'lan', host: 'alice', port: 1 },
      teardown: async () => {},
    }
  })
}
