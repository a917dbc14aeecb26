import type { Migration } from '../../../server/src/store/database.ts'

export const ROWS: Migration = { id: 'rows-1', sql: 'CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT' }
