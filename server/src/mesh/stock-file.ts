/**
 * `<root>/stock.json`: what this user decided about stock MMP nodes, for all sessions, and the floor under them. A group
 * admits none until a person says so at a terminal; no project file, variable, option or tool can say it.
 *
 * The floor holds the ids and keys of nodes that completed the secure handshake: none of them is taken for a stock node
 * again until a person resets it.
 */
import * as z from 'zod'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import { type Fingerprint, type NodeId, parseFingerprint, parseNodeId } from '../identity/ids.ts'
import { type Shared, sharedFile } from '../identity/shared-file.ts'
import { isPrivateValue } from '../mmp/group.ts'
import { via } from '../mmp/wire.ts'

/** `warn`: heard in the inbox and written to by name. `allow`: peers, marked as what they are. */
export const STOCK_POLICIES = ['off', 'warn', 'allow'] as const
export type StockPolicy = (typeof STOCK_POLICIES)[number]

const at = z.int().min(0)
const nodeId = via(parseNodeId)
const stockContent = z.strictObject({
  version: z.literal(1),
  groups: z.record(z.string(), z.strictObject({ policy: z.enum(STOCK_POLICIES), at })),
  floor: z.record(nodeId, z.strictObject({ key: via(parseFingerprint), at })),
  /** When a person took a node off the floor, or let it come with another key. */
  resets: z.record(nodeId, at),
})

export type StockContent = Readonly<z.infer<typeof stockContent>>
export type StockSource = Shared<StockContent>

export const NO_STOCK: StockContent = { version: 1, groups: {}, floor: {}, resets: {} }

export function stockFile(file: string, deps: { readonly clock: Clock; readonly random: RandomBytes }): StockSource {
  return sharedFile({ file, schema: stockContent, empty: NO_STOCK, ...deps })
}

/** A private group never has any, whatever stands in the file. */
export function policyOf(content: StockContent, group: string): StockPolicy {
  if (isPrivateValue(group) || !Object.hasOwn(content.groups, group)) return 'off'
  return content.groups[group]?.policy ?? 'off'
}

export function admitsAny(content: StockContent): boolean {
  return Object.values(content.groups).some(({ policy }) => policy !== 'off')
}

export function setPolicy(content: StockContent, group: string, policy: StockPolicy, now: number): StockContent {
  return { ...content, groups: { ...content.groups, [group]: { policy, at: now } } }
}

export function resetAtOf(content: StockContent, id: NodeId): number {
  return content.resets[id] ?? Number.NEGATIVE_INFINITY
}

/** Lets a node come as a stock node again, or with another key. */
export function reset(content: StockContent, id: NodeId, now: number): StockContent {
  return { ...content, resets: { ...content.resets, [id]: now } }
}

export interface Secure {
  readonly nodeId: NodeId
  readonly key: Fingerprint
  readonly at: number
}

/** Notes nodes of the secure handshake; the same content back when all of them are known. */
export function raiseFloor(content: StockContent, nodes: readonly Secure[]): StockContent {
  const news = nodes.filter(({ nodeId: id, key, at: seen }) => {
    const known = content.floor[id]
    return known?.key !== key || (known.at <= resetAtOf(content, id) && seen > resetAtOf(content, id))
  })
  if (news.length === 0) return content
  const floor: Record<string, { readonly key: Fingerprint; readonly at: number }> = { ...content.floor }
  for (const { nodeId: id, key, at: seen } of news) floor[id] = { key, at: seen }
  const kept = Object.entries(floor).sort(([, a], [, b]) => b.at - a.at)
  return { ...content, floor: Object.fromEntries(kept.slice(0, LIMITS.stock.floorNodes)) as StockContent['floor'] }
}

/** Whether this id, or this key under any id, is of a node that was secure. */
export function isFloored(content: StockContent, id: NodeId, key: Fingerprint | undefined): boolean {
  return Object.entries(content.floor).some(
    ([node, entry]) => entry && (node === id || entry.key === key) && entry.at > resetAtOf(content, node as NodeId),
  )
}
