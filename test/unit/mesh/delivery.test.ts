import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { ReceiptBook } from '../../../server/src/mesh/receipts.ts'
import { parseFrame } from '../../../server/src/mmp/frames.ts'
import { verifyReceipt } from '../../../server/src/mmp/receipt.ts'
import { encodeRecord, type MintOptions } from '../../../server/src/mmp/record.ts'
import type { NodeKeys } from '../../../server/src/secure/session.ts'
import { Attacker } from '../../support/attacker.ts'
import { alice, bob, carol, cmbOf, fingerprint, keysOf, Lab, PORT, type TestNode, turns, until } from '../../support/mesh.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

async function pair(): Promise<{ a: TestNode; b: TestNode }> {
  const a = await lab.start('alice')
  const b = await lab.start('bob')
  await lab.meet(a, b)
  return { a, b }
}

function attack(victim: TestNode, keys: NodeKeys = carol, host = 'mallory'): Promise<Attacker> {
  return Attacker.connect({ transport: lab.network.transport(host), address: { kind: 'lan', host: victim.host, port: PORT }, keys })
}

const statesOf = (a: TestNode, id: Parameters<TestNode['node']['outgoing']>[0]) =>
  a.node.outgoing(id)?.recipients.map(({ peer, state }) => `${peer} ${state}`)
const nodeIdOf = (number: number) => `018f47a0-7b21-7abc-8def-${number.toString(16).padStart(12, '0')}`
const counter = (one: TestNode, name: string) => one.node.status().counters[name] ?? 0

describe('a message', () => {
  it('to one peer is on its disk when the send returns, and that is what the sender is told [R45] [R51] [R69]', async () => {
    const { a, b } = await pair()
    const sent = await a.say('lunch?', { to: 'bob' })
    expect(sent).toMatchObject({ isDirected: true, isRepeat: false, recipients: [{ peer: 'bob', state: 'received' }] })
    expect(b.inbox()).toMatchObject([{ id: sent.id, fields: { focus: { text: 'lunch?' } }, isDirected: true, from: { name: 'alice' } }])
    expect(b.events.filter(({ kind }) => kind === 'arrived')).toHaveLength(1)
  })

  it('to the group reaches every member and nobody else', async () => {
    const { a, b } = await pair()
    const c = await lab.start('carol')
    await lab.meet(a, c)
    const sent = await a.say('standup')
    expect(sent.recipients.map(({ peer, state }) => [peer, state]).sort()).toEqual([
      ['bob', 'received'],
      ['carol', 'received'],
    ])
    expect([b.focuses(), c.focuses(), a.focuses()]).toEqual([['standup'], ['standup'], []])
    const private_ = await a.say('for bob', { to: 'bob' })
    expect(private_.recipients).toHaveLength(1)
    expect(c.focuses()).toEqual(['standup'])
  })

  it('arrives with all seven fields and a body byte for byte [R46] [R47]', async () => {
    const { a, b } = await pair()
    const body = 'tabs\t, nul \u0000, 🙂, \u202e, \r\n</channel>\n'.repeat(300)
    await a.node.send({
      fields: {
        focus: 'f',
        issue: 'i',
        intent: 'n',
        motivation: 'm',
        commitment: 'c',
        perspective: 'p',
        mood: { text: 'calm', valence: 0.5, arousal: -1 },
      },
      body,
      tags: ['observation', 'finding'],
    })
    expect(b.inbox()[0]).toMatchObject({
      body,
      tags: ['observation', 'finding'],
      fields: { mood: { text: 'calm', valence: 0.5, arousal: -1 }, issue: { text: 'i' } },
    })
  })

  it('that was shown is told so, with the way, once [R69]', async () => {
    const { a, b } = await pair()
    const { id } = await a.say('look', { to: 'bob' })
    await b.node.markSurfaced([id], 'hook')
    await until(() => a.node.outgoing(id)?.recipients[0]?.state === 'surfaced', 'surfaced')
    expect(a.node.outgoing(id)?.recipients[0]).toMatchObject({ way: 'hook' })
    await b.node.markSurfaced([id], 'tool')
    await turns(5)
    expect(a.node.outgoing(id)?.recipients[0]).toMatchObject({ way: 'hook' })
    expect(a.events.filter((event) => event.kind === 'receipt' && event.state === 'surfaced')).toHaveLength(1)
  })

  it('said twice in one millisecond is two messages, in order', async () => {
    const { a, b } = await pair()
    const [one, two] = await Promise.all([a.say('again', { to: 'bob' }), a.say('again', { to: 'bob' })])
    expect(one?.id).not.toBe(two?.id)
    expect(b.inbox().map(({ id }) => id)).toEqual([one?.id, two?.id])
  })

  it('to nobody is kept, and says that it reached no one', async () => {
    const a = await lab.start('alice')
    expect((await a.say('hello?')).recipients).toEqual([])
    expect(a.node.recollection.search({ text: 'hello', limit: 5, offset: 0 })).toHaveLength(1)
  })

  it('to an unknown or ambiguous peer is not sent, and the error lists who may be meant [R23] [R24]', async () => {
    const { a } = await pair()
    const twin = await lab.start('twin', { keys: carol, called: 'bob' })
    await lab.meet(a, twin)
    await expect(a.say('x', { to: 'dave' })).rejects.toThrow(/"dave".*nothing was sent.*sym_peers/s)
    await expect(a.say('x', { to: 'alice' })).rejects.toThrow('this node itself')
    const ambiguous = a.say('x', { to: 'bob' })
    await expect(ambiguous).rejects.toThrow(fingerprint(bob).slice(0, 4))
    await expect(ambiguous).rejects.toThrow(fingerprint(carol).slice(0, 4))
    expect(a.node.status().outbox.waiting).toBe(0)
  })
})

