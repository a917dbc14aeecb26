/**
 * The keys under which stock nodes were met. Their handshake proves nothing, so a key is kept only once it has signed a
 * record that came by the link; from then on the node is not taken with another key, nor without its sealing key, until a
 * person resets it.
 */
import type { Clock } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import { type NodeId, parseNodeId } from '../identity/ids.ts'
import type { Database, Migration } from '../store/database.ts'

export const STOCK_MIGRATION: Migration = {
  id: 'mesh-stock',
  sql: `
    ALTER TABLE peer ADD COLUMN stock INTEGER NOT NULL DEFAULT 0;

    CREATE TABLE stock_pin (
      node_id TEXT PRIMARY KEY,
      public_key BLOB NOT NULL,
      sealing_key BLOB,
      pinned_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
}

export interface StockKeys {
  readonly nodeId: NodeId
  readonly publicKey: Uint8Array
  /** Undefined where it offers none: what goes to it goes in clear, or not at all. */
  readonly sealingKey: Uint8Array | undefined
}

export type StockKeyRule = 'other-key' | 'other-node-id' | 'other-sealing-key' | 'no-sealing-key' | 'too-many'

interface StockPin extends StockKeys {
  readonly at: number
}

export class StockBook {
  readonly #db: Database
  readonly #clock: Clock
  readonly #guard: Guard
  readonly #pins = new Map<NodeId, StockPin>()

  constructor(db: Database, clock: Clock, guard: Guard) {
    this.#db = db
    this.#clock = clock
    this.#guard = guard
    for (const row of db.all('SELECT * FROM stock_pin')) {
      const nodeId = parseNodeId(String(row['node_id']))
      const { public_key: publicKey, sealing_key: sealing } = row
      if (!nodeId || !(publicKey instanceof Uint8Array)) continue
      const sealingKey = sealing instanceof Uint8Array ? sealing : undefined
      this.#pins.set(nodeId, { nodeId, publicKey, sealingKey, at: Number(row['pinned_at']) })
    }
  }

  /** Why these keys are not those of this node; undefined when they may be. `resetAt`: older pins do not count. */
  refusal({ nodeId, publicKey, sealingKey }: StockKeys, resetAt: number): StockKeyRule | undefined {
    const pin = this.#pins.get(nodeId)
    if (pin === undefined || pin.at <= resetAt) {
      const isTaken = [...this.#pins.values()].some((other) => other.nodeId !== nodeId && isSame(other.publicKey, publicKey))
      if (isTaken) return 'other-node-id'
      return pin === undefined && this.#pins.size >= LIMITS.stock.pinned ? 'too-many' : undefined
    }
    if (!isSame(pin.publicKey, publicKey)) return 'other-key'
    if (pin.sealingKey === undefined) return undefined
    if (sealingKey === undefined) return 'no-sealing-key'
    return isSame(pin.sealingKey, sealingKey) ? undefined : 'other-sealing-key'
  }

  hasSigned(nodeId: NodeId): boolean {
    return this.#pins.has(nodeId)
  }

  /** It has signed something. Durable with the next commit. */
  proven({ nodeId, publicKey, sealingKey }: StockKeys): void {
    const known = this.#pins.get(nodeId)
    if (known && isSame(known.publicKey, publicKey) && isSame(known.sealingKey, sealingKey)) return
    const at = this.#clock.now()
    this.#pins.set(nodeId, { nodeId, publicKey, sealingKey, at })
    const sql = 'INSERT OR REPLACE INTO stock_pin VALUES (?, ?, ?, ?)'
    this.#guard.run('stock-book', () => this.#db.write(() => this.#db.run(sql, nodeId, publicKey, sealingKey ?? null, at)))
  }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.from(a).equals(b)
}
