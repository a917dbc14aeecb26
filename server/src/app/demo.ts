/**
 * The main job in a few seconds, without Claude: two nodes with two temporary homes meet over loopback, talk, and every
 * step is shown with what is on the wire and what would stand in the context. Real keys, handshake, disk and fence;
 * only the network is this machine's own. Nothing is left behind.
 */
import os from 'node:os'
import { fromUtf8 } from '../base/bytes.ts'
import { systemClock, systemRandom } from '../base/clock.ts'
import { Scope } from '../base/scope.ts'
import { shortFingerprint } from '../identity/ids.ts'
import { introduce, renderItem } from '../mcp/fence.ts'
import { surfaceItem } from '../mcp/surface.ts'
import type { MeshNode, NodeEvent } from '../mesh/node.ts'
import type { SendView } from '../mesh/views.ts'
import type { Connection, Transport } from '../transport/connection.ts'
import { heard, LOOPBACK, portOf, startTemporaryNode } from './temporary-node.ts'

type Print = (line: string) => void

const SECRET = 'the login test fails on main since the clock was mocked'

export async function runDemo(print: Print): Promise<void> {
  const scope = new Scope(systemClock)
  const wire: Uint8Array[] = []
  try {
    print('1. Two homes, two identities (Ed25519 keys, made now, on disk in temporary folders)')
    const alice = await startNode('alice', undefined, scope, wire, () => {})
    const port = portOf(alice)
    const show = (frame: Uint8Array, from: string): void =>
      print(`   ${from.padEnd(5)} ${String(frame.length).padStart(5)} bytes  ${describeFrame(frame)}`)
    print(`   alice  ${shortFingerprint(alice.fingerprint)}  listens on ${LOOPBACK}:${port}`)
    print('\n2. Bob starts, dials the address, and both prove their keys (MMP 2.0 handshake); all that follows is sealed')
    const met = heard(alice, (event) => event.kind === 'peer-here')
    const bob = await startNode('bob', port, scope, wire, show)
    print(`   bob    ${shortFingerprint(bob.fingerprint)}`)
    await met
    await heardAny(
      bob,
      (event) => event.kind === 'peer-here',
      bob.peers().some((peer) => peer.isHere),
    )

    print('\n3. Bob observes something: signed, written to his disk, sealed, sent; Alice writes it to hers and signs a receipt')
    const arrived = heard(alice, (event) => event.kind === 'arrived')
    const sent = await bob.send({
      fields: { focus: SECRET, intent: 'pin the clock in the test set-up', mood: { text: 'determined', valence: 0.4 } },
      tags: ['observation', 'finding'],
    })
    print(`   bob's view: ${describeState(sent)}`)

    print("\n4. What Alice's Claude is shown, in the middle of its turn: quoted, attributed, fenced")
    const event = await arrived
    if (event.kind !== 'arrived') throw new Error('not an arrival')
    print(indent([introduce([surfaceItem(event.item)]), '', renderItem(surfaceItem(event.item), systemRandom)].join('\n')))
    const seen = heard(bob, (receipt) => receipt.kind === 'receipt' && receipt.state === 'surfaced')
    await alice.markSurfaced([event.item.id], 'hook')
    await seen
    print(`   bob's view: ${describeState(bob.outgoing(sent.id) ?? sent)}`)

    print('\n5. What was on the wire')
    const isLeaked = wire.some((frame) => Buffer.from(frame).includes(SECRET.slice(0, 16)))
    print(`   ${wire.length} frames in both directions; bob's words in clear: ${isLeaked ? 'FOUND' : 'nowhere'}`)
    if (isLeaked) throw new Error('the words were found on the wire in clear')
  } finally {
    await scope.stop()
  }
  print('\nDone: both nodes stopped, both homes removed.')
}

function startNode(
  name: string,
  peerPort: number | undefined,
  scope: Scope,
  wire: Uint8Array[],
  show: (frame: Uint8Array, from: string) => void,
): Promise<MeshNode> {
  const onFrame = (frame: Uint8Array, isOwn: boolean): void => {
    // Each frame passes two taps, one at either end; the sender's counts.
    if (isOwn) wire.push(frame)
    show(frame, isOwn ? name : 'alice')
  }
  return startTemporaryNode({ name, peerPort, folder: os.tmpdir(), scope, wrap: (transport) => tapped(transport, onFrame) })
}

/** The same transport, with every frame shown as it passes. */
function tapped(transport: Transport, onFrame: (frame: Uint8Array, isOwn: boolean) => void): Transport {
  const tap = (connection: Connection): Connection => {
    const send: Connection['send'] = (frame) => {
      onFrame(frame, true)
      return connection.send(frame)
    }
    const start: Connection['start'] = (events) => {
      const shown = (frame: Uint8Array): void => {
        onFrame(frame, false)
        events.onFrame(frame)
      }
      connection.start({ ...events, onFrame: shown })
    }
    return new Proxy(connection, {
      get(target, member) {
        if (member === 'send') return send
        if (member === 'start') return start
        const value: unknown = Reflect.get(target, member, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
  return {
    listen: (at, onConnection) => transport.listen(at, (connection) => onConnection(tap(connection))),
    dial: async (to, signal) => tap(await transport.dial(to, signal)),
  }
}

function describeFrame(frame: Uint8Array): string {
  const text = fromUtf8(frame) ?? ''
  const type = /"type":"([^"]*)"/.exec(text)?.[1] ?? '?'
  const sealed = /"sealed":"([^"]{0,40})/.exec(text)?.[1]
  return sealed === undefined ? `${type}` : `${type}  ${sealed}…`
}

function describeState(view: SendView): string {
  return view.recipients.map(({ peer, state, way }) => `${peer} ${state}${way === '' ? '' : ` by ${way}`}`).join(', ') || 'nobody is there'
}

async function heardAny(node: MeshNode, fits: (event: NodeEvent) => boolean, isThere: boolean): Promise<void> {
  if (!isThere) await heard(node, fits)
}

const indent = (text: string): string => text.replace(/^/gm, '   ')
