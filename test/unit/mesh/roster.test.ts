import { describe, expect, it } from 'vitest'
import { rosterOf, tagOf } from '../../../server/src/mesh/roster.ts'
import type { PeerView, PresenceView } from '../../../server/src/mesh/views.ts'
import { alice, bob, carol, fingerprint } from '../../support/mesh.ts'

const nothing: PresenceView = {
  status: 'unknown',
  summary: undefined,
  role: undefined,
  tags: [],
  folder: undefined,
  branch: undefined,
  isSameFolder: false,
  isSameRepository: false,
}

function peer(name: string, keys: typeof bob, changes: Partial<PeerView> = {}): PeerView {
  const ids = { fingerprint: fingerprint(keys), nodeId: keys.nodeId }
  return {
    name,
    ...ids,
    group: 'default',
    trust: 'member',
    held: undefined,
    isPetname: false,
    isHere: true,
    path: 'lan',
    lastSeen: 0,
    reach: undefined,
    ...changes,
  }
}

const namesOf = (peers: readonly PeerView[], query: Parameters<typeof rosterOf>[1] = {}, group = 'default') =>
  rosterOf(peers, query, group).peers.map(({ name }) => name)

describe('the list of peers', () => {
  it('has each key once, by its best path, with all of its groups [R34]', () => {
    const known = [
      peer('bob', bob, { group: 'backend', isHere: false, path: undefined }),
      peer('bob', bob, { path: 'lan' }),
      peer('bob', bob, { group: 'ops', path: 'machine' }),
    ]
    expect(rosterOf(known, {}, 'default').peers).toMatchObject([{ name: 'bob', path: 'machine', groups: ['backend', 'default', 'ops'] }])
  })

  it('is in one order: here first, then by name, then by key', () => {
    const known = [peer('zoe', carol, { isHere: false, path: undefined, lastSeen: 9 }), peer('same', alice), peer('same', bob)]
    const inOrder = namesOf(known)
    expect(inOrder).toEqual(['same', 'same', 'zoe'])
    expect(rosterOf([...known].reverse(), {}, 'default')).toEqual(rosterOf(known, {}, 'default'))
  })

  it('is narrowed to who is here [R35]', () => {
    expect(namesOf([peer('a', alice), peer('b', bob, { isHere: false, path: undefined })], { isHereOnly: true })).toEqual(['a'])
  })

  it('is narrowed to machine, folder, repository and group [R35]', () => {
    const known = [
      peer('near', alice, { path: 'machine', presence: { ...nothing, folder: 'x', isSameFolder: true, isSameRepository: true } }),
      peer('clone', bob, { group: 'backend', presence: { ...nothing, folder: 'y', isSameRepository: true } }),
      peer('silent', carol),
    ]
    expect(namesOf(known, { where: 'machine' })).toEqual(['near'])
    expect(namesOf(known, { where: 'folder' })).toEqual(['near'])
    expect(namesOf(known, { where: 'repository' })).toEqual(['clone', 'near'])
    expect(namesOf(known, { where: 'group' }, 'backend')).toEqual(['clone'])
  })

  it('says how many do not tell where they work, when that was asked', () => {
    const known = [peer('a', alice), peer('b', bob, { presence: nothing }), peer('c', carol, { isHere: false, path: undefined })]
    expect(rosterOf(known, { where: 'repository' }, 'default').silent).toBe(2)
    expect(rosterOf(known, { where: 'machine' }, 'default').silent).toBe(0)
  })
})

describe('a target', () => {
  it.each([
    ['#rust', 'rust'],
    [' #code-review ', 'code-review'],
    ['rust', undefined],
    ['#', undefined],
    ['#Rust', undefined],
    ['#a b', undefined],
    [undefined, undefined],
  ])('%j means the tag %j [R58]', (to, tag) => {
    expect(tagOf(to)).toBe(tag)
  })
})
