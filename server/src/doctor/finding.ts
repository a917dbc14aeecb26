/** What the doctor says: one finding each, with the cause and the exact next step. */

/** `good` and `note` need nothing, `warning` costs something, `problem` keeps the mesh from working. */
export type Level = 'good' | 'note' | 'warning' | 'problem'

export interface Finding {
  /** Stable word for programs. */
  readonly id: string
  readonly level: Level
  readonly what: string
  /** Why it matters. */
  readonly why?: string
  /** The next command or step, ready to use. */
  readonly next?: string
}

export type Health = 'healthy' | 'degraded' | 'broken'

export function healthOf(findings: readonly Finding[]): Health {
  if (findings.some(({ level }) => level === 'problem')) return 'broken'
  return findings.some(({ level }) => level === 'warning') ? 'degraded' : 'healthy'
}

/** Exit codes of `doctor`: 1 and 2 mean elsewhere that a command failed or was not understood. */
export const EXIT_OF: Readonly<Record<Health, number>> = { healthy: 0, degraded: 3, broken: 4 }

const MARK: Readonly<Record<Level, string>> = { good: 'ok', note: '--', warning: '!!', problem: 'XX' }

/** As a person reads it: what, why, next. */
export function formatFinding({ level, what, why, next }: Finding): string {
  const more = [...(why === undefined ? [] : [`   why: ${why}`]), ...(next === undefined ? [] : [`   next: ${next}`])]
  return [`${MARK[level]} ${what.replace(/\n\s*/g, '\n   ')}`, ...more].join('\n')
}
