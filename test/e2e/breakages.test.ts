/**
 * Ways of breaking it, each done for real on a machine where all was well: the doctor names the cause and the next
 * command, and says how bad it is. Nothing is told to the doctor but by files, processes, ports and variables.
 */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Machine, machine, type RunOptions } from '../support/machine.ts'
import { Relays, TOKEN } from '../support/relay.ts'
import { type ServerProcess, startServer } from '../support/server.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** What is broken; the finding that must name it, and what its next step must hold. */
interface Breakage {
  readonly name: string
  readonly id: string
  readonly health: 'healthy' | 'degraded' | 'broken'
  readonly next: RegExp
  /** Breaks it; what it gives is for the run of the doctor. */
  readonly breakIt: (on: Machine) => RunOptions | undefined | Promise<RunOptions | undefined>
  /** Findings that come with it and are right. */
  readonly also?: readonly string[]
  readonly client?: string
  readonly needs?: 'namespaces'
}

const none = undefined
const env = (variables: Readonly<Record<string, string>>): RunOptions => ({ env: variables })
/** Something that Node reads before the program: how an old runtime or a wrong clock is made. */
const before = (code: string): RunOptions => env({ NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}` })
const hoursAhead = (hours: number): string => `const now = Date.now; Date.now = () => now() + ${hours * 3_600_000}`

async function node({ root, project }: Machine, more: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const server = await startServer({ root, cwd: project, env: { SYM_NODE_NAME: 'alice', SYM_LISTEN: '127.0.0.1:0', ...more } })
  cleanups.push(() => server.kill())
  await server.call('sym_status')
  return server
}

/** A home in which a session was, and is no more. */
async function used(on: Machine): Promise<(name: string) => string> {
  const server = await node(on)
  await server.kill('SIGTERM')
  return (name) => path.join(on.root, 'nodes/alice', name)
}

async function relay(): Promise<string> {
  const relays = new Relays()
  cleanups.push(() => relays.end())
  return (await relays.start()).url
}

async function listening(server: net.Server): Promise<number> {
  cleanups.push(() => server.close())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A port where nothing listens. */
async function deadPort(): Promise<number> {
  const server = net.createServer()
  const port = await listening(server)
  await new Promise((done) => server.close(done))
  return port
}

/** A process that lives, and is nobody. */
function bystander(): number {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' })
  cleanups.push(() => child.kill('SIGKILL'))
  return child.pid ?? 0
}

async function deadPid(): Promise<number> {
  const child = spawn('true', { stdio: 'ignore' })
  await new Promise((done) => child.once('exit', done))
  return child.pid ?? 0
}

function runFile({ root }: Machine, ppid: number, pid: number): void {
  mkdirSync(path.join(root, 'run'), { recursive: true, mode: 0o700 })
  const sockets = { link: path.join(root, 'run/no.link'), local: path.join(root, 'run/no.local') }
  const run = { nodeId: '00000000-0000-7000-8000-000000000001', pid, start: null, sessionId: null, ...sockets }
  writeFileSync(path.join(root, `run/${ppid}-${pid}.json`), JSON.stringify(run), { mode: 0o600 })
}

/** In namespaces of its own, with these commands run before. */
const namespaced = (kinds: string, setup: string): RunOptions => ({
  within: (command) => ['unshare', kinds, 'sh', '-ec', `${setup}\nexec "$@"`, 'sh', ...command],
})
const NETWORK =
  'ip link set lo up; ip link add v0 type veth peer name v1; ip link set v1 addrgenmode none; ip addr add 10.77.0.1/24 dev v0; ip link set v0 up; ip link set v1 up'
const hasNamespaces = ((): boolean => {
  try {
    execFileSync('unshare', ['-rmn', 'sh', '-ec', `${NETWORK}; mount -t tmpfs none /mnt`], { stdio: 'ignore' })
    return true
  } catch {
    // Not Linux, or a container without the right to make them.
    return false
  }
})()
const HOLD_5353 = `const s = require('dgram').createSocket('udp4'); s.bind({ port: 5353, exclusive: true }, () => console.log('held'))`

const BREAKAGES: readonly Breakage[] = [
  {
    name: 'the package was moved away',
    id: 'entry-stale',
    health: 'broken',
    next: /^sym-mesh-channel init$/,
    breakIt: ({ write, read }) => {
      write('.claude.json', read('.claude.json').replaceAll('/server/dist/server.mjs', '/gone/server/dist/server.mjs'))
      return none
    },
    also: ['not-installed'],
  },
  {
    name: 'the folder of the plugin was moved away',
    id: 'plugin-moved',
    health: 'broken',
    next: /^claude plugin marketplace remove mine/,
    breakIt: async ({ home, run, write }) => {
      await run(['uninstall', '--yes'])
      const source = { source: 'directory', path: path.join(home, 'was-here') }
      write(
        '.claude/settings.json',
        JSON.stringify({ extraKnownMarketplaces: { mine: { source } }, enabledPlugins: { 'sym-mesh-channel@mine': true } }),
      )
      return none
    },
  },
  {
    name: 'plugin and entry side by side',
    id: 'installed-twice',
    health: 'broken',
    next: /^sym-mesh-channel uninstall$/,
    breakIt: ({ write, read }) => {
      const settings = JSON.parse(read('.claude/settings.json')) as object
      write('.claude/settings.json', JSON.stringify({ ...settings, enabledPlugins: { 'sym-mesh-channel@m': true } }))
      return none
    },
  },
  {
    name: 'the hooks were taken out by hand',
    id: 'hooks-missing',
    health: 'degraded',
    next: /^sym-mesh-channel init --force$/,
    breakIt: ({ write }) => {
      write('.claude/settings.json', '{}')
      return none
    },
  },
  {
    name: 'hooks switched off',
    id: 'hooks-off',
    health: 'degraded',
    next: /disableAllHooks/,
    breakIt: ({ write, read }) => {
      write('.claude/settings.json', read('.claude/settings.json').replace('{', '{"disableAllHooks": true,'))
      return none
    },
  },
  {
    name: 'settings of the host that are no JSON',
    id: 'host-file',
    health: 'broken',
    next: /mend the file/,
    breakIt: ({ write }) => {
      write('.claude/settings.json', '{"half": ')
      return none
    },
  },
  { name: 'an old client', id: 'client-old', health: 'degraded', next: /^claude update$/, client: '2.0.14', breakIt: () => none },
  {
    name: 'an old Node',
    id: 'node-old',
    health: 'broken',
    next: /^install Node 20/,
    breakIt: () => before("Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } })"),
  },
  {
    name: 'a session in another group',
    id: 'group-mismatch',
    health: 'degraded',
    next: /mesh-join default$/,
    breakIt: async (on) => {
      await node(on, { SYM_GROUP: 'other' })
      return none
    },
  },
  {
    name: 'no channel flag',
    id: 'push-off',
    health: 'healthy',
    next: /--dangerously-load-development-channels|launch/,
    breakIt: async (on) => {
      await node(on)
      return none
    },
  },
  {
    name: 'a shell export that hides the group of the plugin',
    id: 'group-shadowed',
    health: 'degraded',
    next: /^unset SYM_GROUP$/,
    breakIt: async ({ run, write }) => {
      await run(['uninstall', '--yes'])
      const plugin = { 'sym-mesh-channel@m': { options: { group: 'team' } } }
      write('.claude/settings.json', JSON.stringify({ enabledPlugins: { 'sym-mesh-channel@m': true }, pluginConfigs: plugin }))
      return env({ SYM_GROUP: 'leaked' })
    },
  },
  {
    name: 'a wrong setting',
    id: 'settings-invalid',
    health: 'broken',
    next: /correct what is named/,
    breakIt: () => env({ SYM_GROUP: 'A B' }),
  },
  {
    name: 'a typo in a variable',
    id: 'variable-unknown',
    health: 'degraded',
    next: /^is SYM_GROUP meant\?/,
    breakIt: () => env({ SYM_GORUP: 'team' }),
  },
  {
    name: 'our settings.json that is no JSON',
    id: 'settings-invalid',
    health: 'broken',
    next: /correct what is named/,
    breakIt: ({ root }) => {
      mkdirSync(root, { recursive: true, mode: 0o700 })
      writeFileSync(path.join(root, 'settings.json'), '{"mode": ')
      return none
    },
  },
  {
    name: 'a key that others can read',
    id: 'mode-open',
    health: 'broken',
    next: /^chmod go-rwx '.*identity\.json'$/,
    breakIt: async (on) => {
      chmodSync((await used(on))('identity.json'), 0o644)
      return none
    },
  },
  {
    name: 'a state folder that others can write',
    id: 'mode-open',
    health: 'broken',
    next: /^chmod go-rwx/,
    breakIt: async (on) => {
      await used(on)
      chmodSync(on.root, 0o777)
      return none
    },
  },
  {
    name: 'a damaged key',
    id: 'file-broken',
    health: 'broken',
    next: /^restore .*identity\.json from a copy/,
    breakIt: async (on) => {
      writeFileSync((await used(on))('identity.json'), 'half a fi')
      return none
    },
  },
  {
    name: 'a damaged database',
    id: 'database-broken',
    health: 'broken',
    next: /^mv '.*mesh\.db'/,
    breakIt: async (on) => {
      writeFileSync((await used(on))('mesh.db'), 'this is not a database at all')
      return none
    },
  },
  {
    name: 'damaged decisions about keys',
    id: 'trust-broken',
    health: 'broken',
    next: /mv '.*trust\.json'/,
    breakIt: async (on) => {
      await used(on)
      writeFileSync(path.join(on.root, 'trust.json'), '[]', { mode: 0o600 })
      return none
    },
  },
  {
    name: 'a lock that a killed session left',
    id: 'lock-stale',
    health: 'healthy',
    next: /by itself$/,
    breakIt: async (on) => {
      await (await node(on)).kill('SIGKILL')
      return none
    },
  },
  {
    name: 'a name that another program holds',
    id: 'lock-held',
    health: 'degraded',
    next: /kill \d+$/,
    breakIt: async (on) => {
      const folder = await used(on)
      writeFileSync(folder('lock.pid'), `${bystander()}\n${JSON.stringify({ start: null, createdAt: Date.now() + 60_000 })}\n`, {
        mode: 0o600,
      })
      return none
    },
  },
  {
    name: 'a server whose Claude Code has ended',
    id: 'orphan',
    health: 'degraded',
    next: /^kill \d+$/,
    breakIt: async (on) => {
      runFile(on, await deadPid(), bystander())
      return none
    },
  },
  {
    name: 'a server that hangs',
    id: 'no-answer',
    health: 'broken',
    next: /restart that session/,
    breakIt: async (on) => {
      const server = await node(on)
      server.child.kill('SIGSTOP')
      cleanups.push(() => server.child.kill('SIGCONT'))
      return none
    },
  },
  {
    name: 'a clock before our time',
    id: 'clock-wrong',
    health: 'broken',
    next: /set the clock/,
    breakIt: () => before(hoursAhead(-24 * 365)),
  },
  {
    name: 'a clock that is two hours ahead of the relay',
    id: 'clock-skew',
    health: 'broken',
    next: /set the clock/,
    breakIt: async () => {
      const wrong = before(hoursAhead(2))
      return { env: { ...wrong.env, SYM_RELAY_URL: await relay(), SYM_RELAY_TOKEN: TOKEN } }
    },
  },
  {
    name: 'a clock that went back',
    id: 'clock-back',
    health: 'degraded',
    next: /set the clock/,
    breakIt: async (on) => {
      const later = Date.now() / 1_000 + 7_200
      utimesSync((await used(on))('mesh.db'), later, later)
      return none
    },
  },
  {
    name: 'a typo in the token',
    id: 'relay-token',
    health: 'degraded',
    next: /correct SYM_RELAY_TOKEN$/,
    breakIt: async () => env({ SYM_RELAY_URL: await relay(), SYM_RELAY_TOKEN: `${TOKEN}x` }),
  },
  {
    name: 'no token',
    id: 'relay-token',
    health: 'degraded',
    next: /^set SYM_RELAY_TOKEN/,
    breakIt: async () => env({ SYM_RELAY_URL: await relay() }),
  },
  {
    name: 'a relay that is down',
    id: 'relay-refused',
    health: 'degraded',
    next: /sym-mesh-channel relay/,
    breakIt: async () => env({ SYM_RELAY_URL: `ws://127.0.0.1:${await deadPort()}`, SYM_RELAY_TOKEN: TOKEN }),
  },
  {
    name: 'a web server in place of the relay',
    id: 'relay-http',
    health: 'degraded',
    next: /^curl -i http:/,
    breakIt: async () => {
      const server = http.createServer((_request, response) => response.end('hello'))
      server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 404 Not Found\r\n\r\n'))
      return env({ SYM_RELAY_URL: `ws://127.0.0.1:${await listening(server)}`, SYM_RELAY_TOKEN: TOKEN })
    },
  },
  {
    name: 'a relay that says nothing',
    id: 'relay-timeout',
    health: 'degraded',
    next: /^curl -i http:/,
    breakIt: async () => {
      const sockets = new Set<net.Socket>()
      const server = net.createServer((socket) => sockets.add(socket))
      const port = await listening(server)
      cleanups.push(() => [...sockets].map((socket) => socket.destroy()))
      return env({ SYM_RELAY_URL: `ws://127.0.0.1:${port}`, SYM_RELAY_TOKEN: TOKEN })
    },
  },
  {
    name: 'a relay whose certificate nobody vouches for',
    id: 'relay-tls',
    health: 'degraded',
    next: /^openssl s_client -connect localhost:\d+/,
    breakIt: async ({ home }) => {
      const relays = new Relays()
      cleanups.push(() => relays.end())
      const [key, cert] = [path.join(home, 'key.pem'), path.join(home, 'cert.pem')]
      const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost']
      execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert], { stdio: 'ignore' })
      const { port } = await relays.start({ args: ['--cert', cert, '--key', key] })
      return env({ SYM_RELAY_URL: `wss://localhost:${port}`, SYM_RELAY_TOKEN: TOKEN })
    },
  },
  {
    name: 'a typo in the name of the relay',
    id: 'relay-dns',
    health: 'degraded',
    next: /nslookup no-such-relay\.invalid$/,
    breakIt: () => env({ SYM_RELAY_URL: 'wss://no-such-relay.invalid', SYM_RELAY_TOKEN: TOKEN }),
  },
  {
    name: 'a named peer that is not there',
    id: 'peer-refused',
    health: 'degraded',
    next: /start a session there/,
    breakIt: async () => env({ SYM_PEERS: `127.0.0.1:${await deadPort()}` }),
  },
  {
    name: 'a named peer with a typo',
    id: 'peer-dns',
    health: 'degraded',
    next: /ping no-such-peer\.invalid$/,
    breakIt: () => env({ SYM_PEERS: 'no-such-peer.invalid:7342' }),
  },
  {
    name: 'a fixed port that another program has',
    id: 'port-taken',
    health: 'degraded',
    next: /another port/,
    breakIt: async () => env({ SYM_LISTEN: `127.0.0.1:${await listening(net.createServer())}` }),
  },
  {
    name: 'a full disk',
    id: 'disk-full',
    health: 'broken',
    next: /make room/,
    needs: 'namespaces',
    breakIt: ({ root }) => namespaced('-rm', `mkdir -p '${root}'; mount -t tmpfs -o size=64k none '${root}'; chmod 700 '${root}'`),
  },
  {
    name: 'a state folder that cannot be written',
    id: 'folder-closed',
    health: 'broken',
    next: /SYM_STATE_DIR/,
    needs: 'namespaces',
    breakIt: ({ root }) => namespaced('-rm', `mkdir -p '${root}'; mount -t tmpfs -o ro,mode=700 none '${root}'`),
  },
  {
    name: 'port 5353 held by a program that does not share it',
    id: 'port-5353',
    health: 'degraded',
    next: /ss -ulpn/,
    needs: 'namespaces',
    breakIt: ({ home }) => {
      const held = path.join(home, 'held')
      const hold = `'${process.execPath}' -e "${HOLD_5353}" >'${held}' & HOLDER=$!; until grep -q held '${held}'; do sleep 0.05; done`
      const within = (command: readonly string[]) => [
        'unshare',
        '-rn',
        'sh',
        '-c',
        `${NETWORK}; ${hold}; "$@"; CODE=$?; kill $HOLDER; exit $CODE`,
        'sh',
        ...command,
      ]
      return { env: { SYM_LISTEN: '0.0.0.0:0' }, within }
    },
  },
  {
    name: 'a system that lets nobody join multicast',
    id: 'multicast-blocked',
    health: 'degraded',
    next: /5353.*SYM_PEERS=host:port/,
    needs: 'namespaces',
    breakIt: () => ({
      env: { SYM_LISTEN: '0.0.0.0:0' },
      ...namespaced('-rn', `${NETWORK}; echo 0 > /proc/sys/net/ipv4/igmp_max_memberships`),
    }),
  },
]

