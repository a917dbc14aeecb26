/**
 * What may be said of the project, and to whom. To sessions of this machine all of it, since they are this user's own;
 * over a network only what the person or the project shares, which at first is nothing. Pure.
 */
import path from 'node:path'
import { oneLine } from '../base/text.ts'
import type { Audiences, Surroundings } from '../mesh/presence.ts'
import { findSecret } from '../mmp/secrets.ts'
import type { Project } from './project.ts'

export interface Share {
  readonly folder: boolean
  readonly branch: boolean
  readonly files: boolean
}

export const SHARE_NOTHING: Share = { folder: false, branch: false, files: false }
const SHARE_ALL: Share = { folder: true, branch: true, files: true }
const LABEL_CHARACTERS = 128
const FILES_NAMED = 3

/** A no of either counts; without one the yes of either does. */
export function joinShares(...shares: readonly (Partial<Record<keyof Share, boolean | undefined>> | undefined)[]): Share {
  const isShared = (what: keyof Share): boolean => {
    const words = shares.map((share) => share?.[what])
    return words.includes(true) && !words.includes(false)
  }
  return { folder: isShared('folder'), branch: isShared('branch'), files: isShared('files') }
}

/** For people: what goes over the network, in words. */
export function describeShare({ folder, branch, files }: Share): string {
  const shared = [folder ? 'folder' : '', branch ? 'branch' : '', files ? 'edited files' : ''].filter((what) => what !== '')
  return shared.length === 0 ? 'nothing of the project is told over the network' : `peers are told ${shared.join(', ')}`
}

/** `files` are paths as `pathInProject` gives them, the latest first. */
export function audiencesOf(
  project: Project,
  files: readonly string[],
  share: Share,
  shareIn: (group: string) => Share | undefined = () => undefined,
): Audiences {
  const inGroup = (group: string): Surroundings | undefined => {
    const own = shareIn(group)
    return own && surroundingsFor(project, files, own)
  }
  const machine = { ...surroundingsFor(project, files, SHARE_ALL), placeId: project.folder }
  return { machine, network: surroundingsFor(project, files, share), inGroup }
}

/** The name of a file for comparing: equal for every clone of a repository. */
export function fileIdOf({ folder, repository }: Project, file: string): string {
  return `${repository?.id ?? `path:${folder}`}\n${file}`
}

/** Relative to the repository, or to the folder where there is none; undefined for what lies outside. */
export function pathInProject({ folder, repository }: Project, file: string): string | undefined {
  const relative = path.relative(repository?.root ?? folder, path.resolve(folder, file))
  const isInside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative)
  return isInside ? relative.replaceAll('\\', '/') : undefined
}

function surroundingsFor(project: Project, files: readonly string[], share: Share): Surroundings {
  const folder = share.folder ? labelOf(path.basename(project.folder)) : undefined
  const branch = share.branch ? labelOf(project.repository?.branch) : undefined
  const shown = share.files ? files : []
  return {
    folder,
    branch,
    summary: summaryOf(folder, branch, shown),
    repositoryId: share.folder ? project.repository?.id : undefined,
    fileIds: shown.map((file) => fileIdOf(project, file)),
  }
}

/** In place of a summary that nobody wrote. */
function summaryOf(folder: string | undefined, branch: string | undefined, files: readonly string[]): string | undefined {
  const named = files.slice(0, FILES_NAMED).map((file) => oneLine(file, LABEL_CHARACTERS))
  const more = files.length > named.length ? ` and ${files.length - named.length} more` : ''
  const parts = [
    ...(folder === undefined ? [] : [`in ${folder}`]),
    ...(branch === undefined ? [] : [`on ${branch}`]),
    ...(named.length === 0 ? [] : [`edited ${named.join(', ')}${more}`]),
  ]
  const summary = parts.join(', ')
  return summary === '' || findSecret(summary) !== undefined ? undefined : summary
}

/** One line, and never a key that somebody made a branch of. */
function labelOf(text: string | undefined): string | undefined {
  const line = oneLine(text ?? '', LABEL_CHARACTERS)
  return line === '' || findSecret(line) !== undefined ? undefined : line
}
