/** The commands by which a person decides, with a person and a node that the test plays. */
import { describe, expect, it } from 'vitest'
import type { NodeAccess } from '../../../server/src/cli/command.ts'
import { runCli } from '../../../server/src/cli/program.ts'
import { sharedValue } from '../../../server/src/identity/shared-file.ts'
import { userKeyOf } from '../../../server/src/identity/user-key.ts'
import { memoryShelf } from '../../../server/src/mesh/group-shelf.ts'
import { NO_STOCK, type StockContent } from '../../../server/src/mesh/stock-file.ts'
import { NO_TRUST, type TrustContent } from '../../../server/src/mesh/trust-file.ts'
import { lockVault } from '../../../server/src/secure/vault.ts'
import { wordsOf } from '../../../server/src/secure/words.ts'
import { cliDeps } from '../../support/cli.ts'
import { alice, bob, carol, fingerprint } from '../../support/mesh.ts'

const NOW = 1_750_000_000_000
const [alicesKey, bobsKey, carolsKey] = [fingerprint(alice), fingerprint(bob), fingerprint(carol)]

interface Scene {
  readonly absence?: string
  readonly answers?: readonly string[]
  readonly peers?: readonly object[]
  readonly people?: readonly object[]
}

/** The key of the person at this terminal. */
const own = userKeyOf(Buffer.alloc(32, 9).toString('base64url'))
const TEAM = 'team:0123456789ab'

const peerOf = (name: string, keys: typeof bob, more: object = {}) => ({
  ...{
    name,
    isPetname: false,
    fingerprint: fingerprint(keys),
    nodeId: keys.nodeId,
    group: 'default',
    trust: 'member',
    isHere: true,
    lastSeen: NOW,
  },
  ...more,
})

function scene({ absence, answers = [], peers = [peerOf('bob', bob)], people = [] }: Scene = {}) {
  const trust = sharedValue<TrustContent>(NO_TRUST)
  const stock = sharedValue<StockContent>(NO_STOCK)
  const files = new Map<string, string>()
  const [lines, questions, left] = [[] as string[], [] as string[], [...answers]]
  const status = { name: 'alice', nodeId: alice.nodeId, fingerprint: alicesKey, groups: [{ name: 'default', serviceType: '_sym._tcp' }] }
  const counts = {
    peersHere: 1,
    peersKnown: 1,
    listen: [],
    problems: [],
    inbox: { total: 0, unread: 0 },
    outbox: { waiting: 0 },
    memory: { items: 0 },
  }
  const requests = [
    { fingerprint: carolsKey, group: 'default', name: 'carol', messages: 2, firstAt: NOW, lastAt: NOW, until: NOW + 86_400_000 },
  ]
  const views: Record<string, unknown> = { peers, people, requests, status: { ...status, ...counts } }
  const node: NodeAccess = {
    isOwn: false,
    call: async (method) => views[method],
    watch: async () => {},
    follow: async () => {},
    close: async () => {},
  }
  const ask = async (question: string): Promise<string> => {
    questions.push(question)
    return left.shift() ?? ''
  }
  const deps = cliDeps({
    open: async () => node,
    out: (line) => lines.push(line),
    err: (line) => lines.push(line),
    now: () => NOW,
    terminal: { absence, ask, askSecret: ask },
    home: () => ({
      trust,
      stock,
      groups: memoryShelf(),
      userKey: async () => own,
      exportIdentity: (name) => JSON.stringify({ name, privateKey: 'canary' }),
      importIdentity: async () => ({ name: 'alice', fingerprint: alicesKey }),
      readFile: (file) => files.get(file) ?? '',
      writeNewFile: (file, text) => void files.set(file, text),
    }),
  })
  const keys = () => {
    const state = trust.read()
    return state.kind === 'ok' ? state.value.keys : {}
  }
  return { run: (...argv: string[]) => runCli(argv, deps), text: () => lines.join('\n'), questions, keys, trust, stock, files }
}

const COMMANDS: [string, ...string[]][] = [
  ['trust', 'bob'],
  ['verify', 'bob'],
  ['block', 'bob'],
  ['unblock', 'bob'],
  ['petname', 'bob', 'robert'],
  ['floor', 'default', 'verified'],
  ['stock', 'default', 'allow'],
  ['stock', '--reset', bob.nodeId],
  ['identity', 'export', '--file', 'x'],
  ['identity', 'import', '--file', 'x'],
]

