/** Why items were not shown unasked, in one line of ours: as many as there are, or by their ids. */

/** ` 3 since its author is muted, 1 since do not disturb is on`; empty when there is nothing to say. */
export function countReasons(reasons: Iterable<string>): string {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].map(([reason, count]) => `${count} since ${reason}`).join(', ')
}

/** `m… m… since its author is muted; m… since …`. */
export function listReasons(reasons: ReadonlyMap<string, string>): string {
  const ids = new Map<string, string[]>()
  for (const [id, reason] of reasons) ids.set(reason, [...(ids.get(reason) ?? []), id])
  return [...ids].map(([reason, found]) => `${found.join(' ')} since ${reason}`).join('; ')
}
