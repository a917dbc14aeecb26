import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { Outbox, type OutboxMessage } from '../../../server/src/mesh/outbox.ts'
import { ReceiptBook } from '../../../server/src/mesh/receipts.ts'
import type { MessageState } from '../../../server/src/mesh/views.ts'
import { encodeRecord } from '../../../server/src/mmp/record.ts'
import { alice, bob, carol, cmbOf, fingerprint } from '../../support/mesh.ts'
import { openStore, type TestStore } from './store.ts'

const NOW = 1_750_000_000_000
const DAY = 86_400_000
const [toBob, toCarol] = [fingerprint(bob), fingerprint(carol)]

function message(focus: string, changes: Partial<OutboxMessage> = {}): OutboxMessage {
  const cmb = cmbOf(alice, focus)
  return {
    id: cmb.id,
    group: 'default',
    isDirected: false,
    tags: ['message'],
    record: JSON.stringify(encodeRecord(cmb)),
    focus,
    createdAt: cmb.createdAt,
    expiresAt: NOW + DAY,
    ...changes,
  }
}

async function rig() {
  const store = await openStore()
  return { store, outbox: new Outbox(store.db) }
}

const stateOf = (outbox: Outbox, one: OutboxMessage, whom = toBob) =>
  outbox.recipients(one.id).find((recipient) => recipient.fingerprint === whom)?.state

const RANK: Readonly<Record<MessageState, number>> = {
  queued: 0,
  sent: 1,
  unreceipted: 1.5,
  received: 2,
  withdrawn: 3,
  surfaced: 4,
  answered: 5,
  declined: 5,
  expired: 5,
  refused: 5,
}
const states = Object.keys(RANK) as MessageState[]

describe('the state of a message at a recipient', () => {
  const pairs = states.flatMap((from) => states.map((to) => [from, to] as const))
  it.each(pairs)('goes from %s to %s only if that is forward [R69]', async (from, to) => {
    const { store, outbox } = await rig()
    const one = message('hello')
    await store.db.write(() => outbox.add(one, [toBob], undefined))
    if (from !== 'queued') await store.db.write(() => outbox.advance(one.id, toBob, from, NOW))
    const isForward = RANK[to] > RANK[from]
    expect(await store.db.write(() => outbox.advance(one.id, toBob, to, NOW))).toBe(isForward)
    expect(stateOf(outbox, one)).toBe(isForward ? to : from)
  })

  it('never goes back, whatever comes in whatever order', async () => {
    const { store, outbox } = await rig()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...states), { maxLength: 12 }), fc.nat(), async (steps, salt) => {
        const one = message(`run ${salt} ${steps.join()}`)
        await store.db.write(() => outbox.get(one.id) ?? outbox.add(one, [toBob], undefined))
        let rank = RANK[stateOf(outbox, one) ?? 'queued']
        for (const step of steps) {
          await store.db.write(() => outbox.advance(one.id, toBob, step, NOW))
          const now = RANK[stateOf(outbox, one) ?? 'queued']
          expect(now).toBeGreaterThanOrEqual(rank)
          rank = now
        }
      }),
      { numRuns: 25 },
    )
  })

  it('is kept apart per recipient, and a stranger has none', async () => {
    const { store, outbox } = await rig()
    const one = message('to both')
    await store.db.write(() => outbox.add(one, [toBob, toCarol], undefined))
    await store.db.write(() => outbox.advance(one.id, toBob, 'received', NOW))
    expect([stateOf(outbox, one), stateOf(outbox, one, toCarol)]).toEqual(['received', 'queued'])
    expect(await store.db.write(() => outbox.advance(one.id, fingerprint(alice), 'received', NOW))).toBe(false)
  })

  it('keeps the first time of each step, the way, and forgets why it waited once it no longer does [R69]', async () => {
    const { store, outbox } = await rig()
    const one = message('hello')
    await store.db.write(() => {
      outbox.add(one, [toBob], undefined)
      outbox.note(one.id, toBob, 'the recipient is busy')
    })
    expect(outbox.recipients(one.id)[0]).toMatchObject({ state: 'queued', reason: 'the recipient is busy' })
    for (const [state, at, way] of [
      ['sent', 1, ''],
      ['received', 2, ''],
      ['surfaced', 3, 'hook'],
      ['surfaced', 4, 'tool'],
    ] as const) {
      await store.db.write(() => outbox.advance(one.id, toBob, state, at, way))
    }
    await store.db.write(() => outbox.note(one.id, toBob, 'a word that comes late'))
    expect(outbox.recipients(one.id)[0]).toMatchObject({
      state: 'surfaced',
      way: 'hook',
      reason: '',
      sentAt: 1,
      receivedAt: 2,
      surfacedAt: 3,
    })
  })
})

