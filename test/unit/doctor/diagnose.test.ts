import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../server/src/doctor/diagnose.ts'
import type { Facts, SessionFacts } from '../../../server/src/doctor/facts.ts'
import { EXIT_OF, type Finding, type Health, healthOf } from '../../../server/src/doctor/finding.ts'

const PLUGIN = { id: 'sym-mesh-channel@sym-mesh-channel', isEnabled: true, group: undefined }
const STATUS = { name: 'alice', version: '0.1.0', groups: ['default'], peersHere: 1, problems: [], push: { isProven: true, hint: true } }
const SESSION: SessionFacts = { pid: 20, parentPid: 10, isAlive: true, isParentAlive: true, status: STATUS }
const HOST = {
  client: '2.1.329',
  faults: [],
  plugins: [PLUGIN],
  entries: { user: { kind: 'absent' }, project: { kind: 'absent' } },
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
  version: '0.1.0',
  root: '/home/u/.sym',
  host: HOST,
  settings: SETTINGS,
  sessions: [SESSION],
  files: [{ path: '/home/u/.sym', mode: 0o700, fault: undefined }],
  freeBytes: 10_000_000_000,
  multicast: { kind: 'probed', interfaces: [{ name: 'eth0', problem: undefined }] },
}
const LIVE = { kind: 'live', program: '/x/server/dist/server.mjs', group: undefined } as const
const session = (change: Partial<SessionFacts>): Partial<Facts> => ({ sessions: [{ ...SESSION, ...change }] })
const status = (change: Partial<typeof STATUS> | object): Partial<Facts> => session({ status: { ...STATUS, ...change } })

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
    { files: [{ path: '/n/identity.json', mode: 0o644, fault: 'x' }] },
    'mode-open',
    'broken',
    /^chmod go-rwx '\/n\/identity.json'$/,
  ],
  ['an open folder', { files: [{ path: '/home/u/.sym', mode: 0o777, fault: undefined }] }, 'mode-open', 'broken', /^chmod go-rwx/],
  ['a readable folder', { files: [{ path: '/home/u/.sym', mode: 0o755, fault: undefined }] }, 'mode-open', 'degraded', /^chmod go-rwx/],
  [
    'a broken identity',
    { files: [{ path: '/n/identity.json', mode: 0o600, fault: 'cannot be used' }] },
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
    /SYM_PEERS=host:port/,
  ],
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
