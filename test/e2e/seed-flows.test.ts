/**
 * What users of two earlier tools do every day, step by step in ours: finding the session in the next folder and talking to
 * it, and asking a named session and waiting for its answer. Real servers, and real hooks as their host starts them.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { endOf, hookProcess } from '../support/hook-process.ts'
import type { ServerProcess } from '../support/server.ts'
import { type Home, met, Sessions } from '../support/sessions.ts'

const sessions = new Sessions()
afterEach(() => sessions.end())

const CLIENT = { name: 'claude-code', version: '2.1.197' }
const idIn = (text: string): string => /\bm[0-9a-f]{16}\b/.exec(text)?.[0] ?? ''

/** One session as its host sees it. */
interface Claude {
  readonly server: ServerProcess
  /** What a hook of this session puts into the context; empty: nothing. */
  hear(event: string, input?: object): Promise<string>
  readonly prompt: () => Promise<string>
  /** The same, once something is there to be shown. */
  readonly promptWithNews: () => Promise<string>
}

let started = 0

async function claude(home: Home, folder: string, env: Readonly<Record<string, string>> = {}): Promise<Claude> {
  const sessionId = `session-${++started}`
  const server = await sessions.start(home, folder, {
    client: CLIENT,
    env: { CLAUDE_CODE_SESSION_ID: sessionId, CLAUDE_PLUGIN_ROOT: '/plugin', ...env },
  })
  const hear = async (event: string, input: object = {}): Promise<string> => {
    const { code, out, err } = await endOf(hookProcess(sessions, home.root, event, { session_id: sessionId, ...input }))
    expect([event, code, err]).toEqual([event, 0, ''])
    if (out === '') return ''
    return (JSON.parse(out) as { hookSpecificOutput: { additionalContext: string } }).hookSpecificOutput.additionalContext
  }
  const prompt = () => hear('UserPromptSubmit', { prompt: 'go on' })
  return { server, hear, prompt, promptWithNews: () => unread(server).then(prompt) }
}

const unread = (server: ServerProcess) => server.statusUntil(({ inbox }) => inbox.unread > 0, 'something is unread')

/** Past the line that a session's first prompt brings. */
const greeted = (...all: readonly Claude[]) => Promise.all(all.map(({ prompt }) => prompt()))

const occurrences = (text: string, part: string): number => text.split(part).length - 1

describe('a user of claude-peers', () => {
  async function twoFolders() {
    const home = sessions.home()
    mkdirSync(path.join(home.home, 'shop/.git'), { recursive: true })
    writeFileSync(path.join(home.home, 'shop/.git/HEAD'), 'ref: refs/heads/main\n')
    const [api, web] = [await claude(home, 'shop/api'), await claude(home, 'shop/web')]
    await met(api.server, web.server)
    const [apiName, webName] = [(await api.server.status()).name, (await web.server.status()).name]
    return { home, api, web, apiName, webName }
  }

  it('finds the session in the next folder of the repository by what it does, asks it, and has its words at once [R35] [R37] [R115]', async () => {
    const { api, web, apiName, webName } = await twoFolders()
    await web.server.call('sym_set_summary', { summary: 'moving the cart to the new api' })
    const list = (where: string) => api.server.callUntil('sym_peers', { where }, (text) => text.includes('moving the cart'))
    for (const where of ['machine', 'repository']) expect(await list(where)).toContain(`  ${webName}  `)
    expect((await api.server.call('sym_peers', { where: 'folder' })).text).toBe('No peer of this folder.')

    await api.server.call('sym_send', { to: webName, focus: 'which files are you editing?' })
    const asked = await web.server.waitForPush(({ content }) => content.includes('| which files are you editing?'))
    expect(asked.meta['peer']).toBe(apiName)
    // Claude names the message that it answers, and no receiver.
    const reply = await web.server.call('sym_send', { reply_to: asked.meta['msg_id'], focus: 'cart.ts and nothing else' })
    expect(reply.text).toContain(apiName)
    const answered = await api.server.waitForPush(({ content }) => content.includes('| cart.ts and nothing else'))
    expect(answered.meta).toMatchObject({ peer: webName, directed: 'yes', reply_to: idIn(asked.content) })
  })

  it('whose channel was seen to work is told nothing twice [R118] [R119]', async () => {
    const { api, web, webName } = await twoFolders()
    await greeted(web)
    await api.server.call('sym_send', { to: webName, focus: 'the first' })
    const first = await web.server.waitForPush(({ content }) => content.includes('| the first'))
    await web.server.call('sym_fetch', { id: first.meta['msg_id'] })
    await api.server.call('sym_send', { to: webName, focus: 'the second' })
    await web.server.waitForPush(({ content }) => content.includes('| the second'))
    expect(await web.prompt()).toBe('')
    expect((await web.server.call('sym_inbox')).text).toBe('Nothing unread.')
  })

  it('without a channel reads it at the next prompt, once, and the check finds nothing more [R117] [R130] [R133]', async () => {
    const { api, web, webName } = await twoFolders()
    await greeted(web)
    await api.server.call('sym_send', { to: webName, focus: 'the schema moved' })
    expect(await web.promptWithNews()).toContain('| the schema moved')
    expect(await web.prompt()).toBe('')
    expect((await web.server.call('sym_inbox')).text).toBe('Nothing unread.')
  })

  it('who checks before any hook runs reads it there, and no hook repeats it [R119] [R133]', async () => {
    const { api, web, webName } = await twoFolders()
    await greeted(web)
    await api.server.call('sym_send', { to: webName, focus: 'the port is 8443' })
    await unread(web.server)
    const { text } = await web.server.call('sym_inbox')
    expect(occurrences(text, '| the port is 8443')).toBe(1)
    for (const event of ['PostToolUse', 'UserPromptSubmit', 'Stop']) expect(await web.hear(event, { stop_hook_active: false })).toBe('')
  })

  it('sees a killed session go, leaves it a word, and the next session of that folder is told as it begins [R38] [R70] [R126]', async () => {
    const { home, api, web, webName } = await twoFolders()
    await web.server.kill()
    await api.server.callUntil('sym_peers', {}, (text) => text.startsWith('0 here, 1 away'))
    expect((await api.server.call('sym_send', { to: webName, focus: 'read this when you are back' })).text).toContain('queued')
    const back = await claude(home, 'shop/web')
    expect((await back.server.status()).name).toBe(webName)
    await met(api.server, back.server)
    await unread(back.server)
    expect(await back.hear('SessionStart', { source: 'startup' })).toMatch(
      /^Mesh: this session is .*1 peer is here, 1 unread\.[\s\S]*\| read this when you are back/,
    )
    expect(await back.prompt()).toBe('')
  })
})

