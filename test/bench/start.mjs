/** Start: spawn → `initialize` result, with an empty store, beside a bare JSON-RPC echo and a Node that does nothing. */

import { spawn } from 'node:child_process'
import { initializeRequest } from './mcp.mjs'
import { floorProgram, hasSubject, interleave, jsonProcess, nodeHome, nowMs, row, skipped, subjectProgram } from './measure.mjs'

export const title = 'start'

export async function run({ rounds = 15 } = {}) {
  const variants = { nothing: () => untilExit(['-e', '0']), echo: () => untilInitialized([floorProgram('echo.mjs')]) }
  if (hasSubject('server.mjs')) variants.server = () => untilInitialized([subjectProgram('server.mjs')])
  const { nothing, echo, server } = await interleave(variants, rounds)
  return [
    row('floor: node -e 0, spawn to exit', nothing),
    row('floor: JSON-RPC echo, spawn to initialize', echo),
    server
      ? row('server, spawn to initialize, empty store', server, { floor: echo, target: '1.9x, want 1.5x' })
      : skipped('server start', 'no server.mjs'),
  ]
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
