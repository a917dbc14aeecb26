/** Joining by a link at the command line, with a node that the test plays. */
import { describe, expect, it } from 'vitest'
import type { NodeAccess } from '../../../server/src/cli/command.ts'
import { runCli } from '../../../server/src/cli/program.ts'
import { cliDeps } from '../../support/cli.ts'

const PRIVATE_RELAY = 'wss://10.0.0.5:8443/'
const LINK = `sym://team/backend-team?relay=${encodeURIComponent(PRIVATE_RELAY)}`

function scene(knownRelays: readonly string[]) {
  const joins: unknown[] = []
  const lines: string[] = []
  const node: NodeAccess = {
    isOwn: false,
    call: async (method, params) => {
      if (method === 'known-relays') return knownRelays
      joins.push(params)
      return { groups: ['backend-team'], joined: ['backend-team'], left: ['default'], waiting: 0, kept: 'session' }
    },
    watch: async () => {},
    follow: async () => {},
    close: async () => {},
  }
  const deps = cliDeps({ open: async () => node, out: (line) => lines.push(line), err: (line) => lines.push(line) })
  return { join: () => runCli(['join', LINK, '--yes'], deps), joins, text: () => lines.join('\n') }
}

describe('a link with a relay in a private network', () => {
  it('is refused where nobody configured that relay, and says which rule it breaks [R95] [B8]', async () => {
    const { join, joins, text } = scene(['wss://relay.example/'])
    expect(await join()).not.toBe(0)
    expect(text()).toMatch(/private network.*Nothing was changed/s)
    expect(joins).toEqual([])
  })

  it('is followed where this node is at that relay already', async () => {
    const { join, joins, text } = scene([PRIVATE_RELAY])
    expect([await join(), text()]).toEqual([0, expect.stringContaining('backend-team')])
    expect(joins).toEqual([{ group: 'backend-team', keep: false, ephemeral: false, relay: { url: PRIVATE_RELAY } }])
  })
})
