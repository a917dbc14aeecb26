/**
 * The command line: what a person or a program runs without Claude. It asks the running session of this project, and
 * where none runs it is the node itself for as long as the command takes.
 *
 * Exit codes: 0 done, 1 it could not be done (the reason is on stderr), 2 the command was not understood, or `init` left
 * an entry alone that works, 3 and 4 what `doctor` found is degraded or broken; `launch` gives Claude Code's own.
 */
import { Command, CommanderError } from 'commander'
import { messageOf } from '../base/errors.ts'
import { addAttentionCommands } from './attention-commands.ts'
import { type CliDeps, commandsOf } from './command.ts'
import { addDoctorCommands } from './doctor-commands.ts'
import { addGroupCommands } from './group-commands.ts'
import { addGroupsCommand } from './groups-command.ts'
import { addIdentityCommands } from './identity-commands.ts'
import { addInboxCommands } from './inbox-commands.ts'
import { addInstallCommands } from './install-commands.ts'
import { addLogCommands } from './log-commands.ts'
import { addLookCommands } from './look-commands.ts'
import { addMemoryCommands } from './memory-commands.ts'
import { addOutboxCommands } from './outbox-commands.ts'
import { addOwnCommands } from './own-commands.ts'
import { addPolicyCommands } from './policy-commands.ts'
import { addPresenceCommands } from './presence-commands.ts'
import { addPrivateCommands } from './private-commands.ts'
import { addProcessCommands } from './process-commands.ts'
import { addReconnectCommand } from './reconnect-command.ts'
import { relayCommand } from './relay-command.ts'
import { addShellCommands } from './shell-commands.ts'
import { addSpeakCommands } from './speak-commands.ts'
import { addStockCommand } from './stock-commands.ts'
import { addTalkCommands } from './talk-commands.ts'
import { addTrustCommands } from './trust-commands.ts'
import { addWatchCommand } from './watch-command.ts'

/** Runs one command; resolves to the exit code. */
export async function runCli(argv: readonly string[], deps: CliDeps): Promise<number> {
  const program = createProgram(deps)
  if (argv.length === 0) {
    deps.out(program.helpInformation().trimEnd())
    return 0
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return 0
  } catch (thrown) {
    if (thrown instanceof CommanderError) return exitCodeOf(thrown)
    deps.err(deps.isDebug && thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown))
    return 1
  }
}

/** Ours are meant; the library's own faults are all of one kind: not understood. */
function exitCodeOf({ code, exitCode }: CommanderError): number {
  return exitCode === 0 || code.startsWith('sym.') ? exitCode : 2
}

const EXIT_CODES = `
Exit codes: 0 done; 1 it could not be done, with the reason; 2 not understood, or init left an entry alone that works;
doctor: 0 healthy, 3 degraded, 4 broken (init: 4 when its proof failed); launch: as Claude Code ended.`

export function createProgram(deps: CliDeps): Command {
  const program = new Command('sym-mesh-channel')
    .description('Claude Code sessions that find each other and talk. Without a command: this help.')
    .version(deps.version)
    .showSuggestionAfterError()
    .showHelpAfterError('(--help lists what is accepted)')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({ writeOut: (text) => deps.out(text.trimEnd()), writeErr: (text) => deps.err(text.trimEnd()) })
  const commands = commandsOf(program, deps)
  addLookCommands(commands)
  addPresenceCommands(commands)
  addInboxCommands(commands)
  addWatchCommand(commands)
  addSpeakCommands(commands)
  addTalkCommands(commands)
  addAttentionCommands(commands)
  addOutboxCommands(commands)
  addLogCommands(commands)
  addProcessCommands(commands)
  addOwnCommands(commands)
  addMemoryCommands(commands)
  addGroupsCommand(commands)
  addGroupCommands(commands)
  addInstallCommands(commands)
  addDoctorCommands(commands)
  addReconnectCommand(commands)
  program.addCommand(relayCommand(deps).copyInheritedSettings(program))
  addShellCommands(program, commands)
  addTrustCommands(commands)
  addStockCommand(commands)
  addPolicyCommands(commands)
  addPrivateCommands(commands)
  addIdentityCommands(commands)
  return program
}
