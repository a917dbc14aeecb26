import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../server/src/doctor/diagnose.ts'
import type { Facts, SessionFacts } from '../../../server/src/doctor/facts.ts'
import { EXIT_OF, type Finding, type Health, healthOf } from '../../../server/src/doctor/finding.ts'

const PLUGIN = { id: 'sym-mesh-channel@sym-mesh-channel', isEnabled: true, group: undefined, missingFolder: undefined }
const STATUS = {
  name: 'alice',
  version: '0.1.0',
  groups: ['default'],
  peersHere: 1,
  listen: [],
  problems: [],
  push: { isProven: true, hint: true },
}
const SESSION: SessionFacts = { pid: 20, parentPid: 10, isAlive: true, isParentAlive: true, status: STATUS }
const HOST = {
  client: '2.1.329',
  faults: [],
  plugins: [PLUGIN],
  entries: { user: { kind: 'absent' }, project: { kind: 'absent' } },
  hooks: { user: true, project: true },
  hasHooksDisabled: false,
} as const
const SETTINGS = {
  kind: 'ok',
  group: 'default',
  isLoopbackOnly: false,
  lines: [{ name: 'group', value: 'default', source: 'default' }],
} as const
const WELL: Facts = {
  now: 2_000,
  releasedAt: 1_000,
  node: '20.20.2',
  platform: 'linux',
  enclosure: undefined,
  version: '0.1.0',
  root: '/home/u/.sym',
  host: HOST,
  settings: SETTINGS,
  unknownVariables: [],
  sessions: [SESSION],
  files: [{ kind: 'folder', path: '/home/u/.sym', mode: 0o700, fault: undefined }],
  locks: [],
  lastWrittenAt: 1_500,
  fixedPort: undefined,
  namedPeers: [],
  relay: { kind: 'none' },
  proof: { kind: 'ok', ms: 400 },
  freeBytes: 10_000_000_000,
  multicast: { kind: 'probed', interfaces: [{ name: 'eth0', problem: undefined }] },
}
const LIVE = { kind: 'live', program: '/x/server/dist/server.mjs', group: undefined } as const
const session = (change: Partial<SessionFacts>): Partial<Facts> => ({ sessions: [{ ...SESSION, ...change }] })
const status = (change: Partial<typeof STATUS> | object): Partial<Facts> => session({ status: { ...STATUS, ...change } })

const RELAY = {
  kind: 'visited',
  url: 'wss://relay.example/',
  host: 'relay.example',
  source: 'SYM_RELAY_URL',
  tokenSource: 'SYM_RELAY_TOKEN',
  aheadMs: 500,
  outcome: { kind: 'echoed', ms: 40 },
} as const
const FAILED = { kind: 'failed', folder: '/home/u/.sym', code: undefined, why: 'the nodes did not answer' } as const
const relay = (cause: string) => ({ relay: { ...RELAY, outcome: { kind: 'failed', cause, why: 'a reason', said: '' } } }) as const

