/**
 * What a session costs that does nothing: memory above a bare Node, and processor time. In its first half minute V8 clears
 * up after the start (two or three collections of the whole heap), which comes once and stands in a row of its own.
 */

import { startNode } from './mcp.mjs'
import { fineCpuMs, floorProgram, hasSubject, jsonProcess, nodeHome, residentMb, skipped, sleep, subjectProgram } from './measure.mjs'
import { subjectPair } from './pair.mjs'

export const title = 'idle'

export async function run({ seconds = 30 } = {}) {
  const bare = jsonProcess([floorProgram('echo.mjs')])
  await sleep(1_000)
  const floor = residentMb(bare.child.pid)
  await bare.kill()
  const rows = [{ metric: 'floor: bare Node, resident', value: floor, unit: 'MB', n: 1 }]
  if (!hasSubject('server.mjs')) return [...rows, skipped('server, idle', 'no server.mjs')]
  return [...rows, ...(await alone(floor, seconds)), ...(await withPeer(floor))]
}

async function alone(floor, seconds) {
  const home = nodeHome()
  const node = await startNode([subjectProgram('server.mjs')], home)
  await sleep(5_000)
  const atStart = await share(node.child.pid, 25)
  const later = await share(node.child.pid, seconds)
  const memory = residentMb(node.child.pid) - floor
  await node.end()
  home.close()
  return [
    { metric: 'server, idle: memory above a bare Node', value: memory, unit: 'MB', target: '22, want 15', n: 1 },
    { metric: 'server, idle, from 5 to 30 s after its start: share of a core', value: atStart, unit: '%', n: 1 },
    { metric: 'server, idle, later: share of a core', value: later, unit: '%', target: '0.2, want 0.05', n: 1 },
  ]
}

async function share(pid, seconds) {
  const before = fineCpuMs(pid)
  await sleep(seconds * 1000)
  return ((fineCpuMs(pid) - before) / (seconds * 1000)) * 100
}

async function withPeer(floor) {
  const pair = await subjectPair()
  await sleep(5_000)
  const memory = residentMb(pair.pids[0]) - floor
  await pair.close()
  return [{ metric: 'server, one peer: memory above a bare Node', value: memory, unit: 'MB', target: '28, want 20', n: 1 }]
}
