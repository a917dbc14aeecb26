/**
 * What each tool does, over the node and the door. Words of peers leave here only through the fence; everything else in
 * a result is ours. Each result may carry what else is waiting, so that a session without hooks hears of it too.
 */
import { TokenBucket } from '../base/bucket.ts'
import { fromUtf8 } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { shortFingerprint } from '../identity/ids.ts'
import type { MeshNode } from '../mesh/node.ts'
import type { SendRequest } from '../mesh/sending.ts'
import type { InboxView, SendView } from '../mesh/views.ts'
import { parseArguments } from './arguments.ts'
import type { Attention } from './attention.ts'
import type { Door } from './door.ts'
import { introduce, nameOf, renderFull, renderItem, type SurfaceItem } from './fence.ts'
import { type GroupToolsDeps, groupRunners } from './group-tools.ts'
import { memoryRunners } from './memory-tools.ts'
import { describePeer, presenceRunners, SYM_PEERS } from './presence-tools.ts'
import { describeOpen, questionRunners } from './question-tools.ts'
import { listReasons } from './reasons.ts'
import type { CallTool } from './shell.ts'
import { describeMentions, describeStatus } from './status.ts'
import { surfaceItem } from './surface.ts'
import type { Runner, Runners } from './tool.ts'
import { SYM_FETCH, SYM_GROUP_INFO, SYM_INBOX, SYM_OBSERVE, SYM_SEND, SYM_STATUS, type TOOLS } from './tools.ts'
import type { Waker } from './waker.ts'

export interface ToolboxDeps {
  readonly node: MeshNode
  readonly door: Door
  readonly waker: Waker
  readonly clock: Clock
  readonly random: RandomBytes
  readonly sendsPerMinute: number
  readonly attention: () => Attention
  /** What stands behind the host's channel flag. */
  readonly channel: string
  readonly groups: Omit<GroupToolsDeps, 'node' | 'clock' | 'random'>
  /** Lines about this process that the node does not know: settings with their sources, version. */
  readonly about: () => readonly string[]
}

const MEET_MS = 1_000

export function createToolbox(deps: ToolboxDeps): CallTool {
  const runners = runnersOf(deps)
  return async (name, input, call) => {
    const run = runners.get(name)
    if (!run)
      throw new MeshError(
        'argument-invalid',
        `there is no tool ${JSON.stringify(name.slice(0, 64))}; tools: ${[...runners.keys()].join(', ')}`,
      )
    const result = await run(input, call)
    // Names and summaries are words of peers too, though they stand in no fence.
    if (name === SYM_PEERS.name) deps.groups.typed.peerText()
    // What nobody reads shows nothing.
    const shown = call.signal.aborted ? result : await withNews(result, deps.door)
    deps.groups.typed.shown(shown)
    return shown
  }
}

/** Adds what waits, as far as the result has room; it counts as shown, for a tool result is always read. */
async function withNews(result: string, door: Door): Promise<string> {
  const room = Math.min(4_000, LIMITS.tool.resultCharacters - result.length - 2)
  const news = room > 1_500 ? door.piggyBack(room) : undefined
  if (!news) return result
  await door.shown(news.ticket)
  return `${result}\n\n${news.text}`
}

