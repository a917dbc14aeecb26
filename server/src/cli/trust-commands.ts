/**
 * Commands by which a person decides who may speak. They change `trust.json` and nothing else; running sessions watch it,
 * so a decision counts at once, and no request over a socket can make one.
 */
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { type Fingerprint, parseFingerprint, parseNodeId, shortFingerprint } from '../identity/ids.ts'
import { resolvePeer } from '../mesh/resolve.ts'
import { admit, block, dropPetname, forgetTrust, givePetname, type TrustContent, verify } from '../mesh/trust-file.ts'
import { isPrivateValue } from '../mmp/group.ts'
import { via } from '../mmp/wire.ts'
import { wordsOf } from '../secure/words.ts'
import { asking, type CliDeps, type Commands, json, type NodeAccess, parsed, whole } from './command.ts'
import { formatRequests, formatTrust } from './format-trust.ts'
import { agrees, demandPerson } from './terminal.ts'
import { personView, requestView, statusView } from './views.ts'

/** Strict where it decides whom a command means. */
const peer = z.looseObject({
  name: z.string(),
  isPetname: z.boolean(),
  fingerprint: via(parseFingerprint),
  nodeId: via(parseNodeId),
  group: z.string(),
  trust: z.string(),
  isHere: z.boolean(),
})
type Peer = z.infer<typeof peer>

interface Whom {
  readonly fingerprint: Fingerprint
  readonly name: string
  readonly group: string
  /** Whose session it is, where a private group has proven it. */
  readonly person?: Fingerprint | undefined
}

interface PeerOptions {
  readonly node?: string
  readonly days?: number
}

const DAY_MS = 86_400_000

export function addTrustCommands({ deps, addForNode }: Commands): void {
  addForNode(
    'trust <peer>',
    'let a key in whatever the limits of the group say; "trust list" and "trust requests" show',
    'trust 1a2b3c4d5e6f7a8b',
  )
    .option('--days <n>', 'for so many days, else until it is taken back', whole)
    .action(async (text: string, options) => trust(deps, text, options))
  addForNode('verify <peer>', 'compare words with a peer, by voice, and note that they match', 'verify claude-laptop-api').action(
    async (text: string, options) => compare(deps, text, options),
  )
  addForNode('block <peer>', 'hear nothing more of a key; it is not told', 'block 1a2b3c4d5e6f7a8b').action(async (text: string, options) =>
    decide(deps, text, options, {
      question: 'Block it? Its words are dropped and it sees you as away; it is not told.',
      change: (content, { fingerprint }, now) => block(content, fingerprint, now),
      done: 'is blocked',
    }),
  )
  addForNode('unblock <peer>', 'take back a block, or the word that keys were compared', 'unblock 1a2b3c4d5e6f7a8b').action(
    async (text: string, options) =>
      decide(deps, text, options, {
        question: 'Take back what was decided about it? The rules of the group count again.',
        change: (content, { fingerprint, person }, now) => {
          const rest = forgetTrust(content, fingerprint, now)
          return person === undefined ? rest : forgetTrust(rest, person, now)
        },
        done: 'is as any other key again',
      }),
  )
  addForNode(
    'petname <peer> <name>',
    'your own name for a key, shown in the place of what it calls itself; - takes it back',
    'petname 1a2b3c4d5e6f7a8b anna',
  ).action(async (text: string, name: string, options) =>
    decide(deps, text, options, {
      question: name === '-' ? 'Take its petname back?' : `Call it ${JSON.stringify(name)}?`,
      change: (content, { fingerprint }, now) =>
        name === '-' ? dropPetname(content, fingerprint, now) : givePetname(content, fingerprint, name, now),
      done: name === '-' ? 'has no petname' : `is ${name} here`,
    }),
  )
}

/** `list`, `requests` and `floor` are words of the command; a peer of that name is meant by its fingerprint. */
async function trust(deps: CliDeps, text: string, options: PeerOptions & { readonly json?: boolean }): Promise<void> {
  if (text === 'list') return listDecisions(deps, options.json === true)
  if (text === 'requests') return listRequests(deps, options)
  const until = options.days === undefined ? undefined : deps.now() + options.days * DAY_MS
  await decide(deps, text, options, {
    question: `Let it in${options.days === undefined ? '' : ` for ${options.days} days`}? Its words reach Claude then, quoted and within the budget.`,
    change: (content, { fingerprint, group }, now) => admit(content, fingerprint, group, now, until),
    done: 'is let in',
  })
}

function listDecisions(deps: CliDeps, isJson: boolean): void {
  const state = deps.home().trust.read()
  if (state.kind === 'broken') throw new MeshError('store-unreadable', state.problem)
  deps.out(isJson ? json(state.value) : formatTrust(state.value, deps.now()))
}

