/**
 * One look at a prompt, before anything else of the hook is read: whether it speaks of the mesh. Every prompt of every
 * session comes by here, so it imports nothing that Node has not loaded anyway, and reads the standard input without
 * opening a stream for it. The first prompt can come before the server is up, so whether one runs is not asked here.
 */
import { readSync } from 'node:fs'

export interface Peek {
  /** All that the host handed over. */
  readonly input: string
  readonly speaksOfMesh: boolean
}

/** The next bytes, as `readSync` of the standard input gives them; 0 at the end. */
export type ReadChunk = (into: Buffer) => number

const CHUNK_BYTES = 65_536
/** A longer prompt is nobody's wish to join a group. */
const MAX_BYTES = 4_194_304
const RETRY_MS = 5
const MAX_RETRIES = 200

export function peekAtPrompt(read: ReadChunk = (into) => readSync(0, into)): Peek {
  const input = readObject(read)
  return { input, speaksOfMesh: speaksOfMesh(promptIn(input)) }
}

/** Cheap, and may say yes where nothing is found later. */
export function speaksOfMesh(text: string): boolean {
  return /mesh|group|join|invite|:\/\//i.test(text)
}

/** Until the object is whole: a host that leaves the input open must not keep the prompt waiting. */
function readObject(read: ReadChunk): string {
  const chunks: Buffer[] = []
  let bytes = 0
  for (let retries = 0; bytes < MAX_BYTES && retries < MAX_RETRIES; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    const length = readSome(read, chunk)
    if (length === 0) break
    if (length < 0) {
      retries++
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
      continue
    }
    chunks.push(chunk.subarray(0, length))
    bytes += length
    if (chunk[length - 1] === 0x7d || chunk[length - 1] === 0x0a) {
      const text = Buffer.concat(chunks).toString('utf8')
      if (isObject(text)) return text
    }
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** -1: nothing there yet. */
function readSome(read: ReadChunk, into: Buffer): number {
  try {
    return read(into)
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
    // Windows tells the end of a pipe as an error; any other one is the end as well.
    return code === 'EAGAIN' ? -1 : 0
  }
}

function promptIn(input: string): string {
  try {
    const { prompt }: { readonly prompt?: unknown } = JSON.parse(input)
    return typeof prompt === 'string' ? prompt : ''
  } catch {
    // Cut off, or not the host's: nothing that somebody typed.
    return ''
  }
}

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    // Not whole yet.
    return false
  }
}
