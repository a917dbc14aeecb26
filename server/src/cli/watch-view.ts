/**
 * The live view as a picture of text: who is here, what they do, and what was said, oldest first. Pure: from a state and
 * the size of the terminal to lines of spans; colours are put on when it is written. Nothing of it can be clicked, typed
 * into or sent (R152).
 */
import { oneLine } from '../base/text.ts'
import { ago } from './format.ts'
import type { EventLine, ItemLine, PeerLine, StatusLines } from './views.ts'

export type Style = 'plain' | 'strong' | 'dim' | 'good' | 'warn' | 'name'

export interface Span {
  readonly text: string
  readonly style: Style
}

export type Line = readonly Span[]

export interface Moment {
  readonly at: number
  readonly mark: string
  readonly who: string
  readonly text: string
  readonly style: Style
}

export interface WatchState {
  readonly status: StatusLines
  readonly peers: readonly PeerLine[]
  /** Oldest first. */
  readonly moments: readonly Moment[]
  readonly now: number
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

const MAX_MOMENTS = 500
const WIDE_FROM = 96
const WHO_COLUMNS = 38
const LEAST_COLUMNS = 24
const LEAST_ROWS = 6

/** What there is of the past when the view begins. */
export function momentsOf(items: readonly ItemLine[]): readonly Moment[] {
  return items.map((item) => ofItem(item)).sort((a, b) => a.at - b.at)
}

/** The state after an event; the oldest moments go. */
export function withEvent(moments: readonly Moment[], event: EventLine, now: number): readonly Moment[] {
  const moment = ofEvent(event, now)
  return moment === undefined ? moments : [...moments, moment].slice(-MAX_MOMENTS)
}

/** Exactly as many lines as the terminal has rows, none wider than its columns. */
export function renderWatch(state: WatchState, { columns, rows }: Size): readonly Line[] {
  if (columns < LEAST_COLUMNS || rows < LEAST_ROWS) return fill([[span('The window is too small.')]], { columns, rows })
  const body = { columns, rows: rows - 4 }
  const middle = columns >= WIDE_FROM ? sideBySide(state, body) : stacked(state, body)
  return fill([header(state), rule(columns), ...middle, rule(columns), footer(state)], { columns, rows })
}

function header({ status, now }: WatchState): Line {
  const groups = status.groups.map(({ name }) => name).join(', ')
  const unread = status.inbox.unread
  return [
    span(' mesh ', 'strong'),
    span(oneLine(status.name, 40), 'name'),
    span('  in ', 'dim'),
    span(groups),
    span('   ', 'dim'),
    span(`${status.peersHere} here`, status.peersHere > 0 ? 'good' : 'dim'),
    span(` of ${status.peersKnown}`, 'dim'),
    span('   ', 'dim'),
    span(`${unread} unread`, unread > 0 ? 'warn' : 'dim'),
    span(`   ${clock(now)}`, 'dim'),
  ]
}

function footer({ status }: WatchState): Line {
  const [problem] = status.problems
  if (problem !== undefined) return [span(` ! ${oneLine(problem, 300)}`, 'warn')]
  return [span(' read-only; q or Ctrl-C ends', 'dim')]
}

function sideBySide(state: WatchState, { columns, rows }: Size): readonly Line[] {
  const left = fill(who(state, WHO_COLUMNS), { columns: WHO_COLUMNS, rows })
  const right = fill(timeline(state, { columns: columns - WHO_COLUMNS - 3, rows }), { columns: columns - WHO_COLUMNS - 3, rows })
  return left.map((line, at) => [...line, span(' \u2502 ', 'dim'), ...(right[at] ?? [])])
}

function stacked(state: WatchState, { columns, rows }: Size): readonly Line[] {
  const upper = who(state, columns).slice(0, Math.max(2, Math.floor(rows / 3)))
  const left = rows - upper.length - 1
  return [...upper, rule(columns), ...fill(timeline(state, { columns, rows: left }), { columns, rows: left })]
}

/** Two lines for who is here, one for who is away. */
function who({ peers, now }: WatchState, columns: number): readonly Line[] {
  if (peers.length === 0) return [[span(' Nobody else yet.', 'dim')], [span(' Start a session in the same group.', 'dim')]]
  const ordered = [...peers].sort((a, b) => Number(b.isHere) - Number(a.isHere) || b.lastSeen - a.lastSeen)
  return ordered.flatMap((peer) => {
    if (!peer.isHere)
      return [[span(' \u25cb ', 'dim'), span(oneLine(peer.name, columns), 'dim'), span(`  ${ago(now - peer.lastSeen)}`, 'dim')]]
    const { status = 'unknown', summary, role } = peer.presence ?? {}
    const doing = [
      ...(status === 'unknown' ? [] : [status]),
      ...(role === undefined ? [] : [oneLine(role, 20)]),
      ...(peer.path === undefined ? [] : [peer.path]),
    ]
    const head: Line = [
      span(' \u25cf ', status === 'working' ? 'warn' : 'good'),
      span(oneLine(peer.name, columns), 'name'),
      span(`  ${doing.join(', ')}`, 'dim'),
    ]
    return summary === undefined ? [head] : [head, [span(`   ${oneLine(summary, columns)}`)]]
  })
}

/** The newest that fit, the last one at the bottom of what is said. */
function timeline({ moments }: WatchState, { columns, rows }: Size): readonly Line[] {
  if (moments.length === 0) return [[span(' Nothing was said yet.', 'dim')]]
  const lines = moments.slice(-rows).flatMap((moment) => describe(moment, columns))
  return lines.slice(-rows)
}

function describe({ at, mark, who: author, text, style }: Moment, columns: number): readonly Line[] {
  const head: Line = [
    span(` ${clock(at)} `, 'dim'),
    span(`${mark} `, style === 'plain' ? 'good' : style),
    span(author, style === 'dim' ? 'dim' : 'name'),
    span('  '),
  ]
  const indent = widthOfLine(head)
  const [first = '', ...more] = wrap(text, Math.max(8, columns - indent))
  return [[...head, span(first, style)], ...more.slice(0, 2).map((line): Line => [span(' '.repeat(indent)), span(line, style)])]
}

function ofItem(item: ItemLine): Moment {
  const kind = item.tags.find((tag) => tag !== 'message' && tag !== 'observation')
  const focus = oneLine(item.fields['focus']?.text ?? '', 400)
  const base = { at: item.receivedAt, who: oneLine(item.from.name, 32) }
  if (item.held !== undefined) return { ...base, mark: '\u00d7', text: `held: ${oneLine(item.held, 80)}`, style: 'dim' }
  const to = item.isDirected ? '\u2192' : '\u00b7'
  return { ...base, mark: to, text: kind === undefined ? focus : `[${oneLine(kind, 16)}] ${focus}`, style: 'plain' }
}

function ofEvent(event: EventLine, now: number): Moment | undefined {
  switch (event.kind) {
    case 'arrived':
      return ofItem(event.item)
    case 'answer':
      return { ...ofItem(event.item), mark: '\u21a9' }
    case 'peer-here':
      return { at: now, mark: '+', who: oneLine(event.peer.name, 32), text: `is here by ${event.peer.path ?? '?'}`, style: 'good' }
    case 'peer-away':
      return { at: now, mark: '-', who: oneLine(event.peer.name, 32), text: 'is away', style: 'dim' }
    case 'notice':
      return { at: now, mark: '!', who: 'mesh', text: oneLine(event.text, 300), style: 'warn' }
    case 'receipt':
      // That it came is seen by that it was shown.
      return event.state === 'surfaced'
        ? {
            at: now,
            mark: '\u2713',
            who: oneLine(event.from, 32),
            text: `has seen m${event.id.replace(/^asrt-/, '').slice(0, 16)}`,
            style: 'dim',
          }
        : undefined
  }
}

const span = (text: string, style: Style = 'plain'): Span => ({ text, style })
const rule = (columns: number): Line => [span('\u2500'.repeat(columns), 'dim')]
const clock = (ms: number): string => new Date(ms).toTimeString().slice(0, 5)

function fill(lines: readonly Line[], { columns, rows }: Size): readonly Line[] {
  return Array.from({ length: rows }, (_, at) => padded(cut(lines[at] ?? [], columns), columns))
}

function cut(line: Line, columns: number): Line {
  let left = columns
  return line.flatMap(({ text, style }) => {
    const fits = cutText(text, left)
    left -= widthOf(fits)
    return fits === '' ? [] : [{ text: fits, style }]
  })
}

function padded(line: Line, columns: number): Line {
  const missing = columns - widthOfLine(line)
  return missing > 0 ? [...line, span(' '.repeat(missing))] : line
}

/** By words where it can be. */
function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const next = line === '' ? word : `${line} ${word}`
    if (widthOf(next) <= columns) {
      line = next
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (widthOf(line) > columns) {
      const head = cutText(line, columns)
      lines.push(head)
      line = line.slice(head.length)
    }
  }
  return [...lines, line]
}

function cutText(text: string, columns: number): string {
  let width = 0
  let end = 0
  for (const character of text) {
    width += widthOfCharacter(character)
    if (width > columns) break
    end += character.length
  }
  return text.slice(0, end)
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u

function widthOfCharacter(character: string): number {
  if (/^\p{M}$/u.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

/** In cells of a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += widthOfCharacter(character)
  return width
}

export const widthOfLine = (line: Line): number => line.reduce((sum, { text }) => sum + widthOf(text), 0)

const CODES: Readonly<Record<Style, string>> = { plain: '', strong: '1;7', dim: '2', good: '32', warn: '33', name: '1;36' }

/** As a terminal takes it, or without any code. */
export function paint(line: Line, hasColour: boolean): string {
  return line.map(({ text, style }) => (hasColour && CODES[style] !== '' ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text)).join('')
}