describe('the outbox', () => {
  it('gives what waits for a peer in a group, oldest first, also after a restart [R70]', async () => {
    const { store, outbox } = await rig()
    const list = [3, 1, 2].map((at) => message(`m${at}`, { createdAt: NOW + at }))
    const elsewhere = message('elsewhere', { group: 'other' })
    await store.db.write(() => {
      for (const one of [...list, elsewhere]) outbox.add(one, [toBob], undefined)
    })
    await store.db.write(() => outbox.advance(list[1]?.id ?? elsewhere.id, toBob, 'sent', NOW))
    await store.reopen()
    const waiting = new Outbox(store.db).waitingFor(toBob, 'default', 10, new Set())
    expect(waiting.map(({ focus }) => focus)).toEqual(['m1', 'm2', 'm3'])
    expect(new Outbox(store.db).waitingFor(toBob, 'default', 1, new Set([waiting[0]?.id ?? ''])).map(({ focus }) => focus)).toEqual(['m2'])
    expect(new Outbox(store.db).waitingFor(toCarol, 'default', 10, new Set())).toEqual([])
  })

  it('ends what nobody fetched in time, once, and nothing else [R70]', async () => {
    const { store, outbox } = await rig()
    const [late, early] = [message('late', { expiresAt: NOW + 10 }), message('early', { expiresAt: NOW + 1 })]
    await store.db.write(() => {
      outbox.add(late, [toBob], undefined)
      outbox.add(early, [toBob, toCarol], undefined)
      outbox.advance(early.id, toCarol, 'received', NOW)
    })
    const expire = (now: number) => store.db.write(() => outbox.expire(now, 30 * DAY))
    expect(await expire(NOW + 1)).toEqual([])
    expect(await expire(NOW + 2)).toEqual([early.id])
    expect(await expire(NOW + 3)).toEqual([])
    expect([stateOf(outbox, early), stateOf(outbox, early, toCarol), stateOf(outbox, late)]).toEqual(['expired', 'received', 'queued'])
    expect(outbox.waitingCount()).toBe(1)
  })

  it('forgets a message, with its recipients, long after its end', async () => {
    const { store, outbox } = await rig()
    const one = message('old')
    await store.db.write(() => outbox.add(one, [toBob], 'key'))
    await store.db.write(() => outbox.expire(one.expiresAt + 30 * DAY + 1, 30 * DAY))
    expect(outbox.get(one.id)).toBeUndefined()
    expect(outbox.recipients(one.id)).toEqual([])
    expect(outbox.byIdempotencyKey('key')).toBeUndefined()
  })

  it('knows a key of the caller after a restart, and takes no second message under it [R49]', async () => {
    const { store, outbox } = await rig()
    const one = message('first')
    await store.db.write(() => outbox.add(one, [toBob], 'deploy-42'))
    await store.reopen()
    const again = new Outbox(store.db)
    expect(again.byIdempotencyKey('deploy-42')?.id).toBe(one.id)
    await expect(store.db.write(() => again.add(message('second'), [toBob], 'deploy-42'))).rejects.toThrow()
    expect(again.byIdempotencyKey("' OR 1=1 --")).toBeUndefined()
  })

  it('is full when that many messages wait, and what was delivered makes room for new ones', async () => {
    const { store, outbox } = await rig()
    const { rows } = LIMITS.outbox
    store.db.transaction(() => {
      for (let number = 0; number < rows; number++) {
        const id = `asrt-${number.toString(16).padStart(64, '0')}`
        store.db.run(`INSERT INTO outbox VALUES (?, 'default', 0, '[]', '{}', '', ?, ?, NULL, NULL)`, id, NOW + number, NOW + DAY)
        store.db.run(
          `INSERT INTO recipient (id, fingerprint, state, created_at) VALUES (?, ?, ?, ?)`,
          id,
          toBob,
          number < 50 ? 'surfaced' : 'queued',
          number,
        )
      }
    })
    for (let number = 0; number < 50; number++) {
      expect(await store.db.write(() => outbox.makeRoom())).toBe(true)
      await store.db.write(() => outbox.add(message(`more ${number}`), [toBob], undefined))
    }
    expect(await store.db.write(() => outbox.makeRoom())).toBe(false)
    expect(outbox.waitingCount()).toBe(rows)
  })
})

