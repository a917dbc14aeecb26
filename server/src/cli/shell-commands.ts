/** What a shell and a status line need: completions made from the commands that exist, and one short line. */
import { Argument, type Command } from 'commander'
import { type Commands, json } from './command.ts'
import { statusView } from './views.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

interface Words {
  readonly name: string
  readonly description: string
  readonly options: readonly { readonly long: string; readonly description: string }[]
  /** Fixed words that may follow. */
  readonly choices: readonly string[]
}

export function addShellCommands(program: Command, { deps, add }: Commands): void {
  add(
    'completions',
    'a script that completes commands and options in your shell',
    'completions bash > ~/.local/share/bash-completion/completions/sym-mesh-channel',
  )
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: Shell, options: { json?: boolean }) => {
      const script = completions(shell, wordsOf(program))
      deps.out(options.json ? json({ shell, script }) : script)
    })
  add('statusline', 'one line for the status line of Claude Code: who is here, what is unread', 'statusline').action(
    async (options: { json?: boolean }) => {
      const parsed = statusView.safeParse(await deps.runningStatus()).data
      const line =
        parsed === undefined
          ? 'mesh off'
          : `mesh ${parsed.groups[0]?.name ?? '-'}: ${parsed.peersHere} here of ${parsed.peersKnown}, ${parsed.inbox.unread} unread${parsed.inbox.mentions ? `, ${parsed.inbox.mentions} @` : ''}`
      deps.out(options.json ? json({ line }) : line)
    },
  )
}

function wordsOf(program: Command): readonly Words[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options.flatMap(({ long, description }) => (long ? [{ long, description }] : [])),
    choices: [...command.registeredArguments, ...command.options].flatMap(({ argChoices }) => argChoices ?? []),
  }))
}

/** Descriptions are ours and hold no quote that a shell minds; a test holds every script to its shell's own check. */
export function completions(shell: Shell, words: readonly Words[]): string {
  switch (shell) {
    case 'bash':
      return bash(words)
    case 'zsh':
      return zsh(words)
    case 'fish':
      return fish(words)
  }
}

function bash(words: readonly Words[]): string {
  const cases = words.map(
    ({ name, options, choices }) => `    ${name}) words="${[...options.map(({ long }) => long), ...choices].join(' ')}" ;;`,
  )
  return `_sym_mesh_channel() {
  local words
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${words.map(({ name }) => name).join(' ')}"; fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _sym_mesh_channel sym-mesh-channel`
}

function zsh(words: readonly Words[]): string {
  const cases = words.map(
    ({ name, options, choices }) => `    ${name}) compadd -- ${[...options.map(({ long }) => long), ...choices].join(' ')} ;;`,
  )
  const names = words.map(({ name, description }) => `    ${quoted(`${name}:${description.replaceAll(':', ' ')}`)}`)
  return `#compdef sym-mesh-channel
_sym_mesh_channel() {
  local -a names=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command names; return; fi
  case "$words[2]" in
${cases.join('\n')}
  esac
}
compdef _sym_mesh_channel sym-mesh-channel`
}

function fish(words: readonly Words[]): string {
  const lines = words.flatMap(({ name, description, options, choices }) => {
    const after = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
    return [
      `complete -c sym-mesh-channel -f -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ...options.map(({ long, description: what }) => `complete -c sym-mesh-channel -f ${after} -l ${long.slice(2)} -d ${quoted(what)}`),
      ...(choices.length === 0 ? [] : [`complete -c sym-mesh-channel -f ${after} -a ${quoted(choices.join(' '))}`]),
    ]
  })
  return lines.join('\n')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
