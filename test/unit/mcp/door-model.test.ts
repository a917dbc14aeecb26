/** Random orders of everything that can happen at the door. Whatever they are: each item is surfaced once, none is lost. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TICKET_TIMEOUT_MS } from '../../../server/src/mcp/tickets.ts'
import { idsIn, item, type Rig, rig, speaker } from './rig.ts'

type Command =
  | { readonly type: 'arrive'; readonly count: number; readonly peer: number; readonly length: number }
  | { readonly type: 'take'; readonly event: 'SessionStart' | 'UserPromptSubmit' | 'PostToolUse' | 'Stop' | 'piggyBack' }
  | { readonly type: 'shown'; readonly pick: number }
  | { readonly type: 'read'; readonly pick: number }
  | { readonly type: 'prove'; readonly pick: number }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'initialised' }
  | { readonly type: 'settle' }
  /** From here on calls of the source and of the push end late, in the order of `settle`, and every nth push fails. */
  | { readonly type: 'slow'; readonly isSlow: boolean; readonly failEvery: number }

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant('arrive' as const),
    count: fc.integer({ min: 1, max: 4 }),
    peer: fc.nat(2),
    length: fc.constantFrom(5, 200, 3_000),
  }),
  fc.record({
    type: fc.constant('take' as const),
    event: fc.constantFrom(
      'SessionStart' as const,
      'UserPromptSubmit' as const,
      'PostToolUse' as const,
      'Stop' as const,
      'piggyBack' as const,
    ),
  }),
  fc.record({ type: fc.constantFrom('shown' as const, 'shown' as const, 'read' as const, 'prove' as const), pick: fc.nat(20) }),
  fc.record({ type: fc.constant('advance' as const), ms: fc.constantFrom(1, 1_000, TICKET_TIMEOUT_MS, 60_000) }),
  fc.record({ type: fc.constantFrom('initialised' as const, 'settle' as const, 'settle' as const) }),
  fc.record({ type: fc.constant('slow' as const), isSlow: fc.boolean(), failEvery: fc.nat(4) }),
)

/** Half of the runs begin like a real session: the host listens and something is there. */
const script = fc
  .tuple(fc.boolean(), fc.array(command, { maxLength: 40, size: 'max' }))
  .map(([isStarted, steps]): readonly Command[] =>
    isStarted ? [{ type: 'initialised' }, { type: 'arrive', count: 2, peer: 0, length: 5 }, ...steps] : steps,
  )

/** Plays commands against one door and keeps books of its own. */
class Player {
  readonly rig: Rig = rig()
  readonly arrived: string[] = []
  readonly #open = new Map<string, { readonly ids: readonly string[]; readonly atMs: number }>()
  readonly #held: (() => void)[] = []
  #isSlow = false
  #failEvery = 0
  #pushes = 0

