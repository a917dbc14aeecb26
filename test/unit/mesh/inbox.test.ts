import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { type Fingerprint, fingerprintOf } from '../../../server/src/identity/ids.ts'
import type { Hold } from '../../../server/src/mesh/access.ts'
import { Inbox, type Journaled } from '../../../server/src/mesh/inbox.ts'
import type { Cmb } from '../../../server/src/mmp/cmb.ts'
import { alice, bob, carol, cmbOf, fingerprint } from '../../support/mesh.ts'
import { openStore, type TestStore } from './store.ts'

const NOW = 1_750_000_000_000
const DAY = 86_400_000
const newcomer = fingerprintOf(new Uint8Array(32))

async function rig() {
  const store = await openStore()
  return { store, inbox: new Inbox(store.db) }
}

function journal(inbox: Inbox, store: TestStore, cmb: Cmb, from: Fingerprint, held?: Hold): Promise<Journaled> {
  return store.db.write(() => inbox.journal({ cmb, from, tags: ['message'], receivedAt: NOW, held }))
}

/** `count` rows of one author, as they would stand after a flood. */
function fill(store: TestStore, from: Fingerprint, count: number, { bytes = 600, isSurfaced = false } = {}): void {
  store.db.transaction(() => {
    for (let number = 0; number < count; number++) {
      const id = `asrt-${from.slice(0, 32)}${number.toString(16).padStart(32, '0')}`
      store.db.run(
        `INSERT INTO inbox (id, room, fingerprint, author_name, directed, tags, fields, created_at, received_at, bytes, surfaced_at)
         VALUES (?, 'default', ?, 'x', 0, '[]', '{}', ?, ?, ?, ?)`,
        id,
        from,
        NOW,
        NOW,
        bytes,
        isSurfaced ? NOW : null,
      )
    }
  })
}

const count = (store: TestStore, where = 'TRUE'): number => Number(store.db.get(`SELECT count(*) AS n FROM inbox WHERE ${where}`)?.['n'])

