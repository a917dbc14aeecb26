/** A hook with nothing waiting, beside a Node that does nothing: this is paid at each prompt and each tool call. */
import { spawn } from 'node:child_process'
import { hasSubject, interleave, nodeHome, nowMs, row, skipped, subjectProgram } from './measure.mjs'

export const title = 'hook'

/** By the names that hooks.json passes. */
const EVENTS = ['UserPromptSubmit', 'PostToolUse']

export async function run({ rounds = 21 } = {}) {
  if (!hasSubject('hook.mjs')) return [skipped('hook', 'no hook.mjs')]
  const home = nodeHome()
  const variants = { nothing: () => hook(['-e', '0'], home, {}) }
  for (const event of EVENTS) {
    const input = { session_id: 'bench', transcript_path: '/dev/null', cwd: home.cwd, hook_event_name: event, prompt: 'hello' }
    variants[event] = () => hook([subjectProgram('hook.mjs'), event], home, input)
  }
  const { nothing, ...events } = await interleave(variants, rounds)
  home.close()
  const rows = Object.entries(events).map(([event, values]) =>
    row(`hook ${event}, nothing waiting`, values, { floor: nothing, target: '1.3x, want 1.1x' }),
  )
  return [row('floor: node -e 0', nothing), ...rows]
}

function hook(args, { env, cwd }, input) {
  const started = nowMs()
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { env, cwd, stdio: ['pipe', 'ignore', 'ignore'] })
    child.stdin.on('error', () => {})
    child.stdin.end(JSON.stringify(input))
    child.once('close', () => done(nowMs() - started))
  })
}
