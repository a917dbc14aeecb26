#!/usr/bin/env node
/**
 * Makes `docs/watch.svg`: a picture of `sym-mesh-channel watch` in a real terminal. Three real nodes meet and talk, the
 * built program draws on a pseudo terminal (`script`, Linux), and what it drew last becomes the picture, colour by colour.
 *
 *     node server/build.mjs && node test/picture.mjs
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const [COLUMNS, ROWS] = [108, 14]
const FRAME_START = '\u001b[H'
const BY_CODE = { 2: '#8b949e', 32: '#3fb950', 33: '#d29922', 36: '#79c0ff' }

const home = mkdtempSync(path.join(tmpdir(), 'sym-picture-'))
const children = []
const env = {
  PATH: process.env.PATH,
  HOME: home,
  SYM_STATE_DIR: path.join(home, 'state'),
  SYM_LISTEN: '127.0.0.1:0',
  SYM_GROUP: 'backend-team',
  TERM: 'xterm-256color',
  TZ: 'UTC',
}

function start(command, args, name, stdio = ['pipe', 'pipe', 'ignore']) {
  const cwd = path.join(home, name)
  mkdirSync(cwd, { recursive: true })
  const child = spawn(command, args, { cwd, env: { ...env, SYM_NODE_NAME: `claude-laptop-${name}` }, stdio })
  children.push(child)
  return child
}

function session(name) {
  const child = start(process.execPath, [path.join(ROOT, 'server/dist/server.mjs')], name)
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const waiting = new Map()
  let rest = ''
  child.stdout.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const message = JSON.parse(line)
      waiting.get(message.id)?.(message.result)
    }
  })
  let nextId = 1
  const request = (method, params) =>
    new Promise((resolve) => {
      waiting.set(nextId, resolve)
      send({ id: nextId++, method, params })
    })
  const call = async (tool, args) => (await request('tools/call', { name: tool, arguments: args })).content[0].text
  const ready = request('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'picture', version: '1' },
  }).then(() => {
    send({ method: 'notifications/initialized' })
    return call('sym_status', {})
  })
  return { call, ready }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function main() {
  const [api, web, ci] = ['api', 'web', 'ci'].map(session)
  await Promise.all([api.ready, web.ready, ci.ready])
  while (!/2 here/.test(await api.call('sym_status', {}))) await pause(200)
  await web.call('sym_set_summary', { summary: 'moving the login form to the new token format' })
  await ci.call('sym_set_summary', { summary: 'bisecting the red build on main' })
  await ci.call('sym_observe', { focus: 'the login test fails on main since the clock was mocked', intent: 'bisecting', kind: 'finding' })
  await web.call('sym_send', { focus: 'which of the two token formats is on main?', to: 'claude-laptop-api' })
  const line = `stty rows ${ROWS} cols ${COLUMNS}; exec '${process.execPath}' '${path.join(ROOT, 'server/dist/cli.mjs')}' watch`
  const watch = start('script', ['-qec', line, '/dev/null'], 'api')
  let drawn = ''
  watch.stdout.on('data', (chunk) => {
    drawn += chunk
  })
  while (!drawn.includes('token')) await pause(200)
  await api.call('sym_send', { focus: 'the short one, since this morning', to: 'claude-laptop-web' })
  await web.call('sym_inbox', {})
  await ci.call('sym_observe', { focus: 'found it: the fixture keeps its own time; the fix is in review', kind: 'done' })
  while (!/has seen/.test(drawn) || !/found it/.test(drawn)) await pause(200)
  await pause(2_500)
  watch.stdin.write('q')
  await new Promise((resolve) => watch.once('exit', resolve))
  const frame =
    drawn
      .split(FRAME_START)
      .filter((text) => text.includes('found it'))
      .at(-1) ?? ''
  writeFileSync(path.join(ROOT, 'docs/watch.svg'), svgOf(frame.split('\u001b[?25h')[0] ?? ''))
}

/** Each run of one colour is a text; the cells of a monospaced font stand where `textLength` puts them. */
function svgOf(frame) {
  const [cellWidth, cellHeight, margin] = [8.4, 18, 14]
  const texts = frame
    .replaceAll('\u001b[K', '')
    .split('\r\n')
    .slice(0, ROWS)
    .flatMap((line, row) => {
      let column = 0
      return line.split(/(?=\u001b\[)/).flatMap((part) => {
        const [, codes = '0', text = ''] = /^\u001b\[([\d;]*)m([\s\S]*)$/.exec(part) ?? [undefined, '0', part]
        const at = column
        column += [...text].length
        const shown = text.trimEnd()
        if (shown.trim() === '') return []
        const colour =
          codes
            .split(';')
            .map((code) => BY_CODE[code])
            .find(Boolean) ?? '#e6edf3'
        const weight = /(^|;)1(;|$)/.test(codes) ? ' font-weight="bold"' : ''
        const [x, y] = [margin + at * cellWidth, margin + (row + 0.75) * cellHeight]
        return [
          `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${colour}"${weight} textLength="${([...shown].length * cellWidth).toFixed(1)}" xml:space="preserve">${escaped(shown)}</text>`,
        ]
      })
    })
  const [width, height] = [Math.ceil(COLUMNS * cellWidth + 2 * margin), Math.ceil(ROWS * cellHeight + 2 * margin)]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="The live view of sym-mesh-channel: two peers on the left, what was said on the right">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" style="white-space: pre">
${texts.join('\n')}
</g>
</svg>
`
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

try {
  await main()
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
}
