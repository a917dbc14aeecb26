/**
 * What the doctor looks at in the network: multicast, the port and the peers that a person named, the relay. Each is
 * really tried, all of it within eight seconds, and left as it was.
 */
import { existsSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import { systemClock, systemRandom } from '../base/clock.ts'
import { systemCode } from '../base/errors.ts'
import { Guard } from '../base/guard.ts'
import { silentLog } from '../base/log.ts'
import { openMdnsPort } from '../discovery/mdns-port.ts'
import { probeMulticast } from '../discovery/probe.ts'
import { parseStaticPeers } from '../discovery/static.ts'
import { isLoopback, usableInterfaces } from '../discovery/subnet.ts'
import type { Facts, MulticastFacts, RelayFacts } from '../doctor/facts.ts'
import type { Settings } from './settings.ts'

const DIAL_MS = 3_000
const RELAY_MS = 8_000

export async function gatherMulticast(settings: Settings | undefined): Promise<MulticastFacts> {
  if (settings !== undefined && isLoopback(settings.listen.value.host)) return { kind: 'unused' }
  const interfaces = usableInterfaces(os.networkInterfaces()).filter((one) => !one.isLoopback)
  if (interfaces.length === 0) return { kind: 'no-network' }
  const guard = new Guard(silentLog)
  const results = await probeMulticast({ open: openMdnsPort, interfaces, clock: systemClock, random: systemRandom, guard })
  return { kind: 'probed', interfaces: results.map((result) => ({ name: result.interface, problem: result.problem })) }
}

/** WSL2 and containers have a network of their own, behind which multicast of the real one does not get. */
export function enclosureOf(): Facts['enclosure'] {
  if (process.platform !== 'linux') return undefined
  if (/microsoft/i.test(os.release())) return 'wsl'
  return existsSync('/.dockerenv') || existsSync('/run/.containerenv') ? 'container' : undefined
}

/** `held`: addresses where sessions of ours listen. */
export async function gatherFixedPort(settings: Settings | undefined, held: readonly string[]): Promise<Facts['fixedPort']> {
  const { host, port } = settings?.listen.value ?? { host: '', port: 0 }
  if (port === 0 || held.some((address) => address.endsWith(`:${port}`))) return undefined
  return { address: `${host}:${port}`, problem: await bindFault(host, port) }
}

function bindFault(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', (thrown) => resolve(systemCode(thrown) ?? thrown.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

export async function gatherNamedPeers(settings: Settings | undefined): Promise<Facts['namedPeers']> {
  const peers = parseStaticPeers(settings?.peers.value ?? '')
  return Promise.all(peers.map(async ({ host, port }) => ({ address: `${host}:${port}`, problem: await dialFault(host, port) })))
}

type DialFault = Facts['namedPeers'][number]['problem']

/** Whether something listens there. Nothing is said to it. */
function dialFault(host: string, port: number): Promise<DialFault> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, autoSelectFamily: true })
    const end = (fault: DialFault): void => {
      timer.cancel()
      socket.destroy()
      resolve(fault)
    }
    const timer = systemClock.after(DIAL_MS, () => end('blocked'))
    socket.once('connect', () => end(undefined))
    socket.once('error', (thrown) => end(faultOfCode(systemCode(thrown) ?? '')))
  })
}

function faultOfCode(code: string): DialFault {
  if (['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME'].includes(code)) return 'dns'
  return code === 'ECONNREFUSED' ? 'refused' : 'blocked'
}

export async function gatherRelay(settings: Settings | undefined): Promise<RelayFacts> {
  const target = settings?.relay.value
  if (settings === undefined || target === undefined) return { kind: 'none' }
  // WebSockets take memory and time before they are used.
  const { timeAtRelay, visitRelay } = await import('../transport/relay-visit.ts')
  const deps = { clock: systemClock, random: systemRandom, guard: new Guard(silentLog) }
  const [outcome, there] = await Promise.all([visitRelay(target, deps, RELAY_MS), timeAtRelay(target, RELAY_MS)])
  const aheadMs = there === undefined ? undefined : systemClock.now() - there
  const { href, host } = target.url
  return { kind: 'visited', url: href, host, source: settings.relay.source, tokenSource: settings.relayTokenSource, aheadMs, outcome }
}
