/** An item of the node as the door and the fence want it. */
import { type InboxView, shortIdOf } from '../mesh/views.ts'
import type { SurfaceItem } from './fence.ts'

export function surfaceItem(
  item: InboxView & { readonly isPushed?: boolean; readonly isOwn?: boolean },
  part?: SurfaceItem['part'],
): SurfaceItem {
  const { id, from, body, priority, isPushed, isOwn, relevance, thread, replyTo, hop, question, answerTo, isHuman } = item
  // One literal with all members: the door makes hundreds of these in a row.
  return {
    id: item.shortId,
    assertionId: id,
    kind: kindOf(item),
    from: {
      petname: from.name,
      fingerprint: from.fingerprint,
      trust: from.trust === 'blocked' ? 'unknown' : from.trust,
    },
    group: item.group,
    isDirected: item.isDirected,
    tags: item.tags,
    mayWake: item.wake && priority !== 'low',
    // Only a key whose words were compared is believed to know what cannot wait.
    isUrgent: (priority === 'urgent' && from.trust === 'verified') || undefined,
    fields: item.fields,
    bodyBytes: body === undefined ? undefined : Buffer.byteLength(body),
    attachment: item.attachment,
    createdAt: item.createdAt,
    receivedAt: item.receivedAt,
    isPushed: isPushed || undefined,
    isOwn: isOwn || undefined,
    // What speaks in full needs no reason; what was asked for is told how it would have been shown.
    relevance: relevance && relevance.loudness !== 'whole' ? `${relevance.decision}: ${relevance.reason}` : undefined,
    part,
    thread: thread === id ? undefined : shortIdOf(thread),
    replyTo: replyTo && shortIdOf(replyTo),
    replaces: item.replaces && shortIdOf(item.replaces),
    hop: hop > 0 ? hop : undefined,
    question: question?.state,
    answerTo: answerTo && { shortId: answerTo.shortId, isDecline: answerTo.isDecline },
    isHuman: isHuman || undefined,
    isMention: item.isMention || undefined,
  }
}

/** An answer is one only to a question of ours that asked for it; a question only where it can be answered. */
function kindOf({ tags, question, answerTo }: InboxView): SurfaceItem['kind'] {
  if (answerTo) return 'answer'
  if (question?.state) return 'question'
  return tags.includes('observation') ? 'observation' : 'message'
}

/** As it is shown to somebody who did not ask for it: as loudly as it was judged. */
export function unaskedItem(item: InboxView): SurfaceItem {
  const loudness = item.relevance?.loudness
  return surfaceItem(item, loudness === 'headline' || loudness === 'mood' ? loudness : undefined)
}
