/**
 * What a person wants to hear of and what not, in words of five kinds: `kind:decision`, `topic:payment retries`,
 * `path:server/src/mesh`, `peer:<digits of a fingerprint>`, `group:backend`. Compared with what a block says; a peer can
 * change nothing here. The files that a text names are found here too, since they are compared in the same way.
 */
import type { Fingerprint } from '../identity/ids.ts'
import { type Cat7, FIELD_NAMES, NEUTRAL } from '../mmp/cmb.ts'
import { rootsOf } from './features.ts'

export const INTEREST_KINDS = ['kind', 'topic', 'path', 'peer', 'group'] as const
export interface Interest {
  readonly kind: (typeof INTEREST_KINDS)[number]
  readonly value: string
}

export interface Interests {
  /** Shown whatever the words say. */
  readonly follow: readonly Interest[]
  /** Counted, never shown unasked. */
  readonly ignore: readonly Interest[]
}

export const NO_INTERESTS: Interests = { follow: [], ignore: [] }

export interface Subject {
  readonly fields: Cat7
  readonly tags: readonly string[]
  readonly group: string
  readonly from: Fingerprint
}

/** Undefined where it is none. */
export function parseInterest(text: string): Interest | undefined {
  const [, name, value] = /^([a-z]+):\s*(\S(?:.*\S)?)\s*$/.exec(text) ?? []
  const kind = INTEREST_KINDS.find((one) => one === name)
  if (kind === undefined || value === undefined) return undefined
  if (kind === 'peer' && !/^[0-9a-f]{8,64}$/.test(value)) return undefined
  return { kind, value }
}

export function describeInterest({ kind, value }: Interest): string {
  return `${kind}:${value}`
}

/** The first of them that the subject is about. */
export function findInterest(interests: readonly Interest[], subject: Subject): Interest | undefined {
  return interests.find((interest) => isAbout(interest, subject))
}

export function spokenText(fields: Cat7): string {
  return FIELD_NAMES.map((name) => fields[name].text)
    .filter((text) => text !== NEUTRAL)
    .join('\n')
}

/** A path with a folder, or a file name that is not in every project. */
const PATH = /[\p{L}\p{N}_.@-]+(?:\/[\p{L}\p{N}_.@-]+)+|[\p{L}\p{N}_-]{3,}\.[\p{L}\p{N}.]{1,12}/gu
const EVERYWHERE = /^(?:index|main|mod|init|package|readme|changelog|license|dockerfile|makefile|tsconfig|types|utils|test)\b/i

/** The files that a text names, without the dots of the end of a sentence. */
export function pathsIn(text: string): ReadonlySet<string> {
  const found = (text.match(PATH) ?? []).map((path) => path.replace(/\.+$/, ''))
  return new Set(found.filter((path) => path.length >= 5 && /[\p{L}]/u.test(path) && (path.includes('/') || isFileName(path))))
}

function isFileName(name: string): boolean {
  return /\.[a-z][a-z0-9]{0,4}$/i.test(name) && !EVERYWHERE.test(name)
}

function isAbout({ kind, value }: Interest, { fields, tags, group, from }: Subject): boolean {
  switch (kind) {
    case 'kind':
      return tags.includes(value)
    case 'topic':
      return hasTopic(spokenText(fields), value)
    case 'path':
      return [...pathsIn(spokenText(fields))].some((path) => path === value || path.startsWith(`${value.replace(/\/$/, '')}/`))
    case 'peer':
      return from.startsWith(value)
    case 'group':
      return group === value
  }
}

/** Every word of the topic, in whatever form. */
function hasTopic(text: string, topic: string): boolean {
  const [wanted, there] = [rootsOf(topic), rootsOf(text)]
  return wanted.size > 0 && [...wanted].every((root) => there.has(root))
}
