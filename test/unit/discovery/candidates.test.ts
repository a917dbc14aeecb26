import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { CandidateTable } from '../../../server/src/discovery/candidates.ts'
import type { Sighting } from '../../../server/src/discovery/record.ts'

const BOB = '0197a000-0000-7000-8000-00000000000b'
const ID = `lan:${BOB}@eth0`

function sighting(from: string, more: Partial<Sighting> = {}): Sighting {
  const addresses = [{ kind: 'lan', host: from, port: 40_000 }] as const
  return { nodeId: BOB, group: 'default', via: 'eth0', from, ttlMs: 120_000, addresses, ...more }
}

describe('candidate table', () => {
  it('tells of a node once, and again only when something changed', () => {
    const table = new CandidateTable()
    expect(table.see(sighting('192.168.1.20'), 0).found).toEqual([
      { source: 'lan', id: ID, nodeId: BOB, groups: ['default'], addresses: [{ kind: 'lan', host: '192.168.1.20', port: 40_000 }] },
    ])
    expect(table.see(sighting('192.168.1.20'), 1_000)).toEqual({ found: [], lost: [] })
    const moved = table.see(sighting('192.168.1.20', { addresses: [{ kind: 'lan', host: '192.168.1.20', port: 50_000 }] }), 2_000)
    expect(moved.found[0]?.addresses).toEqual([{ kind: 'lan', host: '192.168.1.20', port: 50_000 }])
  })

  it('joins what both address families say, IPv4 first', () => {
    const table = new CandidateTable()
    table.see(sighting('fe80::20%eth0'), 0)
    table.see(sighting('2001:db8::20'), 0)
    const { found } = table.see(sighting('192.168.1.20'), 0)
    expect(found[0]?.addresses.map((one) => one.kind === 'lan' && one.host)).toEqual(['192.168.1.20', '2001:db8::20', 'fe80::20%eth0'])
  })

  it('keeps the honest address first when another source claims the same node [A13]', () => {
    const table = new CandidateTable()
    table.see(sighting('192.168.1.20'), 0)
    const { found } = table.see(sighting('192.168.1.66'), 1)
    expect(found[0]?.addresses.map((one) => one.kind === 'lan' && one.host)).toEqual(['192.168.1.20', '192.168.1.66'])
  })

  it('does not let one source withdraw what another said [A13]', () => {
    const table = new CandidateTable()
    table.see(sighting('192.168.1.20'), 0)
    expect(table.withdraw(BOB, 'eth0', '192.168.1.66', 'default')).toEqual({ found: [], lost: [] })
    expect(table.withdraw(BOB, 'eth0', '192.168.1.20', 'default')).toEqual({ found: [], lost: [ID] })
  })

  it('keeps a stock node apart from one of ours that claims the same id, and hears the goodbye of either', () => {
    const table = new CandidateTable()
    table.see(sighting('192.168.1.20'), 0)
    const { found } = table.see(sighting('192.168.1.20', { dialect: 'stock' }), 0)
    expect(found).toMatchObject([{ id: `lan:stock:${BOB}@eth0`, dialect: 'stock' }])
    expect(table.withdraw(BOB, 'eth0', '192.168.1.20', 'default').lost).toEqual([ID, `lan:stock:${BOB}@eth0`])
  })

  it('lists the groups of a node and drops one with its goodbye', () => {
    const table = new CandidateTable()
    table.see(sighting('192.168.1.20'), 0)
    expect(table.see(sighting('192.168.1.20', { group: 'team' }), 0).found[0]?.groups).toEqual(['default', 'team'])
    expect(table.withdraw(BOB, 'eth0', '192.168.1.20', 'default').found[0]?.groups).toEqual(['team'])
  })

  it('loses a record that ran out', () => {
    const table = new CandidateTable()
    table.see(sighting('192.168.1.20'), 0)
    expect(table.expire(119_999).lost).toEqual([])
    expect(table.expire(120_000).lost).toEqual([ID])
    expect(table.all()).toEqual([])
  })

  it('loses what was seen on an interface that is gone, and in a group that we left', () => {
    const table = new CandidateTable()
    table.see(sighting('192.168.1.20'), 0)
    expect(table.keepOnly(new Set(['eth0']), new Set(['default'])).lost).toEqual([])
    expect(table.keepOnly(new Set(['eth0']), new Set(['team'])).lost).toEqual([ID])
    table.see(sighting('192.168.1.20'), 0)
    expect(table.keepOnly(new Set(['eth1']), new Set(['default'])).lost).toEqual([ID])
  })

  it('holds 200 candidates and drops the one not heard of for longest [A13]', () => {
    const table = new CandidateTable()
    const nodeId = (n: number) => `0197a000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
    for (let n = 0; n < LIMITS.mdns.candidates; n++) table.see(sighting('192.168.1.20', { nodeId: nodeId(n) }), n)
    expect(table.all().length).toBe(LIMITS.mdns.candidates)
    table.see(sighting('192.168.1.20', { nodeId: nodeId(0) }), 1_000)
    expect(table.see(sighting('192.168.1.20', { nodeId: nodeId(999) }), 1_001).lost).toEqual([`lan:${nodeId(1)}@eth0`])
    expect(table.all().length).toBe(LIMITS.mdns.candidates)
  })

  it('bounds the sources and so the addresses of one candidate', () => {
    const table = new CandidateTable()
    for (let n = 1; n < 100; n++) table.see(sighting(`192.168.1.${n}`), 0)
    expect(table.all()[0]?.addresses.length).toBe(4)
  })
})
