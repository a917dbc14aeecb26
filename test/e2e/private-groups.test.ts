/** A private group from the first invite to the last removal: real bundles, real files, sessions of several people. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hasTerminal, type Ran, runCommand } from '../support/cli-run.ts'
import type { ServerProcess } from '../support/server.ts'
import { type Home, Sessions } from '../support/sessions.ts'

const sessions = new Sessions()
afterEach(() => sessions.end())

const LOOPBACK = { SYM_LISTEN: '127.0.0.1:0' }
const run = (
  home: Home,
  project: string,
  args: readonly string[],
  env: Record<string, string> = {},
  typed?: readonly string[],
): Promise<Ran> => runCommand({ ...home, env: { ...LOOPBACK, ...env } }, project, args, typed)

/** Alice's session listens where the others, each on a machine of their own, are told to look. */
async function scene() {
  const [alice, bob, carol] = [sessions.home(), sessions.home(), sessions.home()]
  const a = await sessions.start(alice, 'api')
  const at = { SYM_PEERS: `127.0.0.1:${await a.port()}` }
  const invited = await run(alice, 'api', ['invite', 'backend-team', '--private', '--yes'])
  if (invited.code !== 0) throw new Error(invited.err)
  return { alice, bob, carol, a, at, link: invited.out.trim() }
}

const here = (server: ServerProcess, peers: number) =>
  server.callUntil('sym_peers', { here: true }, (text) => text.startsWith(`${peers} here`), 30_000)

describe('a private group', () => {
  it('is made by the first invite, joined by its link, kept over a restart, and left by a removal [R93] [R92] [R96] [R90]', async () => {
    const { alice, bob, carol, a, at, link } = await scene()
    expect(link).toMatch(/^sym:\/\/join#v1\.[A-Za-z0-9_-]+$/)
    const value = /Group (backend-team:[0-9a-f]{12}) \(private/.exec((await a.call('sym_group_info')).text)?.[1] ?? ''
    expect(value).not.toBe('')
    const b = await sessions.start(bob, 'web', { env: at })
    const joined = await run(bob, 'web', ['join', link, '--yes'], at)
    expect(joined).toMatchObject({ code: 0, out: expect.stringContaining(`In group ${value}`) })
    expect(joined.out).toMatch(/Invited by .*Good until/s)
    await here(a, 1)
    expect((await a.call('sym_send', { focus: 'for us alone' })).text).toMatch(/received|surfaced/)
    await b.waitForPush(
      ({ content, meta }) => content.includes('| for us alone') && meta['group'] === value.replace(/[^A-Za-z0-9._:-]/g, ''),
    )

    const files = readdirSync(path.join(bob.root, 'groups')).filter((name) => name.endsWith('.json'))
    expect(files.map((name) => statSync(path.join(bob.root, 'groups', name)).mode & 0o777)).toEqual([0o600])

    // The same link does nothing for the next one, who is told why.
    await sessions.start(carol, 'ops', { env: at })
    const late = await run(carol, 'ops', ['join', link, '--yes'], at)
    expect(late).toMatchObject({ code: 1, err: expect.stringContaining('used up') })
    expect((await run(alice, 'api', ['invites'])).out).toMatch(/backend-team:.*used up {2}1 of 1/)
    expect((await run(alice, 'api', ['members'])).out).toMatch(/you[\s\S]*claude-\S+-web/)

    // Both come back by themselves, as their files say.
    await b.stop()
    const again = await sessions.start(bob, 'web', { env: { ...at, SYM_GROUP: value } })
    await here(again, 1)
    const file = readFileSync(path.join(bob.root, 'groups', files[0] ?? ''), 'utf8')
    expect(file).not.toContain('"seed"')

    if (!hasTerminal) return
    const name = (await again.status()).name
    const removed = await run(alice, 'api', ['remove', name], {}, ['y'])
    expect(removed.out).toContain('is out of')
    await a.callUntil('sym_peers', { here: true }, (text) => !text.includes('here ('), 15_000)
    await a.call('sym_send', { focus: 'without bob' })
    await again.callUntil('sym_status', {}, (text) => /removed you/.test(text), 60_000)
    expect((await again.call('sym_inbox', { all: true })).text).not.toContain('without bob')
  })

  it('is not joined by what is edited, cut or expired, each with its own sentence [R95] [B8]', async () => {
    const { bob, at, link, alice } = await scene()
    const refused = async (text: string) => (await run(bob, 'web', ['join', text, '--yes'], at)).err
    expect(await refused(`${link.slice(0, -6)}AAAAAA`)).toContain('signature')
    expect(await refused(link.slice(0, 60))).toContain('not complete')
    expect(await refused(`${link}?token=x`)).toMatch(/no invite link/)
    const id = /^([0-9a-f]{16})/m.exec((await run(alice, 'api', ['invites'])).out)?.[1] ?? ''
    expect((await run(alice, 'api', ['revoke', id])).code).toBe(0)
    await sessions.start(bob, 'web', { env: at })
    expect(await refused(link)).toContain('revoked')
  })

  it('is what its name means to its members, at the shell and for the tool; its open namesake is meant by a link [R89] [R92]', async () => {
    const { bob, at, link } = await scene()
    const b = await sessions.start(bob, 'web', { env: at })
    const join = (target: string) => run(bob, 'web', ['join', target, '--yes'], at)
    const [, value = ''] = /In group (backend-team:[0-9a-f]{12})/.exec((await join(link)).out) ?? []
    expect(value).not.toBe('')
    const current = async () => (await b.status()).groups[0]?.name
    for (const name of ['backend-team', value]) {
      expect((await join('default')).code).toBe(0)
      expect(await current()).toBe('default')
      expect((await join(name)).out).toContain(`In group ${value}`)
      expect(await current()).toBe(value)
      expect((await b.call('sym_join_group', { group: 'default' })).isError).toBe(false)
      expect((await b.call('sym_join_group', { group: name })).text).toContain(value)
      expect(await current()).toBe(value)
    }
    expect((await join('sym://group/backend-team')).code).toBe(0)
    expect(await current()).toBe('backend-team')
  })

  it('is nothing that the shell of a model can open or close [C1] [R160]', async () => {
    const { alice, bob, link, at } = await scene()
    const model = { CLAUDECODE: '1' }
    for (const [home, args] of [
      [alice, ['invite', 'backend-team', '--private', '--yes']],
      [bob, ['join', link, '--yes']],
      [alice, ['remove', 'somebody']],
      [alice, ['ban', 'somebody']],
    ] as const) {
      expect(await run(home, 'api', args, { ...at, ...model })).toMatchObject({
        code: 1,
        err: expect.stringContaining('nothing was changed'),
      })
    }
    expect(existsSync(path.join(bob.root, 'groups'))).toBe(false)
  })
})
