#!/usr/bin/env node
// A scripted Messages API on loopback: the model that the real client talks to in tests. No dependencies.
//
//   node fake-model.mjs [--port 0] [--script rules.json|rules.mjs] [--log requests.jsonl] [--port-file f] [--quiet]
//
// The script is an array of rules: JSON, or the `rules` or default export of an ES module (then `when` and `reply` may be
// functions). The first rule that matches and is not used up answers; with no match the answer is "OK (no rule)".
//
//   name      label for the log
//   when      object of matchers that must all hold, or function(ctx) => boolean
//               lastText      regex against the last user message, tool results excluded
//               newText       regex against everything after the last assistant message, whatever its role
//                             (hook context and <channel> blocks come in system-role messages)
//               anyText       regex against all messages
//               system        regex against the system prompt
//               toolResult    regex against the newest tool results
//               model         regex against the model's name
//               isToolResult  whether the newest messages carry a tool result
//               main          whether the request offers tools (default true; false = title and summary requests)
//               nth           n-th main request since the start, counted from 1
//   times     how often it may fire (default 1; 0 = always)
//   delayMs   wait before answering
//   holdFile  wait until this file exists (at most holdMaxMs, default 60000)
//   reply     "text" | {text} | {text?, tool, input} | {text?, tools: [{tool, input}]} | {error: {status, type, message}}
//             | function(ctx) => one of these.
//             tool: an exact name, or "ping" for the only offered tool whose name ends in "__ping"
//
// While it runs: POST /__ctl/rules puts rules in front, GET /__ctl/log returns what was asked so far.
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const TEXT_MATCHERS = ['lastText', 'newText', 'anyText', 'system', 'toolResult', 'model']
const LOGGED_HEADERS = /^(user-agent|anthropic-|x-app|x-claude)/
const SECRET_HEADERS = ['authorization', 'x-api-key']

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const asBlocks = (content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []))
const textOf = (content) =>
  asBlocks(content)
    .filter((b) => b.type === 'text')
    .map((b) => b.text)
    .join('\n')
const resultsOf = (content) => asBlocks(content).filter((b) => b.type === 'tool_result')

// What rules can look at.
export function contextOf(body) {
  const messages = body.messages ?? []
  const fresh = messages.slice(messages.findLastIndex((m) => m.role === 'assistant') + 1)
  const results = fresh.flatMap((m) => resultsOf(m.content))
  const tools = (body.tools ?? []).map((t) => t.name)
  const resultText = (b) => textOf(b.content)
  return {
    body,
    tools,
    main: tools.length > 0,
    model: body.model,
    system: textOf(body.system),
    lastText: textOf(messages.findLast((m) => m.role === 'user')?.content),
    newText: fresh.map((m) => textOf(m.content)).join('\n'),
    anyText: messages.flatMap((m) => [textOf(m.content), ...resultsOf(m.content).map(resultText)]).join('\n'),
    toolResult: results.map(resultText).join('\n'),
    isToolResult: results.length > 0,
  }
}

function matches(rule, ctx) {
  const when = rule.when ?? {}
  if (typeof when === 'function') return Boolean(when(ctx))
  if (ctx.main !== (when.main ?? true)) return false
  if (when.isToolResult !== undefined && when.isToolResult !== ctx.isToolResult) return false
  if (when.nth !== undefined && when.nth !== ctx.nth) return false
  return TEXT_MATCHERS.every((k) => when[k] === undefined || new RegExp(when[k], 'is').test(ctx[k] ?? ''))
}

let sequence = 0
const newId = (prefix) => `${prefix}_fake${Date.now().toString(36)}${(sequence++).toString(36)}`

function resolveTool(name, offered) {
  if (offered.includes(name)) return name
  const hits = offered.filter((t) => t.endsWith(`__${name}`))
  if (hits.length === 1) return hits[0]
  throw new Error(`no unique offered tool for "${name}" (${hits.length} candidates of ${offered.length})`)
}

function toBlocks(reply, ctx) {
  const { text, tool, input, tools = tool ? [{ tool, input }] : [] } = typeof reply === 'string' ? { text: reply } : reply
  const blocks = text ? [{ type: 'text', text }] : []
  for (const call of tools) {
    blocks.push({ type: 'tool_use', id: newId('toolu'), name: resolveTool(call.tool, ctx.tools), input: call.input ?? {} })
  }
  return { blocks, stop: tools.length ? 'tool_use' : 'end_turn' }
}

async function answer(ctx, rule) {
  let reply = rule ? rule.reply : ctx.main ? 'OK (no rule)' : '{"title":"fake"}'
  if (typeof reply === 'function') reply = await reply(ctx)
  if (reply?.error) return { error: reply.error }
  try {
    return toBlocks(reply, ctx)
  } catch (err) {
    return { ...toBlocks(`FAKE-MODEL-ERROR: ${err.message}`, ctx), scriptError: err.message }
  }
}

async function pause(rule) {
  if (rule?.delayMs) await sleep(rule.delayMs)
  const end = Date.now() + (rule?.holdMaxMs ?? 60_000)
  while (rule?.holdFile && !fs.existsSync(rule.holdFile) && Date.now() < end) await sleep(50)
}

function sendJson(res, status, value) {
  res.writeHead(status, { 'content-type': 'application/json' })
  res.end(JSON.stringify(value))
}

