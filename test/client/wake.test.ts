/**
 * A session that does nothing, without any flag, in the real client: what is said to it wakes it by the background hook,
 * once, and again after its next turn. Print mode is neither held up at its start nor at its end.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { deferred } from '../../server/src/base/deferred.ts'
import { SILENT_MS } from '../../server/src/mcp/wake.ts'
import { describeClients } from '../support/claude-client/describe-clients.mjs'
import type { LoggedRequest, Rule } from '../support/claude-client/fake-model.mjs'
import { hasTmux, Sandbox, shown, sleep, until } from '../support/claude-client/sandbox.mjs'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const PLUGIN = 'sym-mesh-channel@sym-mesh-channel'
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function sandboxes(client: string, listenerRules: readonly Rule[] = []) {
  const shared = mkdtempSync(join(tmpdir(), 'sym-'))
  cleanups.push(() => rmSync(shared, { recursive: true, force: true, maxRetries: 5 }))
  const env = { SYM_STATE_DIR: join(shared, 'state') }
  const say = (name: string, focus: string) => ({
    name,
    when: { lastText: name },
    reply: { tool: 'sym_send', input: { focus, to: 'bob' } },
  })
  const speaker = await Sandbox.create({
    client,
    env: { ...env, SYM_NODE_NAME: 'alice' },
    rules: [
      { name: 'who', when: { lastText: 'who is here', isToolResult: false }, times: 0, reply: { tool: 'sym_peers', input: {} } },
      say('say one', 'WAKE-ONE is 0042 merged?'),
      say('say two', 'WAKE-TWO and 0043?'),
      { name: 'group', when: { lastText: 'tell all' }, reply: { tool: 'sym_observe', input: { focus: 'BROADCAST-ONE' } } },
      {
        name: 'ask',
        when: { lastText: 'what became of it', isToolResult: false },
        times: 0,
        reply: ({ anyText }) => ({ tool: 'sym_fetch', input: { id: /Sent: (m[0-9a-f]{16})/.exec(anyText)?.[1] ?? 'm00000000' } }),
      },
      { times: 0, reply: 'DONE' },
    ],
  })
  cleanups.push(() => speaker.close())
  const listener = await Sandbox.create({
    client,
    env: { ...env, SYM_NODE_NAME: 'bob' },
    rules: [...listenerRules, { times: 0, reply: 'NOTED' }],
  })
  cleanups.push(() => listener.close())
  await speaker.install(ROOT, PLUGIN)
  await listener.install(ROOT, PLUGIN)
  return { speaker, listener }
}

const showing = (requests: readonly LoggedRequest[], text: string) => requests.filter((request) => shown(request).includes(text))

/** A session of the speaker that says one thing after the other. */
async function speaking(speaker: Sandbox) {
  const session = speaker.stream()
  cleanups.push(() => session.end())
  let turns = 0
  const say = async (text: string): Promise<string> => {
    session.send(text)
    turns++
    await until(() => session.events.filter((event) => event['type'] === 'result').length === turns, {
      ms: 60_000,
      what: `the end of "${text}"`,
    })
    return shown(speaker.requests().at(-1) as LoggedRequest)
  }
  const until_ = async (text: string, fits: RegExp): Promise<void> => {
    for (let attempt = 0; attempt < 30; attempt++) if (fits.test(await say(text))) return
    throw new Error(`never came: ${fits}`)
  }
  return { say, until: until_ }
}

