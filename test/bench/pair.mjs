/** Two nodes that list each other, or the floor's two processes, with one face: send a token on A, hear when B prints it. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listed, startNode } from './mcp.mjs'
import { floorProgram, jsonProcess, nodeHome, subjectProgram, withLimit } from './measure.mjs'
import { remember } from './memory.mjs'

const MANY = 1_000_000_000
/** What a person may set in `settings.json`, raised so that it does not stand in the way. Every check stays on. */
export const RAISED = {
  linkFramesPerSecond: MANY,
  linkFramesBurst: MANY,
  linkBytesPerSecond: MANY,
  linkBytesBurst: MANY,
  cmbsPerMinute: MANY,
  cmbsBurst: MANY,
  cmbsPerDay: MANY,
  sendsPerMinute: MANY,
  contextItemsPerMinute: MANY,
  contextTokensPerMinute: MANY,
}

export async function floorPair() {
  const waiting = new Map()
  const hear = (message, at) => waiting.get(message.token)?.(at)
  const open = (args) =>
    new Promise((done) => {
      const link = jsonProcess([floorProgram('pipe.mjs'), ...args], {
        received: (message, at) => (message.token === undefined ? done({ link, message }) : hear(message, at)),
      })
    })
  const a = await open(['listen'])
  const b = await open([String(a.message.port)])
  return {
    pids: [a.link.child.pid, b.link.child.pid],
    send(token) {
      const seen = new Promise((done) => waiting.set(token, done))
      a.link.write({ token, text: 'a message of about the usual length, which is not long at all' })
      return withLimit(seen, 'the token at the other end').finally(() => waiting.delete(token))
    },
    deliver(token) {
      return this.send(token)
    },
    /** The same from the other end. */
    back(token) {
      const seen = new Promise((done) => waiting.set(token, done))
      b.link.write({ token, text: 'an answer of about the usual length, which is not long at all' })
      return withLimit(seen, 'the token back').finally(() => waiting.delete(token))
    },
    close: () => Promise.all([a.link.kill(), b.link.kill()]),
  }
}

/**
 * Two sessions of one user on one machine: one state folder is how they find each other without a network. `kept`: items of
 * others that each has in its memory already.
 */
export async function subjectPair({ kept = 0 } = {}) {
  const homes = [nodeHome({ SYM_NODE_NAME: 'bench-a' }), nodeHome({ SYM_NODE_NAME: 'bench-b' })]
  homes[1].env.SYM_STATE_DIR = homes[0].env.SYM_STATE_DIR
  if (kept > 0) await fillMemories(homes, kept)
  return pairOf(homes)
}

/** Two users that share nothing but what `ways` names: an address, or a relay. */
export async function strangersPair(ways) {
  return pairOf([
    nodeHome({ SYM_NODE_NAME: 'bench-a', SYM_LISTEN: '127.0.0.1:0', ...ways[0] }),
    nodeHome({ SYM_NODE_NAME: 'bench-b', SYM_LISTEN: '127.0.0.1:0', ...ways[1] }),
  ])
}

async function pairOf(homes) {
  for (const { env } of homes) writeFileSync(join(env.SYM_STATE_DIR, 'settings.json'), JSON.stringify({ rates: RAISED }), { mode: 0o600 })
  const [a, b] = await Promise.all(homes.map((home) => startNode([subjectProgram('server.mjs')], home)))
  const close = async () => {
    await Promise.all([a.end(), b.end()])
    for (const home of homes) home.close()
  }
  try {
    await Promise.all([listed(a, 'bench-b'), listed(b, 'bench-a')])
  } catch (error) {
    await close()
    throw error
  }
  const text = (token) => `${token} a message of about the usual length, which is not long at all`
  return {
    a,
    b,
    pids: [a.child.pid, b.child.pid],
    root: homes[0].env.SYM_STATE_DIR,
    /** Resolves with the time at which B's Claude is shown the token. */
    async send(token) {
      const seen = b.pushed(token)
      await a.call('sym_send', { focus: text(token), to: 'bench-b' })
      return seen
    },
    /** Resolves with the time at which A knows by B's signed receipt that the message is on B's disk. */
    async deliver(token) {
      const { text: answer, at } = await a.call('sym_send', { focus: text(token), to: 'bench-b' })
      if (!/received|surfaced/.test(answer)) throw new Error(`not received: ${answer}`)
      return at
    },
    close,
  }
}

/** A node makes its key and its store at its first start. */
async function fillMemories(homes, kept) {
  const nodes = await Promise.all(homes.map((home) => startNode([subjectProgram('server.mjs')], home)))
  for (const node of nodes) await node.call('sym_status')
  await Promise.all(nodes.map((node) => node.end()))
  for (const { env } of homes) await remember(env.SYM_STATE_DIR, env.SYM_NODE_NAME, kept)
}
