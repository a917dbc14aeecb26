/** A flood in the real client: 2,000 messages to a session that works and then rests cost it no more than the budget. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { systemClock } from '../../server/src/base/clock.ts'
import { LIMITS } from '../../server/src/base/limits.ts'
import { callLocal, type LocalAnswer } from '../../server/src/local/calls.ts'
import { listRunFiles } from '../../server/src/local/run-files.ts'
import { describeClients } from '../support/claude-client/describe-clients.mjs'
import { hasTmux, Sandbox, shown, sleep, until } from '../support/claude-client/sandbox.mjs'
import { startServer } from '../support/server.ts'
import { FAST } from '../support/sessions.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const PLUGIN = 'sym-mesh-channel@sym-mesh-channel'
const MESSAGES = 2_000
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

describeClients('a flood', ({ bin }) => {
  it.skipIf(!hasTmux())(
    'of 2,000 messages costs an interactive session no more than its budget, and loses none [A9] [R116] [R120] [R124]',
    async () => {
      const shared = mkdtempSync(join(tmpdir(), 'sym-'))
      cleanups.push(() => rmSync(shared, { recursive: true, force: true, maxRetries: 5 }))
      const root = join(shared, 'state')
      mkdirSync(root, { mode: 0o700 })
      // The wire is opened wide; what reaches the context keeps its limits.
      writeFileSync(join(root, 'settings.json'), JSON.stringify({ rates: FAST }), { mode: 0o600 })
      const listener = await Sandbox.create({
        client: bin,
        env: { SYM_STATE_DIR: root, SYM_NODE_NAME: 'bob' },
        rules: [{ times: 0, reply: 'NOTED' }],
      })
      cleanups.push(() => listener.close())
      await listener.install(ROOT, PLUGIN)
      const terminal = listener.tui()
      cleanups.push(() => terminal.kill())
      await terminal.waitScreen(/❯/, 60_000)
      const alice = await startServer({ root, cwd: shared, env: { SYM_NODE_NAME: 'alice', SYM_LISTEN: '127.0.0.1:0' } })
      cleanups.push(() => alice.kill())
      await alice.callUntil('sym_peers', {}, (text) => /bob .* wakes it when idle/.test(text), 60_000)

      const began = Date.now()
      let sent = 0
      const worker = async (): Promise<void> => {
        while (sent < MESSAGES) {
          // No two alike, or the loop breaker would hold them first.
          const focus = `FLOOD-${sent++} ${randomBytes(40).toString('hex')}`
          await say(() => alice.ask('send', { fields: { focus }, to: 'bob', tags: ['message'], origin: 'program' }, 60_000))
        }
      }
      await Promise.all(Array.from({ length: 16 }, worker))
      await alice.statusUntil(({ outbox }) => outbox.waiting === 0, 'all are received', 120_000)
      // The session rests, is woken, and gets two prompts of its user meanwhile.
      for (const text of ['first prompt', 'second prompt']) {
        await terminal.line(text)
        await until(() => listener.requests().some((request) => shown(request).includes(text)), { ms: 60_000, what: text })
      }
      await sleep(3_000)
      const minutes = (Date.now() - began) / 60_000

      const texts = listener.requests().map(shown)
      const ids = texts.flatMap((text) => text.match(/^message m[0-9a-f]{16}/gm) ?? [])
      const { itemsBurst, itemsPerMinute, tokensBurst, tokensPerMinute } = LIMITS.context.perPeer
      const share = LIMITS.context.unverifiedShare
      expect(ids.length).toBeGreaterThan(0)
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids.length).toBeLessThanOrEqual(share * (itemsBurst + itemsPerMinute * minutes) + 1)
      const quoted = texts.join('\n').match(/^(?:message m[0-9a-f]{16}.*|\[begin.*|\[end.*|\| FLOOD.*)$/gm) ?? []
      expect(quoted.join('\n').length / 4).toBeLessThanOrEqual(share * (tokensBurst + tokensPerMinute * minutes) + 300)
      const wakes = texts.filter((text) => text.includes('<task-notification>')).length
      expect(wakes).toBeLessThanOrEqual(LIMITS.wake.perMinute * (1 + minutes))
      expect(texts.join('\n')).toMatch(/In the mesh inbox: \d+ more from alice, ~\d+k? tok, sym_inbox\./)
      const { inbox } = await statusOfBob(root)
      expect(inbox.total).toBe(MESSAGES)
      expect(inbox.unread).toBe(MESSAGES - ids.length)
    },
    360_000,
  )
})

/** The private socket takes a hundred requests a second. */
async function say(send: () => Promise<LocalAnswer>): Promise<void> {
  for (;;) {
    const answer = await send()
    if ('ok' in answer) return
    if (!answer.error.message.includes('try again')) throw new Error(answer.error.message)
    await sleep(100)
  }
}

async function statusOfBob(root: string): Promise<{ readonly inbox: { readonly total: number; readonly unread: number } }> {
  for (const { run } of listRunFiles(root)) {
    const answer = await callLocal(run.local, { method: 'status' }, { clock: systemClock, timeoutMs: 10_000 })
    if ('ok' in answer && (answer.ok as { name: string }).name === 'bob') return answer.ok as never
  }
  throw new Error('bob has gone')
}