describe('a user of claude-mesh', () => {
  /** Sessions under names of their own; nobody has called a tool to get one. */
  async function named<Name extends string>(...names: readonly Name[]) {
    const home = sessions.home()
    const start = (name: string) => claude(home, name, { SYM_NODE_NAME: name })
    const all: Claude[] = []
    for (const name of names) all.push(await start(name))
    await met(...all.map(({ server }) => server))
    const of = Object.fromEntries(names.map((name, at) => [name, all[at]])) as Record<Name, Claude>
    return { of, again: (name: Name) => start(name) }
  }

  const ask = ({ server }: Claude, question: string, more: object) => server.begin('sym_ask', { question, ...more })
  const ticketOf = async (call: ReturnType<typeof ask>): Promise<string> => idIn((await call.result).text)

  it('is known by name from the start, asks, and has the answer in the same call; the other reads it at its next tool use [R129] [R62] [R63]', async () => {
    const { of } = await named('writer', 'reviewer')
    expect(await of.reviewer.hear('SessionStart', { source: 'startup' })).toMatch(
      /this session is reviewer in group default; 1 peer is here/,
    )
    const asking = ask(of.writer, 'Is the parser reviewed?', { to: 'reviewer' })
    await unread(of.reviewer.server)
    const seen = await of.reviewer.hear('PostToolUse')
    expect(seen).toMatch(/^question m[0-9a-f]{16} from peer writer .*[\s\S]*\| Is the parser reviewed\?/m)
    await of.reviewer.server.call('sym_reply', { id: idIn(seen), answer: 'two remarks, both small' })
    expect((await asking.result).text).toMatch(/answered, 1 of 1 answer[\s\S]*from peer reviewer [\s\S]*\| two remarks, both small/)
    await of.writer.prompt()
    expect([await of.writer.prompt(), await of.reviewer.prompt()]).toEqual(['', ''])
  })

  it('waits no longer than it wanted; the late answer stands in the next prompt, once, with the id of the question [R62] [R65]', async () => {
    const { of } = await named('writer', 'reviewer')
    await greeted(of.writer, of.reviewer)
    const ticket = await ticketOf(ask(of.writer, 'Which branch?', { to: 'reviewer', wait: 0.2 }))
    const seen = await of.reviewer.promptWithNews()
    expect((await of.writer.server.call('sym_inbox')).text).toContain(`  ${ticket} "Which branch?"`)
    await of.reviewer.server.call('sym_reply', { id: idIn(seen), answer: 'release-2' })
    const late = await of.writer.promptWithNews()
    expect(late).toMatch(new RegExp(`answers the question ${ticket} of this session[\\s\\S]*\\| release-2`))
    expect(await of.writer.prompt()).toBe('')
    for (const { server } of [of.writer, of.reviewer]) expect((await server.call('sym_inbox')).text).toBe('Nothing unread.')
  })

  it('killed while it waited is answered all the same, and the session that takes its place is told as it begins [R62] [R21]', async () => {
    const { of, again } = await named('writer', 'reviewer')
    await greeted(of.reviewer)
    ask(of.writer, 'What did the bisect find?', { to: 'reviewer' }).result.catch(() => {})
    const seen = await of.reviewer.promptWithNews()
    await of.writer.server.kill()
    expect((await of.reviewer.server.call('sym_reply', { id: idIn(seen), answer: 'commit 3f2a91' })).text).toContain('Answered')
    const writer = await again('writer')
    await unread(writer.server)
    const told = await writer.hear('SessionStart', { source: 'resume' })
    expect(told).toMatch(new RegExp(`answers the question ${idIn(seen)} of this session[\\s\\S]*\\| commit 3f2a91`))
    expect(await writer.prompt()).toBe('')
    // The session that asked is gone with its context: the id leads to what was asked.
    expect((await writer.server.call('sym_fetch', { id: idIn(seen) })).text).toContain('What did the bisect find?')
  })

  it('does not wait for one that was killed; the session that takes its place finds the question open, and the answer is told [R62] [R65] [R72]', async () => {
    const { of, again } = await named('writer', 'reviewer')
    await greeted(of.writer, of.reviewer)
    const asking = ask(of.writer, 'May I merge?', { to: 'reviewer' })
    await of.reviewer.promptWithNews()
    await of.reviewer.server.kill()
    const ticket = await ticketOf(asking)
    const reviewer = await again('reviewer')
    const open = (await reviewer.server.call('sym_inbox')).text
    expect(open).toMatch(new RegExp(`Questions that wait for this session \\(sym_reply\\):\n {2}${ticket} of writer,`))
    await reviewer.server.call('sym_reply', { id: ticket, answer: 'yes, squash it' })
    expect(await of.writer.promptWithNews()).toMatch(
      new RegExp(`answers the question ${ticket} of this session[\\s\\S]*\\| yes, squash it`),
    )
  })

  it('is held at the end of a turn once for what it was asked, and never again for that, nor for what it answered [R67]', async () => {
    const { of } = await named('writer', 'reviewer')
    await greeted(of.reviewer)
    const stop = (isActive: boolean) => of.reviewer.hear('Stop', { stop_hook_active: isActive })
    await ticketOf(ask(of.writer, 'Is the api frozen?', { to: 'reviewer', wait: 0 }))
    const seen = await of.reviewer.promptWithNews()
    expect(await stop(true)).toBe('')
    expect(await stop(false)).toMatch(/is still open\. sym_reply answers or declines it[\s\S]*\| Is the api frozen\?/)
    expect([await stop(true), await stop(false)]).toEqual(['', ''])
    expect((await of.reviewer.server.call('sym_reply', { id: idIn(seen), answer: 'since Monday' })).text).toContain('Answered')

    await ticketOf(ask(of.writer, 'And the schema?', { to: 'reviewer', wait: 0 }))
    await of.reviewer.server.call('sym_reply', { id: idIn(await of.reviewer.promptWithNews()), decline: 'not mine to say' })
    expect(await stop(false)).toBe('')
  })

  it('asks everybody, goes on with what came in time, and gets the rest later, each by its author [R64] [R62]', async () => {
    const { of } = await named('lead', 'north', 'south')
    await greeted(of.lead, of.north, of.south)
    const ticket = await ticketOf(ask(of.lead, 'Who owns the migration?', { wait: 0 }))
    const [north, south] = [await of.north.promptWithNews(), await of.south.promptWithNews()]
    await of.north.server.call('sym_reply', { id: idIn(north), answer: 'not this session' })
    const early = await of.lead.server.callUntil('sym_ask', { ticket, wait: 0.2 }, (text) => text.includes('| not this session'))
    expect(early).toMatch(/is open, 1 of 2 answers[\s\S]*from peer north /)
    await of.south.server.call('sym_reply', { id: idIn(south), answer: 'it is mine' })
    const late = await of.lead.promptWithNews()
    expect(late).toMatch(/from peer south [\s\S]*\| it is mine/)
    expect(late).not.toContain('not this session')
    const { text } = await of.lead.server.call('sym_ask', { ticket, wait: 0 })
    expect(text).toMatch(/answered, 2 of 2 answers/)
    expect(text.match(/^answer m[0-9a-f]{16} from peer (?:north|south) /gm)).toHaveLength(2)
  })

  it('that answers by a wrong id is shown the questions that are open, and nothing is sent [R63]', async () => {
    const { of } = await named('writer', 'reviewer')
    const ticket = await ticketOf(ask(of.writer, 'Which suite is red?', { to: 'reviewer', wait: 0 }))
    await unread(of.reviewer.server)
    const { text, isError } = await of.reviewer.server.call('sym_reply', { id: 'm0123456789abcdef', answer: 'the parser' })
    expect(isError).toBe(true)
    expect(text).toMatch(new RegExp(`nothing was sent\\. Open questions:\\n {2}${ticket} of "writer"`))
    await of.reviewer.server.call('sym_reply', { id: ticket, answer: 'the parser' })
    await of.writer.server.callUntil('sym_ask', { ticket, wait: 0 }, (found) => found.includes('| the parser'))
  })
})
