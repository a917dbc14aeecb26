/**
 * The MCP server of a session: starts the node behind the shell that already answers the host, joins node and door, and
 * ends when the host does. Everything of one process is joined here and nowhere else.
 */
import { fileURLToPath } from 'node:url'
import { systemClock, systemRandom } from '../base/clock.ts'
import { deferred } from '../base/deferred.ts'
import { Guard } from '../base/guard.ts'
import { LIMITS } from '../base/limits.ts'
import { createLog, toBoth } from '../base/log.ts'
import { RecentLines } from '../base/recent-lines.ts'
import { WANTS_FILE } from '../local/door.ts'
import { mayBeNamed } from '../mcp/attention.ts'
import { Door, type HookEvent } from '../mcp/door.ts'
import type { OpenQuestions } from '../mcp/hold.ts'
import { InviteHandles } from '../mcp/invite-handles.ts'
import { reachOf } from '../mcp/reach.ts'
import { sameFileLine } from '../mcp/same-file.ts'
import type { Shell } from '../mcp/shell.ts'
import { describeMentions } from '../mcp/status.ts'
import { surfaceItem, unaskedItem } from '../mcp/surface.ts'
import { createToolbox } from '../mcp/toolbox.ts'
import { TOOLS } from '../mcp/tools.ts'
import { TypedTurns } from '../mcp/typed-turns.ts'
import { hostWakes } from '../mcp/wake.ts'
import { Waker } from '../mcp/waker.ts'
import type { MeshNode } from '../mesh/node.ts'
import type { AssertionId } from '../mmp/cmb.ts'
import { attachmentRequests } from './attachment-requests.ts'
import { AttentionWatch } from './attention-watch.ts'
import { channelFlagOf, channelOf } from './channel.ts'
import { DoorFile } from './door-file.ts'
import { keepPlanOf, SessionGroupKeeper } from './group-keeper.ts'
import { createGroupRequests } from './group-requests.ts'
import { groupShares } from './group-shares.ts'
import { type HookParts, hookRequests } from './hook-requests.ts'
import { OnOff, type Serving } from './on-off.ts'
import { watchParent } from './parent-watch.ts'
import { processRequests } from './process-requests.ts'
import { createRequests } from './requests.ts'
import { type Session, startSession } from './session.ts'
import { type Environment, modeOf, readSettings, rootFolder, type Settings } from './settings.ts'
import { describeShare } from './sharing.ts'
import { SurroundingsWatch } from './surroundings.ts'
import { keepRequests, withTyped } from './typed-requests.ts'
import { VERSION } from './version.ts'

export interface ServerProcess {
  readonly env: Environment
  readonly cwd: string
  readonly pid: number
  readonly parentPid: number
  /** The parent as it is now: another one when the first has gone. */
  readonly currentParentPid: () => number
  /** Lines for the person who debugs; never stdout, which is the protocol's. */
  readonly writeLog: (line: string) => void
}

/** What is asked for at most at once when the door looks for items. */
const PENDING_ITEMS = 500
const STOP_MS = 3_000
const MAX_MUTES_SHOWN = 8
/** The command line, beside this bundle. */
const CLI = fileURLToPath(new URL('cli.mjs', import.meta.url))

/** Runs until the host goes; then everything is closed. Never throws: what is wrong is what every tool answers. */
export async function runServer(shell: Shell, process: ServerProcess): Promise<void> {
  shell.offer(TOOLS.map((tool) => tool.declaration()))
  watchParent({ ...process, clock: systemClock, onGone: () => void shell.close() })
  const guard = new Guard(createLog(process.writeLog, 'warn', systemClock))
  const wishes = new AttentionWatch({ root: rootFolder(process.env).value, clock: systemClock, guard, mode: modeOf(process.env) })
  const onOff = new OnOff({
    start: () => serve(shell, readSettings(process.env, process.cwd), wishes, process),
    writeLog: process.writeLog,
  })
  const follow = (): Promise<void> => onOff.set(wishes.attention.mode !== 'off')
  shell.ready((name, input, call) => onOff.call(name, input, call))
  void follow()
  wishes.onChange(() => void follow())
  wishes.start()
  await shell.closed
  await wishes.stop()
  await withDeadline(onOff.set(false))
}

