/** What a relay takes. The defaults stand in the one table of limits; whoever runs a relay may set each of them. */
import { LIMITS } from '../base/limits.ts'
import type { RelayOffer } from '../mmp/relay-frames.ts'

export type RelayLimits = { readonly [name in keyof typeof LIMITS.relay]: number }

export const DEFAULT_RELAY_LIMITS: RelayLimits = LIMITS.relay

/** The part that a client is told when it comes in. */
export function offerOf(limits: RelayLimits): RelayOffer {
  const { messageBytes, messagesPerSecond, bytesPerSecond, itemBytes, queueItems, queueBytes, pairItems, ttlMs } = limits
  return { messageBytes, messagesPerSecond, bytesPerSecond, itemBytes, queueItems, queueBytes, pairItems, ttlMs }
}