describeClients('an idle session', ({ bin }) => {
  it.skipIf(!hasTmux())(
    'is woken by what is said to it, with no flag and no key pressed, each time [R115] [R116] [R117] [R119] [R123]',
    async () => {
      const { speaker, listener } = await sandboxes(bin)
      const terminal = listener.tui()
      cleanups.push(() => terminal.kill())
      await terminal.waitScreen(/❯/, 60_000)
      const alice = await speaking(speaker)
      await alice.until('who is here', /bob .* wakes it when idle/)

      await alice.say('tell all')
      await alice.say('say one')
      await until(() => showing(listener.requests(), 'WAKE-ONE').length > 0, { ms: 60_000, what: 'the wake' })
      const woken = shown(showing(listener.requests(), 'WAKE-ONE')[0] as LoggedRequest)
      expect(woken).toContain('<task-notification>')
      expect(woken).toMatch(
        /hook blocking error from command "[^"]*": From the mesh: 2 items, quoted below, were written by other agents\./,
      )
      expect(woken).toMatch(/message m[0-9a-f]{16} from peer alice \([0-9a-f ]{19}, member\), to this session/)
      expect(woken).toMatch(/\[begin ([0-9a-f]{16})\]\n\| WAKE-ONE is 0042 merged\?\n\[end \1\]/)
      expect(woken).toContain('| BROADCAST-ONE')

      await alice.until('what became of it', /bob .* surfaced \(by wake\)/)
      await alice.until('who is here', /bob .* wakes it when idle/)
      await alice.say('say two')
      await until(() => showing(listener.requests(), 'WAKE-TWO').length > 0, { ms: 60_000, what: 'the second wake' })
      await terminal.line('and now?')
      await until(() => showing(listener.requests(), 'and now?').length > 0, { ms: 60_000, what: 'the turn of the person' })
      for (const text of ['WAKE-ONE', 'WAKE-TWO', 'BROADCAST-ONE']) expect(showing(listener.requests(), text)).toHaveLength(1)
    },
    240_000,
  )

  it.skipIf(!hasTmux())(
    'sleeps on while only the group is spoken to, and hears of it at its next prompt [R116] [R117] [R130]',
    async () => {
      const { speaker, listener } = await sandboxes(bin)
      const terminal = listener.tui()
      cleanups.push(() => terminal.kill())
      await terminal.waitScreen(/❯/, 60_000)
      const alice = await speaking(speaker)
      await alice.until('who is here', /bob .* wakes it when idle/)
      await alice.until('tell all', /bob .*(received|surfaced)/)
      expect(listener.requests()).toEqual([])
      await terminal.line('good morning')
      await until(() => showing(listener.requests(), 'BROADCAST-ONE').length > 0, { ms: 60_000, what: 'the broadcast' })
      expect(shown(showing(listener.requests(), 'BROADCAST-ONE')[0] as LoggedRequest)).toContain('good morning')
    },
    240_000,
  )
})

describeClients('a turn that gives no sign for a minute', ({ bin }) => {
  it.skipIf(!hasTmux())(
    'hears by the background hook, beside its next tool result, once [R116] [R119]',
    async () => {
      const [asked, goOn] = [deferred(), deferred()]
      const work: Rule = {
        name: 'work',
        when: { lastText: 'begin work' },
        reply: async () => {
          asked.resolve()
          await goOn.promise
          return { tool: 'Read', input: { file_path: join(listener.proj, 'note.txt') } }
        },
      }
      const { speaker, listener } = await sandboxes(bin, [work])
      writeFileSync(join(listener.proj, 'note.txt'), 'nothing')
      const terminal = listener.tui()
      cleanups.push(() => terminal.kill())
      await terminal.waitScreen(/❯/, 60_000)
      const alice = await speaking(speaker)
      await alice.until('who is here', /bob .* wakes it when idle/)
      await terminal.line('begin work')
      await asked.promise
      await alice.until('who is here', /bob .*working/)
      await alice.say('say one')
      expect(await alice.say('what became of it')).toMatch(/bob .* received/)
      await sleep(SILENT_MS)
      await alice.until('what became of it', /bob .* surfaced \(by wake\)/)
      goOn.resolve()
      await until(() => showing(listener.requests(), 'WAKE-ONE').length > 0, { ms: 60_000, what: 'the words in the turn' })
      const [inTurn, ...again] = showing(listener.requests(), 'WAKE-ONE')
      expect(shown(inTurn as LoggedRequest)).toContain('<<tool_result>>')
      expect(shown(inTurn as LoggedRequest)).toMatch(/\[begin ([0-9a-f]{16})\]\n\| WAKE-ONE is 0042 merged\?\n\[end \1\]/)
      expect(again).toEqual([])
    },
    300_000,
  )
})

describeClients('print mode', ({ bin }) => {
  it('is neither held up at its start nor at its end by the background hook [R116] [R132]', async () => {
    const { speaker, listener } = await sandboxes(bin)
    const alice = await speaking(speaker)
    await alice.say('hello')
    const bare = await Sandbox.create({ client: bin, rules: [{ times: 0, reply: 'DONE' }] })
    cleanups.push(() => bare.close())
    // Both once before, so that no first start is measured.
    await bare.print('hello')
    await listener.print('hello')
    const [without, withPlugin] = [await bare.print('hello'), await listener.print('hello')]
    expect([without.code, withPlugin.code]).toEqual([0, 0])
    // A waiter that is not let go holds the session for a day; the machine may be slow, but not by that much.
    expect(withPlugin.ms).toBeLessThan(without.ms * 3 + 5_000)
  }, 240_000)
})
