/**
 * Where the command line finds a node: the running session of this project over its private socket, else a node of its
 * own in the project's slot.
 */
import os from 'node:os'
import { systemClock } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { Guard } from '../base/guard.ts'
import { createLog } from '../base/log.ts'
import type { NodeAccess, OpenOptions } from '../cli/command.ts'
import type { LogDeps } from '../cli/log-commands.ts'
import { statusView } from '../cli/views.ts'
import { nodeFolder } from '../identity/identity.ts'
import { defaultNodeName } from '../identity/slots.ts'
import { callLocal, type LocalHandlers } from '../local/calls.ts'
import { listRunFiles, parseObject } from '../local/run-files.ts'
import type { MeshNode } from '../mesh/node.ts'
import { readAudit, verifyAudit } from '../store/audit-log.ts'
import type { RelayJoin } from '../transport/relay-join.ts'
import { keepPlanOf } from './group-keeper.ts'
import { createGroupRequests } from './group-requests.ts'
import { createRequests } from './requests.ts'
import { type Session, startSession } from './session.ts'
import { type Environment, readSettings, type Settings } from './settings.ts'
import { VERSION } from './version.ts'

export interface CliProcess {
  readonly env: Environment
  readonly cwd: string
  readonly pid: number
  readonly parentPid: number
  readonly writeLog: (line: string) => void
}

const ANSWER_MS = 5_000
/** How long a node of our own looks around before it says who is here. */
const LOOK_AROUND_MS = 1_500
const NO_SIGNAL = new AbortController().signal

export async function openNode(process: CliProcess, { node: name, meet }: OpenOptions): Promise<NodeAccess> {
  const settings = readSettings(process.env, process.cwd)
  const running = await runningSession(settings, name ?? settings.nodeName.value)
  if (running) return running
  if (name !== undefined)
    throw new MeshError(
      'peer-unknown',
      `no running session has a node named ${JSON.stringify(name)}; sym-mesh-channel status without --node shows this project's`,
    )
  return ownNode(process, settings, meet)
}

/**
 * The status of the session whose status line this is: the host names it on stdin, and gives it a new name after
 * `/clear`, so that the session of the project takes its place.
 */
export async function runningStatus(process: CliProcess, input: string): Promise<unknown> {
  const settings = readSettings(process.env, process.cwd)
  const sessionId = parseObject(input)?.['session_id']
  const named = listRunFiles(settings.root.value).find(({ run }) => run.sessionId !== null && run.sessionId === sessionId)
  const running = named ? remoteNode(named.run.local) : await runningSession(settings, settings.nodeName.value)
  return running?.call('status').catch(() => undefined)
}

/** The account of events of the node that this project's session has, or would have. */
export function logOf(process: CliProcess): LogDeps {
  const folderOf = async (name: string | undefined): Promise<string> => {
    const settings = readSettings(process.env, process.cwd)
    const running = await runningSession(settings, name ?? settings.nodeName.value)
    const status = statusView.safeParse(await running?.call('status')).data
    const chosen = name ?? status?.name ?? settings.nodeName.value ?? defaultNodeName(os.hostname(), settings.projectName.value)
    return nodeFolder(settings.root.value, chosen)
  }
  return {
    read: async (name) => {
      const folder = await folderOf(name)
      return { folder, entries: readAudit(folder) }
    },
    verify: async (name) => verifyAudit(await folderOf(name)),
  }
}

/** Of the sessions that run: the one of this name, else the first slot of this project. */
async function runningSession(settings: Settings, name: string | undefined): Promise<NodeAccess | undefined> {
  const found: { readonly path: string; readonly name: string }[] = []
  for (const { run } of listRunFiles(settings.root.value)) {
    const status = await statusOf(run.local)
    const isWanted = name === undefined ? status?.project === settings.project.value : status?.name === name
    if (status && isWanted) found.push({ path: run.local, name: status.name })
  }
  const [first] = found.sort((a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
  return first && remoteNode(first.path)
}

async function statusOf(path: string): Promise<{ name: string; project?: string | undefined } | undefined> {
  try {
    const answer = await callLocal(path, { method: 'status' }, { clock: systemClock, timeoutMs: 1_000 })
    return 'ok' in answer ? statusView.safeParse(answer.ok).data : undefined
  } catch {
    // Ended since it was listed, or too busy to be asked: not the one.
    return undefined
  }
}

function remoteNode(path: string): NodeAccess {
  const ask = async (
    method: string,
    params: object | undefined,
    options: { timeoutMs?: number; signal?: AbortSignal; onItem?: (item: unknown) => void },
  ) => {
    const answer = await callLocal(path, { method, ...(params ? { params } : {}) }, { clock: systemClock, ...options })
    if ('ok' in answer) return answer.ok
    throw new MeshError('argument-invalid', answer.error.message)
  }
  return {
    isOwn: false,
    call: (method, params, timeoutMs = ANSWER_MS) => ask(method, params, { timeoutMs }),
    watch: async (onItem, signal) => {
      await ask('watch', undefined, { signal, onItem }).catch((thrown: unknown) => {
        if (!signal.aborted) throw thrown
      })
    },
    close: async () => {},
  }
}

async function ownNode(process: CliProcess, settings: Settings, meet: OpenOptions['meet']): Promise<NodeAccess> {
  const log = createLog(process.writeLog, settings.isDebug ? 'debug' : 'error', systemClock)
  const guard = new Guard(log)
  const facts = { version: VERSION, project: settings.project.value, sessionId: undefined, pid: process.pid }
  const tables: { requests?: LocalHandlers } = {}
  const handlers = (node: MeshNode, relays: RelayJoin): LocalHandlers => {
    const plan = () => keepPlanOf(settings, process.env, true)
    tables.requests ??= { ...createRequests(node, facts), ...createGroupRequests({ node, relays, settings, plan }) }
    return tables.requests
  }
  const session = await startSession({ settings, log, guard, pid: process.pid, parentPid: process.parentPid, handlers })
  if (meet) await lookAround(session, meet.to)
  const table = handlers(session.node, session.relays)
  const run = async (method: string, params: unknown, signal: AbortSignal, sendItem: (item: unknown) => void): Promise<unknown> =>
    // As over the socket: what is not JSON does not get through.
    JSON.parse(JSON.stringify((await table[method]?.(params, { signal, sendItem })) ?? null))
  return {
    isOwn: true,
    call: (method, params) => run(method, params === undefined ? undefined : JSON.parse(JSON.stringify(params)), NO_SIGNAL, () => {}),
    watch: async (onEvent, signal) => void (await run('watch', undefined, signal, onEvent)),
    close: () => session.stop(),
  }
}

/** Until the wanted peer is here, or the time is over: others need a moment to be found. */
function lookAround({ node }: Session, to: string | undefined): Promise<void> {
  const isMet = (): boolean =>
    to !== undefined &&
    node.peers().some((peer) => peer.isHere && (peer.name === to || peer.fingerprint.startsWith(to.replaceAll(' ', ''))))
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel()
      unsubscribe()
      resolve()
    }
    const timer = systemClock.after(LOOK_AROUND_MS, end)
    const unsubscribe = node.subscribe(() => isMet() && end())
  })
}
