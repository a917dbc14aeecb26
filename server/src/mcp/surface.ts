/** An item of the node as the door and the fence want it. */
import type { InboxView } from '../mesh/views.ts'
import type { SurfaceItem } from './fence.ts'

export function surfaceItem(item: InboxView & { readonly isPushed?: boolean; readonly isOwn?: boolean }): SurfaceItem {
  const { id, shortId, from, group, isDirected, tags, fields, body, createdAt, receivedAt, wake, isPushed, isOwn, relevance } = item
  return {
    id: shortId,
    assertionId: id,
    kind: tags.includes('observation') ? 'observation' : 'message',
    from: {
      petname: from.name,
      fingerprint: from.fingerprint,
      trust: from.trust === 'member' || from.trust === 'verified' ? from.trust : 'unknown',
    },
    group,
    isDirected,
    tags,
    mayWake: wake,
    fields,
    ...(body === undefined ? {} : { bodyBytes: Buffer.byteLength(body) }),
    createdAt,
    receivedAt,
    ...(isPushed ? { isPushed } : {}),
    ...(isOwn ? { isOwn } : {}),
    // What speaks in full needs no reason; what was asked for is told how it would have been shown.
    ...(relevance && relevance.loudness !== 'whole' ? { relevance: `${relevance.decision}: ${relevance.reason}` } : {}),
  }
}

/** As it is shown to somebody who did not ask for it: as loudly as it was judged. */
export function unaskedItem(item: InboxView): SurfaceItem {
  const loudness = item.relevance?.loudness
  return { ...surfaceItem(item), ...(loudness === 'headline' || loudness === 'mood' ? { part: loudness } : {}) }
}
