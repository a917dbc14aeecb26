#!/usr/bin/env node
/**
 * `npm test`: everything that must hold, from a bare clone with nothing but Node 20 and git. Installs what testing needs,
 * then lints, checks types, compares `server/dist` with the source and runs every suite. What this machine cannot run is
 * skipped with a sentence. The last line is `N passed, N failed, N skipped`; the exit code is 1 when anything failed.
 *
 *     node test/run.mjs [--only checks|unit|e2e|lan|client]... [--no-install]
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { availableClients, availableNode24, CLIENTS, installTool, NODE_24, toolsFolder } from './support/tools.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const PARTS = ['checks', 'unit', 'e2e', 'lan', 'client']
const WINDOWS = process.platform === 'win32'
/** Tests in a private network: their own loopback, their own /run for named namespaces, gone with the process. */
const LAN_WRAPPER = ['unshare', '-Urnm', 'sh', '-c', 'mount -t tmpfs none /run && ip link set lo up && exec "$@"', '_']
const NEWER_NODE_ONLY = 'test/contract/database-node.test.ts'
const CLIENT_WRAPPER = ['sh', join(ROOT, 'test/support/claude-client/isolated.sh')]

const total = { passed: 0, failed: 0, skipped: 0 }

function parseArguments(args) {
  const options = { only: [], install: true }
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--no-install') options.install = false
    else if (args[i] === '--only' && PARTS.includes(args[i + 1])) options.only.push(args[++i])
    else throw new Error(`unknown argument ${args[i]}; known are --no-install and --only ${PARTS.join('|')}`)
  }
  return { ...options, parts: options.only.length > 0 ? options.only : PARTS }
}

/** The user's own mesh and session must not reach the tests; what addresses the tests themselves must. */
function cleanEnvironment() {
  const foreign = (name) => (/^SYM_/.test(name) && !/^SYM_TEST_/.test(name)) || /^CLAUDE/.test(name)
  const kept = Object.entries(process.env).filter(([name]) => !foreign(name))
  const node24 = availableNode24()
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`
  return { ...Object.fromEntries(kept), PATH: path, SYM_TEST_TOOLS: toolsFolder(), ...(node24 ? { SYM_TEST_NODE24: node24 } : {}) }
}

function run(command, args, env = cleanEnvironment()) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: 'inherit', shell: WINDOWS && !command.endsWith('.exe') })
    child.on('error', (error) => {
      console.error(error.message)
      done(1)
    })
    child.on('close', (code) => done(code ?? 1))
  })
}

/** A program of a development dependency, started by its script, so that no shell and no PATH are involved. */
function script(packageName, program) {
  const folder = join(ROOT, 'node_modules', packageName)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin[program])
}

async function installDependencies() {
  const installed = join(ROOT, 'node_modules/.pnpm/lock.yaml') // pnpm keeps there what it installed last
  const wanted = readFileSync(join(ROOT, 'pnpm-lock.yaml'), 'utf8')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  console.log(`# install (${packageManager})`)
  const code = await run(WINDOWS ? 'npx.cmd' : 'npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--ignore-scripts'])
  if (code !== 0) throw new Error('the packages that testing needs could not be installed; is the network there?')
}

async function installTools(parts) {
  const clients = parts.includes('client') && !process.env['CC_BIN'] ? CLIENTS : []
  const node24 = parts.includes('unit') && !process.env['SYM_TEST_NODE24'] ? [NODE_24] : []
  for (const tool of [...clients, ...node24]) {
    const reason = await installTool(tool)
    if (reason !== undefined) console.log(`# ${tool.folder} is not at hand, its tests are skipped: ${reason}`)
  }
}

async function check(name, args) {
  console.log(`\n# ${name}`)
  if ((await run(process.execPath, args)) === 0) return
  total.failed++
  console.error(`# ${name} FAILED`)
}

async function suite(name, wrapper = [], extra = [], node = process.execPath) {
  console.log(`\n# tests: ${name}${node === process.execPath ? '' : ', on a newer Node'}`)
  const folder = mkdtempSync(join(tmpdir(), 'sym-test-report-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const vitest = [node, script('vitest', 'vitest'), 'run', '--project', name, '--passWithNoTests', ...reporters, ...extra]
  const [command, ...args] = [...wrapper, ...vitest]
  const code = await run(command, args)
  const counts = existsSync(report) ? countsOf(JSON.parse(readFileSync(report, 'utf8'))) : { passed: 0, failed: 0, skipped: 0 }
  if (code !== 0 && counts.failed === 0) counts.failed = 1 // e.g. an error outside of any test
  for (const key of Object.keys(total)) total[key] += counts[key]
  rmSync(folder, { recursive: true, force: true })
}

function countsOf(report) {
  const hasFailure = (file) => file.assertionResults.some((test) => test.status === 'failed')
  const unloadable = report.testResults.filter((file) => file.status === 'failed' && !hasFailure(file)).length
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** A suite that cannot run here counts one skip for each of its files. */
function skip(name, reason) {
  const folder = join(ROOT, 'test', name)
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true }).filter((file) => String(file).endsWith('.test.ts')) : []
  total.skipped += files.length
  console.log(`\n# tests: ${name} SKIPPED, ${files.length} files: ${reason}`)
}

const works = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

function whyNoLan() {
  if (process.platform !== 'linux') return 'hosts on one machine need Linux network namespaces'
  if (!works('ip', '-V')) return 'the program "ip" is missing (package iproute2)'
  if (!works(...LAN_WRAPPER, 'true')) return 'this user can make no network namespaces (run as root, or allow user namespaces)'
  return undefined
}

function whyNoClient() {
  if (availableClients().length === 0) return 'no Claude Code client at hand (set CC_BIN, or let npm install it)'
  if (!works(...CLIENT_WRAPPER, 'true')) return 'the client runs only where the network can be taken away (Linux, unshare, ip)'
  if (!works('tmux', '-V')) console.log('# tmux is missing: the interactive tests of the client are skipped')
  return undefined
}

const runners = {
  async checks() {
    await check('lint and format', [script('@biomejs/biome', 'biome'), 'check', '.'])
    await check('types', [script('typescript', 'tsc')])
    await check('bundles', [join(ROOT, 'server/build.mjs'), '--check'])
  },
  /** One driver of the store needs a newer Node than the one that we promise to run on. */
  async unit() {
    const node24 = Number(process.versions.node.split('.')[0]) < 24 ? availableNode24() : undefined
    await suite('unit', [], node24 ? ['--exclude', NEWER_NODE_ONLY] : [])
    if (node24) await suite('unit', [], [NEWER_NODE_ONLY], node24)
  },
  // Its tests wait more than they compute.
  e2e: () => suite('e2e', [], ['--maxWorkers=3']),
  async lan() {
    const reason = whyNoLan()
    return reason ? skip('lan', reason) : suite('lan', LAN_WRAPPER, ['--no-file-parallelism'])
  },
  async client() {
    const reason = whyNoClient()
    return reason ? skip('client', reason) : suite('client', CLIENT_WRAPPER, ['--no-file-parallelism'])
  },
}

async function main() {
  if (Number(process.versions.node.split('.')[0]) < 20) throw new Error(`Node 20 or newer is needed, this is ${process.version}`)
  const { install, parts } = parseArguments(process.argv.slice(2))
  if (install) {
    await installDependencies()
    await installTools(parts)
  }
  for (const part of parts) await runners[part]()
}

try {
  await main()
} catch (error) {
  total.failed++
  console.error(error.message)
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed > 0 ? 1 : 0