describe('the inbox', () => {
  it('keeps what arrived, field by field and byte for byte [R46]', async () => {
    const { store, inbox } = await rig()
    const text = 'null\u0000byte, \r\n, ‮bidi, 🙂 and </channel>'
    const application = { mediaType: 'text/plain; charset=utf-8', schema: '', bytes: new TextEncoder().encode(text) }
    const cmb = cmbOf(bob, 'the build is red', { application, to: alice.nodeId })
    expect(await journal(inbox, store, cmb, fingerprint(bob))).toMatchObject({ surfacedAt: undefined })
    await store.reopen()
    expect(new Inbox(store.db).get(cmb.id)).toMatchObject({
      body: text,
      fields: cmb.fields,
      isDirected: true,
      fingerprint: fingerprint(bob),
      tags: ['message'],
      surfacedAt: undefined,
    })
  })

  it('stores an id once, also after a restart [R49]', async () => {
    const { store, inbox } = await rig()
    const cmb = cmbOf(bob, 'once')
    expect(await journal(inbox, store, cmb, fingerprint(bob))).toMatchObject({ surfacedAt: undefined })
    expect(await journal(inbox, store, cmb, fingerprint(bob))).toBe('duplicate')
    await store.reopen()
    expect(await journal(new Inbox(store.db), store, cmb, fingerprint(bob))).toBe('duplicate')
    expect(count(store)).toBe(1)
  })

  it('takes two copies in one commit as one [R50]', async () => {
    const { store, inbox } = await rig()
    const cmb = cmbOf(bob, 'once')
    expect(await Promise.all([journal(inbox, store, cmb, fingerprint(bob)), journal(inbox, store, cmb, fingerprint(bob))])).toEqual([
      expect.objectContaining({ surfacedAt: undefined }),
      'duplicate',
    ])
  })

  it('has neither row nor dedupe record when the step that journals it fails [R50]', async () => {
    const { store, inbox } = await rig()
    const cmb = cmbOf(bob, 'torn')
    const torn = store.db.write(() => {
      inbox.journal({ cmb, from: fingerprint(bob), tags: [], receivedAt: NOW, held: undefined })
      throw new Error('disk full')
    })
    await expect(torn).rejects.toThrow('disk full')
    expect(count(store)).toBe(0)
    expect(await journal(inbox, store, cmb, fingerprint(bob))).toMatchObject({ surfacedAt: undefined })
  })

  it('is not thought fuller than it is after steps that failed', async () => {
    const { store, inbox } = await rig()
    for (let round = 0; round < 5; round++) {
      await store.db
        .write(() => {
          inbox.journal({ cmb: cmbOf(bob, `torn ${round}`), from: fingerprint(bob), tags: [], receivedAt: NOW, held: undefined })
          throw new Error('disk full')
        })
        .catch(() => {})
    }
    expect(inbox.totals()).toEqual({ total: 0, unread: 0, mentions: 0, quiet: 0, bytes: 0 })
  })

  it('holds the words of a key that was not admitted, and never offers them unasked', async () => {
    const { store, inbox } = await rig()
    await journal(inbox, store, cmbOf(bob, 'let me in'), fingerprint(bob), 'stranger')
    expect(inbox.unsurfaced(10)).toEqual([])
    expect(inbox.list({ limit: 10, isUnreadOnly: true })).toHaveLength(1)
  })

  it('lists newest first, in pages, and offers oldest first', async () => {
    const { store, inbox } = await rig()
    for (let number = 1; number <= 5; number++) await journal(inbox, store, cmbOf(bob, `${number}`), fingerprint(bob))
    const page = inbox.list({ limit: 2 })
    expect(page.map(({ fields }) => fields.focus.text)).toEqual(['5', '4'])
    expect(inbox.list({ limit: 2, before: page[1]?.seq }).map(({ fields }) => fields.focus.text)).toEqual(['3', '2'])
    expect(inbox.unsurfaced(3).map(({ fields }) => fields.focus.text)).toEqual(['1', '2', '3'])
  })

  it('offers the words of a quiet peer beside a flood', async () => {
    const { store, inbox } = await rig()
    for (let number = 1; number <= 30; number++) await journal(inbox, store, cmbOf(bob, `flood ${number}`), fingerprint(bob))
    await journal(inbox, store, cmbOf(carol, 'quiet'), fingerprint(carol))
    expect(inbox.unsurfaced(8).some(({ fields }) => fields.focus.text === 'quiet')).toBe(true)
  })

  it('marks as surfaced once, and says which changed', async () => {
    const { store, inbox } = await rig()
    const cmb = cmbOf(bob, 'seen')
    await journal(inbox, store, cmb, fingerprint(bob))
    const mark = (way: string, at: number) => store.db.write(() => inbox.markSurfaced([cmb.id], way, at).map(({ id }) => id))
    expect(await mark('hook', NOW + 1)).toEqual([cmb.id])
    expect(await mark('tool', NOW + 2)).toEqual([])
    expect(inbox.get(cmb.id)).toMatchObject({ way: 'hook', surfacedAt: NOW + 1 })
    expect(inbox.unsurfaced(10)).toEqual([])
  })

  it('finds by a prefix of the id, two where there are more', async () => {
    const { store, inbox } = await rig()
    const cmb = cmbOf(bob, 'a')
    await journal(inbox, store, cmb, fingerprint(bob))
    fill(store, fingerprint(carol), 3)
    expect(inbox.byPrefix(cmb.id.slice(0, 21)).map(({ id }) => id)).toEqual([cmb.id])
    expect(inbox.byPrefix('asrt-ffffffff')).toEqual([])
  })
})

