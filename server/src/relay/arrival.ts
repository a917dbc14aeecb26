/**
 * One TCP connection from its first packet on. Until it has come in it holds a place, a deadline that no byte puts off, and
 * a count of its bytes; of all that nothing is left afterwards, since a relay holds thousands that are idle.
 */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Timer } from '../base/clock.ts'
import type { Place } from './admission.ts'
import type { RelayConnection } from './connection.ts'

export class Arrival implements Place {
  readonly socket: Socket
  /** Its own address, which may be that of a proxy. */
  readonly remote: string
  connection: RelayConnection | undefined
  #place: Place | undefined
  #deadline: Timer | undefined
  #uncount: (() => void) | undefined

  constructor(socket: Socket, remote: string, place: Place, deadline: Timer) {
    this.socket = socket
    this.remote = remote
    this.#place = place
    this.#deadline = deadline
  }

  /** It counts for somebody else: the one that a proxy speaks for. */
  moveTo(place: Place): void {
    this.#place?.free()
    this.#place = place
  }

  /** The largest message is for members; before that nobody may make us hold more than this. */
  limitBytes(socket: Duplex, begun: number, most: number): void {
    let bytes = begun
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > most) socket.destroy()
    }
    socket.on('data', onData)
    this.#uncount = () => socket.off('data', onData)
  }

  free(): void {
    this.#place?.free()
    this.#deadline?.cancel()
    this.#uncount?.()
    this.#place = undefined
    this.#deadline = undefined
    this.#uncount = undefined
  }
}
