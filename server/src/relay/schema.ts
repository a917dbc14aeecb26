/**
 * The tables of a relay (`relay.db`). No row names a sender, and none holds a token: a group is the hash of one.
 */
import type { Migration } from '../store/database.ts'

export const RELAY_MIGRATIONS: readonly Migration[] = [
  {
    id: 'relay-1',
    sql: `
      CREATE TABLE item (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        room TEXT NOT NULL,
        recipient TEXT NOT NULL,
        id TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        -- Says whether two items are from one sender to one recipient, to the process that wrote both and to nobody else.
        pair BLOB NOT NULL,
        digest BLOB NOT NULL,
        sealed BLOB NOT NULL,
        UNIQUE (room, recipient, id)
      ) STRICT;
      -- What is asked at each item is answered without reading the items.
      CREATE INDEX item_mailbox ON item (room, recipient, seq, bytes);
      CREATE INDEX item_pair ON item (pair);
      CREATE INDEX item_expiry ON item (expires_at);

      -- Who proved which key for which id.
      CREATE TABLE known (
        room TEXT NOT NULL,
        node_id TEXT NOT NULL,
        public_key BLOB NOT NULL,
        fingerprint TEXT NOT NULL,
        seen_at INTEGER NOT NULL,
        PRIMARY KEY (room, node_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX known_key ON known (room, fingerprint);
      CREATE INDEX known_seen ON known (seen_at);

      CREATE TABLE relay (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
]
