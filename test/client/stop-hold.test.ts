/** The end of a turn in the real client while a peer's question is open: held once, in words that state facts, then let go. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { describeClients } from '../support/claude-client/describe-clients.mjs'
import { Sandbox, shown, until } from '../support/claude-client/sandbox.mjs'
import { startServer } from '../support/server.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const PLUGIN = 'sym-mesh-channel@sym-mesh-channel'
const HELD = /A question of another agent, shown before and quoted again below, is still open\./
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

describeClients('an open question', ({ bin }) => {
  it('holds the end of one turn once, and no turn after it [R67] [R68]', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'sym-'))
    cleanups.push(() => rmSync(shared, { recursive: true, force: true, maxRetries: 5 }))
    const root = join(shared, 'state')
    const listener = await Sandbox.create({
      client: bin,
      env: { SYM_STATE_DIR: root, SYM_NODE_NAME: 'bob' },
      rules: [{ times: 0, reply: 'NOT NOW' }],
    })
    cleanups.push(() => listener.close())
    await listener.install(ROOT, PLUGIN)
    const session = listener.stream()
    cleanups.push(() => session.end())
    let turns = 0
    const prompt = async (text: string): Promise<string[]> => {
      const before = listener.requests().length
      session.send(text)
      turns++
      await until(() => session.events.filter((event) => event['type'] === 'result').length === turns, {
        ms: 60_000,
        what: `the end of "${text}"`,
      })
      return listener.requests().slice(before).map(shown)
    }
    await prompt('hello')
    const alice = await startServer({ root, cwd: shared, env: { SYM_NODE_NAME: 'alice', SYM_LISTEN: '127.0.0.1:0' } })
    cleanups.push(() => alice.kill())
    await alice.callUntil('sym_peers', {}, (text) => /bob .*here/.test(text), 60_000)
    const { text } = await alice.call('sym_ask', { to: 'bob', question: 'ASKED-ONE is 0042 merged?', wait: 0 })
    expect(text).toContain('bob')

    const [atPrompt, held, ...more] = await prompt('go on')
    expect(atPrompt).toMatch(/question m[0-9a-f]{16} from peer alice/)
    expect(atPrompt).toContain('| ASKED-ONE is 0042 merged?')
    expect(atPrompt).not.toMatch(HELD)
    expect(held).toMatch(HELD)
    expect(held).toMatch(/\[begin ([0-9a-f]{16})\]\n\| ASKED-ONE is 0042 merged\?\n\[end \1\]/)
    expect(more).toEqual([])
    for (const later of [await prompt('and now?'), await prompt('still?')]) {
      expect(later).toHaveLength(1)
      expect(later.join('\n')).not.toMatch(HELD)
    }
  }, 240_000)
})
