import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundle } from '../support/bundle.ts'
import { Lab, type LabNode, type Line, whyNoLab } from '../support/lan-lab/lab.ts'

const why = whyNoLab()
const idOf = (n: number) => `0197a000-0000-7000-8000-00000000000${n}`
const nodeOf = ({ candidate }: Line): Record<string, unknown> =>
  typeof candidate === 'object' && candidate !== null ? { ...candidate } : {}
const found = (n: number) => (line: Line) => line['event'] === 'found' && nodeOf(line)['nodeId'] === idOf(n)
const lost = (n: number) => (line: Line) => line['event'] === 'lost' && String(line['id']).includes(idOf(n))
const event = (name: string) => (line: Line) => line['event'] === name
const at = (line: Line) => Number(line['at'])
/** Well above the targets, which a busy machine may miss, and below what a lost first question would cost. */
const AT_ONCE_MS = 300
const figures = (values: readonly number[]) => `median ${median(values).toFixed(1)} ms of ${values.map((ms) => ms.toFixed(1)).join(', ')}`
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

describe.skipIf(why !== undefined)(`discovery on a LAN${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let script: Bundle
  let lab: Lab

  beforeAll(async () => {
    script = await bundle(fileURLToPath(new URL('../support/lan-node.ts', import.meta.url)))
    lab = new Lab(3)
  })
  afterEach(() => lab.clear())
  afterAll(async () => {
    await lab?.down()
    script?.remove()
  })

  /** A node that waits for its start, so that the start of Node is in no figure. */
  const node = async (n: number): Promise<LabNode> => {
    const one = lab.spawn(n, script.file, idOf(n), String(40_000 + n))
    await one.line(event('up'))
    return one
  }
  const started = async (n: number, groups?: readonly string[]): Promise<LabNode> => {
    const one = await node(n)
    one.tell({ do: 'start', groups })
    return one
  }

  it('lets two nodes that start together find each other at once (target 100 ms) [R31]', async ({ annotate }) => {
    const times: number[] = []
    for (let round = 0; round < 5; round++) {
      const [a, b] = await Promise.all([node(1), node(2)])
      for (const one of [a, b]) one.tell({ do: 'start' })
      const starts = await Promise.all([a, b].map((one) => one.line(event('starting'))))
      const finds = await Promise.all([a.line(found(2)), b.line(found(1))])
      times.push(Math.max(...finds.map(at)) - Math.max(...starts.map(at)))
      await lab.clear()
    }
    await annotate(`both start together: ${figures(times)}`)
    expect(median(times)).toBeLessThan(AT_ONCE_MS)
  })

  it('lets a late joiner find who is there at once (target 25 ms) [R31]', async ({ annotate }) => {
    const a = await started(1)
    const times: number[] = []
    for (let round = 0; round < 5; round++) {
      const b = await started(2)
      const start = await b.line(event('starting'))
      times.push(at(await b.line(found(1))) - at(start))
      await a.line(found(2))
      b.tell({ do: 'stop' })
      await a.line(lost(2))
      await b.kill()
    }
    await annotate(`late joiner: ${figures(times)}`)
    expect(median(times)).toBeLessThan(AT_ONCE_MS)
  })

  it('lets three nodes find each other, by IPv4 first and IPv6 besides [R32]', async () => {
    const nodes = await Promise.all([1, 2, 3].map((n) => started(n)))
    for (const [index, one] of nodes.entries()) {
      for (const n of [1, 2, 3].filter((other) => other !== index + 1)) {
        const full = await one.line((line) => found(n)(line) && JSON.stringify(line).includes('fe80'))
        const hosts = JSON.stringify(nodeOf(full)['addresses'])
        expect(hosts.indexOf('10.77.')).toBeGreaterThan(0)
        expect(hosts.indexOf('10.77.')).toBeLessThan(hosts.indexOf('fd77'))
        expect(hosts.indexOf('fd77')).toBeLessThan(hosts.indexOf('fe80'))
        expect(hosts).toContain('%eth0')
      }
    }
  })

  it('tells a node apart by its group, and finds it when it joins [R31]', async () => {
    const a = await started(1, ['default', 'team'])
    const b = await started(2, ['team'])
    expect(nodeOf(await a.line(found(2)))['groups']).toEqual(['team'])
    expect(nodeOf(await b.line(found(1)))['groups']).toEqual(['team'])
    b.tell({ do: 'update', groups: ['default'] })
    await a.line((line) => found(2)(line) && JSON.stringify(nodeOf(line)['groups']) === '["default"]')
    await b.line((line) => found(1)(line) && JSON.stringify(nodeOf(line)['groups']) === '["default"]')
  })

  it('hears which groups there are, when it asks, and of no service of others [R41]', async () => {
    const a = await started(1)
    const [b, c] = [await started(2, ['team', 'default']), await started(3, ['other'])]
    await Promise.all([a, b, c].map((one) => one.line(event('starting'))))
    await a.line(found(2))
    const groups = async (): Promise<string> => {
      a.tell({ do: 'groups' })
      return JSON.stringify((await a.line(event('groups')))['groups'])
    }
    for (let round = 0; round < 20 && (await groups()) !== '[["team",1],["default",1],["other",1]]'; round++) {
      a.tell({ do: 'browse' })
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(JSON.parse(await groups()).sort()).toEqual([
      ['default', 1],
      ['other', 1],
      ['team', 1],
    ])
    c.tell({ do: 'update', groups: ['default'] })
    await a.line(found(3))
    expect(await groups()).toContain('["default",2]')
    expect(await groups()).not.toContain('other')
  })

  it('says goodbye', async () => {
    const [a, b] = [await started(1), await started(2)]
    await Promise.all([a.line(found(2)), b.line(found(1))])
    b.tell({ do: 'stop' })
    await Promise.all([b.line(event('stopped')), a.line(lost(2))])
  })

  it('finds the other again after the cable was out', async () => {
    const [a, b] = [await started(1), await started(2)]
    await Promise.all([a.line(found(2)), b.line(found(1))])
    lab.cut(2)
    await b.line(lost(1))
    lab.heal(2)
    await b.line(found(1))
  })

  it('finds who is on a network that was joined later', async () => {
    const [a, b] = [await started(1), await started(2)]
    await Promise.all([a.line(found(2)), b.line(found(1))])
    for (const host of [1, 2]) lab.addInterface(host)
    const onSecond = (line: Line) => found(2)(line) && String(nodeOf(line)['id']).endsWith('@eth1')
    expect(JSON.stringify(await a.line(onSecond))).toContain('10.78.')
  })

  it('finds a node of the same host by loopback where there is no network', async () => {
    lab.exec(3, 'ip', 'link', 'set', 'eth0', 'down')
    const [a, b] = [lab.spawn(3, script.file, idOf(1), '40001'), lab.spawn(3, script.file, idOf(2), '40002')]
    for (const one of [a, b]) one.tell({ do: 'start' })
    expect(nodeOf(await a.line(found(2)))['addresses']).toEqual([{ kind: 'lan', host: '127.0.0.1', port: 40_002 }])
    await b.line(found(1))
    lab.exec(3, 'ip', 'link', 'set', 'eth0', 'up')
  })

  it('says that there is no network, and names the way around [R33]', async () => {
    lab.exec(3, 'ip', 'link', 'set', 'eth0', 'down')
    lab.exec(3, 'ip', 'link', 'set', 'lo', 'down')
    const a = await started(3)
    await a.line(event('starting'))
    a.tell({ do: 'health' })
    expect((await a.line(event('health')))['problem']).toContain('SYM_PEERS')
    lab.exec(3, 'ip', 'link', 'set', 'lo', 'up')
    lab.exec(3, 'ip', 'link', 'set', 'eth0', 'up')
  })
})
