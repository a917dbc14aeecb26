import { describe, expect, it } from 'vitest'
import type { Project } from '../../../server/src/app/project.ts'
import { audiencesOf, describeShare, fileIdOf, joinShares, pathInProject, SHARE_NOTHING } from '../../../server/src/app/sharing.ts'

const project: Project = {
  folder: '/home/alice/work/shop/api',
  repository: { root: '/home/alice/work/shop', id: 'code.example.org/team/shop', branch: 'fix-login' },
}
const files = ['src/a.ts', 'src/b.ts', 'src/c.ts', 'src/d.ts']

describe('what is said of the project', () => {
  it('is nothing to the network unless it is shared [R37]', () => {
    const { network, machine } = audiencesOf(project, files, SHARE_NOTHING)
    expect(network).toEqual({ fileIds: [] })
    expect(JSON.stringify(network)).not.toMatch(/shop|fix|src/)
    expect(machine).toMatchObject({ folder: 'api', branch: 'fix-login', placeId: project.folder, summary: expect.stringContaining('api') })
  })

  it('is as much as each switch allows, and its place never leaves the machine [R37]', () => {
    const only = (share: object) => audiencesOf(project, files, { ...SHARE_NOTHING, ...share }).network
    expect(only({ folder: true })).toEqual({ folder: 'api', repositoryId: 'code.example.org/team/shop', summary: 'in api', fileIds: [] })
    expect(only({ branch: true })).toEqual({ branch: 'fix-login', summary: 'on fix-login', fileIds: [] })
    expect(only({ files: true })).toMatchObject({ summary: 'edited src/a.ts, src/b.ts, src/c.ts and 1 more' })
    expect(only({ files: true }).fileIds).toHaveLength(4)
    const all = only({ folder: true, branch: true, files: true })
    expect(all.summary).toBe('in api, on fix-login, edited src/a.ts, src/b.ts, src/c.ts and 1 more')
    expect(JSON.stringify(all)).not.toContain('/home')
  })

  it('is for a group what was set for it alone [R97] [R165]', () => {
    const shareIn = (group: string) => (group === 'backend' ? { folder: true, branch: false, files: false } : undefined)
    const { network, inGroup } = audiencesOf(project, files, { folder: false, branch: true, files: true }, shareIn)
    expect(inGroup?.('backend')).toEqual({ folder: 'api', repositoryId: 'code.example.org/team/shop', summary: 'in api', fileIds: [] })
    expect(inGroup?.('other')).toBeUndefined()
    expect(network).toMatchObject({ branch: 'fix-login' })
  })

  it('leaves out a branch that looks like a key [R165]', () => {
    const branch = `tmp/ghp_${'aB3dE5gH7jK9'.repeat(3)}`
    const leaky: Project = { ...project, repository: { root: '/x', id: 'r', branch } }
    const { machine, network } = audiencesOf(leaky, [], { folder: false, branch: true, files: false })
    expect([machine.branch, network.branch, network.summary]).toEqual([undefined, undefined, undefined])
  })

  it('names a file alike for every clone, and for a folder without a repository by where it lies', () => {
    const clone: Project = { folder: '/srv/shop', repository: { root: '/srv/shop', id: 'code.example.org/team/shop', branch: 'main' } }
    expect(fileIdOf(project, 'src/a.ts')).toBe(fileIdOf(clone, 'src/a.ts'))
    const bare: Project = { folder: '/srv/shop', repository: undefined }
    expect(fileIdOf(bare, 'a')).not.toBe(fileIdOf({ ...bare, folder: '/srv/other' }, 'a'))
  })

  it.each([
    ['/home/alice/work/shop/src/a.ts', 'src/a.ts'],
    ['src/a.ts', 'api/src/a.ts'],
    ['../src/a.ts', 'src/a.ts'],
    ['/home/alice/work/other/a.ts', undefined],
    ['/home/alice/work/shop', undefined],
    ['../../../.ssh/id_ed25519', undefined],
  ])('finds %s in the repository as %s', (file, found) => {
    expect(pathInProject(project, file)).toBe(found)
  })
})

describe('the status', () => {
  it('says what is shared [R37] [R9]', () => {
    expect(describeShare(SHARE_NOTHING)).toBe('nothing of the project is told over the network')
    expect(describeShare({ folder: true, branch: false, files: true })).toBe('peers are told folder, edited files')
  })
})

describe('two sources of a wish', () => {
  it.each([
    [undefined, undefined, false],
    [true, undefined, true],
    [undefined, true, true],
    [false, true, false],
    [true, false, false],
    [true, true, true],
  ])('%s and %s give %s: a no counts, wherever it stands [R37]', (own, shared, result) => {
    expect(joinShares({ branch: own }, { branch: shared })).toEqual({ folder: false, branch: result, files: false })
    expect(joinShares(undefined, undefined)).toEqual(SHARE_NOTHING)
  })
})
