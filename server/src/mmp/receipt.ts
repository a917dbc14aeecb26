/**
 * Receipts: the recipient's signed word about one message. The payload names both nodes, so a receipt proves nothing to
 * a third, and the state, so `received` cannot be shown as `surfaced`.
 */
import { fromBase64Url, tagged, toBase64Url } from '../base/bytes.ts'
import type { NodeId } from '../identity/ids.ts'
import { SIGNATURE_BYTES, verifySignature } from '../identity/keys.ts'
import type { AssertionId } from './cmb.ts'

export const RECEIPT_STATES = ['received', 'surfaced', 'answered', 'declined', 'expired'] as const
export type ReceiptState = (typeof RECEIPT_STATES)[number]

export interface ReceiptFacts {
  readonly of: AssertionId
  readonly state: ReceiptState
  /** The way into the context, once surfaced. */
  readonly way?: string
  readonly at: number
  /** Rises with each receipt of the recipient. */
  readonly seq: number
}

export interface Receipt extends ReceiptFacts {
  /** Ed25519 by the recipient's node key, base64url. */
  readonly sig: string
}

export interface ReceiptParties {
  readonly recipient: NodeId
  readonly author: NodeId
}

export function receiptPayload(facts: ReceiptFacts, { recipient, author }: ReceiptParties): Uint8Array {
  return tagged('mesh-receipt-v1\n', facts.of, facts.state, facts.way ?? '', `${facts.at}`, `${facts.seq}`, recipient, author)
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
