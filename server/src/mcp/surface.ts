/** An item of the node as the door and the fence want it. */
import { type InboxView, shortIdOf } from '../mesh/views.ts'
import type { SurfaceItem } from './fence.ts'

export function surfaceItem(item: InboxView & { readonly isPushed?: boolean; readonly isOwn?: boolean }): SurfaceItem {
  const { id, shortId, from, group, isDirected, tags, fields, body, createdAt, receivedAt, wake, priority, isPushed, isOwn, relevance } =
    item
  const { thread, replyTo, hop, question, answerTo, isHuman } = item
  return {
    id: shortId,
    assertionId: id,
    kind: kindOf(item),
    from: {
      petname: from.name,
      fingerprint: from.fingerprint,
      trust: from.trust === 'member' || from.trust === 'verified' ? from.trust : 'unknown',
    },
    group,
    isDirected,
    tags,
    mayWake: wake && priority !== 'low',
    // Only a key whose words were compared is believed to know what cannot wait.
    ...(priority === 'urgent' && from.trust === 'verified' ? { isUrgent: true } : {}),
    fields,
    ...(body === undefined ? {} : { bodyBytes: Buffer.byteLength(body) }),
    createdAt,
    receivedAt,
    ...(isPushed ? { isPushed } : {}),
    ...(isOwn ? { isOwn } : {}),
    ...(thread === id ? {} : { thread: shortIdOf(thread) }),
    ...(replyTo === undefined ? {} : { replyTo: shortIdOf(replyTo) }),
    ...(item.replaces === undefined ? {} : { replaces: shortIdOf(item.replaces) }),
    ...(hop > 0 ? { hop } : {}),
    ...(question?.state === undefined ? {} : { question: question.state }),
    ...(answerTo === undefined ? {} : { answerTo: { shortId: answerTo.shortId, isDecline: answerTo.isDecline } }),
    ...(isHuman ? { isHuman } : {}),
    ...(item.isMention ? { isMention: true } : {}),
    // What speaks in full needs no reason; what was asked for is told how it would have been shown.
    ...(relevance && relevance.loudness !== 'whole' ? { relevance: `${relevance.decision}: ${relevance.reason}` } : {}),
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
  return { ...surfaceItem(item), ...(loudness === 'headline' || loudness === 'mood' ? { part: loudness } : {}) }
}
