/** What the command line may ask about groups: the person at it has typed the wish, so no rule of typing stands here. */
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { type KeepPlan, keepGroup } from '../install/keep.ts'
import type { LocalHandlers } from '../local/calls.ts'
import type { MeshNode } from '../mesh/node.ts'
import { type GroupName, parseGroupValue } from '../mmp/group.ts'
import { handler } from './handler.ts'

const name = z.string().min(1).max(LIMITS.group.nameCharacters)
const joinRequest = z.strictObject({ group: name, keep: z.boolean().optional(), ephemeral: z.boolean().optional() })
const leaveRequest = z.strictObject({ group: name })

export function createGroupRequests(node: MeshNode, plan: () => KeepPlan): LocalHandlers {
  const after = (): object => ({ groups: node.joinedGroups() })
  const waiting = (left: readonly GroupName[]): object => ({ waiting: left.reduce((sum, group) => sum + node.waitingIn(group), 0) })
  return {
    nearby: () => node.findGroups(),
    join: handler(joinRequest, ({ group, keep = false, ephemeral = false }) => {
      const wanted = demandGroup(group)
      const { joined, left } = node.joinGroup(wanted, { keep })
      return { ...after(), joined, left, ...waiting(left), ...(keep || ephemeral ? { kept: 'session' } : kept(plan(), wanted)) }
    }),
    leave: handler(leaveRequest, ({ group }) => {
      const [before] = node.joinedGroups()
      const { left, groups } = node.leaveGroup(demandGroup(group))
      return { ...after(), joined: [], left, ...waiting(left), ...(before === groups[0] ? { kept: 'session' } : kept(plan(), groups[0])) }
    }),
  }
}

/** Our own file is written here; a file of the host is for the asker to write. */
function kept(plan: KeepPlan, group: GroupName): object {
  if (plan.kind === 'fixed') return { kept: 'session', why: plan.source }
  if (plan.kind !== 'own') return { kept: 'asked', target: plan }
  const problem = keepGroup(plan, group)
  return problem === undefined ? { kept: 'written', file: plan.file } : { kept: 'session', problem }
}

function demandGroup(text: string): GroupName {
  const group = parseGroupValue(text)
  if (group) return group
  throw new MeshError(
    'argument-invalid',
    `${JSON.stringify(text.slice(0, 80))} is no group name. Use lowercase letters, digits and single dashes, like backend-team`,
  )
}
