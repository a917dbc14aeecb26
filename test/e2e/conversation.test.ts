/** What people do beside plain sending, between real sessions: name somebody, take something back, hand over a file, catch up. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
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

const idIn = (text: string): string => /\bm[0-9a-f]{16}\b/.exec(text)?.[0] ?? ''

describe('a message', () => {
  it('that was not shown is replaced by tool and by command, and the reader sees the newest alone [R55]', async () => {
    const { alice, bob, type } = await pair()
    const first = await textOf(alice, 'sym_send', { to: 'bob', focus: 'FIRST words' })
    const second = await textOf(alice, 'sym_send', { replaces: idIn(first), focus: 'SECOND words' })
    expect(second).toMatch(/In the place of m[0-9a-f]{16}, which is\n {2}bob {2}withdrawn - taken back before it was shown/)
    const third = await type('alice', 'send', 'THIRD words', '--replaces', idIn(second))
    expect([third.code, third.err]).toEqual([0, ''])
    expect(third.out).toMatch(/in the place of m[0-9a-f]{16} to one peer\n.* withdrawn, taken back before it was shown/)
    const inbox = await textOf(bob, 'sym_inbox')
    expect(inbox).toContain('THIRD words')
    expect(inbox).toContain(`in the place of ${idIn(second)}`)
    expect(inbox).not.toMatch(/FIRST|SECOND/)
    expect(await textOf(bob, 'sym_recall', { query: 'words' })).not.toMatch(/FIRST|SECOND/)
    const late = await textOf(alice, 'sym_send', { replaces: idIn(third.out), focus: 'FOURTH words' })
    expect(late).toContain('bob  surfaced: shown before, so it has both')
    const traced = await type('alice', 'trace', idIn(first))
    expect(traced.out).toContain('bob: taken back before it was shown')
  })

  it('that was not shown is taken back by command, also while its reader is away [R55]', async () => {
    const { alice, bob, type, here } = await pair()
    const here1 = idIn(await textOf(alice, 'sym_send', { to: 'bob', focus: 'FIRST words' }))
    const gone = await type('alice', 'outbox', 'cancel', here1)
    expect([gone.code, gone.out]).toEqual([0, expect.stringMatching(/bob .* withdrawn, taken back before it was shown/)])
    expect(await textOf(bob, 'sym_inbox')).toBe('Nothing unread.')
    await bob.stop()
    await alice.statusUntil(({ peersHere }) => peersHere === 0, 'bob is away')
    const away = idIn(await textOf(alice, 'sym_send', { to: 'bob', focus: 'SECOND words' }))
    expect((await type('alice', 'outbox', 'cancel', away)).out).toContain('taken back before it was sent')
    const again = await sessions.start(here, 'bob', { env: { SYM_NODE_NAME: 'bob', SYM_PEERS: `127.0.0.1:${await alice.port()}` } })
    await met(again, alice)
    await textOf(alice, 'sym_send', { to: 'bob', focus: 'THIRD words' })
    expect(await again.callUntil('sym_inbox', {}, (text) => text.includes('THIRD'))).not.toMatch(/FIRST|SECOND/)
    const twice = await type('alice', 'outbox', 'cancel', here1)
    expect([twice.code, twice.err]).toEqual([1, expect.stringContaining('was taken back or replaced already')])
  })
})

describe('a copy', () => {
  it('goes to the own sessions of the user on this machine, and #self and a role name who is meant [R58]', async () => {
    const { alice, bob, type, there } = await pair()
    const desk = await sessions.start(there, 'desk', { env: { SYM_NODE_NAME: 'desk', SYM_PEERS: `127.0.0.1:${await bob.port()}` } })
    await met(alice, bob, desk)
    const sent = await textOf(alice, 'sym_send', { to: 'bob', focus: 'WITH a copy', self: true })
    expect(sent).toMatch(/Copies to the user's own sessions:\n {2}desk {2}received/)
    const alone = await type('alice', 'send', 'for ME alone', '--to', '#self')
    expect(alone.out).toMatch(/desk .*received/)
    expect(alone.out).not.toContain('bob')
    expect(await textOf(bob, 'sym_inbox')).not.toContain('ME alone')
    expect(await textOf(desk, 'sym_inbox')).toMatch(/ME alone[\s\S]*WITH a copy/)
    await type('bob', 'profile', '--role', 'reviewer')
    await alice.callUntil('sym_peers', {}, (text) => text.includes(', reviewer'))
    expect(await textOf(alice, 'sym_send', { to: '#reviewer', focus: 'please review' })).toMatch(/bob .*received/)
    expect((await type('bob', 'profile', '--tags', 'self')).err).toContain('#self means the own sessions')
  })
})

describe('why', () => {
  it('knows the mode, a mute and do not disturb beside the judgement [R80]', async () => {
    const { alice, bob, type } = await pair()
    const id = idIn(await textOf(alice, 'sym_observe', { focus: 'the importer is slow' }))
    await bob.statusUntil(({ inbox }) => inbox.unread === 1, 'it is there')
    const why = async (...args: readonly string[]) => (await type('bob', 'why', ...args)).out
    expect(await why(id)).toContain('not shown for now: mode is inbox; else it would be shown in full')
    await type('bob', 'dnd', 'on')
    await type('bob', 'mode', 'push')
    const undisturbed = (text: string) => text.includes('do not disturb is on')
    await bob.callUntil('sym_status', {}, undisturbed)
    expect(await why()).toMatch(new RegExp(`${id} .* not shown for now: do not disturb is on`))
    expect(await why(id)).toMatch(/^ {2}few-anchors +this session has said 0 things/m)
  })
})

describe('a late joiner', () => {
  it('fetches by command what was said before, and is told in a count [R82]', async () => {
    const { alice, bob, here } = await pair()
    await textOf(alice, 'sym_observe', { focus: 'the EARLIER words' })
    await textOf(alice, 'sym_send', { to: 'bob', focus: 'PRIVATE words' })
    await bob.statusUntil(({ inbox }) => inbox.total === 2, 'bob heard both')
    const home = sessions.home()
    const env = { SYM_NODE_NAME: 'carol', SYM_PEERS: `127.0.0.1:${await bob.port()},127.0.0.1:${await alice.port()}` }
    const carol = await sessions.start(home, 'carol', { env })
    await met(alice, bob, carol)
    const run = (...args: readonly string[]) =>
      runCommand({ ...home, env: { SYM_LISTEN: '127.0.0.1:0', SYM_NODE_NAME: 'carol' } }, 'carol', args)
    const caught = await run('catch-up', '--limit', '20')
    expect([caught.code, caught.err]).toEqual([0, ''])
    expect(caught.out).toMatch(/^Kept 1 earlier message of default\.\n {2}\w+ {2}answered\n {2}\w+ {2}answered\nrecall finds them/)
    expect(carol.pushes).toEqual([])
    const started = (await carol.ask('take', { event: 'SessionStart' })) as { ok: { text: string } | null }
    expect(started.ok?.text).toContain('From the history of the group: 1 earlier message was kept; sym_recall finds them.')
    expect(started.ok?.text).not.toContain('EARLIER')
    const recalled = await textOf(carol, 'sym_recall', { query: 'words' })
    expect(recalled).toContain('the EARLIER words')
    expect(recalled).not.toContain('PRIVATE')
    expect((await run('catch-up', '--group', 'elsewhere')).err).toContain('this node is not in the group "elsewhere"')
    expect(here.root).not.toBe(home.root)
  })
})

describe('an attachment', () => {
  it('is read by fetch, and saved by the reader alone, in the folder of its node under a safe name [R56]', async () => {
    const { alice, bob, type, here, there } = await pair()
    mkdirSync(path.join(there.home, 'alice'), { recursive: true })
    writeFileSync(path.join(there.home, 'alice', 'fix.patch'), '+ one line of the patch\n')
    const sent = await type('alice', 'send', 'the patch', '--to', 'bob', '--attach', 'fix.patch')
    expect([sent.code, sent.err]).toEqual([0, ''])
    const id = idIn(sent.out)
    expect(await textOf(bob, 'sym_inbox')).toContain('attachment fix.patch of 24 bytes')
    const fetched = await textOf(bob, 'sym_fetch', { id })
    expect(fetched).toContain('| attachment: "+ one line of the patch\\n"')
    expect(fetched).toContain(`the shell command save ${id}`)
    const place = path.join(here.root, 'nodes', 'bob', 'attachments')
    expect(existsSync(place)).toBe(false)
    const saved = await type('bob', 'save', id)
    expect(saved.out).toBe(`Saved 24 bytes as ${path.join(place, `${id}-fix.patch`)}\n`)
    expect(readFileSync(path.join(place, `${id}-fix.patch`), 'utf8')).toBe('+ one line of the patch\n')
    expect(statSync(path.join(place, `${id}-fix.patch`)).mode & 0o777).toBe(0o600)
    const evil = await textOf(alice, 'sym_send', { to: 'bob', focus: 'look', attach: { name: '../../../.bashrc', text: 'x' } })
    await bob.callUntil('sym_inbox', { all: true }, (text) => text.includes('attachment .bashrc'))
    expect((await type('bob', 'save', idIn(evil))).out).toContain(path.join(place, `${idIn(evil)}-.bashrc`))
    const none = await type('bob', 'save', 'm0000000000000000')
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('with an attachment is kept here')])
    writeFileSync(path.join(there.home, 'alice', 'data.bin'), Buffer.from([0, 255, 254]))
    expect((await type('alice', 'send', 'bytes', '--attach', 'data.bin')).err).toContain('only text can be attached')
  })
})
