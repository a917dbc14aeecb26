/** Memory and relevance between real sessions: what is counted, why, and what a person does about it at a terminal. */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type ServerProcess, startServer, temporaryHome } from '../support/server.ts'

const CLI = fileURLToPath(new URL('../../server/dist/cli.mjs', import.meta.url))
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function machine(settings: object = {}) {
  const { home, root, remove } = temporaryHome()
  cleanups.push(remove)
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const rootSettings = (value: object): void => writeFileSync(path.join(root, 'settings.json'), JSON.stringify(value))
  rootSettings(settings)
  const folder = (name: string): string => {
    mkdirSync(path.join(home, name), { recursive: true })
    return path.join(home, name)
  }
  const run = (project: string, ...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], HOME: home, SYM_STATE_DIR: root, SYM_LISTEN: '127.0.0.1:0' }
      const child = spawn(process.execPath, [CLI, ...args], { cwd: folder(project), env, stdio: ['ignore', 'pipe', 'pipe'] })
      const ran = { out: '', err: '' }
      child.stdout.on('data', (chunk) => (ran.out += chunk))
      child.stderr.on('data', (chunk) => (ran.err += chunk))
      child.on('close', (code) => resolve({ code, ...ran }))
    })
  const session = async (name: string): Promise<ServerProcess> => {
    const server = await startServer({ root, cwd: folder(name), env: { SYM_LISTEN: '127.0.0.1:0' } })
    cleanups.push(() => server.kill())
    return server
  }
  return { run, session, rootSettings }
}

const WORK = [
  'the payment client retries four times when the acquirer times out',
  'retryBudget is ignored for ETIMEDOUT in src/acquirer/payment-client.ts',
  'charges to the acquirer are idempotent, no customer was billed twice',
]
const FAR = 'translated the pricing brochure into Portuguese and ordered stickers'
const ask = async (server: ServerProcess, tool: string, args: object = {}): Promise<string> => (await server.call(tool, args)).text
const meet = (server: ServerProcess) => server.callUntil('sym_peers', {}, (text) => text.includes('here (machine)'))
const idIn = (text: string): string => /\bm[0-9a-f]{16}\b/.exec(text)?.[0] ?? ''

describe('between two sessions', () => {
  it('what is far from the work of one is counted, found, explained and can be followed up [R79] [R80] [R77]', async () => {
    const { run, session } = machine()
    const [desk, other] = [await session('desk'), await session('other')]
    await meet(other)
    for (const focus of WORK) await ask(desk, 'sym_observe', { focus })
    const sent = await ask(other, 'sym_observe', { focus: FAR, issue: 'no stickers left' })
    const id = idIn(sent)
    expect(sent).toContain('received')
    await ask(other, 'sym_observe', { focus: 'the acquirer answers ETIMEDOUT, so the payment client retries again' })
    const shown = await ask(desk, 'sym_status')
    expect(shown).toContain('payment client retries again')
    expect(shown).not.toContain('brochure')
    expect(shown).toMatch(/1 of them found irrelevant/)
    expect(await ask(desk, 'sym_inbox')).toMatch(/rejected: far from what this session said[\s\S]*brochure/)
    expect(await ask(desk, 'sym_recall', { query: 'brochure stickers', kind: 'observation', since: '1h' })).toContain(id)
    expect(await ask(desk, 'sym_recall', { query: 'brochure', peer: 'me' })).toBe('Nothing kept has these words.')

    const why = await run('desk', 'why', id)
    expect(why.err).toBe('')
    expect(why.out).toMatch(/Decided: rejected, speaks as count/)
    expect(why.out).toMatch(/^ {2}mention +no$/m)
    expect(why.out).toMatch(/^ {2}focus +drift 0\.\d{3} {2}nearest 0\.\d{3} {2}reject$/m)
    expect(JSON.parse((await run('desk', 'why', '--json')).out)).toBeInstanceOf(Array)
    const lost = await run('desk', 'why', 'm0000000000000000')
    expect([lost.code, lost.err]).toEqual([1, expect.stringContaining('no item "m0000000000000000" is kept here')])
  })

  it('what the user ignores is counted and what the user follows is shown [R79]', async () => {
    const { session } = machine({ ignore: ['topic:stickers'], follow: ['kind:decision'] })
    const [desk, other] = [await session('desk'), await session('other')]
    await meet(other)
    await ask(other, 'sym_observe', { focus: 'stickers have arrived', kind: 'decision' })
    await ask(other, 'sym_observe', { focus: 'we take the blue paint', kind: 'decision' })
    const shown = await ask(desk, 'sym_status')
    expect(shown).toContain('blue paint')
    expect(shown).not.toContain('stickers have arrived')
  })
})

