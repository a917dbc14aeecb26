/** What a person sets for one group: whom it lets reach Claude, and what its peers may hear of the project. */
import { MeshError } from '../base/errors.ts'
import { type GroupShare, setFloor, setShare, type TrustContent } from '../mesh/trust-file.ts'
import { type GroupName, parseGroupValue } from '../mmp/group.ts'
import type { CliDeps, Commands } from './command.ts'
import { agrees, demandPerson } from './terminal.ts'

const SHARES = ['folder', 'branch', 'files'] as const

export function addPolicyCommands({ deps, add }: Commands): void {
  add(
    'floor <group> <level>',
    'let only verified peers of a group reach Claude (verified), or all members again (member)',
    'floor backend-team verified',
  ).action(async (text: string, level: string) => {
    if (level !== 'verified' && level !== 'member') throw invalid(`the level is verified or member, not ${JSON.stringify(level)}`)
    await decide(deps, text, (group) => ({
      question: `Only ${level === 'verified' ? 'verified peers' : 'members'} of ${group} reach Claude?`,
      change: (content) => setFloor(content, group, level),
      done: `In ${group}, ${level === 'verified' ? 'only verified peers reach' : 'every member reaches'} Claude.`,
    }))
  })
  add(
    'share <group> <what>',
    'what peers of a group on other machines hear of the project: folder, branch and files, joined by commas, or nothing; usual takes it back',
    'share backend-team folder,branch',
  ).action(async (text: string, what: string) => {
    const share = shareOf(what)
    const shared = share ? SHARES.filter((one) => share[one]).join(', ') || 'nothing' : 'what is set for all groups'
    await decide(deps, text, (group) => ({
      question: `Peers of ${group} on other machines hear of the project: ${shared}?`,
      change: (content) => setShare(content, group, share),
      done: `Peers of ${group} on other machines hear of the project: ${shared}. What a project's own file refuses stays refused.`,
    }))
  })
}

interface Policy {
  readonly question: string
  readonly change: (content: TrustContent) => TrustContent
  readonly done: string
}

async function decide(deps: CliDeps, text: string, policyOf: (group: GroupName) => Policy): Promise<void> {
  demandPerson(deps.terminal)
  const group = parseGroupValue(text)
  if (!group) throw invalid(`${JSON.stringify(text)} is no group; use lowercase words joined by dashes, like backend-team`)
  const { question, change, done } = policyOf(group)
  if (!(await agrees(deps.terminal, question))) return deps.out('Nothing was changed.')
  await deps.home().trust.change(change)
  deps.out(done)
}

/** Undefined: as for all groups. */
function shareOf(what: string): GroupShare | undefined {
  if (what === 'usual') return undefined
  const words = what === 'nothing' ? [] : what.split(',').map((word) => word.trim())
  const unknown = words.find((word) => !SHARES.some((one) => one === word))
  if (unknown !== undefined)
    throw invalid(
      `${JSON.stringify(unknown.slice(0, 40))} cannot be shared; say folder, branch, files, nothing or usual. Nothing was changed`,
    )
  return { folder: words.includes('folder'), branch: words.includes('branch'), files: words.includes('files') }
}

const invalid = (text: string): MeshError => new MeshError('argument-invalid', text)
