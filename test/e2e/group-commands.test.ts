/** What a person does with groups in a shell, beside joining: names, who answers, what is told to one group, and the account of it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hasTerminal, type Ran, runCommand } from '../support/cli-run.ts'
import { type Home, Sessions } from '../support/sessions.ts'

const sessions = new Sessions()
afterEach(() => sessions.end())

const run = (
  home: Home,
  project: string,
  args: readonly string[],
  typed?: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> => runCommand({ ...home, env: { SYM_LISTEN: '127.0.0.1:0', ...env } }, project, args, typed)

async function two(projectFile?: object) {
  const [alice, bob] = [sessions.home(), sessions.home()]
  if (projectFile) {
    mkdirSync(path.join(alice.home, 'api'), { recursive: true })
    writeFileSync(path.join(alice.home, 'api', '.sym-mesh.json'), JSON.stringify(projectFile))
  }
  const a = await sessions.start(alice, 'api')
  const b = await sessions.start(bob, 'web', { env: { SYM_PEERS: `127.0.0.1:${await a.port()}` } })
  for (const server of [a, b]) await server.statusUntil(({ peersHere }) => peersHere === 1, 'the other is here', 60_000)
  return { alice, bob, a, b }
}

/** The account, once the session has written this down: it does so a little after the decision. */
async function logged(home: Home, entry: RegExp): Promise<string> {
  for (;;) {
    const { out } = await run(home, 'api', ['log'])
    if (entry.test(out)) return out
  }
}

describe('groups in a shell', () => {
  it('tell who of a group answers, and over which path [R100]', async () => {
    const { alice } = await two()
    const { out } = await run(alice, 'api', ['groups', 'ping'])
    expect(out).toMatch(/^default: 1 here\nclaude-\S+-web {2}lan {2}[\d.]+ ms$/m)
    const found = JSON.parse((await run(alice, 'api', ['groups', 'ping', 'default', '--json'])).out)
    expect(found).toMatchObject({ group: 'default', answers: [{ path: 'lan', ms: expect.any(Number) }] })
    expect((await run(alice, 'api', ['groups', 'ping', 'nobody-there'])).out).toContain('nobody else is here')
  })

  it('have a name of the user’s own, by which commands find them, and its account says what was decided [R100]', async () => {
    const alice = sessions.home()
    await sessions.start(alice, 'api')
    expect((await run(alice, 'api', ['invite', 'backend-team', '--private', '--yes'])).code).toBe(0)
    expect((await run(alice, 'api', ['groups', 'rename', 'backend-team', 'platform'])).out).toMatch(
      /^backend-team:[0-9a-f]{12} is platform here/,
    )
    expect((await run(alice, 'api', ['groups'])).out).toMatch(
      /^backend-team:[0-9a-f]{12} {2}nobody else here, current, private, called platform here$/m,
    )
    expect((await run(alice, 'api', ['members', 'platform'])).out).toMatch(/^backend-team:[0-9a-f]{12}\n.*you/)
    expect((await run(alice, 'api', ['join', 'default', '--yes'])).code).toBe(0)
    expect((await run(alice, 'api', ['groups'])).out).toMatch(/not joined by this session, private, called platform here/)
    expect(await run(alice, 'api', ['groups', 'rename', 'default', 'x'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no private group'),
    })
    expect((await run(alice, 'api', ['groups', 'rename', 'platform', '-'])).out).toContain('called as it was')
    const log = await logged(alice, /private-joined[\s\S]*invite-made|invite-made[\s\S]*private-joined/)
    expect(log).not.toContain('sym://')
  })

  it.skipIf(!hasTerminal)(
    'are told what is set for them, at once, within what the project allows, and by a person alone [R97]',
    async () => {
      const { alice, b } = await two({ share: { branch: false } })
      const refused = await run(alice, 'api', ['share', 'default', 'folder'], undefined, { CLAUDECODE: '1' })
      expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('nothing was changed') })
      expect((await b.call('sym_peers')).text).not.toContain('in api')
      expect((await run(alice, 'api', ['share', 'default', 'folder,branch'], ['y'])).out).toContain('hear of the project: folder, branch')
      await b.callUntil('sym_peers', {}, (text) => text.includes('in api'), 30_000)
      expect((await run(alice, 'api', ['share', 'default', 'usual'], ['y'])).out).toContain('what is set for all groups')
      await b.callUntil('sym_peers', {}, (text) => !text.includes('in api'), 30_000)
      expect(await run(alice, 'api', ['share', 'default', 'secrets'], ['y'])).toMatchObject({
        code: 1,
        out: expect.stringContaining('cannot be shared'),
      })
      await logged(alice, /group-policy.*folder branch/)
    },
  )
})
