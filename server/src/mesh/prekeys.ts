/**
 * Keys that mail is sealed to. Ours is new every week, and the one before it is kept for eight days more: after that
 * nobody can open what was sealed to it, not even who takes this disk. Those of others are kept from their last
 * announcement on, for as long as they say that they open mail.
 */
import type { Clock, RandomBytes } from '../base/clock.ts'
import type { Fingerprint, NodeId } from '../identity/ids.ts'
import { type AnnouncedPrekey, announcePrekey, verifyPrekey } from '../mmp/letter.ts'
import { newPrekey } from '../secure/sealed-mail.ts'
import type { NodeKeys } from '../secure/session.ts'
import type { Database } from '../store/database.ts'

const DAY_MS = 86_400_000
const RENEW_MS = 7 * DAY_MS
const KEPT_MS = 15 * DAY_MS
const MAX_PEERS = 1_024

export interface PrekeysDeps {
  readonly db: Database
  readonly clock: Clock
  readonly random: RandomBytes
  readonly keys: NodeKeys
}

export class Prekeys {
  readonly #deps: PrekeysDeps
  #announced: { readonly createdAt: number; readonly prekey: AnnouncedPrekey } | undefined

  constructor(deps: PrekeysDeps) {
    this.#deps = deps
  }

  /** Ours, as peers are told it; makes one when the last is a week old. */
  current(): AnnouncedPrekey {
    const { db, clock, random, keys } = this.#deps
    const now = clock.now()
    if (this.#announced && now - this.#announced.createdAt < RENEW_MS) return this.#announced.prekey
    const row = db.get('SELECT created_at, public_key FROM own_prekey WHERE created_at > ? ORDER BY created_at DESC', now - RENEW_MS)
    const known = row?.['public_key'] instanceof Uint8Array ? { at: Number(row['created_at']), key: row['public_key'] } : undefined
    const { at, key } = known ?? this.#make(now, random)
    const prekey = announcePrekey(key, at + KEPT_MS, keys.nodeId, (bytes) => keys.sign(bytes))
    this.#announced = { createdAt: at, prekey }
    return prekey
  }

  /** The private halves that still open mail, the newest first. */
  secrets(): readonly Uint8Array[] {
    const rows = this.#deps.db.all('SELECT secret_key FROM own_prekey ORDER BY created_at DESC')
    return rows.flatMap(({ secret_key: secret }) => (secret instanceof Uint8Array ? [secret] : []))
  }

  /** A proven peer announced its prekey; one that it did not sign, or that is over, changes nothing. */
  async learned(
    peer: { readonly nodeId: NodeId; readonly publicKey: Uint8Array; readonly fingerprint: Fingerprint },
    announced: AnnouncedPrekey,
  ): Promise<void> {
    const { db, clock } = this.#deps
    const now = clock.now()
    const key = verifyPrekey(announced, peer.nodeId, peer.publicKey)
    const until = Math.min(announced.until, now + KEPT_MS)
    if (!key || until <= now || Buffer.compare(this.of(peer.fingerprint) ?? new Uint8Array(), key) === 0) return
    await db.write(() => {
      const sql = `INSERT INTO peer_prekey VALUES (?, ?, ?) ON CONFLICT (fingerprint) DO UPDATE SET public_key = excluded.public_key, until = excluded.until`
      db.run(sql, peer.fingerprint, key, until)
      db.run(
        'DELETE FROM peer_prekey WHERE fingerprint NOT IN (SELECT fingerprint FROM peer_prekey ORDER BY until DESC LIMIT ?)',
        MAX_PEERS,
      )
    })
  }

  of(fingerprint: Fingerprint): Uint8Array | undefined {
    const key = this.#deps.db.get(
      'SELECT public_key FROM peer_prekey WHERE fingerprint = ? AND until > ?',
      fingerprint,
      this.#deps.clock.now(),
    )?.['public_key']
    return key instanceof Uint8Array ? key : undefined
  }

  /** Call inside a write, some time after the start: mail that waits for us may be sealed to what is thrown away here. */
  prune(): void {
    this.#deps.db.run('DELETE FROM own_prekey WHERE created_at < ?', this.#deps.clock.now() - KEPT_MS)
    this.#deps.db.run('DELETE FROM peer_prekey WHERE until < ?', this.#deps.clock.now())
  }

  /** Durable before anybody hears of it. */
  #make(now: number, random: RandomBytes): { readonly at: number; readonly key: Uint8Array } {
    const { publicKey, secretKey } = newPrekey(random)
    this.#deps.db.transaction(() => this.#deps.db.run('INSERT OR REPLACE INTO own_prekey VALUES (?, ?, ?)', now, publicKey, secretKey))
    return { at: now, key: publicKey }
  }
}
