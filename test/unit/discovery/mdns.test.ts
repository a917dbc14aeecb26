import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import { recordsOf } from '../../../server/src/discovery/announcement.ts'
import type { Discovery } from '../../../server/src/discovery/discovery.ts'
import { createMdnsDiscovery } from '../../../server/src/discovery/mdns.ts'
import type { DnsPacket, OpenPort, PacketSource, PortEvents, PortOptions } from '../../../server/src/discovery/mdns-port.ts'
import { type InterfaceTable, usableInterfaces } from '../../../server/src/discovery/subnet.ts'
import { announcementOf, OTHER_ID, OWN_ID, Told } from '../../contract/discovery.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { ipv4, loopback, oneCard } from '../../support/interfaces.ts'

const SYM = '_sym._tcp.local'
const OTHER = { address: '192.168.1.20', port: 5_353 }
const OWN = { address: '192.168.1.10', port: 5_353 }
const question: DnsPacket = { type: 'query', questions: [{ name: SYM, type: 'PTR', class: 'IN' }] }

interface Port {
  readonly options: PortOptions
  readonly events: PortEvents
  readonly sent: { packet: DnsPacket; to: PacketSource | undefined }[]
  isClosed: boolean
}

describe('mDNS', () => {
  let clock: FakeClock
  let told: Told
  let ports: Port[]
  let table: InterfaceTable
  let discovery: Discovery

  const openPort: OpenPort = (options, events) => {
    const port: Port = { options, events, sent: [], isClosed: false }
    ports.push(port)
    return {
      send: async (packet, to) => void port.sent.push({ packet, to }),
      close: () => {
        port.isClosed = true
      },
    }
  }

  beforeEach(() => {
    clock = new FakeClock()
    told = new Told()
    ports = []
    table = { ...loopback, eth0: [ipv4('192.168.1.10/24')] }
    discovery = make(openPort)
  })
  afterEach(async () => {
    await discovery.stop()
    expect(clock.pending).toBe(0)
  })

  const make = (open: OpenPort) =>
    createMdnsDiscovery({ clock, random: (length) => new Uint8Array(length), log: silentLog, interfaces: () => table, openPort: open })
  const open = () => ports.filter(({ isClosed }) => !isClosed)
  const start = async () => {
    await discovery.start(announcementOf(OWN_ID, 40_000), told)
    for (const port of open()) port.events.onReady()
    return first()
  }
  const first = (): Port => {
    const port = open()[0]
    if (port === undefined) throw new Error('no port')
    return port
  }
  const count = (port: Port, type: string) => port.sent.filter(({ packet }) => packet.type === type).length
  const take = (port: Port) => port.sent.splice(0)
  const other = (ttl?: number): DnsPacket => {
    const via = usableInterfaces({ eth0: [ipv4('192.168.1.20/24')] })[0]
    if (via === undefined) throw new Error('no interface')
    const records = recordsOf(SYM, announcementOf(OTHER_ID, 40_001), via)
    return { type: 'response', answers: records.map((record) => ({ ...record, ttl: ttl ?? record.ttl })) }
  }

  it('opens a port for each interface and family, on loopback only where there is nothing else', async () => {
    table = oneCard
    await start()
    expect(ports.map(({ options }) => [options.via.name, options.family])).toEqual([
      ['eth0', 4],
      ['eth0', 6],
    ])
    await discovery.stop()
    ports = []
    table = loopback
    discovery = make(openPort)
    await start()
    expect(ports.map(({ options }) => [options.via.name, options.family])).toEqual([['lo', 4]])
  })

  it('announces and asks at once, asks four times more within a second, and then every 15 s [R32]', async () => {
    const port = await start()
    expect([count(port, 'response'), count(port, 'query')]).toEqual([1, 1])
    for (const [afterMs, queries] of [
      [20, 2],
      [80, 3],
      [200, 4],
      [700, 5],
    ] as const) {
      clock.advance(afterMs)
      expect(count(port, 'query')).toBe(queries)
    }
    expect(count(port, 'response')).toBe(2)
    clock.advance(LIMITS.mdns.requeryMs)
    expect(count(port, 'query')).toBe(6)
  })

  it('does not ask what another node asked a moment ago', async () => {
    const port = await start()
    clock.advance(10_000)
    take(port)
    port.events.onPacket(question, OTHER)
    clock.advance(5_000)
    expect(count(port, 'query')).toBe(0)
    clock.advance(LIMITS.mdns.requeryMs)
    expect(count(port, 'query')).toBe(1)
  })

  it('tells of a node that answered, and loses it by its goodbye or when it ran out', async () => {
    const port = await start()
    port.events.onPacket(other(), OTHER)
    port.events.onPacket(other(), OTHER)
    expect(told.found.map(({ nodeId }) => nodeId)).toEqual([OTHER_ID])
    port.events.onPacket(other(0), OTHER)
    expect(told.lost).toHaveLength(1)
    port.events.onPacket(other(), OTHER)
    clock.advance(121_000)
    expect(told.lost).toHaveLength(2)
  })

  it.each([
    ['from outside of the subnet', { address: '192.168.2.20', port: 5_353 }],
    ['from loopback', { address: '127.0.0.1', port: 5_353 }],
    ['from another port, which any program can have', { address: '192.168.1.20', port: 40_000 }],
  ])('ignores an answer %s [A13]', async (_, from) => {
    const port = await start()
    port.events.onPacket(other(), from)
    expect(told.found).toEqual([])
  })

  it('answers a question to all, and to the asker alone what asks for that [R32]', async () => {
    const port = await start()
    take(port)
    port.events.onPacket(question, OTHER)
    expect(take(port).map(({ packet, to }) => [packet.answers?.length, to])).toEqual([[1, undefined]])
    port.events.onPacket({ type: 'query', questions: [{ name: SYM, type: 'PTR', class: 'UNKNOWN_32769' }] }, OTHER)
    expect(take(port)[0]?.to).toEqual(OTHER)
    const simple = { address: '192.168.1.20', port: 50_000 }
    port.events.onPacket({ ...question, id: 7 }, simple)
    expect(take(port)).toMatchObject([{ to: simple, packet: { id: 7, questions: question.questions } }])
    port.events.onPacket(question, { address: '203.0.113.1', port: 5_353 })
    expect(take(port)).toEqual([])
  })

  it('answers no flood', async () => {
    const port = await start()
    take(port)
    for (let n = 0; n < 1_000; n++) port.events.onPacket(question, OTHER)
    expect(port.sent.length).toBe(50)
  })

  it('moves to the interfaces that there are, and loses what it saw on those that are gone', async () => {
    const port = await start()
    port.events.onPacket(other(), OTHER)
    table = { ...loopback, wlan0: [ipv4('10.0.0.10/24')] }
    clock.advance(5_000)
    expect(port.isClosed).toBe(true)
    expect(open().map(({ options }) => options.via.name)).toEqual(['wlan0'])
    expect(told.lost).toHaveLength(1)
    first().events.onReady()
    expect(count(first(), 'query')).toBe(1)
  })

  it('starts anew after sleep, and keeps its candidates', async () => {
    const port = await start()
    port.events.onPacket(other(), OTHER)
    clock.sleep(60_000)
    clock.advance(5_000)
    expect(port.isClosed).toBe(true)
    expect(open()).toHaveLength(1)
    expect(told.lost).toEqual([])
  })

  it('withdraws a group that was left and announces the new one', async () => {
    const port = await start()
    clock.advance(2_000)
    take(port)
    discovery.update({ ...announcementOf(OWN_ID, 40_000), groups: ['team'] })
    const names = take(port).map(({ packet }) => [
      packet.type,
      (packet.answers ?? packet.questions)?.[0]?.name,
      packet.answers?.[0]?.ttl === 0,
    ])
    expect(names).toEqual([
      ['response', SYM, true],
      ['response', '_team._tcp.local', false],
      ['query', '_team._tcp.local', false],
    ])
  })

  it('says goodbye when it stops, and then nothing more', async () => {
    const port = await start()
    take(port)
    await discovery.stop()
    expect(port.sent.map(({ packet }) => packet.answers?.every(({ ttl }) => ttl === 0))).toEqual([true])
    port.events.onPacket(other(), OTHER)
    discovery.refresh()
    expect([port.isClosed, told.found.length, port.sent.length]).toEqual([true, 0, 1])
  })

  describe('health [R33]', () => {
    it('is good when our own packet came back', async () => {
      const port = await start()
      port.events.onPacket(question, OWN)
      clock.advance(6_000)
      expect(discovery.health().problem).toBeUndefined()
    })

    it('says after five seconds of silence that multicast seems to be blocked', async () => {
      const port = await start()
      clock.advance(4_999)
      expect(discovery.health().problem).toBeUndefined()
      clock.advance(1)
      expect(discovery.health().problem).toMatch(/Multicast seems to be blocked.*SYM_PEERS=host:port/)
      port.events.onPacket(question, OTHER)
      expect(discovery.health().problem).toBeUndefined()
    })

    it('says why a port cannot be had, tries again, and recovers', async () => {
      await discovery.start(announcementOf(OWN_ID, 40_000), told)
      first().events.onFailed('UDP port 5353 is held by a program that does not share it')
      expect(discovery.health().problem).toContain('UDP port 5353 is held')
      clock.advance(LIMITS.mdns.requeryMs)
      expect(ports).toHaveLength(2)
      first().events.onReady()
      expect(discovery.health().problem).toBeUndefined()
    })

    it('does not throw when no socket can be made, or when there is no interface', async () => {
      discovery = make(() => {
        throw new Error('no more files')
      })
      await discovery.start(announcementOf(OWN_ID, 40_000), told)
      expect(discovery.health().problem).toContain('no more files')
      await discovery.stop()
      table = {}
      discovery = make(openPort)
      await discovery.start(announcementOf(OWN_ID, 40_000), told)
      expect(discovery.health().problem).toContain('no network interface')
    })
  })
})
