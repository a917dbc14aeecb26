/**
 * A look at a relay, from outside and inside: is it there, does it take us in with this token, and does what one sends
 * reach the other. Two visitors without keys come, one says a word to the other, both leave; nothing stays at the relay,
 * and no holder of a key is disturbed. And what time it has there, to the second, as every web server tells.
 */
import http from 'node:http'
import https from 'node:https'
import { toHex } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { deferred } from '../base/deferred.ts'
import type { Guard } from '../base/guard.ts'
import { type NodeId, newNodeId } from '../identity/ids.ts'
import { sentenceOf } from './relay-health.ts'
import { publicLookup } from './relay-url.ts'
import { type RelayCause, type RelayTarget, RelayWire } from './relay-wire.ts'

export interface VisitDeps {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly guard: Guard
}

export type RelayVisit =
  /** A word went from the one to the other, in this time. */
  | { readonly kind: 'echoed'; readonly ms: number }
  /** `no-echo`: it took both in and carried nothing. `why` follows the name of the relay and a colon. */
  | { readonly kind: 'failed'; readonly cause: RelayCause | 'no-echo'; readonly why: string; readonly said: string }

/** Never throws. */
export async function visitRelay(target: RelayTarget, deps: VisitDeps, withinMs: number): Promise<RelayVisit> {
  const { clock, random } = deps
  const outcome = deferred<RelayVisit>()
  const word = toHex(random(8))
  const wires: RelayWire[] = []
  const here: NodeId[] = []
  let sentAt: number | undefined
  const fail = (cause: RelayCause | 'no-echo', said = ''): void =>
    outcome.resolve({ kind: 'failed', cause, why: cause === 'no-echo' ? NO_ECHO : sentenceOf(cause), said })
  const deadline = clock.after(withinMs, () => fail(sentAt === undefined ? 'timeout' : 'no-echo'))
  const onIn = (nodeId: NodeId): void => {
    if (here.includes(nodeId)) return
    here.push(nodeId)
    const [to] = here
    // The second one knows that the first is there.
    if (here.length < 2) return enter()
    sentAt = clock.monotonic()
    wires[1]?.send(JSON.stringify({ to, payload: { type: 'mesh-echo', word } }))
  }
  const enter = (): void => {
    const nodeId = newNodeId(clock, random)
    const wire = new RelayWire(
      target,
      { ...deps, keys: { nodeId }, rooms: () => [] },
      {
        onIn: () => onIn(nodeId),
        onFrame: (frame) => {
          const isEcho = frame.type === 'envelope' && frame.payload['word'] === word && nodeId === here[0]
          if (isEcho && sentAt !== undefined) outcome.resolve({ kind: 'echoed', ms: Math.ceil(clock.monotonic() - sentAt) })
        },
        onEnd: ({ cause, said }) => fail(cause, said),
      },
    )
    wires.push(wire)
  }
  enter()
  const result = await outcome.promise
  deadline.cancel()
  for (const wire of wires) wire.close()
  return result
}

const NO_ECHO = 'it takes this node in, and carries nothing from one to the other'

/** The wall time at the host of the relay, whatever it answers; undefined when it does not tell. */
export function timeAtRelay({ url, isForeign }: RelayTarget, withinMs: number): Promise<number | undefined> {
  const address = new URL('/health', url.href.replace(/^ws/, 'http'))
  const ask = address.protocol === 'https:' ? https.get : http.get
  return new Promise((resolve) => {
    const request = ask(address, { timeout: withinMs, agent: false, ...(isForeign ? { lookup: publicLookup } : {}) }, (response) => {
      response.destroy()
      const time = Date.parse(response.headers.date ?? '')
      resolve(Number.isNaN(time) ? undefined : time)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(undefined))
    request.on('close', () => resolve(undefined))
  })
}
