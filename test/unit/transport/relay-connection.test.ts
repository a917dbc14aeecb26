import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../server/src/base/bytes.ts'
import { Guard } from '../../../server/src/base/guard.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import { type Carrier, RelayConnection } from '../../../server/src/transport/relay-connection.ts'
import { problemOf, retryDelayMs } from '../../../server/src/transport/relay-health.ts'
import { hear } from '../../support/connections.ts'
import { alice } from '../../support/mesh.ts'

const ID = 'AAAAAAAAAAAAAAAA'

class Wire implements Carrier {
  readonly guard = new Guard(silentLog)
  readonly sent: string[] = []
  buffered = 0
  holds = 0
  forgotten = 0
  send(_to: string, payload: string): boolean {
    this.sent.push(payload)
    return true
  }
  hold(): () => void {
    this.holds++
    return () => void this.holds--
  }
  forget(): void {
    this.forgotten++
  }
}

function open(): { wire: Wire; connection: RelayConnection } {
  const wire = new Wire()
  return { wire, connection: new RelayConnection(alice.nodeId, ID, 'outbound', wire) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const frame = (n: number) => utf8(`{"n":${n}}`)

describe('a connection over a relay', () => {
  it('puts a frame into an envelope as it is, and its end too', () => {
    const { wire, connection } = open()
    expect(connection.send(frame(1))).toBe(true)
    connection.close()
    connection.close()
    expect(wire.sent.map((text) => JSON.parse(text))).toEqual([
      { type: 'mesh-link-v1', link: ID, frame: { n: 1 } },
      { type: 'mesh-link-v1', link: ID, end: true },
    ])
    expect(connection.send(frame(2))).toBe(false)
  })

  it('keeps frames until it is started and while it is paused, in order, and tells its end once and last', async () => {
    const { connection, wire } = open()
    connection.receive(frame(1))
    const heard = hear(connection, () => connection.pause())
    connection.receive(frame(2))
    await turn()
    expect(heard.frames).toHaveLength(1)
    connection.end()
    connection.end()
    await turn()
    expect(heard.closes).toEqual([])
    connection.resume()
    await turn()
    connection.resume()
    await turn()
    expect([heard.frames.length, heard.closes, wire.forgotten]).toEqual([2, ['remote'], 1])
  })

  it('holds back the relay when too much waits in a pause, and lets it go again', async () => {
    const { connection, wire } = open()
    connection.setMaxFrameBytes(LIMITS.frame.maxBytes)
    const heard = hear(connection)
    connection.pause()
    for (let n = 0; n < 3; n++) connection.receive(new Uint8Array(600_000).fill(0x20))
    expect(wire.holds).toBe(1)
    connection.resume()
    await turn()
    expect([heard.frames.length, wire.holds]).toEqual([3, 0])
  })

  it('lets go of the relay when it is closed in a pause', async () => {
    const { connection, wire } = open()
    hear(connection)
    connection.pause()
    for (let n = 0; n < 3; n++) connection.receive(new Uint8Array(600_000).fill(0x20))
    connection.close()
    connection.resume()
    await turn()
    expect(wire.holds).toBe(0)
  })

  it('ends at a frame above the limit in force', async () => {
    const { connection, wire } = open()
    const heard = hear(connection)
    connection.receive(new Uint8Array(LIMITS.handshake.frameBytes + 1))
    await turn()
    expect([heard.frames.length, heard.closes]).toEqual([0, ['frame-too-large']])
    expect(JSON.parse(wire.sent[0] ?? '')).toMatchObject({ end: true })
  })
})

describe('patience with a relay', () => {
  const least = () => new Uint8Array([0])
  const most = () => new Uint8Array([255])

  it('doubles from one second to thirty, up to a tenth more by chance [R107]', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map((failures) => retryDelayMs('dns', failures, least))).toEqual([1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3])
    expect(retryDelayMs('dns', 1, most)).toBeCloseTo(1_100)
  })

  it('is long with one that takes us in and throws us out again and again, and with another holder of our key [R107]', () => {
    const { breakAfter, brokenMs, supersededMs } = LIMITS.relayClient
    expect(retryDelayMs('ended', breakAfter, least)).toBe(30_000)
    expect(retryDelayMs('ended', breakAfter + 1, least)).toBe(brokenMs)
    expect(retryDelayMs('refused', breakAfter + 1, least)).toBe(30_000)
    expect(retryDelayMs('superseded', 1, least)).toBe(supersededMs)
  })

  it('tells a problem in one line, with what a relay said made harmless', () => {
    const health = {
      host: 'relay.example',
      state: 'stopped',
      cause: 'token',
      said: 'no\n\u001b[31m<b>',
      peers: 0,
      takesMail: false,
    } as const
    expect(problemOf(health)).toBe(
      'Relay relay.example: it refuses the token; check SYM_RELAY_TOKEN ("no <b>"). "sym-mesh-channel reconnect" tries it again.',
    )
    expect(problemOf({ ...health, state: 'in' })).toBeUndefined()
  })
})
