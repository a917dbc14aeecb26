/** Policy, floor and pins of stock nodes: what is decided, by whom, and what no node can take back. */
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Guard } from '../../../server/src/base/guard.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import { sharedValue } from '../../../server/src/identity/shared-file.ts'
import { decideAccess } from '../../../server/src/mesh/access.ts'
import { StockBook } from '../../../server/src/mesh/stock-book.ts'
import {
  isFloored,
  NO_STOCK,
  policyOf,
  raiseFloor,
  reset,
  type StockContent,
  type StockPolicy,
  setPolicy,
} from '../../../server/src/mesh/stock-file.ts'
import { StockPolicies } from '../../../server/src/mesh/stock-policy.ts'
import { noAudit } from '../../../server/src/store/audit-log.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { alice, bob, carol, fingerprint } from '../../support/mesh.ts'
import { openStore } from './store.ts'

const [bobsKey, carolsKey] = [fingerprint(bob), fingerprint(carol)]
const secure = (keys: typeof bob, at: number) => ({ nodeId: keys.nodeId, key: fingerprint(keys), at })

describe('the policy of a group', () => {
  it('is off until a person says otherwise, and always for a private group [R174]', () => {
    expect(policyOf(NO_STOCK, 'default')).toBe('off')
    expect(policyOf(NO_STOCK, 'constructor')).toBe('off')
    const content = setPolicy(setPolicy(NO_STOCK, 'default', 'allow', 1), 'team:0123456789ab', 'allow', 1)
    expect([policyOf(content, 'default'), policyOf(content, 'other'), policyOf(content, 'team:0123456789ab')]).toEqual([
      'allow',
      'off',
      'off',
    ])
  })

  const input = {
    standing: 'member',
    decision: 'none',
    listing: 'no-list',
    membership: 'open',
    floor: 'member',
    isReadable: true,
  } as const
  it.each([
    ['off', { kind: 'refused', reason: 'stock-off' }],
    ['warn', { kind: 'pending', reason: 'stock-warn' }],
    ['allow', { kind: 'admitted' }],
  ] as const)('%s decides the access of a stock node, which is always shown as legacy', (stock, access) => {
    expect(decideAccess({ ...input, stock })).toEqual({ trust: 'legacy', access })
    expect(decideAccess({ ...input, stock, decision: 'verified' }).trust).toBe('legacy')
  })

  it('lifts no block, no list and no demand for compared words', () => {
    const allowed = { ...input, stock: 'allow' as StockPolicy }
    expect(decideAccess({ ...allowed, decision: 'blocked' }).access.kind).toBe('refused')
    expect(decideAccess({ ...allowed, listing: 'not-listed' }).access).toEqual({ kind: 'pending', reason: 'not-listed' })
    expect(decideAccess({ ...allowed, floor: 'verified' }).access).toEqual({ kind: 'pending', reason: 'not-verified' })
    expect(decideAccess({ ...allowed, isReadable: false }).access.kind).toBe('pending')
    expect(decideAccess({ ...allowed, membership: 'none' }).access.kind).toBe('refused')
  })
})

describe('the floor', () => {
  it('holds id and key of a secure node, until a person resets it, and again from its next secure meeting on [R174]', () => {
    const raised = raiseFloor(NO_STOCK, [secure(bob, 10)])
    expect(isFloored(raised, bob.nodeId, carolsKey)).toBe(true)
    expect(isFloored(raised, carol.nodeId, bobsKey)).toBe(true)
    expect(isFloored(raised, carol.nodeId, carolsKey)).toBe(false)
    expect(raiseFloor(raised, [secure(bob, 20)])).toBe(raised)
    const lowered = reset(raised, bob.nodeId, 30)
    expect(isFloored(lowered, bob.nodeId, bobsKey)).toBe(false)
    expect(raiseFloor(lowered, [secure(bob, 10)])).toBe(lowered)
    expect(isFloored(raiseFloor(lowered, [secure(bob, 40)]), bob.nodeId, bobsKey)).toBe(true)
  })

  it('is lowered by no meeting and no policy, in any order', () => {
    const step = fc.oneof(
      fc.record({ who: fc.constantFrom(alice, carol), at: fc.nat(100) }).map(
        ({ who, at }) =>
          (content: StockContent) =>
            raiseFloor(content, [secure(who, at)]),
      ),
      fc
        .constantFrom<StockPolicy>('off', 'warn', 'allow')
        .map((policy) => (content: StockContent) => setPolicy(content, 'default', policy, 1)),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const content = steps.reduce((now, apply) => apply(now), raiseFloor(NO_STOCK, [secure(bob, 5)]))
        expect(isFloored(content, bob.nodeId, undefined)).toBe(true)
      }),
    )
  })
})

