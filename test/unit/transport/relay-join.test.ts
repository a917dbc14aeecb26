/** A join over a relay of a link: what is done in which order, and that a failure leaves everything as it was. */
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../server/src/base/secret.ts'
import { parseRelayUrl } from '../../../server/src/mmp/relay-url.ts'
import type { Attempt } from '../../../server/src/transport/relay-hub.ts'
import { type LinkRelay, RelayJoin } from '../../../server/src/transport/relay-join.ts'
import type { RelayCause, RelayTarget } from '../../../server/src/transport/relay-wire.ts'

const HOME = 'wss://home.example.com/'
const TOKEN = 'canary-token'

function link(address = 'wss://relay.example.com', token: string | undefined = TOKEN): LinkRelay {
  const verdict = parseRelayUrl(address, [], true)
  if (verdict.kind === 'refused') throw new Error(verdict.rule)
  return { url: verdict.url, token: token === undefined ? undefined : new Secret(token) }
}

/** Stands in for the hub: which relay is there with which token, and what was done. */
function hub(outcome: Attempt | (() => Promise<Attempt>) = { kind: 'in' }) {
  const relays = new Map<string, RelayTarget | undefined>([[HOME, undefined]])
  const tried: RelayTarget[] = []
  return {
    relays,
    tried,
    urls: () => [...relays.keys()],
    targets: () => [...relays.values()].filter((target) => target !== undefined),
    attempt: async (target: RelayTarget) => {
      tried.push(target)
      const result = typeof outcome === 'function' ? await outcome() : outcome
      if (result.kind === 'in') relays.set(target.url.href, target)
      return result
    },
    add: async (target: RelayTarget) => void relays.set(target.url.href, target),
    remove: async (url: string) => void relays.delete(url),
  }
}

describe('a join over the relay of a link', () => {
  it('changes the group after the relay has let us in, with the token of the link', async () => {
    const there = hub()
    const joins = new RelayJoin(there)
    const done = await joins.over(link(), () => there.urls().length)
    expect(done).toEqual({ change: 2, newHost: 'relay.example.com', toKeep: link() })
    expect(there.tried).toEqual([{ url: expect.objectContaining({ host: 'relay.example.com' }), token: TOKEN, isForeign: true }])
  })

  it('tells of a relay that was added, and of none that was not', async () => {
    let added = 0
    const there = hub()
    const joins = new RelayJoin(there, undefined, () => added++)
    await joins.over(link(HOME), () => {})
    expect(added).toBe(0)
    await joins.over(link(), () => expect(added).toBe(0))
    await joins.over(link(), () => {})
    expect(added).toBe(1)
    const refused = new RelayJoin(hub({ kind: 'failed', cause: 'token' }), undefined, () => added++)
    await expect(refused.over(link(), () => {})).rejects.toThrow()
    expect(added).toBe(1)
  })

  it('asks no relay where the link has none, or where a person configured it, whatever the token', async () => {
    const there = hub()
    const joins = new RelayJoin(there)
    for (const relay of [undefined, link(HOME)])
      expect(await joins.over(relay, () => 'done')).toEqual({ change: 'done', newHost: undefined, toKeep: undefined })
    expect(there.tried).toEqual([])
  })

  it.each<[RelayCause | undefined, string | undefined, RegExp]>([
    ['token', TOKEN, /refuses the token of the link/],
    ['token', undefined, /wants a token, and the link has none/],
    ['refused', TOKEN, /nothing listens there/],
    ['dns', TOKEN, /name cannot be resolved/],
    ['tls', TOKEN, /certificate/],
    ['private', TOKEN, /blocked: its name leads to a private address/],
    ['http', TOKEN, /no relay/],
    ['blocked', TOKEN, /firewall/],
    ['busy', TOKEN, /limit/],
    ['duplicate', TOKEN, /another connection/],
    [undefined, TOKEN, /did not answer in time/],
  ])('fails for the cause %s with nothing changed, and repeats no token [B8]', async (cause, token, why) => {
    const there = hub({ kind: 'failed', cause })
    let changes = 0
    const relay = token === undefined ? { ...link(), token } : link()
    const failed: unknown = await new RelayJoin(there).over(relay, () => changes++).catch((thrown: unknown) => thrown)
    expect(String(failed)).toMatch(/Nothing was changed: the relay relay\.example\.com /)
    expect(String(failed)).toMatch(why)
    expect(String(failed)).not.toContain('canary')
    expect([changes, there.urls()]).toEqual([0, [HOME]])
  })

  it('leaves the relay again when the group cannot be changed', async () => {
    const there = hub()
    const joins = new RelayJoin(there)
    const refuse = (): never => {
      throw new Error('too many groups')
    }
    await expect(joins.over(link(), refuse)).rejects.toThrow('too many groups')
    expect(there.urls()).toEqual([HOME])
    expect(await joins.forget()).toEqual([])
  })

  it('with another token takes the place of the first, and gives it back when the group cannot be changed', async () => {
    const there = hub()
    const joins = new RelayJoin(there, [link()])
    there.relays.set(link().url, undefined)
    expect(await joins.over(link(), () => 'same')).toEqual({ change: 'same', newHost: undefined, toKeep: link() })
    expect(there.tried).toEqual([])
    const refuse = (): never => {
      throw new Error('too many groups')
    }
    await expect(joins.over(link(undefined, 'other'), refuse)).rejects.toThrow('too many groups')
    expect(there.relays.get(link().url)?.token).toBe(TOKEN)
    await joins.over(link(undefined, 'other'), () => 'new')
    expect(there.relays.get(link().url)?.token).toBe('other')
  })

  it('is one at a time', async () => {
    let settle: (attempt: Attempt) => void = () => {}
    const there = hub(() => new Promise((resolve) => (settle = resolve)))
    const joins = new RelayJoin(there)
    const first = joins.over(link(), () => 'first')
    await expect(joins.over(link(), () => 'second')).rejects.toThrow(/another join over a relay is under way/)
    settle({ kind: 'in' })
    expect((await first).change).toBe('first')
  })

  it('dials any address on this machine alone, and forgets what links brought, not what a person configured', async () => {
    const there = hub()
    const joins = new RelayJoin(there)
    await joins.over(link('ws://127.0.0.1:9'), () => 'done')
    expect(there.tried[0]?.isForeign).toBe(false)
    expect(await joins.forget()).toEqual(['127.0.0.1:9'])
    expect(there.urls()).toEqual([HOME])
  })
})
