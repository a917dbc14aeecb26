/**
 * The MCP server of a session: starts the node behind the shell that already answers the host, joins node and door, and
 * ends when the host does. Everything of one process is joined here and nowhere else.
 */
import { readFileSync } from 'node:fs'
import { systemClock, systemRandom } from '../base/clock.ts'
import { MeshError, messageOf } from '../base/errors.ts'
import { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import { createLog } from '../base/log.ts'
import type { LocalHandlers } from '../local/calls.ts'
import { Door, HOOK_EVENTS, type HookEvent } from '../mcp/door.ts'
import type { Shell } from '../mcp/shell.ts'
import { reachOf } from '../mcp/status.ts'
import { surfaceItem } from '../mcp/surface.ts'
import { createToolbox } from '../mcp/toolbox.ts'
import { TOOLS } from '../mcp/tools.ts'
import type { MeshNode } from '../mesh/node.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import { DoorFile } from './door-file.ts'
import { createRequests } from './requests.ts'
import { type Session, startSession } from './session.ts'
import { type Environment, readSettings, type Settings } from './settings.ts'
import { SurroundingsWatch } from './surroundings.ts'
import { VERSION } from './version.ts'

export interface ServerProcess {
  readonly env: Environment
  readonly cwd: string
  readonly pid: number
  readonly parentPid: number
  /** Lines for the person who debugs; never stdout, which is the protocol's. */
  readonly writeLog: (line: string) => void
}

/** What is asked for at most at once when the door looks for items. */
const PENDING_ITEMS = 500
const STOP_MS = 3_000

/** Runs until the host goes; then everything is closed. Never throws: what is wrong is what every tool answers. */
export async function runServer(shell: Shell, process: ServerProcess): Promise<void> {
  shell.offer(TOOLS.map((tool) => tool.declaration()))
  try {
    const settings = readSettings(process.env, process.cwd)
    const serving = await serve(shell, settings, process)
    await shell.closed
    await withDeadline(serving.stop())
  } catch (thrown) {
    process.writeLog(`the mesh node could not start: ${messageOf(thrown)}`)
    const hint = 'The mesh node of this session could not start, so no mesh tool works.'
    shell.failed(thrown instanceof MeshError ? new MeshError(thrown.code, `${hint}\n${thrown.message}`) : thrown)
    await shell.closed
  }
}

async function serve(shell: Shell, settings: Settings, process: ServerProcess): Promise<{ stop: () => Promise<void> }> {
  const log = createLog(process.writeLog, settings.isDebug ? 'debug' : 'warn', systemClock)
  const guard = new Guard(log)
  const hasHooks = (process.env['CLAUDE_PLUGIN_ROOT'] ?? '') !== ''
  const parts: { door?: Door; session?: Session } = {}
  const doorFile = new DoorFile({ root: settings.root.value, parentPid: process.parentPid, pid: process.pid })
  let isGreeted = false

  const updateDoorFile = (): void => {
    const { door, session } = parts
    if (!door || !session) return
    const hasGreeting = !isGreeted && greeting(session.node) !== undefined
    doorFile.update(door.counters().waiting, hasGreeting ? ['SessionStart', 'UserPromptSubmit'] : [])
  }
  const greet = (): string | undefined => {
    const line = isGreeted || !parts.session ? undefined : greeting(parts.session.node)
    if (line !== undefined) isGreeted = true
    return line
  }

  const session = await startSession({
    settings,
    log,
    guard,
    parentPid: process.parentPid,
    pid: process.pid,
    handlers: (node) => ({
      ...createRequests(
        node,
        { version: VERSION, project: settings.project.value, sessionId: settings.sessionId, pid: process.pid },
        () => ({
          push: parts.door?.pushState(),
          budget: parts.door?.counters(),
        }),
      ),
      ...hookRequests(() => parts.door, updateDoorFile),
    }),
  })
  const { node } = session
  const surroundings = new SurroundingsWatch({ node, clock: systemClock, guard, folder: settings.project.value, share: settings.share })
  guard.run('surroundings', () => surroundings.start())
  const flag = channelFlagOf(process.parentPid)
  const door = new Door({
    clock: systemClock,
    random: systemRandom,
    log,
    mode: settings.mode,
    budget: {
      items: settings.rates.contextItemsPerMinute / LIMITS.context.overall.itemsPerMinute,
      tokens: settings.rates.contextTokensPerMinute / LIMITS.context.overall.tokensPerMinute,
    },
    isDeclared: true,
    ...(flag === undefined ? {} : { hint: flag }),
    push: (params) => shell.push(params),
    source: sourceOf(node),
    headline: greet,
    onWaiting: () => guard.run('door-file', updateDoorFile),
  })
  parts.door = door
  parts.session = session
  node.setReach(reachOf(door.pushState(), hasHooks, settings.mode))
  node.subscribe((event) => {
    if (event.kind === 'arrived') guard.run('arrived', () => door.onArrived())
    if (event.kind === 'peer-here' && !isGreeted) guard.run('door-file', updateDoorFile)
  })
  guard.run('initialised', () =>
    shell.initialised.then(() => {
      node.setPushing(settings.mode === 'push')
      return door.onInitialised()
    }),
  )
  updateDoorFile()
  const callTool = createToolbox({
    node,
    door,
    clock: systemClock,
    random: systemRandom,
    sendsPerMinute: settings.rates.sendsPerMinute,
    mode: settings.mode,
    about: () => aboutLines(settings, session),
  })
  shell.ready(async (name, input) => {
    const result = await callTool(name, input)
    node.setReach(reachOf(door.pushState(), hasHooks, settings.mode))
    return result
  })
  return {
    stop: async () => {
      await door.stop()
      doorFile.remove()
      await surroundings.stop()
      await session.stop()
    },
  }
}

function sourceOf(node: MeshNode) {
  const full = new Map<string, AssertionId>()
  const fullIds = (ids: readonly string[]): readonly AssertionId[] => ids.flatMap((id) => full.get(id) ?? node.fetch(id)?.id ?? [])
  return {
    pending: () => {
      const items = node.unsurfaced(PENDING_ITEMS).map(surfaceItem)
      full.clear()
      for (const item of items) full.set(item.id, item.assertionId)
      return items
    },
    isUnread: (id: string) => fullIds([id]).some((found) => node.isUnread(found)),
    markPushed: (ids: readonly string[]) => node.markPushed(fullIds(ids)),
    markSurfaced: (ids: readonly string[], way: string) => node.markSurfaced(fullIds(ids), way),
  }
}

/** What hooks ask: `take` hands out text for the context, `shown` says that it was written. */
function hookRequests(door: () => Door | undefined, update: () => void): LocalHandlers {
  return {
    take: (params) => {
      const event = text(params, 'event')
      if (!isHookEvent(event)) return null
      const offer = door()?.take(event, { isStopHookActive: value(params, 'isStopHookActive') === true })
      update()
      return offer ?? null
    },
    shown: async (params) => {
      await door()?.shown(text(params, 'ticket'))
      return null
    },
  }
}

function isHookEvent(text: string): text is HookEvent {
  return HOOK_EVENTS.some((event) => event === text)
}

function value(params: unknown, name: string): unknown {
  return typeof params === 'object' && params !== null ? Object.getOwnPropertyDescriptor(params, name)?.value : undefined
}

function text(params: unknown, name: string): string {
  const found = value(params, name)
  return typeof found === 'string' ? found : ''
}

/** One line of ours for the start of a session; nothing when there is nobody and nothing. */
function greeting(node: MeshNode): string | undefined {
  const { peersHere, inbox, name, groups } = node.status()
  if (peersHere === 0 && inbox.unread === 0) return undefined
  const peers = peersHere === 1 ? '1 peer is here' : `${peersHere} peers are here`
  return `Mesh: this session is ${name} in group ${groups[0]?.name}; ${peers}, ${inbox.unread} unread.`
}

function aboutLines(settings: Settings, session: Session): readonly string[] {
  const { root, group, nodeName, projectName, serviceType, peers, listen } = settings
  const sources = [
    `name from ${nodeName.value === undefined ? projectName.source : nodeName.source}`,
    `group from ${group.source}`,
    ...(serviceType.value === undefined ? [] : [`service type from ${serviceType.source}`]),
    ...(peers.value === '' ? [] : [`peers ${peers.value} from ${peers.source}`]),
    ...(listen.source === 'default' ? [] : [`listening as ${listen.source} says`]),
    ...(settings.mode === 'push' ? [] : [`mode ${settings.mode} from settings.json`]),
    `state in ${root.value} (${root.source})`,
  ]
  const held = session.isFirstChoice
    ? []
    : [
        `Problem: the name ${nodeName.value ?? 'of this project'} is held by process ${session.heldBy ?? 'unknown'}; this session took the slot ${session.name}.`,
      ]
  const ignored = settings.ignored.map((name) => `Note: ${name} is set; this version has no relay, so it does nothing yet.`)
  return [`Settings: ${sources.join('; ')}. Version ${VERSION}`, ...(nodeName.value === undefined ? [] : held), ...ignored]
}

/** Whether Claude Code was started with a channel flag; undefined where its command line cannot be read. */
function channelFlagOf(parentPid: number): boolean | undefined {
  try {
    const line = readFileSync(`/proc/${parentPid}/cmdline`, 'utf8').split('\0')
    return line.some(
      (word, index) => /^--(?:dangerously-load-development-)?channels(?:=|$)/.test(word) && /sym-mesh/.test(word + (line[index + 1] ?? '')),
    )
  } catch {
    // No /proc on this system: nothing is known, which is an answer.
    return undefined
  }
}

/** A peer that does not read must not keep the process. */
async function withDeadline(stopping: Promise<void>): Promise<void> {
  await Promise.race([stopping, new Promise<void>((resolve) => void systemClock.after(STOP_MS, resolve))])
}
