/**
 * The node's own form of a CMB (Cognitive Memory Block, MMP 5): seven CAT7 fields with their author, audience and
 * signature. Inside the node only this type exists; the three record forms of the wire are codecs at the edge.
 */
import type { NodeId } from '../identity/ids.ts'

declare const brand: unique symbol
/** Content address: `cmb-` and 64 hex digits (MMP 5.2). Equal words have equal keys, whoever said them. */
export type CmbKey = string & { readonly [brand]: 'CmbKey' }
/** One assertion by one author at one time: `asrt-` and 64 hex digits (MMP 5.3). The id of a message. */
export type AssertionId = string & { readonly [brand]: 'AssertionId' }

/** CAT7, in the order of the protocol. */
export const FIELD_NAMES = ['focus', 'issue', 'intent', 'motivation', 'commitment', 'perspective', 'mood'] as const
export type FieldName = (typeof FIELD_NAMES)[number]

/** The text of an absent field. */
export const NEUTRAL = 'neutral'

export interface Field {
  readonly text: string
}
export interface MoodField extends Field {
  /** -1 to 1. */
  readonly valence?: number
  /** -1 to 1. */
  readonly arousal?: number
}
export type Cat7 = { readonly [F in Exclude<FieldName, 'mood'>]: Field } & { readonly mood: MoodField }

/** Data beside the seven fields, byte for byte; its digest is signed (MMP 5.3, application). */
export interface ApplicationData {
  readonly mediaType: string
  readonly schema: string
  readonly bytes: Uint8Array
}

export interface Cmb {
  readonly id: AssertionId
  readonly key: CmbKey
  readonly fields: Cat7
  readonly author: {
    readonly nodeId: NodeId
    /** What the author calls itself: a claim, for display. */
    readonly name: string
  }
  /** The author's wall clock, ms. Information, except that it rises strictly per author. */
  readonly createdAt: number
  /** Audience: the group (MMP: room), and one node of it when directed. */
  readonly group: string
  readonly to: NodeId | undefined
  /** Of a record of a stock node perhaps keys of an older form. */
  readonly parents: readonly CmbKey[]
  readonly application: ApplicationData | undefined
  /** Ed25519 by the author, base64url, over the payload of the record form it came in; empty where a stock node signed nothing. */
  readonly signature: string
}