describe('a peer that is away', () => {
  it('gets what waits when it is back, in order and once [R70]', async () => {
    const { a, b } = await pair()
    await b.stop()
    await until(() => !a.knows('bob'), 'bob is away')
    const sent = []
    for (let number = 1; number <= 100; number++) sent.push(await a.say(`note ${number}`, { to: 'bob' }))
    expect(sent[0]?.recipients[0]).toMatchObject({ state: 'queued', reason: expect.stringContaining('away') })
    const back = await lab.start('bob')
    await lab.during(until(() => a.node.status().outbox.waiting === 0, 'all are received'))
    expect(back.focuses()).toEqual(sent.map((_, index) => `note ${index + 1}`))
    await lab.pass(30_000)
    expect(back.inbox()).toHaveLength(100)
  })

  it('gets it from a sender that was restarted too [R70]', async () => {
    const { a, b } = await pair()
    await b.stop()
    await until(() => !a.knows('bob'), 'bob is away')
    const { id } = await a.say('before the restart', { to: 'bob' })
    await a.stop()
    const [a2, b2] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a2, b2)
    await until(() => b2.inbox().length === 1, 'it arrives')
    await until(() => statesOf(a2, id)?.[0] === 'bob received', 'the receipt')
  })

  it('is still told of a group message when it was here until the sender stopped, however long that was', async () => {
    const { a, b } = await pair()
    lab.clock.sleep(3 * DAY)
    await lab.pass(4_000)
    expect(a.knows('bob')).toBe(true)
    await a.stop()
    await b.stop()
    const a2 = await lab.start('alice')
    expect((await a2.say('welcome back')).recipients).toMatchObject([{ peer: 'bob', state: 'queued' }])
  })

  it('is noted as seen while it is here, so that a killed sender knows of it too', async () => {
    const { a } = await pair()
    await lab.pass(HOUR, 4_000)
    expect(a.knows('bob')).toBe(true)
    const seen = Number(a.db.get('SELECT last_seen AS at FROM peer')?.['at'])
    expect(lab.clock.now() - seen).toBeLessThanOrEqual(HOUR / 2 + MINUTE)
  })

  it('does not get a message whose time is over, and the sender sees that it expired [R70]', async () => {
    const { a, b } = await pair()
    await b.stop()
    await until(() => !a.knows('bob'), 'bob is away')
    const [direct, toGroup] = [await a.say('direct', { to: 'bob' }), await a.say('group')]
    await lab.pass(LIMITS.outbox.broadcastTtlMs + 2 * MINUTE, HOUR)
    expect([statesOf(a, direct.id), statesOf(a, toGroup.id)]).toEqual([['bob queued'], ['bob expired']])
    const b2 = await lab.start('bob')
    await lab.during(until(() => b2.inbox().length > 0, 'the direct one'))
    await turns(10)
    expect(b2.focuses()).toEqual(['direct'])
  })

  it('gets what was on the way when the link broke, once', async () => {
    const { a, b } = await pair()
    lab.network.cut('bob')
    const sending = Promise.all([1, 2, 3].map((number) => a.say(`on the way ${number}`, { to: 'bob' })))
    const sent = await lab.during(sending)
    expect(sent[0]?.recipients[0]?.state).toBe('sent')
    await lab.pass(20_000)
    expect(a.knows('bob')).toBe(false)
    lab.network.heal('bob')
    await lab.during(until(() => a.node.status().outbox.waiting === 0, 'all received'))
    expect(b.focuses()).toEqual(['on the way 1', 'on the way 2', 'on the way 3'])
    await lab.pass(30_000)
    expect(b.inbox()).toHaveLength(3)
  })
})

