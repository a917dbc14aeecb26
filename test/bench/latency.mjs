/** One way: a tool call on A's stdin → the push on B's stdout. One process takes both time stamps; a random gap between. */
import { hasSubject, nowMs, row, skipped, sleep } from './measure.mjs'
import { floorPair, subjectPair } from './pair.mjs'

export const title = 'one-way latency'
const MESSAGES = 45
const WARM_UP = 5

/** Forty messages on each new pair, after a few to warm up; the floor is measured beside each. */
export async function run({ pairs = 3 } = {}) {
  const [floor, subject] = [[], []]
  for (let i = 0; i < pairs; i++) {
    floor.push(...(await latencies(await floorPair())))
    if (hasSubject('server.mjs')) subject.push(...(await latencies(await subjectPair())))
  }
  const rows = [row('floor: stdin → TCP → stdout', floor)]
  if (subject.length === 0) return [...rows, skipped('one way, two sessions', 'no server.mjs')]
  return [...rows, row('one way, same machine, signed, sealed, on disk', subject, { floor, target: '4x, want 2.5x' })]
}

/** Milliseconds of each message; the pair is ended. */
export async function latencies(pair) {
  const values = []
  try {
    for (let i = 0; i < MESSAGES; i++) {
      await sleep(20 + Math.random() * 30)
      const started = nowMs()
      const at = await pair.send(`tok-${i.toString(36)}${Math.random().toString(36).slice(2, 8)}`)
      if (i >= WARM_UP) values.push(at - started)
    }
  } finally {
    await pair.close()
  }
  return values
}
