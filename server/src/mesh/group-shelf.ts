/**
 * The private groups of this person: `<root>/groups/`, a file each, shared by all sessions and watched by every node. A
 * file that cannot be read is a group that nobody is let into, told with its path.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { systemCode } from '../base/errors.ts'
import { type Shared, sharedFile, sharedValue, watchFolder } from '../identity/shared-file.ts'
import { type GroupContent, groupContent, groupValueOf } from './group-file.ts'

export interface ShelfEntry {
  readonly content: GroupContent
  change(update: (content: GroupContent) => GroupContent): Promise<GroupContent>
}

export interface GroupShelf {
  /** As it stands on disk now. */
  read(): { readonly groups: readonly ShelfEntry[]; readonly problems: readonly string[] }
  /** Adds a group, or changes the one of this id that is there. */
  put(content: GroupContent, merge: (known: GroupContent) => GroupContent): Promise<GroupContent>
  /** Calls back when any of them changed. Returns the function that ends it. */
  watch(onChange: () => void): () => void
}

const MAX_GROUPS = 64

export function groupShelf(folder: string, deps: { readonly clock: Clock; readonly random: RandomBytes }): GroupShelf {
  const open = (name: string, empty: GroupContent | undefined) =>
    sharedFile({ file: path.join(folder, name), schema: maybeContent, empty, ...deps })
  return {
    read: () => readAll(namesIn(folder).map((name) => open(name, undefined))),
    put: async (content, merge) => {
      const name = `${content.groupId.slice(0, 12)}.json`
      // An id that begins alike is another group: nothing of the one that is there is touched.
      const next = await open(name, undefined).change((known) =>
        known === undefined ? content : known.groupId === content.groupId ? merge(known) : known,
      )
      return next ?? content
    },
    watch: (onChange) => watchFolder(folder, deps.clock, (name) => /^[0-9a-f]{12}\.json$/.test(name), onChange),
  }
}

/** The same in memory. */
export function memoryShelf(): GroupShelf {
  const files = new Map<string, Shared<GroupContent | undefined>>()
  const listeners = new Set<() => void>()
  return {
    read: () => readAll([...files.values()]),
    put: async (content, merge) => {
      const known = files.get(content.groupId)
      const file = known ?? sharedValue<GroupContent | undefined>(undefined)
      if (!known) {
        files.set(content.groupId, file)
        file.watch(() => {
          for (const listener of listeners) listener()
        })
      }
      return (await file.change((before) => (before === undefined ? content : merge(before)))) ?? content
    },
    watch: (onChange) => {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}

const maybeContent = groupContent.optional()

function readAll(files: readonly Shared<GroupContent | undefined>[]): ReturnType<GroupShelf['read']> {
  const states = files.map((file) => ({ file, state: file.read() }))
  const groups = states.flatMap(({ file, state }): readonly ShelfEntry[] => {
    const content = state.kind === 'ok' ? state.value : undefined
    if (content === undefined) return []
    return [{ content, change: async (update) => (await file.change((known) => known && update(known))) ?? content }]
  })
  return { groups, problems: states.flatMap(({ state }) => (state.kind === 'broken' ? [state.problem] : [])) }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^[0-9a-f]{12}\.json$/.test(name))
      .slice(0, MAX_GROUPS)
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return []
    throw thrown
  }
}

/** By its value, its id, or the name that this user gave it, else by its label, which several may have. */
export function findGroup(groups: readonly ShelfEntry[], text: string): readonly ShelfEntry[] {
  const exact = groups.filter(({ content }) => groupValueOf(content) === text || content.groupId === text || content.alias === text)
  return exact.length > 0 ? exact : groups.filter(({ content }) => content.label === text)
}
