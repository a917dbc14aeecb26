/**
 * What the project's folder tells of itself: its repository and branch, read from the files of git, since no process is
 * started. A repository is a text by strangers, so everything is small, a regular file, and may be wrong: then it is left out.
 */
import { constants } from 'node:fs'
import { open, realpath, stat } from 'node:fs/promises'
import path from 'node:path'

export interface Project {
  /** Absolute, without symbolic links. */
  readonly folder: string
  readonly repository: Repository | undefined
}

export interface Repository {
  /** The folder that holds the working tree. */
  readonly root: string
  /** Equal for every clone and worktree: the address of its remote, else where it lies. */
  readonly id: string
  /** The branch, or the beginning of the commit where there is none. */
  readonly branch: string | undefined
}

const MAX_BYTES = 262_144
const MAX_LEVELS = 64

export async function readProject(folder: string): Promise<Project> {
  const real = await realpath(folder).catch(() => path.resolve(folder))
  return { folder: real, repository: await repositoryAbove(real) }
}

async function repositoryAbove(folder: string): Promise<Repository | undefined> {
  let root = folder
  for (let level = 0; level < MAX_LEVELS; level++) {
    const gitFolder = await gitFolderOf(root)
    if (gitFolder !== undefined) return readRepository(root, gitFolder)
    const above = path.dirname(root)
    if (above === root) return undefined
    root = above
  }
  return undefined
}

/** `.git` is a folder, or a file that names one (worktrees, submodules). */
async function gitFolderOf(root: string): Promise<string | undefined> {
  const entry = path.join(root, '.git')
  const kind = await stat(entry).catch(() => undefined)
  if (kind?.isDirectory()) return entry
  const named = /^gitdir: (.+)$/m.exec((await readSmallFile(entry)) ?? '')?.[1]
  return named === undefined ? undefined : path.resolve(root, named.trim())
}

async function readRepository(root: string, gitFolder: string): Promise<Repository | undefined> {
  const head = await readSmallFile(path.join(gitFolder, 'HEAD'))
  if (head === undefined) return undefined
  const common = path.resolve(gitFolder, (await readSmallFile(path.join(gitFolder, 'commondir')))?.trim() || '.')
  const remote = remoteOf((await readSmallFile(path.join(common, 'config'))) ?? '')
  return { root, id: (remote && addressOf(remote)) ?? `path:${common}`, branch: branchOf(head) }
}

function branchOf(head: string): string | undefined {
  return /^ref: refs\/heads\/(\S.*)$/m.exec(head)?.[1]?.trim() ?? /^([0-9a-f]{8})[0-9a-f]{32,56}\s*$/.exec(head)?.[1]
}

/** The address of `origin`, else of the first remote. */
function remoteOf(config: string): string | undefined {
  const urls = new Map<string, string>()
  let section: string | undefined
  for (const line of config.split('\n')) {
    const header = /^\s*\[([^\]]*)\]/.exec(line)?.[1]
    if (header !== undefined) section = /^remote "(.+)"$/.exec(header)?.[1]
    const url = /^\s*url\s*=\s*(\S+)/.exec(line)?.[1]
    if (section !== undefined && url !== undefined && !urls.has(section)) urls.set(section, url)
  }
  return urls.get('origin') ?? [...urls.values()][0]
}

/** Host and path, alike for every way to write the address, without the user or a password in it. */
export function addressOf(url: string): string | undefined {
  const scp = /^(?:[^@/:]+@)?([\w.-]{2,}):(?!\/\/)(.+)$/.exec(url)
  const [host, where] = scp ? [scp[1], scp[2]] : partsOf(url)
  const clean = where?.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')
  return host && clean ? `${host.toLowerCase()}/${clean}` : undefined
}

function partsOf(url: string): readonly [string?, string?] {
  if (!URL.canParse(url)) return []
  const { hostname, pathname } = new URL(url)
  return hostname === '' ? [] : [hostname, pathname]
}

/** Text of a small regular file; undefined for everything else. A pipe in the place of a file must not hold us up. */
async function readSmallFile(file: string): Promise<string | undefined> {
  const flags = constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK)
  const handle = await open(file, flags).catch(() => undefined)
  if (handle === undefined) return undefined
  try {
    const facts = await handle.stat()
    return facts.isFile() && facts.size <= MAX_BYTES ? await handle.readFile('utf8') : undefined
  } catch {
    // Removed or cut short while it was read: as if it were not there.
    return undefined
  } finally {
    await handle.close()
  }
}
