/**
 * Who waits for whom. A session that waits for an answer cannot answer, so a circle of waits would stand until all time
 * out. Every question names the nodes that wait for its author, directly or through others; whoever finds itself among
 * them stops waiting at once (R66). Pure.
 */
import type { Fingerprint } from '../identity/ids.ts'

/** An unanswered question of a peer, and who waits for that peer. */
export interface OpenQuestion {
  readonly from: Fingerprint
  readonly waits: readonly Fingerprint[]
}

export const MAX_WAITS = 32

/** Everybody whose wait depends on this node: the askers of its open questions, and those who wait for them. */
export function waitersOn(open: readonly OpenQuestion[]): readonly Fingerprint[] {
  return [...new Set(open.flatMap(({ from, waits }) => [from, ...waits]))].slice(0, MAX_WAITS)
}

/** Whether waiting for any of `targets` would close a circle: one of them already waits for this node. */
export function wouldDeadlock(open: readonly OpenQuestion[], targets: readonly Fingerprint[]): boolean {
  const waiting = new Set(waitersOn(open))
  return targets.some((target) => waiting.has(target))
}

/** Whether an arriving question tells a node that waits that it waits for itself. */
export function closesCircle(self: Fingerprint, question: OpenQuestion, waitingFor: readonly Fingerprint[]): boolean {
  return waitingFor.includes(question.from) || (waitingFor.length > 0 && question.waits.includes(self))
}
