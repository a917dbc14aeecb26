/**
 * Asking in the real client: the question stands in the other session's context in the middle of its turn, and its answer
 * in the call that asked. The models are scripted: one asks, the other answers what it is shown by its id.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { deferred } from '../../server/src/base/deferred.ts'
import { describeClients } from '../support/claude-client/describe-clients.mjs'
import type { Reply, RuleContext } from '../support/claude-client/fake-model.mjs'
import { Sandbox, shown } from '../support/claude-client/sandbox.mjs'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const PLUGIN = 'sym-mesh-channel@sym-mesh-channel'
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const QUESTION = /question (m[0-9a-f]{16}(?:\.[0-9a-f]{6})?) from peer alice/
/** What a helpful model does: it answers the question that it is shown. */
const answer = ({ newText, toolResult }: RuleContext): Reply => ({
  tool: 'sym_reply',
  input: { id: QUESTION.exec(`${newText}\n${toolResult}`)?.[1] ?? '', answer: 'ANSWER-ONE the branch is main' },
})

describeClients('a question', ({ bin }) => {
  it('is answered in one turn of the asker, by a session in the middle of its own [R62] [R115] [R135]', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'sym-'))
    cleanups.push(() => rmSync(shared, { recursive: true, force: true, maxRetries: 5 }))
    const env = { SYM_STATE_DIR: join(shared, 'state') }
    const working = deferred()
    const asker = await Sandbox.create({
      client: bin,
      env: { ...env, SYM_NODE_NAME: 'alice' },
      rules: [
        {
          name: 'ask',
          when: { lastText: 'bob Which branch' },
          reply: { tool: 'sym_ask', input: { question: 'QUESTION-ONE which branch?', to: 'bob' } },
        },
        { times: 0, reply: 'DONE' },
      ],
    })
    cleanups.push(() => asker.close())
    // Works on until it is shown something: each step is a tool use, and so an occasion for the hook.
    let steps = 0
    const listener = await Sandbox.create({
      client: bin,
      env: { ...env, SYM_NODE_NAME: 'bob' },
      rules: [
        { name: 'answer', when: (context) => QUESTION.test(`${context.newText}\n${context.toolResult}`), reply: answer, times: 1 },
        {
          name: 'work',
          when: ({ main, anyText }) => main && anyText.includes('begin work') && !anyText.includes('Answered: m') && steps < 60,
          times: 0,
          delayMs: 250,
          reply: () => {
            steps++
            working.resolve()
            return { tool: 'Bash', input: { command: 'true', description: 'nothing' } }
          },
        },
        { times: 0, reply: 'DONE' },
      ],
    })
    cleanups.push(() => listener.close())
    await asker.install(ROOT, PLUGIN)
    await listener.install(ROOT, PLUGIN)
    const session = listener.stream()
    cleanups.push(() => session.end())
    session.send('begin work')
    await working.promise

    const run = await asker.print('/mesh-ask bob Which branch do you use?')
    expect(run.code, run.err).toBe(0)
    const told = asker.requests().map(shown).join('\n').replaceAll('\\n', '\n')
    expect(told).toMatch(/Question m[0-9a-f]{16}: answered, 1 of 1 answer/)
    expect(told).toMatch(/answer m[0-9a-f]{16} from peer bob .*answers the question m[0-9a-f]{16} of this session, /)
    expect(told).toMatch(/\[begin ([0-9a-f]{16})\]\n\| ANSWER-ONE the branch is main\n\[end \1\]/)
    await session.wait((event) => event['type'] === 'result')
    const heard = listener.requests().map(shown)
    expect(heard.filter((text) => QUESTION.test(text)).length).toBeGreaterThanOrEqual(1)
    expect(heard.join('\n')).toMatch(/\| QUESTION-ONE which branch\?/)
    expect(heard.join('\n')).toContain('Answered: m')
  })
})