describe('a full inbox', () => {
  const { rows, bytes, peerShare } = LIMITS.inbox
  const share = rows * peerShare

  it('refuses the peer that has its share unread, takes others, and evicts nothing [R72]', async () => {
    const { store } = await rig()
    fill(store, fingerprint(bob), share)
    const inbox = new Inbox(store.db)
    expect(await journal(inbox, store, cmbOf(bob, 'one more'), fingerprint(bob))).toBe('full')
    expect(await journal(inbox, store, cmbOf(carol, 'hello'), fingerprint(carol))).toMatchObject({ surfacedAt: undefined })
    expect(count(store)).toBe(share + 1)
  })

  it('refuses the peer whose share of the bytes is unread, and takes others', async () => {
    const { store } = await rig()
    fill(store, fingerprint(bob), 10, { bytes: Math.floor((bytes * peerShare) / 10) })
    const inbox = new Inbox(store.db)
    expect(await journal(inbox, store, cmbOf(bob, 'one more'), fingerprint(bob))).toBe('full')
    expect(await journal(inbox, store, cmbOf(carol, 'hello'), fingerprint(carol))).toMatchObject({ surfacedAt: undefined })
  })

  it('makes room by what was read, and still knows it as a duplicate [R49]', async () => {
    const { store } = await rig()
    const old = cmbOf(bob, 'old')
    const first = new Inbox(store.db)
    await journal(first, store, old, fingerprint(bob))
    await store.db.write(() => first.markSurfaced([old.id], 'hook', NOW))
    fill(store, fingerprint(bob), share - 1)
    const inbox = new Inbox(store.db)
    expect(await journal(inbox, store, cmbOf(bob, 'new'), fingerprint(bob))).toMatchObject({ surfacedAt: undefined })
    expect(inbox.get(old.id)).toBeUndefined()
    expect(await journal(inbox, store, old, fingerprint(bob))).toBe('duplicate')
  })

  it('refuses everybody when all of it is unread, by rows [R72]', async () => {
    const { store } = await rig()
    for (const keys of [alice, bob, carol]) fill(store, fingerprint(keys), Math.ceil(rows / 3))
    const inbox = new Inbox(store.db)
    expect(await journal(inbox, store, cmbOf(bob, 'more'), newcomer)).toBe('full')
    expect(inbox.totals().unread).toBeGreaterThanOrEqual(rows)
  })

  it('refuses everybody when all of it is unread, by bytes [R72]', async () => {
    const { store } = await rig()
    for (const keys of [alice, bob, carol]) fill(store, fingerprint(keys), 10, { bytes: Math.floor(bytes / 30) })
    const inbox = new Inbox(store.db)
    expect(await journal(inbox, store, cmbOf(bob, 'more'), newcomer)).toBe('full')
  })

  it('makes room for anybody by what was read of anybody', async () => {
    const { store } = await rig()
    fill(store, fingerprint(alice), rows, { isSurfaced: true })
    const inbox = new Inbox(store.db)
    expect(await journal(inbox, store, cmbOf(bob, 'more'), fingerprint(bob))).toMatchObject({ surfacedAt: undefined })
    expect(count(store)).toBeLessThanOrEqual(rows)
    expect(inbox.totals().total).toBe(count(store))
  })
})

describe('what was read', () => {
  it('goes after thirty days, and unread never [R72]', async () => {
    const { store, inbox } = await rig()
    const [read, unread] = [cmbOf(bob, 'read'), cmbOf(bob, 'unread')]
    for (const cmb of [read, unread]) await journal(inbox, store, cmb, fingerprint(bob))
    await store.db.write(() => inbox.markSurfaced([read.id], 'hook', NOW))
    const prune = (now: number) => store.db.write(() => inbox.prune(now))
    await prune(NOW + LIMITS.inbox.readKeptMs)
    expect(inbox.get(read.id)).toBeDefined()
    await prune(NOW + LIMITS.inbox.readKeptMs + 1)
    expect(inbox.get(read.id)).toBeUndefined()
    await prune(NOW + 400 * DAY)
    expect(inbox.get(unread.id)).toBeDefined()
    expect(inbox.totals()).toMatchObject({ total: 1, unread: 1 })
  })

  it('is known as a duplicate for as long as a copy would still be accepted', async () => {
    const { store, inbox } = await rig()
    const cmb = cmbOf(bob, 'read', { createdAt: NOW + LIMITS.cmb.futureMs })
    await journal(inbox, store, cmb, fingerprint(bob))
    await store.db.write(() => inbox.markSurfaced([cmb.id], 'hook', NOW - DAY))
    const lastMoment = cmb.createdAt + LIMITS.cmb.pastMs
    await store.db.write(() => inbox.prune(lastMoment))
    expect(inbox.get(cmb.id)).toBeUndefined()
    expect(await journal(inbox, store, cmb, fingerprint(bob))).toBe('duplicate')
    await store.db.write(() => inbox.prune(lastMoment + 1))
    expect(Number(store.db.get('SELECT count(*) AS n FROM seen')?.['n'])).toBe(0)
  })
})
