/**
 * `<root>/trust.json`: what this user decided about keys, for all sessions. A key is its fingerprint; a name in here was
 * given by the user. Each change is a pure function from one content to the next; the command line makes them, and the
 * only one that a node makes by itself is the pin of a name that SYM_ALLOWED_PEERS lists.
 */
import * as z from 'zod'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { oneLine } from '../base/text.ts'
import { type Fingerprint, parseFingerprint, parseFingerprintPrefix, parseNodeId } from '../identity/ids.ts'
import { type Shared, sharedFile } from '../identity/shared-file.ts'
import { parseWireName } from '../mmp/name.ts'
import { via } from '../mmp/wire.ts'

const fingerprint = via(parseFingerprint)
const name = via(parseWireName)
const at = z.int().min(0)

const keyEntry = z.strictObject({
  trust: z.enum(['blocked', 'verified']).exactOptional(),
  petname: name.exactOptional(),
  /** Groups that a person let the key into, above their limits; `until`: not any longer then. */
  admitted: z.record(z.string(), z.strictObject({ at, until: at.exactOptional() })).exactOptional(),
  changedAt: at,
})
const trustContent = z.strictObject({
  version: z.literal(1),
  keys: z.record(fingerprint, keyEntry),
  /** Names of SYM_ALLOWED_PEERS and the key that first proved itself under each. */
  pinnedNames: z.record(z.string(), z.strictObject({ key: fingerprint, at })),
  /** What a person set for a group: whom it lets reach Claude, and what its peers on other machines may hear of the project. */
  groups: z.record(
    z.string(),
    z.strictObject({
      floor: z.enum(['member', 'verified']).exactOptional(),
      share: z.strictObject({ folder: z.boolean(), branch: z.boolean(), files: z.boolean() }).exactOptional(),
    }),
  ),
})

export type KeyEntry = Readonly<z.infer<typeof keyEntry>>
export type TrustContent = Readonly<z.infer<typeof trustContent>>
export type GroupShare = NonNullable<TrustContent['groups'][string]['share']>
export type TrustSource = Shared<TrustContent>

export const NO_TRUST: TrustContent = { version: 1, keys: {}, pinnedNames: {}, groups: {} }

export function trustFile(file: string, deps: { readonly clock: Clock; readonly random: RandomBytes }): TrustSource {
  return sharedFile({ file, schema: trustContent, empty: NO_TRUST, ...deps })
}

export function entryOf(content: TrustContent, key: Fingerprint): KeyEntry | undefined {
  return Object.hasOwn(content.keys, key) ? content.keys[key] : undefined
}

export function block(content: TrustContent, key: Fingerprint, now: number): TrustContent {
  return withEntry(content, key, now, ({ admitted: _, ...entry }) => ({ ...entry, trust: 'blocked' }))
}

/** Takes back a block or the word that keys were compared; what the group's rules say counts again. */
export function forgetTrust(content: TrustContent, key: Fingerprint, now: number): TrustContent {
  return withEntry(content, key, now, ({ trust: _, ...entry }) => entry)
}

export function verify(content: TrustContent, key: Fingerprint, now: number): TrustContent {
  return withEntry(content, key, now, (entry) => ({ ...entry, trust: 'verified' }))
}

/** Lets the key into the group, whatever its limits say; a block ends by it. */
export function admit(content: TrustContent, key: Fingerprint, group: string, now: number, until?: number): TrustContent {
  return withEntry(content, key, now, ({ trust, ...entry }) => ({
    ...entry,
    ...(trust === 'verified' ? { trust } : {}),
    admitted: { ...entry.admitted, [group]: { at: now, ...(until === undefined ? {} : { until }) } },
  }))
}

/** Throws when the name reads as an id, or is the petname of another key: a name that two keys have is none. */
export function givePetname(content: TrustContent, key: Fingerprint, text: string, now: number): TrustContent {
  const petname = parseWireName(oneLine(text, LIMITS.name.maxBytes))
  if (petname === undefined || petname !== text || parseFingerprintPrefix(text) || parseNodeId(text))
    throw new MeshError(
      'name-invalid',
      `${JSON.stringify(text.slice(0, 80))} is no petname; use 1 to 64 bytes of letters, digits and dashes`,
    )
  const holder = Object.entries(content.keys).find(([other, entry]) => entry.petname === petname && other !== key)
  if (holder)
    throw new MeshError('name-invalid', `${JSON.stringify(petname)} is the petname of ${holder[0].slice(0, 16)} already; choose another`)
  return withEntry(content, key, now, (entry) => ({ ...entry, petname }))
}

export function dropPetname(content: TrustContent, key: Fingerprint, now: number): TrustContent {
  return withEntry(content, key, now, ({ petname: _, ...entry }) => entry)
}

/** The first key that proves itself under a listed name has it; a second one changes nothing. */
export function pinName(content: TrustContent, listed: string, key: Fingerprint, now: number): TrustContent {
  if (Object.hasOwn(content.pinnedNames, listed)) return content
  return { ...content, pinnedNames: { ...content.pinnedNames, [listed]: { key, at: now } } }
}

export function setFloor(content: TrustContent, group: string, floor: 'member' | 'verified'): TrustContent {
  return { ...content, groups: { ...content.groups, [group]: { ...content.groups[group], floor } } }
}

/** Undefined: what is set for all groups counts again. */
export function setShare(content: TrustContent, group: string, share: GroupShare | undefined): TrustContent {
  const { share: _, ...policy } = content.groups[group] ?? {}
  return { ...content, groups: { ...content.groups, [group]: { ...policy, ...(share ? { share } : {}) } } }
}

type Entry = Omit<KeyEntry, 'changedAt'>

function withEntry(content: TrustContent, key: Fingerprint, now: number, update: (entry: Entry) => Entry): TrustContent {
  const { changedAt: _, ...before } = entryOf(content, key) ?? { changedAt: now }
  const entry = update(before)
  const { [key]: _dropped, ...others } = content.keys
  // What says nothing any more is not kept: the file stays a list of decisions.
  const keys = Object.keys(entry).length === 0 ? others : { ...others, [key]: { ...entry, changedAt: now } }
  return { ...content, keys }
}
