/**
 * The line for a session that edits a file which peers edit too. It states a fact in our words; a peer stands in it as a
 * name, the file as our own project calls it.
 */
import { oneLine, preview } from '../base/text.ts'
import { type Fingerprint, shortFingerprint } from '../identity/ids.ts'
import { nameOf } from './fence.ts'

const MOST_NAMES = 3
const PATH_CHARACTERS = 160

export function sameFileLine(file: string, peers: readonly { readonly name: string; readonly fingerprint: Fingerprint }[]): string {
  const names = peers.slice(0, MOST_NAMES).map(({ name, fingerprint }) => `${nameOf(name)} (${shortFingerprint(fingerprint)})`)
  const more = peers.length > names.length ? ` and ${peers.length - names.length} more` : ''
  const shown = JSON.stringify(preview(oneLine(file, PATH_CHARACTERS)))
  return `Mesh: the file ${shown} is being edited by ${names.join(', ')}${more} too.`
}
