/**
 * The background hook against a real server, both as users run them: `hook.mjs wait` is a child of the same parent as the
 * server, as it is with the client, and its exit code and stderr are what the client would act on.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { hookProcess } from '../support/hook-process.ts'
import type { ServerProcess } from '../support/server.ts'
import { met, Sessions } from '../support/sessions.ts'

const CLIENT = { name: 'claude-code', version: '2.1.197' }
const sessions = new Sessions()
afterEach(() => sessions.end())

const hook = (event: string, root: string, { env = {}, input = {} }: { env?: Record<string, string>; input?: object } = {}) =>
  hookProcess(sessions, root, event, input, env)

const armed = (server: ServerProcess, isArmed = true): Promise<void> =>
  server.statusUntil(({ wakes }) => wakes.isArmed === isArmed, `armed: ${isArmed}`).then(() => {})

/** The listener has a state folder of its own, so that the hook finds one server under this parent. */
async function pair(settings: object = {}) {
  const [here, there] = [sessions.home(settings), sessions.home()]
  const bob = await sessions.start(here, 'bob', { client: CLIENT, env: { SYM_NODE_NAME: 'bob', CLAUDE_PLUGIN_ROOT: '/plugin' } })
  const alice = await sessions.start(there, 'alice', { env: { SYM_NODE_NAME: 'alice', SYM_PEERS: `127.0.0.1:${await bob.port()}` } })
  await met(alice, bob)
  return { alice, bob, root: here.root }
}

describe('the background hook', () => {
  it('wakes with what is said to this session, once, and the sender hears by which way [R116] [R119] [R34]', async () => {
    const { alice, bob, root } = await pair()
    const waiter = hook('wait', root)
    await armed(bob)
    await alice.callUntil('sym_peers', {}, (text) => /bob .* wakes it when idle/.test(text))
    const sent = await alice.call('sym_send', { focus: 'is 0042 merged?', to: 'bob' })
    const { code, out, err } = await waiter.ended
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^From the mesh: 1 item, quoted below, was written by other agents\. .*\n\nmessage m[0-9a-f]{16} from peer alice /)
    expect(err).toMatch(/\[begin ([0-9a-f]{16})\]\n\| is 0042 merged\?\n\[end \1\]$/)
    const id = /m[0-9a-f]{16}/.exec(sent.text)?.[0] ?? ''
    await alice.callUntil('sym_fetch', { id }, (text) => /bob .* surfaced \(by wake\)/.test(text))
    await alice.callUntil('sym_peers', {}, (text) => /bob .* at its next prompt/.test(text))
    expect((await hook('PostToolUse', root, { input: { session_id: 's' } }).ended).out).toBe('')
    expect((await bob.call('sym_status')).text).toMatch(/since start: 1 items, ~\d+ tok, 1 wakes/)
  })

  it('is one at a time; a second leaves at once and silently, and the first goes with its server [R116] [R40]', async () => {
    const { bob, root } = await pair()
    const first = hook('wait', root)
    await armed(bob)
    expect(await hook('wait', root).ended).toEqual({ code: 0, out: '', err: '' })
    await bob.stop()
    expect(await first.ended).toEqual({ code: 0, out: '', err: '' })
  })

  it('makes room when it is killed', async () => {
    const { bob, root } = await pair()
    const first = hook('wait', root)
    await armed(bob)
    first.child.kill('SIGKILL')
    await armed(bob, false)
    hook('wait', root)
    await armed(bob)
  })

  it.each([
    ['print mode', {}, { CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' }, CLIENT],
    ['an unknown way of starting', {}, { CLAUDE_CODE_ENTRYPOINT: '' }, CLIENT],
    ['wake off', { wake: 'off' }, {}, CLIENT],
    ['mode inbox', { mode: 'inbox' }, {}, CLIENT],
    ['a client whose hooks are not known to wake', {}, {}, { name: 'claude-code', version: '2.0.50' }],
  ] as const)('leaves at once in %s [R116] [R125]', async (_, settings, env, client) => {
    const home = sessions.home(settings)
    await sessions.start(home, 'bob', { client })
    expect(await hook('wait', home.root, { env }).ended).toEqual({ code: 0, out: '', err: '' })
  })

  it('waits for a server that is still starting [R129]', async () => {
    const home = sessions.home()
    const waiter = hook('wait', home.root)
    const bob = await sessions.start(home, 'bob', { client: CLIENT })
    await armed(bob)
    await bob.stop()
    expect((await waiter.ended).code).toBe(0)
  })
})

describe('hooks that report', () => {
  it('are asked for prompts and ends of turns while peers are here, and only then [R36] [R130]', async () => {
    const { alice, bob, root } = await pair()
    const prompt = (text: string) => hook('UserPromptSubmit', root, { input: { session_id: 's', prompt: text } }).ended
    // The first prompt brings the line of who is here; the next has nothing to say, and reports.
    expect((await prompt('hello')).out).toContain('Mesh: this session is bob in group default; 1 peer is here, 0 unread.')
    expect((await prompt('go on')).out).toBe('')
    await alice.callUntil('sym_peers', {}, (text) => /bob .*, working, reaches/.test(text))
    const waiter = hook('wait', root)
    await armed(bob)
    await alice.call('sym_send', { focus: 'said in the turn', to: 'bob' })
    // In a turn the hooks show it; the waiter stays where it is.
    const inTurn = await hook('PostToolUse', root, { input: { session_id: 's' } }).ended
    expect(inTurn.out).toContain('said in the turn')
    expect((await hook('Stop', root, { input: { session_id: 's', stop_hook_active: false } }).ended).out).toBe('')
    await alice.callUntil('sym_peers', {}, (text) => /bob .*, idle, reaches/.test(text))
    await alice.call('sym_send', { focus: 'said after the turn', to: 'bob' })
    expect((await waiter.ended).err).toContain('| said after the turn')
  })

  it('bring the line again when the session begins anew or was made shorter [R126] [R129]', async () => {
    const { root } = await pair()
    for (const source of ['startup', 'compact', 'resume', 'clear']) {
      const { out } = await hook('SessionStart', root, { input: { session_id: 's', source } }).ended
      expect(out, source).toContain('Mesh: this session is bob in group default; 1 peer is here')
    }
    expect((await hook('UserPromptSubmit', root, { input: { session_id: 's', prompt: 'hi' } }).ended).out).toBe('')
  })
})

describe('the late end of an old session', () => {
  it('takes nothing of the new one with it: its hooks find their own server before and after [R127] [R131]', async () => {
    const here = sessions.home()
    const session = (id: string) =>
      sessions.start(here, 'bob', {
        client: CLIENT,
        env: { SYM_NODE_NAME: 'bob', CLAUDE_CODE_SESSION_ID: id, CLAUDE_PLUGIN_ROOT: '/plugin' },
      })
    const old = await session('old')
    const fresh = await session('fresh')
    await met(old, fresh)
    const { name } = await fresh.status()
    const say = (focus: string) => old.call('sym_send', { focus, to: name })
    const prompt = () => hook('UserPromptSubmit', here.root, { input: { session_id: 'fresh', prompt: 'go on' } }).ended
    await say('BEFORE-THE-END')
    await fresh.statusUntil(({ inbox }) => inbox.unread === 1, 'it has arrived')
    expect((await prompt()).out).toContain('BEFORE-THE-END')
    await say('AT-THE-END')
    await fresh.statusUntil(({ inbox }) => inbox.unread === 1, 'it has arrived')
    await old.stop()
    expect(fresh.runFile()?.sessionId).toBe('fresh')
    expect((await prompt()).out).toContain('AT-THE-END')
  })
})
