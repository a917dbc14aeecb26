/**
 * Presence in the real client: a turn makes a session `working` and its end `idle`, seen by a peer that asks; and of two
 * sessions that edit the same file the later one is told, beside the result of its edit, once.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { deferred } from '../../server/src/base/deferred.ts'
import { describeClients } from '../support/claude-client/describe-clients.mjs'
import type { Rule } from '../support/claude-client/fake-model.mjs'
import { Sandbox, shown, until } from '../support/claude-client/sandbox.mjs'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const PLUGIN = 'sym-mesh-channel@sym-mesh-channel'
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const LOOK: Rule = {
  name: 'look',
  when: { lastText: 'who is here', isToolResult: false },
  times: 0,
  reply: { tool: 'sym_peers', input: {} },
}
const DONE: Rule = { times: 0, reply: 'DONE' }

/** A client with a clone of one repository as its project. */
async function clone(client: string, root: string, name: string, rules: (folder: () => string) => readonly Rule[]) {
  const folder = (): string => sandbox.proj
  const sandbox: Sandbox = await Sandbox.create({ client, env: { SYM_STATE_DIR: root, SYM_NODE_NAME: name }, rules: rules(folder) })
  cleanups.push(() => sandbox.close())
  mkdirSync(join(sandbox.proj, '.git'), { recursive: true })
  writeFileSync(join(sandbox.proj, '.git/HEAD'), 'ref: refs/heads/main\n')
  writeFileSync(join(sandbox.proj, '.git/config'), '[remote "origin"]\n\turl = https://code.example.org/team/shop\n')
  await sandbox.install(ROOT, PLUGIN)
  return sandbox
}

async function session(sandbox: Sandbox) {
  const stream = sandbox.stream()
  cleanups.push(() => stream.end())
  let turns = 0
  const begin = (text: string): void => {
    stream.send(text)
    turns++
  }
  const ended = () =>
    until(() => stream.events.filter((event) => event['type'] === 'result').length === turns, { ms: 60_000, what: 'the end of a turn' })
  /** What the last request of the turn showed the model. */
  const say = async (text: string): Promise<string> => {
    begin(text)
    await ended()
    return sandbox.requests().map(shown).at(-1) ?? ''
  }
  return { begin, ended, say }
}

describeClients('two sessions of one repository', ({ bin }) => {
  it('see each other work and rest, and hear once that they edit the same file [R34] [R36] [R44]', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'sym-'))
    cleanups.push(() => rmSync(shared, { recursive: true, force: true, maxRetries: 5 }))
    const root = join(shared, 'state')
    mkdirSync(root, { mode: 0o700 })
    writeFileSync(join(root, 'settings.json'), JSON.stringify({ share: { files: true } }))
    const goOn = deferred()
    const write = (folder: () => string, text: string, file: string, held?: Promise<void>): Rule => ({
      name: text,
      when: { lastText: text, isToolResult: false },
      reply: async () => {
        await held
        return { tool: 'Write', input: { file_path: join(folder(), file), content: `${text}\n` } }
      },
    })
    const bob = await clone(bin, root, 'bob', (folder) => [write(folder, 'begin work', 'login.ts', goOn.promise), DONE])
    const alice = await clone(bin, root, 'alice', (folder) => [
      LOOK,
      write(folder, 'edit another', 'other.ts'),
      write(folder, 'edit it too', 'login.ts'),
      write(folder, 'edit it again', 'login.ts'),
      DONE,
    ])
    const [his, hers] = [await session(bob), await session(alice)]
    await hers.say('hello')
    await his.say('hello')
    const seen = async (fits: RegExp): Promise<void> => {
      for (let attempt = 0; attempt < 20; attempt++) if (fits.test(await hers.say('who is here'))) return
      throw new Error(`never came: ${fits}; last:\n${alice.requests().map(shown).at(-1)}`)
    }
    await seen(/bob .*here \(machine\), idle, .*in \S+, on main/)
    his.begin('begin work')
    await seen(/bob .*here \(machine\), working,/)
    goOn.resolve()
    await his.ended()
    await seen(/bob .*here \(machine\), idle, .*edited login\.ts/)

    const line = /Mesh: the file "login\.ts" is being edited by bob \([0-9a-f ]{19}\) too\./
    expect(await hers.say('edit another')).not.toMatch(/is being edited/)
    expect(await hers.say('edit it too')).toMatch(line)
    expect(await hers.say('edit it again')).not.toMatch(/is being edited/)
    expect(alice.requests().filter((request) => line.test(shown(request)))).toHaveLength(1)
  }, 240_000)
})