describe('receipts', () => {
  const told = (focus: string, state: 'received' | 'surfaced' = 'received', author = toBob) => ({
    author,
    group: 'default',
    item: { of: cmbOf(bob, focus).id, at: NOW, ...(state === 'surfaced' ? { state, way: 'hook' } : { state }) },
  })
  const give = (store: TestStore, book: ReceiptBook, items = [told('one')], at = NOW) => store.db.write(() => book.add(items, at))
  const said = (book: ReceiptBook) => book.openFor(toBob, 'default').flatMap(({ items }) => items.map(({ state, way }) => [state, way]))

  it('are repeated until their author has them, also after a restart [R69]', async () => {
    const { store } = await rig()
    const book = new ReceiptBook(store.db)
    const [first] = await give(store, book)
    await give(store, book, [told('one', 'surfaced')])
    await store.reopen()
    const again = new ReceiptBook(store.db)
    expect(said(again)).toEqual([
      ['received', undefined],
      ['surfaced', 'hook'],
    ])
    await store.db.write(() => again.acknowledge(first?.seq ?? 0, toBob))
    expect(said(again)).toEqual([['surfaced', 'hook']])
  })

  it('are acknowledged by their author alone', async () => {
    const { store } = await rig()
    const book = new ReceiptBook(store.db)
    const [receipt] = await give(store, book)
    await store.db.write(() => receipt && book.acknowledge(receipt.seq, toCarol))
    expect(book.openFor(toBob, 'default')).toHaveLength(1)
    expect(book.openFor(toCarol, 'default')).toEqual([])
    expect(book.openFor(toBob, 'other')).toEqual([])
  })

  it('number themselves upwards, also when all before were acknowledged and the process is another one', async () => {
    const { store } = await rig()
    const book = new ReceiptBook(store.db)
    const [first] = await give(store, book)
    await store.db.write(() => book.acknowledge(first?.seq ?? 0, toBob))
    await store.reopen()
    const [second] = await give(store, new ReceiptBook(store.db))
    expect(second?.seq).toBeGreaterThan(first?.seq ?? Number.POSITIVE_INFINITY)
  })

  it('are one for each author, and as many as their limit makes of a great number', async () => {
    const { store } = await rig()
    const book = new ReceiptBook(store.db)
    const many = Array.from({ length: 2 * LIMITS.receipt.items + 1 }, (_, index) => told(`note ${index}`))
    const given = await give(store, book, [told('hers', 'received', toCarol), ...many])
    expect(given.map(({ fingerprint, items }) => [fingerprint, items.length])).toEqual([
      [toCarol, 1],
      [toBob, LIMITS.receipt.items],
      [toBob, LIMITS.receipt.items],
      [toBob, 1],
    ])
    expect(book.openFor(toBob, 'default').flatMap(({ items }) => items.map(({ of }) => of))).toEqual(many.map(({ item }) => item.of))
    expect(book.openFor(toBob, 'default', given[1]?.seq)).toHaveLength(2)
  })

  it('that nobody ever acknowledges do not pile up without end', async () => {
    const { store } = await rig()
    const book = new ReceiptBook(store.db)
    await give(store, book, [told('old')], NOW)
    await give(store, book, [told('new')], NOW + LIMITS.cmb.pastMs)
    await store.db.write(() => book.prune(NOW + LIMITS.cmb.pastMs + 1))
    expect(book.openFor(toBob, 'default')).toHaveLength(1)
    store.db.transaction(() => {
      const at = NOW + LIMITS.cmb.pastMs
      const sql = `INSERT INTO receipt (fingerprint, room, items, at) VALUES (?, 'default', '[]', ?)`
      for (let number = 0; number < 2 * LIMITS.inbox.rows + 10; number++) store.db.run(sql, toCarol, at)
    })
    await store.db.write(() => book.prune(NOW + LIMITS.cmb.pastMs + 1))
    expect(Number(store.db.get('SELECT count(*) AS n FROM receipt')?.['n'])).toBe(2 * LIMITS.inbox.rows)
  })
})
