import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { type Attention, USUAL_ATTENTION } from '../../../server/src/mcp/attention.ts'
import type { SurfaceItem } from '../../../server/src/mcp/fence.ts'
import { TICKET_TIMEOUT_MS } from '../../../server/src/mcp/tickets.ts'
import { idsIn, item, rig, speaker } from './rig.ts'

/** The id as the push showed it. */
function pushedId(push: { readonly meta: Readonly<Record<string, string>> } | undefined): string {
  return push?.meta['msg_id'] ?? ''
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

describe('a hook', () => {
  it('is given what waits, once, and surfaces it when it was shown [R117, R119, R130]', async () => {
    const { door, arrive, waiting, surfaced } = rig()
    const one = item()
    await arrive(one)
    const offer = door.take('PostToolUse')
    expect(offer?.text).toMatch(/^From the mesh: 1 item, quoted below, was written by other agents\./)
    expect(idsIn(offer?.text ?? '')).toEqual([one.id])
    expect(surfaced).toEqual([])
    await door.shown(offer?.ticket ?? '')
    expect(surfaced).toEqual([{ id: one.id, way: 'hook' }])
    expect(waiting).toEqual([])
    expect(door.take('UserPromptSubmit')).toBeUndefined()
  })

  it('gets nothing when nothing waits [R130]', () => {
    const { door } = rig()
    for (const event of ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'Stop'] as const) expect(door.take(event)).toBeUndefined()
    expect(door.piggyBack()).toBeUndefined()
  })

  it('never gets what another hook is showing [R119]', async () => {
    const { door, arrive } = rig()
    await arrive(item(), item())
    expect(idsIn(door.take('PostToolUse')?.text ?? '')).toHaveLength(2)
    expect(door.take('PostToolUse')).toBeUndefined()
    expect(door.piggyBack()).toBeUndefined()
  })

  it('that never confirms gives its items back after ten seconds, and its ticket is void then', async () => {
    const { door, clock, arrive, surfaced } = rig()
    await arrive(item())
    const lost = door.take('PostToolUse')
    clock.advance(TICKET_TIMEOUT_MS - 1)
    expect(door.take('PostToolUse')).toBeUndefined()
    clock.advance(1)
    const again = door.take('PostToolUse')
    expect(idsIn(again?.text ?? '')).toEqual(idsIn(lost?.text ?? ''))
    await door.shown(lost?.ticket ?? '')
    expect(surfaced).toEqual([])
    await door.shown(again?.ticket ?? '')
    expect(surfaced).toHaveLength(1)
  })

  it('stays within the host and says how much is left, in order [A9]', async () => {
    const { door, arrive } = rig()
    const items = Array.from({ length: 30 }, () => item({ focus: 'x'.repeat(2_000) }))
    await arrive(...items)
    const first = door.take('SessionStart')
    expect(first?.text.length).toBeLessThanOrEqual(LIMITS.context.hookCharacters)
    const ids = idsIn(first?.text ?? '')
    expect(ids).toEqual(items.slice(0, ids.length).map(({ id }) => id))
    expect(first?.text).toMatch(/In the mesh inbox: \d+ more from build-bot, ~\d+k tok, sym_inbox\.$/)
    await door.shown(first?.ticket ?? '')
    expect(idsIn(door.take('PostToolUse')?.text ?? '')[0]).toBe(items[ids.length]?.id)
  })

  it('turns a burst of 2,000 into its budget and one line, and loses nothing [A9]', async () => {
    const { door, clock, arrive, waiting, surfaced } = rig()
    await arrive(...Array.from({ length: 2_000 }, () => item({ focus: 'spam spam spam' })))
    let text = ''
    for (let call = 0; call < 50; call++) {
      const offer = door.take('PostToolUse')
      if (!offer) continue
      text += offer.text
      await door.shown(offer.ticket)
    }
    expect(surfaced).toHaveLength(LIMITS.context.perPeer.itemsBurst)
    expect(waiting).toHaveLength(2_000 - LIMITS.context.perPeer.itemsBurst)
    expect(text.match(/more from build-bot/g)).toHaveLength(1)
    expect(text.length / 4).toBeLessThan(LIMITS.context.perPeer.tokensBurst)
    clock.advance(60_000)
    expect(idsIn(door.take('PostToolUse')?.text ?? '')).toHaveLength(LIMITS.context.perPeer.itemsPerMinute)
  })

  it('lets one flooding peer not hold up another [A9]', async () => {
    const { door, arrive } = rig()
    await arrive(...Array.from({ length: 500 }, () => item({ focus: 'x'.repeat(2_000) })))
    for (;;) {
      const offer = door.take('PostToolUse')
      if (!offer || idsIn(offer.text).length === 0) break
      await door.shown(offer.ticket)
    }
    const quiet = item({ from: speaker('quiet') })
    await arrive(quiet)
    expect(idsIn(door.take('PostToolUse')?.text ?? '')).toEqual([quiet.id])
  })

  it('never shows unasked what a key said that is not admitted', async () => {
    const { door, arrive, pushes } = rig()
    await door.onInitialised()
    await arrive(item({ from: speaker('stranger', 'unknown') }))
    expect(door.take('UserPromptSubmit')).toBeUndefined()
    expect(pushes).toEqual([])
  })

  it('opens the session with one line of ours [R126]', async () => {
    const { door, arrive } = rig({ headline: () => 'Mesh: 2 peers here,\n0 unread.' })
    expect(door.take('SessionStart')?.text).toBe('Mesh: 2 peers here, 0 unread.')
    await arrive(item())
    expect(door.take('SessionStart')?.text).toMatch(/^Mesh: 2 peers here, 0 unread\.\n\nFrom the mesh: 1 item/)
    expect(door.take('PostToolUse')).toBeUndefined()
    expect(door.take('UserPromptSubmit')?.text).toBe('Mesh: 2 peers here, 0 unread.')
  })

  it.each(['inbox', 'off'] as const)('says nothing in mode %s, by no way [R125]', async (mode) => {
    const { door, arrive, pushes } = rig({ attention: () => ({ ...USUAL_ATTENTION, mode }) })
    await door.onInitialised()
    const one = item()
    await arrive(one)
    const ways = [door.take('UserPromptSubmit'), door.take('Stop'), door.piggyBack(), door.takeToWake(() => true)]
    expect([...ways, pushes.length]).toEqual([undefined, undefined, undefined, undefined, 0])
    expect(door.reasons()).toEqual(new Map([[one.id, `mode is ${mode}`]]))
  })
})

