/**
 * The real Claude Code client with a scripted model on loopback, in a throwaway HOME with a clean environment, and a log of
 * every request: a test can assert what the model was shown. No account, no key, no network. It refuses to run where an
 * outside network can be reached, unless `CCH_ALLOW_NET` is set. `CCH_KEEP=1` keeps the folders for a look at the logs.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { availableClients } from '../tools.mjs'
import { startFakeModel } from './fake-model.mjs'

const API_KEY = 'test-key-not-real'
const PATH = [path.dirname(process.execPath), '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':')
const TERMINAL = { TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/bash' }
// Quiet and offline. Without the AUTOINSTALL variable the interactive client tries to clone the official marketplace.
const QUIET = {
  DISABLE_TELEMETRY: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_ERROR_REPORTING: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: '1',
  ENABLE_TOOL_SEARCH: 'false', // newer clients hide MCP tools behind a search tool; this puts them back into `tools`
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export async function until(check, { ms = 15_000, every = 100, what = 'condition' } = {}) {
  for (const end = Date.now() + ms; ; ) {
    const value = await check()
    if (value) return value
    if (Date.now() > end) throw new Error(`timeout waiting for ${what}`)
    await sleep(every)
  }
}

export const readJsonl = (file) =>
  !fs.existsSync(file)
    ? []
    : fs
        .readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))

const hasNetwork = () =>
  Object.values(os.networkInterfaces())
    .flat()
    .some((a) => !a.internal)
const quote = (s) => `'${String(s).replaceAll("'", "'\\''")}'`

/** Everything of one test lives in one folder: home/, proj/ (the user's project), log/ (the requests). */
export class Sandbox {
  static async create({ client = availableClients()[0]?.bin, dir, rules = [], env = {}, trust = true, quiet = true } = {}) {
    if (client === undefined) throw new Error('no Claude Code client: set CC_BIN, or run npm test')
    if (hasNetwork() && !process.env.CCH_ALLOW_NET) {
      throw new Error('not isolated: run under ./isolated.sh (loopback only), or set CCH_ALLOW_NET=1')
    }
    const s = new Sandbox()
    s.client = client
    s.ownsDir = !dir
    s.dir = dir ? path.resolve(dir) : fs.mkdtempSync(path.join(os.tmpdir(), 'cch-'))
    for (const part of ['home', 'proj', 'log']) {
      s[part] = path.join(s.dir, part)
      fs.mkdirSync(s[part], { recursive: true })
    }
    s.reqLog = path.join(s.log, 'req.jsonl')
    s.model = await startFakeModel({ rules, log: s.reqLog, quiet })
    s.env = {
      HOME: s.home,
      PATH,
      TMPDIR: s.dir,
      ...TERMINAL,
      ...QUIET,
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${s.model.port}`,
      ANTHROPIC_API_KEY: API_KEY,
      ...env,
    }
    if (trust) s.seedOnboarding()
    return s
  }

  /** An interactive start without the dialogs for theme, welcome, API key and folder trust. */
  seedOnboarding() {
    const project = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true, allowedTools: [] }
    fs.writeFileSync(
      path.join(this.home, '.claude.json'),
      JSON.stringify(
        {
          hasCompletedOnboarding: true,
          theme: 'dark',
          numStartups: 5,
          lastOnboardingVersion: '2.1.197',
          customApiKeyResponses: { approved: [API_KEY.slice(-20)], rejected: [] },
          projects: { [this.proj]: project },
        },
        null,
        1,
      ),
    )
  }

  /** Run the client once; resolves to {code, out, err, ms}. */
  claude(args, { env = {}, input = '', cwd = this.proj, timeout = 60_000 } = {}) {
    return new Promise((resolve, reject) => {
      const started = Date.now()
      const p = spawn(this.client, args, { cwd, env: { ...this.env, ...env } })
      let out = ''
      let err = ''
      p.stdout.on('data', (d) => {
        out += d
      })
      p.stderr.on('data', (d) => {
        err += d
      })
      const timer = setTimeout(() => p.kill('SIGKILL'), timeout)
      p.on('error', reject)
      p.on('close', (code, signal) => {
        clearTimeout(timer)
        resolve({ code: code ?? signal, out, err, ms: Date.now() - started })
      })
      p.stdin.on('error', () => {}).end(input)
    })
  }

  /** Adds a marketplace and installs a plugin of it, as a user does. */
  async install(market, plugin, { config = {}, scope } = {}) {
    const values = Object.entries(config).flatMap(([k, v]) => ['--config', `${k}=${v}`])
    const added = await this.claude(['plugin', 'marketplace', 'add', market])
    const installed = await this.claude(['plugin', 'install', plugin, ...(scope ? ['--scope', scope] : []), ...values])
    const text = installed.out + installed.err
    // A refused --config still exits 0, so the text counts.
    if (added.code || installed.code || /--config not applied/.test(text))
      throw new Error(`install failed: ${added.out}${added.err}${text}`)
    return installed.out
  }

  /** Headless: claude -p */
  print(prompt, args = [], options = {}) {
    return this.claude(['-p', prompt, '--dangerously-skip-permissions', ...args], { ...options, env: { IS_SANDBOX: '1', ...options.env } })
  }

  /** A stream-json session: {send(text), raw(object), events[], wait(predicate), end(), kill()} */
  stream(args = [], { env = {} } = {}) {
    const p = spawn(
      this.client,
      ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose', '--dangerously-skip-permissions', ...args],
      { cwd: this.proj, env: { ...this.env, IS_SANDBOX: '1', ...env } },
    )
    const s = { pid: p.pid, events: [], err: '' }
    let buffer = ''
    p.stdout.on('data', (d) => {
      const lines = (buffer + d).split('\n')
      buffer = lines.pop()
      for (const line of lines) {
        try {
          s.events.push(JSON.parse(line))
        } catch {
          s.events.push({ raw: line })
        }
      }
    })
    p.stderr.on('data', (d) => {
      s.err += d
    })
    s.done = new Promise((resolve) => p.on('close', (code, signal) => resolve(code ?? signal)))
    s.raw = (o) => p.stdin.write(`${JSON.stringify(o)}\n`)
    s.send = (text) => s.raw({ type: 'user', message: { role: 'user', content: [{ type: 'text', text }] } })
    s.wait = (predicate, ms = 20_000) => until(() => s.events.find(predicate), { ms, what: 'stream event' })
    s.end = async () => {
      p.stdin.end()
      const timer = setTimeout(() => p.kill('SIGTERM'), 5000)
      const code = await s.done
      clearTimeout(timer)
      return code
    }
    s.kill = () => p.kill('SIGTERM')
    return s
  }

  /** The interactive client in a private tmux server: {keys(...), line(text), screen(), waitScreen(regex), pid(), kill()} */
  tui(args = [], { env = {}, cols = 140, rows = 50 } = {}) {
    const socket = path.join(this.dir, 'tmux.sock')
    const name = `cc${Math.random().toString(36).slice(2, 7)}`
    const tmux = (...a) => execFileSync('tmux', ['-S', socket, ...a], { env: { PATH, HOME: this.home, ...TERMINAL }, encoding: 'utf8' })
    const pairs = Object.entries({ ...this.env, ...env }).map(([k, v]) => quote(`${k}=${v}`))
    const command = `${['env', '-i', ...pairs, quote(this.client), ...args.map(quote)].join(' ')}; echo "[client exit $?]"; sleep 20`
    tmux('-f', '/dev/null', 'new-session', '-d', '-s', name, '-x', String(cols), '-y', String(rows), '-c', this.proj, command)
    tmux('set-option', '-t', name, 'history-limit', '5000')
    const screen = () =>
      tmux('capture-pane', '-p', '-t', name, '-S', '-200')
        .replace(/\s+$/gm, '')
        .replace(/\n{3,}/g, '\n\n')
    return {
      screen,
      keys: (...k) => tmux('send-keys', '-t', name, ...k),
      line: async (text) => {
        tmux('send-keys', '-t', name, '-l', text)
        await sleep(300)
        tmux('send-keys', '-t', name, 'Enter')
      },
      waitScreen: async (regex, ms = 20_000) => {
        try {
          return await until(() => regex.test(screen()) && screen(), { ms, what: `screen to match ${regex}` })
        } catch (err) {
          throw new Error(`${err.message}\n--- screen now ---\n${screen()}`)
        }
      },
      pid: () => Number(tmux('display-message', '-p', '-t', name, '#{pane_pid}')),
      kill: () => {
        try {
          tmux('kill-server')
        } catch {
          /* already gone */
        }
      },
    }
  }

  requests(kind = 'main') {
    return readJsonl(this.reqLog).filter((r) => !kind || r.kind === kind)
  }
  settings() {
    return JSON.parse(fs.readFileSync(path.join(this.home, '.claude', 'settings.json'), 'utf8'))
  }

  /** Stops the model and removes the folder that create() made (CCH_KEEP=1 keeps it). A client that was killed may write for a while. */
  async close() {
    await this.model.close()
    if (this.ownsDir && !process.env.CCH_KEEP)
      await until(() => isRemoved(this.dir), { ms: 30_000, every: 300, what: `${this.dir} to be removed` })
  }
}

/** A client that still writes makes a folder that was just emptied full again. */
function isRemoved(folder) {
  try {
    fs.rmSync(folder, { recursive: true, force: true })
    return true
  } catch {
    return false
  }
}

function describeBlock(block) {
  if (block.type === 'text') return block.text
  if (block.type !== 'tool_result') return `<<${block.type}>>`
  const content = typeof block.content === 'string' ? block.content : JSON.stringify(block.content)
  return `<<tool_result${block.is_error ? ' ERROR' : ''}>> ${content}`
}

/** What the model was newly shown: everything after the last assistant message, as [{role, parts: [text]}]. */
export function fresh(request) {
  const messages = request.body.messages
  return messages.slice(messages.findLastIndex((m) => m.role === 'assistant') + 1).map((m) => ({
    role: m.role,
    parts: typeof m.content === 'string' ? [m.content] : m.content.map(describeBlock),
  }))
}

export const shown = (request) =>
  fresh(request)
    .flatMap((m) => m.parts)
    .join('\n')

export function printRequests(
  requests,
  { max = 1500, skip = /^(?:<system-reminder>\nAs you answer|Available agent types|# Environment)/ } = {},
) {
  const shorten = (p) => (skip.test(p) ? `${p.slice(0, 60).replaceAll('\n', ' ')} …(${p.length})` : p.slice(0, max))
  for (const r of requests) {
    const mcp = (r.body?.tools ?? []).map((t) => t.name).filter((n) => n.startsWith('mcp__'))
    console.log(
      `--- request #${r.n} ${r.kind} rule=${r.rule} model=${r.body?.model} tools=${r.body?.tools?.length ?? 0} mcp=[${mcp.join(' ')}]`,
    )
    if (!r.body?.messages) {
      console.log(r.method, r.path)
      continue
    }
    for (const m of fresh(r)) for (const p of m.parts) console.log(`  ${m.role}: ${shorten(p)}`)
    console.log(`  => ${JSON.stringify(r.reply?.blocks?.map((b) => b.text ?? { [b.name]: b.input }) ?? r.reply)}`)
  }
}

