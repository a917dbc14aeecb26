/**
 * Whom `to` means (R22-R25), in a fixed order: full id, exact name, prefix of a fingerprint; over all joined groups,
 * never the caller itself. Several matches are never settled silently.
 */
import { parseFingerprint, parseFingerprintPrefix, parseNodeId } from '../identity/ids.ts'
import type { PeerView } from './views.ts'

export type Resolution =
  | { readonly kind: 'one'; readonly peer: PeerView }
  | { readonly kind: 'several'; readonly peers: readonly PeerView[] }
  | { readonly kind: 'none' }

export function resolvePeer(to: string, peers: readonly PeerView[]): Resolution {
  const wanted = to.trim()
  const steps: ReadonlyArray<(peer: PeerView) => boolean> = [byFullId(wanted), (peer) => peer.name === wanted, byPrefix(wanted)]
  for (const matches of steps) {
    const found = bestPerKey(peers.filter(matches))
    if (found.length > 1) return { kind: 'several', peers: found }
    const [peer] = found
    if (peer) return { kind: 'one', peer }
  }
  return { kind: 'none' }
}

function byFullId(text: string): (peer: PeerView) => boolean {
  const nodeId = parseNodeId(text)
  const fingerprint = parseFingerprint(text)
  return (peer) => peer.nodeId === nodeId || peer.fingerprint === fingerprint
}

function byPrefix(text: string): (peer: PeerView) => boolean {
  const prefix = parseFingerprintPrefix(text)
  return (peer) => prefix !== undefined && peer.fingerprint.startsWith(prefix)
}

/** One key in two groups is one peer: the group where it is here comes first. */
function bestPerKey(peers: readonly PeerView[]): readonly PeerView[] {
  const best = new Map<string, PeerView>()
  for (const peer of peers) {
    const other = best.get(peer.fingerprint)
    if (!other || (peer.isHere && !other.isHere)) best.set(peer.fingerprint, peer)
  }
  return [...best.values()]
}