describe('what a person keeps away from Claude', () => {
  it('is shown by no way, stays with its reason, and is shown when that ends [R125]', async () => {
    let attention: Attention = { ...USUAL_ATTENTION, mutes: { peers: [], kinds: ['observation'], groups: [] } }
    const { door, arrive, waiting, pushes } = rig({ attention: () => attention })
    await door.onInitialised()
    const [muted, other] = [item({ kind: 'observation' }), item()]
    await arrive(muted, other)
    expect(pushes.map(({ content }) => idsIn(content))).toEqual([[other.id]])
    const offer = door.take('UserPromptSubmit')
    expect(idsIn(offer?.text ?? '')).toEqual([other.id])
    await door.shown(offer?.ticket ?? '')
    expect(door.reasons()).toEqual(new Map([[muted.id, 'kind observation is muted']]))
    expect(waiting.map(({ id }) => id)).toEqual([muted.id])
    attention = USUAL_ATTENTION
    await door.onArrived()
    expect(idsIn(door.take('PostToolUse')?.text ?? '')).toEqual([muted.id])
    expect(door.reasons().size).toBe(0)
  })

  it('does not hide that an item is over its budget [R124]', async () => {
    const { door, arrive } = rig()
    await arrive(...Array.from({ length: LIMITS.context.perPeer.itemsBurst + 1 }, () => item()))
    for (let offer = door.take('PostToolUse'); offer && idsIn(offer.text).length > 0; offer = door.take('PostToolUse'))
      await door.shown(offer.ticket)
    expect([...door.reasons().values()]).toEqual(['over the budget for now'])
  })
})