describe('the same key of the caller', () => {
  it('gives the first result and sends nothing, also at once, also after a restart of the sender [R49]', async () => {
    const { a, b } = await pair()
    const [first, twin] = await Promise.all([a.say('deploy', { key: 'k1' }), a.say('deploy', { key: 'k1' })])
    expect([first?.isRepeat, twin?.isRepeat]).toEqual([false, true])
    expect(twin?.id).toBe(first?.id)
    await a.stop()
    const a2 = await lab.start('alice')
    await lab.meet(a2, b)
    const again = await a2.say('deploy', { key: 'k1' })
    expect(again).toMatchObject({ id: first?.id, isRepeat: true, recipients: [{ peer: 'bob', state: 'received' }] })
    expect(b.inbox()).toHaveLength(1)
  })
})

describe('a copy', () => {
  it('is receipted again and stored, shown and kept once [R49] [R50]', async () => {
    const b = await lab.start('bob')
    const attacker = await attack(b)
    const cmb = cmbOf(carol, 'twice')
    for (let copy = 0; copy < 3; copy++) {
      attacker.sendCmb(cmb)
      await attacker.stranger.until(() => attacker.receipts().length === copy + 1, 'a receipt')
    }
    expect(b.inbox()).toHaveLength(1)
    expect(b.events.filter(({ kind }) => kind === 'arrived')).toHaveLength(1)
    expect(b.node.status().memory.items).toBe(1)
  })

  it('of what was read and evicted is receipted as received and not stored again', async () => {
    const b = await lab.start('bob')
    const attacker = await attack(b)
    const cmb = cmbOf(carol, 'read', { createdAt: lab.clock.now() })
    attacker.sendCmb(cmb)
    await until(() => b.inbox().length === 1, 'it arrives')
    await b.node.markSurfaced([cmb.id], 'hook')
    b.db.transaction(() => {
      b.db.run('INSERT INTO seen SELECT id, received_at FROM inbox')
      b.db.run('DELETE FROM inbox')
    })
    attacker.sendCmb(cmb)
    await attacker.stranger.until(() => attacker.receipts().length >= 3, 'the receipt')
    expect(b.inbox()).toEqual([])
  })
})

