/** Commands about the installation, the process and the inbox, beside a session and without one. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Machine, machine } from '../support/machine.ts'
import { Relays, TOKEN } from '../support/relay.ts'
import { type ServerProcess, startServer } from '../support/server.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function place(): Machine {
  const made = machine()
  cleanups.push(made.remove)
  return made
}

async function session({ root, project }: Machine, more: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const server = await startServer({ root, cwd: project, env: { SYM_LISTEN: '127.0.0.1:0', ...more } })
  cleanups.push(() => server.kill())
  await server.call('sym_status')
  return server
}

const json = (text: string) => JSON.parse(text)

describe('without a session', () => {
  it('each command that looks answers, and starts no daemon [R137]', async () => {
    const { run } = place()
    const commands = [
      ['status'],
      ['peers'],
      ['inbox'],
      ['outbox'],
      ['recall'],
      ['groups'],
      ['profile'],
      ['logs'],
      ['stop', '--yes'],
      ['cost'],
      ['whoami'],
      ['version'],
      ['dry-run'],
      ['log'],
    ]
    for (const command of commands) {
      const plain = await run(command)
      expect(plain, command.join(' ')).toMatchObject({ code: 0, err: '' })
      expect(plain.out.trim(), command.join(' ')).not.toBe('')
      const asJson = await run([...command, '--json'])
      expect(() => json(asJson.out), command.join(' ')).not.toThrow()
    }
  })

  it('dry-run tells what a session would do, each value with its source, and makes nothing; a fault is exit 1 [R142]', async () => {
    const { run, root, project } = place()
    writeFileSync(path.join(project, '.sym-mesh.json'), '{"group": "backend-team"}')
    const { out, code } = await run(['dry-run'], { env: { SYM_NODE_NAME: 'dora', SYM_LISTEN: '0.0.0.0:7342' } })
    expect(code).toBe(0)
    expect(out).toMatch(/^Name +dora +\(SYM_NODE_NAME\)$/m)
    expect(out).toMatch(/^Key +would be made/m)
    expect(out).toMatch(/^Group +backend-team +\(.*\.sym-mesh\.json\)$/m)
    expect(out).toMatch(/^Announces +_backend-team\._tcp/m)
    expect(out).toMatch(/^Listens +0\.0\.0\.0, port 7342 +\(SYM_LISTEN\)$/m)
    expect(existsSync(root)).toBe(false)
    expect(await run(['dry-run'], { env: { SYM_GROUP: 'A B' } })).toMatchObject({ code: 1, err: expect.stringContaining('SYM_GROUP') })
  })

  it('keygen makes a key once and keeps the one that is there, and a token for a relay [R142]', async () => {
    const { run, root } = place()
    const first = await run(['keygen', 'ci-runner', '--json'])
    const made = json(first.out)
    expect(made).toMatchObject({ name: 'ci-runner', isNew: true, file: path.join(root, 'nodes/ci-runner/identity.json') })
    const bytes = readFileSync(made.file)
    expect(json((await run(['keygen', 'ci-runner', '--json'])).out)).toEqual({ ...made, isNew: false })
    expect(readFileSync(made.file).equals(bytes)).toBe(true)
    expect((await run(['whoami'], { env: { SYM_NODE_NAME: 'ci-runner' } })).out).toContain(made.fingerprint)
    const [token, other] = [await run(['keygen', '--token']), await run(['keygen', '--token'])]
    expect(token.out.trim()).toMatch(/^[\w-]{43}$/)
    expect(token.out).not.toBe(other.out)
  })

  it('version names the way to upgrade, by how it was installed [R142]', async () => {
    const { run } = place()
    const { out } = await run(['version'])
    expect(out).toMatch(/^sym-mesh-channel \d+\.\d+\.\d+ on Node \d+/)
    expect(out).toMatch(/^To upgrade {2}(git -C '.*' pull|npm install -g sym-mesh-channel@latest|claude plugin .*)$/m)
    expect(json((await run(['version', '--json'])).out)).toMatchObject({ version: expect.any(String), folder: expect.any(String) })
  })
})

describe('beside a session', () => {
  it('whoami says name, key, groups and where the identity lies [R28]', async () => {
    const on = place()
    await session(on, { SYM_NODE_NAME: 'alice', SYM_GROUP: 'team' })
    const { out } = await on.run(['whoami', '--node', 'alice'])
    expect(out).toMatch(/^Name +alice$/m)
    expect(out).toMatch(/^Fingerprint +[0-9a-f]{64}$/m)
    expect(out).toMatch(/^Groups +team$/m)
    expect(out).toContain(`Identity     ${path.join(on.root, 'nodes/alice')}`)
  })

  it('cost tells words, wakes and disk; logs what the server noted, without words of peers [R137] [R142] [R154]', async () => {
    const on = place()
    const a = await session(on, { SYM_DEBUG: '1' })
    const b = await startServer({ root: on.root, cwd: on.home, env: { SYM_LISTEN: '127.0.0.1:0', SYM_NODE_NAME: 'bea' } })
    cleanups.push(() => b.kill())
    await a.callUntil('sym_peers', { here: true }, (text) => /bea /.test(text))
    await b.call('sym_send', { focus: 'canary-word-of-a-peer' })
    await a.callUntil('sym_inbox', {}, (text) => text.includes('canary-word-of-a-peer'))
    const cost = json((await on.run(['cost', '--json'])).out)
    expect(cost).toMatchObject({ isRunning: true, budget: { shownItems: 1 }, wakes: { wakes: 0 } })
    expect(cost.disk.length).toBeGreaterThan(0)
    expect((await on.run(['cost'])).out).toMatch(/^Context {2}1 items, about \d+ tokens shown/m)
    const logs = await on.run(['logs', '--limit', '500'])
    expect(logs.out).toMatch(/^\d{4}-\S+Z (debug|info|warn) /m)
    expect(logs.out + a.stderr.join('\n')).not.toContain('canary-word-of-a-peer')
  })

  it('status tells health as JSON, per group and per relay, with the cause where one is away [R148]', async () => {
    const on = place()
    const relays = new Relays()
    cleanups.push(() => relays.end())
    const { url } = await relays.start()
    const variables = { SYM_RELAY_URL: url, SYM_RELAY_TOKEN: TOKEN }
    const a = await session(on, { ...variables, SYM_GROUP: 'one' })
    const b = await startServer({ root: on.root, cwd: on.home, env: { SYM_LISTEN: '127.0.0.1:0', SYM_NODE_NAME: 'bea', SYM_GROUP: 'one' } })
    cleanups.push(() => b.kill())
    await a.callUntil('sym_peers', { here: true }, (text) => /bea /.test(text))
    await a.statusUntil(({ relays: [relay] }) => relay?.state === 'in', 'at the relay')
    expect(json((await on.run(['status', '--json'])).out)).toMatchObject({
      groups: [{ name: 'one', serviceType: '_one._tcp', peersHere: 1 }],
      relays: [{ state: 'in', takesMail: true, peers: 0 }],
      problems: [],
    })
    const bad = await on.run(['status', '--json', '--node', 'cleo'])
    expect(bad.code).toBe(1)
    const c = await startServer({
      root: on.root,
      cwd: on.home,
      env: { ...variables, SYM_RELAY_TOKEN: 'wrong', SYM_NODE_NAME: 'cleo', SYM_LISTEN: '127.0.0.1:0' },
    })
    cleanups.push(() => c.kill())
    await c.call('sym_status')
    await c.statusUntil(({ relays: [relay] }) => relay?.state === 'stopped', 'refused by the relay')
    expect(json((await on.run(['status', '--json', '--node', 'cleo'])).out)).toMatchObject({
      relays: [{ state: 'stopped', cause: 'token' }],
      problems: expect.arrayContaining([expect.stringContaining('it refuses the token')]),
    })
  })

  it('stop ends the node of the session, after a yes, and it says goodbye [R137] [R144]', async () => {
    const on = place()
    const server = await session(on)
    const refused = await on.run(['stop'])
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('--yes') })
    const stopped = await on.run(['stop', '--yes', '--json'])
    expect(json(stopped.out)).toMatchObject({ pid: server.child.pid, hasEnded: true })
    expect(await server.exited).toBe(0)
  })

  it('one message is taken out of the inbox, or what came before a time; all of it only when that is said [R139] [R144]', async () => {
    const on = place()
    const a = await session(on)
    const b = await startServer({ root: on.root, cwd: on.home, env: { SYM_LISTEN: '127.0.0.1:0', SYM_NODE_NAME: 'bea' } })
    cleanups.push(() => b.kill())
    await a.callUntil('sym_peers', { here: true }, (text) => /bea /.test(text))
    for (const focus of ['one', 'two', 'three']) await b.call('sym_send', { focus })
    const items = (): Promise<{ shortId: string; fields: { focus: { text: string } } }[]> =>
      on.run(['inbox', '--json']).then(({ out }) => json(out))
    const focuses = async () => (await items()).map(({ fields }) => fields.focus.text).sort()
    expect(await focuses()).toEqual(['one', 'three', 'two'])
    const [two] = (await items()).filter(({ fields }) => fields.focus.text === 'two')
    expect((await on.run(['inbox', 'delete', two?.shortId ?? ''])).code).toBe(1)
    expect(await on.run(['inbox', 'delete', two?.shortId ?? '', '--yes'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^1 message /),
    })
    expect(await focuses()).toEqual(['one', 'three'])
    expect(await on.run(['inbox', 'flush', '--yes'])).toMatchObject({ code: 1, err: expect.stringContaining('--all') })
    expect((await on.run(['inbox', 'flush', '--before', '1h', '--yes'])).out).toMatch(/^0 messages/)
    expect(await focuses()).toEqual(['one', 'three'])
    expect((await on.run(['inbox', 'flush', '--all', '--yes'])).out).toMatch(/^2 messages/)
    expect(await focuses()).toEqual([])
  })

  it('no second node is started beside a session that does not answer; it is told whether it is not ready or failed [R145]', async () => {
    const on = place()
    const server = await session(on)
    server.child.kill('SIGSTOP')
    cleanups.push(() => server.child.kill('SIGCONT'))
    const before = readFileSync(path.join(on.root, 'nodes', nameIn(on.root), 'lock.pid'), 'utf8')
    expect(await on.run(['status'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/process \d+\) failed to answer within 8 seconds/),
    })
    expect(readFileSync(path.join(on.root, 'nodes', nameIn(on.root), 'lock.pid'), 'utf8')).toBe(before)
    expect(existsSync(path.join(on.root, 'nodes', `${nameIn(on.root)}-2`))).toBe(false)
    // One that has the name and no run file yet is beginning.
    const run = path.join(on.root, 'run')
    const kept = path.join(on.home, 'kept')
    mkdirSync(kept)
    for (const name of readdirSync(run).filter((file) => file.endsWith('.json'))) renameSync(path.join(run, name), path.join(kept, name))
    const soon = Date.now() / 1_000 + 30
    utimesSync(path.join(on.root, 'nodes', nameIn(on.root), 'lock.pid'), soon, soon)
    expect(await on.run(['status'])).toMatchObject({ code: 1, err: expect.stringContaining('is not ready yet') })
  })

  it('a session that begins to answer while it is waited for is asked [R145]', async () => {
    const on = place()
    const server = await session(on)
    server.child.kill('SIGSTOP')
    const asked = on.run(['status', '--json'])
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    server.child.kill('SIGCONT')
    expect(json((await asked).out)).toMatchObject({ pid: server.child.pid })
  })
})

function nameIn(root: string): string {
  return readdirSync(path.join(root, 'nodes')).sort()[0] ?? ''
}
