import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MeshError } from '../../../server/src/base/errors.ts'
import { type GroupChange, Groups, type JoinedGroups } from '../../../server/src/mesh/groups.ts'
import { group, Lab, type TestNode, turns, until } from '../../support/mesh.ts'

describe('joining and leaving', () => {
  const run = (start: readonly [string, ...string[]], act: (groups: Groups) => GroupChange) => {
    const announced: string[][] = []
    const changes: GroupChange[] = []
    const [first, ...others] = start
    const groups = new Groups([group(first), ...others.map(group)], {
      announce: (now) => void announced.push([...now]),
      onChanged: (change) => void changes.push(change),
    })
    const change = act(groups)
    expect(changes).toEqual([change])
    expect(groups.all).toEqual(change.groups)
    return { announced, ...change }
  }
  const join =
    (name: string, keep = false) =>
    (groups: Groups) =>
      groups.join(group(name), keep)

  it.each([
    ['in the place of the current one', ['default'], join('a'), ['a'], ['default']],
    ['beside it', ['default'], join('a', true), ['a', 'default'], []],
    ['and the others stay', ['default', 'b'], join('a'), ['a', 'b'], ['default']],
    ['back to default', ['a'], join('default'), ['default'], ['a']],
    ['one that was kept', ['a', 'b'], join('b'), ['b'], ['a']],
    ['one that was kept, keeping both', ['a', 'b'], join('b', true), ['b', 'a'], []],
    ['the current one', ['a', 'b'], join('a'), ['a', 'b'], []],
    ['the current one, keeping it', ['a'], join('a', true), ['a'], []],
  ] as const)('joins %s [R89]', (_what, start, act, groups, left) => {
    expect(run(start, act)).toMatchObject({ groups, left })
  })

  it('announces both sides before the old one goes [R91]', () => {
    expect(run(['default'], join('a')).announced).toEqual([['a', 'default'], ['a']])
    expect(run(['default'], join('a', true)).announced).toEqual([['a', 'default']])
  })

  it('leaves any of several, never the last', () => {
    expect(run(['a', 'b'], (groups) => groups.leave(group('a')))).toMatchObject({ groups: ['b'], left: ['a'] })
    expect(() => run(['a'], (groups) => groups.leave(group('a')))).toThrow(/only group/)
    expect(() => run(['a'], (groups) => groups.leave(group('b')))).toThrow(/not in the group b/)
  })

  it('changes nothing when it cannot be announced, at either step [R91]', () => {
    for (const failing of [1, 2]) {
      let calls = 0
      const before: JoinedGroups = [group('default'), group('b')]
      const groups = new Groups(before, {
        announce: () => {
          if (++calls === failing) throw new Error('disk full')
        },
        onChanged: () => expect.fail('nothing changed'),
      })
      expect(() => groups.join(group('a'), false)).toThrow(MeshError)
      expect(groups.all).toEqual(before)
      expect(calls, 'announced again as it was').toBe(failing + 1)
    }
  })

  it('has a limit', () => {
    const names = Array.from({ length: 16 }, (_, at) => group(`g${at}`))
    const [first, ...others] = names
    if (first === undefined) throw new Error('unreachable')
    const groups = new Groups([first, ...others], { announce() {}, onChanged() {} })
    expect(() => groups.join(group('one-more'), true)).toThrow(/at most 16/)
    expect(groups.join(group('one-more'), false).groups).toHaveLength(16)
  })
})

