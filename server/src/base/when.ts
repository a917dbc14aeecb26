/**
 * A time as a person writes it: how long ago (`90m`, `2h`, `3d`, `1w`) or a date (`2026-11-20`, `2026-11-20T14:00`, with or
 * without a zone). A date without a zone is one of this machine.
 */
import { MeshError } from './errors.ts'

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
])
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/

/** Throws `argument-invalid` with an example. */
export function parseWhen(name: string, text: string, now: number): number {
  const [, count, unit = ''] = /^(\d{1,4})([mhdw])$/.exec(text.trim()) ?? []
  const unitMs = UNIT_MS.get(unit)
  if (count !== undefined && unitMs !== undefined) return now - Number(count) * unitMs
  const at = DATE.test(text.trim()) ? parseDate(text.trim().replace(' ', 'T')) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new MeshError(
    'argument-invalid',
    `${name} is ${JSON.stringify(text.slice(0, 40))}; write for example 2h, 3d, 2026-11-20 or 2026-11-20T14:00`,
  )
}

/** A bare date would be read as one of UTC. */
function parseDate(text: string): number {
  return Date.parse(text.length === 10 ? `${text}T00:00` : text)
}
