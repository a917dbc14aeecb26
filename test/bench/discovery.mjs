/**
 * Discovery between two hosts on one LAN (network namespaces on a bridge): both start together, and one joins late. Each
 * value counts until both list each other. Cold is a first start, warm the start of nodes that have their key and store.
 * Also two sessions on one machine. Needs root or user namespaces.
 */
import { spawnSync } from 'node:child_process'
import { listed, startNode } from './mcp.mjs'
import { hasSubject, nodeHome, row, skipped, sleep, subjectProgram } from './measure.mjs'

export const title = 'discovery'

export async function run({ rounds = 7 } = {}) {
  if (!hasSubject('server.mjs')) return [skipped('discovery', 'no server.mjs')]
  const rows = []
  const add = async (metric, target, measure) => {
    for (const [name, isWarm] of [
      ['cold', false],
      ['warm', true],
    ])
      rows.push(row(`${metric}, ${name}`, await repeat(rounds, () => measure(isWarm)), { target }))
  }
  await add('same machine, both up to both listed', '25 ms, want 10', (isWarm) => together(undefined, isWarm))
  if (spawnSync('unshare', ['-n', 'true']).status !== 0) return [...rows, skipped('discovery on a LAN', 'network namespaces need root')]
  const lab = lan()
  try {
    await add('LAN, together: both up to both listed', '100 ms, want 30', (isWarm) => together(lab, isWarm))
    await add('LAN, late joiner: initialize to both listed', '25 ms, want 12', (isWarm) => late(lab, isWarm))
  } finally {
    lab.close()
  }
  return rows
}

async function repeat(rounds, measure) {
  const values = []
  for (let i = 0; i <= rounds; i++) {
    const value = await measure()
    if (i > 0) values.push(value)
  }
  return values
}

async function together(lab, isWarm) {
  return withHosts(lab, isWarm, async (start) => {
    const [a, b] = await Promise.all([start(0), start(1)])
    return bothListed(a, b)
  })
}

async function late(lab, isWarm) {
  return withHosts(lab, isWarm, async (start) => {
    const a = await start(0)
    await sleep(2_500) // what a node says at its start is over
    return bothListed(a, await start(1))
  })
}

async function bothListed(a, b) {
  const since = Math.max(a.initializedAt, b.initializedAt)
  const times = await Promise.all([listed(a, 'bench-1'), listed(b, 'bench-0')])
  return Math.max(...times) - since
}

async function withHosts(lab, isWarm, measure) {
  const homes = [0, 1].map((i) => nodeHome({ SYM_NODE_NAME: `bench-${i}` }))
  // On one machine the state folder is how two sessions meet; on a LAN it must not be shared.
  if (!lab) homes[1].env.SYM_STATE_DIR = homes[0].env.SYM_STATE_DIR
  const nodes = []
  const start = async (i) => {
    const program = [process.execPath, subjectProgram('server.mjs')]
    const [command, ...args] = lab ? ['ip', 'netns', 'exec', lab.hosts[i], ...program] : program
    const node = await startNode(args, { ...homes[i], command })
    nodes.push(node)
    return node
  }
  try {
    if (isWarm) await warmUp(start, nodes)
    return await measure(start)
  } finally {
    await Promise.all(nodes.map((node) => node.end()))
    for (const home of homes) home.close()
  }
}

/** Each node has run once, and met the other. */
async function warmUp(start, nodes) {
  const [a, b] = await Promise.all([start(0), start(1)])
  await bothListed(a, b)
  await Promise.all(nodes.splice(0).map((node) => node.end()))
}

/** Two hosts with IPv4 and multicast on one bridge; the bridge lives in a host of its own, so that nothing outside changes. */
function lan() {
  const id = `sb${process.pid % 100000}`
  const [wire, ...hosts] = ['w', 'a', 'b'].map((host) => `${id}${host}`)
  const ip = (...args) => {
    const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`)
  }
  ip('netns', 'add', wire)
  ip('-n', wire, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0')
  ip('-n', wire, 'link', 'set', 'br0', 'up')
  hosts.forEach((host, i) => {
    ip('netns', 'add', host)
    ip('-n', host, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', `p${i}`, 'netns', wire)
    ip('-n', wire, 'link', 'set', `p${i}`, 'master', 'br0', 'up')
    ip('-n', host, 'addr', 'add', `10.77.0.${i + 1}/24`, 'dev', 'eth0')
    for (const device of ['lo', 'eth0']) ip('-n', host, 'link', 'set', device, 'up')
    ip('-n', host, 'route', 'add', 'default', 'dev', 'eth0')
  })
  const close = () => {
    for (const host of [wire, ...hosts]) spawnSync('ip', ['netns', 'del', host])
  }
  return { hosts, close }
}
