import { hasNodeSqlite } from '../../server/src/store/node-sqlite.ts'
import { databaseContract } from './database.ts'

databaseContract('node', hasNodeSqlite(process.versions.node) ? undefined : `Node ${process.versions.node} has no node:sqlite`)
