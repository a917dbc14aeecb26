/** A relay as a process: its settings, its database, and its life until a signal. */
import path from 'node:path'
import { systemClock } from '../base/clock.ts'
import { createLog } from '../base/log.ts'
import type { RelayFlags } from '../cli/relay-command.ts'
import { RELAY_MIGRATIONS } from '../relay/schema.ts'
import { startRelay } from '../relay/server.ts'
import { openDatabase } from '../store/open.ts'
import { readRelaySettings } from './relay-settings.ts'
import type { Environment } from './settings.ts'

export interface RelayProcess {
  readonly env: Environment
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  /** Aborts when the relay is to end. */
  readonly signal: AbortSignal
}

/** Runs until the signal aborts. */
export async function runRelay(flags: RelayFlags, { env, out, err, signal }: RelayProcess): Promise<void> {
  const settings = readRelaySettings(flags, env)
  const isDebug = (env['SYM_DEBUG'] ?? '') !== ''
  const log = createLog(err, isDebug ? 'debug' : 'warn', systemClock)
  const db = await openDatabase(path.join(settings.state, 'relay.db'), RELAY_MIGRATIONS)
  try {
    const relay = await startRelay(settings, { clock: systemClock, log, db })
    const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
    const url = `${settings.tls ? 'wss' : 'ws'}://${host}:${relay.port}`
    const metrics = settings.metrics && `http://${settings.metrics.host}:${relay.metricsPort}/metrics`
    const groups = settings.tokens.length
    if (flags.json) out(JSON.stringify({ url, port: relay.port, metrics, tokens: groups, state: settings.state }))
    else
      out(
        `relay on ${url}, ${groups === 0 ? 'open to whoever reaches it' : `${groups} token${groups === 1 ? '' : 's'}`}, state in ${settings.state}`,
      )
    await ended(signal)
    await relay.stop()
  } finally {
    db.close()
  }
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