  constructor() {
    this.rig.hooks.before = async (what) => {
      if (this.#isSlow) await new Promise<void>((resolve) => this.#held.push(resolve))
      if (what === 'push' && this.#failEvery > 0 && ++this.#pushes % this.#failEvery === 0) throw new Error('push failed')
    }
  }

  async play(step: Command): Promise<void> {
    const { door, pushes } = this.rig
    const [wasProven, made] = [door.pushState().isProven, pushes.length]
    const before = this.#showing()
    const begun = new Set(this.rig.order)
    this.#apply(step)
    await flush()
    const after = this.#showing()
    // One that was under way already cannot be called back.
    const isShowing = (id: string) => before.has(id) && after.has(id) && !begun.has(`begin:${id}`)
    // Where pushes are known to be read, a push must not carry what a hook is showing.
    if (wasProven) expect(pushes.slice(made).filter((push) => isShowing(push.meta['msg_id']?.slice(0, 17) ?? ''))).toEqual([])
  }

  /** Everything late ends, time goes by, hooks come and confirm, until nothing waits. */
  async drain(): Promise<void> {
    this.#isSlow = false
    this.#failEvery = 0
    for (let round = 0; round < 200 && (this.rig.waiting.length > 0 || round < 2); round++) {
      await this.#settle()
      await this.play({ type: 'take', event: 'UserPromptSubmit' })
      for (const ticket of [...this.#open.keys()]) await this.#shown(ticket)
      this.rig.clock.advance(60_000)
      await flush()
    }
  }

  #apply(step: Command): void {
    const { door } = this.rig
    if (step.type === 'arrive') this.#arrive(step.count, step.peer, step.length)
    else if (step.type === 'take') this.#take(step.event)
    else if (step.type === 'shown') void this.#shown([...this.#open.keys()].at(step.pick % Math.max(1, this.#open.size)) ?? 'none')
    else if (step.type === 'read') void door.readByTool([this.rig.waiting[step.pick % Math.max(1, this.rig.waiting.length)]?.id ?? 'none'])
    else if (step.type === 'prove')
      door.noteNamedIds([this.rig.pushes[step.pick % Math.max(1, this.rig.pushes.length)]?.meta['msg_id'] ?? 'none'])
    else if (step.type === 'advance') this.#advance(step.ms)
    else if (step.type === 'initialised') void door.onInitialised()
    else if (step.type === 'settle') void this.#settle()
    else this.#slow(step.isSlow, step.failEvery)
  }

  #arrive(count: number, peer: number, length: number): void {
    const items = Array.from({ length: count }, () => item({ from: speaker(`peer-${peer}`), focus: 'w'.repeat(length) }))
    this.arrived.push(...items.map(({ id }) => id))
    void this.rig.arrive(...items)
  }

  #take(event: 'SessionStart' | 'UserPromptSubmit' | 'PostToolUse' | 'Stop' | 'piggyBack'): void {
    const { door } = this.rig
    const offer = event === 'piggyBack' ? door.piggyBack() : door.take(event)
    if (!offer) return
    const ids = idsIn(offer.text)
    const others = this.#showing()
    expect(ids.filter((id) => others.has(id))).toEqual([])
    const surfaced = new Set(this.rig.surfaced.map(({ id }) => id))
    expect(ids.filter((id) => surfaced.has(id))).toEqual([])
    this.#open.set(offer.ticket, { ids, atMs: this.rig.clock.monotonic() })
  }

  /** What stands in tickets that are neither confirmed nor expired. */
  #showing(): ReadonlySet<string> {
    return new Set([...this.#open.values()].flatMap((open) => open.ids))
  }

  #shown(ticket: string): Promise<void> {
    this.#open.delete(ticket)
    return this.rig.door.shown(ticket)
  }

  #slow(isSlow: boolean, failEvery: number): void {
    this.#isSlow = isSlow
    this.#failEvery = failEvery
  }

  #advance(ms: number): void {
    const { clock } = this.rig
    clock.advance(ms)
    for (const [ticket, { atMs }] of this.#open) if (clock.monotonic() - atMs >= TICKET_TIMEOUT_MS) this.#open.delete(ticket)
  }

  async #settle(): Promise<void> {
    for (const release of this.#held.splice(0)) release()
    await flush()
    if (this.#held.length > 0 && !this.#isSlow) await this.#settle()
  }
}

async function flush(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await Promise.resolve()
}

describe('the door under any order of events', () => {
  it('surfaces each item exactly once and loses none [R119, R75, I1, I2]', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (commands) => {
        const player = new Player()
        for (const step of commands) await player.play(step)
        await player.drain()
        expect(player.rig.waiting).toEqual([])
        expect(player.rig.surfaced.map(({ id }) => id).sort()).toEqual([...player.arrived].sort())
      }),
      { numRuns: 400 },
    )
  })

  it('pushes each item at most once, and only after it was journaled [R119]', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (commands) => {
        const player = new Player()
        for (const step of commands) await player.play(step)
        await player.drain()
        const { order } = player.rig
        const pushed = order.filter((step) => /^push:m/.test(step)).map((step) => step.slice(5))
        expect(new Set(pushed).size).toBe(pushed.length)
        for (const id of pushed) expect(order.indexOf(`journal:${id}`)).toBeLessThan(order.indexOf(`push:${id}`))
        for (const id of pushed) expect(order).toContain(`journal:${id}`)
      }),
      { numRuns: 150 },
    )
  })
})