/** What is broken, the finding that must name it, how bad it is, and what the next step must hold. */
const BREAKAGES: readonly (readonly [string, Partial<Facts>, string, Health, RegExp])[] = [
  ['an old Node', { node: '18.19.0' }, 'node-old', 'broken', /install Node 20/],
  ['an old client', { host: { ...HOST, client: '2.0.14' } }, 'client-old', 'degraded', /claude update/],
  ['nothing installed', { host: { ...HOST, plugins: [] } }, 'not-installed', 'broken', /claude plugin install|init/],
  [
    'a disabled plugin',
    { host: { ...HOST, plugins: [{ ...PLUGIN, isEnabled: false }] } },
    'plugin-disabled',
    'broken',
    /claude plugin enable sym-mesh/,
  ],
  [
    'plugin and entry',
    { host: { ...HOST, entries: { ...HOST.entries, user: LIVE } } },
    'installed-twice',
    'broken',
    /^sym-mesh-channel uninstall$/,
  ],
  [
    'plugin and project entry',
    { host: { ...HOST, entries: { ...HOST.entries, project: LIVE } } },
    'installed-twice',
    'broken',
    /uninstall --project$/,
  ],
  ['two entries', { host: { ...HOST, plugins: [], entries: { user: LIVE, project: LIVE } } }, 'installed-twice', 'broken', /keep one/],
  [
    'a moved folder',
    { host: { ...HOST, entries: { ...HOST.entries, project: { ...LIVE, kind: 'stale' } } } },
    'entry-stale',
    'broken',
    /init --project$/,
  ],
  [
    'corrupt host settings',
    { host: { ...HOST, faults: ['/home/u/.claude/settings.json is no valid JSON near character 7'] } },
    'host-file',
    'broken',
    /mend/,
  ],
  ['hooks switched off', { host: { ...HOST, hasHooksDisabled: true } }, 'hooks-off', 'degraded', /disableAllHooks/],
  [
    'wrong settings',
    { settings: { kind: 'invalid', message: 'SYM_GROUP: "A B" is no group name' } },
    'settings-invalid',
    'broken',
    /correct/,
  ],
  [
    'a leaked export',
    {
      host: { ...HOST, plugins: [{ ...PLUGIN, group: 'team' }] },
      settings: { ...SETTINGS, group: 'old', lines: [{ name: 'group', value: 'old', source: 'SYM_GROUP' }] },
      ...status({ groups: ['old'] }),
    },
    'group-shadowed',
    'degraded',
    /unset SYM_GROUP/,
  ],
  [
    'a typo in a variable',
    { unknownVariables: [{ name: 'SYM_GORUP', nearest: 'SYM_GROUP' }] },
    'variable-unknown',
    'degraded',
    /is SYM_GROUP meant/,
  ],
  ['another group', status({ groups: ['other'] }), 'group-mismatch', 'degraded', /mesh-join default/],
  ['a problem of a session', status({ problems: ['UDP port 5353 is held'] }), 'session-problem', 'degraded', /^$/],
  [
    'no channel flag',
    status({ push: { isProven: false, hint: false } }),
    'push-off',
    'healthy',
    /--dangerously-load-development-channels|launch/,
  ],
  ['an unproven push', status({ push: { isProven: false, hint: true } }), 'push-unproven', 'healthy', /^$/],
  ['an orphan', session({ isParentAlive: false }), 'orphan', 'degraded', /^kill 20$/],
  ['a server that hangs', session({ status: undefined }), 'no-answer', 'broken', /restart that session/],
  [
    'a readable key',
    { files: [{ kind: 'identity', path: '/n/identity.json', mode: 0o644, fault: 'x' }] },
    'mode-open',
    'broken',
    /^chmod go-rwx '\/n\/identity.json'$/,
  ],
  [
    'an open folder',
    { files: [{ kind: 'folder', path: '/home/u/.sym', mode: 0o777, fault: undefined }] },
    'mode-open',
    'broken',
    /^chmod go-rwx/,
  ],
  [
    'a readable folder',
    { files: [{ kind: 'folder', path: '/home/u/.sym', mode: 0o755, fault: undefined }] },
    'mode-open',
    'degraded',
    /^chmod go-rwx/,
  ],
  [
    'a broken identity',
    { files: [{ kind: 'identity', path: '/n/identity.json', mode: 0o600, fault: 'cannot be used' }] },
    'file-broken',
    'broken',
    /restore \/n\/identity.json/,
  ],
  ['a wrong clock', { now: 0 }, 'clock-wrong', 'broken', /set the clock/],
  ['a full disk', { freeBytes: 1_000_000 }, 'disk-full', 'broken', /make room/],
  ['a filling disk', { freeBytes: 100_000_000 }, 'disk-low', 'degraded', /make room/],
  [
    'blocked multicast',
    { multicast: { kind: 'probed', interfaces: [{ name: 'eth0', problem: 'a firewall drops UDP 5353' }] } },
    'multicast-blocked',
    'degraded',
    /ufw allow 5353.udp.*SYM_PEERS=host:port/,
  ],
  [
    'blocked multicast on a Mac',
    { platform: 'darwin', multicast: { kind: 'probed', interfaces: [{ name: 'en0', problem: 'a firewall drops UDP 5353' }] } },
    'multicast-blocked',
    'degraded',
    /System Settings/,
  ],
  [
    'port 5353 held',
    { multicast: { kind: 'probed', interfaces: [{ name: 'eth0', problem: 'UDP port 5353 is held by a program that does not share it' }] } },
    'port-5353',
    'degraded',
    /ss -ulpn/,
  ],
  ['a network of its own', { enclosure: 'wsl' }, 'own-network', 'healthy', /SYM_RELAY_URL/],
  [
    'a plugin folder that was moved',
    { host: { ...HOST, plugins: [{ ...PLUGIN, missingFolder: '/gone' }] } },
    'plugin-moved',
    'broken',
    /^claude plugin marketplace remove sym-mesh-channel/,
  ],
  [
    'an entry without hooks',
    { host: { ...HOST, plugins: [], entries: { ...HOST.entries, user: LIVE }, hooks: { user: false, project: true } } },
    'hooks-missing',
    'degraded',
    /^sym-mesh-channel init --force$/,
  ],
  ['an old server', status({ version: '0.0.9' }), 'version-differs', 'healthy', /^restart the session alice$/],
  ['a lock left behind', { locks: [{ name: 'alice', path: '/n/lock.pid', pid: 7, state: 'dead' }] }, 'lock-stale', 'healthy', /by itself$/],
  [
    'a name that is held',
    { locks: [{ name: 'alice', path: '/n/lock.pid', pid: 7, state: 'stranger' }] },
    'lock-held',
    'degraded',
    /kill 7$/,
  ],
  [
    'a broken database',
    { files: [{ kind: 'database', path: '/n/mesh.db', mode: 0o600, fault: 'is no database' }] },
    'database-broken',
    'broken',
    /^mv '.n.mesh.db'/,
  ],
  ['broken trust', { files: [{ kind: 'trust', path: '/t', mode: 0o600, fault: 'cannot be used' }] }, 'trust-broken', 'broken', /mv '.t'/],
  ['a disk that takes nothing', { proof: { ...FAILED, code: 'ENOSPC' } }, 'disk-full', 'broken', /make room/],
  ['a folder of somebody else', { proof: { ...FAILED, code: 'EACCES' } }, 'folder-closed', 'broken', /^ls -ld '.home.u.\.sym'/],
  ['a message that does not get through', { proof: FAILED }, 'proof-failed', 'broken', /sym-mesh-channel demo/],
  ['a clock that went back', { lastWrittenAt: 90_000_000 }, 'clock-back', 'degraded', /timedatectl/],
  ['a clock ahead', { relay: { ...RELAY, aheadMs: 120_000 } }, 'clock-skew', 'degraded', /timedatectl/],
  ['a clock far behind', { platform: 'win32', relay: { ...RELAY, aheadMs: -7_200_000 } }, 'clock-skew', 'broken', /w32tm/],
  ['a port that is taken', { fixedPort: { address: '0.0.0.0:7342', problem: 'EADDRINUSE' } }, 'port-taken', 'degraded', /another port/],
  ['a named peer that is away', { namedPeers: [{ address: 'h:1', problem: 'refused' }] }, 'peer-refused', 'degraded', /start a session/],
  ['a named peer with a typo', { namedPeers: [{ address: 'h:1', problem: 'dns' }] }, 'peer-dns', 'degraded', /ping h$/],
  ['a named peer behind a firewall', { namedPeers: [{ address: 'h:77', problem: 'blocked' }] }, 'peer-blocked', 'degraded', /open TCP 77/],
  ['a relay with a wrong name', relay('dns'), 'relay-dns', 'degraded', /nslookup relay.example$/],
  ['a relay that is down', relay('refused'), 'relay-refused', 'degraded', /sym-mesh-channel relay/],
  ['a relay with a bad certificate', relay('tls'), 'relay-tls', 'degraded', /^openssl s_client -connect relay.example:443/],
  ['a token with a typo', relay('token'), 'relay-token', 'degraded', /correct SYM_RELAY_TOKEN$/],
  [
    'no token where one is wanted',
    { relay: { ...relay('token').relay, tokenSource: '' } },
    'relay-token',
    'degraded',
    /^set SYM_RELAY_TOKEN/,
  ],
  ['something else in place of a relay', relay('http'), 'relay-http', 'degraded', /^curl -i https:..relay.example.health/],
  ['a firewall before the relay', relay('blocked'), 'relay-blocked', 'degraded', /TCP 443 out$/],
  ['a relay that carries nothing', relay('no-echo'), 'relay-no-echo', 'degraded', /^curl/],
]

