/**
 * Answers as lines for a person at a terminal. Peers' words are made harmless for the terminal first: no control
 * sequence, no invisible character, one line where a line is meant.
 */
import { oneLine, sanitise } from '../base/text.ts'
import type { EventLine, ItemLine, OutgoingLines, PeerLine, ProfileLines, SendLines, StatusLines } from './views.ts'

const short = (fingerprint: string): string => (fingerprint.slice(0, 16).match(/.{4}/g) ?? []).join(' ')
const name = (text: string): string => oneLine(text, 64)

export function formatStatus(status: StatusLines, isOwn: boolean): string {
  const isSeveral = status.groups.length > 1
  const groups = status.groups
    .map(
      ({ name: group, serviceType, peersHere }) =>
        `${group} (${serviceType}${isSeveral && peersHere !== undefined ? `, ${peersHere} here` : ''})`,
    )
    .join(', ')
  return [
    isOwn
      ? 'No session of this project is running; this is the node of the command line itself.'
      : `Running session, process ${status.pid ?? '?'}, ${status.project ?? ''}`,
    `Node     ${name(status.name)}  ${short(status.fingerprint)}  ${status.nodeId}`,
    `Group    ${groups}`,
    `Peers    ${status.peersHere} here, ${status.peersKnown} known${status.peersHidden ? `, ${status.peersHidden} more hide` : ''}`,
    `Listen   ${status.listen.join(', ')}`,
    `Inbox    ${status.inbox.unread} unread of ${status.inbox.total}${status.inbox.mentions ? `, ${status.inbox.mentions} of them naming this session` : ''}`,
    `Outbox   ${status.outbox.waiting} not yet received`,
    `Memory   ${status.memory.items} items`,
    ...(status.notes ?? []).map((note) => `Note     ${note}`),
    ...status.problems.map((problem) => `Problem  ${problem}`),
  ].join('\n')
}

export function formatPeers(peers: readonly PeerLine[], now: number, where?: string): string {
  if (peers.length === 0 && where !== undefined) return `No peer of this ${where}. Who does not share where it works is left out.`
  if (peers.length === 0) return 'No peers. Others appear when a session starts in the same group on this machine or network.'
  return peers.map((peer) => formatPeer(peer, now)).join('\n')
}

function formatPeer(peer: PeerLine, now: number): string {
  const place = peer.isHere ? `here by ${peer.path ?? '?'}` : `away, seen ${ago(now - peer.lastSeen)}`
  const { status = 'unknown', summary, role, tags = [] } = peer.presence ?? {}
  const facts = [...(status === 'unknown' ? [] : [status]), ...(role === undefined ? [] : [role]), ...tags.map((tag) => `#${tag}`)]
  const doing = peer.isHere ? facts.map((fact) => `, ${name(fact)}`).join('') : ''
  const reach = peer.isHere && peer.reach ? `, reached by ${name(peer.reach)}` : ''
  const groups = (peer.groups ?? [peer.group]).map(name).join(', ')
  const words = summary === undefined ? '' : `  ${JSON.stringify(oneLine(summary, 160))}`
  return `${name(peer.name)}  ${short(peer.fingerprint)}  ${groups}  ${peer.trust}  ${place}${doing}${reach}${words}${peer.held ? `  held: ${peer.held}` : ''}`
}

export function formatProfile(profile: ProfileLines): string {
  const { summary, isSummaryDerived, shared, isHidden } = profile
  const said = summary === undefined ? 'none' : JSON.stringify(summary)
  const elsewhere = shared.summary === undefined ? 'nothing' : JSON.stringify(shared.summary)
  return [
    `Node     ${name(profile.name)}  ${short(profile.fingerprint)}`,
    `Groups   ${profile.groups.join(', ')}; ${profile.peersHere} peers here, ${profile.unread} unread`,
    `Status   ${profile.status}`,
    `Role     ${[profile.role ?? 'none', ...(profile.tags ?? []).map((tag) => `#${tag}`)].join(' ')}`,
    `Summary  ${said}${isSummaryDerived ? `, derived; sessions on this machine see it, peers elsewhere see ${elsewhere}` : ''}`,
    `Visible  ${isHidden ? 'no: peers leave it out of their lists, and are told no status or summary' : 'yes'}`,
  ].join('\n')
}

