/**
 * What a person lets through to Claude: the mode, do not disturb, mutes. They are written into the settings of this user,
 * and every running session follows within a second; what is kept away stays in the inbox.
 */
import { InvalidArgumentError } from 'commander'
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { parseFingerprint, parseFingerprintPrefix, shortFingerprint } from '../identity/ids.ts'
import { asking, type CliDeps, type Commands, json, parsed } from './command.ts'
import { peerView } from './views.ts'

export type MuteList = 'peers' | 'kinds' | 'groups'

export interface AttentionEditor {
  setMode(mode: string): void
  setDoNotDisturb(isOn: boolean): void
  /** True when it was not muted before. */
  mute(list: MuteList, entry: string): boolean
  /** True when it was muted. */
  unmute(list: MuteList, entry: string): boolean
}

interface Muted {
  readonly list: MuteList
  readonly entry: string
  /** As it is shown. */
  readonly name: string
}

interface Options {
  readonly json?: boolean
  readonly node?: string
}

const MODES: Readonly<Record<string, string>> = {
  push: 'what peers say is shown to Claude',
  inbox: 'nothing is shown to Claude unasked; the inbox has it',
  off: 'sessions are not announced, listen nowhere and send nothing',
}
const SWITCH: Readonly<Record<string, string>> = {
  on: 'nothing is shown to Claude unasked, and peers see it',
  off: 'what peers say is shown to Claude again',
}

export function addAttentionCommands({ deps, add, addForNode }: Commands): void {
  add('mode', 'whether what peers say is shown (push), waits (inbox), or the mesh is off', 'mode inbox')
    .argument('<mode>', 'push, inbox or off', oneOf(MODES))
    .action(async (mode: string, options: Options) => {
      deps.attention().setMode(mode)
      deps.out(options.json ? json({ mode }) : `Mode is ${mode} now, in every session of this user: ${MODES[mode]}.`)
    })
  add('dnd', 'do not disturb: on or off', 'dnd on')
    .argument('<state>', 'on or off', oneOf(SWITCH))
    .action(async (state: string, options: Options) => {
      deps.attention().setDoNotDisturb(state === 'on')
      deps.out(
        options.json ? json({ dnd: state === 'on' }) : `Do not disturb is ${state} now, in every session of this user: ${SWITCH[state]}.`,
      )
    })
  addForNode('mute <what>', 'keep a peer, a kind (kind:claim) or a group (group:web) away from Claude', 'mute group:web').action(
    async (what: string, options: Options) => {
      const muted = await resolve(deps, what, options)
      const isNew = deps.attention().mute(muted.list, muted.entry)
      deps.out(options.json ? json(muted) : `${muted.name} is muted${isNew ? ' now' : ' already'}. What it says stays in the inbox.`)
    },
  )
  addForNode('unmute <what>', 'let a peer, a kind or a group through again', 'unmute group:web').action(
    async (what: string, options: Options) => {
      const muted = await resolve(deps, what, options)
      const wasMuted = deps.attention().unmute(muted.list, muted.entry)
      deps.out(options.json ? json(muted) : `${muted.name} ${wasMuted ? 'is not muted any more' : 'was not muted'}.`)
    },
  )
}

function oneOf(words: Readonly<Record<string, string>>): (text: string) => string {
  return (text) => {
    if (Object.hasOwn(words, text)) return text
    throw new InvalidArgumentError(`One of ${Object.keys(words).join(', ')} is expected.`)
  }
}

/** A name of a peer could be taken by another one, so what is muted is the key. */
async function resolve(deps: CliDeps, what: string, options: Options): Promise<Muted> {
  const [, prefix, rest = ''] = /^(kind|group):(.*)$/s.exec(what) ?? []
  if (prefix === 'kind') return { list: 'kinds', entry: word(rest), name: `Kind ${rest}` }
  if (prefix === 'group') return { list: 'groups', entry: groupName(rest), name: `Group ${rest}` }
  const known = parseFingerprint(what)
  if (known !== undefined) return { list: 'peers', entry: known, name: `Peer ${shortFingerprint(known)}` }
  return resolvePeer(deps, what, options)
}

async function resolvePeer(deps: CliDeps, what: string, options: Options): Promise<Muted> {
  const start = parseFingerprintPrefix(what)
  const found = new Map<string, Muted>()
  await asking(deps, { node: options.node }, async (node) => {
    for (const { name, fingerprint } of parsed(z.array(peerView), await node.call('peers'))) {
      const isMeant = name === what || (start !== undefined && fingerprint.startsWith(start))
      const key = parseFingerprint(fingerprint)
      if (isMeant && key !== undefined) found.set(key, { list: 'peers', entry: key, name: `Peer ${shortFingerprint(key)}` })
    }
  })
  const [one, ...others] = found.values()
  if (one === undefined)
    throw new MeshError(
      'peer-unknown',
      `no peer ${JSON.stringify(what.slice(0, 80))} is known here; nothing was changed. A kind is kind:claim, a group is group:web`,
    )
  if (others.length > 0)
    throw new MeshError(
      'peer-ambiguous',
      `several peers fit; nothing was changed. Say which one by its fingerprint:\n${[one, ...others].map(({ entry }) => `  ${entry}`).join('\n')}`,
    )
  return one
}

function word(text: string): string {
  if (/^[a-z][a-z-]{0,31}$/.test(text)) return text
  throw new MeshError('argument-invalid', 'a kind is a word: message, observation, context, decision, claim, finding, blocker, done')
}

function groupName(text: string): string {
  if (/^[a-z0-9][a-z0-9:-]{0,127}$/.test(text)) return text
  throw new MeshError('argument-invalid', `${JSON.stringify(text.slice(0, 80))} is no group name; it looks like group:backend-team`)
}