async function serve(shell: Shell, settings: Settings, wishes: AttentionWatch, process: ServerProcess): Promise<Serving> {
  const recent = new RecentLines()
  const log = toBoth(
    createLog(process.writeLog, settings.isDebug ? 'debug' : 'warn', systemClock),
    createLog((line) => recent.add(line), settings.isDebug ? 'debug' : 'info', systemClock),
  )
  const guard = new Guard(log)
  /** The plugin brings them; without it they are known by their first word. */
  const isPlugin = (process.env['CLAUDE_PLUGIN_ROOT'] ?? '') !== ''
  let hasHooks = isPlugin
  const parts: { hooks?: HookParts; session?: Session; surroundings?: SurroundingsWatch } = {}
  const ready = deferred<HookParts>()
  const doorFile = new DoorFile({ root: settings.root.value, parentPid: process.parentPid, pid: process.pid })
  const attention = () => wishes.attention
  const othersAtStart = wishes.others
  let isGreeted = false
  let isInitialised = false
  const flag = channelFlagOf(process.parentPid)
  const keeper = new SessionGroupKeeper(settings, process.env)
  const typed = new TypedTurns({
    clock: systemClock,
    hasHooks: isPlugin,
    hint: flag,
    onQuiet: () =>
      guard.run('quiet', () => {
        updateWants()
        // What was held back is looked at again.
        return parts.hooks?.door.onArrived()
      }),
  })

  const updateWants = (): void => {
    const { session, hooks } = parts
    if (!session || !hooks) return
    const isShared = parts.surroundings?.sharesFiles === true && session.node.status().peersHere > 0
    const wants = [...new Set([...wantsOf(session.node, isGreeted), ...typed.wants()]), ...(isShared ? [WANTS_FILE] : [])]
    doorFile.setWants(wants)
    // Nobody tells of turns from here on, and an idle session is the better guess for whoever comes next.
    if (!wants.includes('Stop')) hooks.waker.idle()
  }
  const updateReach = (): void => {
    const { session, hooks } = parts
    if (!session || !hooks) return
    const { door, waker } = hooks
    session.node.presence.setDoNotDisturb(attention().isDoNotDisturb)
    session.node.setReach(reachOf(door.pushState(), { hasHooks, isArmed: waker.isArmed }, attention()))
  }
  const onHook = (): void => {
    hasHooks = true
    parts.surroundings?.look()
    updateWants()
    updateReach()
  }
  const edited = (file: string): string | undefined => {
    const same = parts.surroundings?.edited(file)
    return same && sameFileLine(same.file, same.peers)
  }
  const greet = (event: HookEvent): string | undefined => {
    // A session that begins anew, or was made shorter, has lost the line.
    const line = (isGreeted && event !== 'SessionStart') || !parts.session ? undefined : greeting(parts.session.node)
    if (line !== undefined) isGreeted = true
    const node = parts.session?.node
    const lines = [line, ...(node?.takeNotices() ?? []), node?.recollection.takeDigest(), node?.history.takeDigest()].filter(
      (one) => one !== undefined,
    )
    return lines.length === 0 ? undefined : lines.join(' ')
  }

  const session = await startSession({
    settings,
    interests: () => wishes.interests,
    log,
    guard,
    parentPid: process.parentPid,
    pid: process.pid,
    handlers: (node, relays, folder) => ({
      ...attachmentRequests(node, folder),
      ...createRequests(
        node,
        { version: VERSION, project: settings.project.value, sessionId: settings.sessionId, pid: process.pid },
        () => ({
          push: parts.hooks?.door.pushState(),
          budget: parts.hooks?.door.counters(),
          wakes: parts.hooks?.waker.counters(),
        }),
        () => parts.hooks?.door.reasons() ?? new Map(),
      ),
      ...createGroupRequests({ node, relays, settings, plan: () => keepPlanOf(settings, process.env) }),
      ...keepRequests(keeper),
      ...processRequests(recent, process.pid, () => void shell.close()),
      ...withTyped(
        hookRequests({ current: () => parts.hooks, ready: ready.promise, turns: node, edited, onEvent: onHook }),
        typed,
        updateWants,
      ),
    }),
  })
  const { node } = session
  const onWishes = (): void => {
    const { mode, isDoNotDisturb } = attention()
    node.presence.setDoNotDisturb(isDoNotDisturb)
    node.setPushing(isInitialised && mode === 'push' && !isDoNotDisturb)
    updateReach()
    parts.hooks?.waker.look()
    guard.run('wishes', () => parts.hooks?.door.onArrived())
  }
  const shares = groupShares(settings)
  const surroundings = new SurroundingsWatch({
    node,
    clock: systemClock,
    guard,
    folder: settings.project.value,
    share: settings.share,
    shareIn: shares.of,
    mayName: (peer) => mayBeNamed(peer, attention()),
  })
  parts.surroundings = surroundings
  const forgetShares = shares.watch(() =>
    guard.run('shares', () => {
      surroundings.policyChanged()
      updateWants()
    }),
  )
  guard.run('surroundings', () => surroundings.start())
  const door = new Door({
    clock: systemClock,
    random: systemRandom,
    log,
    attention,
    budget: {
      items: settings.rates.contextItemsPerMinute / LIMITS.context.overall.itemsPerMinute,
      tokens: settings.rates.contextTokensPerMinute / LIMITS.context.overall.tokensPerMinute,
    },
    isDeclared: true,
    ...(flag === undefined ? {} : { hint: flag }),
    isQuiet: () => typed.isQuiet,
    push: (params) => {
      typed.pushed()
      return shell.push(params)
    },
    source: sourceOf(node),
    questions: questionsOf(node, guard),
    headline: greet,
    onWaiting: (count) =>
      guard.run('waiting', () => {
        doorFile.setWaiting(count)
        parts.hooks?.waker.look()
      }),
  })
  const waker = new Waker({
    door,
    clock: systemClock,
    rates: settings.rates,
    attention,
    canWake: () => hostWakes(shell.host()),
    onArmed: () => guard.run('reach', updateReach),
  })
  parts.hooks = { door, waker }
  parts.session = session
  ready.resolve(parts.hooks)
  onWishes()
  const forgetWishes = wishes.onChange(() => guard.run('wishes', onWishes))
  node.subscribe((event) => {
    if (event.kind === 'arrived' || event.kind === 'withdrawn') guard.run('arrived', () => door.onArrived())
    if (event.kind === 'peer-here' || event.kind === 'peer-away' || event.kind === 'notice') guard.run('door-file', updateWants)
  })
  guard.run('initialised', () =>
    shell.initialised.then(() => {
      isInitialised = true
      onWishes()
      return door.onInitialised()
    }),
  )
  updateWants()
  const callTool = createToolbox({
    node,
    door,
    waker,
    clock: systemClock,
    random: systemRandom,
    sendsPerMinute: settings.rates.sendsPerMinute,
    attention,
    channel: channelOf(process.env),
    groups: {
      typed,
      keeper,
      handles: new InviteHandles(systemClock, systemRandom),
      lineToType: (target) => (isPlugin ? `/mesh-join ${target}` : `node ${CLI} join ${target}`),
      relays: session.relays,
    },
    about: () => [
      ...aboutLines(settings, session),
      ...wishLines(wishes, othersAtStart),
      ...keeper.problems().map((problem) => `Problem: ${problem}`),
    ],
  })
  return {
    call: async (name, input, context) => {
      const result = await callTool(name, input, context)
      // Naming an id may have proven that pushes arrive.
      waker.look()
      updateReach()
      return result
    },
    stop: async () => {
      forgetWishes()
      forgetShares()
      await waker.stop()
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
      const items = node.unsurfaced(PENDING_ITEMS).map(unaskedItem)
      full.clear()
      for (const item of items) full.set(item.id, item.assertionId)
      return items
    },
    isUnread: (id: string) => fullIds([id]).some((found) => node.isUnread(found)),
    markPushed: (ids: readonly string[]) => node.markPushed(fullIds(ids)),
    markSurfaced: (ids: readonly string[], way: string) => node.markSurfaced(fullIds(ids), way),
  }
}