describe('a decision about a key', () => {
  it.each(COMMANDS)('%s is made by nobody but a person at a terminal [R160] [C1]', async (...argv: readonly string[]) => {
    const { run, text, questions, trust, stock, files } = scene({ absence: 'this shell belongs to Claude Code', answers: ['y', 'y'] })
    expect(await run(...argv)).toBe(1)
    expect(text()).toMatch(/nothing was changed.*Claude Code.*A person/s)
    expect([questions, trust.read(), files.size]).toEqual([[], { kind: 'ok', value: NO_TRUST }, 0])
    expect(stock.read()).toEqual({ kind: 'ok', value: NO_STOCK })
  })

  it.each(COMMANDS.slice(0, 5))('%s is made by a typed yes alone', async (...argv: readonly string[]) => {
    for (const answer of ['', 'n', 'maybe', 'yes please']) {
      const { run, text, keys } = scene({ answers: [answer] })
      expect(await run(...argv)).toBe(0)
      expect(text()).toContain('Nothing was changed')
      expect(keys()).toEqual({})
    }
  })

  it('is written down for the key and not for the name', async () => {
    const { run, keys, questions } = scene({ answers: ['y', 'yes'] })
    await run('block', 'bob')
    expect(questions[0]).toContain(bobsKey.slice(0, 4))
    expect(keys()).toEqual({ [bobsKey]: { trust: 'blocked', changedAt: NOW } })
    await run('petname', 'bob', 'robert')
    expect(keys()[bobsKey]).toMatchObject({ trust: 'blocked', petname: 'robert' })
  })

  it('reaches who asks to be let in, for so many days', async () => {
    const { run, keys, text } = scene({ answers: ['y'] })
    await run('trust', 'requests')
    expect(text()).toMatch(/carol .*2 waiting/)
    await run('trust', carolsKey.slice(0, 16), '--days', '7')
    expect(keys()[carolsKey]).toMatchObject({ admitted: { default: { until: NOW + 7 * 86_400_000 } } })
    await run('trust', 'list')
    expect(text()).toContain('let into default until 2025-06-22')
  })

  it('about two that fit is none, and each of them is named [R23]', async () => {
    const { run, text, keys } = scene({ answers: ['y'], peers: [peerOf('bob', bob), peerOf('bob', carol)] })
    expect(await run('block', 'bob')).toBe(1)
    expect(text()).toMatch(/several; nothing was changed/)
    expect(keys()).toEqual({})
  })

  it('about a key that was never met needs the whole fingerprint', async () => {
    const { run, keys } = scene({ answers: ['y', 'y'], peers: [] })
    expect(await run('block', alicesKey.slice(0, 16))).toBe(1)
    expect(await run('block', alicesKey)).toBe(0)
    expect(Object.keys(keys())).toEqual([alicesKey])
  })
})

describe('verify', () => {
  it('shows both keys in words, each in its own line, and notes the yes [R26]', async () => {
    const { run, text, keys } = scene({ answers: ['y'] })
    await run('verify', 'bob')
    expect(text()).toMatch(new RegExp(`yours.*${wordsOf(alicesKey).join(' ')}\n.*theirs.*${wordsOf(bobsKey).join(' ')}`))
    expect(keys()).toEqual({ [bobsKey]: { trust: 'verified', changedAt: NOW } })
  })

  it('is between persons in a private group, and is taken back for the person too [R26]', async () => {
    const { run, text, keys } = scene({
      answers: ['y', 'y'],
      peers: [peerOf('bob', bob, { group: TEAM })],
      people: [{ user: carolsKey, group: TEAM, sessions: [{ name: 'bob', fingerprint: bobsKey, isHere: true }] }],
    })
    await run('verify', 'bob')
    expect(text()).toMatch(
      new RegExp(
        `compared once, for all sessions.*\n.*yours.*${wordsOf(own.fingerprint).join(' ')}\n.*theirs.*${wordsOf(carolsKey).join(' ')}`,
        's',
      ),
    )
    expect(text()).toContain('every session of this person')
    expect(keys()).toEqual({ [carolsKey]: { trust: 'verified', changedAt: NOW } })
    await run('unblock', 'bob')
    expect(keys()).toEqual({})
  })
})

describe('identity', () => {
  it('leaves in a file under a passphrase that was typed twice, and comes back by it [R27]', async () => {
    const { run, files, text } = scene({ answers: ['twelve chars and more', 'twelve chars and more', 'twelve chars and more'] })
    expect(await run('identity', 'export', '--file', 'a.vault')).toBe(0)
    expect(files.get('a.vault')).not.toContain('canary')
    expect(await run('identity', 'import', '--file', 'a.vault')).toBe(0)
    expect(text()).toContain('SYM_NODE_NAME=alice')
  })

  it.each([
    ['short', 'short', /at least 12/],
    ['twelve chars and more', 'twelve chars and less', /not the same/],
  ])('does not leave under %j and %j', async (first, second, why) => {
    const { run, files, text } = scene({ answers: [first, second] })
    expect(await run('identity', 'export', '--file', 'a.vault')).toBe(1)
    expect(text()).toMatch(why)
    expect(files.size).toBe(0)
  })

  it('does not come in with another passphrase', async () => {
    const { run, files, text } = scene({ answers: ['another passphrase'] })
    files.set(
      'a.vault',
      lockVault('{}', 'twelve chars and more', (length) => new Uint8Array(length)),
    )
    expect(await run('identity', 'import', '--file', 'a.vault')).toBe(1)
    expect(text()).toContain('passphrase is wrong')
  })
})

describe('a decision about stock nodes', () => {
  it('is told with what it means, made by a typed yes alone, and listed [R174]', async () => {
    const { run, text, stock, questions } = scene({ answers: ['n', 'y', 'y'] })
    await run('stock')
    expect(text()).toContain('No group admits stock MMP nodes')
    await run('stock', 'default', 'allow')
    expect(stock.read()).toEqual({ kind: 'ok', value: NO_STOCK })
    expect(questions[0]).toMatch(/now off[\s\S]*clear on the local network[\s\S]*prove no key/)
    await run('stock', 'default', 'warn')
    await run('stock', '--reset', bob.nodeId)
    expect(stock.read()).toMatchObject({ value: { groups: { default: { policy: 'warn', at: NOW } }, resets: { [bob.nodeId]: NOW } } })
    await run('stock')
    expect(text()).toContain('default  warn  since 2025-06-15')
  })

  it.each([
    [['default', 'perhaps'], /off, warn, allow/],
    [['default'], /off, warn, allow/],
    [['No Group', 'allow'], /is no group/],
    [['team:0123456789ab', 'allow'], /private group never/],
    [['--reset', 'bob'], /node id/],
  ])('%j changes nothing and says why', async (args, why) => {
    const { run, text, stock, questions } = scene({ answers: ['y'] })
    expect(await run('stock', ...(args as string[]))).toBe(1)
    expect(text()).toMatch(why as RegExp)
    expect([questions, stock.read()]).toEqual([[], { kind: 'ok', value: NO_STOCK }])
  })
})
