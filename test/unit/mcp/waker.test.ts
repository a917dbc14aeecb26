import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Attention, USUAL_ATTENTION } from '../../../server/src/mcp/attention.ts'
import type { DoorDeps, Offer } from '../../../server/src/mcp/door.ts'
import type { SurfaceItem } from '../../../server/src/mcp/fence.ts'
import { AFTER_PUSH_MS, GATHER_MS, SILENT_MS } from '../../../server/src/mcp/wake.ts'
import { Waker } from '../../../server/src/mcp/waker.ts'
import { idsIn, item, rig } from './rig.ts'

const RATES = { wakesPerMinute: 10, wakesPerHour: 100, wakesPerDay: 1_000 }

function wakeRig({ rates = RATES, canWake = true, ...door }: Partial<DoorDeps> & { rates?: typeof RATES; canWake?: boolean } = {}) {
  let attention: Attention = USUAL_ATTENTION
  const made = rig({ attention: () => attention, isDeclared: false, onWaiting: () => waker?.look(), ...door })
  const armed: boolean[] = []
  const waker: Waker = new Waker({
    door: made.door,
    clock: made.clock,
    rates,
    attention: () => attention,
    canWake: () => canWake,
    onArmed: () => armed.push(waker.isArmed),
  })
  /** A waiter, and what it was answered. */
  const wait = (signal = new AbortController().signal) => {
    const waiter: { answer?: Offer | null } = {}
    void waker.wait(signal).then((offer) => {
      waiter.answer = offer ?? null
    })
    return waiter
  }
  const allow = (change: Partial<Attention>) => {
    attention = { ...attention, ...change }
    void made.door.onArrived()
    waker.look()
  }
  return { ...made, waker, wait, allow, armed }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

describe('an idle session', () => {
  it('is woken by what was said to it, fenced, once, and it counts when it was shown [R116, R119]', async () => {
    const { arrive, clock, wait, door, surfaced } = wakeRig()
    const waiter = wait()
    const [one, two] = [item(), item()]
    await arrive(one)
    clock.advance(GATHER_MS - 1)
    await arrive(two)
    await settled()
    expect(waiter.answer).toBeUndefined()
    clock.advance(1)
    await settled()
    expect(waiter.answer?.text).toMatch(/^From the mesh: 2 items, quoted below, were written by other agents\./)
    expect(idsIn(waiter.answer?.text ?? '')).toEqual([one.id, two.id])
    expect(door.take('UserPromptSubmit')).toBeUndefined()
    expect(surfaced).toEqual([])
    await door.shown(waiter.answer?.ticket ?? '')
    expect(surfaced).toEqual([
      { id: one.id, way: 'wake' },
      { id: two.id, way: 'wake' },
    ])
  })

  it('is woken by what came before the waiter did [R75, R116]', async () => {
    const { arrive, clock, wait } = wakeRig()
    await arrive(item())
    clock.advance(60_000)
    const waiter = wait()
    clock.advance(GATHER_MS)
    await settled()
    expect(waiter.answer).toBeTruthy()
  })

  it.each([
    ['a broadcast', { isDirected: false }],
    ['what wishes to wake nobody', { mayWake: false }],
    ['a key that is not admitted', { from: { ...item().from, trust: 'unknown' as const } }],
  ])('is not woken by %s [R116]', async (_, change) => {
    const { arrive, clock, wait } = wakeRig()
    const waiter = wait()
    await arrive(item(change))
    clock.advance(3_600_000)
    await settled()
    expect(waiter.answer).toBeUndefined()
  })

  it('is shown a broadcast together with what wakes it', async () => {
    const { arrive, clock, wait } = wakeRig()
    const waiter = wait()
    const [broadcast, directed] = [item({ isDirected: false }), item()]
    await arrive(broadcast, directed)
    clock.advance(GATHER_MS)
    await settled()
    expect(idsIn(waiter.answer?.text ?? '')).toEqual([broadcast.id, directed.id])
  })

  it.each<[string, Partial<Attention>]>([
    ['muted', { mutes: { peers: [item().from.fingerprint], kinds: [], groups: [] } }],
    ['held by do not disturb', { isDoNotDisturb: true }],
  ])('is not woken by what is %s, and is when that ends [R116, R125]', async (_, change) => {
    const { arrive, clock, wait, allow } = wakeRig()
    allow(change)
    const waiter = wait()
    await arrive(item())
    clock.advance(3_600_000)
    await settled()
    expect(waiter.answer).toBeUndefined()
    allow(USUAL_ATTENTION)
    clock.advance(GATHER_MS)
    await settled()
    expect(waiter.answer).toBeTruthy()
  })

  it('is left to its push for some seconds where the channel flag is set [R118]', async () => {
    const { arrive, clock, wait, door } = wakeRig({ isDeclared: true, hint: true })
    await door.onInitialised()
    const waiter = wait()
    await arrive(item())
    clock.advance(AFTER_PUSH_MS - 1)
    await settled()
    expect(waiter.answer).toBeUndefined()
    clock.advance(1)
    await settled()
    expect(waiter.answer).toBeTruthy()
  })
})

describe('a session in a turn', () => {
  it('is left to its hooks, and woken after a minute without a sign of it [R116]', async () => {
    const { arrive, clock, wait, waker } = wakeRig()
    const waiter = wait()
    waker.working()
    await arrive(item())
    clock.advance(SILENT_MS - 1)
    waker.working()
    clock.advance(SILENT_MS - 1)
    await settled()
    expect(waiter.answer).toBeUndefined()
    clock.advance(1)
    await settled()
    expect(waiter.answer).toBeTruthy()
  })

  it('is woken when the turn ends with something unseen', async () => {
    const { arrive, clock, wait, waker } = wakeRig()
    const waiter = wait()
    waker.working()
    await arrive(item())
    clock.advance(10_000)
    waker.idle()
    clock.advance(GATHER_MS)
    await settled()
    expect(waiter.answer).toBeTruthy()
  })

  it('is not woken by what a hook has shown meanwhile [R119]', async () => {
    const { arrive, clock, wait, waker, door } = wakeRig()
    const waiter = wait()
    waker.working()
    await arrive(item())
    const offer = door.take('PostToolUse')
    await door.shown(offer?.ticket ?? '')
    waker.idle()
    clock.advance(3_600_000)
    await settled()
    expect(waiter.answer).toBeUndefined()
  })
})

describe('a waiter', () => {
  it('is the only one: a second is sent away, and the first stays [R116]', async () => {
    const { arrive, clock, wait } = wakeRig()
    const [first, second] = [wait(), wait()]
    await settled()
    expect([first.answer, second.answer]).toEqual([undefined, null])
    await arrive(item())
    clock.advance(GATHER_MS)
    await settled()
    expect(first.answer).toBeTruthy()
  })

  it('that has gone makes room for the next, and what it did not confirm is shown by another way', async () => {
    const { arrive, clock, wait, armed, door, surfaced } = wakeRig()
    const gone = new AbortController()
    wait(gone.signal)
    gone.abort()
    const second = wait()
    await arrive(item())
    clock.advance(GATHER_MS)
    await settled()
    expect(second.answer).toBeTruthy()
    expect(armed).toEqual([true, false, true, false])
    clock.advance(10_000)
    await settled()
    expect(surfaced).toEqual([])
    expect(door.take('UserPromptSubmit')).toBeDefined()
  })

  it.each<[string, Parameters<typeof wakeRig>[0], Partial<Attention>]>([
    ['a host that cannot wake', { canWake: false }, {}],
    ['a person who wants no wakes', {}, { wake: 'off' }],
    ['mode inbox', {}, { mode: 'inbox' }],
  ])('is sent away at once by %s [R116]', async (_, options, change) => {
    const { wait, allow } = wakeRig(options)
    allow(change)
    const waiter = wait()
    await settled()
    expect(waiter.answer).toBeNull()
  })

  it('is let go when pushes are proven, or the person changes their mind [R116, R118]', async () => {
    const proven = wakeRig({ isDeclared: true })
    await proven.door.onInitialised()
    await proven.arrive(item({ isDirected: false }))
    const waiter = proven.wait()
    proven.door.noteNamedIds([proven.pushes[0]?.meta['msg_id'] ?? ''])
    proven.waker.look()
    await settled()
    expect(waiter.answer).toBeNull()

    const changed = wakeRig()
    const other = changed.wait()
    changed.allow({ wake: 'off' })
    await settled()
    expect(other.answer).toBeNull()
  })

  it('is let go at the end, and leaves no timer behind', async () => {
    const { arrive, clock, wait, waker, door } = wakeRig()
    const waiter = wait()
    await arrive(item())
    await waker.stop()
    await door.stop()
    await settled()
    expect(waiter.answer).toBeNull()
    expect(clock.timers).toBe(0)
    const late = wait()
    await settled()
    expect(late.answer).toBeNull()
  })
})

describe('wakes', () => {
  it('have a budget, whoever asks and however much arrives [R116, R124, A9]', async () => {
    const { arrive, clock, wait, waker, door } = wakeRig()
    const times: number[] = []
    for (let second = 0; second < 600; second++) {
      await arrive(item({ focus: 'hey', from: { ...item().from, fingerprint: item().from.fingerprint } }))
      const waiter = waker.isArmed ? undefined : wait()
      waker.idle()
      clock.advance(1_000)
      await settled()
      if (waiter?.answer) times.push(clock.monotonic())
      if (waiter?.answer) await door.shown(waiter.answer.ticket)
    }
    expect(waker.counters().wakes).toBeLessThanOrEqual(RATES.wakesPerMinute * 10 + RATES.wakesPerMinute)
    expect(waker.counters().wakes).toBeLessThanOrEqual(RATES.wakesPerHour + RATES.wakesPerHour / 6)
    expect(waker.counters().wakes).toBeGreaterThan(10)
  })

  it('show nothing twice, lose nothing, and keep to the budget in any order of events [R116, R119]', async () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('arrive' as const), isDirected: fc.boolean() }),
      fc.record({
        type: fc.constantFrom('wait' as const, 'gone' as const, 'working' as const, 'idle' as const, 'confirm' as const, 'hook' as const),
      }),
      fc.record({ type: fc.constant('advance' as const), ms: fc.constantFrom(1, GATHER_MS, 10_000, SILENT_MS) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const made = wakeRig({ rates: { wakesPerMinute: 2, wakesPerHour: 3, wakesPerDay: 4 } })
        const offers: Offer[] = []
        const arrived: SurfaceItem[] = []
        let gone = new AbortController()
        const waiting = () => {
          gone = new AbortController()
          void made.waker.wait(gone.signal).then((offer) => offer && offers.push(offer))
        }
        for (const one of steps) {
          if (one.type === 'arrive') {
            arrived.push(item({ isDirected: one.isDirected }))
            await made.arrive(arrived.at(-1) as SurfaceItem)
          } else if (one.type === 'advance') made.clock.advance(one.ms)
          else if (one.type === 'wait') waiting()
          else if (one.type === 'gone') gone.abort()
          else if (one.type === 'confirm') for (const { ticket } of offers.splice(0)) await made.door.shown(ticket)
          else if (one.type === 'hook') {
            const offer = made.door.take('PostToolUse')
            if (offer) offers.push(offer)
          } else made.waker[one.type]()
          await settled()
        }
        expect(made.waker.counters().wakes).toBeLessThanOrEqual(2 + steps.length)
        made.clock.advance(3_600_000)
        await settled()
        const last = made.door.take('UserPromptSubmit')
        if (last) await made.door.shown(last.ticket)
        const ids = made.surfaced.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        expect([...ids, ...made.waiting.map(({ id }) => id)].sort()).toEqual(arrived.map(({ id }) => id).sort())
        expect(made.waiting).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})
