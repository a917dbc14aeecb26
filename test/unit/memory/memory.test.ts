import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import type { Fingerprint } from '../../../server/src/identity/ids.ts'
import { type Kept, Memory } from '../../../server/src/memory/memory.ts'
import { buildCat7 } from '../../../server/src/mmp/cat7.ts'
import type { Cmb } from '../../../server/src/mmp/cmb.ts'
import type { NodeKeys } from '../../../server/src/secure/session.ts'
import { alice, bob, carol, cmbOf, fingerprint } from '../../support/mesh.ts'
import { openStore, type TestStore } from '../mesh/store.ts'

const NOW = 1_750_000_000_000

const kept = (cmb: Cmb, from: NodeKeys, changes: Partial<Kept> = {}): Kept => ({
  cmb,
  author: fingerprint(from),
  tags: ['message'],
  keptAt: NOW,
  part: 'kept',
  ...changes,
})

async function rig() {
  const store = await openStore()
  const memory = new Memory(store.db)
  const keep = (focus: string, from = bob, changes = {}) => {
    const cmb = cmbOf(from, focus, changes)
    return store.db.write(() => memory.keep(kept(cmb, from))).then(() => cmb)
  }
  const find = (text: string, limit = 10, offset = 0) => memory.search({ text, limit, offset }).map(({ fields }) => fields.focus.text)
  return { store, memory, keep, find }
}

/** Rows of one author as a long life would leave them. */
function fill(store: TestStore, from: Fingerprint, count: number, bytes = 700): void {
  store.db.transaction(() => {
    for (let number = 0; number < count; number++) {
      store.db.run(
        `INSERT INTO memory (id, key, room, fingerprint, author_name, part, directed, tags, fields, parents, signature, created_at, kept_at, bytes, words)
         VALUES (?, '', 'default', ?, 'x', 'kept', 0, '[]', '{}', '[]', '', ?, ?, ?, 'filler')`,
        `asrt-${from.slice(0, 32)}${number.toString(16).padStart(32, '0')}`,
        from,
        NOW,
        NOW,
        bytes,
      )
    }
  })
}

const count = (store: TestStore, where = 'TRUE') => Number(store.db.get(`SELECT count(*) AS n FROM memory WHERE ${where}`)?.['n'])

