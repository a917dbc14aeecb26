/**
 * A lock that is a listening unix socket: decided by the system, gone with its holder, also after `kill -9`.
 *
 * The holder listens on `lock.<g>.sock`. A starter connects to the highest generation g. Connected: taken. Refused: the
 * holder is dead, and for ever, since a socket listens before it gets its name and is never listened on again. The
 * starter then links its own listening socket to `lock.<g+1>.sock`, which exactly one can do, and looks again: if a
 * higher name exists by now, it had acted on an old list, and steps back.
 *
 * Why at most one holds: the highest name is never removed, so the maximum only grows. Let P hold n, and let Q hold
 * m > n. When P looked, after making n, it saw no higher name; so n+1 was made later, by one who found n refusing. But
 * P was listening before n existed and still is. Names are removed only far (`KEPT`) below a holder's own, so a listing
 * that runs meanwhile would have to last through that many starts and deaths to miss every higher name.
 */
import { linkSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import path from 'node:path'
import { toHex } from '../base/bytes.ts'
import type { RandomBytes } from '../base/clock.ts'
import { MeshError, systemCode } from '../base/errors.ts'
import { ensureClosedFolder, fitsSocket, shortSocketPath } from '../local/socket-path.ts'
import { isAlive } from './process.ts'

const KEPT = 16
const MAX_TRIES = 64
/** Not the folder for temporary files of the environment: two processes must agree on it whatever theirs says. */
const SHARED_TMP = '/tmp'

/** Becomes the highest generation in the folder and listens until closed; undefined when another one does. */
export async function takeSocket(folder: string, random: RandomBytes): Promise<Server | undefined> {
  const place = socketPlace(folder)
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const highest = Math.max(0, ...generationsIn(place))
    const state = highest === 0 ? 'dead' : await probe(socketOf(place, highest))
    if (state === 'live') return undefined
    if (state === 'gone') continue
    const server = await claim(place, highest + 1, random)
    if (server !== undefined) return server
  }
  return undefined
}

/** Where the sockets stand: `<folder>/<prefix><g>.sock`. */
interface Place {
  readonly folder: string
  readonly prefix: string
}

/** The node's own folder, or a short one where the longest name in it would be too long for a socket. */
function socketPlace(folder: string): Place {
  const longest = path.join(folder, `lock.${'0'.repeat(20)}`)
  if (fitsSocket(longest)) return { folder, prefix: 'lock.' }
  const short = shortSocketPath(folder, 'lock.', { uid: process.getuid?.() ?? 0, tmp: SHARED_TMP })
  ensureClosedFolder(path.dirname(short))
  return { folder: path.dirname(short), prefix: path.basename(short) }
}

/** Makes generation `mine`, listening; undefined when another one made it or a higher one. */
async function claim(place: Place, mine: number, random: RandomBytes): Promise<Server | undefined> {
  const temporary = path.join(place.folder, `${place.prefix}${process.pid}-${toHex(random(4))}.tmp`)
  const server = await listening(temporary)
  const isLinked = tryLink(temporary, socketOf(place, mine))
  rmSync(temporary, { force: true })
  const generations = isLinked ? generationsIn(place) : []
  if (isLinked && Math.max(...generations) === mine) {
    tidy(place, mine, generations)
    return server
  }
  if (isLinked) rmSync(socketOf(place, mine), { force: true })
  await closeServer(server)
  return undefined
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (thrown) {
    if (systemCode(thrown) === 'EEXIST') return false
    throw new MeshError(
      'identity-locked',
      `cannot lock ${path.dirname(to)}: its file system has no hard links; set SYM_STATE_DIR to another`,
      {
        cause: thrown,
      },
    )
  }
}

/** Removes old generations and what killed starters left. Only the holder does it. */
function tidy(place: Place, mine: number, generations: readonly number[]): void {
  for (const old of generations) if (old <= mine - KEPT) rmSync(socketOf(place, old), { force: true })
  for (const rest of namesIn(place)) {
    const pid = /^([1-9]\d*)-[0-9a-f]+\.tmp$/.exec(rest)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(path.join(place.folder, place.prefix + rest), { force: true })
  }
}

function socketOf(place: Place, generation: number): string {
  return path.join(place.folder, `${place.prefix}${generation}.sock`)
}

function generationsIn(place: Place): readonly number[] {
  return namesIn(place).flatMap((rest) => {
    const digits = /^([1-9]\d{0,14})\.sock$/.exec(rest)?.[1]
    return digits === undefined ? [] : [Number(digits)]
  })
}

/** What follows the prefix in the names of the folder. */
function namesIn(place: Place): readonly string[] {
  return readdirSync(place.folder).flatMap((name) => (name.startsWith(place.prefix) ? [name.slice(place.prefix.length)] : []))
}

/** `gone`: removed since it was listed. Only a refusal proves a holder dead; any other failure counts as life. */
function probe(socket: string): Promise<'live' | 'dead' | 'gone'> {
  return new Promise((resolve) => {
    const connection = connect(socket)
    const settle = (state: 'live' | 'dead' | 'gone') => {
      connection.destroy()
      resolve(state)
    }
    connection.once('connect', () => settle('live'))
    connection.once('error', (error) => {
      const code = systemCode(error)
      settle(code === 'ECONNREFUSED' ? 'dead' : code === 'ENOENT' ? 'gone' : 'live')
    })
  })
}

/** A server that takes no part in keeping the process alive and hangs up on everybody. */
export function listening(socket: string): Promise<Server> {
  const server = createServer((connection) => connection.on('error', () => {}).destroy()).unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, () => {
      server.off('error', reject)
      // A failed accept changes nothing: who connected has its answer already.
      server.on('error', () => {})
      resolve(server)
    })
  })
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
