import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../server/src/base/bytes.ts'
import { type DnsRecord, readRecords } from '../../../server/src/discovery/record.ts'
import { type InterfaceTable, usableInterfaces } from '../../../server/src/discovery/subnet.ts'
import { loopback, oneCard } from '../../support/interfaces.ts'

const ALICE = '0197a000-0000-7000-8000-00000000000a'
const BOB = '0197a000-0000-7000-8000-00000000000b'
const TYPE = '_sym._tcp.local'
const reader = { ownNodeId: ALICE, services: new Map([[TYPE, 'default']]) }

interface Said {
  readonly instance?: string
  readonly ttl?: number
  readonly txt?: readonly string[]
  readonly hosts?: readonly string[]
}

function records({ instance = BOB, ttl = 120, txt = [`node-id=${BOB}`, 'v2=40000'], hosts = [] }: Said): readonly DnsRecord[] {
  const name = `${instance}.${TYPE}`
  return [
    { name: TYPE, type: 'PTR', ttl, data: name },
    { name, type: 'SRV', ttl, data: { port: 40_000, target: 'bob.local' } },
    { name, type: 'TXT', ttl, data: txt.map(utf8) },
    ...hosts.map((data) => ({ name: 'bob.local', type: data.includes(':') ? 'AAAA' : 'A', ttl, data })),
  ]
}

function read(said: Said, from = '192.168.1.20', table: InterfaceTable = oneCard) {
  const via = usableInterfaces(table)[0]
  if (via === undefined) throw new Error('no interface')
  return readRecords(records(said), { address: from, via }, reader)[0]
}

function hosts(said: Said, from?: string, table?: InterfaceTable): readonly string[] {
  const verdict = read(said, from, table)
  return verdict?.kind === 'seen' ? verdict.sighting.addresses.map(({ host }) => host) : []
}

describe('the record of a stock node, which has no v2', () => {
  const via = usableInterfaces(oneCard)[0]
  const stockGroups = ['default']
  const readStock = (said: Said, groups = stockGroups) =>
    via &&
    readRecords(
      records({ txt: [`node-id=${BOB}`, 'node-name=bob', 'public-key=x', 'hostname=bob.local'], ...said }),
      { address: '192.168.1.20', via },
      { ...reader, stockGroups: groups },
    )[0]

  it('is a candidate at the port of its SRV record, where the group admits such, under the same rules for addresses [R174]', () => {
    const verdict = readStock({ hosts: ['10.9.9.9', '127.0.0.1'] })
    expect(verdict).toMatchObject({
      kind: 'seen',
      sighting: { dialect: 'stock', nodeId: BOB, addresses: [{ host: '192.168.1.20', port: 40_000 }] },
    })
    expect(readStock({}, [])).toEqual({ kind: 'ignored', reason: 'no-v2' })
    expect(readStock({ txt: ['node-id=other'] })).toEqual({ kind: 'ignored', reason: 'no-node-id' })
  })

  it('is one of ours when it has a v2, whatever else it says', () => {
    expect(readStock({ txt: [`node-id=${BOB}`, 'node-name=bob', 'v2=40001'] })).toMatchObject({
      sighting: { addresses: [{ port: 40_001 }] },
    })
    expect(JSON.stringify(readStock({ txt: [`node-id=${BOB}`, 'v2=40001'] }))).not.toContain('dialect')
  })
})

