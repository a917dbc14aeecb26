/** What a person reads: the help of every command, and the status. A change of a word is a change of the snapshot. */
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { formatStatus } from '../../../server/src/cli/format.ts'
import { createProgram } from '../../../server/src/cli/program.ts'
import type { StatusLines } from '../../../server/src/cli/views.ts'
import { cliDeps } from '../../support/cli.ts'

/** As on a terminal of 100 columns. */
const wide = (command: Command): Command => command.configureHelp({ ...command.configureHelp(), helpWidth: 100 })

function all(command: Command, above = ''): (readonly [string, Command])[] {
  const name = `${above}${command.name()}`
  return [[name, wide(command)], ...command.commands.flatMap((one) => all(one, `${name} `))]
}

describe('the help of', () => {
  it.each(all(createProgram(cliDeps())))('%s', (_, command) => {
    let shown = ''
    command.configureOutput({ ...command.configureOutput(), writeOut: (text) => (shown += text), getOutHelpWidth: () => 100 })
    command.outputHelp()
    expect(shown).toMatchSnapshot()
  })
})

describe('the status of', () => {
  const quiet: StatusLines = {
    ...{ name: 'claude-desk-api', nodeId: '018f47a0-7b21-7abc-8def-0000000000aa', fingerprint: '7f6f62394ca6ce36'.repeat(4) },
    groups: [{ name: 'default', serviceType: '_sym._tcp' }],
    ...{ peersHere: 0, peersKnown: 0, listen: ['0.0.0.0:40001'], problems: [] },
    ...{ inbox: { total: 0, unread: 0 }, outbox: { waiting: 0 }, memory: { items: 0 } },
  }

  it('a node of the command line that knows nobody', () => {
    expect(formatStatus(quiet, true)).toMatchSnapshot()
  })

  it('a running session with everything there is to say [R146]', () => {
    const busy: StatusLines = {
      ...quiet,
      ...{ pid: 4711, project: '/home/ann/api', peersHere: 2, peersKnown: 5, peersHidden: 1 },
      groups: [
        { name: 'backend-team:0123456789ab', serviceType: '_sym._tcp', peersHere: 1 },
        { name: 'default', serviceType: '_sym._tcp', peersHere: 1 },
      ],
      inbox: { total: 9, unread: 3, mentions: 1 },
      outbox: { waiting: 2 },
      memory: { items: 120 },
      notes: ['Stock MMP nodes are heard in the inbox only in default (policy warn)'],
      problems: ['Relay relay.example: it refuses the token'],
    }
    expect(formatStatus(busy, false)).toMatchSnapshot()
  })
})
