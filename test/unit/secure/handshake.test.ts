import { describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../../../server/src/base/bytes.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { newX25519 } from '../../../server/src/identity/keys.ts'
import {
  type ClientOptions,
  createClientHandshake,
  createServerHandshake,
  type ServerOptions,
} from '../../../server/src/secure/handshake.ts'
import { encodeServerHello } from '../../../server/src/secure/hello.ts'
import type { HandshakeStep } from '../../../server/src/secure/session.ts'
import { deriveKeys, keyConfirmation, proofPayload, transcriptHash } from '../../../server/src/secure/transcript.ts'
import { alice, bob, carol, clientOptions, counting, keysOf, runHandshake, serverOptions, sessions } from '../../vectors/fixtures.ts'

// biome-ignore lint/suspicious/noExplicitAny: hostile frames are made here on purpose
type Loose = any

const json = (frame: Uint8Array): Loose => JSON.parse(Buffer.from(frame).toString())
const bytes = (value: unknown) => utf8(JSON.stringify(value))
const ruleOf = (step: HandshakeStep | undefined) => (step?.kind === 'failed' ? step.rule : step?.kind)

/** Runs with frame `at` changed and gives the step that read it. */
function withFrame(at: 0 | 1 | 2, change: (frame: Loose) => unknown, client?: ClientOptions, server?: ServerOptions) {
  const run = runHandshake(client, server, (frame, index) => (index === at ? bytes(change(json(frame))) : frame))
  return ruleOf([run.serverStep, run.clientStep, run.finishStep][at])
}

function rawFrame(at: 0 | 1 | 2, frame: Uint8Array) {
  const run = runHandshake(undefined, undefined, (sent, index) => (index === at ? frame : sent))
  return ruleOf([run.serverStep, run.clientStep, run.finishStep][at])
}

const FRAME_OF = { 'client-hello': 0, 'server-hello': 1, 'client-finish': 2 } as const
const HELLO = ['protocolVersion', 'room', 'nodeId', 'name', 'identityPublicKey', 'e2ePublicKey', 'nonce', 'implementation', 'extensions']
const ANSWER = ['clientNonce', 'selectedExtensions', 'proof', 'keyConfirmation']
const MEMBERS: [keyof typeof FRAME_OF, string][] = [
  ...HELLO.map((name): ['client-hello', string] => ['client-hello', name]),
  ...[...HELLO, ...ANSWER].map((name): ['server-hello', string] => ['server-hello', name]),
  ...['transcriptHash', 'proof', 'keyConfirmation'].map((name): ['client-finish', string] => ['client-finish', name]),
]

describe('a handshake', () => {
  it('gives both sides one session, each with the other proven', () => {
    const { client, server } = sessions()
    expect(client.peer).toEqual({ nodeId: bob.nodeId, publicKey: expect.anything() })
    expect(Buffer.compare(client.peer.publicKey, bob.publicKey)).toBe(0)
    expect(Buffer.compare(server.peer.publicKey, alice.publicKey)).toBe(0)
    expect(client.sessionId).toBe(server.sessionId)
    expect(client.sessionId).toMatch(/^[0-9a-f]{32}$/)
    expect(client.transcriptHash).toEqual(server.transcriptHash)
    expect(client.sendKey).toEqual(server.receiveKey)
    expect(client.receiveKey).toEqual(server.sendKey)
    expect(client.sendKey).not.toEqual(client.receiveKey)
    expect([client.role, server.role, client.group, server.group]).toEqual(['client', 'server', 'default', 'default'])
    expect(client.extensions).toEqual(['cmb-encrypted-v2', 'mesh-opaque-v1'])
    expect(server.extensions).toEqual(client.extensions)
  })

  it('says no name before it is sealed', () => {
    const { clientHello, serverStep } = runHandshake()
    expect(json(clientHello).name).toBe(alice.nodeId.slice(0, 8))
    expect(serverStep.kind === 'continue' && json(serverStep.send).name).toBe(bob.nodeId.slice(0, 8))
  })

  it('has a fresh key for each link', () => {
    const { ephemeral: _, ...options } = clientOptions({ random: counting(1) })
    const [one, two] = [createClientHandshake(options).start(), createClientHandshake(options).start()].map(json)
    expect(one.e2ePublicKey).not.toBe(two.e2ePublicKey)
    expect(one.nonce).not.toBe(two.nonce)
  })

  it('selects what both offer', () => {
    const run = runHandshake(undefined, undefined, (frame, at) =>
      at === 0 ? bytes({ ...json(frame), extensions: ['x-later', 'mesh-opaque-v1'] }) : frame,
    )
    expect(run.serverStep.kind === 'continue' && json(run.serverStep.send).selectedExtensions).toEqual(['mesh-opaque-v1'])
  })

  it('takes no frame after it is done, and none after it failed', () => {
    const client = createClientHandshake(clientOptions())
    const server = createServerHandshake(serverOptions())
    const hello = server.receive(client.start())
    if (hello.kind !== 'continue') throw new Error('no hello')
    const done = client.receive(hello.send)
    if (done.kind !== 'done' || done.send === undefined) throw new Error('not done')
    expect(ruleOf(client.receive(hello.send))).toBe('unexpected-type')
    expect(ruleOf(server.receive(bytes({ type: 'cmb' })))).toBe('unexpected-type')
    expect(ruleOf(server.receive(done.send))).toBe('unexpected-type')
  })

  it('gives the same hello when it is started twice', () => {
    const client = createClientHandshake(clientOptions())
    expect(client.start()).toEqual(client.start())
  })
})

describe('a hostile frame', () => {
  it.each(MEMBERS)('%s without %s is refused', (type, name) => {
    expect(
      withFrame(FRAME_OF[type], (frame) => {
        const { [name]: _, ...rest } = frame
        return rest
      }),
    ).toBe('bad-frame')
  })

  it.each(MEMBERS)('%s with a %s of a wrong type is refused', (type, name) => {
    for (const value of [null, 1, true, {}, [1], [null], ['a', 'a'], { name: 1, version: [] }, 'x'.repeat(200)]) {
      const rule = withFrame(FRAME_OF[type], (frame) => ({ ...frame, [name]: value }))
      expect(['bad-frame'], `${name} ${JSON.stringify(value)}`).toContain(rule)
    }
  })

  it.each([0, 1, 2] as const)('in place %d that is no JSON object, of another type or too large is refused [A4]', (at) => {
    expect(rawFrame(at, utf8('null'))).toBe('bad-json')
    expect(rawFrame(at, utf8('{'))).toBe('bad-json')
    expect(rawFrame(at, new Uint8Array())).toBe('bad-json')
    expect(rawFrame(at, Uint8Array.of(0xff))).toBe('bad-json')
    for (const type of ['ping', 'cmb', 'handshake', 'mesh-opaque-v1-frame']) expect(rawFrame(at, bytes({ type }))).toBe('unexpected-type')
    expect(withFrame(at, (frame) => ({ ...frame, pad: 'x'.repeat(LIMITS.handshake.frameBytes) }))).toBe('bad-frame')
  })

  it.each([
    ['protocolVersion', '1.0', 'bad-version'],
    ['room', 'other', 'wrong-group'],
    ['nodeId', 'bob', 'bad-node-id'],
    ['nodeId', '018f47a0-7b21-1abc-8def-aaaaaaaaaaaa', 'bad-node-id'],
    ['identityPublicKey', `AQ${'A'.repeat(41)}`, 'bad-key'],
    ['identityPublicKey', 'AAAA', 'bad-key'],
    ['identityPublicKey', `Ag${'A'.repeat(41)}`, 'bad-key'],
    ['e2ePublicKey', 'A'.repeat(43), 'bad-key'],
    ['e2ePublicKey', `AQ${'A'.repeat(41)}`, 'bad-key'],
    ['e2ePublicKey', `CQ${'A'.repeat(40)}B`, 'bad-key'],
    ['nonce', 'AAAA', 'bad-frame'],
    ['name', 'a\nb', 'bad-frame'],
  ])('with %s = %j is refused by either side [B1]', (name, value, rule) => {
    expect(withFrame(0, (frame) => ({ ...frame, [name]: value }))).toBe(rule)
    expect(withFrame(1, (frame) => ({ ...frame, [name]: value }))).toBe(rule)
  })

  it('that is our own, sent back, is refused', () => {
    expect(ruleOf(runHandshake(clientOptions(), serverOptions({ keys: alice })).serverStep)).toBe('own-key')
    const client = createClientHandshake(clientOptions())
    const answer = createServerHandshake(serverOptions({ keys: alice })).receive(
      createClientHandshake(clientOptions({ keys: carol })).start(),
    )
    expect(answer.kind === 'continue' && ruleOf(client.receive(answer.send))).toBe('own-key')
    expect(ruleOf(createClientHandshake(clientOptions()).receive(createClientHandshake(clientOptions()).start()))).toBe('unexpected-type')
  })
})

describe('a frame that was changed on the way', () => {
  const other = (length: number) => toBase64Url(new Uint8Array(length).fill(1))

  it('makes the proof fail, whatever was changed in the hello of the client [A7]', () => {
    const key = toBase64Url(newX25519(counting(50)).publicKey)
    const changes: Loose[] = [
      { e2ePublicKey: key },
      { name: 'other' },
      { implementation: { name: 'x', version: '1' } },
      { nodeId: carol.nodeId },
      { extensions: ['mesh-opaque-v1', 'cmb-encrypted-v2', 'x-more'] },
      { identityPublicKey: toBase64Url(carol.publicKey) },
    ]
    for (const change of changes) {
      const run = runHandshake(undefined, undefined, (frame, at) => (at === 0 ? bytes({ ...json(frame), ...change }) : frame))
      expect(ruleOf(run.clientStep), JSON.stringify(change)).toBe('bad-proof')
    }
  })

  it('makes the proof fail, whatever was changed in the hello of the server [A7]', () => {
    const key = toBase64Url(newX25519(counting(50)).publicKey)
    const changes: Loose[] = [
      { e2ePublicKey: key },
      { nonce: other(32) },
      { name: 'other' },
      { nodeId: carol.nodeId },
      { identityPublicKey: toBase64Url(carol.publicKey) },
      { proof: other(64) },
      { proof: '' },
      { extensions: [], selectedExtensions: [] },
      { extensions: ['cmb-encrypted-v2'], selectedExtensions: ['cmb-encrypted-v2'] },
    ]
    for (const change of changes)
      expect(
        withFrame(1, (frame) => ({ ...frame, ...change })),
        JSON.stringify(change),
      ).toBe('bad-proof')
  })

  it('is refused by name where it can be', () => {
    expect(withFrame(1, (frame) => ({ ...frame, clientNonce: other(32) }))).toBe('nonce-mismatch')
    expect(withFrame(1, (frame) => ({ ...frame, keyConfirmation: other(32) }))).toBe('bad-confirmation')
    expect(withFrame(1, (frame) => ({ ...frame, keyConfirmation: other(31) }))).toBe('bad-confirmation')
    expect(withFrame(2, (frame) => ({ ...frame, transcriptHash: 'ab'.repeat(32) }))).toBe('transcript-mismatch')
    expect(withFrame(2, (frame) => ({ ...frame, proof: other(64) }))).toBe('bad-proof')
    expect(withFrame(2, (frame) => ({ ...frame, keyConfirmation: other(32) }))).toBe('bad-confirmation')
  })

  it.each([[[]], [['cmb-encrypted-v2']], [['mesh-opaque-v1']], [['cmb-encrypted-v2', 'mesh-opaque-v1', 'x-more']]])(
    'to select %j of what both offered aborts [C11]',
    (selectedExtensions) => {
      expect(withFrame(1, (frame) => ({ ...frame, selectedExtensions }))).toBe('downgrade')
    },
  )

  it('to take an offer out of the first hello does not lead to a weaker link [C11]', () => {
    const strip = (extensions: string[]) =>
      runHandshake(undefined, undefined, (frame, at) => (at === 0 ? bytes({ ...json(frame), extensions }) : frame))
    expect(ruleOf(strip(['cmb-encrypted-v2']).serverStep)).toBe('not-ours')
    // The server believes the shorter offer; the client sees that less was selected than both offer.
    expect(ruleOf(strip(['mesh-opaque-v1']).clientStep)).toBe('downgrade')
  })

  it('to send a proof of the other role is refused', () => {
    const run = runHandshake()
    if (run.serverStep.kind !== 'continue') throw new Error('no hello')
    const { proof, keyConfirmation } = json(run.serverStep.send)
    expect(withFrame(2, (frame) => ({ ...frame, proof }))).toBe('bad-proof')
    expect(withFrame(2, (frame) => ({ ...frame, keyConfirmation }))).toBe('bad-confirmation')
  })
})

describe('a known node', () => {
  const impostor = keysOf(bob.nodeId, 0x66)

  it('must have its pinned key before the client proves its own [A5]', () => {
    const run = runHandshake(
      clientOptions({ expected: { nodeId: bob.nodeId, publicKey: bob.publicKey } }),
      serverOptions({ keys: impostor }),
    )
    expect(run.clientStep).toEqual({ kind: 'failed', rule: 'pinned-key-mismatch' })
  })

  it('is checked also when the client did not know whom it would meet [A13]', () => {
    const pinnedKeyOf = (id: string) => (id === bob.nodeId ? bob.publicKey : undefined)
    expect(ruleOf(runHandshake(clientOptions({ pinnedKeyOf }), serverOptions({ keys: impostor })).clientStep)).toBe('pinned-key-mismatch')
    expect(ruleOf(runHandshake(clientOptions({ pinnedKeyOf })).clientStep)).toBe('done')
  })

  it('must have its pinned key before the server answers [A5]', () => {
    const server = serverOptions({ pinnedKeyOf: (id) => (id === alice.nodeId ? alice.publicKey : undefined) })
    expect(ruleOf(runHandshake(clientOptions({ keys: keysOf(alice.nodeId, 0x67) }), server).serverStep)).toBe('pinned-key-mismatch')
    expect(ruleOf(runHandshake(clientOptions(), server).finishStep)).toBe('done')
  })

  it('is not another node that answers in its place [A13]', () => {
    const run = runHandshake(clientOptions({ expected: { nodeId: bob.nodeId } }), serverOptions({ keys: carol }))
    expect(ruleOf(run.clientStep)).toBe('wrong-node')
  })

  it('cannot be us under another key', () => {
    expect(ruleOf(runHandshake(clientOptions({ keys: keysOf(bob.nodeId, 0x68) })).serverStep)).toBe('pinned-key-mismatch')
  })
})

describe('a v2 node that is not ours', () => {
  it('is known as such only after it proved its key', () => {
    const client = createClientHandshake(clientOptions())
    const hello = json(client.start())
    const ephemeral = newX25519(counting(60))
    const server = {
      nodeId: bob.nodeId,
      identityPublicKey: toBase64Url(bob.publicKey),
      e2ePublicKey: toBase64Url(ephemeral.publicKey),
      nonce: toBase64Url(new Uint8Array(32).fill(3)),
      name: 'other',
      implementation: { name: 'other', version: '1' },
      extensions: ['cmb-encrypted-v2'],
    }
    const hash = transcriptHash({ room: 'default', client: hello, server, selected: server.extensions })
    const secret = ephemeral.deriveSecret(Buffer.from(hello.e2ePublicKey, 'base64url')) ?? new Uint8Array()
    const answer = {
      clientNonce: hello.nonce,
      selectedExtensions: server.extensions,
      proof: toBase64Url(bob.sign(proofPayload('server', hash))),
      keyConfirmation: toBase64Url(keyConfirmation('server', deriveKeys(secret, hash).serverFinished, hash)),
    }
    expect(ruleOf(client.receive(encodeServerHello('default', server, answer)))).toBe('not-ours')
  })
})

describe('a man in the middle', () => {
  it('who swaps both X25519 keys for his own fails at the first proof [A7]', () => {
    const own = toBase64Url(newX25519(counting(9)).publicKey)
    const run = runHandshake(undefined, undefined, (frame, at) => (at === 2 ? frame : bytes({ ...json(frame), e2ePublicKey: own })))
    expect(ruleOf(run.clientStep)).toBe('bad-proof')
  })

  it('who runs two handshakes of his own is named as himself, never as the other end [A5]', () => {
    const run = runHandshake(clientOptions(), serverOptions({ keys: carol }))
    expect(run.clientStep?.kind === 'done' && run.clientStep.session.peer.nodeId).toBe(carol.nodeId)
    // Under the id of the other end his own key shows.
    const posing = keysOf(bob.nodeId, 0x70)
    const expected = { nodeId: bob.nodeId, publicKey: bob.publicKey }
    expect(ruleOf(runHandshake(clientOptions({ expected }), serverOptions({ keys: posing })).clientStep)).toBe('pinned-key-mismatch')
  })

  it('who claims a key that he does not hold cannot prove it [A5]', () => {
    const thief = { ...carol, nodeId: alice.nodeId, publicKey: alice.publicKey }
    expect(ruleOf(runHandshake(clientOptions({ keys: thief })).finishStep)).toBe('bad-proof')
    const asServer = { ...carol, nodeId: bob.nodeId, publicKey: bob.publicKey }
    expect(ruleOf(runHandshake(clientOptions(), serverOptions({ keys: asServer })).clientStep)).toBe('bad-proof')
  })

  it('who replays the frames of an earlier handshake gets no session [B12]', () => {
    const before = runHandshake()
    const finish = before.clientStep?.kind === 'done' ? before.clientStep.send : undefined
    const server = createServerHandshake(serverOptions({ random: counting(7) }))
    expect(ruleOf(server.receive(before.clientHello))).toBe('continue')
    expect(finish && ruleOf(server.receive(finish))).toBe('transcript-mismatch')
    const client = createClientHandshake(clientOptions({ random: counting(8) }))
    expect(before.serverStep.kind === 'continue' && ruleOf(client.receive(before.serverStep.send))).toBe('nonce-mismatch')
  })
})
