/**
 * `<root>/settings.json`, where it is changed for the person: by commands that they typed. What we do not know in it stays,
 * and a file that does not read as JSON is left alone: it is theirs. A change replaces the file at once or not at all, and is
 * made again when somebody else was quicker.
 */
import path from 'node:path'
import { fromUtf8 } from '../base/bytes.ts'
import { MeshError } from '../base/errors.ts'
import { ensurePrivateFolder, readPrivateFile, writePrivateFile } from '../base/files.ts'

export type PersonSettings = Readonly<Record<string, unknown>>

const MAX_TRIES = 5

export function personFile(root: string): string {
  return path.join(root, 'settings.json')
}

/** Replaces the content by what `change` makes of it; the same object back means that nothing is written. */
export function changePersonFile(root: string, change: (own: PersonSettings) => PersonSettings): void {
  const file = personFile(root)
  ensurePrivateFolder(root)
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const before = readPrivateFile(file)
    const own = parse(file, before)
    const next = change(own)
    if (next === own) return
    if (!isSame(before, readPrivateFile(file))) continue
    return writePrivateFile(file, `${JSON.stringify(next, null, 2)}\n`)
  }
  throw new MeshError('timeout', `${file} is being changed by another program; try again`, { retryable: true })
}

function parse(file: string, bytes: Uint8Array | undefined): PersonSettings {
  const text = bytes === undefined ? '' : fromUtf8(bytes)?.replace(/^\ufeff/, '')
  if (text?.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text ?? '')
    if (isObject(value)) return value
  } catch {
    // Told below, together with what is JSON and no object.
  }
  throw new MeshError('settings-invalid', `${file} does not read as a JSON object; it was left as it is. Repair it, and try again`)
}

function isObject(value: unknown): value is PersonSettings {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSame(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b)
}
