/** Commands about this node's own key: who it is, and taking it to another machine. */
import { Argument } from 'commander'
import { systemRandom } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { parseFingerprint, shortFingerprint } from '../identity/ids.ts'
import { lockVault, openVault } from '../secure/vault.ts'
import { wordsOf } from '../secure/words.ts'
import { asking, type CliDeps, type Commands, json, parsed } from './command.ts'
import { demandPerson } from './terminal.ts'
import { statusView } from './views.ts'

interface IdentityOptions {
  readonly node?: string
  readonly file?: string
  readonly json?: boolean
}

export function addIdentityCommands({ deps, addForNode }: Commands): void {
  addForNode('identity', 'who this node is; its key under a passphrase, out to a file and in again', 'identity export --file claude.vault')
    .addArgument(new Argument('<action>', 'what to do').choices(['show', 'export', 'import']))
    .option('--file <path>', 'the file to write, or to read')
    .action(async (action: string, options: IdentityOptions) => {
      if (action === 'show') return show(deps, options)
      demandPerson(deps.terminal)
      if (options.file === undefined) throw new MeshError('argument-invalid', `say which file: identity ${action} --file claude.vault`)
      return action === 'export' ? exportTo(deps, options.file, options) : importFrom(deps, options.file)
    })
}

async function show(deps: CliDeps, options: IdentityOptions): Promise<void> {
  await asking(deps, { node: options.node }, async (node) => {
    const { name, nodeId, fingerprint } = parsed(statusView, await node.call('status'))
    const key = parseFingerprint(fingerprint)
    const words = key ? wordsOf(key).join(' ') : ''
    const lines = [`Name         ${name}`, `Fingerprint  ${fingerprint}`, `Words        ${words}`, `Node id      ${nodeId}`]
    deps.out(options.json ? json({ name, nodeId, fingerprint, words }) : lines.join('\n'))
  })
}

async function exportTo(deps: CliDeps, file: string, options: IdentityOptions): Promise<void> {
  const name = await asking(deps, { node: options.node }, async (node) => parsed(statusView, await node.call('status')).name)
  const passphrase = await deps.terminal.askSecret('Passphrase, at least 12 characters: ')
  if ((await deps.terminal.askSecret('The same again: ')) !== passphrase)
    throw new MeshError('argument-invalid', 'the two are not the same; nothing was written')
  const home = deps.home()
  home.writeNewFile(file, lockVault(home.exportIdentity(name), passphrase, systemRandom))
  deps.out(
    `The key of ${name} is in ${file}. On the other machine: sym-mesh-channel identity import --file ${file}. Use it on one machine at a time.`,
  )
}

async function importFrom(deps: CliDeps, file: string): Promise<void> {
  const home = deps.home()
  const opened = openVault(home.readFile(file), await deps.terminal.askSecret('Passphrase: '))
  if (opened.kind === 'rejected')
    throw new MeshError(
      'argument-invalid',
      opened.rule === 'no-vault' ? `${file} is no exported identity` : 'the passphrase is wrong, or the file was changed',
    )
  const { name, fingerprint, user } = await home.importIdentity(opened.text)
  deps.out(`${name} (${shortFingerprint(fingerprint)}) is here. A session takes it with SYM_NODE_NAME=${name}; peers know it by its key.`)
  if (user === 'here') deps.out('Your own key, for private groups, is here too; the groups themselves are joined by a new invite.')
  if (user === 'another')
    deps.out(
      'Your own key, for private groups, was not brought in: this machine has another one already, and it stays. Its groups need it.',
    )
}
