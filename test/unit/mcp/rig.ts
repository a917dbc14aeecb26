/** A door with everything around it in memory: a clock that is moved by hand, random bytes from a counter, a source that keeps books. */
import type { Clock, RandomBytes } from '../../../server/src/base/clock.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import { fingerprintOf } from '../../../server/src/identity/ids.ts'
import { Door, type DoorDeps, type Way } from '../../../server/src/mcp/door.ts'
import type { Push, Speaker, SurfaceItem } from '../../../server/src/mcp/fence.ts'
import { type AssertionId, type Cat7, NEUTRAL } from '../../../server/src/mmp/cmb.ts'

export class ManualClock implements Clock {
  #now = 0
  #timers: { at: number; fn: () => void }[] = []

  now(): number {
    return Date.UTC(2025, 0, 2, 3, 4, 5) + this.#now
  }

  monotonic(): number {
    return this.#now
  }

  after(delayMs: number, fn: () => void): { cancel(): void } {
    const timer = { at: this.#now + delayMs, fn }
    this.#timers.push(timer)
    return { cancel: () => this.#drop(timer) }
  }

  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#now = next.at
      this.#drop(next)
      next.fn()
    }
    this.#now = end
  }

  get timers(): number {
    return this.#timers.length
  }

  #drop(timer: { at: number; fn: () => void }): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }
}

/** Bytes that never repeat within a test. */
export function countingRandom(): RandomBytes {
  let count = 0
  return (length) => {
    count++
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at++) bytes[length - 1 - at] = Math.floor(count / 256 ** at) & 0xff
    return bytes
  }
}

export function speaker(name: string, trust: Speaker['trust'] = 'verified'): Speaker {
  return { petname: name, fingerprint: fingerprintOf(new TextEncoder().encode(name)), trust }
}

export function cat7(focus: string, more: Partial<Cat7> = {}): Cat7 {
  const absent = { text: NEUTRAL }
  const rest = { issue: absent, intent: absent, motivation: absent, commitment: absent, perspective: absent, mood: absent }
  return { focus: { text: focus }, ...rest, ...more }
}

let serial = 0
export function item(overrides: Partial<SurfaceItem> & { readonly focus?: string } = {}): SurfaceItem {
  const { focus = 'Tests are green again.', ...rest } = overrides
  const hex = (++serial).toString(16).padStart(16, '0')
  const receivedAt = Date.UTC(2025, 0, 2, 3, 4, 5)
  return {
    id: `m${hex}`,
    assertionId: `asrt-${hex.padEnd(64, '0')}` as AssertionId,
    kind: 'message',
    from: speaker('build-bot'),
    group: 'default',
    isDirected: true,
    fields: cat7(focus),
    createdAt: receivedAt - 1_000,
    receivedAt,
    ...rest,
  }
}

export interface Rig {
  readonly door: Door
  readonly clock: ManualClock
  /** What the source still holds. */
  readonly waiting: SurfaceItem[]
  /** Ids that the source holds and does not list, as it does with too many of one peer. */
  readonly unlisted: Set<string>
  readonly surfaced: { id: string; way: Way }[]
  readonly pushes: Push[]
  /** `journal:<id>`, `begin:<id>` and `push:<id>` in the order in which they happened. */
  readonly order: string[]
  readonly told: number[]
  /** Lets a call of the source or the push wait or fail. */
  readonly hooks: { before: (what: 'markPushed' | 'markSurfaced' | 'push') => Promise<void> }
  arrive(...items: SurfaceItem[]): Promise<void>
}

export function rig(overrides: Partial<DoorDeps> = {}): Rig {
  const clock = new ManualClock()
  const waiting: SurfaceItem[] = []
  const unlisted = new Set<string>()
  const surfaced: { id: string; way: Way }[] = []
  const pushes: Push[] = []
  const order: string[] = []
  const told: number[] = []
  const hooks: Rig['hooks'] = { before: () => Promise.resolve() }
  const source = {
    pending: () => waiting.filter((one) => !unlisted.has(one.id)),
    isUnread: (id: string) => waiting.some((one) => one.id === id),
    async markPushed(ids: readonly string[]) {
      await hooks.before('markPushed')
      order.push(...ids.map((id) => `journal:${id}`))
      for (const [at, one] of waiting.entries()) if (ids.includes(one.id)) waiting[at] = { ...one, isPushed: true }
    },
    async markSurfaced(ids: readonly string[], way: Way) {
      await hooks.before('markSurfaced')
      for (const id of ids) {
        surfaced.push({ id, way })
        const at = waiting.findIndex((one) => one.id === id)
        if (at >= 0) waiting.splice(at, 1)
      }
    },
  }
  async function push(params: Push): Promise<void> {
    order.push(`begin:${params.meta['msg_id']?.slice(0, 17) ?? ''}`)
    await hooks.before('push')
    pushes.push(params)
    order.push(`push:${params.meta['msg_id']?.slice(0, 17) ?? ''}`)
  }
  const onWaiting = (count: number) => void told.push(count)
  const door = new Door({ source, push, clock, random: countingRandom(), log: silentLog, isDeclared: true, onWaiting, ...overrides })
  const arrive = (...items: SurfaceItem[]) => {
    waiting.push(...items)
    return door.onArrived()
  }
  return { door, clock, waiting, unlisted, surfaced, pushes, order, told, hooks, arrive }
}

/** The ids that a text shows in its header lines, without the suffix of a push. */
export function idsIn(text: string): string[] {
  return [...text.matchAll(/^(?:message|observation) (m[0-9a-f]{16})/gm)].map((match) => match[1] ?? '')
}
