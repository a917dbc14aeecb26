/**
 * A private group in the real client: the lead types /mesh-invite and says yes, the teammate types /mesh-join with the
 * link, is shown where it leads, says yes, and is in the group, in the next session too. Two homes that share no folder.
 */
import net from 'node:net'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { describeClients } from '../support/claude-client/describe-clients.mjs'
import type { Rule } from '../support/claude-client/fake-model.mjs'
import { Sandbox, type StreamSession, shown, until } from '../support/claude-client/sandbox.mjs'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const PLUGIN = 'sym-mesh-channel@sym-mesh-channel'
const LINK = /sym:\/\/join#v1\.[A-Za-z0-9_-]+/
const WAIT_MS = 60_000
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

/** The model does what the command tells it: asks first, and calls the tool after the yes. */
const ends: Rule = { name: 'end', when: { isToolResult: true }, times: 0, reply: 'Shall I go on?' }
const linkIn = (text: string): string => LINK.exec(text)?.[0] ?? 'no link'

async function person(client: string, name: string, env: Record<string, string>, rules: readonly Rule[]) {
  const one = await Sandbox.create({ client, rules: [ends, ...rules, { times: 0, reply: 'DONE' }], env: { SYM_NODE_NAME: name, ...env } })
  cleanups.push(() => one.close())
  await one.install(ROOT, PLUGIN)
  const all = (): string => one.requests().map(shown).join('\n')
  const isShown = (what: RegExp): Promise<string> => until(() => what.exec(all())?.[0], { ms: WAIT_MS, what: String(what) })
  const turns = (session: StreamSession): number => session.events.filter((event) => event['type'] === 'result').length
  const say = async (session: StreamSession, text: string): Promise<void> => {
    const before = turns(session)
    session.send(text)
    await until(() => turns(session) > before, { ms: WAIT_MS, what: `the end of the turn after ${text}` })
  }
  /** A busy machine takes its time to start the server, and the client does not wait for it. */
  const stream = async (): Promise<StreamSession> => {
    const session = one.stream()
    cleanups.push(() => session.end())
    const hasTools = (): boolean =>
      one
        .requests()
        .at(-1)
        ?.body.tools?.some(({ name: tool }) => tool.endsWith('__sym_join_group')) ?? false
    do await say(session, 'good morning')
    while (!hasTools())
    return session
  }
  const configured = (): unknown => JSON.parse(JSON.stringify(one.settings())).pluginConfigs?.[PLUGIN]?.options?.group
  return { one, all, isShown, say, stream, configured }
}

describeClients('private groups', ({ bin }) => {
  it('are made, joined and kept by what two people type [R93] [R90] [R95] [R135]', async () => {
    const port = await freePort()
    const alice = await person(bin, 'alice', { SYM_LISTEN: `127.0.0.1:${port}` }, [
      {
        name: 'make',
        when: { lastText: 'yes, make it' },
        times: 0,
        reply: { tool: 'sym_invite_create', input: { group: 'backend-team', private: true } },
      },
    ])
    const bob = await person(bin, 'bob', { SYM_LISTEN: '127.0.0.1:0', SYM_PEERS: `127.0.0.1:${port}` }, [
      {
        name: 'look',
        when: { lastText: 'wants this session to join a mesh group' },
        times: 0,
        reply: ({ anyText }) => ({ tool: 'sym_invite_info', input: { link: linkIn(anyText) } }),
      },
      {
        name: 'join',
        when: { lastText: 'yes, join' },
        times: 0,
        reply: ({ anyText }) => ({ tool: 'sym_join_group', input: { link: linkIn(anyText) } }),
      },
      { name: 'which', when: { lastText: 'where are we' }, times: 0, reply: { tool: 'sym_group_info', input: {} } },
    ])
    const lead = await alice.stream()
    await alice.say(lead, '/mesh-invite backend-team')
    expect(alice.all()).not.toMatch(LINK)
    await alice.say(lead, 'yes, make it')
    const value =
      /Joined (backend-team:[0-9a-f]{12}) \(private/.exec(await alice.isShown(/Joined backend-team:[0-9a-f]{12} \(private/))?.[1] ?? ''
    const link = linkIn(alice.all())
    await until(() => alice.configured() === value, { ms: WAIT_MS, what: 'the group of the lead is kept' })

    const mate = await bob.stream()
    await bob.say(mate, `/mesh-join ${link}`)
    expect(bob.all()).toMatch(
      /Private group {2}backend-team\\nInvited by .*\\nGood until .*To join, once the user has said yes: sym_join_group/,
    )
    expect(bob.all()).not.toContain('Joined')
    await bob.say(mate, 'yes, join')
    await bob.isShown(/Joined backend-team:[0-9a-f]{12} \(private: by invite alone\)\. Left default/)
    expect(bob.all()).toContain(`Mesh: the next sessions start in group ${value}`)
    expect(bob.configured()).toBe(value)
    await mate.end()

    const { code, err } = await bob.one.print('where are we?')
    expect(code, err).toBe(0)
    expect(await bob.isShown(new RegExp(`Group ${value} \\(private`))).toContain(value)
  }, 180_000)
})
