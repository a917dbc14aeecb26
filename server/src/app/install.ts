/** What installing needs to know of this machine and this user: where the host keeps its files, and who can be asked. */
import { rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import { systemClock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import type { InstallDeps } from '../cli/install-commands.ts'
import { listRunFiles } from '../local/run-files.ts'
import { parseGroupName } from '../mmp/group.ts'
import { type Environment, rootFolder } from './settings.ts'

export interface InstallProcess {
  readonly env: Environment
  readonly cwd: string
  /** The folder of this package: two above the bundle that runs. */
  readonly packageRoot: string
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream
  readonly prove: InstallDeps['prove']
}

export function installDeps({ env, cwd, packageRoot, stdin, stderr, prove }: InstallProcess): InstallDeps {
  const home = env['HOME'] || os.homedir()
  const own = env['CLAUDE_CONFIG_DIR']
  const name = env['SYM_NODE_NAME']?.trim()
  return {
    context: {
      hostFolder: own || path.join(home, '.claude'),
      userServers: path.join(own || home, '.claude.json'),
      project: cwd,
      packageRoot,
      now: () => new Date(systemClock.now()),
    },
    nodeName: name || undefined,
    parseGroup: demandGroup,
    prove,
    ask: stdin.isTTY ? (question) => askAtTerminal(question, stdin, stderr) : undefined,
    purge: () => purge(rootFolder(env).value),
  }
}

function demandGroup(text: string): string {
  const group = parseGroupName(text)
  if (group) return group
  throw new MeshError(
    'argument-invalid',
    `${JSON.stringify(text.slice(0, 80))} is no group name. Use lowercase letters, digits and single dashes, like backend-team`,
  )
}

async function askAtTerminal(question: string, input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<boolean> {
  const terminal = createInterface({ input, output })
  try {
    return /^y(?:es)?$/i.test((await terminal.question(question)).trim())
  } finally {
    terminal.close()
  }
}

/** Only what is ours, never the folder as such: a person may have named one that holds more. */
function purge(root: string): string {
  if (listRunFiles(root).length > 0) {
    throw new MeshError(
      'argument-invalid',
      `Sessions of this user are running; nothing in ${root} was deleted. End them, then run it again`,
    )
  }
  for (const name of OWN_NAMES) rmSync(path.join(root, name), { recursive: true, force: true })
  return root
}

const OWN_NAMES = ['nodes', 'run', 'groups', 'locks', 'settings.json', 'trust.json', 'user.json', 'stock.json']