describe('receipts', () => {
  it('are repeated on the next link until the author has them [R69]', async () => {
    const b = await lab.start('bob')
    const attacker = await attack(b)
    const cmb = cmbOf(carol, 'hello')
    attacker.sendCmb(cmb)
    await attacker.stranger.until(() => attacker.receipts().length === 1, 'received')
    attacker.stranger.close()
    await turns(10)
    await b.node.markSurfaced([cmb.id], 'push')
    const again = await attack(b)
    await again.stranger.until(() => again.receipts().length === 2, 'both')
    expect(again.receipts().map(({ state, way }) => [state, way])).toEqual([
      ['received', undefined],
      ['surfaced', 'push'],
    ])
    for (const { seq } of again.receipts()) again.send({ type: 'mesh-opaque-v1-ack', seq })
    await again.sync()
    await lab.pass(1_000)
    again.stranger.close()
    await turns(10)
    const third = await attack(b)
    await third.sync()
    expect(third.receipts()).toEqual([])
  })

  it('in great number all reach an author that was away, page by page', async () => {
    const b = await lab.start('bob', { rates: { linkFramesBurst: 10_000, linkBytesBurst: 100_000_000 } })
    const ids = Array.from({ length: 1_300 }, (_, index) => cmbOf(carol, `note ${index}`).id)
    const [author, at, book] = [fingerprint(carol), lab.clock.now(), new ReceiptBook(b.db)]
    b.db.transaction(() => {
      for (const of of ids) book.add([{ author, group: 'default', item: { of, state: 'received', at } }], at)
    })
    const again = await attack(b)
    const seen = new Set<string>()
    const isDone = () => {
      for (const { of, seq } of again.receipts().slice(seen.size)) {
        again.send({ type: 'mesh-opaque-v1-ack', seq })
        seen.add(of)
      }
      return seen.size === ids.length
    }
    await turns(5)
    expect(again.receipts().length).toBeLessThanOrEqual(200)
    await until(isDone, 'all receipts')
    await again.sync()
    expect(again.receipts().map(({ of }) => of)).toEqual(ids)
  })

  it('of what arrived together are one, under one signature', async () => {
    const { b } = await pair()
    const attacker = await attack(b)
    const cmbs = Array.from({ length: LIMITS.receipt.items }, (_, index) => cmbOf(carol, `note ${index}`))
    for (const cmb of cmbs) attacker.sendCmb(cmb)
    await attacker.stranger.until(() => attacker.receipts().length === cmbs.length, 'all are receipted')
    expect(attacker.receipts().map(({ of }) => of)).toEqual(cmbs.map(({ id }) => id))
    expect(attacker.told('mesh-opaque-v1-receipt').length).toBeLessThan(cmbs.length / 4)
    for (const told of attacker.told('mesh-opaque-v1-receipt')) {
      const parsed = parseFrame(told)
      const parties = { recipient: bob.nodeId, author: carol.nodeId }
      expect(
        parsed.kind === 'ok' && parsed.frame.type === 'mesh-opaque-v1-receipt' && verifyReceipt(parsed.frame, parties, bob.publicKey),
      ).toBe(true)
    }
  })

  it('that are forged, misdirected or about somebody else change nothing', async () => {
    const { a, b } = await pair()
    await b.stop()
    await until(() => !a.knows('bob'), 'bob is away')
    const { id } = await a.say('for bob', { to: 'bob' })
    const attacker = await attack(a)
    // Signed by another key; about a message that was never for this peer; for another author; of an id nobody knows.
    attacker.sendReceipt(id, 'received', alice.nodeId, bob)
    attacker.sendReceipt(id, 'surfaced', alice.nodeId)
    attacker.sendReceipt(id, 'received', bob.nodeId)
    attacker.sendReceipt(cmbOf(alice, 'never said').id, 'received', alice.nodeId)
    const forged = (state: string) => ({ type: 'mesh-opaque-v1-receipt', seq: 0, items: [{ of: id, state, at: 0 }], sig: 'A'.repeat(86) })
    for (const state of ['received', 'delivered']) attacker.send(forged(state))
    await attacker.sync()
    expect(statesOf(a, id)).toEqual(['bob queued'])
    expect(counter(a, 'receipt-invalid')).toBe(3)
    expect(a.events.some(({ kind }) => kind === 'receipt')).toBe(false)
  })

  it('of a real recipient count for it alone', async () => {
    const { a } = await pair()
    const attacker = await attack(a)
    await until(() => a.node.peers().filter(({ isHere }) => isHere).length === 2, 'two peers')
    const sending = a.say('to all')
    await attacker.stranger.until(() => attacker.told('cmb').length === 1, 'the message')
    const sent = await lab.during(sending)
    attacker.sendReceipt(sent.id, 'surfaced', alice.nodeId)
    await attacker.sync()
    await until(() => a.node.outgoing(sent.id)?.recipients.some(({ state }) => state === 'surfaced') ?? false, 'its receipt')
    expect(statesOf(a, sent.id)).toContain('bob received')
  })
})

