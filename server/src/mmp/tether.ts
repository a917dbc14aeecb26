/**
 * The tether of MMP (15.8): how far a block has moved from the one it descends from, in its content alone. A lineage that
 * says "this comes from that" is kept while the words bear it out and dropped when they do not; where the two cannot be
 * compared it is kept, since nothing was found against it. Drifts of two encoders are never compared: the kernel id of the
 * encoder is part of what is attested.
 */
import { fromBase64Url, tagged, toBase64Url } from '../base/bytes.ts'
import { SIGNATURE_BYTES, verifySignature } from '../identity/keys.ts'
import { FIELD_NAMES, type FieldName } from './cmb.ts'
import { cosine, type FieldVectors } from './svaf.ts'

/** Above this drift a block no longer belongs to its ancestor. */
const SEVERED_ABOVE = 0.5

export interface Tether {
  /** False: no field could be compared. */
  readonly checked: boolean
  readonly tethered: boolean
  readonly drift: number | null
}

export function tetherOf(block: FieldVectors, ancestor: FieldVectors, weights: { readonly [F in FieldName]?: number } = {}): Tether {
  const shared = FIELD_NAMES.flatMap((name) => compareField(block, ancestor, name, weights[name] ?? 1) ?? [])
  const total = shared.reduce((sum, { weight }) => sum + weight, 0)
  if (total === 0) return { checked: false, tethered: true, drift: null }
  const drift = shared.reduce((sum, { weight, distance }) => sum + weight * distance, 0) / total
  return { checked: true, tethered: drift <= SEVERED_ABOVE, drift }
}

function compareField(block: FieldVectors, ancestor: FieldVectors, name: FieldName, weight: number) {
  const [one, other] = [block[name], ancestor[name]]
  if (one === undefined || other === undefined || one.length !== other.length) return undefined
  return { weight, distance: 1 - cosine(one, other) }
}

/** What somebody found when it compared a block with its ancestor (`cmb.tether` of a record). */
export interface TetherFacts {
  /** Key of the block. */
  readonly of: string
  /** Key of the ancestor. */
  readonly anchor: string
  readonly kernelId: string
  readonly drift: number
  readonly verdict: 'tethered' | 'severed'
  readonly by: string
  readonly at: number
}

export function tetherPayload({ of, anchor, kernelId, drift, verdict, by, at }: TetherFacts): Uint8Array {
  return tagged('mmp-tether-v1\n', of, anchor, kernelId, drift.toFixed(6), verdict, by, `${at}`)
}

export interface TetherAttestation extends TetherFacts {
  readonly sig: string
  readonly sigAlg: 'ed25519'
}

export function attestTether(facts: TetherFacts, sign: (message: Uint8Array) => Uint8Array): TetherAttestation {
  return { ...facts, sig: toBase64Url(sign(tetherPayload(facts))), sigAlg: 'ed25519' }
}

export function verifyTether(attestation: TetherAttestation, publicKey: Uint8Array): boolean {
  const signature = fromBase64Url(attestation.sig, SIGNATURE_BYTES)
  return signature !== undefined && verifySignature(publicKey, tetherPayload(attestation), signature)
}

/** Only drifts that the same encoder measured stand on one scale. */
export function isComparable(kernelId: string, otherKernelId: string): boolean {
  return kernelId === otherKernelId
}
