/** What a child process of ours holds in memory, as the system shows it to its parent. Linux alone. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

const CHUNK_BYTES = 8 * 1_048_576

/** Which of these texts stand anywhere in the writable memory of the process, as Latin 1 or as UTF-16. */
export function findInMemory(pid: number, texts: readonly string[]): readonly string[] {
  const found = new Set<string>()
  const needles = texts.map((text) => ({ text, forms: [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf16le')] }))
  const overlap = Math.max(...needles.flatMap(({ forms }) => forms.map(({ length }) => length)))
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    for (const { start, end } of writableParts(pid)) {
      for (let at = start; at < end; at += CHUNK_BYTES - overlap) {
        const bytes = readPart(memory, at, Math.min(CHUNK_BYTES, end - at))
        for (const { text, forms } of needles) if (forms.some((form) => bytes.includes(form))) found.add(text)
      }
    }
  } finally {
    closeSync(memory)
  }
  return [...found]
}

function writableParts(pid: number): readonly { readonly start: number; readonly end: number }[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')
  return lines.flatMap((line) => {
    const match = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line)
    return match ? [{ start: Number.parseInt(match[1] ?? '', 16), end: Number.parseInt(match[2] ?? '', 16) }] : []
  })
}

/** A part may be gone since the list was made. */
function readPart(memory: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  try {
    return bytes.subarray(0, readSync(memory, bytes, 0, length, at))
  } catch {
    return Buffer.alloc(0)
  }
}
