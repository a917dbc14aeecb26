import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { answersTo, recordsOf, servicesOf } from '../../../server/src/discovery/announcement.ts'
import type { Announcement } from '../../../server/src/discovery/discovery.ts'
import { readRecords } from '../../../server/src/discovery/record.ts'
import { usableInterfaces } from '../../../server/src/discovery/subnet.ts'
import { loopback, oneCard } from '../../support/interfaces.ts'

const announcement: Announcement = {
  nodeId: '0197a000-0000-7000-8000-00000000000a',
  name: 'claude-mac-project',
  publicKey: 'A'.repeat(43),
  hostname: 'mac',
  groups: ['default'],
  serviceType: undefined,
  port: 40_000,
}
const via = usableInterfaces(oneCard)[0]
const lo = usableInterfaces(loopback)[0]
if (via === undefined || lo === undefined) throw new Error('no interface')
const SYM = '_sym._tcp.local'

describe('announcement', () => {
  it('gives each open group its service, the override only to the current one [R31]', () => {
    const services = (more: Partial<Announcement>) => [...servicesOf({ ...announcement, ...more })]
    expect(services({ groups: ['default', 'team-a'] })).toEqual([
      [SYM, 'default'],
      ['_team-a._tcp.local', 'team-a'],
    ])
    expect(services({ groups: ['default', 'team-a'], serviceType: '_mine._tcp' })[0]).toEqual(['_mine._tcp.local', 'default'])
    expect(services({ groups: ['default', 'sym'] })).toEqual([[SYM, 'default']])
    expect(services({ groups: ['label:0123456789ab'] })).toEqual([])
  })

  it('announces labels above the 15 characters of the standard, and none that DNS cannot carry', () => {
    expect(servicesOf({ ...announcement, groups: ['a'.repeat(62)] }).size).toBe(1)
    expect(servicesOf({ ...announcement, groups: ['a'.repeat(63)] }).size).toBe(0)
  })

  it('can be read by another node, and fits the limit for texts', () => {
    const records = recordsOf(SYM, announcement, via)
    const reader = { ownNodeId: '', services: new Map([[SYM, 'default']]) }
    const [verdict] = readRecords(records, { address: '192.168.1.10', via }, reader)
    expect(verdict).toMatchObject({
      kind: 'seen',
      sighting: { nodeId: announcement.nodeId, addresses: [{ host: '192.168.1.10', port: 40_000 }, {}, {}] },
    })
    const long = recordsOf(SYM, { ...announcement, hostname: `${'h'.repeat(63)}.`.repeat(3).slice(0, -1) }, via)
    const text = long.find(({ type }) => type === 'TXT')?.data
    expect(Array.isArray(text) && text.reduce((sum, one) => sum + one.length + 1, 0)).toBeLessThanOrEqual(LIMITS.mdns.txtBytes)
  })

  it('is the record that stock nodes look for in the groups that admit them, with our own port beside it [R174]', () => {
    const both = { ...announcement, groups: ['default', 'team-a'], stock: { port: 40_777, groups: ['default'] } }
    const said = (service: string) => {
      const records = recordsOf(service, both, via)
      const texts = records.find(({ type }) => type === 'TXT')?.data
      const strings = Array.isArray(texts) ? texts.map((one) => Buffer.from(one).toString()) : []
      return { port: records.find(({ type }) => type === 'SRV')?.data, strings }
    }
    expect(said(SYM).port).toMatchObject({ port: 40_777 })
    expect(said(SYM).strings).toEqual(
      expect.arrayContaining(['v2=40000', `node-name=${both.name}`, `public-key=${both.publicKey}`, `node-id=${both.nodeId}`]),
    )
    expect(said('_team-a._tcp.local').port).toMatchObject({ port: 40_000 })
    expect(said('_team-a._tcp.local').strings.join()).not.toContain(both.name)
    const reader = { ownNodeId: '', services: new Map([[SYM, 'default']]), stockGroups: ['default'] }
    const [verdict] = readRecords(recordsOf(SYM, both, via), { address: '192.168.1.10', via }, reader)
    expect(verdict).toMatchObject({ kind: 'seen', sighting: { addresses: [{ port: 40_000 }, {}, {}] } })
    expect(JSON.stringify(verdict)).not.toContain('dialect')
  })

  it('tells neither the name nor the key of the node', () => {
    const said = JSON.stringify(recordsOf(SYM, announcement, via), (_, value) =>
      value?.type === 'Buffer' ? String(Buffer.from(value.data)) : value,
    )
    expect(said).toContain('v2=40000')
    expect(said).not.toContain(announcement.name)
    expect(said).not.toContain(announcement.publicKey)
  })

  it('names the addresses of its own interface, none on loopback', () => {
    const addresses = (records: ReturnType<typeof recordsOf>) =>
      records.filter(({ type }) => type === 'A' || type === 'AAAA').map(({ data }) => data)
    expect(addresses(recordsOf(SYM, announcement, via))).toEqual(['192.168.1.10', '2001:db8:1::10', 'fe80::10'])
    expect(addresses(recordsOf(SYM, announcement, lo))).toEqual([])
  })

  it.each([
    ['mac', 'mac.local'],
    ['mac.lan', 'mac.lan'],
    ['José’s Mac', `${announcement.nodeId}.local`],
    ['', `${announcement.nodeId}.local`],
  ])('makes of the host name %j the target %s', (hostname, target) => {
    expect(recordsOf(SYM, { ...announcement, hostname }, via).find(({ type }) => type === 'SRV')?.data).toMatchObject({ target })
  })

  it('answers a question for its service with all that a dialer needs', () => {
    const records = recordsOf(SYM, announcement, via)
    const { answers, additionals } = answersTo([{ name: '_SYM._tcp.local', type: 'PTR' }], [records])
    expect(answers.map(({ type }) => type)).toEqual(['PTR'])
    expect(additionals.map(({ type }) => type)).toEqual(['SRV', 'TXT', 'A', 'AAAA', 'AAAA'])
  })

  it('answers what it was asked once, however often it was asked', () => {
    const services = [recordsOf(SYM, announcement, via), recordsOf('_team._tcp.local', announcement, via)]
    const { answers, additionals } = answersTo(
      Array.from({ length: 1_000 }, () => ({ name: SYM, type: 'ANY' })),
      services,
    )
    expect(answers).toHaveLength(1)
    expect(additionals).toHaveLength(5)
    const types = answersTo([{ name: '_services._dns-sd._udp.local', type: 'PTR' }], services).answers
    expect(types.map(({ data }) => data)).toEqual([SYM, '_team._tcp.local'])
  })

  it('is silent on what is not its own', () => {
    const { answers } = answersTo([{ name: '_printer._tcp.local', type: 'PTR' }], [recordsOf(SYM, announcement, via)])
    expect(answers).toEqual([])
  })
})
