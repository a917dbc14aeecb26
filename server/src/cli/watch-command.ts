/** `watch`: a calm full-screen view on a terminal, one line per event elsewhere. It reads and never writes. */
import * as z from 'zod'
import { asking, type CliDeps, type Commands, type NodeAccess, parsed } from './command.ts'
import { formatEvent } from './format.ts'
import { itemView, nodeEvent, peerView, statusView } from './views.ts'
import { type Moment, momentsOf, paint, renderWatch, withEvent } from './watch-view.ts'

/** A terminal that a program may draw on. */
export interface Screen {
  readonly hasColour: boolean
  size(): { readonly columns: number; readonly rows: number }
  /** To the beginning of each line, without wiping: what is the same does not flicker. */
  draw(lines: readonly string[]): void
  /** Another screen from here on; `leave` brings back the one that was there, whatever happened. */
  enter(events: { readonly onResize: () => void; readonly onKey: (key: string) => void }): void
  leave(): void
}

interface Options {
  readonly json?: boolean
  readonly node?: string
  readonly plain?: boolean
}

const REFRESH_MS = 2_000
const PAST_ITEMS = 50

export function addWatchCommand({ deps, addForNode }: Commands): void {
  addForNode('watch', 'who is here, what they do and what is said, live, until q or Ctrl-C', 'watch')
    .option('--plain', 'one line per event, also on a terminal')
    .action(async (options: Options) =>
      asking(deps, { node: options.node }, (node) => {
        const isPlain = options.json === true || options.plain === true
        return deps.screen === undefined || isPlain ? lines(deps, node, options) : live(deps, node, deps.screen)
      }),
    )
}

async function lines(deps: CliDeps, node: NodeAccess, options: Options): Promise<void> {
  await node.watch((event) => {
    const known = nodeEvent.safeParse(event)
    if (known.success) deps.out(options.json ? JSON.stringify(event) : formatEvent(known.data, deps.now()))
  }, deps.signal)
}

async function live(deps: CliDeps, node: NodeAccess, screen: Screen): Promise<void> {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  deps.signal.addEventListener('abort', end, { once: true })
  let moments: readonly Moment[] = momentsOf(parsed(z.array(itemView), await node.call('inbox', { limit: PAST_ITEMS })))
  let facts = await look(node)
  const draw = (): void => {
    const frame = renderWatch({ ...facts, moments, now: deps.now() }, screen.size())
    screen.draw(frame.map((line) => paint(line, screen.hasColour)))
  }
  screen.enter({ onResize: draw, onKey: (key) => (key === 'q' || key === '\u0003') && end() })
  try {
    draw()
    const refresh = async (): Promise<void> => {
      facts = await look(node).catch(() => facts)
      if (!ending.signal.aborted) draw()
    }
    const stop = every(deps, REFRESH_MS, refresh, ending.signal)
    await node.watch((event) => {
      const known = nodeEvent.safeParse(event)
      if (!known.success) return
      moments = withEvent(moments, known.data, deps.now())
      void refresh()
    }, ending.signal)
    stop()
  } finally {
    screen.leave()
  }
}

async function look(node: NodeAccess) {
  const [status, peers] = await Promise.all([node.call('status'), node.call('peers', { isHereOnly: false })])
  return { status: parsed(statusView, status), peers: parsed(z.array(peerView), peers) }
}

/** One after the other; a slow answer puts off the next question. */
function every(deps: CliDeps, periodMs: number, fn: () => Promise<void>, signal: AbortSignal): () => void {
  let timer = deps.after(periodMs, tick)
  async function tick(): Promise<void> {
    await fn()
    if (!signal.aborted) timer = deps.after(periodMs, tick)
  }
  return () => timer.cancel()
}
