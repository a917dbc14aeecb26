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
import { attachmentRequests } from './attachment-requests.ts'
import { keepPlanOf } from './group-keeper.ts'
import { createGroupRequests } from './group-requests.ts'
import { createRequests } from './requests.ts'
import { runningSession, runningWithPatience } from './running.ts'
import { type Session, startSession } from './session.ts'
import { type Environment, readSettings, type Settings } from './settings.ts'
import { VERSION } from './version.ts'

export interface CliProcess {
  readonly env: Environment
  readonly cwd: string
  readonly pid: number
  readonly parentPid: number
  readonly writeLog: (line: string) => void
  /** Says what takes its time. */
  readonly progress: (line: string) => void
}

const ANSWER_MS = 5_000
/** How long a node of our own looks around before it says who is here. */
const LOOK_AROUND_MS = 1_500
const NO_SIGNAL = new AbortController().signal

export async function openNode(process: CliProcess, { node: name, meet }: OpenOptions): Promise<NodeAccess> {
  const settings = readSettings(process.env, process.cwd)
  const running = await runningWithPatience(settings, name ?? settings.nodeName.value)
  if (running) return remoteNode(running)
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
  const local = named?.run.local ?? (await runningSession(settings, settings.nodeName.value))
  return local === undefined
    ? undefined
    : remoteNode(local)
        .call('status')
        .catch(() => undefined)
}

/** The account of events of the node that this project's session has, or would have. */
export function logOf(process: CliProcess): LogDeps {
  const folderOf = async (name: string | undefined): Promise<string> => {
    const settings = readSettings(process.env, process.cwd)
    const running = await runningSession(settings, name ?? settings.nodeName.value)
    const status = running === undefined ? undefined : statusView.safeParse(await remoteNode(running).call('status')).data
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
  const follow: NodeAccess['follow'] = async (method, onItem, signal) => {
    await ask(method, undefined, { signal, onItem }).catch((thrown: unknown) => {
      if (!signal.aborted) throw thrown
    })
  }
  return {
    isOwn: false,
    call: (method, params, timeoutMs = ANSWER_MS) => ask(method, params, { timeoutMs }),
    watch: (onItem, signal) => follow('watch', onItem, signal),
    follow,
    close: async () => {},
  }
}

async function ownNode(process: CliProcess, settings: Settings, meet: OpenOptions['meet']): Promise<NodeAccess> {
  const log = createLog(process.writeLog, settings.isDebug ? 'debug' : 'error', systemClock)
  const guard = new Guard(log)
  const facts = { version: VERSION, project: settings.project.value, sessionId: undefined, pid: process.pid }
  const tables: { requests?: LocalHandlers } = {}
  const handlers = (node: MeshNode, relays: RelayJoin, folder: string): LocalHandlers => {
    const plan = () => keepPlanOf(settings, process.env, true)
    tables.requests ??= {
      ...createRequests(node, facts),
      ...createGroupRequests({ node, relays, settings, plan }),
      ...attachmentRequests(node, folder),
    }
    return tables.requests
  }
  const session = await startSession({ settings, log, guard, pid: process.pid, parentPid: process.parentPid, handlers })
  if (meet) {
    process.progress('No session of this project is running; looking around …')
    await lookAround(session, meet.to)
  }
  const table = handlers(session.node, session.relays, session.folder)
  const run = async (method: string, params: unknown, signal: AbortSignal, sendItem: (item: unknown) => void): Promise<unknown> =>
    // As over the socket: what is not JSON does not get through.
    JSON.parse(JSON.stringify((await table[method]?.(params, { signal, sendItem })) ?? null))
  return {
    isOwn: true,
    call: (method, params) => run(method, params === undefined ? undefined : JSON.parse(JSON.stringify(params)), NO_SIGNAL, () => {}),
    watch: async (onEvent, signal) => void (await run('watch', undefined, signal, onEvent)),
    follow: async (method, onItem, signal) => void (await run(method, undefined, signal, onItem)),
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
