import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../server/src/base/bytes.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import type { Connection } from '../../../server/src/transport/connection.ts'
import { MemoryNetwork } from '../../../server/src/transport/memory.ts'
import { hear } from '../../support/connections.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const never = new AbortController().signal
const settle = () => new Promise((resolve) => setImmediate(resolve))

async function pair(delayMs = 0) {
  const clock = new FakeClock()
  const network = new MemoryNetwork({ clock, delayMs })
  let accepted: Connection | undefined
  const listener = await network.transport('bob').listen({ kind: 'lan', host: '', port: 0 }, (connection) => {
    accepted = connection
  })
  const dialing = network.transport('alice').dial(listener.address, never)
  clock.advance(delayMs)
  const dialed = await dialing
  if (accepted === undefined) throw new Error('nothing was accepted')
  return { clock, network, listener, dialed, accepted }
}

describe('memory network', () => {
  it('names the hosts to each other', async () => {
    const { dialed, accepted } = await pair()
    expect([dialed.remote, accepted.remote]).toEqual(['bob', 'alice'])
  })

  it('delivers after the delay and not before', async () => {
    const { clock, dialed, accepted } = await pair(40)
    const heard = hear(accepted)
    await settle()
    dialed.send(utf8('hi'))
    clock.advance(39)
    expect(heard.frames.length).toBe(0)
    clock.advance(1)
    expect(heard.frames.length).toBe(1)
  })

  it('holds what is sent while a host is silent, in order', async () => {
    const { network, dialed, accepted } = await pair()
    const heard = hear(accepted)
    network.cut('bob')
    dialed.send(utf8('1'))
    dialed.send(utf8('2'))
    await settle()
    expect(heard.frames.length).toBe(0)
    expect(dialed.buffered).toBe(2)
    network.heal('bob')
    expect(heard.frames.map((payload) => Buffer.from(payload).toString())).toEqual(['1', '2'])
  })

  it('lets a dial to a silent host time out', async () => {
    const { clock, network, listener } = await pair()
    network.cut('bob')
    const dialing = network.transport('alice').dial(listener.address, never)
    clock.advance(LIMITS.link.dialTimeoutMs)
    await expect(dialing).rejects.toMatchObject({ code: 'timeout' })
    expect(clock.pending).toBe(0)
  })

  it('breaks every connection of a host that is reset', async () => {
    const { network, dialed, accepted } = await pair()
    const ends = [hear(dialed), hear(accepted)]
    network.reset('alice')
    expect(await Promise.all(ends.map((end) => end.closed()))).toEqual(['remote', 'remote'])
  })

  it('closes on a frame of no bytes', async () => {
    const { dialed, accepted } = await pair()
    const heard = hear(accepted)
    dialed.send(new Uint8Array())
    expect(await heard.closed()).toBe('frame-invalid')
  })
})