async function listRequests(deps: CliDeps, options: PeerOptions & { readonly json?: boolean }): Promise<void> {
  await asking(deps, { node: options.node }, async (node) => {
    const requests = parsed(z.array(requestView), await node.call('requests'))
    deps.out(options.json ? json(requests) : formatRequests(requests, deps.now()))
  })
}

interface Decision {
  readonly question: string
  readonly change: (content: TrustContent, whom: Whom, now: number) => TrustContent
  readonly done: string
}

async function decide(deps: CliDeps, text: string, options: PeerOptions, { question, change, done }: Decision): Promise<void> {
  demandPerson(deps.terminal)
  const whom = await find(deps, text, options)
  const shown = `${whom.name}  ${shortFingerprint(whom.fingerprint)}  ${whom.group}`
  if (!(await agrees(deps.terminal, `${shown}\n${question}`))) return deps.out('Nothing was changed.')
  await deps.home().trust.change((content) => change(content, whom, deps.now()))
  deps.out(`${whom.name} (${shortFingerprint(whom.fingerprint)}) ${done}.`)
}

async function compare(deps: CliDeps, text: string, options: PeerOptions): Promise<void> {
  demandPerson(deps.terminal)
  const whom = await find(deps, text, options)
  const { person, fingerprint } = whom
  const isPerson = person !== undefined
  const theirs = person ?? fingerprint
  const ownKey = isPerson ? (await deps.home().userKey()).fingerprint : await ownFingerprint(deps, options)
  deps.out(
    [
      ...(isPerson ? [`${whom.name} is a session of a person in ${whom.group}: compared once, for all sessions of both.`] : []),
      `Compare by voice or in one room, not over the mesh. ${whom.name} runs: sym-mesh-channel verify <your name>`,
      `  yours, read it aloud:    ${wordsOf(ownKey).join(' ')}`,
      `  theirs, must be the same: ${wordsOf(theirs).join(' ')}`,
    ].join('\n'),
  )
  if (!(await agrees(deps.terminal, 'Do both lines match on both sides?')))
    return deps.out('Nothing was changed. If they differ, somebody is between you: block it.')
  await deps.home().trust.change((content) => verify(content, theirs, deps.now()))
  deps.out(`${whom.name} (${shortFingerprint(theirs)}) is verified${isPerson ? ', and so is every session of this person' : ''}.`)
}

async function ownFingerprint(deps: CliDeps, { node: name }: PeerOptions): Promise<Fingerprint> {
  const own = await asking(deps, { node: name }, async (node) => parsed(statusView, await node.call('status')).fingerprint)
  const key = parseFingerprint(own)
  if (!key) throw new MeshError('internal', 'the node gave no fingerprint of its own')
  return key
}

/** A peer of the lists, somebody who asks to be let in, or any key by its full fingerprint. */
async function find(deps: CliDeps, text: string, { node: name }: PeerOptions): Promise<Whom> {
  return asking(deps, { node: name, meet: { to: text } }, async (node) => {
    const peers = parsed(z.array(peer), await node.call('peers'))
    const requests = parsed(z.array(requestView), await node.call('requests'))
    const group = parsed(statusView, await node.call('status')).groups[0]?.name ?? 'default'
    return withPerson(node, pick(text, peers, requests, group))
  })
}

/** In a private group a person's key vouches for each session's, so it is what two people compare. */
async function withPerson(node: NodeAccess, whom: Whom): Promise<Whom> {
  if (!isPrivateValue(whom.group)) return whom
  const people = parsed(z.array(personView), await node.call('people')).filter(({ group }) => group === whom.group)
  return { ...whom, person: people.find(({ sessions }) => sessions.some((one) => one.fingerprint === whom.fingerprint))?.user }
}

function pick(text: string, peers: readonly Peer[], requests: readonly z.infer<typeof requestView>[], group: string): Whom {
  const found = resolvePeer(text, peers)
  if (found.kind === 'one') return found.peer
  if (found.kind === 'several') {
    const lines = found.peers.map((one) => `  ${one.name}  ${shortFingerprint(one.fingerprint)}`)
    throw new MeshError(
      'peer-ambiguous',
      [`${JSON.stringify(text)} means several; nothing was changed. Say which one:`, ...lines].join('\n'),
    )
  }
  const digits = text.replace(/[ :-]/g, '').toLowerCase()
  const asked = requests.filter((request) => digits.length >= 8 && request.fingerprint.startsWith(digits))
  const [one] = asked
  if (one && asked.every(({ fingerprint }) => fingerprint === one.fingerprint)) return one
  const whole = parseFingerprint(digits)
  if (whole) return { fingerprint: whole, name: shortFingerprint(whole), group }
  throw new MeshError(
    'peer-unknown',
    `no peer is ${JSON.stringify(text)}; nothing was changed. sym-mesh-channel peers lists names and fingerprints`,
  )
}