describe('a running node', () => {
  let lab: Lab
  let a: TestNode
  let b: TestNode
  let c: TestNode
  beforeEach(async () => {
    lab = new Lab()
    a = await lab.start('alice')
    b = await lab.start('bob', { groups: ['default', 'team'] })
    c = await lab.start('carol', { groups: ['other', 'team'] })
  })
  afterEach(() => lab.close())

  const groupsHere = (one: TestNode, other: TestNode) =>
    one.node
      .peers()
      .filter((peer) => peer.isHere && peer.name === other.host)
      .map((peer) => peer.group)
      .sort()
  const meets = (one: TestNode, other: TestNode, groups: readonly string[]) =>
    lab.during(until(() => groupsHere(one, other).join() === groups.join(), `${one.host} and ${other.host} meet in ${groups}`))

  it('moves to a group, meets who is there, and parts with who is not [R89] [R92]', async () => {
    await lab.meet(a, b)
    lab.introduce(a, c)
    await turns(20)
    expect(groupsHere(a, c)).toEqual([])
    expect(a.node.joinGroup(group('team'))).toMatchObject({ groups: ['team'], left: ['default'] })
    await meets(a, c, ['team'])
    await meets(a, b, ['team'])
    await until(() => groupsHere(b, a).join() === 'team', 'bob sees that alice has gone from default')
    await lab.during(a.say('to the team'))
    await until(() => b.focuses().includes('to the team') && c.focuses().includes('to the team'), 'both hear it')
    expect(b.inbox().at(-1)?.group).toBe('team')
    expect(a.discovery.announced).toEqual([['default'], ['team', 'default'], ['team']])
    expect(a.node.groups()).toMatchObject([{ name: 'team', isCurrent: true }])
  })

  it('keeps the links of a group that stays', async () => {
    await lab.meet(a, b)
    const before = b.events.length
    a.node.joinGroup(group('team'), { keep: true })
    await meets(a, b, ['default', 'team'])
    expect(b.events.slice(before).map(({ kind }) => kind)).not.toContain('peer-away')
    expect(a.node.status()).toMatchObject({ peersHere: 1, peersKnown: 1 })
    expect((await lab.during(a.say('hello', { to: 'bob' }))).recipients).toHaveLength(1)
    a.node.leaveGroup(group('default'))
    await until(() => groupsHere(b, a).join() === 'team', 'only the other group is left')
  })

  it('comes back to default', async () => {
    await lab.meet(a, b)
    a.node.joinGroup(group('elsewhere'))
    await until(() => groupsHere(b, a).length === 0, 'gone')
    a.node.joinGroup(group('default'))
    await meets(a, b, ['default'])
  })

  it('keeps what waits for the old group until it is joined again [R70] [R89]', async () => {
    await lab.meet(a, b)
    lab.network.cut('bob')
    await lab.during(a.say('said while away', { to: 'bob' }))
    a.node.joinGroup(group('elsewhere'))
    lab.network.heal('bob')
    await lab.pass(20_000)
    expect(a.node.waitingIn(group('default'))).toBe(1)
    expect(b.focuses()).toEqual([])
    a.node.joinGroup(group('default'))
    await lab.during(until(() => b.focuses().includes('said while away'), 'it arrives'))
    await lab.during(until(() => a.node.waitingIn(group('default')) === 0, 'and nothing waits'))
  })

  it('stays where it is when the change cannot be written down [R91]', async () => {
    const d = await lab.start('dave', {
      keys: c.keys,
      onGroups: (groups) => {
        if (groups[0] === 'team') throw new Error('disk full')
      },
    })
    await lab.meet(a, d)
    expect(() => d.node.joinGroup(group('team'))).toThrow(/disk full.*nothing was changed/)
    expect(d.node.groups().map(({ name }) => name)).toEqual(['default'])
    expect(d.discovery.announced.at(-1)).toEqual(['default'])
    expect(groupsHere(a, d)).toEqual(['default'])
  })

  it('does not open a link for a group that was left during the handshake', async () => {
    lab.introduce(b, a)
    a.node.joinGroup(group('elsewhere'))
    await lab.pass(1_000)
    expect([a, b].flatMap((one) => one.node.peers().filter(({ isHere }) => isHere))).toEqual([])
  })

  it('lists the groups nearby, ours first and also when nobody is there [R41]', async () => {
    await lab.meet(a, b)
    a.discovery.seen = [
      { group: 'other', nodeIds: ['x', 'y'] },
      { group: 'default', nodeIds: [b.keys.nodeId] },
      { group: 'team', nodeIds: ['x'] },
    ]
    a.node.joinGroup(group('quiet'), { keep: true })
    const browses = a.discovery.browses
    expect(await lab.during(a.node.findGroups())).toEqual([
      { name: 'quiet', nodes: 0, isJoined: true, isCurrent: true },
      { name: 'default', nodes: 1, isJoined: true, isCurrent: false },
      { name: 'other', nodes: 2, isJoined: false, isCurrent: false },
      { name: 'team', nodes: 1, isJoined: false, isCurrent: false },
    ])
    expect(a.discovery.browses).toBe(browses + 1)
  })

  it('tells that the others are in another group, while nobody is here [R98]', async () => {
    const told = () => a.node.status().problems.join()
    a.discovery.seen = [{ group: 'team', nodeIds: ['x', 'y'] }]
    expect(told()).toMatch(/Nobody of group default is here, but 2 peers .*"team"/)
    await lab.meet(a, b)
    expect(told()).toBe('')
  })

  it('looks around by itself only while nobody is here', async () => {
    await lab.pass(63_000)
    expect(a.discovery.browses).toBe(2)
    await lab.meet(a, b)
    await lab.pass(120_000)
    expect(a.discovery.browses).toBe(2)
  })
})
