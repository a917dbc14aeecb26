/**
 * Receipts: the recipient's signed word about some messages of one author. One signature covers them all, since under
 * load signing is most of what a receipt costs. The payload names both nodes, so a receipt proves nothing to a third, and
 * each state, so `received` cannot be shown as `surfaced`.
 */
import { fromBase64Url, tagged, toBase64Url } from '../base/bytes.ts'
import type { NodeId } from '../identity/ids.ts'
import { SIGNATURE_BYTES, verifySignature } from '../identity/keys.ts'
import type { AssertionId } from './cmb.ts'

export const RECEIPT_STATES = ['received', 'surfaced', 'answered', 'declined', 'expired'] as const
export type ReceiptState = (typeof RECEIPT_STATES)[number]

/** What became of one message. */
export interface ReceiptItem {
  readonly of: AssertionId
  readonly state: ReceiptState
  /** The way into the context, once surfaced. */
  readonly way?: string
  readonly at: number
}

export interface ReceiptFacts {
  /** Rises with each receipt of the recipient; the author acknowledges it by this number. */
  readonly seq: number
  readonly items: readonly ReceiptItem[]
}

export interface Receipt extends ReceiptFacts {
  /** Ed25519 by the recipient's node key, base64url. */
  readonly sig: string
}

export interface ReceiptParties {
  readonly recipient: NodeId
  readonly author: NodeId
}

export function receiptPayload({ seq, items }: ReceiptFacts, { recipient, author }: ReceiptParties): Uint8Array {
  const said = items.flatMap(({ of, state, way, at }) => [of, state, way ?? '', `${at}`])
  return tagged('mesh-receipt-v1\n', recipient, author, `${seq}`, `${items.length}`, ...said)
}

/** The members of the receipt's frame. The link that carries it says whose it is, so the frame need not. */
export function signReceipt(facts: ReceiptFacts, parties: ReceiptParties, sign: (message: Uint8Array) => Uint8Array): Receipt {
  return { ...facts, sig: toBase64Url(sign(receiptPayload(facts, parties))) }
}

/** Whether the holder of this key, as recipient, said this to this author. */
export function verifyReceipt(receipt: Receipt, parties: ReceiptParties, recipientKey: Uint8Array): boolean {
  const signature = fromBase64Url(receipt.sig, SIGNATURE_BYTES)
  return signature !== undefined && verifySignature(recipientKey, receiptPayload(receipt, parties), signature)
}