export function formatSend(view: SendLines): string {
  const lines = view.recipients.map(({ peer, fingerprint, state, way, reason }) => {
    return `  ${name(peer)}  ${short(fingerprint)}  ${state}${way === '' ? '' : ` by ${name(way)}`}${reason === '' ? '' : `, ${reason}`}`
  })
  const none = ['  nobody else is in the group now, and nobody was lately: it was kept here and reached no one']
  const named = (view.mentions ?? []).map(({ peer, fingerprint }) => `${name(peer)} (${short(fingerprint)})`)
  return [
    `${view.shortId} to ${view.isDirected ? 'one peer' : `group ${view.group}`}`,
    ...(lines.length === 0 ? none : lines),
    ...(view.skipped ?? []).map((peer) => `  ${name(peer)}  not sent: a stock MMP node gets only what is addressed to it in this group`),
    ...(named.length === 0 ? [] : [`  named in it: ${named.join(', ')}`]),
    ...(view.copies ?? []).map((copy) => `copies to your own sessions: ${formatSend(copy)}`),
    ...(view.replaced ? [`in the place of ${formatSend(view.replaced)}`] : []),
  ].join('\n')
}

export function formatOutgoing(items: readonly OutgoingLines[], now: number): string {
  if (items.length === 0) return 'Nothing waits, and nothing failed.'
  return items
    .map((item) => {
      const [, ...recipients] = formatSend(item).split('\n')
      const life =
        item.expiresAt < now ? 'given up' : `kept until ${new Date(item.expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`
      return [`${item.shortId}  ${oneLine(item.focus, 80)}  (${life})`, ...recipients].join('\n')
    })
    .join('\n')
}

export function formatItems(items: readonly ItemLine[]): string {
  return items.length === 0 ? 'Nothing here.' : items.map((item) => formatItem(item)).join('\n')
}

/** One header line of ours, then their words, indented. */
export function formatItem(item: ItemLine): string {
  const state = item.surfacedAt === undefined ? (item.held ? `held: ${item.held}` : 'unread') : `shown by ${item.way ?? '?'}`
  const audience = item.isDirected ? 'to this node' : `to group ${item.group}${item.isMention ? ', naming this session' : ''}`
  const head = `${time(item.receivedAt)}  ${item.shortId}  ${name(item.from.name)} (${short(item.from.fingerprint)}, ${item.from.trust})  ${audience}  ${state}`
  const fields = Object.entries(item.fields).filter(([, { text }]) => text !== 'neutral')
  const lines = fields.map(([field, { text }]) => indent(`${field}: ${sanitise(text).text}`))
  const body = item.body === undefined ? [] : [indent(`body: ${sanitise(item.body).text}`)]
  const file = item.attachment
    ? [`    attachment: ${name(item.attachment.name)}, ${item.attachment.size} bytes; save ${item.shortId} keeps it`]
    : []
  return [head, ...lines, ...body, ...file].join('\n')
}

export function formatEvent(event: EventLine, now: number): string {
  switch (event.kind) {
    case 'arrived':
    case 'answer':
      return formatItem(event.item)
    case 'peer-here':
      return `${time(now)}  + ${name(event.peer.name)} (${short(event.peer.fingerprint)}) is here by ${event.peer.path ?? '?'}`
    case 'peer-away':
      return `${time(now)}  - ${name(event.peer.name)} (${short(event.peer.fingerprint)}) is away`
    case 'withdrawn':
      return `${time(now)}  ${shortId(event.id)} was taken back by its author before it was shown`
    case 'notice':
      return `${time(now)}  ${oneLine(event.text, 500)}`
    case 'receipt':
      return `${time(now)}  ${shortId(event.id)} ${event.state} by ${name(event.from)}`
  }
}

const shortId = (id: string): string => `m${id.replace(/^asrt-/, '').slice(0, 16)}`
const indent = (text: string): string => text.replace(/^/gm, '    ')
const time = (ms: number): string => new Date(ms).toTimeString().slice(0, 8)

export function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / 1_000))} s ago`
  if (minutes < 60) return `${minutes} min ago`
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1_440)} d ago`
}
