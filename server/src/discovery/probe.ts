/**
 * Whether multicast works on this machine, found out and not assumed: on each interface two sockets of our own, and a
 * question that one sends and the other must hear. It shows what this machine's firewall, its interfaces and other
 * holders of the port allow; whether the network between two machines carries it only a second machine can show.
 */
import { toHex } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import type { Guard } from '../base/guard.ts'
import type { MdnsPort, OpenPort } from './mdns-port.ts'
import type { NetworkInterface } from './subnet.ts'

export interface ProbeDeps {
  readonly open: OpenPort
  readonly interfaces: readonly NetworkInterface[]
  readonly clock: Clock
  readonly random: RandomBytes
  readonly guard: Guard
}

export interface ProbeResult {
  readonly interface: string
  /** Undefined: what was sent was heard. */
  readonly problem: string | undefined
}

const PORT = 5_353
const HEARD_WITHIN_MS = 1_500
const AGAIN_MS = 300

export function probeMulticast(deps: ProbeDeps): Promise<readonly ProbeResult[]> {
  return Promise.all(deps.interfaces.map(async (via) => ({ interface: via.name, problem: await probe(via, deps) })))
}

/** IPv4 is asked, as discovery cannot do without it on most networks; an interface without it is asked by IPv6. */
function probe(via: NetworkInterface, { open, clock, random, guard }: ProbeDeps): Promise<string | undefined> {
  const family = via.addresses.some((one) => one.family === 4) ? 4 : 6
  const question = `sym-probe-${toHex(random(8))}._sym._tcp.local`
  return new Promise((resolve) => {
    const ports: MdnsPort[] = []
    const state = { ready: 0, isOver: false }
    const end = (problem: string | undefined): void => {
      if (state.isOver) return
      state.isOver = true
      deadline.cancel()
      again.cancel()
      for (const port of ports) port.close()
      resolve(problem)
    }
    const deadline = clock.after(HEARD_WITHIN_MS, () => end('a question of our own was sent and not heard: a firewall drops UDP 5353'))
    const ask = (): void => void ports[0]?.send({ type: 'query', questions: [{ name: question, type: 'PTR' }] })
    const again = clock.after(AGAIN_MS, ask)
    const onReady = (): void => void (++state.ready === 2 && ask())
    for (const isListener of [false, true]) {
      const onPacket = (packet: { readonly questions?: readonly { readonly name: string }[] }): void => {
        if (isListener && packet.questions?.some(({ name }) => name.toLowerCase() === question)) end(undefined)
      }
      ports.push(open({ via, family, port: PORT, guard }, { onReady, onFailed: end, onPacket }))
    }
  })
}