function runnersOf(deps: ToolboxDeps): ReadonlyMap<string, Runner> {
  const { node, door, waker, clock, random, sendsPerMinute, attention, channel, about, groups } = deps
  const firstMeeting = meeting(node, clock)
  const sends = new TokenBucket(sendsPerMinute, sendsPerMinute / 60, clock.monotonic())
  const demandSend = (): void => {
    const now = clock.monotonic()
    if (sends.take(now)) return
    const waitS = Math.ceil(sends.waitMs(now) / 1000)
    throw new MeshError(
      'limit-exceeded',
      `more than ${sendsPerMinute} sends a minute; nothing was sent. Try again in ${waitS} s, and say more in one message`,
    )
  }
  const send = async (request: SendRequest): Promise<string> => {
    demandSend()
    await firstMeeting
    return describeSend(await node.send(request))
  }
  const own = (item: InboxView): SurfaceItem => surfaceItem({ ...item, isOwn: item.from.fingerprint === node.fingerprint })
  const runners: Runners = [
    [SYM_STATUS.name, (input) => describeStatus(parsed(SYM_STATUS, input) && node.status(), { door, waker, attention, channel, about })],
    ...presenceRunners(node, clock),
    ...questionRunners({ node, door, random, ready: firstMeeting, demandSend }),
    [
      SYM_SEND.name,
      (input) => {
        const { to, body, attach, key, reply_to, replaces, self, wake, priority, ...fields } = parsed(SYM_SEND, input)
        const [replyTo] = reply_to === undefined ? [] : door.noteNamedIds([reply_to])
        demandBytes('focus', fields.focus, LIMITS.cmb.fieldBytes)
        if (body !== undefined) demandBytes('body', body, LIMITS.body.maxBytes)
        return send({ fields, body, attach, to, key, replyTo, replaces, self, wake, priority, tags: ['message'] })
      },
    ],
    [
      SYM_OBSERVE.name,
      (input) => {
        const { kind, key, ...fields } = parsed(SYM_OBSERVE, input)
        return send({ fields, key, tags: kind === undefined ? ['observation'] : ['observation', kind] })
      },
    ],
    [
      SYM_INBOX.name,
      async (input) => {
        const { limit, all, mentions, before } = parsed(SYM_INBOX, input)
        const { unread, mentions: named } = node.status().inbox
        const items = node.inbox({ limit, isUnreadOnly: !all, isMentionOnly: mentions, ...(before === undefined ? {} : { before }) })
        const { shown, text } = list(
          items.map((item) => surfaceItem(item)),
          random,
        )
        const reasons = reasonsOf(items.slice(0, shown.length), door.reasons())
        await door.readByTool(shown.map(({ id }) => id))
        const open = before === undefined ? describeOpen(node.questions(), clock.now()) : []
        if (items.length === 0) return [all ? 'The inbox is empty.' : 'Nothing unread.', ...open].join('\n\n')
        const last = items[shown.length - 1]
        const isMore = shown.length < items.length || items.length === limit
        const why = reasons.size === 0 ? [] : [`Not shown unasked: ${listReasons(reasons)}.`]
        return [
          text,
          ...why,
          ...(named === 0 ? [] : [`Unread before this: ${unread}${describeMentions(named)}.`]),
          ...(isMore && last ? [`Go on with before: ${last.seq}.`] : []),
          ...open,
        ].join('\n\n')
      },
    ],
    [
      SYM_FETCH.name,
      async (input) => {
        const { id: shownId, from } = parsed(SYM_FETCH, input)
        const [id = shownId] = door.noteNamedIds([shownId])
        const item = node.fetch(id)
        if (!item)
          throw new MeshError(
            'argument-invalid',
            `no item ${JSON.stringify(id)} is kept here, or several begin like that. sym_inbox and sym_recall show ids`,
          )
        const attached = item.attachment && fromUtf8(node.attachment(item.shortId)?.bytes ?? new Uint8Array())
        const full = renderFull(own(item), item.body, random, from, attached)
        await door.readByTool([item.shortId])
        const outgoing = node.outgoing(item.id)
        const more = full.next === undefined ? [] : [`Go on with from: ${full.next}.`]
        const save = item.attachment
          ? [`The attachment is not saved; the user can do that with the shell command save ${item.shortId}.`]
          : []
        return [full.text, ...more, ...save, ...(outgoing ? [describeSend(outgoing)] : [])].join('\n\n')
      },
    ],
    ...memoryRunners({
      clock,
      recall: (request) => node.recollection.search(request),
      list: (items) => list(items.map(own), random),
    }),
    [SYM_GROUP_INFO.name, (input) => describeGroups(parsed(SYM_GROUP_INFO, input) && node, clock.now())],
    ...groupRunners({ ...groups, node, clock, random }),
  ]
  return new Map<string, Runner>(runners)
}

/** A session that speaks in its first second may not have met anybody yet: resolves with the first peer, or after that second. */
function meeting(node: MeshNode, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const met = (): void => {
      timer.cancel()
      unsubscribe()
      resolve()
    }
    const timer = clock.after(MEET_MS, met)
    const unsubscribe = node.subscribe(({ kind }) => kind === 'peer-here' && met())
    if (node.peers().some((peer) => peer.isHere)) met()
  })
}

function parsed<T extends (typeof TOOLS)[number]>(tool: T, input: unknown): ReturnType<T['schema']['parse']> {
  return parseArguments(tool.name, tool.schema, input) as ReturnType<T['schema']['parse']>
}