/** The question that may hold the end of a turn. */
function questionsOf(node: MeshNode, guard: Guard): OpenQuestions {
  // The disk hears of it a moment later, and the next end of a turn may be quicker.
  const held = new Set<string>()
  return {
    questionToHold: () => {
      const question = node.questionToHold()
      return question === undefined || held.has(question.id) ? undefined : surfaceItem(question)
    },
    markHeld: ({ assertionId }) => {
      held.add(assertionId)
      guard.run('hold', () => node.markHeld(assertionId))
    },
  }
}

/** Events that the server wants to hear of even when nothing waits: none where nobody is. */
function wantsOf(node: MeshNode, isGreeted: boolean): readonly HookEvent[] {
  const { peersHere, inbox } = node.status()
  if (peersHere > 0) return ['SessionStart', 'UserPromptSubmit', 'Stop']
  const isNews = inbox.unread > 0
  if (node.wantsPrompt || (isNews && !isGreeted)) return ['SessionStart', 'UserPromptSubmit']
  return isNews ? ['SessionStart'] : []
}

/** One line of ours for the start of a session; nothing when there is nobody and nothing. */
function greeting(node: MeshNode): string | undefined {
  const { peersHere, inbox, name, groups } = node.status()
  if (peersHere === 0 && inbox.unread === 0) return undefined
  const peers = peersHere === 1 ? '1 peer is here' : `${peersHere} peers are here`
  return `Mesh: this session is ${name} in group ${groups[0]?.name}; ${peers}, ${inbox.unread} unread${describeMentions(inbox.mentions)}.`
}

