/**
 * The published test data of MMP, which is not part of this repository. Tests run against it where it lies beside the
 * checkout, and are skipped by name where it does not.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const folder = path.resolve(import.meta.dirname, '../../../shared/mmp')

export const isMissing = !existsSync(folder)
/** For the name of a suite. */
export const skipReason = isMissing ? ' (skipped: ../shared/mmp is not there)' : ''

// biome-ignore lint/suspicious/noExplicitAny: the shape of foreign test data is what the tests assert
export function published(file: string): any {
  return JSON.parse(readFileSync(path.join(folder, file), 'utf8'))
}