/** What the client says in its --debug-file about a channel server: {state: 'registered' | 'skipped' | 'unknown', reason?} */
export function channelState(debugFile, server) {
  const text = fs.existsSync(debugFile) ? fs.readFileSync(debugFile, 'utf8') : ''
  const lines = text.split('\n').filter((l) => l.includes(`MCP server "${server}"`) && /channel notification/i.test(l))
  if (lines.some((l) => /regist/i.test(l))) return { state: 'registered' }
  const skipped = lines.map((l) => /Channel notifications skipped: (.*)$/.exec(l)).findLast(Boolean)
  return skipped ? { state: 'skipped', reason: skipped[1] } : { state: 'unknown' }
}

/** The documented contract of notifications/claude/channel; returns a list of faults. */
export function channelFaults(params) {
  const faults = typeof params?.content === 'string' ? [] : ['content must be a string']
  for (const [key, value] of Object.entries(params?.meta ?? {})) {
    if (!/^[A-Za-z0-9_]+$/.test(key)) faults.push(`meta key ${key} would be dropped without a word`)
    if (typeof value !== 'string') faults.push(`meta ${key} is not a string`)
  }
  return faults
}

/** The interactive tests need a terminal; tmux is one that a test can read. */
export const hasTmux = () => spawnSync('tmux', ['-V'], { stdio: 'ignore' }).status === 0
