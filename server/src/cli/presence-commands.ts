/** Commands about who is here and what this session says of itself. */
import { Option } from 'commander'
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { PLACES } from '../mesh/views.ts'
import { asking, type Commands, json, parsed } from './command.ts'
import { formatPeers, formatProfile } from './format.ts'
import { peerView, profileView } from './views.ts'

interface ProfileOptions {
  readonly json?: boolean
  readonly node?: string
  readonly summary?: string
  readonly role?: string
  readonly tags?: string
  readonly hide?: boolean
  readonly show?: boolean
}

export function addPresenceCommands({ deps, addForNode }: Commands): void {
  addForNode('peers', 'who is here and who was, and what they do', 'peers --here --where machine')
    .option('--here', 'only those that are here now')
    .addOption(new Option('--where <place>', 'only peers of this machine, project folder, repository or group').choices(PLACES))
    .action(async (options) =>
      asking(deps, { node: options.node, meet: {} }, async (node) => {
        const query = { isHereOnly: options.here === true, ...(options.where ? { where: options.where } : {}) }
        const peers = parsed(z.array(peerView), await node.call('peers', query))
        deps.out(options.json ? json(peers) : formatPeers(peers, deps.now(), options.where))
      }),
    )
  addForNode('profile', 'what this session says of itself, and what peers see of it', 'profile --summary "reviewing the importer" --show')
    .option('--summary <text>', 'what the session does; an empty text takes it back')
    .option('--role <word>', 'what the session is here for, like reviewer; an empty text takes it back')
    .option('--tags <words>', 'what it can be asked for, like rust,ci: others write to #rust; an empty text takes them back')
    .addOption(new Option('--hide', 'peers leave the session out of their lists; those who know it can still write').conflicts('show'))
    .option('--show', 'the end of --hide')
    .action(async (options: ProfileOptions) =>
      asking(deps, { node: options.node }, async (node) => {
        const changes = changesOf(options)
        if (changes !== undefined && node.isOwn) {
          throw new MeshError(
            'unreachable',
            'no session of this project is running, so there is nothing to change; start one and try again',
          )
        }
        const profile = parsed(profileView, await (changes ? node.call('setProfile', changes) : node.call('profile')))
        deps.out(options.json ? json(profile) : formatProfile(profile))
      }),
    )
}

function changesOf({ summary, role, tags, hide, show }: ProfileOptions): object | undefined {
  const changes = {
    ...(summary === undefined ? {} : { summary }),
    ...(role === undefined ? {} : { role }),
    ...(tags === undefined ? {} : { tags: tags.split(/[\s,]+/).filter((tag) => tag !== '') }),
    ...(hide || show ? { isHidden: hide === true } : {}),
  }
  return Object.keys(changes).length === 0 ? undefined : changes
}
