/** Questions between real sessions: processes, sockets, disks, and kills in between. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { ServerProcess } from '../support/server.ts'
import { met, Sessions } from '../support/sessions.ts'

const sessions = new Sessions()
afterEach(() => sessions.end())

const CLI = fileURLToPath(new URL('../../server/dist/cli.mjs', import.meta.url))
const ID = /\bm[0-9a-f]{16}\b/
const idIn = (text: string): string => ID.exec(text)?.[0] ?? ''

async function pair() {
  const home = sessions.home()
  const [a, b] = await Promise.all([sessions.start(home, 'alpha'), sessions.start(home, 'beta')])
  await met(a, b)
  return { home, a, b, names: { a: (await a.status()).name, b: (await b.status()).name } }
}

/** The id of the question that waits at this session, once it is there. */
async function questionAt(server: ServerProcess): Promise<string> {
  const text = await server.callUntil('sym_inbox', {}, (found) => found.includes('Questions that wait for this session'))
  return idIn(text.slice(text.indexOf('Questions that wait for this session')))
}

describe('a question between two sessions', () => {
  it('is answered in one call, and shown by nothing else [R62] [R63]', async () => {
    const { a, b, names } = await pair()
    const asking = a.begin('sym_ask', { question: 'Which port does the api use?', to: names.b })
    const id = await questionAt(b)
    const [{ text }, reply] = await Promise.all([asking.result, b.call('sym_reply', { id, answer: 'It listens on 8443.' })])
    expect(reply.text).toMatch(/^Answered: m[0-9a-f]{16}/)
    expect(text).toMatch(new RegExp(`^Question ${ID.source}: answered, 1 of 1 answer`))
    expect(text).toMatch(new RegExp(`^answer ${ID.source} from peer ${names.b} .*answers the question ${id} of this session, `, 'm'))
    expect(text).toContain('\n| It listens on 8443.\n')
    expect((await a.call('sym_inbox')).text).toBe('Nothing unread.')
    expect(a.pushes.filter(({ content }) => content.includes('8443'))).toEqual([])
    expect(a.progress.map(({ message }) => message)).toContain(`${names.b}: received`)
    expect(a.progress.map(({ progress }) => progress)).toEqual(a.progress.map((_, at) => at + 1))
    expect((await b.call('sym_reply', { id, answer: 'again' })).text).toMatch(/is no open question.*No question is open/s)
  })

  it('without a wait is a ticket; a later call with it waits, and a declined one says why', async () => {
    const { a, b, names } = await pair()
    const ticket = await a.call('sym_ask', { question: 'May I force-push?', to: names.b, wait: 0 })
    expect(ticket.text).toMatch(/is open, 0 of 1 answer\. Later answers arrive by themselves/)
    expect((await a.call('sym_inbox')).text).toContain('Questions of this session that are open')
    const waiting = a.begin('sym_ask', { ticket: idIn(ticket.text) })
    await b.call('sym_reply', { id: await questionAt(b), decline: 'that is for our users to decide' })
    const { text } = await waiting.result
    expect(text).toContain('declined, 0 of 1 answer')
    expect(text).toMatch(/declines the question .*\n\[begin [0-9a-f]+\]\n\| that is for our users to decide/)
  })

  it.each(['asker', 'asked'] as const)(
    'has its answer when the %s is killed in between, also in the session that takes its place [R62] [R21]',
    async (victim) => {
      const { home, a, b, names } = await pair()
      const ticket = idIn((await a.call('sym_ask', { question: 'What did the bisect find?', to: names.b, wait: 0 })).text)
      const id = await questionAt(b)
      await (victim === 'asker' ? a : b).kill()
      const asker = victim === 'asker' ? await sessions.start(home, 'alpha') : a
      const asked = victim === 'asked' ? await sessions.start(home, 'beta') : b
      expect((await asked.call('sym_reply', { id, answer: 'commit 3f2a91' })).text).toContain('Answered')
      const text = await asker.callUntil('sym_ask', { ticket, wait: 0 }, (found) => found.includes('3f2a91'))
      expect(text).toContain(`answers the question ${ticket} of this session, `)
    },
    60_000,
  )

  it('that the host gives up stays open, and its answer is shown when it comes', async () => {
    const { a, b, names } = await pair()
    const asking = a.begin('sym_ask', { question: 'Still there?', to: names.b })
    asking.result.catch(() => {})
    const id = await questionAt(b)
    asking.cancel()
    await b.call('sym_reply', { id, answer: 'here I am' })
    await a.callUntil('sym_inbox', { all: true }, (text) => text.includes('| here I am'))
  })

  it('goes by the command line too, with the life of each message [R150] [R175]', async () => {
    const { home, b, names } = await pair()
    const run = (args: readonly string[]) =>
      new Promise<string>((resolve) => {
        const env = { PATH: process.env['PATH'], HOME: home.home, SYM_STATE_DIR: home.root, SYM_LISTEN: '127.0.0.1:0' }
        const child = spawn(process.execPath, [CLI, ...args], { cwd: `${home.home}/alpha`, env })
        let out = ''
        child.stdout.on('data', (chunk: Buffer) => {
          out += chunk.toString()
        })
        child.once('close', () => resolve(out))
      })
    const asking = run(['ask', 'Which shell?', '--to', names.b, '--json'])
    const id = await questionAt(b)
    const other = (await b.ask('reply', { id, text: 'zsh', origin: 'program' })) as { ok: { recipients: unknown[] } }
    expect(other.ok.recipients).toHaveLength(1)
    const answered = JSON.parse(await asking) as { shortId: string; answers: { item: { fields: { focus: { text: string } } } }[] }
    expect(answered.answers.map(({ item }) => item.fields.focus.text)).toEqual(['zsh'])
    const trace = await run(['trace', answered.shortId])
    expect(trace).toMatch(/signed and written down, as a question[\s\S]*received and written down[\s\S]*the question ended: answered/)
  })
})

