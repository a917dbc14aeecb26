import { mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../server/src/base/clock.ts'
import { Guard } from '../../../server/src/base/guard.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import type { Connection, Listener, StreamAddress } from '../../../server/src/transport/connection.ts'
import { ANY_HOST, createSocketTransport, normalizeAddress } from '../../../server/src/transport/socket.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const never = new AbortController().signal
const transport = createSocketTransport({ clock: systemClock, guard: new Guard(silentLog) })

describe('socket transport', () => {
  const listeners: Listener[] = []
  let accepted: Connection[] = []

  beforeEach(() => {
    accepted = []
  })

  afterEach(async () => {
    for (const connection of accepted) connection.close(true)
    for (const listener of listeners.splice(0)) await listener.stop()
  })

  const listen = async (at: StreamAddress) => {
    const listener = await transport.listen(at, (connection) => accepted.push(connection))
    listeners.push(listener)
    return listener
  }
  const dial = async (to: StreamAddress) => {
    const connection = await transport.dial(to, never)
    accepted.push(connection)
    return connection
  }
  const portOf = ({ address }: Listener) => (address.kind === 'lan' ? address.port : 0)

  it('listens for both families on one unprivileged port, and names an IPv4 peer by its IPv4 address', async () => {
    const port = portOf(await listen({ kind: 'lan', host: ANY_HOST, port: 0 }))
    expect(port).toBeGreaterThanOrEqual(1_024)
    const dialed = await dial({ kind: 'lan', host: '127.0.0.1', port })
    await new Promise((resolve) => setImmediate(resolve))
    expect([dialed.remote, ...accepted.map(({ remote }) => remote)]).not.toContain('::ffff:127.0.0.1')
    expect(dialed.remote).toBe('127.0.0.1')
  })

  it('normalises mapped addresses only', () => {
    expect(normalizeAddress('::ffff:192.0.2.1')).toBe('192.0.2.1')
    expect(normalizeAddress('::FFFF:192.0.2.1')).toBe('192.0.2.1')
    expect(normalizeAddress('fe80::1%eth0')).toBe('fe80::1%eth0')
    expect(normalizeAddress('::1')).toBe('::1')
  })

  it('says which port is taken', async () => {
    const port = portOf(await listen({ kind: 'lan', host: '127.0.0.1', port: 0 }))
    await expect(listen({ kind: 'lan', host: '127.0.0.1', port })).rejects.toThrow(`port ${port}`)
  })

  it('says that an address is none', async () => {
    for (const port of [-1, 65_536, Number.NaN]) {
      await expect(transport.dial({ kind: 'lan', host: '127.0.0.1', port }, never)).rejects.toMatchObject({ code: 'unreachable' })
    }
    await expect(transport.dial({ kind: 'lan', host: 'no host', port: 4_000 }, never)).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('gives up an attempt after ten seconds [R32]', async () => {
    const clock = new FakeClock()
    const slow = createSocketTransport({ clock, guard: new Guard(silentLog) })
    // The attempt cannot have finished by the time that the clock is moved, which is at once.
    const dialing = slow.dial({ kind: 'lan', host: '127.0.0.1', port: 9 }, never)
    clock.advance(LIMITS.link.dialTimeoutMs)
    await expect(dialing).rejects.toMatchObject({ code: 'timeout', retryable: true })
    expect(clock.pending).toBe(0)
  })

  it('leaves no timeout behind on a connection that works [R32]', async () => {
    const clock = new FakeClock()
    const { address } = await listen({ kind: 'lan', host: '127.0.0.1', port: 0 })
    const dialed = await createSocketTransport({ clock, guard: new Guard(silentLog) }).dial(address, never)
    accepted.push(dialed)
    expect(clock.pending).toBe(0)
    clock.advance(2 * LIMITS.link.dialTimeoutMs)
    expect(dialed.send(new Uint8Array(1))).toBe(true)
  })

  it('survives a listener that throws', async () => {
    const guard = new Guard(silentLog)
    const fragile = createSocketTransport({ clock: systemClock, guard })
    const listener = await fragile.listen({ kind: 'lan', host: '127.0.0.1', port: 0 }, (connection) => {
      accepted.push(connection)
      throw new Error('a bug of ours')
    })
    listeners.push(listener)
    await dial(listener.address)
    await new Promise((resolve) => setImmediate(resolve))
    expect(guard.counts().get('accept')).toBe(1)
  })
})

describe.skipIf(process.platform === 'win32')('local sockets', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sym-socket-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('are closed to other users, file and folder', async () => {
    const at = path.join(folder, 'run', 'link')
    const listener = await transport.listen({ kind: 'machine', path: at }, () => {})
    expect(statSync(at).mode & 0o777).toBe(0o600)
    expect(statSync(path.dirname(at)).mode & 0o777).toBe(0o700)
    await listener.stop()
  })

  it('replace the file of a process that was killed', async () => {
    const at = path.join(folder, 'link')
    await leaveStaleSocket(at)
    const listener = await transport.listen({ kind: 'machine', path: at }, () => {})
    const dialed = await transport.dial(listener.address, never)
    expect(dialed.remote).toBe('local')
    dialed.close(true)
    await listener.stop()
  })

  it('do not take the path of one that lives', async () => {
    const at = { kind: 'machine', path: path.join(folder, 'link') } as const
    const first = await transport.listen(at, (connection) => connection.close(true))
    await expect(transport.listen(at, () => {})).rejects.toMatchObject({ code: 'unreachable' })
    const dialed = await transport.dial(at, never)
    dialed.close(true)
    await first.stop()
  })
})

/** A socket file whose process is gone: closing would remove the file, so it is moved aside and back. */
async function leaveStaleSocket(at: string): Promise<void> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(`${at}.tmp`, resolve))
  renameSync(`${at}.tmp`, at)
  await new Promise((resolve) => server.close(resolve))
}