describe('a session that begins', () => {
  it('is told in one line who is here and what is only counted, with the headlines of what came in [R83]', async () => {
    const { session, rootSettings } = machine({ ignore: ['topic:stickers'] })
    const [desk, other] = [await session('desk'), await session('other')]
    await meet(other)
    await ask(other, 'sym_send', { focus: 'the staging database is down until noon' })
    await ask(other, 'sym_observe', { focus: 'stickers have arrived' })
    await desk.statusUntil(({ inbox }) => inbox.unread === 2, 'both arrived')
    const answer = await desk.ask('take', { event: 'SessionStart' })
    const { text } = 'ok' in answer ? (answer.ok as { text: string }) : { text: '' }
    expect(text).toMatch(/1 peer is here, 2 unread\. Not shown: 1 group message \(1 that the user ignores\)/)
    expect(text).toMatch(/\[begin [0-9a-f]{16}\]\n\| the staging database is down until noon\n\[end/)
    expect(text).not.toContain('stickers have')
    rootSettings({ ignore: [] })
    const end = Date.now() + 15_000
    for (let shown = ''; !shown.includes('stickers again'); ) {
      if (Date.now() > end) throw new Error('the new wish was never followed')
      await ask(other, 'sym_observe', { focus: 'stickers again' })
      shown = await ask(desk, 'sym_status')
    }
  })

  it('finds the work summaries that were shared [R84]', async () => {
    const { session } = machine()
    const [desk, other] = [await session('desk'), await session('other')]
    await meet(other)
    await ask(other, 'sym_observe', {
      kind: 'context',
      focus: 'read src/acquirer; retries are in payment-client.ts',
      perspective: 'payments',
    })
    await ask(other, 'sym_observe', { kind: 'decision', focus: 'retries get a budget' })
    await desk.statusUntil(({ inbox }) => inbox.total === 2, 'both arrived')
    // What waits comes beside any result; afterwards the list stands alone.
    await ask(desk, 'sym_inbox')
    const listed = await ask(desk, 'sym_recall', { kind: 'context' })
    expect(listed).toContain('read src/acquirer')
    expect(listed).not.toContain('get a budget')
  })
})

describe('at a terminal', () => {
  it('notes are kept, found, walked and forgotten, with and without a session [R85] [R77]', async () => {
    const { run, session } = machine({ memory: { days: 30 } })
    const kept = await run('desk', 'remember', 'the staging key rotates on Mondays')
    expect([kept.code, kept.err]).toEqual([0, ''])
    const server = await session('desk')
    expect(await ask(server, 'sym_recall', { query: 'staging', kind: 'note' })).toContain('rotates on Mondays')
    const id = idIn(kept.out)
    expect((await run('desk', 'recall', 'staging', '--peer', 'me', '--since', '1h')).out).toContain(id)
    expect((await run('desk', 'recall', 'staging', '--until', '1h')).out).toBe('Nothing here.\n')
    expect((await run('desk', 'thread', id)).out).toContain('rotates on Mondays')
    expect(JSON.parse((await run('desk', 'forget', id, '--json')).out)).toEqual({ id })
    expect((await run('desk', 'recall', 'staging')).out).toBe('Nothing here.\n')
    const wrong = await run('desk', 'recall', '--since', 'yesterday')
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('write for example 2h, 3d')])
  })

  it('a wish that cannot be read stops the start with a sentence', async () => {
    const { run } = machine({ ignore: ['stickers'] })
    const { code, err } = await run('desk', 'status')
    expect(code).toBe(1)
    expect(err).toMatch(/"stickers" cannot be followed or ignored.*topic:/s)
  })
})
