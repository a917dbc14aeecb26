/** Who is here and what they do, between real processes: over the machine's own sockets, over TCP, and from the shell. */
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { type ServerProcess, startServer, temporaryHome } from '../support/server.ts'

const CLI = fileURLToPath(new URL('../../server/dist/cli.mjs', import.meta.url))
const HOOK = fileURLToPath(new URL('../../server/dist/hook.mjs', import.meta.url))
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function user() {
  const { home, root, remove } = temporaryHome()
  cleanups.push(remove)
  const project = (name: string, branch?: string): string => {
    const folder = path.join(home, name)
    mkdirSync(path.join(folder, ...(branch === undefined ? [] : ['.git'])), { recursive: true })
    if (branch !== undefined) {
      writeFileSync(path.join(folder, '.git/HEAD'), `ref: refs/heads/${branch}\n`)
      writeFileSync(path.join(folder, '.git/config'), '[remote "origin"]\n\turl = https://code.example.org/team/shop\n')
    }
    return folder
  }
  const settings = (value: object) => {
    mkdirSync(root, { recursive: true, mode: 0o700 })
    writeFileSync(path.join(root, 'settings.json'), JSON.stringify(value))
  }
  const session = async (cwd: string, env: Record<string, string> = {}): Promise<ServerProcess> => {
    const server = await startServer({ root, cwd, env: { SYM_LISTEN: '127.0.0.1:0', ...env } })
    cleanups.push(() => server.kill())
    // The first answer of a tool says that the node is up.
    await server.call('sym_status')
    return server
  }
  const shell = async (cwd: string, ...args: readonly string[]) => {
    const env = { PATH: process.env['PATH'], HOME: home, SYM_STATE_DIR: root, SYM_LISTEN: '127.0.0.1:0' }
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], { cwd, env }).catch((thrown: unknown) => {
      if (thrown instanceof Error && 'stderr' in thrown) return { stdout: String(thrown.stderr) }
      throw thrown
    })
    return stdout
  }
  return { home, root, project, settings, session, shell }
}

/** Two users of one network, who know each other by address alone. */
async function twoUsers(
  sharing: object | undefined,
  branch = 'fix-login',
  others: object | undefined = undefined,
): Promise<{ a: ServerProcess; b: ServerProcess }> {
  const [alice, bob] = [user(), user()]
  if (sharing) bob.settings({ share: sharing })
  if (others) alice.settings({ share: others })
  const b = await bob.session(bob.project('secret-shop', branch), { SYM_NODE_NAME: 'bob' })
  const a = await alice.session(alice.project('shop', 'main'), { SYM_NODE_NAME: 'alice', SYM_PEERS: `127.0.0.1:${await b.port()}` })
  await a.callUntil('sym_peers', { here: true }, (text) => /1 here[\s\S]* bob .*\(lan\)/.test(text))
  return { a, b }
}

