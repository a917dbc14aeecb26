/**
 * Lines for the person who debugs: one line per event, escaped, at most 512 characters, 20 a second, never a key, a
 * token or the words of a message. Where the lines go is decided in `app`.
 */
import { TokenBucket } from './bucket.ts'
import type { Clock } from './clock.ts'
import { LIMITS } from './limits.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFacts = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  debug(event: string, facts?: LogFacts): void
  info(event: string, facts?: LogFacts): void
  warn(event: string, facts?: LogFacts): void
  error(event: string, facts?: LogFacts): void
}

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

export function createLog(write: (line: string) => void, least: LogLevel, clock: Clock): Log {
  const bucket = new TokenBucket(LIMITS.log.perSecond, LIMITS.log.perSecond, clock.monotonic())
  let dropped = 0
  const at =
    (level: LogLevel) =>
    (event: string, facts: LogFacts = {}) => {
      if (ORDER.indexOf(level) < ORDER.indexOf(least)) return
      if (!bucket.take(clock.monotonic())) {
        dropped++
        return
      }
      const lost = dropped > 0 ? { dropped } : {}
      dropped = 0
      write(formatLine(clock.now(), level, event, { ...facts, ...lost }))
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The same events twice, to logs that may differ in what they let through. */
export function toBoth(one: Log, other: Log): Log {
  const at =
    (level: LogLevel) =>
    (event: string, facts?: LogFacts): void => {
      one[level](event, facts)
      other[level](event, facts)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

function formatLine(now: number, level: LogLevel, event: string, facts: LogFacts): string {
  const pairs = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? JSON.stringify(value) : value}`)
  const line = [new Date(now).toISOString(), level, event, ...pairs].join(' ')
  return escapeLine(line).slice(0, LIMITS.log.lineCharacters)
}

/** Nothing that comes from outside can start a new line or drive a terminal. */
function escapeLine(line: string): string {
  return line.replace(/[^\x20-\x7e]/g, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}
