/** What every transport promises. Each implementation runs this suite from a short file of its own. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../server/src/base/bytes.ts'
import { LIMITS } from '../../server/src/base/limits.ts'
import type { Address, Connection, Listener, Transport } from '../../server/src/transport/connection.ts'
import { hear } from '../support/connections.ts'

export interface TransportSetup {
  readonly transport: Transport
  /** Where to listen. */
  readonly at: Address
  /** Nobody listens there. */
  readonly nowhere: Address
  teardown(): Promise<void>
}

/** Node 20 has no `Promise.withResolvers`. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

const never = new AbortController().signal
const text = (payload: Uint8Array | undefined) => Buffer.from(payload ?? []).toString()
/** Lets the system carry what was sent, both ways, before a test says that nothing came. */
const turns = async (count = 20) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

export function transportContract(name: string, setup: () => Promise<TransportSetup>): void {
  describe(`transport: ${name}`, () => {
    let environment: TransportSetup
    let listener: Listener
    let dialed: Connection
    let accepted: Connection

    beforeEach(async () => {
      environment = await setup()
      const inbound = withResolvers<Connection>()
      listener = await environment.transport.listen(environment.at, inbound.resolve)
      dialed = await environment.transport.dial(listener.address, never)
      accepted = await inbound.promise
    })

    afterEach(async () => {
      dialed.close(true)
      accepted.close(true)
      await listener.stop()
      await environment.teardown()
    })

    it('says who dialed, and by what kind of wire', () => {
      expect([dialed.direction, accepted.direction]).toEqual(['outbound', 'inbound'])
      expect(dialed.kind).toBe(accepted.kind)
      expect(accepted.remote).not.toBe('')
    })

    it('carries whole frames in order, both ways', async () => {
      const atAccepted = hear(accepted, (payload) => accepted.send(utf8(`re: ${text(payload)}`)))
      const atDialed = hear(dialed)
      for (let n = 0; n < 100; n++) expect(dialed.send(utf8(`frame ${n}`))).toBe(true)
      await atDialed.frameCount(100)
      expect(atAccepted.frames.map(text)).toEqual(Array.from({ length: 100 }, (_, n) => `frame ${n}`))
      expect(text(atDialed.frames[99])).toBe('re: frame 99')
    })

    it('keeps frames until it is started', async () => {
      dialed.send(utf8('early'))
      await turns()
      const atAccepted = hear(accepted)
      expect(atAccepted.frames).toEqual([])
      await atAccepted.frameCount(1)
      expect(text(atAccepted.frames[0])).toBe('early')
    })

    it('refuses to be started twice', () => {
      hear(accepted)
      expect(() => hear(accepted)).toThrow('started twice')
    })

    it('does not see what the sender does with its bytes afterwards', async () => {
      const payload = utf8('original')
      dialed.send(payload)
      payload.fill(0)
      const atAccepted = hear(accepted)
      await atAccepted.frameCount(1)
      expect(text(atAccepted.frames[0])).toBe('original')
    })

    it('starts with the limit for strangers and closes on a larger frame [B2]', async () => {
      const atAccepted = hear(accepted)
      const atDialed = hear(dialed)
      dialed.send(new Uint8Array(LIMITS.handshake.frameBytes))
      dialed.send(new Uint8Array(LIMITS.handshake.frameBytes + 1))
      expect(await atAccepted.closed()).toBe('frame-too-large')
      expect(await atDialed.closed()).toBe('remote')
      expect(atAccepted.frames.length).toBe(1)
    })

    it('applies a limit that was raised inside a frame to the very next one', async () => {
      const atAccepted = hear(accepted, () => accepted.setMaxFrameBytes(LIMITS.frame.maxBytes))
      dialed.send(utf8('proof'))
      dialed.send(new Uint8Array(LIMITS.frame.maxBytes).fill(7))
      await atAccepted.frameCount(2)
      expect(atAccepted.frames[1]?.length).toBe(LIMITS.frame.maxBytes)
      expect(atAccepted.closes).toEqual([])
    })

    it('delivers nothing while paused, not even the rest of what has arrived', async () => {
      const atAccepted = hear(accepted, () => accepted.pause())
      for (const word of ['one', 'two', 'three']) dialed.send(utf8(word))
      await atAccepted.frameCount(1)
      await turns()
      expect(atAccepted.frames.map(text)).toEqual(['one'])
      accepted.resume()
      await atAccepted.frameCount(2)
      accepted.resume()
      await atAccepted.frameCount(3)
      expect(atAccepted.frames.map(text)).toEqual(['one', 'two', 'three'])
    })

    it('takes no frame above the outbound cap when the other side does not read, and goes on when it does', async () => {
      const payload = new Uint8Array(LIMITS.frame.maxBytes)
      const most = 64
      let taken = 0
      while (taken < most && dialed.send(payload)) {
        taken++
        await turns(2)
      }
      expect(taken).toBeLessThan(most)
      expect(dialed.buffered).toBeGreaterThan(0)
      expect(dialed.buffered).toBeLessThanOrEqual(LIMITS.link.outboundBytes)
      accepted.setMaxFrameBytes(LIMITS.frame.maxBytes)
      const atAccepted = hear(accepted)
      await atAccepted.frameCount(taken)
      await turns()
      expect(dialed.buffered).toBe(0)
      expect(dialed.send(payload)).toBe(true)
    })

    it('flushes on close and tells both sides once', async () => {
      const atDialed = hear(dialed)
      const atAccepted = hear(accepted)
      for (let n = 0; n < 50; n++) dialed.send(utf8(`${n}`))
      dialed.close()
      dialed.close()
      expect(dialed.send(utf8('late'))).toBe(false)
      expect(await atDialed.closed()).toBe('local')
      expect(await atAccepted.closed()).toBe('remote')
      expect(atAccepted.frames.length).toBe(50)
      await turns()
      expect([atDialed.closes, atAccepted.closes]).toEqual([['local'], ['remote']])
    })

    it('delivers no frame after it was closed inside one', async () => {
      const atAccepted = hear(accepted, () => accepted.close())
      dialed.send(utf8('one'))
      dialed.send(utf8('two'))
      expect(await atAccepted.closed()).toBe('local')
      await turns()
      expect(atAccepted.frames.map(text)).toEqual(['one'])
    })

    it('tells of an abrupt close', async () => {
      const atDialed = hear(dialed)
      const atAccepted = hear(accepted)
      accepted.close(true)
      expect(await atAccepted.closed()).toBe('local')
      expect(await atDialed.closed()).toBe('remote')
    })

    it('tells of a close that came before it was started', async () => {
      dialed.close()
      await turns()
      expect(await hear(accepted).closed()).toBe('remote')
      expect(await hear(dialed).closed()).toBe('local')
    })

    it('keeps what arrived while paused for after the pause, also when the other side has gone', async () => {
      const atAccepted = hear(accepted, () => accepted.pause())
      dialed.send(utf8('one'))
      dialed.send(utf8('two'))
      dialed.close()
      await atAccepted.frameCount(1)
      await turns()
      expect(atAccepted.closes).toEqual([])
      accepted.resume()
      await atAccepted.frameCount(2)
      accepted.resume()
      expect(await atAccepted.closed()).toBe('remote')
    })

    it('says that nobody listens', async () => {
      await expect(environment.transport.dial(environment.nowhere, never)).rejects.toMatchObject({ code: 'unreachable', retryable: true })
    })

    it('dials nothing once it was told to stop', async () => {
      const stop = new AbortController()
      const attempt = environment.transport.dial(listener.address, stop.signal)
      stop.abort()
      await expect(attempt).rejects.toMatchObject({ code: 'closed' })
      await expect(environment.transport.dial(listener.address, stop.signal)).rejects.toMatchObject({ code: 'closed' })
    })

    it('accepts nothing after the listener stopped, and keeps what was accepted', async () => {
      await listener.stop()
      await expect(environment.transport.dial(listener.address, never)).rejects.toMatchObject({ code: 'unreachable' })
      const atAccepted = hear(accepted)
      dialed.send(utf8('still here'))
      await atAccepted.frameCount(1)
    })
  })
}
