/**
 * Whom `to` means (R22-R25), in a fixed order: full id, petname, exact name, prefix of a fingerprint; over all joined
 * groups, never the caller itself. Several matches are never settled silently.
 */
import { parseFingerprint, parseFingerprintPrefix, parseNodeId } from '../identity/ids.ts'
import type { PeerView } from './views.ts'

/** What must be known of a peer to tell it from others. */
export type Named = Pick<PeerView, 'name' | 'isPetname' | 'fingerprint' | 'nodeId' | 'isHere'>

export type Resolution<T extends Named = PeerView> =
  | { readonly kind: 'one'; readonly peer: T }
  | { readonly kind: 'several'; readonly peers: readonly T[] }
  | { readonly kind: 'none' }

export function resolvePeer<T extends Named>(to: string, peers: readonly T[]): Resolution<T> {
  const wanted = to.trim()
  const isNamed = (peer: Named): boolean => peer.name === wanted
  const steps: ReadonlyArray<(peer: Named) => boolean> = [
    byFullId(wanted),
    (peer) => peer.isPetname && isNamed(peer),
    isNamed,
    byPrefix(wanted),
  ]
  for (const matches of steps) {
    const found = bestPerKey(peers.filter(matches))
    if (found.length > 1) return { kind: 'several', peers: found }
    const [peer] = found
    if (peer) return { kind: 'one', peer }
  }
  return { kind: 'none' }
}

function byFullId(text: string): (peer: Named) => boolean {
  const nodeId = parseNodeId(text)
  const fingerprint = parseFingerprint(text)
  return (peer) => peer.nodeId === nodeId || peer.fingerprint === fingerprint
}

function byPrefix(text: string): (peer: Named) => boolean {
  const prefix = parseFingerprintPrefix(text)
  return (peer) => prefix !== undefined && peer.fingerprint.startsWith(prefix)
}

/** One key in two groups is one peer: the group where it is here comes first. */
function bestPerKey<T extends Named>(peers: readonly T[]): readonly T[] {
  const best = new Map<string, T>()
  for (const peer of peers) {
    const other = best.get(peer.fingerprint)
    if (!other || (peer.isHere && !other.isHere)) best.set(peer.fingerprint, peer)
  }
  return [...best.values()]
}
