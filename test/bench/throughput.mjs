/**
 * A pair with 32 messages in flight, each counted when the sender holds the signed receipt that it is on the recipient's
 * disk; with the processor time of both ends. The rates of `settings.json` are raised, every check stays on. A pair ends
 * below the number of unread messages that an inbox takes from one peer (2,000), so there are several, each new; the
 * median counts.
 */
import { cpuMs, hasSubject, median, nowMs, skipped } from './measure.mjs'
import { floorPair, subjectPair } from './pair.mjs'

export const title = 'throughput'
const IN_FLIGHT = 32
const MOST = 1_800
/** What a memory holds at most. */
const FULL = 50_000

export async function run({ pairs = 3, seconds = 8, full = FULL } = {}) {
  const floor = await rate(await floorPair(), { seconds: 2, most: Number.POSITIVE_INFINITY })
  const rows = rowsOf('floor: stdin → TCP → stdout', floor)
  if (!hasSubject('server.mjs')) return [...rows, skipped('pair, 32 in flight', 'no server.mjs')]
  const runs = []
  for (let i = 0; i < pairs; i++) runs.push(await rate(await subjectPair(), { seconds, most: MOST }))
  const subject = middle(runs)
  return [...rows, ...rowsOf('pair, all checks and receipts on', subject, floor), ...(await againstFull(pairs, seconds, full))]
}

/** In turns with pairs that have kept nothing, so that what else the machine does meets both. */
async function againstFull(pairs, seconds, full) {
  const [none, kept] = [[], []]
  for (let i = 0; i < pairs; i++) {
    none.push(await rate(await subjectPair(), { seconds, most: MOST }))
    kept.push(await rate(await subjectPair({ kept: full }), { seconds, most: MOST }))
  }
  const [empty, filled] = [middle(none), middle(kept)]
  const n = filled.arrived
  const name = `pair with ${full.toLocaleString('en')} items kept at each end`
  return [
    {
      metric: `${name}: messages per second`,
      value: filled.perSecond,
      unit: '/s',
      ratio: filled.perSecond / empty.perSecond,
      target: '0.85x, want 0.95x',
      n,
    },
    {
      metric: `${name}: processor per message`,
      value: filled.cpuPerMessage,
      unit: 'ms',
      ratio: filled.cpuPerMessage / empty.cpuPerMessage,
      n,
    },
  ]
}

function middle(runs) {
  const of = (value) => median(runs.map(value))
  return {
    perSecond: of((one) => one.perSecond),
    cpuPerMessage: of((one) => one.cpuPerMessage),
    arrived: of((one) => one.arrived),
    lost: Math.max(...runs.map((one) => one.lost)),
  }
}

function rowsOf(name, { perSecond, cpuPerMessage, arrived, lost }, floor) {
  const target = floor ? '1,000/s, want 2,500' : undefined
  return [
    {
      metric: `${name}: messages per second`,
      value: perSecond,
      unit: '/s',
      ratio: floor && perSecond / floor.perSecond,
      target,
      n: arrived,
    },
    {
      metric: `${name}: processor per message, both ends`,
      value: cpuPerMessage,
      unit: 'ms',
      target: floor && '1 ms, want 0.5',
      n: arrived,
    },
    ...(lost > 0 ? [{ metric: `${name}: not arrived`, value: lost, unit: '', n: arrived + lost }] : []),
  ]
}

async function rate(pair, { seconds, most }) {
  let arrived = 0
  let sent = 0
  let last = nowMs()
  const end = nowMs() + seconds * 1000
  const worker = async () => {
    while (nowMs() < end && sent < most) {
      last = Math.max(last, await pair.deliver(`tok-${(sent++).toString(36)}x`))
      arrived++
    }
  }
  try {
    const before = pair.pids.map(cpuMs)
    const started = nowMs()
    const stalled = new Promise((done) => setTimeout(done, (seconds + 10) * 1000).unref())
    await Promise.race([Promise.all(Array.from({ length: IN_FLIGHT }, worker)), stalled])
    if (arrived === 0) throw new Error('nothing arrived')
    const cpu = pair.pids.map((pid, i) => cpuMs(pid) - before[i]).reduce((a, b) => a + b)
    return { perSecond: arrived / ((last - started) / 1000), cpuPerMessage: cpu / arrived, arrived, lost: sent - arrived }
  } finally {
    await pair.close()
  }
}
