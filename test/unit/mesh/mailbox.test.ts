/** Mail of two nodes that have met, at a relay that is a list: what is sealed to whom, and from when on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NodeDeps } from '../../../server/src/mesh/node.ts'
import { Lab, type TestNode, until } from '../../support/mesh.ts'

/** A relay that keeps what it is given, once the node is at it. */
class ListRelay implements NonNullable<NodeDeps['relays']> {
  isThere = false
  readonly kept: { readonly to: string; readonly sealed: Uint8Array }[] = []

  get takesMail(): boolean {
    return this.isThere
  }
  async put(_id: string, to: string, sealed: Uint8Array) {
    this.kept.push({ to, sealed })
    return { kind: 'stored', expiresAt: Number.MAX_SAFE_INTEGER } as const
  }
  takeMail(): void {}
  health() {
    return this.isThere ? [{ host: 'relay.example', state: 'in' as const, cause: undefined, said: '', peers: 0, takesMail: true }] : []
  }
  reconnect(): void {}
}

let lab: Lab
let a: TestNode
let b: TestNode
let relays: readonly [ListRelay, ListRelay]

beforeEach(async () => {
  lab = new Lab()
  relays = [new ListRelay(), new ListRelay()]
  a = await lab.start('alice', { relays: relays[0] })
  b = await lab.start('bob', { relays: relays[1] })
  await lab.meet(a, b)
})
afterEach(() => lab.close())

const prekeys = (node: TestNode): number => Number(node.db.get('SELECT count(*) AS n FROM peer_prekey')?.['n'])

describe('a relay that is added to a node whose links are up', () => {
  it('is told on them by the key that mail is sealed to, so that mail can be left when the link ends [R71]', async () => {
    expect(prekeys(a)).toBe(0)
    for (const relay of relays) relay.isThere = true
    b.node.relayAdded()
    await until(() => prekeys(a) === 1, 'the prekey of bob')
    // It is an introduction that was heard before: nobody comes anew.
    expect(a.events.filter(({ kind }) => kind === 'peer-here')).toHaveLength(1)
    await b.stop()
    await until(() => !a.knows('bob'), 'bob is away')
    const { recipients } = await a.say('for later', { to: 'bob' })
    expect(recipients).toMatchObject([{ state: 'queued', reason: 'waits at the relay' }])
    expect(relays[0].kept.map(({ to }) => to)).toEqual([b.node.fingerprint])
  })
})
