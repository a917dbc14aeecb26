/** An item of the node as the door and the fence want it. */
import type { InboxView } from '../mesh/views.ts'
import type { SurfaceItem } from './fence.ts'

export function surfaceItem(item: InboxView & { readonly isPushed?: boolean; readonly isOwn?: boolean }): SurfaceItem {
  const { id, shortId, from, group, isDirected, tags, fields, body, createdAt, receivedAt, wake, isPushed, isOwn } = item
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
  }
}