describe('the policies of a node', () => {
  const clock = new FakeClock()
  function rig(content: StockContent = NO_STOCK, pinned: readonly (typeof bob)[] = []) {
    const source = sharedValue(content)
    const changes: string[] = []
    const policies = new StockPolicies({
      ...{ source, clock, audit: noAudit, guard: new Guard(silentLog) },
      pins: () => pinned.map(({ nodeId, publicKey }) => ({ nodeId, publicKey, at: 7 })),
      groups: () => ['default', 'team-a'],
      onChange: () => changes.push(policies.admitting().join()),
    })
    return { source, policies, changes }
  }

  it('follow the file at once, and say what is open as long as it is', async () => {
    const { source, policies, changes } = rig()
    expect([policies.admitting(), policies.notes()]).toEqual([[], []])
    await source.change((content) => setPolicy(content, 'team-a', 'warn', 1))
    await source.change((content) => setPolicy(content, 'elsewhere', 'allow', 1))
    expect(changes).toEqual(['team-a'])
    expect(policies.notes().join()).toMatch(/team-a \(policy warn\).*stock team-a off/)
  })

  it('count the pins of the node as floor, and tell the other sessions where stock nodes may come', async () => {
    const { source, policies } = rig(NO_STOCK, [bob])
    expect(policies.isFloored(bob.nodeId, carol.publicKey)).toBe(true)
    expect(policies.isFloored(carol.nodeId, bob.publicKey)).toBe(true)
    await policies.secured()
    expect(source.read()).toEqual({ kind: 'ok', value: NO_STOCK })
    await source.change((content) => setPolicy(content, 'default', 'allow', 1))
    await policies.secured()
    expect(source.read()).toMatchObject({ value: { floor: { [bob.nodeId]: { key: bobsKey, at: 7 } } } })
    await source.change((content) => reset(content, bob.nodeId, 8))
    expect(policies.isFloored(bob.nodeId, bob.publicKey)).toBe(false)
  })

  it('admit nobody while the file cannot be read', () => {
    const broken = {
      ...sharedValue(setPolicy(NO_STOCK, 'default', 'allow', 1)),
      read: () => ({ kind: 'broken' as const, problem: 'it is damaged' }),
    }
    const policies = new StockPolicies({
      ...{ source: broken, clock, audit: noAudit, guard: new Guard(silentLog) },
      ...{ pins: () => [], groups: () => ['default'], onChange: () => {} },
    })
    expect(policies.of('default')).toBe('off')
    expect(policies.problems().join()).toMatch(/it is damaged.*no stock node is let in/)
  })
})

describe('the keys of a stock node', () => {
  const stores: { close(): void }[] = []
  afterEach(() => {
    for (const store of stores.splice(0)) store.close()
  })
  async function book() {
    const store = await openStore()
    stores.push(store.db)
    return { db: store.db, open: () => new StockBook(store.db, new FakeClock(), new Guard(silentLog)) }
  }
  const keys = { nodeId: bob.nodeId, publicKey: bob.publicKey, sealingKey: new Uint8Array(32).fill(1) }
  const NEVER = Number.NEGATIVE_INFINITY

  it('are held to what signed, on disk: no other key, no other id, no other or missing key to seal for [R174]', async () => {
    const { db, open } = await book()
    const first = open()
    expect(first.refusal(keys, NEVER)).toBeUndefined()
    expect(first.refusal({ ...keys, publicKey: carol.publicKey }, NEVER)).toBeUndefined()
    first.proven(keys)
    await db.write(() => {})
    const again = open()
    for (const one of [first, again]) {
      expect(one.hasSigned(bob.nodeId)).toBe(true)
      expect(one.refusal(keys, NEVER)).toBeUndefined()
      expect(one.refusal({ ...keys, publicKey: carol.publicKey }, NEVER)).toBe('other-key')
      expect(one.refusal({ ...keys, nodeId: carol.nodeId }, NEVER)).toBe('other-node-id')
      expect(one.refusal({ ...keys, sealingKey: new Uint8Array(32).fill(2) }, NEVER)).toBe('other-sealing-key')
      expect(one.refusal({ ...keys, sealingKey: undefined }, NEVER)).toBe('no-sealing-key')
    }
    expect(again.refusal({ ...keys, publicKey: carol.publicKey }, Number.MAX_SAFE_INTEGER)).toBeUndefined()
  })
})
