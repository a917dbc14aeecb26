/**
 * SYM_ALLOWED_PEERS: names and fingerprints of those whose words may reach Claude; everybody else waits in the inbox. A
 * name is no identity, so each resolves to one key: the first that proves itself under it (threat model A6).
 */
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { type Fingerprint, parseFingerprintPrefix } from '../identity/ids.ts'
import { parseWireName } from '../mmp/name.ts'

export interface Allowlist {
  readonly names: ReadonlySet<string>
  /** Beginnings of fingerprints. */
  readonly prefixes: readonly string[]
}

/** What lists show; a shorter beginning could be made by trying keys. */
const MIN_DIGITS = 16

/** Undefined for an empty text: no list. Throws `settings-invalid` with the entry that is wrong. */
export function parseAllowlist(text: string): Allowlist | undefined {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  if (entries.length === 0) return undefined
  if (entries.length > LIMITS.trust.allowedPeers) throw invalid(`it has more than ${LIMITS.trust.allowedPeers} entries`)
  const prefixes = entries.flatMap((entry) => parseFingerprintPrefix(entry) ?? [])
  const names = entries.filter((entry) => parseFingerprintPrefix(entry) === undefined)
  const short = prefixes.find((prefix) => prefix.length < MIN_DIGITS)
  if (short !== undefined) throw invalid(`${short} is too short for a fingerprint; give at least ${MIN_DIGITS} digits`)
  const wrong = names.find((name) => parseWireName(name) !== name)
  if (wrong !== undefined) throw invalid(`${JSON.stringify(wrong.slice(0, 80))} is neither a name nor a fingerprint`)
  return { names: new Set(names), prefixes }
}

export function listsKey({ prefixes }: Allowlist, key: Fingerprint): boolean {
  return prefixes.some((prefix) => key.startsWith(prefix))
}

function invalid(why: string): MeshError {
  return new MeshError('settings-invalid', `${why}. The list is names and fingerprints, separated by commas`)
}
