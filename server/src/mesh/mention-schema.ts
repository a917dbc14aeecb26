/** Group messages that name this node are counted while they are unread. */
import type { Migration } from '../store/database.ts'

export const MENTION_MIGRATION: Migration = {
  id: 'mentions-1',
  sql: `
    ALTER TABLE inbox ADD COLUMN mention INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX inbox_mention ON inbox (seq) WHERE mention = 1 AND surfaced_at IS NULL;
  `,
}
