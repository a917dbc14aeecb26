import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../server/src/base/clock.ts'
import { MeshError } from '../../../server/src/base/errors.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { callLocal, type LocalHandlers, type LocalServer, serveLocal } from '../../../server/src/local/calls.ts'

let folder: string
let socket: string
let servers: LocalServer[]
let bugs: unknown[]

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'local-'))
  socket = path.join(folder, 'run', '1-2.local')
  servers = []
  bugs = []
})
afterEach(async () => {
  for (const server of servers) await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const clock = systemClock
const frozen = { ...systemClock, monotonic: () => 0 }
const call = (method: string, params?: object) => callLocal(socket, params ? { method, params } : { method }, { clock, timeoutMs: 5_000 })

async function serve(handlers: LocalHandlers, withClock = clock): Promise<LocalServer> {
  const server = await serveLocal(socket, handlers, { clock: withClock, onError: (_, thrown) => bugs.push(thrown) })
  servers.push(server)
  return server
}

/** Writes raw bytes and returns all that comes back until the server closes. */
async function raw(text: string): Promise<string> {
  const client = connect(socket)
  client.on('error', () => {})
  client.write(text)
  let output = ''
  client.on('data', (chunk) => {
    output += String(chunk)
  })
  await once(client, 'close')
  return output
}

describe('a local request', () => {
  it('is answered by the handler of its method, with its parameters', async () => {
    await serve({ add: (params) => ({ got: params }), nothing: () => undefined })
    expect(await call('add', { a: 1, text: 'ä\n漢' })).toEqual({ ok: { got: { a: 1, text: 'ä\n漢' } } })
    expect(await call('add')).toEqual({ ok: { got: {} } })
    expect(await call('nothing')).toEqual({ ok: null })
  })

  it('gets the code and the sentence of a MeshError, and of a bug neither', async () => {
    await serve({
      wrong: () => {
        throw new MeshError('peer-unknown', 'no such peer; see sym_peers')
      },
      bug: async () => {
        throw new Error('secret detail')
      },
    })
    expect(await call('wrong')).toEqual({ error: { code: 'peer-unknown', message: 'no such peer; see sym_peers' } })
    const answer = await call('bug')
    expect(answer).toMatchObject({ error: { code: 'internal' } })
    expect(JSON.stringify(answer)).not.toContain('secret detail')
    expect(bugs).toHaveLength(1)
  })

  it.each(['missing', '__proto__', 'toString'])('for a method that does not exist (%s) is refused', async (method) => {
    await serve({})
    expect(await call(method)).toMatchObject({ error: { code: 'argument-invalid' } })
  })

  it('that is no JSON object is refused, whatever its form', async () => {
    await serve({})
    for (const line of ['null', '[]', '{', '"x"', '{"method":1}', '']) {
      expect(JSON.parse(await raw(`${line}\n`))).toMatchObject({ error: { code: 'argument-invalid' } })
    }
  })

  it('has at most 64 KiB', async () => {
    await serve({ size: (params) => JSON.stringify(params).length })
    const frame = JSON.stringify({ method: 'size', params: { a: '' } }).length
    const fits = { a: 'x'.repeat(LIMITS.local.requestBytes - frame) }
    expect(await call('size', fits)).toMatchObject({ ok: expect.any(Number) })
    expect(await call('size', { a: `${fits.a}x` })).toMatchObject({ error: { code: 'limit-exceeded' } })
    expect(await raw('x'.repeat(300_000))).toContain('limit-exceeded')
  })

  it('is one of at most 100 in a second', async () => {
    await serve({ ping: () => 'pong' }, frozen)
    for (let n = 0; n < LIMITS.local.requestsPerSecond; n++) expect(await call('ping')).toEqual({ ok: 'pong' })
    expect(await call('ping')).toMatchObject({ error: { code: 'limit-exceeded' } })
  })

  it('can arrive byte by byte', async () => {
    await serve({ ping: () => 'pong' })
    const client = connect(socket)
    for (const byte of '{"method":"ping"}\n') client.write(byte)
    const [chunk] = await once(client, 'data')
    expect(String(chunk)).toBe('{"ok":"pong"}\n')
    client.destroy()
  })
})

describe('a caller', () => {
  it('that finds no server is told so', async () => {
    expect(await call('ping')).toMatchObject({ error: { code: 'unreachable' } })
  })

  it('waits no longer than it said', async () => {
    await serve({ never: () => new Promise(() => {}) })
    const answer = await callLocal(socket, { method: 'never' }, { clock, timeoutMs: 20 })
    expect(answer).toMatchObject({ error: { code: 'timeout' } })
  })

  it('that watches gets each item before the answer, and its going away ends the work', async () => {
    let ended: () => void = () => {}
    const isOver = new Promise<void>((resolve) => {
      ended = resolve
    })
    await serve({
      count: (_, context) => {
        for (const n of [1, 2, 3]) context.sendItem({ n })
        return 'done'
      },
      watch: (_, context) =>
        new Promise(() => {
          context.signal.addEventListener('abort', ended)
          context.sendItem('first')
        }),
    })
    const items: unknown[] = []
    expect(await callLocal(socket, { method: 'count' }, { clock, onItem: (item) => items.push(item) })).toEqual({ ok: 'done' })
    expect(items).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])

    const abort = new AbortController()
    const watched = callLocal(socket, { method: 'watch' }, { clock, signal: abort.signal, onItem: () => abort.abort() })
    expect(await watched).toMatchObject({ error: { code: 'closed' } })
    await isOver
  })

  it('is told when the server stops before it answered', async () => {
    const server = await serve({ never: (_, context) => new Promise(() => context.sendItem('here')) })
    const answer = callLocal(socket, { method: 'never' }, { clock, onItem: () => void server.stop() })
    expect(await answer).toMatchObject({ error: { code: 'closed' } })
  })

  it('gives up at once with a signal that was aborted before', async () => {
    await serve({ ping: () => 'pong' })
    expect(await callLocal(socket, { method: 'ping' }, { clock, signal: AbortSignal.abort() })).toMatchObject({ error: { code: 'closed' } })
  })

  it('reads an answer that is not ours as a failure', async () => {
    await serve({})
    await servers.pop()?.stop()
    const foreign = createServer((client) => client.end('hello\n'))
    foreign.listen(socket)
    await once(foreign, 'listening')
    expect(await call('ping')).toMatchObject({ error: { code: 'internal' } })
    foreign.close()
  })
})

describe.skipIf(process.platform === 'win32')('the socket', () => {
  it('is private, and so is its folder [B4]', async () => {
    await serve({})
    expect(statSync(socket).mode & 0o777).toBe(0o600)
    expect(statSync(path.dirname(socket)).mode & 0o777).toBe(0o700)
  })

  it('that a dead process left is replaced; that of a live one is not', async () => {
    await serve({})
    await expect(serve({})).rejects.toMatchObject({ code: 'unreachable' })
    await servers.pop()?.stop()
    writeFileSync(socket, '')
    await serve({ ping: () => 'pong' })
    expect(await call('ping')).toEqual({ ok: 'pong' })
  })

  it('is gone after stop, which can be called twice', async () => {
    const server = await serve({})
    await server.stop()
    await server.stop()
    expect(() => statSync(socket)).toThrow(/ENOENT/)
  })
})
