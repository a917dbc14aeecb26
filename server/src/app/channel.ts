/** How this session could be pushed to: the channel that this server is for the host, and whether the host was told to listen. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { SERVER_KEY } from '../install/entries.ts'
import type { Environment } from './settings.ts'

const PLUGIN = 'sym-mesh-channel'

/** As it stands behind the host's flag: it depends on the way in which this was installed. */
export function channelOf(env: Environment): string {
  const market = new RegExp(`^${PLUGIN}-(.+)$`).exec(path.basename(env['CLAUDE_PLUGIN_DATA'] ?? ''))?.[1]
  if (market !== undefined) return `plugin:${PLUGIN}@${market}`
  return (env['CLAUDE_PLUGIN_ROOT'] ?? '') === '' ? `server:${SERVER_KEY}` : `plugin:${PLUGIN}@${PLUGIN}`
}

/** Whether Claude Code was started with a channel flag; undefined where its command line cannot be read. */
export function channelFlagOf(parentPid: number): boolean | undefined {
  try {
    const line = readFileSync(`/proc/${parentPid}/cmdline`, 'utf8').split('\0')
    return line.some(
      (word, index) => /^--(?:dangerously-load-development-)?channels(?:=|$)/.test(word) && /sym-mesh/.test(word + (line[index + 1] ?? '')),
    )
  } catch {
    // No /proc on this system: nothing is known, which is an answer.
    return undefined
  }
}
