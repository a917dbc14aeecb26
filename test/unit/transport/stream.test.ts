import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../../server/src/base/bytes.ts'
import { systemClock } from '../../../server/src/base/clock.ts'
import { Guard } from '../../../server/src/base/guard.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import { encodeFrame } from '../../../server/src/mmp/framing.ts'
import { StreamConnection } from '../../../server/src/transport/stream.ts'
import { hear } from '../../support/connections.ts'
import { cpuMs } from '../../support/cpu.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const text = (payload: Uint8Array | undefined) => Buffer.from(payload ?? []).toString()
const frame = (word: string) => encodeFrame(utf8(word))

describe('stream connection', () => {
  let guard: Guard
  let server: net.Server
  let raw: Socket
  let ours: Socket

  beforeEach(async () => {
    guard = new Guard(silentLog)
    server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    raw = net.connect(address.port, '127.0.0.1')
    raw.on('error', () => {})
    const [accepted] = await once(server, 'connection')
    ours = accepted
  })

  afterEach(() => {
    raw.destroy()
    ours.destroy()
    server.close()
  })

  const wrap = (clock = systemClock) =>
    new StreamConnection(ours, { kind: 'lan', direction: 'inbound', remote: '127.0.0.1' }, { clock, guard })

  it('reassembles frames that come byte by byte', async () => {
    const heard = hear(wrap())
    raw.setNoDelay(true)
    for (const byte of concat(frame('one'), frame('two'))) {
      raw.write(Uint8Array.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await heard.frameCount(2)
    expect(heard.frames.map(text)).toEqual(['one', 'two'])
  })

  it('closes on a frame of no bytes, which would else go on for ever without one [B2]', async () => {
    const heard = hear(wrap())
    raw.write(concat(frame('one'), new Uint8Array(4), frame('never')))
    expect(await heard.closed()).toBe('frame-invalid')
    expect(heard.frames.map(text)).toEqual(['one'])
  })

  it('closes on the length alone of a frame that is too large', async () => {
    const heard = hear(wrap())
    raw.write(Uint8Array.of(0x7f, 0xff, 0xff, 0xff))
    expect(await heard.closed()).toBe('frame-too-large')
  })

  it('drops half a frame when the other side leaves', async () => {
    const heard = hear(wrap())
    raw.end(frame('whole').subarray(0, 6))
    expect(await heard.closed()).toBe('remote')
    expect(heard.frames).toEqual([])
  })

  it('answers an abrupt close with a reset', async () => {
    const connection = wrap()
    raw.resume()
    const error = once(raw, 'error')
    connection.close(true)
    expect((await error)[0]).toMatchObject({ code: 'ECONNRESET' })
  })

  it('reads nothing before it is started, whatever a stranger sends', async () => {
    wrap()
    raw.write(new Uint8Array(LIMITS.handshake.bytesBefore))
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(ours.bytesRead).toBe(0)
  })

  it('writes the frames of one tick at once', async () => {
    const connection = wrap()
    const chunks: Buffer[] = []
    raw.on('data', (chunk) => chunks.push(chunk))
    for (let n = 0; n < 20; n++) connection.send(utf8(`frame ${n}`))
    expect(ours.writableCorked).toBe(1)
    await once(raw, 'data')
    expect(chunks.length).toBe(1)
    expect(ours.writableCorked).toBe(0)
  })

  it('gives up flushing after two seconds when the other side does not read', async () => {
    const clock = new FakeClock()
    const connection = wrap(clock)
    raw.pause()
    connection.setMaxFrameBytes(LIMITS.frame.maxBytes)
    for (let n = 0; n < 64 && connection.send(new Uint8Array(LIMITS.frame.maxBytes)); n++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    const closed = once(ours, 'close')
    const heard = hear(connection)
    connection.close()
    expect(await heard.closed()).toBe('local')
    expect(ours.destroyed).toBe(false)
    clock.advance(2_000)
    await closed
    expect(clock.pending).toBe(0)
  })

  it('survives a handler that throws, and counts it', async () => {
    const heard = hear(wrap(), (payload) => {
      if (text(payload) === 'bad') throw new Error('a bug of ours')
    })
    raw.write(concat(frame('bad'), frame('good')))
    await heard.frameCount(2)
    expect(guard.counts().get('frame')).toBe(1)
  })

  it('takes a frame of 1 MiB in pieces of 64 bytes in linear time, where joining per piece stalls [B3]', () => {
    const bytes = encodeFrame(new Uint8Array(LIMITS.frame.maxBytes))
    const pieces = Array.from({ length: Math.ceil(bytes.length / 64) }, (_, n) => bytes.subarray(64 * n, 64 * (n + 1)))
    const connection = wrap()
    connection.setMaxFrameBytes(LIMITS.frame.maxBytes)
    const heard = hear(connection)
    const oursMs = cpuMs(() => {
      for (const piece of pieces) ours.emit('data', Buffer.from(piece))
    })
    expect(heard.frames.length).toBe(1)
    // The weakness that the attack needs: it shows that the measure can see it.
    let joined: Uint8Array = new Uint8Array()
    const weakMs = cpuMs(() => {
      for (const piece of pieces.slice(0, pieces.length / 4)) joined = concat(joined, piece)
    })
    expect(oursMs).toBeLessThan(weakMs)
    expect(oursMs).toBeLessThan(250)
  })
})
