/**
 * The tables of one node (`mesh.db`). What must happen together stands in one transaction: an inbox row and the dedupe
 * record of its id are one row, so a crash can neither lose nor double a message (R50).
 */
import type { Migration } from '../store/database.ts'
import { MENTION_MIGRATION } from './mention-schema.ts'
import { QUESTION_MIGRATION } from './question-book.ts'
import { STOCK_MIGRATION } from './stock-book.ts'
import { WITHDRAWAL_MIGRATION } from './withdrawals.ts'

export const MESH_MIGRATIONS: readonly Migration[] = [
  {
    id: 'mesh-1',
    sql: `
      CREATE TABLE pin (
        node_id TEXT PRIMARY KEY,
        public_key BLOB NOT NULL,
        pinned_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE peer (
        fingerprint TEXT NOT NULL,
        room TEXT NOT NULL,
        node_id TEXT NOT NULL,
        name TEXT NOT NULL,
        standing TEXT NOT NULL,
        first_seen INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        hidden INTEGER NOT NULL,
        PRIMARY KEY (fingerprint, room)
      ) STRICT, WITHOUT ROWID;

      -- Which person, by which certificate, stands behind a session's key in a private group.
      CREATE TABLE member (
        fingerprint TEXT NOT NULL,
        room TEXT NOT NULL,
        user_key TEXT NOT NULL,
        serial TEXT NOT NULL,
        PRIMARY KEY (fingerprint, room)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE inbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        room TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        author_name TEXT NOT NULL,
        directed INTEGER NOT NULL,
        tags TEXT NOT NULL,
        fields TEXT NOT NULL,
        body BLOB,
        created_at INTEGER NOT NULL,
        received_at INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        held TEXT,
        surfaced_at INTEGER,
        way TEXT,
        pushed_at INTEGER,
        envelope TEXT,
        judgement TEXT,
        quiet INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      -- What is asked at every arrival, every minute and at the start is answered without reading what was said.
      CREATE INDEX inbox_unsurfaced ON inbox (fingerprint, seq) WHERE surfaced_at IS NULL AND held IS NULL AND quiet = 0;
      CREATE INDEX inbox_quiet ON inbox (seq) WHERE surfaced_at IS NULL AND held IS NULL AND quiet = 1;
      CREATE INDEX inbox_unread ON inbox (seq) WHERE surfaced_at IS NULL;
      CREATE INDEX inbox_surfaced ON inbox (surfaced_at) WHERE surfaced_at IS NOT NULL;
      -- Contact requests: what strangers said and nobody decided yet.
      CREATE INDEX inbox_held ON inbox (held, fingerprint, room) WHERE held IS NOT NULL;
      CREATE INDEX inbox_author ON inbox (fingerprint, bytes);

      -- Ids whose inbox row was evicted: they stay known, so that a late copy is still a duplicate.
      CREATE TABLE seen (
        id TEXT PRIMARY KEY,
        at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      -- Receipts that the author has not acknowledged yet.
      CREATE TABLE receipt (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        fingerprint TEXT NOT NULL,
        room TEXT NOT NULL,
        items TEXT NOT NULL,
        at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX receipt_author ON receipt (fingerprint, room);

      -- In the order of writing: the id is a hash, and rows with a whole record each in its order would spread over all pages.
      CREATE TABLE outbox (
        id TEXT NOT NULL UNIQUE,
        room TEXT NOT NULL,
        directed INTEGER NOT NULL,
        tags TEXT NOT NULL,
        record TEXT NOT NULL,
        focus TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        idempotency_key TEXT UNIQUE,
        envelope TEXT
      ) STRICT;
      CREATE INDEX outbox_expiry ON outbox (expires_at);

      CREATE TABLE recipient (
        id TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
        fingerprint TEXT NOT NULL,
        state TEXT NOT NULL,
        way TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        sent_at INTEGER,
        received_at INTEGER,
        surfaced_at INTEGER,
        ended_at INTEGER,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (id, fingerprint)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX recipient_waiting ON recipient (fingerprint, created_at) WHERE state IN ('queued', 'sent');

      -- What the person said of this node.
      CREATE TABLE own (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE counter (
        name TEXT PRIMARY KEY,
        value INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  QUESTION_MIGRATION,
  MENTION_MIGRATION,
  WITHDRAWAL_MIGRATION,
  STOCK_MIGRATION,
]
