/**
 * Which identity a session gets. Sessions of one project share a base name and take slots of it (`base`, `base-2`, …),
 * each with a key of its own. A session that comes back takes the slot it had, so that its address, inbox and open
 * questions survive restart, resume and rename; the locks decide, so any number of sessions can start at once.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { fromUtf8, sha256, toHex, utf8 } from '../base/bytes.ts'
import { MeshError } from '../base/errors.ts'
import { readPrivateFile, writePrivateFile } from '../base/files.ts'
import { LIMITS } from '../base/limits.ts'
import { type Identity, type IdentityDeps, nodeFolder, openIdentity } from './identity.ts'
import { acquireLock, type IdentityLock } from './lock.ts'

export interface Slot {
  readonly identity: Identity
  readonly lock: IdentityLock
  readonly slotName: string
  /** Whether it is the slot that the session had before, or the first one for a session that had none. */
  readonly isFirstChoice: boolean
  /** The process that holds the first choice, where another slot was taken and the holder is known. */
  readonly heldBy?: number
}

export interface OpenSlotOptions extends IdentityDeps {
  /** The Claude Code session, where it is known already (else `recordSession` later). */
  readonly sessionId?: string
}

const MAX_SLOTS = 64
const MAX_SESSIONS = 8
/** Room for `-64`, so that every slot of a default name is a name. */
const BASE_BYTES = LIMITS.name.maxBytes - 3

const SlotFile = z.object({ sessionIds: z.array(z.string()) })

/** `claude-<host>-<project>`, the host without its domain; what would be too long ends in a hash of the whole. */
export function defaultNodeName(hostname: string, project: string): string {
  const host = kebab(hostname.split('.')[0] ?? '') || 'host'
  const whole = `claude-${host}-${kebab(project) || 'project'}`
  if (utf8(whole).length <= BASE_BYTES) return whole
  return `${cutToBytes(whole, BASE_BYTES - 9)}-${toHex(sha256(utf8(whole))).slice(0, 8)}`
}

/** Takes the slot that held this session if it is free, else the first free one, and locks and opens its identity. */
export async function openSlot(root: string, baseName: string, options: OpenSlotOptions): Promise<Slot> {
  const candidates = Array.from({ length: MAX_SLOTS }, (_, index) => slotNameOf(baseName, index + 1))
  const known = slotOfSession(root, candidates, options.sessionId)
  const ordered = known === undefined ? candidates : [known, ...candidates.filter((name) => name !== known)]
  let heldBy: number | undefined
  for (const slotName of ordered) {
    const isFirstChoice = slotName === ordered[0]
    const result = await acquireLock(nodeFolder(root, slotName), options)
    if (result.kind === 'held') return opened(root, slotName, result.lock, options, isFirstChoice, heldBy)
    if (isFirstChoice) heldBy = result.pid
  }
  throw new MeshError(
    'identity-locked',
    `all ${MAX_SLOTS} slots of ${baseName} are in use; end a session, or set SYM_NODE_NAME to another name`,
  )
}

/** Notes in the node's folder that this session used it, so that the session finds it again. */
export function recordSession(folder: string, sessionId: string): void {
  const before = sessionsOf(folder)
  if (before[0] === sessionId) return
  const sessionIds = [sessionId, ...before.filter((id) => id !== sessionId)].slice(0, MAX_SESSIONS)
  writePrivateFile(path.join(folder, 'slot.json'), `${JSON.stringify({ sessionIds }, null, 2)}\n`)
}

async function opened(
  root: string,
  slotName: string,
  lock: IdentityLock,
  options: OpenSlotOptions,
  isFirstChoice: boolean,
  heldBy: number | undefined,
): Promise<Slot> {
  try {
    const identity = openIdentity(root, slotName, options)
    if (options.sessionId !== undefined) recordSession(identity.folder, options.sessionId)
    return { identity, lock, slotName, isFirstChoice, ...(heldBy === undefined ? {} : { heldBy }) }
  } catch (thrown) {
    await lock.release()
    throw thrown
  }
}

/** The candidate whose file holds the session, nearest to the top of its list. */
function slotOfSession(root: string, candidates: readonly string[], sessionId: string | undefined): string | undefined {
  if (sessionId === undefined) return undefined
  const existing = new Set(namesIn(path.join(root, 'nodes')))
  let best: { name: string; rank: number } | undefined
  for (const name of candidates.filter((each) => existing.has(each))) {
    const rank = sessionsOf(nodeFolder(root, name)).indexOf(sessionId)
    if (rank >= 0 && (best === undefined || rank < best.rank)) best = { name, rank }
  }
  return best?.name
}

/** The sessions of a slot, newest first. A hint: a file that cannot be read costs the memory, not the start. */
function sessionsOf(folder: string): readonly string[] {
  try {
    const bytes = readPrivateFile(path.join(folder, 'slot.json'))
    const parsed = SlotFile.safeParse(JSON.parse((bytes && fromUtf8(bytes)) ?? 'null'))
    return parsed.success ? parsed.data.sessionIds.slice(0, MAX_SESSIONS) : []
  } catch {
    // Damaged or a link: the next session writes it anew.
    return []
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    // The first start on this machine.
    return []
  }
}

function slotNameOf(baseName: string, number: number): string {
  if (number === 1) return baseName
  return `${cutToBytes(baseName, BASE_BYTES)}-${number}`
}

function kebab(text: string): string {
  const words = text.normalize('NFC').toLowerCase().normalize('NFC')
  return words.replace(/[^\p{L}\p{N}\p{M}]+/gu, '-').replace(/^-+|-+$/g, '')
}

/** The longest beginning of at most `bytes` that splits no character and does not end in a dash. */
function cutToBytes(text: string, bytes: number): string {
  let kept = ''
  for (const character of text) {
    if (utf8(kept + character).length > bytes) break
    kept += character
  }
  return kept.replace(/[-. ]+$/, '')
}
