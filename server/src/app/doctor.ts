/** Gathers what the doctor looks at: the host's files, our state folder, the running sessions, the machine, the network. */
import { systemClock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { statusView } from '../cli/views.ts'
import { isLoopback } from '../discovery/subnet.ts'
import type { Facts, HostFacts, ProofFacts, RelayFacts, SessionFacts, SessionStatus, SettingsFacts } from '../doctor/facts.ts'
import { isAlive, isSameProcess } from '../identity/process.ts'
import { isObject } from '../install/host-file.ts'
import type { InstallContext } from '../install/install.ts'
import { callLocal } from '../local/calls.ts'
import { listRunFiles } from '../local/run-files.ts'
import { freeBytesAt, gatherFiles, gatherLocks, lastWrittenAt } from './doctor-files.ts'
import { gatherHost } from './doctor-host.ts'
import { enclosureOf, gatherFixedPort, gatherMulticast, gatherNamedPeers, gatherRelay } from './doctor-network.ts'
import { hostVersion } from './programs.ts'
import { proveRoundTrip } from './proof.ts'
import { type Environment, readSettings, rootFolder, type Settings } from './settings.ts'
import { strangersAmong } from './variables.ts'
import { RELEASED_AT, VERSION } from './version.ts'

const ANSWER_MS = 2_000

/** Everything. What waits for others is asked at once, so that it takes as long as the slowest: at most 15 s. */
export async function gatherFacts(env: Environment, cwd: string, context: InstallContext): Promise<Facts> {
  const root = rootFolder(env).value
  const [settings, facts] = gatherSettings(env, cwd)
  const runs = listRunFiles(root)
  const [host, sessions, locks, multicast, namedPeers, relay, proof] = await Promise.all([
    gatherHostFacts(env, context),
    Promise.all(runs.map(({ ppid, run }) => gatherSession(ppid, run))),
    gatherLocks(root, new Set(runs.map(({ run }) => run.pid))),
    gatherMulticast(settings),
    gatherNamedPeers(settings),
    gatherRelay(settings),
    proveRoundTrip(root),
  ])
  const held = sessions.flatMap(({ status }) => status?.listen ?? [])
  return {
    now: systemClock.now(),
    releasedAt: RELEASED_AT,
    node: process.versions.node,
    platform: process.platform,
    enclosure: enclosureOf(),
    version: VERSION,
    root,
    host,
    settings: facts,
    unknownVariables: strangersAmong(env),
    sessions,
    files: gatherFiles(root),
    locks,
    freeBytes: freeBytesAt(root),
    lastWrittenAt: lastWrittenAt(root),
    multicast,
    fixedPort: await gatherFixedPort(settings, held),
    namedPeers,
    relay,
    proof,
  }
}

/** Whether a message gets through, here and over the relay. */
export async function gatherProof(env: Environment, cwd: string): Promise<{ readonly proof: ProofFacts; readonly relay: RelayFacts }> {
  const [settings] = gatherSettings(env, cwd)
  const [proof, relay] = await Promise.all([proveRoundTrip(rootFolder(env).value), gatherRelay(settings)])
  return { proof, relay }
}

/** What stands in the files of the host alone. */
export async function gatherHostFacts(env: Environment, context: InstallContext): Promise<HostFacts> {
  return gatherHost(context, await hostVersion({ ...env }))
}

function gatherSettings(env: Environment, cwd: string): readonly [Settings | undefined, SettingsFacts] {
  try {
    const settings = readSettings(env, cwd)
    const { group, nodeName, projectName, listen, root, attention, relay, peers } = settings
    const name = nodeName.value === undefined ? projectName : nodeName
    const lines = [
      { name: 'group', value: group.value, source: group.source },
      { name: nodeName.value === undefined ? 'project name' : 'node name', value: name.value ?? '', source: name.source },
      { name: 'state folder', value: root.value, source: root.source },
      { name: 'mode', value: attention.mode, source: 'settings.json or default' },
      { name: 'listen', value: `${listen.value.host}:${listen.value.port}`, source: listen.source },
      ...(peers.value === '' ? [] : [{ name: 'peers', value: peers.value, source: peers.source }]),
      ...(relay.value === undefined ? [] : [{ name: 'relay', value: relay.value.url.host, source: relay.source }]),
    ]
    return [settings, { kind: 'ok', group: group.value, lines, isLoopbackOnly: isLoopback(listen.value.host) }]
  } catch (thrown) {
    if (!(thrown instanceof MeshError)) throw thrown
    return [undefined, { kind: 'invalid', message: thrown.message }]
  }
}

async function gatherSession(parentPid: number, run: { pid: number; start: string | null; local: string }): Promise<SessionFacts> {
  const isAliveNow = await isSameProcess(run.pid, run.start)
  const status = isAliveNow ? await statusOf(run.local) : undefined
  // A parent of 1 is what is left of a client that has ended.
  return { pid: run.pid, parentPid, isAlive: isAliveNow, isParentAlive: isAlive(parentPid), status }
}

async function statusOf(local: string): Promise<SessionStatus | undefined> {
  const answer = await callLocal(local, { method: 'status' }, { clock: systemClock, timeoutMs: ANSWER_MS }).catch(() => undefined)
  const parsed = statusView.safeParse(answer !== undefined && 'ok' in answer ? answer.ok : undefined)
  if (!parsed.success) return undefined
  const { name, version = '', groups, peersHere, problems, listen } = parsed.data
  const push = parsed.data['push']
  return {
    name,
    version,
    groups: groups.map((group) => group.name),
    peersHere,
    problems,
    listen,
    push: isObject(push)
      ? { isProven: push['isProven'] === true, hint: typeof push['hint'] === 'boolean' ? push['hint'] : undefined }
      : undefined,
  }
}