describe('what was kept', () => {
  it('is found by its words, the better match first, also after a restart [R77]', async () => {
    const { store, keep, find } = await rig()
    await keep('the login test fails')
    await keep('login login login')
    await keep('the deploy is done')
    expect(find('login')).toEqual(['login login login', 'the login test fails'])
    await store.reopen()
    expect(new Memory(store.db).search({ text: 'deploy', limit: 5, offset: 0 })).toHaveLength(1)
  })

  it.each([
    ['all words must be there', 'login deploy', []],
    ['a word may be a beginning', 'depl', ['the deploy is done']],
    ['forms of a word are one', 'deploys', ['the deploy is done']],
    ['capitals and accents do not matter', 'CAFÉ', ['un cafe, por favor']],
    ['a decomposed accent neither', 'cafe\u0301', ['un cafe, por favor']],
    ['other scripts work', 'почин', ['сборка починена']],
    ['marks inside a word work', 'नमस्ते', ['नमस्ते दुनिया']],
    ['a path is found by its parts', 'src/login.ts', ['see src/login.ts line 12']],
  ])('%s [R77]', async (_, query, expected) => {
    const { keep, find } = await rig()
    for (const focus of [
      'the login test fails',
      'the deploy is done',
      'un cafe, por favor',
      'сборка починена',
      'नमस्ते दुनिया',
      'see src/login.ts line 12',
    ])
      await keep(focus)
    expect(find(query)).toEqual(expected)
  })

  it('is found by every field, the body and the author, and not by the word for an absent field', async () => {
    const { store, memory, find } = await rig()
    const body = { mediaType: 'text/plain', schema: '', bytes: new TextEncoder().encode('stack trace with zebra') }
    const cmb = cmbOf(bob, 'focus', {
      fields: buildCat7({ focus: 'one', issue: 'two', mood: 'three' }),
      application: body,
      author: { nodeId: bob.nodeId, name: 'Build Bot' },
    })
    await store.db.write(() => memory.keep(kept(cmb, bob)))
    for (const word of ['one', 'two', 'three', 'zebra', 'bot']) expect(find(word)).toEqual(['one'])
    expect(find('neutral')).toEqual([])
  })

  it('comes newest first for an empty query, in pages [R77]', async () => {
    const { keep, find } = await rig()
    for (let number = 1; number <= 5; number++) await keep(`note ${number}`)
    expect(find('', 2)).toEqual(['note 5', 'note 4'])
    expect(find('', 2, 2)).toEqual(['note 3', 'note 2'])
    expect(find('', 2, 4)).toEqual(['note 1'])
    expect([...find('note', 3), ...find('note', 3, 3)].sort()).toEqual([1, 2, 3, 4, 5].map((number) => `note ${number}`))
  })

  it('ranks the newest of very many, and finds the others where the search is narrowed', async () => {
    const { store, memory, keep } = await rig()
    await keep('filler of old')
    fill(store, fingerprint(alice), LIMITS.memory.ranked)
    await keep('filler of today', carol)
    const found = (from?: readonly Fingerprint[]) =>
      memory.search({ text: 'filler', limit: LIMITS.memory.rows, offset: 0, from }).map(({ fields }) => fields.focus.text)
    // What `fill` makes cannot be read, so only what was said is told.
    expect(found()).toEqual(['filler of today'])
    expect(found([fingerprint(bob)])).toEqual(['filler of old'])
  })

  it('is kept once', async () => {
    const { keep, memory, find } = await rig()
    await keep('once')
    await keep('once')
    expect([memory.size, find('once')]).toEqual([1, ['once']])
  })

  const hostile = [
    '"', "'", '*', '^', '-', ':', '()', 'NEAR(', 'a AND', 'OR', 'NOT', 'a NOT b', 'words:x', '{words} : x', 'col:"', '"unclosed', "x' OR '1'='1",
    "'); DROP TABLE memory; --", 'a" OR "b', '\u0000', '\ud800', '🙂', '%', '_', '\\', 'NEAR("a" "b", 1)', 'a + b', '^a', 'a*b', '--', '/* */', 'rowid:1',
  ] // biome-ignore format: a list to be read at once
  it.each(hostile)('survives the query %j as words', async (query) => {
    const { keep, find, memory } = await rig()
    await keep('harmless content')
    expect(() => find(query)).not.toThrow()
    expect(memory.size).toBe(1)
    expect(find('harmless')).toHaveLength(1)
  })

  it('survives any query, and finds nothing that lacks its words', async () => {
    const { keep, memory } = await rig()
    await keep('alpha beta gamma')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (query) => {
        const found = memory.search({ text: query, limit: 5, offset: 0 })
        const words = query.match(/[\p{L}\p{N}]+/gu) ?? []
        if (words.length > 0 && found.length > 0)
          expect(words.every((word) => /^[abg]/i.test(word.normalize('NFKD')) || word.length > 0)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('survives a query of thousands of words', async () => {
    const { keep, find } = await rig()
    await keep('alpha')
    expect(() => find('alpha '.repeat(5_000))).not.toThrow()
  })
})

describe('a full memory', () => {
  const { rows, bytes, peerShare } = LIMITS.memory

  it('lets one peer have its share of the rows, and takes its own oldest for more', async () => {
    const { store } = await rig()
    fill(store, fingerprint(bob), rows * peerShare)
    fill(store, fingerprint(carol), 10)
    const memory = new Memory(store.db)
    await store.db.write(() => memory.keep(kept(cmbOf(bob, 'newest'), bob)))
    expect(count(store, `fingerprint = '${fingerprint(bob)}'`)).toBeLessThanOrEqual(rows * peerShare)
    expect(count(store, `fingerprint = '${fingerprint(carol)}'`)).toBe(10)
    expect(memory.search({ text: 'newest', limit: 1, offset: 0 })).toHaveLength(1)
    expect(memory.size).toBe(count(store))
  })

  it('lets one peer have its share of the bytes: it cannot flush what others said', async () => {
    const { store } = await rig()
    fill(store, fingerprint(carol), 50)
    fill(store, fingerprint(bob), 400, Math.floor((bytes * peerShare) / 400))
    const memory = new Memory(store.db)
    for (let number = 0; number < 30; number++) await store.db.write(() => memory.keep(kept(cmbOf(bob, `more ${number}`), bob)))
    expect(count(store, `fingerprint = '${fingerprint(carol)}'`)).toBe(50)
    expect(Number(store.db.get('SELECT sum(bytes) AS n FROM memory WHERE fingerprint = ?', fingerprint(bob))?.['n'])).toBeLessThanOrEqual(
      bytes * peerShare,
    )
  })

  it('forgets the oldest of all when it is full', async () => {
    const { store } = await rig()
    for (const keys of [alice, bob, carol]) fill(store, fingerprint(keys), 10, Math.floor(bytes / 30))
    const memory = new Memory(store.db)
    const newcomer = fingerprint({ ...alice, publicKey: new Uint8Array(32) })
    await store.db.write(() => memory.keep(kept(cmbOf(alice, 'newest'), alice, { author: newcomer })))
    expect(Number(store.db.get('SELECT sum(bytes) AS n FROM memory')?.['n'])).toBeLessThanOrEqual(bytes)
    expect(memory.search({ text: 'newest', limit: 1, offset: 0 })).toHaveLength(1)
  })

  it('ends, also when its figures are wrong, and says the truth after a failed write', async () => {
    const { store, memory } = await rig()
    const huge = { mediaType: 'text/plain', schema: '', bytes: new Uint8Array(200_000) }
    for (let round = 0; round < 3; round++) {
      await store.db
        .write(() => {
          memory.keep(kept(cmbOf(bob, `torn ${round}`, { application: huge }), bob))
          throw new Error('disk full')
        })
        .catch(() => {})
    }
    expect(memory.size).toBe(0)
  })

  it('has the words of exactly its rows in the index, in whatever order it keeps, forgets, fails and is opened anew', async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant('keep' as const) },
      fc.constantFrom('forget' as const, 'index' as const, 'search' as const, 'fail' as const, 'reopen' as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const store = await openStore()
        let memory = new Memory(store.db)
        let here: Cmb[] = []
        for (const [at, what] of steps.entries()) {
          const cmb = cmbOf(bob, `word number ${at}`)
          if (what === 'index') memory.index()
          if (what === 'search') expect(memory.search({ text: 'word', limit: 100, offset: 0 })).toHaveLength(here.length)
          if (what === 'keep') {
            await store.db.write(() => memory.keep(kept(cmb, bob)))
            here.push(cmb)
          }
          if (what === 'fail') {
            const torn = store.db.write(() => {
              memory.keep(kept(cmb, bob))
              memory.index()
              throw new Error('disk full')
            })
            await expect(torn).rejects.toThrow('disk full')
          }
          if (what === 'forget' && here.length > 0) {
            const [gone] = here.splice(at % here.length, 1)
            await store.db.write(() => gone && memory.forget(gone.id))
          }
          if (what === 'reopen') {
            await store.reopen()
            memory = new Memory(store.db)
          }
        }
        expect(
          memory
            .search({ text: 'word', limit: 100, offset: 0 })
            .map(({ id }) => id)
            .sort(),
        ).toEqual(here.map(({ id }) => id).sort())
        expect(() => store.db.exec(`INSERT INTO memory_words (memory_words) VALUES ('integrity-check')`)).not.toThrow()
        here = []
      }),
      { numRuns: 25 },
    )
  })

  it('forgets the words with the rows', async () => {
    const { store } = await rig()
    fill(store, fingerprint(bob), rows * peerShare)
    const memory = new Memory(store.db)
    await store.db.write(() => memory.keep(kept(cmbOf(bob, 'newest'), bob)))
    memory.index()
    const indexed = Number(store.db.get(`SELECT count(*) AS n FROM memory_words WHERE memory_words MATCH 'filler'`)?.['n'])
    expect(indexed).toBe(count(store, `words = 'filler'`))
    expect(() => store.db.exec(`INSERT INTO memory_words (memory_words) VALUES ('integrity-check')`)).not.toThrow()
  })
})
