import dgram from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Guard } from '../../../server/src/base/guard.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import { openMdnsPort } from '../../../server/src/discovery/mdns-port.ts'
import { usableInterfaces } from '../../../server/src/discovery/subnet.ts'
import { loopback } from '../../support/interfaces.ts'

describe('mDNS port', () => {
  it('says in words that another program holds the port', async () => {
    const holder = dgram.createSocket('udp4').bind(0, '0.0.0.0')
    await once(holder, 'listening')
    const via = usableInterfaces(loopback)[0]
    if (via === undefined) throw new Error('no interface')
    const { port } = holder.address()
    const guard = new Guard(silentLog)
    const why = await new Promise((resolve) => {
      const opened = openMdnsPort({ via, family: 4, port, guard }, { onReady: () => resolve('ready'), onFailed: resolve, onPacket() {} })
      setImmediate(() => opened.close())
    })
    expect(why).toBe(`UDP port ${port} is held by a program that does not share it`)
    expect(guard.counts().size).toBe(0)
    holder.close()
  })
})