const idsOf = (findings: readonly Finding[]): readonly string[] => findings.filter(({ level }) => level !== 'good').map(({ id }) => id)

describe('the diagnosis', () => {
  it('has nothing to say of what is well [R147]', () => {
    const findings = diagnose(WELL)
    expect(idsOf(findings)).toEqual(['setting-group'])
    expect(healthOf(findings)).toBe('healthy')
  })

  it.each(BREAKAGES)('names %s, and the next step [R147]', (_what, broken, id, health, next) => {
    const findings = diagnose({ ...WELL, ...broken })
    const finding = findings.find((one) => one.id === id)
    expect(finding, JSON.stringify(idsOf(findings))).toBeDefined()
    expect(finding?.next ?? '').toMatch(next)
    expect(healthOf(findings)).toBe(health)
    // One cause, one finding: the others say what they say of a machine that is well.
    expect(idsOf(findings).filter((other) => !other.startsWith('setting-') && other !== id && other !== 'no-session')).toEqual([])
  })

  it('needs no finding twice: every id stands for one kind of thing', () => {
    expect(new Set(BREAKAGES.map(([, , id]) => id)).size).toBeGreaterThanOrEqual(20)
  })

  it('tells every setting with its source [R9]', () => {
    expect(diagnose(WELL).find(({ id }) => id === 'setting-group')?.what).toBe('group = default (default)')
  })

  it('gives each health an exit code of its own', () => {
    expect(EXIT_OF).toEqual({ healthy: 0, degraded: 3, broken: 4 })
  })
})
