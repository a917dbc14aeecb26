/** Which groups there are, who of one answers now, and the user's own name for a private one. */
import { Argument } from 'commander'
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { oneLine } from '../base/text.ts'
import { type GroupContent, groupValueOf, isMemberNow, renameGroup } from '../mesh/group-file.ts'
import { findGroup } from '../mesh/group-shelf.ts'
import { parseGroupName } from '../mmp/group.ts'
import { asking, type CliDeps, type Commands, json, parsed } from './command.ts'

const nearbyView = z.array(z.looseObject({ name: z.string(), nodes: z.number(), isJoined: z.boolean(), isCurrent: z.boolean() }))
const pingView = z.looseObject({
  group: z.string(),
  answers: z.array(z.looseObject({ name: z.string(), path: z.string(), ms: z.number().optional() })),
})
/** Each peer has some seconds to answer. */
const PING_MS = 10_000

interface Options {
  readonly json?: boolean
  readonly node?: string
}

export function addGroupsCommand({ deps, addForNode }: Commands): void {
  addForNode(
    'groups',
    'the groups on this machine and network and your private ones, ours first; ping: who of a group answers now; rename: your own name for a private one',
    'groups ping backend-team',
  )
    .addArgument(new Argument('[action]', 'what to do').choices(['list', 'ping', 'rename']).default('list'))
    .argument('[group]', 'the group; without one the current')
    .argument('[name]', 'the new name; - takes it back')
    .action(async (action: string, group: string | undefined, name: string | undefined, options: Options) => {
      if (action === 'ping') return ping(deps, group, options)
      if (action === 'rename') return rename(deps, group, name)
      return list(deps, options)
    })
}

async function list(deps: CliDeps, options: Options): Promise<void> {
  await asking(deps, { node: options.node }, async (node) => {
    const nearby = parsed(nearbyView, await node.call('nearby'))
    const own = deps
      .home()
      .groups.read()
      .groups.map(({ content }) => content)
    const rows = nearby.map((one) => ({ ...one, ...calledBy(own.find((content) => groupValueOf(content) === one.name)) }))
    const others = own
      .filter((content) => isMemberNow(content, deps.now()) && !nearby.some(({ name }) => name === groupValueOf(content)))
      .map((content) => ({ name: groupValueOf(content), nodes: 0, isJoined: false, isCurrent: false, ...calledBy(content) }))
    const all = [...rows, ...others]
    deps.out(options.json ? json(all) : all.map(formatGroup).join('\n'))
  })
}

function calledBy(content: GroupContent | undefined): { readonly calledBy?: string; readonly isPrivate?: true } {
  if (content === undefined) return {}
  return { isPrivate: true, ...(content.alias === undefined ? {} : { calledBy: content.alias }) }
}

async function ping(deps: CliDeps, text: string | undefined, options: Options): Promise<void> {
  const known = text === undefined ? [] : findGroup(deps.home().groups.read().groups, text)
  const [entry] = known
  const group = known.length === 1 && entry ? groupValueOf(entry.content) : text
  await asking(deps, { node: options.node, meet: {} }, async (node) => {
    const found = parsed(pingView, await node.call('ping', group === undefined ? {} : { group }, PING_MS))
    if (options.json) return deps.out(json(found))
    const lines = found.answers.map(
      ({ name, path, ms }) =>
        `${oneLine(name, 64)}  ${path}  ${ms === undefined ? 'does not answer' : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`}`,
    )
    deps.out([`${found.group}: ${lines.length === 0 ? 'nobody else is here' : `${lines.length} here`}`, ...lines].join('\n'))
  })
}

/** A name is shown to nobody but this user, so it needs no consent of anybody. */
async function rename(deps: CliDeps, text: string | undefined, name: string | undefined): Promise<void> {
  if (text === undefined || name === undefined)
    throw invalid('Say which group and its name: groups rename backend-team:1a2b3c4d5e6f platform')
  const [entry, ...more] = findGroup(deps.home().groups.read().groups, text)
  if (!entry || more.length > 0)
    throw invalid(
      `${JSON.stringify(oneLine(text, 80))} is ${entry ? 'several private groups' : 'no private group of yours'}; sym-mesh-channel groups lists them. The name of an open group is what it is`,
    )
  const alias = name === '-' ? undefined : parseGroupName(name)
  if (name !== '-' && alias === undefined)
    throw invalid(`${JSON.stringify(oneLine(name, 80))} is no name; use lowercase words joined by dashes. Nothing was changed`)
  await entry.change((content) => renameGroup(content, alias))
  deps.out(
    `${groupValueOf(entry.content)} is ${alias === undefined ? 'called as it was' : `${alias} here`}; its value stays, and others see what they saw.`,
  )
}

function formatGroup({
  name,
  nodes,
  isJoined,
  isCurrent,
  calledBy: alias,
  isPrivate,
}: z.infer<typeof nearbyView>[number] & ReturnType<typeof calledBy>): string {
  const mark = isCurrent ? ', current' : isJoined ? ', joined' : ''
  const kind = isPrivate ? `, private${alias === undefined ? '' : `, called ${alias} here`}` : ''
  const who =
    isPrivate && !isJoined ? 'not joined by this session' : nodes === 0 ? 'nobody else here' : nodes === 1 ? '1 node' : `${nodes} nodes`
  return `${oneLine(name, LIMITS.group.nameCharacters)}  ${who}${mark}${kind}`
}

const invalid = (text: string): MeshError => new MeshError('argument-invalid', text)
