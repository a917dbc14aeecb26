/** The live view on a real terminal: it draws on the other screen, follows what happens, and leaves everything as it was. */
import { spawn } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { hasTerminal } from '../support/cli-run.ts'
import { CLI, machine } from '../support/machine.ts'
import { type ServerProcess, startServer } from '../support/server.ts'

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function scene(env: Readonly<Record<string, string>> = {}) {
  const { home, root, project, remove } = machine()
  cleanups.push(remove)
  const session = async (name: string, cwd: string): Promise<ServerProcess> => {
    const server = await startServer({ root, cwd, env: { SYM_LISTEN: '127.0.0.1:0', SYM_NODE_NAME: name } })
    cleanups.push(() => server.kill())
    await server.call('sym_status')
    return server
  }
  const ann = await session('ann', project)
  const ben = await session('ben', home)
  await ann.callUntil('sym_peers', { here: true }, (text) => /ben /.test(text))
  const line = `stty rows 14 cols 100; exec '${process.execPath}' '${CLI}' watch`
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: project,
    env: { PATH: process.env['PATH'], HOME: home, SYM_STATE_DIR: root, SYM_NODE_NAME: 'ann', TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  cleanups.push(() => child.kill('SIGKILL'))
  let drawn = ''
  const watchers = new Set<() => void>()
  child.stdout.on('data', (chunk) => {
    drawn += chunk
    for (const watcher of watchers) watcher()
  })
  const until = (fits: (text: string) => boolean): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!fits(drawn)) return
        watchers.delete(look)
        resolve(drawn)
      }
      watchers.add(look)
      look()
    })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { ann, ben, child, until, exited, type: (key: string) => child.stdin.write(key) }
}

/** The last whole frame, without codes. */
function frameOf(drawn: string): readonly string[] {
  const frame = drawn.split('\u001b[H').at(-1) ?? ''
  return frame.replace(/\u001b\[[\d;?]*[A-Za-z]/g, '').split('\r\n')
}

describe.skipIf(!hasTerminal)('watch on a terminal', () => {
  it('shows who is here and what is said as it happens, and q leaves the screen as it was [R152]', async () => {
    const { ben, until, exited, type } = await scene()
    const first = await until((text) => text.includes('Nothing was said yet'))
    expect(first).toContain(ENTER)
    expect(frameOf(first)).toHaveLength(14)
    expect(frameOf(first)[0]).toMatch(/^ mesh ann {2}in default {3}1 here of 1/)
    expect(frameOf(first).join('\n')).toMatch(/● ben/)
    await ben.call('sym_send', { focus: 'a word that is seen \u001b[31mat once' })
    const then = await until((text) => text.includes('a word that is seen'))
    expect(frameOf(then).join('\n')).toMatch(/· ben {2}a word that is seen .*at once/)
    expect(then).not.toContain('\u001b[31m')
    await ben.kill('SIGTERM')
    await until((text) => /○ (?:\u001b\[[\d;]*m)*ben/.test(text))
    type('q')
    expect(await exited).toBe(0)
    expect(await until((text) => text.includes(LEAVE))).toMatch(/\u001b\[\?25h\u001b\[\?1049l\s*$/)
  })

  it('Ctrl-C leaves it too, and NO_COLOR takes every colour away', async () => {
    const { until, exited, type } = await scene({ NO_COLOR: '1' })
    const drawn = await until((text) => text.includes('● ben'))
    expect(drawn).not.toMatch(/\u001b\[[\d;]*m/)
    type('\u0003')
    expect(await exited).toBe(0)
    expect(await until((text) => text.includes(LEAVE))).toContain(LEAVE)
  })
})
