/** Counters of a relay, and their text for Prometheus. Labels are a closed set: nothing that a client says becomes one. */
export const COUNTERS = {
  accepted: 'connections accepted',
  refused_address: 'connections refused: too many without authentication from one address, or in all',
  refused_http: 'HTTP requests and upgrades refused',
  auth_failed: 'authentications refused',
  joined: 'members let in',
  messages: 'envelopes taken',
  deliveries: 'envelopes handed to a member',
  undeliverable: 'envelopes for somebody who is not here',
  bad_frames: 'frames dropped: malformed, or not allowed',
  throttled: 'times that a member was made to wait for its rate',
  held: 'times that a member was made to wait for a slow reader',
  cut: 'members cut off: over a limit, or not reading',
  stored: 'items stored',
  store_refused: 'items refused',
  mailed: 'items sent to their recipient',
  taken: 'items taken by their recipient',
  expired: 'items that were too old',
  bugs: 'faults of the relay itself',
} as const
export type CounterName = keyof typeof COUNTERS

export interface Gauges {
  readonly connections: number
  readonly waiting: number
  readonly groups: number
  readonly queue_items: number
  readonly queue_bytes: number
  readonly resident_bytes: number
  readonly uptime_seconds: number
}

export class Metrics {
  readonly #counts = new Map<string, number>()

  count(name: CounterName, by = 1): void {
    this.#counts.set(name, this.get(name) + by)
  }

  get(name: CounterName): number {
    return this.#counts.get(name) ?? 0
  }

  text(gauges: Gauges): string {
    const counters = Object.entries(COUNTERS).flatMap(([name, help]) => [
      `# HELP mesh_relay_${name}_total ${help}`,
      `# TYPE mesh_relay_${name}_total counter`,
      `mesh_relay_${name}_total ${this.#counts.get(name) ?? 0}`,
    ])
    const levels = Object.entries(gauges).flatMap(([name, value]) => [`# TYPE mesh_relay_${name} gauge`, `mesh_relay_${name} ${value}`])
    return `${[...counters, ...levels].join('\n')}\n`
  }
}
