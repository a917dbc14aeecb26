/**
 * The hook behind a join: asks the server which group the next sessions shall start in and where that is written down,
 * writes it, and says how it went, to the server and in the conversation. Where nothing is to be written it says nothing.
 */
import type { Clock } from '../base/clock.ts'
import { keepGroup, parseTarget } from '../install/keep.ts'
import { callLocal } from '../local/calls.ts'
import { findRunFileOfParent } from '../local/run-files.ts'

const TIMEOUT_MS = 5_000

export interface PersistDeps {
  readonly root: string
  readonly ppid: number
  /** Of several servers under one parent, the one of this session. */
  readonly sessionId: string | undefined
  readonly clock: Clock
  readonly write: (text: string) => Promise<void>
}

export async function persistGroup({ root, ppid, sessionId, clock, write }: PersistDeps): Promise<void> {
  const run = findRunFileOfParent(root, ppid, sessionId)
  if (run === undefined) return
  const ask = (method: string, params: object) => callLocal(run.local, { method, params }, { clock, timeoutMs: TIMEOUT_MS })
  const answer = await ask('persist', {})
  const pending = 'ok' in answer ? parsePending(answer.ok) : undefined
  if (pending === undefined) return
  const { group, target } = pending
  const problem = keepGroup(target, group)
  await ask('persisted', { group, ...(problem === undefined ? {} : { problem: problem.slice(0, 1_000) }) })
  const text =
    problem === undefined
      ? `Mesh: the next sessions start in group ${group} (written to ${target.file}).`
      : `Mesh: group ${group} holds for this session only, because it could not be written down: ${problem}`
  await write(`${JSON.stringify({ hookSpecificOutput: { hookEventName: 'PostToolUse', additionalContext: text } })}\n`)
}

function parsePending(value: unknown) {
  if (typeof value !== 'object' || value === null || !('group' in value) || !('target' in value)) return undefined
  const target = parseTarget(value.target)
  const isGroup = typeof value.group === 'string' && /^[a-z0-9:-]{1,80}$/.test(value.group)
  return isGroup && target !== undefined ? { group: String(value.group), target } : undefined
}
