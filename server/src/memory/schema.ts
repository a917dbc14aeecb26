/** The tables of memory. Words are indexed apart from the rows: some time after them, and they go with them. */
import type { Migration } from '../store/database.ts'

export const MEMORY_MIGRATIONS: readonly Migration[] = [
  {
    id: 'memory-1',
    sql: `
      CREATE TABLE memory (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        key TEXT NOT NULL,
        room TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        author_name TEXT NOT NULL,
        part TEXT NOT NULL,
        thread TEXT,
        reply_to TEXT,
        directed INTEGER NOT NULL,
        tags TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        kept_at INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        fields TEXT NOT NULL,
        body BLOB,
        parents TEXT NOT NULL,
        signature TEXT NOT NULL,
        words TEXT NOT NULL
      ) STRICT;
      -- With the size, so that a start adds up what each author has without reading what they said.
      CREATE INDEX memory_author ON memory (fingerprint, seq, bytes);
      CREATE INDEX memory_key ON memory (key);
      CREATE INDEX memory_thread ON memory (thread, fingerprint) WHERE thread IS NOT NULL;
      CREATE INDEX memory_anchor ON memory (seq) WHERE part IN ('own', 'trusted', 'earned');
      CREATE VIRTUAL TABLE memory_words USING fts5 (words, content='memory', content_rowid='seq', tokenize='porter unicode61');
      CREATE TRIGGER memory_kept AFTER INSERT ON memory BEGIN
        INSERT INTO memory_words (rowid, words) VALUES (new.seq, new.words);
      END;
      CREATE TRIGGER memory_forgotten AFTER DELETE ON memory BEGIN
        INSERT INTO memory_words (memory_words, rowid, words) VALUES ('delete', old.seq, old.words);
      END;
    `,
  },
  {
    id: 'memory-2',
    sql: `
      -- Of which row on the words are still to be indexed.
      CREATE TABLE memory_indexed (upto INTEGER NOT NULL) STRICT;
      INSERT INTO memory_indexed SELECT coalesce(max(seq), 0) FROM memory;
      DROP TRIGGER memory_kept;
      DROP TRIGGER memory_forgotten;
      CREATE TRIGGER memory_forgotten AFTER DELETE ON memory WHEN old.seq <= (SELECT upto FROM memory_indexed) BEGIN
        INSERT INTO memory_words (memory_words, rowid, words) VALUES ('delete', old.seq, old.words);
      END;
    `,
  },
]