describe('the end of a turn', () => {
  it('is put off by news three times in a row at most, and again after a real end [R67]', async () => {
    const { door, arrive } = rig()
    const stop = async (isStopHookActive: boolean) => {
      await arrive(item())
      const offer = door.take('Stop', { isStopHookActive })
      if (offer) await door.shown(offer.ticket)
      return offer !== undefined
    }
    expect([await stop(false), await stop(true), await stop(true), await stop(true), await stop(true)]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
    expect(await stop(false)).toBe(true)
  })

  it('is not put off without new items, nor by a line about what waits [R67]', async () => {
    const { door, arrive } = rig()
    expect(door.take('Stop', { isStopHookActive: true })).toBeUndefined()
    await arrive(...Array.from({ length: 100 }, () => item()))
    for (;;) {
      const offer = door.take('PostToolUse')
      if (!offer) break
      await door.shown(offer.ticket)
    }
    await arrive(item())
    expect(door.take('Stop')).toBeUndefined()
  })
})

describe('an open question at the end of a turn', () => {
  function questions(...asked: SurfaceItem[]) {
    const held: string[] = []
    return {
      held,
      questionToHold: () => asked.find(({ id }) => !held.includes(id)),
      markHeld: (question: SurfaceItem) => void held.push(question.id),
    }
  }

  it('holds it once, quoted, and never again [R67]', () => {
    const question = item({ focus: 'Is 0042 merged?' })
    const open = questions(question)
    const { door } = rig({ questions: open })
    const offer = door.take('Stop', { isStopHookActive: false })
    expect(offer?.text).toMatch(
      /^A question of another agent, .* still open\. sym_reply answers or declines it, after the user's own task\./,
    )
    expect(offer?.text).toMatch(/\[begin ([0-9a-f]{16})\]\n\| Is 0042 merged\?\n\[end \1\]/)
    expect(open.held).toEqual([question.id])
    expect(door.take('Stop', { isStopHookActive: true })).toBeUndefined()
    expect(door.take('Stop', { isStopHookActive: false })).toBeUndefined()
  })

  it('holds no turn that is being continued already, and none in another event [R67]', () => {
    const open = questions(item())
    const { door } = rig({ questions: open })
    expect(door.take('Stop', { isStopHookActive: true })).toBeUndefined()
    for (const event of ['SessionStart', 'UserPromptSubmit', 'PostToolUse'] as const) expect(door.take(event)).toBeUndefined()
    expect(open.held).toEqual([])
  })

  it('waits behind news, and counts among the times that a turn is put off [R67]', async () => {
    const open = questions(item(), item(), item(), item())
    const { door, arrive } = rig({ questions: open })
    await arrive(item())
    const news = door.take('Stop')
    expect(news?.text).toMatch(/^From the mesh/)
    await door.shown(news?.ticket ?? '')
    expect(open.held).toEqual([])
    expect(door.take('Stop')?.text).toMatch(/^A question/)
  })

  it('holds nothing where nothing is shown unasked, or the budget is used up [R67, R125]', async () => {
    const open = questions(item())
    const closed = rig({ questions: open, attention: () => ({ ...USUAL_ATTENTION, mode: 'inbox' }) })
    expect(closed.door.take('Stop')).toBeUndefined()
    const { door } = rig({ questions: open, budget: { items: 0.001, tokens: 1 } })
    expect(door.take('Stop')).toBeUndefined()
    expect(open.held).toEqual([])
  })
})

describe('a push', () => {
  it('waits until the host listens [R75]', async () => {
    const { door, arrive, pushes } = rig()
    const early = item()
    await arrive(early)
    expect(pushes).toEqual([])
    await door.onInitialised()
    expect(pushes.map((push) => idsIn(push.content))).toEqual([[early.id]])
  })

  it('is journaled before it is made, and made once [R119]', async () => {
    const { door, arrive, order } = rig()
    await door.onInitialised()
    const [a, b] = [item(), item()]
    await arrive(a, b)
    await door.onArrived()
    expect(order.filter((step) => !step.startsWith('begin'))).toEqual([
      `journal:${a.id}`,
      `journal:${b.id}`,
      `push:${a.id}`,
      `push:${b.id}`,
    ])
  })

  it('is not repeated for what an earlier process journaled; the hooks show that', async () => {
    const { door, arrive, pushes } = rig()
    await door.onInitialised()
    const journaled = item({ isPushed: true })
    await arrive(journaled)
    expect(pushes).toEqual([])
    expect(idsIn(door.take('SessionStart')?.text ?? '')).toEqual([journaled.id])
  })

  it('does not count until proven: the hook shows the item too [R118, R119]', async () => {
    const { door, arrive, pushes, surfaced } = rig()
    await door.onInitialised()
    const one = item()
    await arrive(one)
    expect(pushes).toHaveLength(1)
    expect(surfaced).toEqual([])
    expect(idsIn(door.take('PostToolUse')?.text ?? '')).toEqual([one.id])
  })

  it('is proven by the id that it alone carried, and then surfaces by itself [R118, R119]', async () => {
    const { door, arrive, pushes, surfaced } = rig({ hint: true })
    await door.onInitialised()
    const [first, second] = [item(), item()]
    await arrive(first)
    expect(door.pushState()).toEqual({ declared: true, isProven: false, hint: true })
    expect(door.noteNamedIds([pushedId(pushes[0])])).toEqual([first.id])
    expect(door.pushState().isProven).toBe(true)
    await arrive(second)
    expect(surfaced).toEqual([
      { id: first.id, way: 'push' },
      { id: second.id, way: 'push' },
    ])
    expect(door.take('PostToolUse')).toBeUndefined()
  })

  it('is not proven by an id that a hook, a list or a peer has shown [R118]', async () => {
    const { door, arrive, pushes } = rig()
    await door.onInitialised()
    const one = item()
    await arrive(one)
    const guess = pushedId(pushes[0]).endsWith('0') ? 'ffffff' : '000000'
    expect(door.noteNamedIds([one.id, `${one.id}.${guess}`, 'build-bot', ''])).toEqual([one.id, one.id, 'build-bot', ''])
    expect(door.pushState().isProven).toBe(false)
  })

  it('that fails leaves the item to the hooks, also once proven', async () => {
    const { door, arrive, hooks, pushes, surfaced } = rig()
    await door.onInitialised()
    await arrive(item())
    door.noteNamedIds([pushedId(pushes[0])])
    hooks.before = (what) => (what === 'push' ? Promise.reject(new Error('closed')) : Promise.resolve())
    const lost = item()
    await arrive(lost)
    expect(surfaced).toHaveLength(1)
    expect(idsIn(door.take('PostToolUse')?.text ?? '')).toEqual([lost.id])
  })

  it('is not made when a hook has shown the item while it was journaled', async () => {
    const { door, arrive, hooks, pushes, surfaced } = rig()
    await door.onInitialised()
    const gate = deferred()
    hooks.before = (what) => (what === 'markPushed' ? gate.promise : Promise.resolve())
    const arrived = arrive(item())
    await Promise.resolve()
    const offer = door.take('PostToolUse')
    await door.shown(offer?.ticket ?? '')
    gate.resolve()
    await arrived
    expect(pushes).toEqual([])
    expect(surfaced).toHaveLength(1)
  })

  it('leaves an item to the hook that is showing it when the proof comes', async () => {
    const { door, clock, arrive, pushes, surfaced } = rig()
    await door.onInitialised()
    await arrive(item(), item())
    const offer = door.take('PostToolUse')
    door.noteNamedIds([pushedId(pushes[0])])
    expect(surfaced).toEqual([])
    await door.shown(offer?.ticket ?? '')
    expect(surfaced.map(({ way }) => way)).toEqual(['hook', 'hook'])

    await arrive(item())
    expect(surfaced.at(-1)?.way).toBe('push')
    clock.advance(TICKET_TIMEOUT_MS)
    expect(surfaced).toHaveLength(3)
  })

  it('counts for an item whose hook never confirmed, once proven', async () => {
    const { door, clock, arrive, pushes, surfaced } = rig()
    await door.onInitialised()
    await arrive(item())
    door.take('PostToolUse')
    door.noteNamedIds([pushedId(pushes[0])])
    clock.advance(TICKET_TIMEOUT_MS)
    await door.onArrived()
    expect(surfaced.map(({ way }) => way)).toEqual(['push'])
    expect(door.take('PostToolUse')).toBeUndefined()
  })

  it('shares one budget with the hooks and pays for an item once [A9, R124]', async () => {
    const { door, clock, arrive, pushes, surfaced } = rig()
    await door.onInitialised()
    await arrive(...Array.from({ length: 100 }, () => item()))
    const { itemsBurst, itemsPerMinute } = LIMITS.context.perPeer
    expect(pushes.filter((push) => push.meta['kind'] === 'message')).toHaveLength(itemsBurst)
    expect(pushes.at(-1)).toEqual({
      content: 'In the mesh inbox: 60 more from build-bot, ~360 tok, sym_inbox.',
      meta: { kind: 'overflow' },
    })
    for (;;) {
      const offer = door.take('PostToolUse')
      if (!offer) break
      await door.shown(offer.ticket)
    }
    expect(surfaced).toHaveLength(itemsBurst)
    expect(door.counters()).toMatchObject({
      shownItems: itemsBurst,
      waiting: 60,
      surfaced: { hook: itemsBurst, push: 0, wake: 0, tool: 0 },
    })
    clock.advance(60_000)
    await door.onArrived()
    expect(pushes.filter((push) => push.meta['kind'] === 'message')).toHaveLength(itemsBurst + itemsPerMinute)
  })

  it('is not made where the channel was not declared', async () => {
    const { door, arrive, pushes } = rig({ isDeclared: false })
    await door.onInitialised()
    await arrive(item())
    expect(pushes).toEqual([])
  })
})

describe('a tool result', () => {
  it('carries what waits along, within its room [R117]', async () => {
    const { door, arrive, surfaced } = rig()
    await arrive(...Array.from({ length: 10 }, () => item({ focus: 'x'.repeat(2_000) })))
    const offer = door.piggyBack(4_000)
    expect(offer?.text.length).toBeLessThanOrEqual(4_000)
    await door.shown(offer?.ticket ?? '')
    expect(surfaced.map(({ way }) => way)).toEqual(['tool', 'tool'])
  })

  it('of an item that was asked for keeps every other way from showing it [R119, R133]', async () => {
    const { door, arrive, surfaced } = rig()
    const one = item()
    await arrive(one)
    const offer = door.take('PostToolUse')
    await door.readByTool([one.id, 'm0000000000000000'])
    await door.readByTool([one.id])
    await door.shown(offer?.ticket ?? '')
    expect(surfaced).toEqual([{ id: one.id, way: 'tool' }])
  })

  it('settles what a tool showed, also where it stands behind too many others to be listed [R133]', async () => {
    const { door, surfaced, unlisted, waiting } = rig()
    const far = item()
    unlisted.add(far.id)
    waiting.push(far)
    await door.readByTool([far.id])
    await door.readByTool([far.id])
    expect(surfaced).toEqual([{ id: far.id, way: 'tool' }])
  })
})

describe('the door', () => {
  it('reads a backlog a few times a second at most, however fast others arrive [A9]', async () => {
    let looks = 0
    const backlog = Array.from({ length: 500 }, () => item())
    const source = {
      isUnread: () => true,
      pending() {
        looks++
        return backlog
      },
      markPushed: () => Promise.resolve(),
      markSurfaced: () => Promise.resolve(),
    }
    const { door, clock } = rig({ source })
    await door.onInitialised()
    looks = 0
    for (let arrival = 0; arrival < 1_000; arrival++) {
      clock.advance(1)
      await door.onArrived()
    }
    expect(looks).toBeLessThan(20)
    expect(looks).toBeGreaterThan(0)
  })

  it('tells when the number of waiting items changes', async () => {
    const { door, arrive, told } = rig()
    await arrive(item(), item())
    const offer = door.take('PostToolUse')
    await door.shown(offer?.ticket ?? '')
    expect(told).toEqual([2, 0])
  })

  it('does not show an item twice when writing it down failed', async () => {
    const { door, arrive, hooks } = rig()
    hooks.before = (what) => (what === 'markSurfaced' ? Promise.reject(new Error('disk full')) : Promise.resolve())
    await arrive(item())
    const offer = door.take('PostToolUse')
    await door.shown(offer?.ticket ?? '')
    expect(door.take('PostToolUse')).toBeUndefined()
  })

  it('leaves no timer behind when it stops, and hands out nothing after', async () => {
    const { door, clock, arrive, pushes } = rig()
    await door.onInitialised()
    await arrive(...Array.from({ length: 100 }, () => item()))
    door.take('PostToolUse')
    await door.stop()
    const made = pushes.length
    await arrive(item())
    expect(clock.timers).toBe(0)
    expect(pushes).toHaveLength(made)
    expect(door.take('PostToolUse')).toBeUndefined()
  })
})
