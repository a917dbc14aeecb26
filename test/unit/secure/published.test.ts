/** The handshake and the sealed record against the published vectors. */
import { describe, expect, it } from 'vitest'
import { fromBase64Url, fromHex, toBase64Url, toHex, utf8 } from '../../../server/src/base/bytes.ts'
import { newX25519, signerFromSeed, verifySignature } from '../../../server/src/identity/keys.ts'
import { nonceOf } from '../../../server/src/secure/aead.ts'
import { createCmbSeal } from '../../../server/src/secure/cmb-encrypted.ts'
import { encodeClientFinish, encodeClientHello, encodeServerHello } from '../../../server/src/secure/hello.ts'
import {
  deriveKeys,
  keyConfirmation,
  type Party,
  proofPayload,
  sessionIdOf,
  transcriptBytes,
  transcriptHash,
} from '../../../server/src/secure/transcript.ts'
import { isMissing, published, skipReason } from '../../vectors/published.ts'

const raw = (text: string) => fromBase64Url(text) ?? new Uint8Array()
const unhex = (text: string) => fromHex(text) ?? new Uint8Array()
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

describe.skipIf(isMissing)(`the published handshake${skipReason}`, () => {
  const { fixture, expected } = isMissing ? { fixture: {}, expected: {} } : published('vectors/mmp-v2-handshake.vector.json')

  it('has our transcript, proofs, keys and confirmations', () => {
    const { room, client, server, selectedExtensions: selected } = fixture.handshake
    const transcript = { room, client, server, selected }
    const hash = transcriptHash(transcript)
    expect(toHex(transcriptBytes(transcript))).toBe(expected.transcriptHex)
    expect(toHex(hash)).toBe(expected.transcriptHashHex)
    expect(sessionIdOf(hash)).toBe(expected.sessionId)
    expect(toHex(proofPayload('client', hash))).toBe(expected.clientProofPayloadHex)
    expect(toHex(proofPayload('server', hash))).toBe(expected.serverProofPayloadHex)
    const clientKey = newX25519(() => raw(fixture.clientE2EPrivateKeyBase64url))
    const serverKey = newX25519(() => raw(fixture.serverE2EPrivateKeyBase64url))
    expect(toBase64Url(clientKey.publicKey)).toBe(client.e2ePublicKey)
    const secret = clientKey.deriveSecret(serverKey.publicKey) ?? new Uint8Array()
    expect(toHex(secret)).toBe(expected.sharedSecretHex)
    const keys = deriveKeys(secret, hash)
    expect(toHex(keys.clientToServer)).toBe(expected.clientToServerKeyHex)
    expect(toHex(keys.serverToClient)).toBe(expected.serverToClientKeyHex)
    expect(toHex(keys.clientFinished)).toBe(expected.clientFinishedKeyHex)
    expect(toHex(keys.serverFinished)).toBe(expected.serverFinishedKeyHex)
    expect(toHex(keyConfirmation('client', keys.clientFinished, hash))).toBe(expected.clientKeyConfirmationHex)
    expect(toHex(keyConfirmation('server', keys.serverFinished, hash))).toBe(expected.serverKeyConfirmationHex)
  })

  it('has our frames, byte for byte', () => {
    const { clientHello, serverHello, clientFinish } = fixture.frames
    const hash = unhex(expected.transcriptHashHex)
    const party = (hello: Party): Party => hello
    const { room } = clientHello
    const clientSigner = signerFromSeed(raw(fixture.clientIdentityPrivateSeedBase64url))
    const serverSigner = signerFromSeed(raw(fixture.serverIdentityPrivateSeedBase64url))
    expect(text(encodeClientHello(room, party(clientHello)))).toBe(JSON.stringify(clientHello))
    const answer = {
      clientNonce: clientHello.nonce,
      selectedExtensions: serverHello.selectedExtensions,
      proof: toBase64Url(serverSigner.sign(proofPayload('server', hash))),
      keyConfirmation: toBase64Url(unhex(expected.serverKeyConfirmationHex)),
    }
    expect(text(encodeServerHello(room, party(serverHello), answer))).toBe(JSON.stringify(serverHello))
    const finish = {
      transcriptHash: toHex(hash),
      proof: toBase64Url(clientSigner.sign(proofPayload('client', hash))),
      keyConfirmation: toBase64Url(unhex(expected.clientKeyConfirmationHex)),
    }
    expect(text(encodeClientFinish(finish))).toBe(JSON.stringify(clientFinish))
    expect(verifySignature(raw(serverHello.identityPublicKey), proofPayload('server', hash), raw(serverHello.proof))).toBe(true)
  })
})

describe.skipIf(isMissing)(`the published sealed record${skipReason}`, () => {
  const vector = isMissing ? {} : published('vectors/mmp-v2-e2e.vector.json')

  /** The two ends of the vector's session. */
  function seals() {
    const clientToServer = unhex(vector.cases[0].trafficKeyHex)
    const serverToClient = unhex(vector.cases[2].trafficKeyHex)
    const { sessionId } = vector
    const client = createCmbSeal({ role: 'client', sessionId, sendKey: clientToServer, receiveKey: serverToClient })
    const server = createCmbSeal({ role: 'server', sessionId, sendKey: serverToClient, receiveKey: clientToServer })
    return { client, server }
  }
  const record = () => ({ ...JSON.parse(vector.protectedPlaintextUtf8), metadata: vector.metadata })
  const sealedIn = (frame: Uint8Array) => JSON.parse(text(frame))

  it('is what we seal, in each direction and sequence', () => {
    const { client, server } = seals()
    const [first, second, back] = vector.cases
    for (const [seal, expected] of [
      [client, first],
      [client, second],
      [server, back],
    ]) {
      const { sequence, direction, sealed, suite, sessionId, protocolVersion } = sealedIn(seal.seal(record()))
      expect({ sequence, direction, sealed }).toEqual({
        sequence: expected.sequence,
        direction: expected.direction,
        sealed: expected.sealedBase64url,
      })
      expect({ suite, sessionId, protocolVersion }).toEqual({ suite: vector.suite, sessionId: vector.sessionId, protocolVersion: '2.0' })
      expect(toHex(nonceOf(Number(sequence)))).toBe(expected.nonceHex)
    }
  })

  it('opens for the other end, once and in order', () => {
    const { client, server } = seals()
    const frames = [client.seal(record()), client.seal(record())]
    for (const frame of frames) expect(server.open(frame)).toEqual({ kind: 'ok', record: record() })
    expect(server.open(frames[1] ?? new Uint8Array())).toEqual({ kind: 'rejected', rule: 'bad-sequence' })
    expect(server.open(client.seal(record()))).toEqual({ kind: 'rejected', rule: 'closed' })
  })

  it('without application data has no member for it', () => {
    const { protectedPlaintextUtf8, metadata, case: expected } = vector.noApplication
    const frame = seals().client.seal({ ...JSON.parse(protectedPlaintextUtf8), metadata })
    expect(sealedIn(frame).sealed).toBe(expected.sealedBase64url)
    const opened = seals().server.open(frame)
    expect(opened.kind === 'ok' && 'applicationData' in opened.record).toBe(false)
  })

  it('does not open beside other metadata [B12]', () => {
    for (const name of ['key', 'assertionId', 'createdByNodeId', 'room', 'to']) {
      const frame = sealedIn(seals().client.seal(record()))
      const moved = { ...frame, metadata: { ...frame.metadata, [name]: 'other' } }
      expect(seals().server.open(utf8(JSON.stringify(moved))), name).toEqual({ kind: 'rejected', rule: 'bad-seal' })
    }
  })
})