function demandBytes(name: string, text: string, most: number): void {
  const bytes = Buffer.byteLength(text)
  if (bytes > most)
    throw new MeshError('limit-exceeded', `${name} has ${bytes} bytes, the limit is ${most}; put long text into body, or send it in parts`)
}

/** Why these waited to be asked for: by what the node decided about them, else by what holds at the door now. */
function reasonsOf(items: readonly InboxView[], atDoor: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const unread = items.filter(({ surfacedAt }) => surfacedAt === undefined)
  return new Map(
    unread.flatMap(({ shortId, held }) => {
      const reason = held ?? atDoor.get(shortId)
      return reason === undefined ? [] : [[shortId, reason] as const]
    }),
  )
}

/** As many items as fit into one result. */
function list(items: readonly SurfaceItem[], random: RandomBytes): { shown: readonly SurfaceItem[]; text: string } {
  const shown: SurfaceItem[] = []
  const texts: string[] = []
  let left = LIMITS.tool.resultCharacters - 500
  for (const item of items) {
    const text = renderItem(item, random)
    left -= text.length + 2
    if (left < 0) break
    shown.push(item)
    texts.push(text)
  }
  return { shown, text: [introduce(shown), ...texts].join('\n\n') }
}

export function describeSend(view: SendView): string {
  const head = `${view.isRepeat ? 'Sent before with this key' : view.isDirected ? 'Sent' : `Sent to group ${view.group}`}: ${view.shortId}`
  if (view.recipients.length === 0) {
    return `${head}\nNobody else is in the group now, and nobody was lately: it was kept here and reached no one.${describeSkipped(view)
      .map((line) => `\n${line}`)
      .join('')}`
  }
  const lines = view.recipients.map(({ peer, fingerprint, state, way, reason }) => {
    const how = way === '' ? '' : ` (by ${way})`
    return `  ${nameOf(peer)}  ${shortFingerprint(fingerprint)}  ${state}${how}${reason === '' ? '' : ` - ${reason}`}`
  })
  return [head, ...lines, ...describeSkipped(view), ...describeNamed(view), ...describeReplaced(view), ...describeCopies(view)].join('\n')
}

function describeCopies({ copies }: SendView): readonly string[] {
  if (!copies) return []
  const lines = copies.flatMap(({ recipients }) => recipients.map(({ peer, state }) => `  ${nameOf(peer)}  ${state}`))
  return lines.length === 0
    ? ['No other session of this user is here that did not get it.']
    : ["Copies to the user's own sessions:", ...lines]
}

function describeSkipped({ skipped = [] }: SendView): readonly string[] {
  if (skipped.length === 0) return []
  return [`Not to ${skipped.map(nameOf).join(', ')}: stock MMP nodes get only what is addressed to them in this group.`]
}

function describeReplaced({ replaced }: SendView): readonly string[] {
  if (!replaced) return []
  const lines = replaced.recipients.map(({ peer, state, reason }) => {
    const isSeen = state === 'surfaced' || state === 'answered'
    return `  ${nameOf(peer)}  ${isSeen ? `${state}: shown before, so it has both` : `${state}${reason === '' ? '' : ` - ${reason}`}`}`
  })
  return [`In the place of ${replaced.shortId}, which is`, ...lines]
}

function describeNamed({ mentions }: SendView): readonly string[] {
  const named = mentions.map(({ peer, fingerprint }) => `${nameOf(peer)} (${shortFingerprint(fingerprint)})`)
  return named.length === 0 ? [] : [`Named in it: ${named.join(', ')}`]
}

function describeGroups(node: MeshNode, now: number): string {
  return node
    .groups()
    .map(({ name, kind, serviceType, members, isCurrent }) => {
      const open = `(open: whoever knows the name can join)${isCurrent ? ', current' : ''}. Apart from other groups by its name: announced as ${serviceType}, and asked for again at every handshake`
      const closed = `(private: by invite alone)${isCurrent ? ', current' : ''}. Apart from other groups by certificates, shown under the seal; on the network neither its name nor its members are to be seen`
      const head = `Group ${name} ${kind === 'private' ? closed : open}`
      const lines = members.length === 0 ? ['  no other member was met yet'] : members.map((peer) => describePeer(peer, now))
      return [head, ...lines].join('\n')
    })
    .join('\n\n')
}
