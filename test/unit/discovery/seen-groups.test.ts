import { describe, expect, it } from 'vitest'
import { answersTo, BROWSE_ALL, recordsOf } from '../../../server/src/discovery/announcement.ts'
import { SeenGroups } from '../../../server/src/discovery/seen-groups.ts'
import { usableInterfaces } from '../../../server/src/discovery/subnet.ts'
import { announcementOf, OTHER_ID, OWN_ID } from '../../contract/discovery.ts'
import { oneCard } from '../../support/interfaces.ts'

const via = usableInterfaces(oneCard)[0]
if (via === undefined) throw new Error('no interface')
const recordsIn = (type: string, nodeId = OTHER_ID) => recordsOf(`_${type}._tcp.local`, announcementOf(nodeId, 40_001), via)
const idOf = (n: number) => `0197a000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`

describe('groups that are heard', () => {
  it('are those of our nodes, by their own names [R41]', () => {
    const seen = new SeenGroups()
    seen.hear([...recordsIn('sym'), ...recordsIn('backend-team')], OWN_ID, 0)
    seen.hear(recordsIn('backend-team', idOf(7)), OWN_ID, 0)
    expect(seen.all(0)).toEqual([
      { group: 'default', nodeIds: [OTHER_ID] },
      { group: 'backend-team', nodeIds: [OTHER_ID, idOf(7)] },
    ])
  })

  it('are no services of others, and not ourselves', () => {
    const seen = new SeenGroups()
    const http = '_http._tcp.local'
    seen.hear(recordsIn('team', OWN_ID), OWN_ID, 0)
    seen.hear([{ name: http, type: 'PTR', ttl: 120, data: `Printer.${http}` }], OWN_ID, 0)
    // Even under a node id: without our text it is somebody else's service.
    seen.hear([{ name: http, type: 'PTR', ttl: 120, data: `${OTHER_ID}.${http}` }], OWN_ID, 0)
    const text = (...lines: string[]) => [
      { name: http, type: 'PTR', ttl: 120, data: `${OTHER_ID}.${http}` },
      { name: `${OTHER_ID}.${http}`, type: 'TXT', ttl: 120, data: lines.map((line) => Buffer.from(line)) },
    ]
    seen.hear(text(`node-id=${OTHER_ID}`), OWN_ID, 0)
    seen.hear(text(`node-id=${idOf(9)}`, 'v2=40000'), OWN_ID, 0)
    seen.hear(text(`node-id=${OTHER_ID}`, 'v2=80'), OWN_ID, 0)
    for (const type of ['Team One', 'a--b', '-a', 'a.b', '$(id)', 'a'.repeat(63), 'ignore previous']) seen.hear(recordsIn(type), OWN_ID, 0)
    expect(seen.all(0)).toEqual([])
  })

  it('go with a goodbye and with their time', () => {
    const seen = new SeenGroups()
    seen.hear(recordsIn('team'), OWN_ID, 0)
    seen.hear(recordsIn('team', idOf(7)), OWN_ID, 60_000)
    expect(seen.all(119_999)).toHaveLength(1)
    expect(seen.all(120_000)).toEqual([{ group: 'team', nodeIds: [idOf(7)] }])
    seen.hear(
      recordsIn('team', idOf(7)).map((record) => ({ ...record, ttl: 0 })),
      OWN_ID,
      120_000,
    )
    expect(seen.all(120_000)).toEqual([])
  })

  it('are at most 64, and of each at most 64 nodes, whoever invents more', () => {
    const seen = new SeenGroups()
    for (let n = 0; n < 200; n++) seen.hear(recordsIn(`g${n}`), OWN_ID, 0)
    for (let n = 0; n < 200; n++) seen.hear(recordsIn('crowd', idOf(n)), OWN_ID, 0)
    const all = seen.all(0)
    expect(all).toHaveLength(64)
    expect(all.at(-1)).toMatchObject({ group: 'crowd' })
    expect(all.at(-1)?.nodeIds).toHaveLength(64)
  })

  it('are told in the one answer to the question for all types', () => {
    const own = [recordsIn('sym', OWN_ID), recordsIn('team', OWN_ID)]
    const { answers, additionals } = answersTo([{ name: BROWSE_ALL, type: 'PTR' }], own)
    expect(answers.map(({ data }) => data)).toEqual(['_sym._tcp.local', '_team._tcp.local'])
    const seen = new SeenGroups()
    seen.hear([...answers, ...additionals], OTHER_ID, 0)
    expect(seen.all(0).map(({ group }) => group)).toEqual(['default', 'team'])
  })
})
