/**
 * Asking: a `sym_ask` on A, the push on B, a `sym_reply` on B, and the answer in A's call; beside a line that goes there
 * and back over TCP. A person types before each question, as the loop breaker wants it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { hasSubject, nowMs, row, skipped, sleep } from './measure.mjs'
import { floorPair, subjectPair } from './pair.mjs'

export const title = 'ask round trip'
const QUESTIONS = 40
const WARM_UP = 5

export async function run({ pairs = 2 } = {}) {
  const floor = []
  const whole = []
  const back = []
  for (let i = 0; i < pairs; i++) {
    floor.push(...(await thereAndBack()))
    if (!hasSubject('server.mjs')) continue
    const asked = await questions()
    whole.push(...asked.whole)
    back.push(...asked.back)
  }
  const rows = [row('floor: stdin → TCP → stdout, there and back', floor)]
  if (whole.length === 0) return [...rows, skipped('ask round trip', 'no server.mjs')]
  return [
    ...rows,
    row('question, push, reply, answer in the same call', whole, { floor, target: '100 ms, want 25' }),
    row('the same, from the reply to the answer in the waiting call', back, { floor }),
  ]
}

async function thereAndBack() {
  const pair = await floorPair()
  const values = []
  try {
    for (let i = 0; i < QUESTIONS; i++) {
      await sleep(10 + Math.random() * 20)
      const started = nowMs()
      await pair.send(`there-${i}`)
      const at = await pair.back(`back-${i}`)
      if (i >= WARM_UP) values.push(at - started)
    }
  } finally {
    await pair.close()
  }
  return values
}

async function questions() {
  const pair = await subjectPair()
  const { a, b } = pair
  const whole = []
  const back = []
  try {
    for (let i = 0; i < QUESTIONS; i++) {
      await typed(pair)
      await sleep(20 + Math.random() * 30)
      const token = `tok-${i.toString(36)}${Math.random().toString(36).slice(2, 8)}`
      const heard = shownAt(b, token)
      const started = nowMs()
      const asking = a.call('sym_ask', { question: `${token} what do you know about it?`, to: 'bench-b' })
      const id = await heard
      const replied = nowMs()
      const replying = b.call('sym_reply', { id, answer: `${token} nothing that you do not know` })
      const { text, at } = await asking
      await replying
      if (!text.includes('answered, 1 of 1')) throw new Error(`not answered: ${text}`)
      if (i < WARM_UP) continue
      whole.push(at - started)
      back.push(at - replied)
    }
  } finally {
    await pair.close()
  }
  return { whole, back }
}

/** Resolves with the id under which a push shows the question. */
function shownAt(node, token) {
  return new Promise((done) => {
    const stop = node.listen(({ method, params }) => {
      if (method !== 'notifications/claude/channel' || !params.content.includes(token)) return
      stop()
      done(params.meta.msg_id)
    })
  })
}

/** What the hook of a prompt says to each server. */
async function typed({ root, pids }) {
  const folder = join(root, 'run')
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  const runs = files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))).filter(({ pid }) => pids.includes(pid))
  await Promise.all(runs.map(({ local }) => request(local, { method: 'take', params: { event: 'UserPromptSubmit', isTyped: true } })))
}

function request(path, message) {
  return new Promise((done, fail) => {
    const socket = connect(path, () => socket.write(`${JSON.stringify(message)}\n`))
    socket.once('error', fail)
    socket.once('close', done)
    socket.resume()
  })
}
