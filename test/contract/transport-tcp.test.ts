import { systemClock } from '../../server/src/base/clock.ts'
import { Guard } from '../../server/src/base/guard.ts'
import { silentLog } from '../../server/src/base/log.ts'
import { createSocketTransport } from '../../server/src/transport/socket.ts'
import { transportContract } from './transport.ts'

transportContract('TCP', async () => ({
  transport: createSocketTransport({ clock: systemClock, guard: new Guard(silentLog) }),
  at: { kind: 'lan', host: '127.0.0.1', port: 0 },
  nowhere: { kind: 'lan', host: '127.0.0.1', port: 1 },
  teardown: async () => {},
}))
