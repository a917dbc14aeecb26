/** The attacks of a hostile peer over the real wire, and what the real programs hand to the client by every way. */
import { afterEach, describe, expect, it } from 'vitest'
import { endOf, hookProcess } from '../support/hook-process.ts'
import { ATTACKS, CANARY, escapes } from '../support/model-attacks.ts'
import { FAST, met, Sessions } from '../support/sessions.ts'

const CLIENT = { name: 'claude-code', version: '2.1.197' }
const MUCH = { ...FAST, contextItemsPerMinute: 1_000_000, contextTokensPerMinute: 1_000_000_000, wakesPerMinute: 1_000 }
const sessions = new Sessions()
afterEach(() => sessions.end())

/** As much of the attack as a tag may hold; half a pair would not even be read. */
const tagOf = (text: string): string =>
  [...text]
    .slice(0, 30)
    .join('')
    .replace(/\p{Surrogate}/gu, '')

describe('a hostile peer', () => {
  it('gets nothing out of its fence by push, background hook, hooks, tool results, inbox, fetch and recall [A8, C2, R123]', async () => {
    const [here, there] = [sessions.home({ rates: MUCH }), sessions.home({ rates: MUCH })]
    const bob = await sessions.start(here, 'bob', { client: CLIENT, env: { SYM_NODE_NAME: 'bob' } })
    const alice = await sessions.start(there, 'alice', { env: { SYM_NODE_NAME: 'alice', SYM_PEERS: `127.0.0.1:${await bob.port()}` } })
    await met(alice, bob)
    const shown: Record<string, string[]> = { wake: [], hook: [], tool: [], inbox: [], fetch: [], recall: [] }

    const waiter = hookProcess(sessions, here.root, 'wait')
    await bob.statusUntil(({ wakes }) => wakes.isArmed, 'a background hook waits')
    let sent = 0
    // Often enough that each way has some left to show.
    for (const [name, text] of [...ATTACKS, ...ATTACKS, ...ATTACKS]) {
      const fields = { focus: text, issue: text, mood: text }
      const answer = await alice.ask('send', { fields, body: text.slice(0, 4_000), to: 'bob', tags: ['message', tagOf(text)] })
      if ('ok' in answer) sent++
      // What is no text is refused before it leaves.
      else expect(`${name}: ${answer.error.message}`).toMatch(/half a pair|bytes|well-formed|limit/)
    }
    expect(sent).toBeGreaterThan(3 * ATTACKS.length - 12)
    const woken = await endOf(waiter)
    expect([woken.code, woken.out]).toEqual([2, ''])
    shown['wake']?.push(woken.err)

    await bob.statusUntil(({ inbox }) => inbox.total === sent, 'all have arrived')
    for (const event of ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'Stop'] as const) {
      const { code, out, err } = await endOf(
        hookProcess(sessions, here.root, event, { session_id: 's', stop_hook_active: false, prompt: 'x' }),
      )
      expect([event, code, err]).toEqual([event, 0, ''])
      const { additionalContext } = (JSON.parse(out) as { hookSpecificOutput: { additionalContext: string } }).hookSpecificOutput
      shown['hook']?.push(additionalContext)
    }
    const news = (await bob.call('sym_status')).text
    shown['tool']?.push(news.slice(news.indexOf('\n\nFrom the mesh:') + 2))

    const ids = new Set<string>()
    for (let before: number | undefined; ; ) {
      const { text } = await bob.call('sym_inbox', { all: true, limit: 20, ...(before === undefined ? {} : { before }) })
      shown['inbox']?.push(text)
      for (const [, id = ''] of text.matchAll(/^message (m[0-9a-f]{16})/gm)) ids.add(id)
      before = Number(/Go on with before: (\d+)\./.exec(text)?.[1])
      if (!before) break
    }
    for (const id of ids) shown['fetch']?.push((await bob.call('sym_fetch', { id })).text)
    shown['recall']?.push((await bob.call('sym_recall', { query: CANARY, limit: 50 })).text)

    const mesh = /^Mesh: this session is bob in group default; 1 peer is here, \d+ unread\.$/
    for (const [way, texts] of Object.entries(shown)) {
      expect([way, texts.length > 0 && texts.join().includes(CANARY)]).toEqual([way, true])
      for (const text of texts) expect(escapes(text, [mesh]), `${way}:\n${text}`).toEqual([])
    }
    expect(bob.pushes.length).toBeGreaterThan(0)
    for (const { content, meta } of bob.pushes) {
      expect(escapes(content)).toEqual([])
      for (const [key, value] of Object.entries(meta)) expect(`${key}=${value}`).toMatch(/^[a-z_]+=[A-Za-z0-9._:-]{0,64}$/)
    }
    expect(ids.size).toBe(sent)
  }, 240_000)
})
