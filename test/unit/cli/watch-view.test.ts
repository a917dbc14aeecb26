import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { itemView, nodeEvent, peerView, statusView } from '../../../server/src/cli/views.ts'
import {
  type Moment,
  momentsOf,
  paint,
  renderWatch,
  type WatchState,
  widthOf,
  widthOfLine,
  withEvent,
} from '../../../server/src/cli/watch-view.ts'

const NOW = new Date(2026, 10, 20, 14, 5).getTime()
const KEY = 'ab'.repeat(32)
const status = statusView.parse({
  name: 'claude-laptop-api',
  nodeId: 'n',
  fingerprint: KEY,
  groups: [{ name: 'backend-team', serviceType: '_backend-team._tcp' }],
  peersHere: 2,
  peersKnown: 3,
  listen: [],
  problems: [],
  inbox: { total: 4, unread: 1 },
  outbox: { waiting: 0 },
  memory: { items: 4 },
})
const peer = (name: string, isHere: boolean, more: object = {}) =>
  peerView.parse({ name, fingerprint: KEY, group: 'backend-team', trust: 'member', isHere, lastSeen: NOW - 7_200_000, ...more })
const peers = [
  peer('claude-desk-web', false),
  peer('claude-laptop-web', true, {
    path: 'machine',
    presence: { status: 'working', summary: 'making the login form follow the new tokens', role: 'frontend' },
  }),
  peer('claude-build-ci', true, { path: 'lan', presence: { status: 'idle' } }),
]
const item = (minutes: number, name: string, text: string, more: object = {}) =>
  itemView.parse({
    shortId: 'm0123456789abcdef',
    group: 'backend-team',
    from: { name, fingerprint: KEY, trust: 'member' },
    isDirected: false,
    tags: ['message'],
    fields: { focus: { text } },
    receivedAt: NOW - minutes * 60_000,
    ...more,
  })
const items = [
  item(2, 'claude-laptop-web', 'which of the two token formats is on main?', { isDirected: true }),
  item(
    9,
    'claude-build-ci',
    'the login test fails on main since the clock was mocked; the fixture keeps its own time and no longer agrees with the server',
    {
      tags: ['observation', 'finding'],
    },
  ),
]
const event = (value: object) => nodeEvent.parse(value)
const moments = [
  event({ kind: 'peer-here', peer: peers[1] }),
  event({ kind: 'receipt', id: `asrt-${'0'.repeat(32)}`, from: 'claude-build-ci', state: 'received' }),
  event({ kind: 'receipt', id: `asrt-${'0'.repeat(32)}`, from: 'claude-build-ci', state: 'surfaced' }),
].reduce<readonly Moment[]>((all, one) => withEvent(all, one, NOW), momentsOf(items))
const STATE: WatchState = { status, peers, moments, now: NOW }
const picture = (state: WatchState, columns: number, rows: number): string =>
  renderWatch(state, { columns, rows })
    .map((line) => paint(line, false).trimEnd())
    .join('\n')

describe('the live view', () => {
  it('shows who is here on the left and what was said on the right [R152]', () => {
    expect(picture(STATE, 110, 12)).toMatchInlineSnapshot(`
      " mesh claude-laptop-api  in backend-team   2 here of 3   1 unread   14:05
      ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
       ● claude-laptop-web  working, fronten │  13:56 · claude-build-ci  [finding] the login test fails on main
         making the login form follow the ne │                           since the clock was mocked; the fixture
       ● claude-build-ci  idle, lan          │                           keeps its own time and no longer agrees
       ○ claude-desk-web  2 h ago            │  14:03 → claude-laptop-web  which of the two token formats is on
                                             │                             main?
                                             │  14:05 + claude-laptop-web  is here by machine
                                             │  14:05 ✓ claude-build-ci  has seen m0000000000000000
                                             │
      ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
       read-only; q or Ctrl-C ends"
    `)
  })

  it('stacks the two where the window is narrow', () => {
    expect(picture(STATE, 60, 16)).toMatchInlineSnapshot(`
      " mesh claude-laptop-api  in backend-team   2 here of 3   1 u
      ────────────────────────────────────────────────────────────
       ● claude-laptop-web  working, frontend, machine
         making the login form follow the new tokens
       ● claude-build-ci  idle, lan
       ○ claude-desk-web  2 h ago
      ────────────────────────────────────────────────────────────
       13:56 · claude-build-ci  [finding] the login test fails on
                                main since the clock was mocked;
                                the fixture keeps its own time and
       14:03 → claude-laptop-web  which of the two token formats
                                  is on main?
       14:05 + claude-laptop-web  is here by machine
       14:05 ✓ claude-build-ci  has seen m0000000000000000
      ────────────────────────────────────────────────────────────
       read-only; q or Ctrl-C ends"
    `)
  })

  it('says so where nobody is and nothing was said, and where the window is too small', () => {
    expect(picture({ ...STATE, peers: [], moments: [] }, 60, 10)).toMatchInlineSnapshot(`
      " mesh claude-laptop-api  in backend-team   2 here of 3   1 u
      ────────────────────────────────────────────────────────────
       Nobody else yet.
       Start a session in the same group.
      ────────────────────────────────────────────────────────────
       Nothing was said yet.


      ────────────────────────────────────────────────────────────
       read-only; q or Ctrl-C ends"
    `)
    expect(picture(STATE, 20, 5).trim()).toBe('The window is too sm')
  })

  it('puts a problem in the last line', () => {
    const broken = { ...STATE, status: { ...status, problems: ['Multicast seems to be blocked'] } }
    expect(picture(broken, 60, 10).split('\n').at(-1)).toBe(' ! Multicast seems to be blocked')
  })

  test.prop([
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: 1, max: 60 }),
    fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 8 }),
  ])('fits every window exactly, whatever peers say, and lets no code of theirs through', (columns, rows, texts) => {
    const said = momentsOf(texts.map((text, at) => item(at, text, text)))
    const lines = renderWatch(
      { ...STATE, peers: texts.map((text) => peer(text, true, { presence: { status: 'idle', summary: text } })), moments: said },
      { columns, rows },
    )
    expect(lines).toHaveLength(rows)
    for (const line of lines) {
      expect(widthOfLine(line)).toBe(columns)
      expect(paint(line, false)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
    }
  })

  it('counts the cells of wide and of combining characters', () => {
    expect([widthOf('abc'), widthOf('日本'), widthOf('e\u0301'), widthOf('🙂')]).toEqual([3, 4, 1, 2])
  })

  it('paints with codes only where colour is wanted', () => {
    const [line = []] = renderWatch(STATE, { columns: 80, rows: 10 })
    expect(paint(line, true)).toContain('\u001b[1;36mclaude-laptop-api\u001b[0m')
    expect(paint(line, false)).not.toContain('\u001b')
  })
})
