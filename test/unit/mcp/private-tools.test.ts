/** Private groups by tools: nothing without the typed command, and the whole way with it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupRunners, SYM_INVITE_CREATE, SYM_INVITE_INFO, SYM_JOIN_GROUP } from '../../../server/src/mcp/group-tools.ts'
import { InviteHandles } from '../../../server/src/mcp/invite-handles.ts'
import type { ToolName } from '../../../server/src/mcp/tool-names.ts'
import { hashOf, TypedTurns } from '../../../server/src/mcp/typed-turns.ts'
import { RelayJoin } from '../../../server/src/transport/relay-join.ts'
import { Lab, type PrivateHome, privateHome } from '../../support/mesh.ts'
import { counting } from '../../vectors/fixtures.ts'

const unused = () => Promise.reject(new Error('there is no relay'))
let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

async function session(host: string, home: PrivateHome) {
  const running = await lab.start(host, { home })
  const typed = new TypedTurns({ clock: lab.clock, hasHooks: true, hint: false })
  const runners = new Map(
    groupRunners({
      node: running.node,
      clock: lab.clock,
      random: counting(host.length * 31),
      typed,
      handles: new InviteHandles(lab.clock, counting(9)),
      keeper: { keep: () => 'kept' },
      lineToType: (target) => `/mesh-join ${target}`,
      relays: new RelayJoin({ urls: () => [], targets: () => [], attempt: unused, add: unused, remove: unused }),
    }),
  )
  const context = { signal: new AbortController().signal, progress() {} }
  const call = async (name: ToolName, input: object): Promise<string> => (await runners.get(name)?.(input, context)) ?? 'no such tool'
  return { ...running, typed, call }
}

const prompt = (command: 'join' | 'invite', text = '') => ({ command, links: text === '' ? [] : [hashOf(text)], words: [] })

describe('a private group by tools', () => {
  it('is opened and entered behind the typed commands, and by nothing else [C1] [R93]', async () => {
    const [homeA, homeB] = [privateHome(1), privateHome(2)]
    const [a, b] = [await session('alice', homeA), await session('bob', homeB)]
    const create = { group: 'backend-team', private: true }
    await expect(a.call(SYM_INVITE_CREATE.name, create)).rejects.toMatchObject({
      code: 'not-typed',
      message: expect.stringContaining('/mesh-invite backend-team'),
    })
    expect(homeA.shelf.read().groups).toEqual([])

    a.typed.prompt(prompt('invite'))
    const made = await lab.during(a.call(SYM_INVITE_CREATE.name, create))
    const link = /sym:\/\/join#v1\.\S+/.exec(made)?.[0] ?? ''
    expect(made).toMatch(/one person[\s\S]*Joined backend-team:[0-9a-f]{12} \(private/)

    const info = await b.call(SYM_INVITE_INFO.name, { link })
    expect(info).toMatch(/Private group {2}backend-team\n.*Invited by/s)
    expect(info).not.toContain(link)
    await expect(b.call(SYM_JOIN_GROUP.name, { link })).rejects.toMatchObject({ code: 'not-typed' })
    expect(homeB.shelf.read().groups).toEqual([])

    lab.introduce(b, a)
    b.typed.prompt(prompt('join', link))
    expect(await lab.during(b.call(SYM_JOIN_GROUP.name, { link }))).toMatch(
      /Joined backend-team:[0-9a-f]{12} \(private: by invite alone\)\. Left default/,
    )
    await lab.during(lab.linked(a, b))
    // The command was for one use.
    await expect(b.call(SYM_JOIN_GROUP.name, { link })).rejects.toMatchObject({ code: 'not-typed' })
  })

  it('is no group to make an open link to', async () => {
    const homeA = privateHome(1)
    const a = await session('alice', homeA)
    a.typed.prompt(prompt('invite'))
    await lab.during(a.call(SYM_INVITE_CREATE.name, { group: 'backend-team', private: true }))
    await expect(a.call(SYM_INVITE_CREATE.name, {})).rejects.toMatchObject({ code: 'not-typed' })
  })

  it('whose invite is spoiled is explained and not entered', async () => {
    const b = await session('bob', privateHome(2))
    expect(await b.call(SYM_INVITE_INFO.name, { link: 'sym://join#v1.AAAA' })).toMatch(/cannot be used: it is not complete/)
    b.typed.prompt(prompt('join', 'sym://join#v1.AAAA'))
    await expect(b.call(SYM_JOIN_GROUP.name, { link: 'sym://join#v1.AAAA' })).rejects.toThrow(/not complete/)
  })
})
