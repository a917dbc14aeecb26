/**
 * Mail for those who are away: the second of the two things that a relay keeps. What stands in it is sealed to its
 * recipient; the relay knows the mailbox, the size and the end of life, and not who wrote it.
 *
 * Promise: `stored` means on disk (synced). What was stored is returned by `next` until the recipient took it or its time
 * is over, whatever happens to the process.
 */
import type { Fingerprint } from '../identity/ids.ts'
import type { RelayGroup } from '../mmp/relay-proof.ts'

export interface Mailbox {
  readonly group: RelayGroup
  readonly recipient: Fingerprint
}

export interface NewItem extends Mailbox {
  /** Chosen by the sender; the same id with the same content again is stored once. */
  readonly id: string
  readonly sealed: Uint8Array
  readonly ttlMs: number
  /** Only to bound what one sender may leave with one recipient; it is not stored. */
  readonly sender: Fingerprint
}

export interface StoredItem {
  readonly seq: number
  readonly id: string
  readonly sealed: Uint8Array
}

export type PutOutcome =
  | { readonly kind: 'stored'; readonly expiresAt: number }
  | { readonly kind: 'refused'; readonly reason: 'too-large' | 'queue-full' | 'id-used' | 'store-failed' }

export interface QueueUsage {
  readonly items: number
  readonly bytes: number
}

export interface RelayQueue {
  put(item: NewItem): Promise<PutOutcome>
  /** The oldest items after `seq`, at most `limit`. */
  next(mailbox: Mailbox, seq: number, limit: number): Promise<readonly StoredItem[]>
  /** The recipient has them on its disk. */
  ack(mailbox: Mailbox, ids: readonly string[]): Promise<void>
  /** Removes what is too old; resolves to how many. */
  expire(): Promise<number>
  usage(mailbox?: Mailbox): QueueUsage
}
