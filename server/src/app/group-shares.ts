/**
 * What the person set to be shared in single groups, followed while the session runs. The project's own no counts before
 * it, as everywhere; while the file cannot be read what it said before still holds.
 */
import path from 'node:path'
import { systemClock, systemRandom } from '../base/clock.ts'
import { type TrustContent, trustFile } from '../mesh/trust-file.ts'
import type { Settings } from './settings.ts'
import { joinShares, type Share } from './sharing.ts'

export interface GroupShares {
  readonly of: (group: string) => Share | undefined
  /** Calls back at each change. Returns the function that ends it. */
  watch(onChange: () => void): () => void
}

export function groupShares({ root, projectShare }: Settings): GroupShares {
  const source = trustFile(path.join(root.value, 'trust.json'), { clock: systemClock, random: systemRandom })
  let groups: TrustContent['groups'] = {}
  const read = (): void => {
    const state = source.read()
    if (state.kind === 'ok') groups = state.value.groups
  }
  read()
  return {
    of: (group) => {
      const own = groups[group]?.share
      return own && joinShares(own, noOf(projectShare))
    },
    watch: (onChange) =>
      source.watch(() => {
        read()
        onChange()
      }),
  }
}

/** The project's yes is for those that nothing else was said for. */
function noOf(share: Settings['projectShare']): Partial<Share> {
  return {
    ...(share.folder === false ? { folder: false } : {}),
    ...(share.branch === false ? { branch: false } : {}),
    ...(share.files === false ? { files: false } : {}),
  }
}
