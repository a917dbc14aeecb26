/**
 * The main job in the real client: what one session observes stands in the other's context, in the middle of its turn and
 * at its next prompt, fenced, attributed, exactly once. Two clients with homes of their own, one machine.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { deferred } from '../../server/src/base/deferred.ts'
import { describeClients } from '../support/claude-client/describe-clients.mjs'
import type { LoggedRequest } from '../support/claude-client/fake-model.mjs'
import { Sandbox, shown, until } from '../support/claude-client/sandbox.mjs'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const PLUGIN = 'sym-mesh-channel@sym-mesh-channel'
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function twoSandboxes(client: string) {
  const shared = mkdtempSync(join(tmpdir(), 'sym-'))
  cleanups.push(() => rmSync(shared, { recursive: true, force: true, maxRetries: 5 }))
  const asked = deferred()
  const goOn = deferred()
  const env = { SYM_STATE_DIR: join(shared, 'state') }
  const held = async () => {
    asked.resolve()
    await goOn.promise
  }
  const speaker = await Sandbox.create({
    client,
    env: { ...env, SYM_NODE_NAME: 'alice' },
    rules: [
      {
        name: 'first',
        when: { lastText: 'tell them' },
        reply: { tool: 'sym_observe', input: { focus: 'FOCUS-ONE the build is red', mood: 'worried' } },
      },
      {
        name: 'second',
        when: { lastText: 'tell more' },
        reply: { tool: 'sym_send', input: { focus: 'FOCUS-TWO it is green', to: 'bob' } },
      },
      { times: 0, reply: 'DONE' },
    ],
  })
  cleanups.push(() => speaker.close())
  const listener = await Sandbox.create({
    client,
    env: { ...env, SYM_NODE_NAME: 'bob' },
    rules: [
      {
        name: 'work',
        when: { lastText: 'begin work' },
        reply: async () => {
          await held()
          return { tool: 'Bash', input: { command: 'true', description: 'nothing' } }
        },
      },
      {
        name: 'last',
        when: { lastText: 'last words' },
        reply: async () => {
          await held()
          return 'LAST WORDS'
        },
      },
      { times: 0, reply: 'DONE' },
    ],
  })
  cleanups.push(() => listener.close())
  await speaker.install(ROOT, PLUGIN)
  await listener.install(ROOT, PLUGIN)
  return { speaker, listener, asked: asked.promise, goOn: () => goOn.resolve() }
}

const showing = (requests: readonly LoggedRequest[], text: string) => requests.filter((request) => shown(request).includes(text))

describeClients('two sessions', ({ bin }) => {
  it('one observes, the other is shown it mid-turn and at the next prompt, once [R1] [R115] [R117] [R119] [R123] [R130]', async () => {
    const { speaker, listener, asked, goOn } = await twoSandboxes(bin)
    const session = listener.stream()
    cleanups.push(() => session.end())
    session.send('begin work')
    await asked
    const first = await speaker.print('tell them')
    expect(first.code, first.err).toBe(0)
    const told = showing(speaker.requests(), 'bob')
    expect(told.map(shown).join('\n')).toMatch(/bob\s.*(received|surfaced)/)
    goOn()
    await session.wait((event) => event['type'] === 'result')

    const [midTurn, ...again] = showing(listener.requests(), 'FOCUS-ONE')
    expect(again).toEqual([])
    const text = shown(midTurn as LoggedRequest)
    expect(text).toContain('<<tool_result>>') // beside the result of the tool: in the middle of the turn
    expect(text).toMatch(/From the mesh: 1 item, quoted below, was written by other agents/)
    expect(text).toMatch(/observation m[0-9a-f]{16} from peer alice \([0-9a-f ]{19}, member\), to the group/)
    expect(text).toMatch(/\[begin ([0-9a-f]{16})\]\n\| FOCUS-ONE the build is red\n\[end \1\]/)

    await speaker.print('tell more')
    session.send('anything new?')
    await until(() => showing(listener.requests(), 'FOCUS-TWO').length > 0, { what: 'the message to be shown' })
    session.send('and now?')
    await until(() => session.events.filter((event) => event['type'] === 'result').length === 3, { what: 'the third turn' })
    expect(showing(listener.requests(), 'FOCUS-TWO')).toHaveLength(1)
    expect(showing(listener.requests(), 'FOCUS-ONE')).toHaveLength(1)
    const atPrompt = shown(showing(listener.requests(), 'FOCUS-TWO')[0] as LoggedRequest)
    expect(atPrompt).toContain('anything new?')
    expect(atPrompt).toMatch(/message m[0-9a-f]{16} from peer alice .*, to this session/)
  })

  it('what comes during the last words is shown at the end of the turn, once, and the turn goes on [R117] [R119]', async () => {
    const { speaker, listener, asked, goOn } = await twoSandboxes(bin)
    const session = listener.stream()
    cleanups.push(() => session.end())
    session.send('last words')
    await asked
    await speaker.print('tell them')
    goOn()
    await until(() => showing(listener.requests(), 'FOCUS-ONE').length > 0, { what: 'the observation to be shown' })
    await session.wait((event) => event['type'] === 'result')
    const [atStop, ...again] = showing(listener.requests(), 'FOCUS-ONE')
    expect(again).toEqual([])
    expect(shown(atStop as LoggedRequest)).not.toContain('<<tool_result>>')
    expect(shown(atStop as LoggedRequest)).toMatch(/\[begin ([0-9a-f]{16})\]\n\| FOCUS-ONE the build is red\n\[end \1\]/)
    session.send('and now?')
    await until(() => session.events.filter((event) => event['type'] === 'result').length === 2, { what: 'the second turn' })
    expect(showing(listener.requests(), 'FOCUS-ONE')).toHaveLength(1)
  })

  it('what came while a session was away is shown when it is back, after a line of who is here [R72] [R75] [R126]', async () => {
    const { speaker, listener } = await twoSandboxes(bin)
    // Both must have met once; then the listener is away while the speaker speaks.
    const first = speaker.stream()
    cleanups.push(() => first.end())
    first.send('hello')
    await first.wait((event) => event['type'] === 'result')
    await listener.print('hello')
    first.send('tell more')
    await until(() => showing(speaker.requests(), 'queued').length > 0, { what: 'the send to say that it waits' })
    const session = listener.stream()
    cleanups.push(() => session.end())
    session.send('good morning')
    await session.wait((event) => event['type'] === 'result')
    session.send('anything new?')
    await until(() => session.events.filter((event) => event['type'] === 'result').length === 2, { what: 'the second turn' })
    expect(showing(listener.requests(), 'FOCUS-TWO')).toHaveLength(1)
    const all = listener.requests().map(shown).join('\n')
    expect(all).toMatch(/Mesh: this session is bob in group default; 1 peer is here/)
  })
})
