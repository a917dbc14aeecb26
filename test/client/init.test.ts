/**
 * Installed by `init` instead of the plugin system, in the real client: the tools are offered under the entry's key, the
 * hooks bring what a peer said, and `uninstall` leaves the client as it was.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { deferred } from '../../server/src/base/deferred.ts'
import { TOOL_NAMES } from '../../server/src/mcp/tool-names.ts'
import { describeClients } from '../support/claude-client/describe-clients.mjs'
import { Sandbox, shown } from '../support/claude-client/sandbox.mjs'
import { startServer } from '../support/server.ts'

const CLI = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'server/dist/cli.mjs')
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const PREFIX = 'mcp__claude-sym-mesh__'
const BASH = { tool: 'Bash', input: { command: 'true', description: 'nothing' } }

describeClients('installed by init', ({ bin }) => {
  it.each(['user', 'project'])('for the %s: tools, hooks, and gone without a trace [R2] [R3] [R7]', async (scope) => {
    const shared = mkdtempSync(join(tmpdir(), 'sym-'))
    cleanups.push(() => rmSync(shared, { recursive: true, force: true, maxRetries: 5 }))
    const root = join(shared, 'state')
    const [asked, goOn] = [deferred(), deferred()]
    const held = async () => {
      asked.resolve()
      await goOn.promise
      return BASH
    }
    const sandbox = await Sandbox.create({
      client: bin,
      env: { SYM_STATE_DIR: root, SYM_NODE_NAME: 'bob', SYM_LISTEN: '127.0.0.1:0' },
      rules: [
        { when: { lastText: 'begin work' }, reply: held },
        { times: 0, reply: 'DONE' },
      ],
    })
    cleanups.push(() => sandbox.close())
    const cli = (...args: string[]) =>
      spawnSync(process.execPath, [CLI, ...args], { cwd: sandbox.proj, env: sandbox.env, encoding: 'utf8' })
    const flags = scope === 'project' ? ['--project', '--yes'] : ['--yes']
    expect(cli('init', ...flags)).toMatchObject({ status: 0 })

    const alice = await startServer({ root, cwd: shared, env: { SYM_NODE_NAME: 'alice', SYM_LISTEN: '127.0.0.1:0' } })
    cleanups.push(() => alice.kill())
    const session = sandbox.stream()
    cleanups.push(() => session.end())
    session.send('begin work')
    await asked.promise
    await alice.callUntil('sym_peers', { here: true }, (text) => /\bbob\b/.test(text), 30_000)
    await alice.call('sym_send', { focus: 'WORD-BY-INIT', to: 'bob' })
    goOn.resolve()
    await session.wait((event) => event['type'] === 'result')
    const offered = sandbox.requests()[0]?.body.tools?.map((tool) => tool.name) ?? []
    expect(offered.filter((name) => name.startsWith('mcp__')).sort()).toEqual(TOOL_NAMES.map((name) => PREFIX + name).sort())
    const telling = sandbox.requests().filter((request) => shown(request).includes('WORD-BY-INIT'))
    expect(telling.map(shown).join('\n')).toMatch(/\[begin ([0-9a-f]{16})\]\n\| WORD-BY-INIT\n\[end \1\]/)
    expect(telling).toHaveLength(1)

    expect(cli('init', ...flags)).toMatchObject({ status: 2, stderr: expect.stringContaining('--force') })
    expect(cli('uninstall', ...flags)).toMatchObject({ status: 0 })
    await sandbox.print('hello')
    const after =
      sandbox
        .requests()
        .at(-1)
        ?.body.tools?.map((tool) => tool.name) ?? []
    expect(after.filter((name) => name.startsWith('mcp__'))).toEqual([])
  })
})