describe('sessions of one machine', () => {
  it('tell each other folder and branch by themselves, and a summary that one sets [R34] [R37]', async () => {
    const { project, session } = user()
    const [a, b] = [await session(project('api', 'main')), await session(project('web', 'fix-login'))]
    const derived = await a.callUntil('sym_peers', {}, (text) => text.includes('fix-login'))
    expect(derived).toMatch(/-web {2}.*here \(machine\), (?:reaches|stays)[^"]* {2}"in web, on fix-login"/)
    expect((await b.call('sym_set_summary', { summary: 'rewriting the <login> form' })).text).toBe(
      'Peers see: "rewriting the ‹login› form"',
    )
    await a.callUntil('sym_peers', {}, (text) => text.includes('"rewriting the ‹login› form"'))
    expect((await b.call('sym_set_summary', { summary: '' })).text).toBe(
      'No summary is set. Sessions on this machine see "in web, on fix-login"; peers elsewhere see nothing.',
    )
    await a.callUntil('sym_peers', {}, (text) => text.includes('in web'))
    expect(a.pushes).toEqual([])
  })

  it('are narrowed to folder, repository, machine and group [R35]', async () => {
    const { project, session } = user()
    const shop = project('shop', 'main')
    const [a, same, clone, other] = [
      await session(shop),
      await session(shop),
      await session(project('shop-clone', 'main')),
      await session(project('notes')),
    ]
    await a.callUntil(
      'sym_peers',
      {},
      (text) => text.startsWith('3 here') && text.includes('in notes') && text.match(/on main/g)?.length === 2,
    )
    const names = async (where: string) => [...(await a.call('sym_peers', { where })).text.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name)
    const nameOf = async (server: ServerProcess) => (await server.status()).name
    expect(await names('folder')).toEqual([await nameOf(same)])
    expect((await names('repository')).sort()).toEqual([await nameOf(same), await nameOf(clone)].sort())
    expect(await names('machine')).toHaveLength(3)
    expect((await other.call('sym_peers', { where: 'folder' })).text).toBe('No peer of this folder.')
    expect((await a.call('sym_peers', { where: 'room' })).text).toMatch(/where: /)
  })
})

describe('sessions of two users', () => {
  it('tell nothing of the project unless it is shared [R37]', async () => {
    const { a, b } = await twoUsers(undefined)
    await b.call('sym_set_summary', { summary: 'set on purpose' })
    const text = await a.callUntil('sym_peers', {}, (found) => found.includes('set on purpose'))
    expect(text).not.toMatch(/secret-shop|fix-login/)
    await b.call('sym_set_summary', { summary: '' })
    await a.callUntil('sym_peers', {}, (found) => !found.includes('set on purpose'))
    expect((await a.call('sym_peers', { where: 'repository' })).text).toBe(
      'No peer of this repository. 1 more here do not say where they work.',
    )
  })

  it('tell what the settings share, and find that they work in one repository [R35] [R37]', async () => {
    const { a } = await twoUsers({ folder: true, branch: true })
    await a.callUntil('sym_peers', { where: 'repository' }, (text) => text.includes('"in secret-shop, on fix-login"'))
    expect((await a.call('sym_peers', { where: 'folder' })).text).toBe('No peer of this folder.')
  })

  it('see a change of what one says within a second [R36]', async () => {
    const { a, b } = await twoUsers(undefined)
    for (let round = 0; round < 5; round++) {
      await b.call('sym_set_summary', { summary: `round ${round}` })
      // No clock: what was said before a message on the same link is known before the message is.
      await say(b, `mark ${round}`)
      expect((await a.call('sym_peers')).text).toContain(`round ${round}`)
    }
  })

  it('send no secret, whoever asked for it [R165] [C4]', async () => {
    const { a, b } = await twoUsers(undefined)
    const token = `ghp_${'aB3dE5gH7jK9'.repeat(3)}`
    for (const [tool, args] of [
      ['sym_send', { focus: `the token is ${token}`, to: 'bob' }],
      ['sym_send', { focus: 'see body', body: `x\n${token}\n` }],
      ['sym_observe', { focus: 'done', commitment: token }],
      ['sym_set_summary', { summary: token }],
    ] as const) {
      const result = await a.call(tool, args)
      expect(result).toMatchObject({ isError: true, text: expect.stringMatching(/seems to hold an access token; nothing was sent/) })
      expect(result.text).not.toContain(token)
    }
    expect((await b.status()).inbox.total).toBe(0)
    expect((await a.status()).outbox.waiting).toBe(0)
  })
})

/** A hook as the client runs it: the test is its parent, as it is the server's. */
async function hook(event: string, root: string, input: object): Promise<string> {
  const child = spawn(process.execPath, [HOOK, event], {
    env: { PATH: process.env['PATH'], SYM_STATE_DIR: root },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  cleanups.push(() => child.kill('SIGKILL'))
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify({ session_id: 's', ...input }))
  let out = ''
  for await (const chunk of child.stdout) out += chunk
  return out === '' ? '' : String(JSON.parse(out).hookSpecificOutput.additionalContext)
}

/** Says something to alice and waits for her receipt. */
const say = async (server: ServerProcess, focus: string): Promise<void> => {
  expect((await server.call('sym_send', { to: 'alice', focus })).text).toMatch(/alice .* (?:received|surfaced)/)
}

const edit = (server: ServerProcess, file: string, tool = 'Edit') =>
  hook('PostToolUse', server.root, { tool_name: tool, tool_input: { file_path: path.join(server.options.cwd ?? '', file) } })

describe('the hooks', () => {
  it('tell peers that a session works and that it is idle, within a second [R36]', async () => {
    const { a, b } = await twoUsers(undefined)
    await hook('SessionStart', b.root, { source: 'startup' })
    for (const [event, status] of [
      ['UserPromptSubmit', 'working'],
      ['Stop', 'idle'],
      ['UserPromptSubmit', 'working'],
    ] as const) {
      await hook(event, b.root, { prompt: 'go on', stop_hook_active: false })
      // The report left when the hook had its answer: it is ahead of any later message, and waits for no timer.
      await say(b, `after ${event} ${status}`)
      expect((await a.call('sym_peers')).text).toContain(`(lan), ${status},`)
    }
  })

  it('tell a session that a peer edits the same file, once, where both share files [R44]', async () => {
    const { a, b } = await twoUsers({ files: true }, 'main', { files: true })
    await a.callUntil('sym_peers', { here: true }, (text) => text.includes('1 here'))
    expect(await edit(b, 'src/login.ts')).toBe('')
    await a.callUntil('sym_peers', {}, (text) => text.includes('"edited src/login.ts"'))
    expect(await edit(a, 'src/other.ts')).toBe('')
    expect(await edit(a, 'src/login.ts', 'Read')).toBe('')
    expect(await edit(a, 'src/login.ts', 'Write')).toMatch(
      /^Mesh: the file "src\/login\.ts" is being edited by bob \([0-9a-f ]{19}\) too\.$/,
    )
    expect(await edit(a, 'src/login.ts')).toBe('')
    await b.callUntil('sym_peers', {}, (text) => text.includes('edited src/login.ts'))
    expect(await edit(b, 'src/login.ts')).toMatch(/by alice \(/)
    expect([...a.pushes, ...b.pushes]).toEqual([])
  })

  it('read no path and tell no file where one side does not share [R44] [R37]', async () => {
    const { a, b } = await twoUsers({ folder: true, branch: true }, 'main', { files: true })
    expect(await edit(b, 'src/login.ts')).toBe('')
    expect(await edit(a, 'src/login.ts')).toBe('')
    const shown = await b.callUntil('sym_peers', {}, (text) => text.includes('edited src/login.ts'))
    expect(shown).toContain('alice')
    expect(await edit(b, 'src/login.ts')).toBe('')
    expect((await a.call('sym_peers')).text).not.toContain('login.ts')
  })
})

describe('the shell', () => {
  it('shows and changes what the session says of itself [R141]', async () => {
    const { project, session, shell } = user()
    const [api, web] = [project('api', 'main'), project('web', 'main')]
    expect(await shell(api, 'profile', '--summary', 'x')).toContain('no session of this project is running')
    const [a, b] = [await session(api), await session(web)]
    expect(await shell(api, 'profile', '--summary', 'on the importer')).toMatch(/^Summary {2}"on the importer"$/m)
    await b.callUntil('sym_peers', {}, (text) => text.includes('"on the importer"'))
    expect(await shell(web, 'peers', '--here', '--where', 'repository')).toMatch(/-api .*here by machine.* {2}"on the importer"\n$/)
    expect(await shell(api, 'profile', '--role', 'reviewer', '--tags', 'rust, ci')).toMatch(/^Role {5}reviewer #rust #ci$/m)
    await b.callUntil('sym_peers', {}, (text) => text.includes(', reviewer, #rust #ci, '))
    expect(await shell(web, 'send', '--to', '#rust', 'anybody for the parser?')).toMatch(/-api .*(received|surfaced)/)
    expect(await shell(api, 'profile', '--role', 'Two Words')).toContain('is no role')
    expect(await shell(api, 'profile', '--hide')).toMatch(/^Visible {2}no/m)
    await b.callUntil('sym_peers', {}, (text) => /^No peers.* 1 more here are in no list by their own wish/.test(text))
    const name = (await a.status()).name
    expect((await b.call('sym_send', { focus: 'found you', to: name })).text).toMatch(/received|surfaced/)
    expect(JSON.parse(await shell(api, 'profile', '--show', '--json'))).toMatchObject({
      name,
      isHidden: false,
      unread: 2,
      role: 'reviewer',
      tags: ['rust', 'ci'],
    })
    await b.callUntil('sym_peers', {}, (text) => text.includes('-api '))
    expect(await shell(api, 'profile', '--hide', '--show')).toContain('cannot be used with')
  })
})
