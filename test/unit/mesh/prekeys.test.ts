import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemRandom } from '../../../server/src/base/clock.ts'
import { fingerprintOf } from '../../../server/src/identity/ids.ts'
import { MAIL_MIGRATIONS } from '../../../server/src/mesh/mail-schema.ts'
import { Prekeys } from '../../../server/src/mesh/prekeys.ts'
import { announcePrekey } from '../../../server/src/mmp/letter.ts'
import { openMail, sealMail } from '../../../server/src/secure/sealed-mail.ts'
import type { Database } from '../../../server/src/store/database.ts'
import { openDatabase } from '../../../server/src/store/open.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { alice, bob } from '../../support/mesh.ts'

const DAY_MS = 86_400_000
const peer = { nodeId: bob.nodeId, publicKey: bob.publicKey, fingerprint: fingerprintOf(bob.publicKey) }
let folder = ''
let db: Database
let clock: FakeClock

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sym-prekeys-'))
  clock = new FakeClock()
  db = await openDatabase(path.join(folder, 'mesh.db'), MAIL_MIGRATIONS)
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

const fresh = (): Prekeys => new Prekeys({ db, clock, random: systemRandom, keys: alice })
const bobs = (fill: number, until: number) => announcePrekey(new Uint8Array(32).fill(fill), until, bob.nodeId, (bytes) => bob.sign(bytes))

describe('our prekey', () => {
  it('is the same for a week, also after a restart, and then another; the one before it opens mail for eight days more', async () => {
    const prekeys = fresh()
    const first = prekeys.current()
    clock.advance(7 * DAY_MS - 1)
    expect(fresh().current()).toEqual(first)
    clock.advance(1)
    const second = prekeys.current()
    expect(second.key).not.toBe(first.key)
    const mail = sealMail(new Uint8Array([1, 2]), Buffer.from(first.key, 'base64url'), systemRandom) ?? new Uint8Array()
    clock.advance(8 * DAY_MS)
    await db.write(() => prekeys.prune())
    expect(openMail(mail, prekeys.secrets())).toEqual(new Uint8Array([1, 2]))
    clock.advance(1)
    await db.write(() => prekeys.prune())
    expect(openMail(mail, prekeys.secrets())).toBeUndefined()
    expect(prekeys.secrets()).toHaveLength(1)
  })
})

describe('the prekey of a peer', () => {
  it('is kept from its newest announcement, until it is over', async () => {
    const prekeys = fresh()
    await prekeys.learned(peer, bobs(9, clock.now() + DAY_MS))
    await prekeys.learned(peer, bobs(8, clock.now() + 2 * DAY_MS))
    expect(fresh().of(peer.fingerprint)).toEqual(new Uint8Array(32).fill(8))
    clock.advance(2 * DAY_MS)
    expect(prekeys.of(peer.fingerprint)).toBeUndefined()
  })

  it('that it did not sign, that is over, or that promises too much is not believed', async () => {
    const prekeys = fresh()
    await prekeys.learned({ ...peer, publicKey: alice.publicKey }, bobs(9, clock.now() + DAY_MS))
    await prekeys.learned(peer, bobs(9, clock.now()))
    expect(prekeys.of(peer.fingerprint)).toBeUndefined()
    await prekeys.learned(peer, bobs(9, clock.now() + 1_000 * DAY_MS))
    clock.advance(15 * DAY_MS)
    expect(prekeys.of(peer.fingerprint)).toBeUndefined()
  })
})