async function holds({ id, health, next, breakIt, also = [], client }: Breakage): Promise<void> {
  const on = machine(client)
  cleanups.push(on.remove)
  expect((await on.run(['init', '--yes'])).code).toBe(0)
  const options = await breakIt(on)
  const found = await on.doctor(options)
  const finding = found.findings.find((one) => one.id === id)
  expect(finding, JSON.stringify(found.findings, null, 1)).toBeDefined()
  expect(finding?.next).toMatch(next)
  expect(finding?.why).not.toBe('')
  expect(found.health, JSON.stringify(found.ids)).toBe(health)
  // One cause is told once: nothing else is wrong with this machine.
  expect(found.ids.filter((other) => other !== id && !also.includes(other))).toEqual([])
}

describe('the doctor', () => {
  it.each(BREAKAGES.filter(({ needs }) => needs === undefined))('names $name, and the next step [R147]', holds)
  it.skipIf(!hasNamespaces).each(BREAKAGES.filter(({ needs }) => needs !== undefined))('names $name, and the next step [R13] [R147]', holds)

  it('finds nothing where a session runs, the relay carries, and the proof succeeds [R13] [R147]', async () => {
    const on = machine()
    cleanups.push(on.remove)
    await on.run(['init', '--yes'])
    const variables = { SYM_RELAY_URL: await relay(), SYM_RELAY_TOKEN: TOKEN }
    await node(on, variables)
    const found = await on.doctor({ env: variables })
    expect(found).toMatchObject({ code: 0, health: 'healthy', ids: [] })
    expect(found.findings.map(({ id }) => id)).toEqual(expect.arrayContaining(['proof', 'relay', 'session', 'installed']))
  })

  it('has a row for each of at least thirty causes', () => {
    expect(new Set(BREAKAGES.map(({ id }) => id)).size).toBeGreaterThanOrEqual(30)
  })
})