describe('record to candidate', () => {
  it('takes the source of the packet as an address when the record names none', () => {
    expect(read({})).toEqual({
      kind: 'seen',
      sighting: {
        nodeId: BOB,
        group: 'default',
        via: 'eth0',
        from: '192.168.1.20',
        ttlMs: 120_000,
        addresses: [{ kind: 'lan', host: '192.168.1.20', port: 40_000 }],
      },
    })
  })

  it('orders IPv4 before global IPv6 before link-local IPv6, which gets its zone [R32]', () => {
    const said = { hosts: ['fe80::20', '2001:db8:1::20', '192.168.1.20'] }
    expect(hosts(said, 'fe80::20%eth0')).toEqual(['192.168.1.20', '2001:db8:1::20', 'fe80::20%eth0'])
    expect(hosts(said)).toEqual(['192.168.1.20', '2001:db8:1::20', 'fe80::20%eth0'])
  })

  it.each([
    ['loopback', '127.0.0.1'],
    ['IPv6 loopback', '::1'],
    ['another network', '10.0.0.5'],
    ['the internet', '203.0.113.7'],
    ['another IPv6 network', '2001:db8:2::7'],
    ['a mapped address', '::ffff:127.0.0.1'],
    ['any address', '0.0.0.0'],
    ['no address', 'localhost'],
    ['a link-local address with a zone of its own', 'fe80::1%lo'],
  ])('does not let a record send us to %s [A13]', (_, address) => {
    expect(hosts({ hosts: [address] })).toEqual(['192.168.1.20'])
    expect(hosts({ hosts: [address] }, '10.0.0.5')).toEqual([])
  })

  it('takes loopback only from loopback', () => {
    expect(hosts({}, '127.0.0.1', loopback)).toEqual(['127.0.0.1'])
    expect(hosts({}, '127.0.0.1')).toEqual([])
    expect(hosts({ hosts: ['192.168.1.20'] }, '127.0.0.1', loopback)).toEqual(['127.0.0.1'])
  })

  it.each([
    ['own', { instance: ALICE, txt: [`node-id=${ALICE}`, 'v2=40000'] }],
    ['no-node-id', { txt: ['v2=40000'] }],
    ['no-node-id', { txt: [`node-id=${ALICE}`, 'v2=40000'] }],
    ['no-node-id', { instance: 'printer' }],
    ['no-v2', { txt: [`node-id=${BOB}`] }],
    ['bad-port', { txt: [`node-id=${BOB}`, 'v2=6379x'] }],
    ['bad-port', { txt: [`node-id=${BOB}`, 'v2=1023'] }],
    ['bad-port', { txt: [`node-id=${BOB}`, 'v2=65536'] }],
    ['bad-port', { txt: [`node-id=${BOB}`, 'v2='] }],
    ['bad-port', { txt: [`node-id=${BOB}`, 'v2=-40000'] }],
    ['txt-too-large', { txt: [`node-id=${BOB}`, 'v2=40000', `x=${'y'.repeat(200)}`, `z=${'y'.repeat(200)}`] }],
  ] as const)('ignores a record: %s %j [A13]', (reason, said) => {
    expect(read(said)).toEqual({ kind: 'ignored', reason })
  })

  it('accepts a text of 400 bytes and none of 401', () => {
    const fixed = `node-id=${BOB}`.length + 1 + 'v2=40000'.length + 1
    const filler = (bytes: number) => ['a'.repeat(200), 'b'.repeat(bytes - fixed - 201 - 1)]
    expect(read({ txt: [`node-id=${BOB}`, 'v2=40000', ...filler(400)] })?.kind).toBe('seen')
    expect(read({ txt: [`node-id=${BOB}`, 'v2=40000', ...filler(401)] })).toEqual({ kind: 'ignored', reason: 'txt-too-large' })
  })

  it('compares ids and names without case', () => {
    expect(read({ instance: BOB.toUpperCase(), txt: [`Node-ID=${BOB.toUpperCase()}`, 'V2=40000'] })).toMatchObject({
      kind: 'seen',
      sighting: { nodeId: BOB },
    })
  })

  it('reads a goodbye', () => {
    expect(read({ ttl: 0 })).toEqual({ kind: 'withdrawn', nodeId: BOB, group: 'default' })
  })

  it('waits for the rest of an incomplete record', () => {
    const via = usableInterfaces(oneCard)[0]
    if (via === undefined) throw new Error('no interface')
    const pointer = records({}).slice(0, 1)
    expect(readRecords(pointer, { address: '192.168.1.20', via }, reader)).toEqual([{ kind: 'ignored', reason: 'incomplete' }])
  })

  it('finds nothing in groups that we do not look for', () => {
    const other = records({}).map((one) => ({ ...one, name: one.name.replace('_sym', '_printer') }))
    const via = usableInterfaces(oneCard)[0]
    if (via === undefined) throw new Error('no interface')
    expect(readRecords(other, { address: '192.168.1.20', via }, reader)).toEqual([])
  })

  it('survives data of the wrong kind', () => {
    const via = usableInterfaces(oneCard)[0]
    if (via === undefined) throw new Error('no interface')
    for (const data of [undefined, null, 7, 'x', {}, [1], [null], { port: 'x' }]) {
      const strange = records({}).map((one) => (one.type === 'PTR' ? one : { ...one, data }))
      expect(() => readRecords(strange, { address: '192.168.1.20', via }, reader)).not.toThrow()
      const pointer = [{ name: TYPE, type: 'PTR', ttl: 1, data }]
      expect(() => readRecords(pointer, { address: '192.168.1.20', via }, reader)).not.toThrow()
    }
  })
})