function sendStream(res, message) {
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'request-id': newId('req') })
  const event = (type, fields) => res.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  event('message_start', { message: { ...message, content: [], stop_reason: null } })
  message.content.forEach((block, index) => {
    const text = block.type === 'text'
    event('content_block_start', { index, content_block: text ? { type: 'text', text: '' } : { ...block, input: {} } })
    event('content_block_delta', {
      index,
      delta: text ? { type: 'text_delta', text: block.text } : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) },
    })
    event('content_block_stop', { index })
  })
  event('message_delta', { delta: { stop_reason: message.stop_reason, stop_sequence: null }, usage: { output_tokens: 12 } })
  event('message_stop', {})
  res.end()
}

function sendReply(res, body, size, out) {
  if (out.error) {
    const { status = 500, type = 'api_error', message = 'scripted error' } = out.error
    return sendJson(res, status, { type: 'error', error: { type, message } })
  }
  const usage = { input_tokens: Math.ceil(size / 4), cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 12 }
  const message = {
    id: newId('msg'),
    type: 'message',
    role: 'assistant',
    model: body.model,
    content: out.blocks,
    stop_reason: out.stop,
    stop_sequence: null,
    usage,
  }
  return body.stream ? sendStream(res, message) : sendJson(res, 200, message)
}

function describe(req, url, body) {
  const headers = Object.fromEntries(Object.entries(req.headers).filter(([k]) => LOGGED_HEADERS.test(k)))
  for (const k of SECRET_HEADERS) if (req.headers[k]) headers[k] = '<present>'
  return { ts: new Date().toISOString(), method: req.method, path: url.pathname + url.search, headers, body }
}

export async function startFakeModel({ port = 0, rules = [], log, quiet = true } = {}) {
  const state = { rules: [...rules], requests: [] }
  const used = new Map()
  let seen = 0
  let mainSeen = 0
  if (log) fs.mkdirSync(path.dirname(path.resolve(log)), { recursive: true })

  const record = (entry) => {
    state.requests.push(entry)
    if (log) fs.appendFileSync(log, `${JSON.stringify(entry)}\n`)
  }
  const pick = (ctx) => {
    const rule = state.rules.find((r) => ((r.times ?? 1) === 0 || (used.get(r) ?? 0) < (r.times ?? 1)) && matches(r, ctx))
    if (rule) used.set(rule, (used.get(rule) ?? 0) + 1)
    return rule
  }
  const control = (req, res, url, raw) => {
    if (url.pathname === '/__ctl/log') return sendJson(res, 200, state.requests)
    if (url.pathname !== '/__ctl/rules' || req.method !== 'POST') return sendJson(res, 404, {})
    state.rules.unshift(...JSON.parse(raw))
    return sendJson(res, 200, { rules: state.rules.length })
  }
  const messages = async (res, entry, size) => {
    const ctx = contextOf(entry.body)
    if (ctx.main) ctx.nth = ++mainSeen
    const rule = pick(ctx)
    const out = await answer(ctx, rule)
    record({ ...entry, kind: ctx.main ? 'main' : 'side', rule: rule?.name ?? null, reply: out })
    if (!quiet)
      process.stderr.write(
        `[fake-model] #${entry.n} ${ctx.main ? 'main' : 'side'} rule=${rule?.name ?? '-'} last=${JSON.stringify((ctx.toolResult || ctx.lastText).slice(-120))}\n`,
      )
    await pause(rule)
    sendReply(res, entry.body, size, out)
  }

  const server = http.createServer(async (req, res) => {
    const chunks = []
    for await (const c of req) chunks.push(c)
    const raw = Buffer.concat(chunks).toString('utf8')
    const url = new URL(req.url, 'http://loopback')
    if (url.pathname.startsWith('/__ctl/')) return control(req, res, url, raw)

    let body
    try {
      body = raw ? JSON.parse(raw) : undefined
    } catch {
      body = { unparsed: raw }
    }
    const entry = { n: ++seen, ...describe(req, url, body) }
    if (url.pathname === '/v1/messages' && req.method === 'POST') return messages(res, entry, raw.length)
    if (url.pathname === '/v1/messages/count_tokens') {
      record({ ...entry, kind: 'count_tokens' })
      return sendJson(res, 200, { input_tokens: Math.ceil(raw.length / 4) })
    }
    record({ ...entry, kind: 'other' })
    if (req.method === 'HEAD' || url.pathname === '/') return res.writeHead(200).end()
    return sendJson(res, 404, { type: 'error', error: { type: 'not_found_error', message: `fake model: ${url.pathname}` } })
  })
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const close = () =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(resolve)
    })
  return { port: server.address().port, state, close }
}

export async function loadRules(file) {
  if (!file) return []
  if (file.endsWith('.json')) return JSON.parse(fs.readFileSync(file, 'utf8'))
  const module = await import(pathToFileURL(path.resolve(file)).href)
  return module.rules ?? module.default
}

async function main() {
  const args = process.argv.slice(2)
  const option = (k, fallback) => (args.includes(`--${k}`) ? args[args.indexOf(`--${k}`) + 1] : fallback)
  const model = await startFakeModel({
    port: Number(option('port', 0)),
    rules: await loadRules(option('script')),
    log: option('log'),
    quiet: args.includes('--quiet'),
  })
  if (option('port-file')) fs.writeFileSync(option('port-file'), String(model.port))
  console.log(`fake model on http://127.0.0.1:${model.port} pid ${process.pid}`)
  process.on('SIGTERM', () => process.exit(0))
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) await main()
