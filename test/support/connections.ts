/** Listening to a connection in a test: what came, and promises for what is still to come. */
import type { CloseReason, Connection } from '../../server/src/transport/connection.ts'

export interface Heard {
  readonly frames: Uint8Array[]
  readonly closes: CloseReason[]
  /** Resolves once there are `count` frames. */
  frameCount(count: number): Promise<void>
  closed(): Promise<CloseReason>
}

/** Starts the connection and records; `onFrame` sees each frame after it was recorded. */
export function hear(connection: Connection, onFrame: (payload: Uint8Array) => void = () => {}): Heard {
  const frames: Uint8Array[] = []
  const closes: CloseReason[] = []
  let waiting: (() => void)[] = []
  const wake = () => {
    const woken = waiting
    waiting = []
    for (const resolve of woken) resolve()
  }
  connection.start({
    onFrame: (payload) => {
      frames.push(Uint8Array.from(payload))
      onFrame(payload)
      wake()
    },
    onClose: (reason) => {
      closes.push(reason)
      wake()
    },
  })
  const until = async (isDone: () => boolean) => {
    while (!isDone()) await new Promise<void>((resolve) => waiting.push(resolve))
  }
  return {
    frames,
    closes,
    frameCount: (count) => until(() => frames.length >= count),
    closed: async () => {
      await until(() => closes.length > 0)
      return closes[0] ?? 'remote'
    },
  }
}
