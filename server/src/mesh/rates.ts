/**
 * The rates and budgets that a person may change; sizes, and everything before authentication, are fixed in
 * `base/limits.ts`. Defaults are that table's.
 */
import { LIMITS } from '../base/limits.ts'

export interface Rates {
  readonly linkFramesPerSecond: number
  readonly linkFramesBurst: number
  readonly linkBytesPerSecond: number
  readonly linkBytesBurst: number
  readonly cmbsPerMinute: number
  readonly cmbsBurst: number
  readonly cmbsPerDay: number
  readonly handshakesPerAddressPerMinute: number
  readonly sendsPerMinute: number
  readonly contextItemsPerMinute: number
  readonly contextTokensPerMinute: number
  readonly wakesPerMinute: number
  readonly wakesPerHour: number
  readonly wakesPerDay: number
}

export const DEFAULT_RATES: Rates = {
  linkFramesPerSecond: LIMITS.link.framesPerSecond,
  linkFramesBurst: LIMITS.link.framesBurst,
  linkBytesPerSecond: LIMITS.link.bytesPerSecond,
  linkBytesBurst: LIMITS.link.bytesBurst,
  cmbsPerMinute: LIMITS.cmb.perMinute,
  cmbsBurst: LIMITS.cmb.burst,
  cmbsPerDay: LIMITS.cmb.perDay,
  handshakesPerAddressPerMinute: LIMITS.handshake.perAddressPerMinute,
  sendsPerMinute: LIMITS.tool.sendsPerMinute,
  contextItemsPerMinute: LIMITS.context.overall.itemsPerMinute,
  contextTokensPerMinute: LIMITS.context.overall.tokensPerMinute,
  wakesPerMinute: LIMITS.wake.perMinute,
  wakesPerHour: LIMITS.wake.perHour,
  wakesPerDay: LIMITS.wake.perDay,
}