function aboutLines(settings: Settings, session: Session): readonly string[] {
  const { root, group, nodeName, projectName, serviceType, peers, listen, relayTokenSource: token } = settings
  const sources = [
    `name from ${nodeName.value === undefined ? projectName.source : nodeName.source}`,
    `group from ${group.source}`,
    ...(serviceType.value === undefined ? [] : [`service type from ${serviceType.source}`]),
    ...(peers.value === '' ? [] : [`peers ${peers.value} from ${peers.source}`]),
    ...(settings.relay.value === undefined
      ? []
      : [`relay from ${settings.relay.source}${token === '' ? '' : `, with the token from ${token}`}`]),
    ...(listen.source === 'default' ? [] : [`listening as ${listen.source} says`]),
    describeShare(settings.share),
    `state in ${root.value} (${root.source})`,
  ]
  const held = session.isFirstChoice
    ? []
    : [
        `Problem: the name ${nodeName.value ?? 'of this project'} is held by process ${session.heldBy ?? 'unknown'}; this session took the slot ${session.name}.`,
      ]
  const unused =
    token !== '' && settings.relay.value === undefined
      ? [`Note: ${token} is set and there is no relay to show it to; SYM_RELAY_URL names one.`]
      : []
  return [`Settings: ${sources.join('; ')}. Version ${VERSION}`, ...(nodeName.value === undefined ? [] : held), ...unused]
}

/** What the person's file says that is not as usual, or cannot be obeyed now. */
function wishLines(wishes: AttentionWatch, othersAtStart: string): readonly string[] {
  const { mode, isDoNotDisturb, mutes, wake } = wishes.attention
  const muted = [...mutes.peers.map((peer) => peer.slice(0, 16)), ...mutes.kinds, ...mutes.groups]
  const unusual = [
    ...(mode === 'push' ? [] : [`mode ${mode}`]),
    ...(isDoNotDisturb ? ['do not disturb'] : []),
    ...(wake === 'directed' ? [] : [`wake ${wake}`]),
    ...(muted.length === 0 ? [] : [`muted ${muted.slice(0, MAX_MUTES_SHOWN).join(', ')}${muted.length > MAX_MUTES_SHOWN ? ', …' : ''}`]),
  ]
  return [
    ...(unusual.length === 0 ? [] : [`By settings.json: ${unusual.join('; ')}`]),
    ...(wishes.fault === undefined ? [] : [`Problem: ${wishes.fault}; what was read of it before still holds`]),
    ...(wishes.others === othersAtStart
      ? []
      : ['Note: other settings in settings.json have changed; they hold in sessions that start from now on']),
  ]
}

/** A peer that does not read must not keep the process. */
async function withDeadline(stopping: Promise<void>): Promise<void> {
  await Promise.race([stopping, new Promise<void>((resolve) => void systemClock.after(STOP_MS, resolve))])
}
