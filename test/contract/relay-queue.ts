/** What every queue of a relay must do, whatever it is made of. Run by one short file per implementation. */
import { afterEach, describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../server/src/identity/ids.ts'
import { relayGroupOf } from '../../server/src/mmp/relay-proof.ts'
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from '../../server/src/relay/limits.ts'
import type { Mailbox, NewItem, RelayQueue } from '../../server/src/relay/queue.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { alice, bob, carol } from '../support/mesh.ts'

export interface QueueUnderTest {
  readonly queue: RelayQueue
  /** The same storage, opened again as after a crash. */
  reopen(): Promise<RelayQueue>
  close(): void
}

const group = relayGroupOf('one')
const [a, b, c] = [alice, bob, carol].map(({ publicKey }) => fingerprintOf(publicKey)) as [
  NewItem['sender'],
  NewItem['sender'],
  NewItem['sender'],
]
const box: Mailbox = { group, recipient: b }
const bytes = (size: number, fill = 1): Uint8Array => new Uint8Array(size).fill(fill)

export function relayQueueContract(name: string, open: (limits: RelayLimits, clock: FakeClock) => Promise<QueueUnderTest>): void {
  describe(`the ${name} queue`, () => {
    let under: QueueUnderTest | undefined
    let clock = new FakeClock()
    const start = async (limits: Partial<RelayLimits> = {}): Promise<RelayQueue> => {
      clock = new FakeClock()
      under = await open({ ...DEFAULT_RELAY_LIMITS, ...limits }, clock)
      return under.queue
    }
    afterEach(() => under?.close())
    const item = (id: string, more: Partial<NewItem> = {}): NewItem => ({ ...box, id, sealed: bytes(10), ttlMs: 1_000, sender: a, ...more })
    const idsIn = async (queue: RelayQueue, mailbox = box, seq = 0, limit = 100) =>
      (await queue.next(mailbox, seq, limit)).map(({ id }) => id)

    it('gives back what was put, in order, as it was, in pages', async () => {
      const queue = await start()
      for (let n = 0; n < 5; n++) await queue.put(item(`m${n}`, { sealed: bytes(n + 1, n) }))
      const first = await queue.next(box, 0, 3)
      expect(first.map(({ id, sealed }) => [id, [...sealed]])).toEqual([
        ['m0', [0]],
        ['m1', [1, 1]],
        ['m2', [2, 2, 2]],
      ])
      expect(await idsIn(queue, box, first.at(-1)?.seq)).toEqual(['m3', 'm4'])
    })

    it('keeps what was stored through a crash, until it was taken [R71] [R113]', async () => {
      const queue = await start()
      for (const id of ['m1', 'm2', 'm3']) expect((await queue.put(item(id))).kind).toBe('stored')
      await queue.ack(box, ['m2', 'unknown'])
      const again = await under?.reopen()
      if (!again) throw new Error('not open')
      expect(await idsIn(again)).toEqual(['m1', 'm3'])
      expect(again.usage()).toEqual({ items: 2, bytes: 20 })
      expect(again.usage(box)).toEqual({ items: 2, bytes: 20 })
    })

    it('keeps mailboxes and groups apart [R103]', async () => {
      const queue = await start()
      const others: readonly Mailbox[] = [
        { group, recipient: c },
        { group: relayGroupOf('two'), recipient: b },
      ]
      await queue.put(item('m1'))
      for (const other of others) {
        expect(await idsIn(queue, other)).toEqual([])
        await queue.ack(other, ['m1'])
        expect((await queue.put(item('m1', other))).kind).toBe('stored')
      }
      expect(await idsIn(queue)).toEqual(['m1'])
    })

    it('stores one id once, and refuses it for other content', async () => {
      const queue = await start()
      const [first, second] = await Promise.all([queue.put(item('m1')), queue.put(item('m1'))])
      expect(second).toEqual(first)
      expect(await queue.put(item('m1', { sealed: bytes(10, 9), sender: c }))).toEqual({ kind: 'refused', reason: 'id-used' })
      expect(queue.usage().items).toBe(1)
    })

    it('forgets what is too old, and never keeps longer than its limit', async () => {
      const queue = await start({ ttlMs: 5_000 })
      await queue.put(item('short'))
      expect(await queue.put(item('long', { ttlMs: 1e12 }))).toEqual({ kind: 'stored', expiresAt: clock.now() + 5_000 })
      clock.advance(1_000)
      expect(await idsIn(queue)).toEqual(['long'])
      expect(await queue.expire()).toBe(1)
      clock.advance(4_000)
      expect(await queue.expire()).toBe(1)
      expect(queue.usage()).toEqual({ items: 0, bytes: 0 })
    })

    it.each([
      ['itemBytes', { itemBytes: 10 }, item('over', { sealed: bytes(11) }), 'too-large'],
      ['queueItems', { queueItems: 2 }, item('over', { sender: c }), 'queue-full'],
      ['queueBytes', { queueBytes: 29 }, item('over'), 'queue-full'],
      ['pairItems', { pairItems: 2 }, item('over'), 'queue-full'],
      ['groupBytes', { groupBytes: 29 }, item('over', { recipient: c }), 'queue-full'],
      ['storeBytes', { storeBytes: 29 }, item('over', { group: relayGroupOf('two') }), 'queue-full'],
    ] as const)('refuses one over %s, and takes it when there is room again [R112]', async (_name, limits, over, reason) => {
      const queue = await start(limits)
      await queue.put(item('m1'))
      expect((await queue.put(item('m2'))).kind).toBe('stored')
      expect(await queue.put(over)).toEqual({ kind: 'refused', reason })
      expect(queue.usage().items).toBe(2)
      if (reason === 'too-large') return
      await queue.ack(box, ['m1'])
      expect((await queue.put(over)).kind).toBe('stored')
    })

    it('counts puts that come together', async () => {
      const queue = await start({ queueItems: 3 })
      const outcomes = await Promise.all(Array.from({ length: 10 }, (_, n) => queue.put(item(`m${n}`))))
      expect(outcomes.filter(({ kind }) => kind === 'stored')).toHaveLength(3)
      expect(await idsIn(queue)).toHaveLength(3)
    })
  })
}
