/** The command `relay`, part of the command line and a program of its own. */
import { Command, CommanderError } from 'commander'
import { messageOf } from '../base/errors.ts'

export interface RelayFlags {
  readonly listen?: string
  readonly state?: string
  readonly tokensFile?: string
  readonly open?: boolean
  readonly cert?: string
  readonly key?: string
  readonly metrics?: string
  readonly trustProxy?: readonly string[]
  readonly limit?: readonly string[]
  readonly config?: string
  readonly json?: boolean
}

export interface RelayCommandDeps {
  /** Runs until the person ends it. */
  relay(flags: RelayFlags): Promise<void>
  readonly out: (line: string) => void
  readonly err: (line: string) => void
}

const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

export function relayCommand(deps: RelayCommandDeps): Command {
  return new Command('relay')
    .description('passes on between networks what it cannot read, and keeps mail for those who are away; runs until Ctrl-C')
    .option('--json', 'print the address as JSON')
    .option('--listen <address>', 'where to listen, addr:port (default: 127.0.0.1:7343)')
    .option('--state <folder>', 'where the mail is kept (default: ~/.sym/relay)')
    .option('--tokens-file <file>', 'one token per line; each is a group of its own')
    .option('--open', 'let anybody in who can reach it')
    .option('--cert <file>', 'certificate, for wss without a proxy')
    .option('--key <file>', 'its private key')
    .option('--metrics <address>', 'serve metrics for Prometheus on this loopback addr:port')
    .option('--trust-proxy <address>', 'believe X-Forwarded-For from this address; can be repeated', gather)
    .option('--limit <name=value>', 'another limit, e.g. perGroup=512; can be repeated', gather)
    .option('--config <file>', 'a JSON file with the same settings')
    .allowExcessArguments(false)
    .addHelpText('after', '\nExample:\n  $ sym-mesh-channel relay --listen 0.0.0.0:7343 --tokens-file tokens.txt')
    .action(async (flags: RelayFlags) => deps.relay(flags))
}

/** The relay alone, as its own program; resolves to the exit code. */
export async function runRelayProgram(argv: readonly string[], version: string, deps: RelayCommandDeps): Promise<number> {
  const program = relayCommand(deps)
    .name('sym-mesh-channel-relay')
    .version(version)
    .showHelpAfterError('(--help lists what is accepted)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => deps.out(text.trimEnd()), writeErr: (text) => deps.err(text.trimEnd()) })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return 0
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
    deps.err(messageOf(thrown))
    return 1
  }
}
