/**
 * Start: spawn → `initialize` result, with an empty store, beside a bare JSON-RPC echo and a Node that does nothing; and
 * spawn → the first answer of a tool, for which the node is up, with an empty memory and with full ones.
 */

import { spawn } from 'node:child_process'
import { initializeRequest, startNode } from './mcp.mjs'
import { floorProgram, hasSubject, interleave, jsonProcess, nodeHome, nowMs, row, skipped, subjectProgram } from './measure.mjs'
import { remember } from './memory.mjs'

export const title = 'start'

const FULL = [10_000, 100_000]

export async function run({ rounds = 15, full = FULL } = {}) {
  const variants = { nothing: () => untilExit(['-e', '0']), echo: () => untilInitialized([floorProgram('echo.mjs')]) }
  if (hasSubject('server.mjs')) variants.server = () => untilInitialized([subjectProgram('server.mjs')])
  const { nothing, echo, server } = await interleave(variants, rounds)
  const floors = [row('floor: node -e 0, spawn to exit', nothing), row('floor: JSON-RPC echo, spawn to initialize', echo)]
  if (!server) return [...floors, skipped('server start', 'no server.mjs')]
  const first = row('server, spawn to initialize, empty store', server, { floor: echo, target: '1.9x, want 1.5x' })
  return [...floors, first, ...(await withMemories(rounds, full))]
}

/** Of sessions that come back: each has its key and its store. */
async function withMemories(rounds, sizes) {
  const homes = new Map([0, ...sizes].map((size) => [`${size}`, nodeHome({ SYM_NODE_NAME: 'bench', SYM_LISTEN: '127.0.0.1:0' })]))
  try {
    for (const [size, home] of homes) {
      await untilTool(home)
      if (size !== '0') await remember(home.env.SYM_STATE_DIR, 'bench', Number(size))
    }
    const variants = Object.fromEntries([...homes].map(([size, home]) => [`kept${size}`, () => untilTool(home)]))
    const results = await interleave(variants, rounds)
    const floor = results.kept0
    return [
      row('server, spawn to the first answer of a tool, nothing kept', floor),
      ...sizes.map((size) =>
        row(`the same with ${size.toLocaleString('en')} kept items`, results[`kept${size}`], { floor, target: '1.15x, want 1.05x' }),
      ),
    ]
  } finally {
    for (const home of homes.values()) home.close()
  }
}

async function untilTool(home) {
  const node = await startNode([subjectProgram('server.mjs')], home)
  const { at } = await node.call('sym_status')
  await node.end()
  return at - node.started
}

async function untilInitialized(args) {
  const home = nodeHome()
  let answered
  const answer = new Promise((done) => {
    answered = done
  })
  const link = jsonProcess(args, { ...home, received: (_message, at) => answered(at) })
  link.write(initializeRequest)
  const died = link.exited.then(() => Promise.reject(new Error(`${args[0]} ended without an answer`)))
  const at = await Promise.race([answer, died])
  died.catch(() => {})
  await link.kill()
  home.close()
  return at - link.started
}

function untilExit(args) {
  const home = nodeHome()
  const started = nowMs()
  return new Promise((done) => {
    spawn(process.execPath, args, { ...home, stdio: 'ignore' }).once('close', () => {
      done(nowMs() - started)
      home.close()
    })
  })
}
