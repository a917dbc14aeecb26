/** A minimal MCP client over stdio, for measuring: requests with a promise, and everything else with its time of arrival. */
import { jsonProcess, sleep } from './measure.mjs'

const PROTOCOL = '2025-06-18'
const LIMIT_MS = 30_000

export const initializeRequest = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: PROTOCOL, capabilities: {}, clientInfo: { name: 'bench', version: '0' } },
}

export async function startNode(args, { env, cwd, command } = {}) {
  const waiting = new Map()
  const listeners = new Set()
  let nextId = 1
  const received = (message, at) => {
    const done = waiting.get(message.id)
    if (done) {
      waiting.delete(message.id)
      return done({ message, at })
    }
    for (const listener of listeners) listener(message, at)
  }
  const link = jsonProcess(args, { env, cwd, command, received })
  const answer = (id, what) =>
    new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`no answer to ${what} in ${LIMIT_MS} ms`)), LIMIT_MS)
      void link.exited.then(() => fail(new Error(`the process ended before it answered ${what}`)))
      waiting.set(id, (value) => {
        clearTimeout(timer)
        done(value)
      })
    })
  const request = (method, params) => {
    const id = nextId++
    const result = answer(id, method)
    link.write({ jsonrpc: '2.0', id, method, params })
    return result
  }
  const initialized = answer(0, 'initialize')
  link.write(initializeRequest)
  const { at } = await initialized
  link.write({ jsonrpc: '2.0', method: 'notifications/initialized' })
  return {
    ...link,
    startMs: at - link.started,
    initializedAt: at,
    request,
    async call(name, args = {}) {
      const { message, at: answeredAt } = await request('tools/call', { name, arguments: args })
      if (message.error || message.result?.isError) throw new Error(`${name}: ${JSON.stringify(message.error ?? message.result)}`)
      return { text: message.result.content.map((part) => part.text ?? '').join('\n'), at: answeredAt }
    },
    /** `listener(message, at)` for every notification; returns the function that ends it. */
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    /** Resolves with the time at which a push holds `text`. */
    pushed(text, limitMs = 10_000) {
      return new Promise((done, fail) => {
        const timer = setTimeout(() => fail(new Error(`no push with ${text} in ${limitMs} ms`)), limitMs)
        const stop = this.listen((message, at) => {
          if (message.method !== 'notifications/claude/channel' || !message.params.content.includes(text)) return
          clearTimeout(timer)
          stop()
          done(at)
        })
      })
    },
  }
}

/** Asks for the peers until `name` is listed; resolves with the time of the answer that had it. */
export async function listed(node, name, limitMs = 20_000) {
  for (const end = Date.now() + limitMs; Date.now() < end; ) {
    const { text, at } = await node.call('sym_peers', { here: true })
    if (text.includes(name)) return at
    await sleep(2) // asking without a pause would measure the asking
  }
  throw new Error(`${name} was not listed in ${limitMs} ms`)
}