describe('a record is refused, and leaves nothing but a counter,', () => {
  const now = 1_750_000_000_000
  const good = () => cmbOf(carol, 'genuine', { createdAt: now })
  /** A genuine record with one thing changed. */
  const changed = (metadata: object, all: object = {}) => ({
    ...encodeRecord(good()),
    metadata: { ...encodeRecord(good()).metadata, ...metadata },
    ...all,
  })
  const said = (author: NodeKeys, changes: Partial<MintOptions> = {}) => encodeRecord(cmbOf(author, 'x', { createdAt: now, ...changes }))
  const other = cmbOf(carol, 'y')
  const words = { ...encodeRecord(good()).categories, focus: { text: 'changed' } }
  const cases: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['of another author [A6]', said(alice), 'cmb-bad-signature'],
    ['of our own that comes back [R60]', said(bob), 'cmb-bad-signature'],
    ['under the name of another node, signed by ourselves [A5]', said({ ...carol, nodeId: alice.nodeId }), 'cmb-wrong-author'],
    ['for another group', said(carol, { group: 'backend' }), 'cmb-wrong-audience'],
    ['for another node', said(carol, { to: alice.nodeId }), 'cmb-wrong-recipient'],
    ['from the future', said(carol, { createdAt: now + LIMITS.cmb.futureMs + 1 }), 'cmb-wrong-time'],
    ['from long ago', said(carol, { createdAt: now - LIMITS.cmb.pastMs - 1 }), 'cmb-wrong-time'],
    ['with another word [B12]', changed({}, { categories: words }), 'cmb-address-mismatch'],
    ['with another time', changed({ createdTimestamp: now + 1 }), 'cmb-assertion-mismatch'],
    ['with another audience', changed({ to: bob.nodeId }), 'cmb-assertion-mismatch'],
    ['with another id', changed({ assertionId: other.id }), 'cmb-assertion-mismatch'],
    ['without a signature [B11]', changed({ sig: '' }), 'cmb-bad-signature'],
    ['with the signature of another record', changed({ sig: other.signature }), 'cmb-bad-signature'],
    ['of another suite', changed({ signatureSuite: 'none' }), 'cmb-suite-unknown'],
    ['with data that nobody described', changed({}, { applicationData: 'aGk' }), 'cmb-application-mismatch'],
    ['with parents beyond number', changed({ lineage: { parents: Array(33).fill(good().key) } }), 'cmb-record-invalid'],
  ]
  it.each(cases)('%s', async (_, record, name) => {
    const b = await lab.start('bob')
    const attacker = await attack(b)
    attacker.send({ type: 'cmb', timestamp: now, cmb: record })
    await attacker.sync()
    expect(counter(b, name)).toBe(1)
    expect([b.inbox(), b.node.status().memory.items]).toEqual([[], 0])
    expect(attacker.receipts()).toEqual([])
    attacker.sendCmb(good())
    await until(() => b.inbox().length === 1, 'the genuine one, which is no duplicate of it [B10]')
  })

  it('at the edge of what is accepted is accepted [R171]', async () => {
    const b = await lab.start('bob')
    const attacker = await attack(b)
    for (const createdAt of [now + LIMITS.cmb.futureMs, now - LIMITS.cmb.pastMs]) attacker.sendCmb(cmbOf(carol, 'edge', { createdAt }))
    await until(() => b.inbox().length === 2, 'both')
  })
})

describe('own words', () => {
  it('that somebody sends back are dropped by key, under whatever name they come [R60]', async () => {
    const { b } = await pair()
    const attacker = await attack(b)
    const sending = b.say('heard by all')
    await attacker.stranger.until(() => attacker.told('cmb').length === 1, 'the message')
    const [echo] = attacker.told('cmb')
    attacker.send({ type: 'mesh-opaque-v1-profile', name: 'bob', features: [] })
    attacker.send({ ...echo, type: 'cmb' })
    await attacker.sync()
    await lab.during(sending)
    expect(b.inbox()).toEqual([])
    expect(counter(b, 'cmb-bad-signature')).toBe(1)
    expect(attacker.receipts()).toEqual([])
  })
})

describe('access', () => {
  it('keeps the words of a key above the limits in the inbox alone: never pushed, never remembered [C5]', async () => {
    const b = await lab.start('bob')
    for (let number = 0; number < LIMITS.openGroup.newPerHour; number++) {
      const one = await attack(b, keysOf(nodeIdOf(number), number + 1), `host-${number}`)
      await one.sync()
      lab.clock.advance(1_000)
    }
    const above = await attack(b)
    above.sendCmb(cmbOf(carol, 'from a stranger'))
    await above.stranger.until(() => above.receipts().length === 1, 'its receipt')
    expect(b.inbox()).toMatchObject([{ from: { trust: 'unknown' }, fields: { focus: { text: 'from a stranger' } } }])
    expect(b.node.unsurfaced(10)).toEqual([])
    expect(b.events.some(({ kind }) => kind === 'arrived')).toBe(false)
    expect(b.node.status().memory.items).toBe(0)
    expect(counter(b, 'cmb-pending')).toBe(1)
  })
})

