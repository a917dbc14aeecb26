/**
 * How every benchmark here measures: variants interleaved and rotated within one run, the first round dropped, medians
 * compared with the floor of the same run. Only ratios within one run count; the machine is shared and noisy.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
export const DIST = join(dirname(dirname(HERE)), 'server/dist')
export const floorProgram = (name) => join(HERE, 'floors', name)
export const subjectProgram = (name) => join(DIST, name)
export const hasSubject = (name) => existsSync(subjectProgram(name))

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
export const nowMs = () => Number(process.hrtime.bigint()) / 1e6

/** A benchmark says what it waited for in vain, and goes on with the next. */
export function withLimit(promise, what, limitMs = 10_000) {
  let timer
  const limit = new Promise((_done, fail) => {
    timer = setTimeout(() => fail(new Error(`no ${what} in ${limitMs} ms`)), limitMs)
  })
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer))
}

export function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]
}
export const median = (values) => quantile(values, 0.5)

/** Runs each variant once per round, in rotating order. `variants`: name → async () => number. */
export async function interleave(variants, rounds) {
  const names = Object.keys(variants)
  const results = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length]
      const value = await variants[name]()
      if (round > 0) results[name].push(value)
    }
  }
  return results
}

/** One row of the table: the median, and its ratio to the floor of the same run. */
export function row(metric, values, { unit = 'ms', floor, target } = {}) {
  const value = median(values)
  const ratio = floor === undefined ? undefined : value / median(floor)
  return { metric, value, p10: quantile(values, 0.1), p90: quantile(values, 0.9), unit, ratio, target, n: values.length }
}

export const skipped = (metric, reason) => ({ metric, skipped: reason })

/** An own HOME and state folder for each node, gone with `close`. */
export function nodeHome(extra = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sym-bench-'))
  for (const part of ['home', 'state', 'project']) mkdirSync(join(folder, part), { mode: 0o700 })
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: join(folder, 'home'),
    SYM_STATE_DIR: join(folder, 'state'),
    CLAUDE_PROJECT_DIR: join(folder, 'project'),
    ...extra,
  }
  return { folder, env, cwd: join(folder, 'project'), close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) }
}

/** A program that speaks one JSON object per line. `received` is called with each, and with the time of its arrival. */
export function jsonProcess(args, { env, cwd, command = process.execPath, received = () => {} } = {}) {
  const started = nowMs()
  const child = spawn(command, args, { env, cwd, stdio: ['pipe', 'pipe', process.env['BENCH_STDERR'] ? 'inherit' : 'ignore'] })
  const exited = new Promise((done) => child.once('close', done))
  let rest = ''
  child.stdin.on('error', () => {})
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (chunk) => {
    const at = nowMs()
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()
    for (const line of lines) if (line !== '') received(JSON.parse(line), at)
  })
  return {
    child,
    started,
    exited,
    write: (message) => child.stdin.write(`${JSON.stringify(message)}\n`),
    /** Politely first: what is measured next must not meet a leftover of this one. */
    async end() {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await exited
      clearTimeout(timer)
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Processor time of a process in milliseconds. Ticks are 10 ms: measure over a second or a thousand messages. */
export function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** The same to the nanosecond, over all threads, where the kernel tells; for what takes next to nothing. */
export function fineCpuMs(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.reduce(
      (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6,
      0,
    )
  } catch {
    return cpuMs(pid)
  }
}

export function residentMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
}
