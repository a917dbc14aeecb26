/**
 * What a person decides about stock MMP nodes: whether a group admits them, and that one may come again with other keys.
 * Changes `stock.json` and nothing else; running sessions watch it. No tool and no request over a socket can do it.
 */
import { MeshError } from '../base/errors.ts'
import { parseNodeId } from '../identity/ids.ts'
import { policyOf, reset, STOCK_POLICIES, type StockContent, type StockPolicy, setPolicy } from '../mesh/stock-file.ts'
import { type GroupName, isPrivateValue, parseGroupName } from '../mmp/group.ts'
import { type CliDeps, type Commands, json } from './command.ts'
import { agrees, demandPerson } from './terminal.ts'

interface StockOptions {
  readonly reset?: string
  readonly json?: boolean
}

const MEANING: Readonly<Record<StockPolicy, string>> = {
  off: 'none is let in, nothing is announced for them, and links to them end.',
  warn: 'what they say waits in the inbox and reaches Claude only when asked for; they get what is addressed to them, sealed in their way.',
  allow:
    'they are peers: what they sign reaches Claude, marked as legacy, and what is said to the group goes to them, sealed in their way, or in clear on the local network to one that offers no key.',
}
const WARNING =
  'Stock nodes prove no key when they connect, and their encryption is weaker than ours: no forward secrecy, and author, time, group and recipient in clear.'

export function addStockCommand({ deps, add }: Commands): void {
  add('stock [group] [policy]', 'whether a group admits stock MMP nodes: off, warn or allow; alone: what is set', 'stock default allow')
    .option('--reset <node>', 'let the node of this id come as a stock node again, or with another key')
    .action(async (group: string | undefined, policy: string | undefined, options: StockOptions) => stock(deps, group, policy, options))
}

async function stock(deps: CliDeps, name: string | undefined, level: string | undefined, options: StockOptions): Promise<void> {
  if (options.reset !== undefined) return resetNode(deps, options.reset, name)
  if (name === undefined) return list(deps, options.json === true)
  const group = demandGroup(name)
  const policy = STOCK_POLICIES.find((one) => one === level)
  if (policy === undefined)
    throw invalid(`the policy is ${STOCK_POLICIES.join(', ')}, not ${JSON.stringify((level ?? '').slice(0, 40))}. Nothing was changed`)
  demandPerson(deps.terminal)
  const warning = policy === 'off' ? '' : `\n${WARNING}`
  const now = policyOf(read(deps), group)
  if (
    !(await agrees(deps.terminal, `Stock MMP nodes in ${group}, now ${now}. With ${policy} ${MEANING[policy]}${warning}\nSet ${policy}?`))
  )
    return deps.out('Nothing was changed.')
  await deps.home().stock.change((content) => setPolicy(content, group, policy, deps.now()))
  deps.out(`Stock MMP nodes in ${group}: ${policy}. It counts at once, in all sessions.`)
}

async function resetNode(deps: CliDeps, text: string, extra: string | undefined): Promise<void> {
  const nodeId = parseNodeId(text)
  if (!nodeId || extra !== undefined)
    throw invalid('--reset takes the node id that the problem names, and nothing else. Nothing was changed')
  demandPerson(deps.terminal)
  const question = `Forget that ${nodeId} was secure, and which keys it had? Whoever comes with this id next is taken for it.`
  if (!(await agrees(deps.terminal, question))) return deps.out('Nothing was changed.')
  await deps.home().stock.change((content) => reset(content, nodeId, deps.now()))
  deps.out(`${nodeId} may come as a stock node again, where a group admits any.`)
}

function list(deps: CliDeps, isJson: boolean): void {
  const { groups } = read(deps)
  const lines = Object.entries(groups).map(
    ([group, { policy, at }]) => `${group}  ${policy}  since ${new Date(at).toISOString().slice(0, 10)}`,
  )
  const none = 'No group admits stock MMP nodes.'
  deps.out(isJson ? json(groups) : lines.length === 0 ? none : lines.join('\n'))
}

function read(deps: CliDeps): StockContent {
  const state = deps.home().stock.read()
  if (state.kind === 'broken') throw new MeshError('store-unreadable', state.problem)
  return state.value
}

function demandGroup(name: string): GroupName {
  if (isPrivateValue(name)) throw invalid('a private group never admits stock nodes: they cannot show a certificate. Nothing was changed')
  const group = parseGroupName(name)
  if (group) return group
  throw invalid(`${JSON.stringify(name.slice(0, 80))} is no group; use lowercase words joined by dashes, like backend-team`)
}

const invalid = (text: string): MeshError => new MeshError('argument-invalid', text)
