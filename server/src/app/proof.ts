/**
 * Proof that a message gets through on this machine: two nodes with homes in the state folder, one sends itself by the
 * other a word, over the real way. Keys and messages are written where sessions write theirs, so that a disk that is full
 * or closed to us shows too (R13).
 */
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { systemClock } from '../base/clock.ts'
import { messageOf, systemCode } from '../base/errors.ts'
import { Scope } from '../base/scope.ts'
import type { ProofFacts } from '../doctor/facts.ts'
import type { MeshNode } from '../mesh/node.ts'
import { freeBytesAt } from './doctor-files.ts'
import { heard, portOf, startTemporaryNode, TEMPORARY_HOME } from './temporary-node.ts'

/** All of it; a machine that works needs about one second. */
const WITHIN_MS = 15_000
/** What two new homes need. */
const NO_ROOM_BYTES = 1_048_576
/** A home this old belongs to nobody any more. */
const LEFT_BEHIND_MS = 600_000

export async function proveRoundTrip(root: string): Promise<ProofFacts> {
  const isNew = !existsSync(root)
  const scope = new Scope(systemClock)
  const startedAt = systemClock.monotonic()
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 })
    sweep(root)
    const late = new Promise<never>((_, reject) => void scope.after(WITHIN_MS, () => reject(new Error('it took longer than 15 seconds'))))
    await Promise.race([roundTrip(root, scope), late])
    return { kind: 'ok', ms: Math.ceil(systemClock.monotonic() - startedAt) }
  } catch (thrown) {
    return { kind: 'failed', folder: root, code: codeOf(thrown, root), why: messageOf(thrown) }
  } finally {
    await scope.stop().catch(() => {})
    if (isNew) removeEmpty(root)
  }
}

/** From one disk to the other, and back with a receipt that the other one signed. */
async function roundTrip(folder: string, scope: Scope): Promise<void> {
  const ear = await startTemporaryNode({ name: 'ear', peerPort: undefined, folder, scope })
  const mouth = await startTemporaryNode({ name: 'mouth', peerPort: portOf(ear), folder, scope })
  await meet(mouth)
  await meet(ear)
  const arrived = heard(ear, ({ kind }) => kind === 'arrived')
  const receipt = heard(mouth, ({ kind }) => kind === 'receipt')
  receipt.catch(() => {})
  const sent = await mouth.send({ fields: { focus: 'a word to myself' }, tags: ['message'], to: ear.fingerprint })
  const event = await arrived
  if (event.kind !== 'arrived' || event.item.fields.focus.text !== 'a word to myself') throw new Error('what arrived is not what was sent')
  if (sent.recipients[0]?.state !== 'received') await receipt
}

async function meet(node: MeshNode): Promise<void> {
  const met = heard(node, ({ kind }) => kind === 'peer-here')
  if (!node.peers().some(({ isHere }) => isHere)) await met
  else met.catch(() => {})
}

/** What a killed process left. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const home = path.join(folder, name)
    const stat = name.startsWith(TEMPORARY_HOME) ? statSync(home, { throwIfNoEntry: false }) : undefined
    if (stat && systemClock.now() - stat.mtimeMs > LEFT_BEHIND_MS) rmSync(home, { recursive: true, force: true })
  }
}

/** A look leaves no folder behind; one that a session uses by now stays. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // Not made, or not empty.
  }
}

/** A database on a full disk says many things; asked here, while what was written still lies there. */
function codeOf(thrown: unknown, folder: string): string | undefined {
  if ((freeBytesAt(folder) ?? Number.POSITIVE_INFINITY) < NO_ROOM_BYTES) return 'ENOSPC'
  return systemCode(thrown) ?? systemCode(thrown instanceof Error ? thrown.cause : undefined)
}