describe('init', () => {
  it('ends with a proof: a message to itself, and a word through the relay; a dead relay is a warning [R13]', async () => {
    const on = machine()
    cleanups.push(on.remove)
    const good = await on.run(['init', '--yes'], { env: { SYM_RELAY_URL: await relay(), SYM_RELAY_TOKEN: TOKEN } })
    expect(good).toMatchObject({ code: 0, err: '' })
    expect(good.out).toMatch(/^ok A message between two nodes .* signed for, in \d+ ms$/m)
    expect(good.out).toMatch(/^ok Relay 127\.0\.0\.1:\d+ \(SYM_RELAY_URL\): a word went through it in \d+ ms$/m)
    const dead = await on.run(['init', '--yes', '--force', '--group', 'g'], {
      env: { SYM_RELAY_URL: `ws://127.0.0.1:${await deadPort()}` },
    })
    expect(dead.code).toBe(0)
    expect(dead.out).toMatch(/^!! Relay .*: nothing listens there/m)
    expect(dead.out).toMatch(/^Done\./m)
  })

  it.skipIf(!hasNamespaces)('says where the proof fails, and that what it wrote is there', async () => {
    const on = machine()
    cleanups.push(on.remove)
    const { within } = namespaced('-rm', `mkdir -p '${on.root}'; mount -t tmpfs -o ro,mode=700 none '${on.root}'`)
    const ran = await on.run(['init', '--yes'], within ? { within } : {})
    expect(ran.code).toBe(4)
    expect(ran.out).toMatch(/^XX Nothing can be written in .*\n {3}why: .*\n {3}next: /m)
    expect(on.read('.claude.json')).toContain('claude-sym-mesh')
    renameSync(path.join(on.home, '.claude.json'), path.join(on.home, 'gone'))
  })
})
