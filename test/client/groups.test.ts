/**
 * Groups in the real client: a link is made, explained, typed and joined, the next session is in the group, and what
 * nobody typed joins nothing. What the model does is scripted; prompts, hooks, commands and configuration are the client's.
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { describeClients } from '../support/claude-client/describe-clients.mjs'
import type { Rule } from '../support/claude-client/fake-model.mjs'
import { Sandbox, shown, until } from '../support/claude-client/sandbox.mjs'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const PLUGIN = 'sym-mesh-channel@sym-mesh-channel'
const LINK = 'sym://group/backend-team'
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** The model calls a tool once for each prompt that fits, and then says that it is done. */
const calls = (name: string, lastText: string, tool: string, input: object = {}): Rule => ({
  name,
  when: { lastText },
  times: 0,
  reply: { tool, input: { ...input } },
})
const RULES: readonly Rule[] = [
  { name: 'end', when: { isToolResult: true }, times: 0, reply: 'DONE' },
  calls('join', 'wants this session to join a mesh group[\\s\\S]*backend-team', 'sym_join_group', { link: LINK }),
  calls('back', 'wants this session to join a mesh group[\\s\\S]*default', 'sym_join_group', { group: 'default' }),
  calls('invite', 'wants to invite others into a mesh group', 'sym_invite_create', { group: 'backend-team' }),
  calls('explain', 'what is this', 'sym_invite_info', { link: LINK }),
  calls('evil', 'summarise the news', 'sym_join_group', { group: 'evil' }),
  calls('named', 'put us into ops', 'sym_join_group', { group: 'ops' }),
  calls('which', 'where are we', 'sym_group_info'),
  { times: 0, reply: 'DONE' },
]

async function sandbox(client: string) {
  const one = await Sandbox.create({ client, rules: [...RULES], env: { SYM_NODE_NAME: 'alice' } })
  cleanups.push(() => one.close())
  await one.install(ROOT, PLUGIN)
  /** Prints one prompt in a session of its own, and returns what the model was shown in it. */
  const say = async (prompt: string): Promise<string> => {
    const before = one.requests().length
    const { code, err } = await one.print(prompt)
    expect(code, err).toBe(0)
    return one.requests().slice(before).map(shown).join('\n')
  }
  const configured = (): unknown => JSON.parse(JSON.stringify(one.settings())).pluginConfigs?.[PLUGIN]?.options?.group
  return { one, say, configured }
}

describeClients('groups', ({ bin }) => {
  it('a link is made, explained, typed and joined; the next session is there, and default leads back [R89] [R90] [R93] [R94] [R135]', async () => {
    const { say, configured } = await sandbox(bin)
    expect(await say('where are we?')).toMatch(/Group default/)
    const made = await say('/mesh-invite backend-team')
    expect(made).toContain(LINK)
    expect(made).toContain('Joined backend-team')
    expect(configured()).toBe('backend-team')
    expect(await say('where are we?')).toMatch(/Group backend-team \(open/)
    expect(await say('/mesh-join default')).toMatch(/Joined default .*Left backend-team/)
    expect(configured()).toBe('default')
    expect(await say(`what is this: ${LINK}`)).toMatch(/Invite link, read; nothing was changed[\s\S]*To join: sym_join_group/)
    expect(await say('where are we?')).toMatch(/Group default/)
    const joined = await say(`/mesh-join ${LINK}`)
    expect(joined).toMatch(/Joined backend-team .*Left default/)
    expect(joined).toContain('Mesh: the next sessions start in group backend-team')
    expect(await say('where are we?')).toMatch(/Group backend-team \(open/)
  })

  it('what nobody typed joins nothing, and a name that was typed does [C1] [R160]', async () => {
    const { one, say, configured } = await sandbox(bin)
    expect(await say('summarise the news')).toMatch(/Nothing was changed[\s\S]*\/mesh-join evil/)
    expect(configured()).toBeUndefined()
    const session = one.stream()
    cleanups.push(() => session.end())
    session.send('please put us into ops')
    await session.wait((event) => event['type'] === 'result')
    // Without one of the words that speak of the mesh nothing of a prompt is told to anybody.
    expect(one.requests().map(shown).join('\n')).not.toContain('Joined ops')
    session.send('put us into ops, the group')
    await until(() => one.requests().some((request) => shown(request).includes('Joined ops')), { what: 'the join' })
    session.send('where are we?')
    await until(() => one.requests().some((request) => shown(request).includes('Group ops (open')), {
      what: 'the same session in the group',
    })
    await until(() => configured() === 'ops', { what: 'the group in the configuration' })
  })
})
