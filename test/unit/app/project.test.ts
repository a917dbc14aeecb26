import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addressOf, readProject } from '../../../server/src/app/project.ts'

let home: string
beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(tmpdir(), 'sym-project-')))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** A repository as git lays it out, without git. */
function repository(name: string, files: Readonly<Record<string, string>>): string {
  const root = path.join(home, name)
  for (const [file, text] of Object.entries({ HEAD: 'ref: refs/heads/main\n', ...files })) {
    mkdirSync(path.dirname(path.join(root, '.git', file)), { recursive: true })
    writeFileSync(path.join(root, '.git', file), text)
  }
  return root
}

const config = (...remotes: readonly (readonly [string, string])[]) =>
  ['[core]', '\tbare = false', ...remotes.flatMap(([name, url]) => [`[remote "${name}"]`, `\turl = ${url}`, '\tfetch = +x']), ''].join('\n')

describe('a project', () => {
  it('without a repository is its folder [R37]', async () => {
    expect(await readProject(home)).toEqual({ folder: home, repository: undefined })
  })

  it('tells branch and repository, also from a folder inside [R37]', async () => {
    const root = repository('shop', { config: config(['origin', 'git@code.example.org:team/shop.git']) })
    const inside = path.join(root, 'packages/api')
    mkdirSync(inside, { recursive: true })
    const expected = { root, id: 'code.example.org/team/shop', branch: 'main' }
    expect(await readProject(inside)).toEqual({ folder: inside, repository: expected })
  })

  it.each([
    ['a branch with a slash', 'ref: refs/heads/fix/login form\n', 'fix/login form'],
    ['a commit', `${'0123456789abcdef'.repeat(2)}01234567\n`, '01234567'],
    ['something else', 'what is this\n', undefined],
    ['nothing', '', undefined],
  ])('with %s as its head', async (_, head, branch) => {
    expect((await readProject(repository('r', { HEAD: head }))).repository?.branch).toBe(branch)
  })

  it('without a remote is known by where it lies, and by its first remote without an origin', async () => {
    const alone = repository('alone', {})
    expect((await readProject(alone)).repository?.id).toBe(`path:${path.join(alone, '.git')}`)
    const forked = repository('forked', { config: config(['upstream', 'https://x.org/a/b'], ['mine', 'https://x.org/m/b']) })
    expect((await readProject(forked)).repository?.id).toBe('x.org/a/b')
  })

  it('is the same repository in each of its worktrees', async () => {
    const main = repository('main', { 'worktrees/side/HEAD': 'ref: refs/heads/side\n', 'worktrees/side/commondir': '../..\n' })
    const side = path.join(home, 'side')
    mkdirSync(side)
    writeFileSync(path.join(side, '.git'), `gitdir: ${path.join(main, '.git/worktrees/side')}\n`)
    const [a, b] = [await readProject(main), await readProject(side)]
    expect(b.repository).toEqual({ root: side, id: a.repository?.id, branch: 'side' })
  })

  it('is read through a symbolic link as what it is', async () => {
    const root = repository('real', {})
    symlinkSync(root, path.join(home, 'link'))
    expect(await readProject(path.join(home, 'link'))).toEqual(await readProject(root))
  })

  it('that lies about itself is left out: no pipe, no endless file, no foreign form holds us up [R173]', async () => {
    const pipe = path.join(home, 'pipe')
    mkdirSync(path.join(pipe, '.git'), { recursive: true })
    execFileSync('mkfifo', [path.join(pipe, '.git/HEAD')])
    expect((await readProject(pipe)).repository).toBeUndefined()
    const far = path.join(home, 'far')
    mkdirSync(far)
    writeFileSync(path.join(far, '.git'), 'gitdir: /dev\n')
    expect((await readProject(far)).repository).toBeUndefined()
    const large = repository('large', { config: `[remote "origin"]\n\turl = https://x.org/y\n${'# x\n'.repeat(100_000)}` })
    expect((await readProject(large)).repository?.id).toBe(`path:${path.join(large, '.git')}`)
  })
})

describe('the address of a remote', () => {
  it.each([
    ['git@Code.Example.org:team/shop.git', 'code.example.org/team/shop'],
    ['ssh://git@code.example.org:2222/team/shop.git', 'code.example.org/team/shop'],
    ['https://user:password@code.example.org/team/shop', 'code.example.org/team/shop'],
    ['https://code.example.org/team/shop/', 'code.example.org/team/shop'],
    ['/srv/git/shop.git', undefined],
    ['../shop', undefined],
    ['file:///srv/git/shop.git', undefined],
    ['C:\\repos\\shop', undefined],
  ])('%s is %s', (url, address) => {
    expect(addressOf(url)).toBe(address)
  })
})
