/** What people do beside plain sending, between real sessions: name somebody, take something back, hand over a file, catch up. */
import { afterEach, describe, expect, it } from 'vitest'
import { type Ran, runCommand } from '../support/cli-run.ts'
import type { ServerProcess } from '../support/server.ts'
import { met, Sessions } from '../support/sessions.ts'

const sessions = new Sessions()
afterEach(() => sessions.end())

/** Two users on one machine that know each other's address; what comes waits in the inbox, so that nothing is read by chance. */
async function pair() {
  const [here, there] = [sessions.home({ mode: 'inbox' }), sessions.home({ mode: 'inbox' })]
  const bob = await sessions.start(here, 'bob', { env: { SYM_NODE_NAME: 'bob' } })
  const address = `127.0.0.1:${await bob.port()}`
  const alice = await sessions.start(there, 'alice', { env: { SYM_NODE_NAME: 'alice', SYM_PEERS: address } })
  await met(alice, bob)
  const type = (who: 'alice' | 'bob', ...args: readonly string[]): Promise<Ran> =>
    runCommand({ ...(who === 'bob' ? here : there), env: { SYM_LISTEN: '127.0.0.1:0', SYM_NODE_NAME: who } }, who, args)
  return { alice, bob, type, here, there }
}

const textOf = async (server: ServerProcess, tool: string, args: object = {}): Promise<string> => (await server.call(tool, args)).text

describe('@name', () => {
  it('is told to the sender, counted by who is named in every overview, and listed alone [R54]', async () => {
    const { alice, bob, type } = await pair()
    const sent = await textOf(alice, 'sym_send', { focus: '@bob please look at the importer, not @nobody' })
    expect(sent).toMatch(/^Named in it: bob \([0-9a-f ]{19}\)$/m)
    await textOf(alice, 'sym_observe', { focus: 'lunch is at noon' })
    const status = await bob.callUntil('sym_status', {}, (text) => text.includes('2 unread'))
    expect(status).toContain('Inbox: 2 unread of 2, 1 of them naming this session')
    expect((await type('bob', 'status')).out).toContain('Inbox    2 unread of 2, 1 of them naming this session')
    expect((await type('bob', 'statusline')).out).toContain('2 unread, 1 @')
    const listed = (await type('bob', 'inbox', '--mentions')).out
    expect(listed).toContain('to group default, naming this session')
    expect(listed).not.toContain('lunch')
    const line = (await bob.ask('take', { event: 'SessionStart' })) as { ok: { text: string } | null }
    expect(line.ok?.text).toContain('2 unread, 1 of them naming this session.')
    const inbox = await textOf(bob, 'sym_inbox', { mentions: true })
    expect(inbox).toContain('to the group, naming this session')
    expect(inbox).not.toContain('lunch')
    expect(inbox).toContain('Unread before this: 2, 1 of them naming this session.')
    expect(await textOf(bob, 'sym_status')).toMatch(/Inbox: 1 unread of 2;/)
  })
})
