/**
 * What a connection is to others once it came in: a member of one group. One object without closures, and texts that are
 * made once, since there is one for each of thousands of idle connections.
 */
import { toBase64Url } from '../base/bytes.ts'
import type { NodeId } from '../identity/ids.ts'
import type { RelayGroup } from '../mmp/relay-proof.ts'
import type { RelayRoom } from '../mmp/relay-room.ts'
import type { Guest } from './admission.ts'
import type { MailDrain } from './mail-drain.ts'
import type { RelayMember } from './router.ts'

export interface SeatFacts {
  readonly nodeId: NodeId
  readonly name: string
  readonly rooms: ReadonlySet<RelayRoom>
  readonly guest: Guest | undefined
  readonly proven: RelayMember['proven']
  readonly since: number
  readonly mail: MailDrain | undefined
}

export type Sitter = Pick<RelayMember, 'deliver' | 'onMail' | 'replaced' | 'hold'>

export class Seat implements RelayMember {
  readonly group: RelayGroup
  readonly nodeId: NodeId
  readonly name: string
  readonly facts: string
  /** Everything before the payload in what it sends to others. */
  readonly prefix: string
  readonly proven: RelayMember['proven']
  readonly since: number
  readonly mail: MailDrain | undefined
  rooms: ReadonlySet<RelayRoom>
  readonly guest: Guest | undefined
  readonly #sitter: Sitter

  constructor(sitter: Sitter, group: RelayGroup, { nodeId, name, guest, rooms, proven, since, mail }: SeatFacts) {
    const quoted = JSON.stringify(name)
    const key = proven ? `,"publicKey":"${toBase64Url(proven.publicKey)}"` : ''
    this.#sitter = sitter
    this.group = group
    this.nodeId = nodeId
    this.name = name
    this.facts = whole(`"nodeId":"${nodeId}","name":${quoted}${key}`)
    this.prefix = whole(`{"from":"${nodeId}","fromName":${quoted},"payload":`)
    this.proven = proven
    this.since = since
    this.mail = mail
    this.rooms = rooms
    this.guest = guest
  }

  get isGuest(): boolean {
    return this.guest !== undefined
  }

  deliver(frame: Buffer, from: RelayMember | undefined): void {
    this.#sitter.deliver(frame, from)
  }

  onMail(): void {
    this.#sitter.onMail()
  }

  replaced(by: 'same-key' | 'same-id'): void {
    this.#sitter.replaced(by)
  }

  hold(): () => void {
    return this.#sitter.hold()
  }
}

/** A text that is put together keeps its parts, and the parts keep what they were cut from. */
function whole(text: string): string {
  return Buffer.from(text).toString()
}
