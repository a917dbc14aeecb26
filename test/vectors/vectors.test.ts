/** Our own vectors: what is computed today equals what was published, and reads back. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../server/src/base/bytes.ts'
import { Secret } from '../../server/src/base/secret.ts'
import { signerFromSeed } from '../../server/src/identity/keys.ts'
import { parseFrame } from '../../server/src/mmp/frames.ts'
import { parseGroupId } from '../../server/src/mmp/group.ts'
import { verifyReceipt } from '../../server/src/mmp/receipt.ts'
import { decodeRecord } from '../../server/src/mmp/record.ts'
import { verifyTether } from '../../server/src/mmp/tether.ts'
import { readInvite } from '../../server/src/secure/invite.ts'
import { knockMac, lanTagOf, readIdentity } from '../../server/src/secure/membership.ts'
import { hashOfSecret, readList } from '../../server/src/secure/revocation.ts'
import { createSeal } from '../../server/src/secure/seal.ts'
import { transcriptHash } from '../../server/src/secure/transcript.ts'
import { nodeId } from './fixtures.ts'
import { vectors } from './generate.ts'

// biome-ignore lint/suspicious/noExplicitAny: the files are data, their shape is what is tested
const stored = (name: string): any => JSON.parse(readFileSync(path.join(import.meta.dirname, name), 'utf8'))
const unhex = (text: string) => fromHex(text) ?? new Uint8Array()
const unb64 = (text: string) => Buffer.from(text, 'base64url')
const publicKeyOf = (seedHex: string) => signerFromSeed(unhex(seedHex)).publicKey

describe('our vectors', () => {
  it.each(Object.entries(vectors()))('%s is what is computed today', (name, vector) => {
    expect(JSON.parse(JSON.stringify(vector))).toEqual(stored(name))
  })

  it('hold a transcript that is made of the frames', () => {
    const { clientHello, serverHello, transcriptHashHex, sessionId } = stored('handshake.json')
    const selected = serverHello.selectedExtensions
    expect(toHex(transcriptHash({ room: 'default', client: clientHello, server: serverHello, selected }))).toBe(transcriptHashHex)
    expect(transcriptHashHex.slice(0, 32)).toBe(sessionId)
  })

  it('hold sealed frames that open', () => {
    const { sessionId, clientToServerKeyHex, serverToClientKeyHex, clientToServer, serverToClient } = stored('seal.json')
    const [up, down] = [unhex(clientToServerKeyHex), unhex(serverToClientKeyHex)]
    const server = createSeal({ role: 'server', sessionId, sendKey: down, receiveKey: up })
    const client = createSeal({ role: 'client', sessionId, sendKey: up, receiveKey: down })
    for (const [seal, { frame, plaintext }] of [
      [server, clientToServer.first],
      [server, clientToServer.second],
      [client, serverToClient.first],
    ]) {
      const opened = seal.open(utf8(JSON.stringify(frame)))
      expect(opened.kind === 'ok' && Buffer.from(opened.plaintext).toString()).toBe(plaintext)
    }
  })

  it('hold a record that verifies', () => {
    const { authorSeedHex, record } = stored('record.json')
    const decoded = decodeRecord(record, publicKeyOf(authorSeedHex))
    expect(decoded).toMatchObject({ kind: 'ok', cmb: { fields: { focus: { text: 'the bridge opens at noon' } } } })
  })

  it('hold a receipt that verifies', () => {
    const { recipientSeedHex, recipient, author, receipt } = stored('receipt.json')
    const parsed = parseFrame({ type: 'mesh-opaque-v1-receipt', ...receipt })
    const parties = { recipient: nodeId(recipient), author: nodeId(author) }
    const isReceipt = parsed.kind === 'ok' && parsed.frame.type === 'mesh-opaque-v1-receipt'
    expect(isReceipt && verifyReceipt(parsed.frame, parties, publicKeyOf(recipientSeedHex))).toBe(true)
  })

  it('hold verdicts that differ as they should, and an attestation that verifies', () => {
    const decisions = stored('svaf.json').cases.map(({ expected }: { expected: { decision: string } }) => expected.decision)
    expect(decisions).toEqual(['aligned', 'rejected', 'aligned', 'redundant', 'aligned'])
    const { authorSeedHex, attestation } = stored('tether.json')
    expect(verifyTether(attestation, publicKeyOf(authorSeedHex))).toBe(true)
  })

  it('hold a membership that is one: person, session, list, invite and knocks', () => {
    const vector = stored('membership.json')
    const [root, person, session] = [vector.rootSeedHex, vector.personSeedHex, vector.sessionSeedHex].map(publicKeyOf)
    const groupId = parseGroupId(vector.groupId)
    if (!root || !person || !session || !groupId) throw new Error('no keys')
    const list = readList(vector.revocationList, root, groupId)
    expect(list).toMatchObject({ epoch: 2, serials: ['00000000000000aa'], secretHash: hashOfSecret(unb64(vector.epochSecret)) })
    const shown = { user: Buffer.from(person).toString('base64url'), node: vector.nodeCertificate, certificate: vector.memberCertificate }
    expect(readIdentity(shown, { groupId, root, list }, session, vector.at)).toMatchObject({ kind: 'member', serial: '0123456789abcdef' })
    const invite = readInvite(new Secret(vector.invite.slice('sym://join#v1.'.length)), vector.at)
    expect(invite).toMatchObject({ kind: 'ok', invite: { label: 'backend-team', id: 'fedcba9876543210' } })
    const hash = unhex(vector.transcriptHashHex)
    expect(knockMac(vector.epochSecret, 'epoch', '2', hash)).toBe(vector.epochKnock)
    expect(knockMac(vector.inviteSecret, 'invite', 'fedcba9876543210', hash)).toBe(vector.inviteKnock)
    expect(lanTagOf(vector.epochSecret, vector.lanInstance, vector.at)).toBe(vector.lanTag)
  })
})
