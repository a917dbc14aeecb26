/** What the command line may ask of the process that holds a session's node: its latest log lines, and to end. */
import * as z from 'zod'
import { systemClock } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import type { RecentLines } from '../base/recent-lines.ts'
import type { LocalHandlers } from '../local/calls.ts'
import { handler } from './handler.ts'

const logsRequest = z.strictObject({ limit: z.int().min(1).max(LIMITS.log.keptLines) })
/** Long enough for the answer to leave. */
const GOODBYE_MS = 100

export function processRequests(recent: RecentLines, pid: number, stop: () => void): LocalHandlers {
  return {
    logs: handler(logsRequest, ({ limit }) => recent.latest(limit)),
    'logs-follow': (_params, { signal, sendItem }) =>
      new Promise((resolve) => {
        const end = recent.subscribe(sendItem)
        signal.addEventListener('abort', () => resolve(end()), { once: true })
      }),
    stop: () => {
      systemClock.after(GOODBYE_MS, stop)
      return { pid }
    },
  }
}
