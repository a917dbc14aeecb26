/** Tables for mail by a relay: our prekeys and those of others, counters of letters, and what was left where. */
import type { Migration } from '../store/database.ts'

export const MAIL_MIGRATIONS: readonly Migration[] = [
  {
    id: 'mail-1',
    sql: `
      CREATE TABLE own_prekey (
        created_at INTEGER PRIMARY KEY,
        public_key BLOB NOT NULL,
        secret_key BLOB NOT NULL
      ) STRICT;

      CREATE TABLE peer_prekey (
        fingerprint TEXT PRIMARY KEY,
        public_key BLOB NOT NULL,
        until INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      -- The last number of a letter of ours to this recipient.
      CREATE TABLE letter_out (
        fingerprint TEXT PRIMARY KEY,
        counter INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      -- Which numbers of this author have come: the highest, and a bit for each of those below it.
      CREATE TABLE letter_in (
        fingerprint TEXT PRIMARY KEY,
        highest INTEGER NOT NULL,
        seen BLOB NOT NULL
      ) STRICT, WITHOUT ROWID;

      -- Copies that lie at a relay.
      CREATE TABLE left_at_relay (
        id TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        until INTEGER NOT NULL,
        PRIMARY KEY (id, fingerprint)
      ) STRICT, WITHOUT ROWID;
    `,
  },
]