describe('a flood', () => {
  it('above the rate is told busy and not stored, and the honest peer beside it is served [R162] [A9]', async () => {
    const { a, b } = await pair()
    const attacker = await attack(b)
    const flood = LIMITS.cmb.burst + 60
    for (let number = 0; number < flood; number++) attacker.sendCmb(cmbOf(carol, `flood ${number}`))
    for (let step = 0; step < 40 && attacker.told('mesh-opaque-v1-busy').length === 0; step++) await lab.pass(200, 100)
    const busy = attacker.told('mesh-opaque-v1-busy')[0]
    expect(busy).toMatchObject({ of: expect.stringMatching(/^asrt-/), retryAfterMs: expect.any(Number) })
    const sent = await a.say('still there?', { to: 'bob' })
    expect(sent.recipients[0]?.state).toBe('received')
    await lab.during(attacker.sync())
    const stored = b.inbox().filter(({ from }) => from.fingerprint === fingerprint(carol))
    expect(stored.length).toBeLessThanOrEqual(LIMITS.cmb.burst + 25)
    expect(stored.map(({ id }) => id).sort()).toEqual([...new Set(stored.map(({ id }) => id))].sort())
  })

  it('from an honest sender loses nothing: what was refused goes again later, and arrives once [R70]', async () => {
    const a = await lab.start('alice')
    const b = await lab.start('bob', { rates: { cmbsBurst: 10, cmbsPerMinute: 60 } })
    await lab.meet(a, b)
    const sends = Array.from({ length: 30 }, (_, index) => a.say(`note ${index}`, { to: 'bob' }))
    const views = await lab.during(Promise.all(sends))
    expect(views.some(({ recipients }) => recipients[0]?.reason.includes('busy'))).toBe(true)
    await lab.during(until(() => a.node.status().outbox.waiting === 0, 'all are received'))
    expect([...b.focuses()].sort()).toEqual(views.map((_, index) => `note ${index}`).sort())
    await lab.pass(30_000)
    expect(b.inbox()).toHaveLength(30)
  })

  it('of busy words costs the sender one timer', async () => {
    const a = await lab.start('alice')
    const attacker = await attack(a)
    await attacker.sync()
    const before = lab.clock.pending
    for (let number = 0; number < 150; number++) attacker.send({ type: 'mesh-opaque-v1-busy', retryAfterMs: 3_600_000 })
    await attacker.sync()
    expect(lab.clock.pending).toBeLessThanOrEqual(before + 1)
  })
})

describe('when the disk fails', () => {
  it('nothing is receipted, and the message is taken when the disk is well again', async () => {
    const b = await lab.start('bob')
    const attacker = await attack(b)
    b.db.exec(`CREATE TRIGGER full BEFORE INSERT ON memory BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`)
    for (let copy = 0; copy < 3; copy++) attacker.sendCmb(cmbOf(carol, 'keep me'))
    await attacker.sync()
    await turns(5)
    expect(attacker.receipts()).toEqual([])
    expect([b.inbox(), b.node.status().inbox.total, b.node.status().memory.items]).toEqual([[], 0, 0])
    b.db.exec('DROP TRIGGER full')
    attacker.sendCmb(cmbOf(carol, 'keep me'))
    await attacker.stranger.until(() => attacker.receipts().length === 1, 'the receipt')
    expect(b.node.status().inbox.total).toBe(1)
  })
})

describe('an arrival that cannot be kept', () => {
  it('does not take those with it that came at the same time', async () => {
    const b = await lab.start('bob')
    const attacker = await attack(b)
    b.db.exec(`CREATE TRIGGER poison BEFORE INSERT ON inbox WHEN new.fields LIKE '%poison%' BEGIN SELECT RAISE(ABORT, 'no'); END`)
    for (const focus of ['one', 'poison', 'two']) attacker.sendCmb(cmbOf(carol, focus))
    await attacker.stranger.until(() => attacker.receipts().length === 2, 'two receipts')
    expect(b.focuses()).toEqual(['one', 'two'])
    expect(b.node.status()).toMatchObject({ inbox: { total: 2 }, memory: { items: 2 }, counters: { 'bug-receive': 1 } })
    expect(b.events.filter(({ kind }) => kind === 'arrived')).toHaveLength(2)
    // Written more than once and judged once: they are no copies of themselves.
    expect(Object.keys(b.node.status().counters).filter((name) => name.startsWith('loop-'))).toEqual([])
    expect(attacker.receipts().map(({ state, way }) => [state, way])).toEqual(Array(2).fill(['received', undefined]))
  })
})

describe('a clock that was wrong', () => {
  it('by a year once does not put a year between a node and its peers [R171]', async () => {
    const { a, b } = await pair()
    lab.clock.sleep(365 * DAY)
    await lab.during(a.say('from the future', { to: 'bob' }))
    lab.clock.sleep(-365 * DAY)
    await a.stop()
    const a2 = await lab.start('alice')
    await lab.meet(a2, b)
    const sent = await lab.during(a2.say('from today', { to: 'bob' }))
    expect(sent.recipients[0]?.state).toBe('received')
  })
})