describe('a question to the group', () => {
  it('collects what each one says [R64]', async () => {
    const home = sessions.home()
    const all = await Promise.all(['alpha', 'beta', 'gamma'].map((name) => sessions.start(home, name)))
    await met(...all)
    const [a, b, c] = all
    if (!a || !b || !c) throw new Error('three are needed')
    const asking = a.begin('sym_ask', { question: 'Who has the flaky test?', answers: 2 })
    const [one, two] = await Promise.all([questionAt(b), questionAt(c)])
    await b.call('sym_reply', { id: one, answer: 'not seen here' })
    await c.call('sym_reply', { id: two, answer: 'yes, in the parser suite' })
    const { text } = await asking.result
    expect(text).toContain('answered, 2 of 2 answers')
    expect(text).toContain('| not seen here')
    expect(text).toContain('| yes, in the parser suite')
    expect(text.match(/^answer m/gm)).toHaveLength(2)
  })
})

describe('two sessions that ask each other', () => {
  it('do not block: both calls come back at once and say whose question comes first [R66]', async () => {
    const { a, b, names } = await pair()
    const started = performance.now()
    const first = a.begin('sym_ask', { question: 'Is the schema final?', to: names.b })
    await questionAt(b)
    const second = b.begin('sym_ask', { question: 'Which schema do you mean?', to: names.a })
    const texts = (await Promise.all([first.result, second.result])).map(({ text }) => text)
    expect(performance.now() - started).toBeLessThan(30_000)
    expect(texts[0]).toContain('asks this session too')
    expect(texts[1]).toContain('so this call does not wait')
    await a.call('sym_reply', { id: await questionAt(a), answer: 'the one of billing' })
    await b.call('sym_reply', { id: await questionAt(b), answer: 'then it is final' })
    await a.callUntil('sym_ask', { ticket: idIn(texts[0] ?? ''), wait: 0 }, (text) => text.includes('then it is final'))
    await b.callUntil('sym_ask', { ticket: idIn(texts[1] ?? ''), wait: 0 }, (text) => text.includes('the one of billing'))
  })
})

describe('what is not understood', () => {
  it.each([
    ['nothing', 'sym_ask', {}, /question is missing/],
    ['two things', 'sym_ask', { question: 'x', ticket: 'm0123456789abcdef' }, /leave out question and to/],
    ['a ticket of nobody', 'sym_ask', { ticket: 'm0123456789abcdef' }, /asked no question with that id/],
    ['too long a wait', 'sym_ask', { question: 'x', wait: 51 }, /wait: .*50/],
    ['an answer that is none', 'sym_reply', { id: 'm0123456789abcdef' }, /either answer or decline/],
    ['both', 'sym_reply', { id: 'm0123456789abcdef', answer: 'a', decline: 'b' }, /and not both/],
  ])('as %s is refused with what is needed [R48]', async (_what, tool, args, reason) => {
    const server = await sessions.start(sessions.home(), 'alpha')
    const { text, isError } = await server.call(tool, args)
    expect([isError, text]).toEqual([true, expect.stringMatching(reason)])
  })
})
